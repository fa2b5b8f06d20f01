"""The page in a real browser: each control does what it says, at 390 and 1280 pixels."""

import base64
import datetime as dt
import gzip
import itertools
import json
import re
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
pytestmark = [
    pytest.mark.xdist_group("browser"),  # one Chromium for all of them
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER), reason="no browser: apt-get install chromium chromium-driver"
    ),
]


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
    open_page(chromium, address)
    return chromium


def open_page(browser: Any, address: str) -> None:
    """Load the page anew and wait until its script has filled it and drawn the charts."""
    from selenium.webdriver.support.wait import WebDriverWait

    browser.get("about:blank")
    browser.get(address)
    drawn = (
        "return [...document.querySelectorAll('.chart')]"
        ".every(one => one.hidden || one.querySelector('svg'))"
    )
    WebDriverWait(browser, 120, 0.02).until(lambda _: rows(browser))
    WebDriverWait(browser, 120, 0.02).until(lambda _: browser.execute_script(drawn))


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
    assert browser.execute_script(shown) == (5 if narrow else 13)
    if narrow:
        assert browser.find_element("css selector", "#teams th[data-key=strength]").is_displayed()
        fits = "const one = document.querySelector('#teams'); return one.offsetWidth <= innerWidth"
        assert browser.execute_script(fits)
        browser.find_element("id", "more").click()
        assert browser.execute_script(shown) == 13


def test_a_finished_season_opens_at_its_middle(browser: Any) -> None:
    assert browser.find_element("id", "when").text == "2022-01-10, 50 % played"


def test_a_season_without_a_champion_opens_at_its_newest_day(
    chromium: Any, in_progress: Path
) -> None:
    open_page(chromium, (in_progress / "index.html").as_uri())
    assert chromium.find_element("id", "when").text.endswith(", regular season over")
    assert "over" not in chromium.find_element("css selector", "header").text


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
    assert browser.find_element("id", "when").text == "2022-02-20, 70 % played, no odds"
    browser.find_element("id", "day").send_keys("\ue014")
    assert browser.find_element("id", "when").text == "2022-04-12, regular season over"
    table = browser.find_element("id", "teams")
    assert "Strength" in table.text and "Games left" not in table.text
    assert "rojected record" not in table.text


def test_the_table_has_the_numbers_of_the_forecast(browser: Any) -> None:
    row = rows(browser)[0]
    _, name, record, strength, change, projected, low, playoffs, _, _, title, left, met = row
    assert name.startswith("Town 1") and record == "41\u201341" and strength == "+7.5"
    assert (change, playoffs, title) == ("\u2013", "53 %", "6 %")
    assert projected.startswith("59\u2013") and low == "30\u201350"
    # On 2022-01-13, 04-09 and 04-15, each against T02.
    assert (left, met) == ("3 (3)", "+7.0")


def test_coming_games_and_results(browser: Any) -> None:
    (card, _) = browser.find_elements("css selector", "#coming li")
    assert browser.find_element("css selector", "#coming summary").text == "Thu 2022-01-13, 2 games"
    for part in ("T02 40 %", "60 % T01", "T01 by 4.0", "Rest T02 3 days, T01 1 day"):
        assert part in card.text
    assert f"T01 miss 1.7 points: {NASTY_PLAYER} 1.5, Sixth Man 0.2." in card.text
    assert "T02 miss" not in card.text  # by a player worth less than 0.1
    assert card.text.endswith("At stake: T02 playoffs 10.0 pt; T01 playoffs 10.0 pt.")
    # T01 at 60 % and T03 at 35 % both won: one favourite of two.
    assert "won 1 of 2 games; 1.3 were expected" in browser.find_element("id", "hits").text


