"""The page in a real browser: each control does what it says, at 390 and 1280 pixels."""

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.report.small_report import NASTY, NASTY_PLAYER, NASTY_SHORT, SEASONS, sample_of

selenium = pytest.importorskip(
    "selenium", reason="selenium is not installed: pip install -e .[test]"
)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no browser: apt-get install chromium chromium-driver"
)


@pytest.fixture(scope="module")
def address(made: Path) -> str:
    return (made / "index.html").as_uri()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--force-prefers-reduced-motion",  # a click must not wait for smooth scrolling
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(params=[390, 768, 1280])
def browser(chromium: Any, address: str, request: pytest.FixtureRequest) -> Any:
    chromium.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": request.param, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    chromium.get("about:blank")
    chromium.get(address)
    return chromium


def rows(browser: Any) -> list[list[str]]:
    return browser.execute_script(
        "return [...document.querySelectorAll('#teams tbody tr')]"
        ".map(row => [...row.cells].map(cell => cell.textContent))"
    )


def choose(browser: Any, name: str, value: str) -> None:
    from selenium.webdriver.support.select import Select

    Select(browser.find_element("id", name)).select_by_value(value)


def test_it_loads_without_errors_and_fits(browser: Any) -> None:
    assert browser.get_log("browser") == []
    width, window = browser.execute_script(
        "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert width <= window
    assert len(rows(browser)) == 30
    loaded = browser.execute_script("return performance.getEntriesByType('resource').length")
    assert loaded == 0


def test_a_phone_shows_five_columns_and_the_rest_on_demand(browser: Any) -> None:
    shown = "return [...document.querySelectorAll('#teams th')].filter(o => o.offsetWidth).length"
    narrow = browser.execute_script("return innerWidth") <= 768
    assert browser.execute_script(shown) == (5 if narrow else 10)
    if narrow:
        browser.find_element("id", "more").click()
        assert browser.execute_script(shown) == 10


def test_a_finished_season_opens_at_its_middle(browser: Any) -> None:
    assert browser.find_element("id", "when").text == "2022-01-10, 50 % played"


def test_a_heading_sorts_both_ways(browser: Any) -> None:
    button = browser.find_element("css selector", "#teams th[data-key=title] button")
    button.click()
    assert [row[0] for row in rows(browser)][:3] == ["1", "2", "3"]
    head = button.find_element("xpath", "..")
    assert head.get_attribute("aria-sort") == "descending"
    button.click()
    assert [row[0] for row in rows(browser)][:3] == ["30", "29", "28"]
    assert head.get_attribute("aria-sort") == "ascending"


def test_the_keyboard_sorts_and_moves_the_day(browser: Any) -> None:
    button = browser.find_element("css selector", "#teams th[data-key=rank] button")
    button.send_keys("\ue007")  # enter
    assert rows(browser)[0][0] == "30"
    browser.find_element("id", "day").send_keys("\ue014")  # right
    assert browser.find_element("id", "when").text == "2022-04-12, 100 % played"


def test_the_table_has_the_numbers_of_the_forecast(browser: Any) -> None:
    _, name, record, strength, change, projected, playoffs, *_, title = rows(browser)[0]
    assert name.startswith("Town 1") and record == "41\u201341" and strength == "+7.5"
    assert (change, playoffs, title) == ("\u2013", "53 %", "6 %")
    assert projected.startswith("59\u2013") and "30 to 50 wins" in projected


def test_coming_games_and_results(browser: Any) -> None:
    (card, _) = browser.find_elements("css selector", "#coming li")
    for part in ("T02 40 %", "2022-01-13", "60 % T01", "T01 by 4.0", "Rest T02 3 days, T01 1 day"):
        assert part in card.text
    assert f"T01 miss 1.5 points: {NASTY_PLAYER} 1.5." in card.text
    # T01 at 60 % and T03 at 35 % both won: one favourite of two.
    assert "won 1 of 2 games; 1.3 were expected" in browser.find_element("id", "hits").text


def test_season_conference_and_search_select(browser: Any) -> None:
    choose(browser, "season", "2020-21")
    assert browser.find_element("id", "when").text.startswith("2021-01-10")
    choose(browser, "conference", "West")
    assert len(rows(browser)) == 15
    browser.find_element("id", "search").send_keys("town 30")
    assert [row[0] for row in rows(browser)] == ["30"]


def test_a_team_opens_its_page(browser: Any) -> None:
    short = NASTY_SHORT.replace("\\", "\\\\")
    opened = browser.find_element("css selector", f'#teams button[data-team="{short}"]')
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", opened)
    opened.click()
    section = browser.find_element("id", "team-section")
    for part in (NASTY, NASTY_PLAYER, "It was lucky.", "at T03", "L 99\u2013101", "65 %"):
        assert part in section.text
    assert browser.execute_script("return window.broken === undefined")
    assert browser.switch_to.active_element == browser.find_element("id", "team-title")


def test_addresses_open_a_team_and_a_day(browser: Any, address: str) -> None:
    for hash, title in (("#T05", "Town 5"), ("#season=2020-21&day=2021-04-12&team=T06", "Town 6")):
        browser.get("about:blank")
        browser.get(address + hash)
        assert browser.find_element("id", "team-title").text == title
    assert browser.find_element("id", "when").text == "2021-04-12, 100 % played"


def test_what_if_equals_the_simulations_conditioned_on_it(browser: Any, address: str) -> None:
    sample = sample_of(SEASONS[-1])["days"][0]
    arrays = {
        name: np.frombuffer(base64.b64decode(sample[name]), np.uint8).reshape(rows, -1)
        for name, rows in (("home_won", 2), ("ends", 30), ("wins", 30))
    }
    away = ~np.unpackbits(arrays["home_won"], axis=1)[:, : sample["n"]][0].astype(bool)
    expected = {
        f"T{team + 1:02d}": (
            arrays["wins"][team, away].mean(),
            (arrays["ends"][team, away] & 7 == 5).mean(),
        )
        for team in (0, 1, 4)
    }
    pick(browser, "0a")
    assert f"{away.sum()} of 200 simulated seasons" in browser.find_element("id", "remaining").text

    def shown() -> dict[str, list[str]]:
        return browser.execute_script(
            "return Object.fromEntries([...document.querySelectorAll('#outcome tbody tr')]"
            ".map(row => [row.dataset.team, [...row.cells].map(cell => cell.textContent)]))"
        )

    for team, (wins, title) in expected.items():
        cells = shown()[team]
        assert float(cells[1]) == pytest.approx(wins, abs=0.051)
        percent = (
            "\u2013"
            if title == 0
            else "<1 %"
            if title < 0.01
            else f"{title:.0%}".replace("%", " %")
        )
        assert cells[3] == percent
    table = shown()
    link = browser.find_element("id", "share").get_attribute("href")
    pick(browser, "1h")
    assert "too few" in browser.find_element("id", "remaining").text and shown() == {}
    browser.find_element("id", "undo").click()
    assert shown() == table
    browser.find_element("id", "clear").click()
    assert "200 of 200" in browser.find_element("id", "remaining").text
    browser.get("about:blank")
    browser.get(link)
    assert shown() == table


def pick(browser: Any, choice: str) -> None:
    button = browser.find_element("css selector", f'[data-pick="{choice}"]')
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.send_keys("\ue007")
    pressed = browser.find_element("css selector", f'[data-pick="{choice}"]')
    assert pressed.get_attribute("aria-pressed") == "true"
    assert browser.switch_to.active_element == pressed


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_contrast_of_text_is_enough(browser: Any, mode: str) -> None:
    """At least 4.5 : 1 for every colour of text on the page (WCAG AA)."""
    scheme = [{"name": "prefers-color-scheme", "value": mode}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
    colours = browser.execute_script(
        """const seen = new Set();
        const solid = (node) => { for (; node; node = node.parentElement) {
          const back = getComputedStyle(node).backgroundColor;
          if (!back.endsWith(', 0)')) return back; } return 'rgb(255, 255, 255)'; };
        for (const node of document.querySelectorAll('body *')) {
          if ([...node.childNodes].some(c => c.nodeType === 3 && c.textContent.trim())
              && node.offsetHeight)
            seen.add(getComputedStyle(node).color + '|' + solid(node)); }
        return [...seen];"""
    )
    assert len(colours) >= 3

    def light(colour: str) -> float:
        parts = [int(part) / 255 for part in colour.strip("rgba()").split(",")[:3]]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for pair in colours:
        one, other = sorted(map(light, pair.split("|")))
        assert (other + 0.05) / (one + 0.05) >= 4.5, pair


def test_it_prints(chromium: Any, address: str) -> None:
    chromium.get(address)
    printed = chromium.execute_cdp_cmd("Page.printToPDF", {})
    assert len(printed["data"]) > 50_000
