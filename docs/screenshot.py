"""Takes the picture of the labelling page that the documentation shows.

Usage: ``python docs/screenshot.py URL LOGIN PASSWORD PROJECT OUTPUT``; chromium and chromedriver are needed.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import (
    element_to_be_clickable,
    presence_of_element_located,
    staleness_of,
    url_contains,
)
from selenium.webdriver.support.wait import WebDriverWait

BROWSER = Path("/usr/bin/chromium")
DRIVER = Path("/usr/bin/chromedriver")
SECONDS = 60
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,800",
)
START = "//button[normalize-space()='Label All Tasks']"
CHOICES = ".lsf-choices input"
TICKED = ".lsf-choices input:checked"
CLOSE = ".lsf-modal-ls__header button"


@contextmanager
def browser() -> Iterator[Chrome]:
    """Open a browser with an empty profile of its own."""
    with tempfile.TemporaryDirectory() as profile:
        options = ChromeOptions()
        options.binary_location = str(BROWSER)
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = Chrome(options=options, service=Service(str(DRIVER)))
        try:
            yield driver
        finally:
            driver.quit()


def wait(driver: Chrome) -> WebDriverWait[Chrome]:
    """Wait as long as a slow machine needs."""
    return WebDriverWait(driver, SECONDS)


def log_in(driver: Chrome, url: str, login: str, password: str) -> None:
    """Log in as one of Label Studio's users."""
    driver.get(f"{url}/user/login/")
    wait(driver).until(element_to_be_clickable((By.NAME, "email"))).send_keys(login)
    driver.find_element(By.NAME, "password").send_keys(password)
    driver.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
    wait(driver).until_not(url_contains("/user/login"))


def open_label_stream(driver: Chrome, url: str, project: int) -> None:
    """Press *Label All Tasks* on the project's page, and close the instructions if they show."""
    driver.get(f"{url}/projects/{project}/data")
    wait(driver).until(element_to_be_clickable((By.XPATH, START))).click()
    wait(driver).until(presence_of_element_located((By.CSS_SELECTOR, CHOICES)))
    for close in driver.find_elements(By.CSS_SELECTOR, CLOSE):
        wait(driver).until(element_to_be_clickable(close)).click()
        wait(driver).until(staleness_of(close))


def ticked(driver: Chrome) -> list[WebElement]:
    """Give the choices that are ticked on the page."""
    return driver.find_elements(By.CSS_SELECTOR, TICKED)


def main() -> None:
    """Take the picture once the pre-label is ticked."""
    parser = argparse.ArgumentParser(description="Take a picture of the labelling page.")
    for name in ("url", "login", "password"):
        parser.add_argument(name)
    parser.add_argument("project", type=int)
    parser.add_argument("output", type=Path)
    wanted = parser.parse_args()
    with browser() as driver:
        log_in(driver, wanted.url, wanted.login, wanted.password)
        open_label_stream(driver, wanted.url, wanted.project)
        wait(driver).until(ticked)
        driver.save_screenshot(str(wanted.output))


if __name__ == "__main__":
    main()