def test_a_playoff_series_marks_games_that_may_not_take_place(
    chromium: Any, in_progress: Path, tmp_path: Path
) -> None:
    page = (in_progress / "index.html").read_text()
    packed = page.split('id="data">')[1].split("<")[0]
    data = json.loads(gzip.decompress(base64.b64decode(packed)))
    season = data["seasons"][0]
    one = season["days"][-1]
    before, *ahead = (
        str(dt.date.fromisoformat(one["as_of"]) + dt.timedelta(n)) for n in (-1, 0, 2, 4)
    )
    one["bracket"] = None
    one["left"] = [0 for _ in one["left"]]
    one["games"] = [[day, 0, 1, 5000, 1, 200, 2, 2, 0, 0, [], []] for day in ahead]
    season["postseason"]["series"] = [[0, 1, [[before, 1], [before, 1]]]]
    repacked = base64.b64encode(gzip.compress(json.dumps(data).encode())).decode()
    (tmp_path / "index.html").write_text(page.replace(packed, repacked))
    open_page(chromium, (tmp_path / "index.html").as_uri() + f"#team={season['teams'][1][0]}")
    cards = chromium.execute_script(
        "return [...document.querySelectorAll('#coming li')].map((one) => one.textContent)"
    )
    assert ["May not take place" in card for card in cards] == [False, False, True]
    card = chromium.find_element("id", "card").text
    assert f"Series 0\u20132 against {season['teams'][0][1]}. " in card
    assert card.count("may not take place") == 1


def marked(browser: Any, selector: str, name: str) -> list[Any]:
    """A property of the elements that match."""
    return browser.execute_script(
        "return [...document.querySelectorAll(arguments[0])].map(one => one[arguments[1]])",
        selector,
        name,
    )


def boxes(browser: Any, selector: str) -> list[dict[str, float]]:
    return browser.execute_script(
        "return [...document.querySelectorAll(arguments[0])]"
        ".map(one => one.getBoundingClientRect().toJSON())",
        selector,
    )


def test_the_axis_of_strength_fits_its_dots(browser: Any) -> None:
    low, high = (
        box["x"] + box["width"] / 2
        for box in (
            boxes(browser, f"#teams .axis i:{which}-child")[0] for which in ("first", "last")
        )
    )
    (best, *_) = boxes(browser, "#teams .range b")
    expected = low + (high - low) * (7.5 + 10) / 20
    assert best["x"] + best["width"] / 2 == pytest.approx(expected, abs=1)


def test_names_of_teams_in_a_chart_do_not_overlap(browser: Any) -> None:
    names = boxes(browser, "#sides .mark-text.role-mark text")
    assert len(names) == 30
    for one, other in itertools.combinations(names, 2):
        right, down = (
            min(one[end], other[end]) - max(one[start], other[start])
            for start, end in (("left", "right"), ("top", "bottom"))
        )
        assert right < 1 or down < 3


def marks(browser: Any, chart: str, kind: str) -> list[dict[str, Any]]:
    """Rows of the marks that a chart shows."""
    return browser.execute_script(
        "return [...document.querySelectorAll(arguments[0])].map(one => one.__data__.datum)",
        f"{chart} .mark-{kind}.role-mark > *",
    )


def test_charts_have_the_numbers_of_the_day(browser: Any) -> None:
    best = marks(browser, "#tiers", "symbol")[0]
    assert (best["team"], best["value"], best["tier"]) == ("T01", 7.5, 1)
    assert (best["low"], best["high"]) == (
        pytest.approx(4.94, abs=0.01),
        pytest.approx(10.06, abs=0.01),
    )
    sides = {row["team"]: row for row in marks(browser, "#sides", "text")}
    assert len(sides) == 30 and {"T01", NASTY_SHORT} <= set(sides)
    assert (sides["T01"]["offence"], sides["T01"]["defence"]) == (3.8, -1.1)
    strength = "strength +7.5 ± 2.0 points a game against an average team (± one SD), rank 1."
    card = browser.find_element("id", "card").text
    assert strength in card and "Elo =" in card and "player strength =" in card
    wins = {row["wins"]: row["share"] for row in marks(browser, "#card", "rect")}
    assert wins == {59: 25, 60: 75}
    observed = [row["observed"] for row in marks(browser, "#calibration", "symbol")]
    assert observed == [35.0, 68.3]


