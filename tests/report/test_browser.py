"""The page in a real browser: loads without errors, sorts, selects, fits 390 and 1280 pixels."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.report.small_report import NASTY, NASTY_PLAYER, NASTY_SHORT

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


@pytest.fixture(params=[390, 1280])
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
        "return [document.documentElement.scrollWidth, window.innerWidth]"
    )
    assert width <= window
    assert len(rows(browser)) == 30


def test_cards_fit_their_frame(browser: Any) -> None:
    choose(browser, "team", "all")
    wide = browser.execute_script(
        "return [...document.querySelectorAll('.card')]"
        ".filter(one => one.scrollWidth > one.clientWidth).length"
    )
    assert wide == 0
    assert browser.execute_script("return document.querySelectorAll('.card').length") == 30


def test_a_heading_sorts_both_ways(browser: Any) -> None:
    button = browser.find_element("css selector", "#teams th[data-key=title] button")
    button.click()
    assert [row[0] for row in rows(browser)][:3] == ["1", "2", "3"]
    head = button.find_element("xpath", "..")
    assert head.get_attribute("aria-sort") == "descending"
    button.click()
    assert [row[0] for row in rows(browser)][:3] == ["30", "29", "28"]
    assert head.get_attribute("aria-sort") == "ascending"


def test_the_keyboard_sorts_too(browser: Any) -> None:
    button = browser.find_element("css selector", "#teams th[data-key=rank] button")
    button.send_keys("\ue007")  # enter
    assert rows(browser)[0][0] == "30"


def test_season_and_day_change_table_and_pictures(browser: Any) -> None:
    choose(browser, "season", "2020-21")
    choose(browser, "day", "2021-01-10")
    assert (
        "Season 2020-21 as of 2021-01-10, 50 % played" in browser.find_element("id", "summary").text
    )
    shown = browser.execute_script(
        "return [...document.querySelectorAll('.season')].filter(one => one.offsetHeight)"
        ".map(one => one.dataset.season)"
    )
    assert shown == ["2020-21"]
    assert rows(browser)[0][5] == "+4"


def test_a_team_opens_its_card(browser: Any) -> None:
    short = NASTY_SHORT.replace("\\", "\\\\")
    opened = browser.find_element("css selector", f'#teams button[data-team="{short}"]')
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", opened)
    opened.click()
    card = browser.find_element("css selector", ".card")
    assert NASTY in card.text
    assert NASTY_PLAYER in card.text and "it was lucky" in card.text
    assert browser.execute_script("return window.broken === undefined")
    assert browser.switch_to.active_element == card


def test_conference_and_address(browser: Any, address: str) -> None:
    choose(browser, "conference", "West")
    assert len(rows(browser)) == 15
    assert "season=2021-22" in browser.current_url
    browser.get("about:blank")
    browser.get(f"{address}#season=2020-21&day=2021-01-10&team=T05")
    assert browser.find_element("id", "season").get_attribute("value") == "2020-21"
    assert "Town 5" in browser.find_element("css selector", ".card h3").text


def test_contrast_of_text_is_enough(browser: Any) -> None:
    """At least 4.5 : 1 for every colour of text on the page (WCAG AA)."""
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
