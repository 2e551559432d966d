"""The report in a real browser: nothing is asked of any network, keyboard and dark mode work."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("selenium")

from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from docs import screenshot
from labeling.report.page import write_report
from labeling.rounds.live import turn
from tests.conftest import absent
from tests.projects import opened, small_rows, write_project

LOADED = "return performance.getEntriesByType('resource').map(entry => entry.name)"
WIDER = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"


def colours(driver: Chrome, scheme: str) -> tuple[str, str]:
    """Give background and colour of the page under a colour scheme."""
    chosen = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", chosen)
    text = driver.find_element(By.CSS_SELECTOR, "#funnel svg text")
    body = driver.find_element(By.TAG_NAME, "body")
    return body.value_of_css_property("background-color"), text.value_of_css_property("fill")


def test_the_page_needs_nothing_but_itself(tmp_path: Path) -> None:
    for program in (screenshot.BROWSER, screenshot.DRIVER):
        if not program.exists():
            absent(f"{program} is not there: install the packages chromium and chromium-driver")
    config, page = write_project(tmp_path, small_rows(60)), tmp_path / "report.html"
    with opened(config) as project:
        turn(project)
        write_report(project, page)
    with screenshot.browser() as driver:
        driver.get(page.as_uri())
        assert driver.get_log("browser") == []
        assert driver.execute_script(LOADED) == []
        ActionChains(driver).send_keys(Keys.TAB).perform()
        assert driver.switch_to.active_element.text == "Skip to the figures"
        ActionChains(driver).send_keys(Keys.TAB, Keys.ENTER).perform()
        assert driver.current_url.endswith("#funnel")
        light, dark = colours(driver, "light"), colours(driver, "dark")
        assert light[0] != dark[0]
        assert light[1] != dark[1]
        driver.set_window_size(500, 800)
        assert not driver.execute_script(WIDER)
