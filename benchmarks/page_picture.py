"""Write docs/pictures/page.png: the top of the report page as a browser shows it.

    python -m benchmarks.page_picture [--page report/index.html]

Needs Chromium and its driver (Debian: chromium, chromium-driver).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.wait import WebDriverWait

PICTURE = Path("docs/pictures/page.png")
WIDTH, HEIGHT = 1280, 900
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run")


def main() -> None:
    """Open the page and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path, default=Path("report/index.html"))
    page = parser.parse_args().page.resolve()
    options = webdriver.ChromeOptions()
    for flag in (*FLAGS, f"--window-size={WIDTH},{HEIGHT}"):
        options.add_argument(flag)
    browser = webdriver.Chrome(options, Service("/usr/bin/chromedriver"))
    try:
        size = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        browser.get(page.as_uri())
        WebDriverWait(browser, 20).until(
            lambda one: one.find_elements("css selector", "#teams tbody tr")
        )
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        browser.save_screenshot(str(PICTURE))
    finally:
        browser.quit()


if __name__ == "__main__":
    main()