def test_the_race_follows_day_and_choice(browser: Any) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    def shown() -> tuple[int, list[str], str]:
        names = [row["team"] for row in marks(browser, "#race", "text")]
        title = browser.find_element("css selector", "#race .mark-text.role-title-text").text
        return len(marks(browser, "#race", "symbol")) - len(names), names, title

    first = [*(f"T{team:02d}" for team in range(1, 7)), NASTY_SHORT, "T08"]
    assert shown() == (30, first, "Probability of the title")
    browser.find_element("id", "day").send_keys("\ue014" * 2)  # right, past a week without odds
    choose(browser, "race-of", "projected")
    expected = (60, first, "Projected wins")
    WebDriverWait(browser, 120, 0.05).until(lambda _: shown() == expected)


def test_numbers_have_one_minus_sign_and_zero_has_none(browser: Any) -> None:
    text = browser.find_element("id", "main").text
    assert not re.search(r"(?<![\w\u2013-])-\d", text)
    assert not re.search(r"[+\u2212]0\.0(?!\d)", text)


def test_season_conference_and_search_select(browser: Any) -> None:
    choose(browser, "season", "2020-21")
    assert browser.find_element("id", "when").text.startswith("2021-01-10")
    choose(browser, "conference", "West")
    assert len(rows(browser)) == 15
    browser.find_element("id", "search").send_keys("town 30")
    assert [row[0] for row in rows(browser)] == ["30"]
    browser.find_element("id", "search").send_keys("1")
    assert rows(browser) == [["No team matches the search."]]
    (columns,) = marked(browser, "#teams tbody td", "colSpan")
    assert columns == len(marked(browser, "#teams th", "colSpan"))


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
        open_page(browser, address + hash)
        assert browser.find_element("id", "team-title").text == title
    assert browser.find_element("id", "when").text == "2021-04-12, regular season over"


def test_a_week_without_odds_has_record_strength_and_expected_wins(browser: Any) -> None:
    browser.find_element("id", "day").send_keys("\ue014")
    row = rows(browser)[0]
    assert row[2:4] == ["41\u201341", "+7.5"] and row[5].startswith("58\u2013")
    assert set(row[6:11]) == {"\u2013"}
    assert not browser.find_element("id", "star").is_displayed()
    assert not browser.find_element("id", "games-order").is_enabled()
    for section in ("seeds", "bracket", "card"):
        assert "o odds" in browser.find_element("id", section).text, section
    assert "latest on 2022-01-10" in browser.find_element("id", "race-note").text
    remaining = browser.find_element("id", "remaining")
    assert remaining.text == (
        "Not on this day: simulated seasons are stored for 2022-01-10. Nearest: 2022-01-10. For "
        "any day: nbarank forecast --as-of 2022-02-20 --result TEAM-TEAM=WINNER"
    )
    assert [int(value) for value in marked(browser, "#odds-days option", "value")] == [0, 2]
    browser.find_element("id", "nearest").click()
    assert browser.find_element("id", "when").text == "2022-01-10, 50 % played"
    assert not browser.find_element("id", "no-odds").is_displayed()


def test_it_prints_on_white_without_controls_or_cut_tables(chromium: Any, address: str) -> None:
    paper = {"width": 720, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", paper)
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": dark})
    try:
        open_page(chromium, address)
        style = "return getComputedStyle(document.body)"
        assert chromium.execute_script(f"{style}.backgroundColor") == "rgb(255, 255, 255)"
        for part in ("nav", "#time", "#what-if"):
            assert not chromium.find_element("css selector", part).is_displayed()
        tables = [box for box in boxes(chromium, "table") if box["width"]]
        assert len(tables) > 5 and max(box["right"] for box in tables) <= 720
        assert len(chromium.execute_cdp_cmd("Page.printToPDF", {})["data"]) > 50_000
    finally:
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
