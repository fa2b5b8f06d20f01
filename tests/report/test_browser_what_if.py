"""What if, in a real browser: chosen results, the bracket, and a star who is out."""

import base64
from typing import Any

import numpy as np
import pytest

from tests.report.small_report import NASTY_SHORT, SEASONS, sample_of
from tests.report.test_browser import (
    CHROMIUM,
    DRIVER,
    address,
    boxes,
    browser,
    choose,
    chromium,
    marked,
    open_page,
)

__all__ = ["address", "browser", "chromium"]

pytestmark = [
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER), reason="no browser: apt-get install chromium chromium-driver"
    ),
]


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
        before = (arrays["ends"][int(team[1:]) - 1] & 7 == 5).mean()
        moved = float(cells[6].replace("\u2212", "-"))
        assert moved == pytest.approx(100 * (title - before), abs=0.051)
        assert float(cells[1]) == pytest.approx(wins, abs=0.051)
        percent = (
            "\u2013"
            if title == 0
            else "<1 %"
            if title < 0.01
            else f"{title:.0%}".replace("%", " %")
        )
        assert cells[5] == percent
    table = shown()
    link = browser.find_element("id", "share").get_attribute("href")
    pick(browser, "1h")
    assert "too few" in browser.find_element("id", "remaining").text
    assert {cell for cells in shown().values() for cell in cells[1:]} == {"\u2013"}
    assert not any("%" in text for text in marked(browser, "[data-pick]", "textContent"))
    browser.find_element("id", "undo").click()
    assert shown() == table
    browser.find_element("id", "clear").click()
    assert "200 of 200" in browser.find_element("id", "remaining").text
    open_page(browser, link)
    assert shown() == table


def test_the_bracket_has_the_odds_of_the_simulated_meetings(browser: Any) -> None:
    cards = browser.find_elements("css selector", "#bracket .bracket li")
    texts = [card.text.split("\n") for card in cards]
    assert len(texts) == 15
    assert texts[0] == ["1 T01", "75 %", "8 T03", "25 %", "meet in 40 %"]
    assert texts[14] == ["1 T01", "8 T02", "meet in 2 %: too few for odds"]
    assert "East: " in browser.find_element("id", "bracket").text


def test_a_choice_has_the_odds_of_the_games_section(browser: Any) -> None:
    """Simulations differ: in none of them does T03 win as often as under Games."""
    texts = marked(browser, "[data-pick]", "textContent")
    assert texts == ["T02 40 %", "T01 60 %", f"{NASTY_SHORT} 65 %", "T03 35 %"]


def test_the_table_is_beside_the_choice_on_a_wide_screen_and_below_on_others(browser: Any) -> None:
    (text, picks, table) = (
        boxes(browser, f"#what-if {part}")[0] for part in ("> p", "#picks", "#outcome")
    )
    if browser.execute_script("return innerWidth") >= 960:
        assert table["left"] > picks["right"] and table["top"] < text["bottom"]
    else:
        assert table["top"] >= picks["bottom"]


def test_what_if_opens_the_nearest_day_that_has_it(browser: Any) -> None:
    choose(browser, "season", "2020-21")
    opened = browser.find_element("css selector", "#remaining button")
    opened.send_keys("\ue007")
    assert browser.find_element("id", "when").text == "2022-01-10, 50 % played"
    assert browser.find_element("id", "picks").is_displayed()


def test_a_star_can_be_taken_out_and_brought_back(browser: Any, address: str) -> None:
    choose(browser, "star", "T05")
    first = "return [...document.querySelectorAll('#outcome tbody tr')][0].dataset.team"
    row = (
        "return [...document.querySelector('#outcome [data-team=T05]').cells]"
        ".map(cell => cell.textContent)"
    )
    assert browser.execute_script(row)[1:4:2] == ["20.0", "10 %"]
    assert browser.execute_script(first) in {"T01", "T05"}
    assert "Star 5 (T05) is out" in browser.find_element("id", "chosen").text
    link = browser.find_element("id", "share").get_attribute("href")
    pick(browser, "0h")  # replaces the star
    assert browser.find_element("id", "star").get_property("value") == ""
    browser.find_element("id", "undo").send_keys("\ue007")
    assert browser.find_element("id", "star").get_property("value") == "T05"
    browser.find_element("id", "undo").send_keys("\ue007")
    assert "Nothing assumed" in browser.find_element("id", "chosen").text
    open_page(browser, link)
    assert browser.execute_script(row)[1:4:2] == ["20.0", "10 %"]


def pick(browser: Any, choice: str) -> None:
    button = browser.find_element("css selector", f'[data-pick="{choice}"]')
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.send_keys("\ue007")
    pressed = browser.find_element("css selector", f'[data-pick="{choice}"]')
    assert pressed.get_attribute("aria-pressed") == "true"
    assert browser.switch_to.active_element == pressed
