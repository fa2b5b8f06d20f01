"""The page under axe-core, in light and dark, and used by keyboard alone."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.report.test_browser import CHROMIUM, DRIVER, address, browser, chromium, open_page, rows

__all__ = ["address", "browser", "chromium"]

HERE = Path(__file__).parent
pytestmark = [
    pytest.mark.xdist_group("browser"),  # installs axe-core once
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER), reason="no browser: apt-get install chromium chromium-driver"
    ),
]
TAB, ENTER, SPACE, RIGHT, DOWN = "\ue004", "\ue007", "\ue00d", "\ue014", "\ue015"


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script of axe-core in the version of package-lock.json."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed: apt-get install npm")
    folder = tmp_path_factory.mktemp("axe")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        pytest.skip("npm ci did not end within 120 s: no connection to the registry")
    if done.returncode:
        pytest.skip(f"npm ci failed, so axe-core is missing: {done.stderr.strip()[-200:]}")
    return (folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_axe_finds_no_violation(browser: Any, axe: str, mode: str) -> None:
    scheme = [{"name": "prefers-color-scheme", "value": mode}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
    browser.execute_script("document.querySelectorAll('details').forEach(one => one.open = true)")
    browser.execute_script(axe)
    found = browser.execute_async_script(
        "const done = arguments[0]; axe.run(document).then((all) => done(all.violations.map("
        "(one) => [one.id, one.nodes.length, one.nodes[0].html.slice(0, 200),"
        " one.nodes[0].failureSummary])))"
    )
    assert found == []


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


def press(browser: Any, *keys: str) -> None:
    from selenium.webdriver import ActionChains

    for key in keys:
        ActionChains(browser).send_keys(key).perform()


def tab_to(browser: Any, selector: str) -> None:
    """Press Tab until the element has the focus; from the start of the page at most 400 times."""
    reached = f"return document.activeElement.matches({selector!r})"
    for _ in range(400):
        press(browser, TAB)
        if browser.execute_script(reached):
            return
    raise AssertionError(f"Tab does not reach {selector}")


def test_everything_is_reached_by_keyboard_in_the_order_of_the_page(
    chromium: Any, address: str
) -> None:
    """Season, day, filter, search, sort, games' order and what-if, with Tab and keys alone."""
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    open_page(chromium, address)
    tab_to(chromium, "#day")
    press(chromium, RIGHT, RIGHT)
    assert chromium.find_element("id", "when").text.startswith("2022-04-12")
    press(chromium, "\ue012", "\ue012")  # left
    tab_to(chromium, "#conference")
    press(chromium, "W")
    assert len(rows(chromium)) == 15
    tab_to(chromium, "#search")
    press(chromium, "town 30")
    assert [row[0] for row in rows(chromium)] == ["30"]
    press(chromium, *["\ue003"] * 7)  # backspace
    tab_to(chromium, "#teams th[data-key=title] button")
    press(chromium, ENTER, ENTER)
    assert rows(chromium)[0][0] == "30"
    tab_to(chromium, "#star")
    press(chromium, DOWN)
    assert "is out" in chromium.find_element("id", "chosen").text
    tab_to(chromium, "#undo")
    press(chromium, SPACE)
    assert "Nothing assumed" in chromium.find_element("id", "chosen").text
    tab_to(chromium, '[data-pick="0h"]')
    press(chromium, SPACE)
    assert "T01 beat T02" in chromium.find_element("id", "chosen").text
