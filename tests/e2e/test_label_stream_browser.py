"""A person at a real browser: what the page shows, in which order, and what its answers become."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator

import pytest

pytest.importorskip("selenium")

from selenium.common.exceptions import ElementClickInterceptedException, StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from docs import screenshot
from integrations.label_studio.review_queue import LabelStudioQueue
from integrations.label_studio.server import LocalServer
from labeling.types import LabelClass, LabelSchema, Lane, ReviewTask
from tests.conftest import absent

SCHEMA = LabelSchema(
    (LabelClass("HAM", "about the video", ("nice song",)), LabelClass("SPAM", "advertises")),
    "Judge the comment alone.",
)


@pytest.fixture
def browser() -> Iterator[Chrome]:
    for program in (screenshot.BROWSER, screenshot.DRIVER):
        if not program.exists():
            absent(f"{program} is not there: install the packages chromium and chromium-driver")
    with screenshot.browser() as driver:
        yield driver


@pytest.fixture
def queue(label_studio: LocalServer) -> Iterator[LabelStudioQueue]:
    name = f"browser-{uuid.uuid4().hex}"
    with LabelStudioQueue(
        label_studio.url, label_studio.token, SCHEMA, project=name, fields=["author"]
    ) as opened:
        yield opened


def task(name: str, priority: float, suggestion: str | None) -> ReviewTask:
    lane = Lane.REVIEW if suggestion else Lane.AUDIT
    fields = {"text": f"the text <b>of</b> {name}", "author": "Jane & Joe"}
    why = f"{suggestion}: <b>links</b>, words" if suggestion else None
    critical = ("german & new",) if name in ("first", "second") else ()
    return ReviewTask(
        name, "d", "r", fields, lane, 1, priority, suggestion=suggestion, why=why, critical=critical
    )


def wait_for_text(driver: Chrome, text: str) -> str:
    """Give all that the page shows once it shows ``text``."""

    def shows(page: Chrome) -> str | None:
        shown = str(page.find_element(By.TAG_NAME, "body").text)
        return shown if text in shown else None

    return str(screenshot.wait(driver).until(shows))


def names_ticked(driver: Chrome) -> list[str | None]:
    return [choice.get_attribute("name") for choice in screenshot.ticked(driver)]


def press(driver: Chrome, key: str) -> None:
    ActionChains(driver).send_keys(key).perform()


def click(driver: Chrome, button: str) -> None:
    """Press a button as soon as no passing notice covers it."""

    def pressed(page: Chrome) -> bool:
        page.find_element(By.XPATH, f"//button[normalize-space()='{button}']").click()
        return True

    covered = [ElementClickInterceptedException, StaleElementReferenceException]
    WebDriverWait(driver, screenshot.SECONDS, ignored_exceptions=covered).until(pressed)


def unfold(driver: Chrome) -> None:
    """Press the heading that hides why a class is suggested."""
    driver.find_element(By.XPATH, "//*[normalize-space(text())='Why suggested']").click()


def test_the_label_stream(browser: Chrome, label_studio: LocalServer, queue: LabelStudioQueue) -> None:
    queue.push(
        [
            task("fourth", 0.9, "HAM"),
            task("first", 0.1, "SPAM"),
            task("third", 0.7, "SPAM"),
            task("second", 0.4, None),
        ]
    )
    screenshot.log_in(browser, label_studio.url, label_studio.username, label_studio.password)
    screenshot.open_label_stream(browser, label_studio.url, queue.project_id)

    page = wait_for_text(browser, "the text <b>of</b> first")
    screenshot.wait(browser).until(screenshot.ticked)
    assert names_ticked(browser) == ["SPAM"]
    assert "HAM[1]" in page
    assert "SPAM[2]" in page
    assert "Jane & Joe" in page
    assert "Critical: german & new" in page
    assert "SPAM: <b>links</b>, words" not in page, "folded until somebody asks"
    unfold(browser)
    wait_for_text(browser, "SPAM: <b>links</b>, words")
    click(browser, "Submit")

    page = wait_for_text(browser, "the text <b>of</b> second")
    time.sleep(1)
    assert names_ticked(browser) == []
    assert "audit" not in page.lower()
    assert "Critical: german & new" in page
    unfold(browser)
    time.sleep(1)
    assert not re.search(r"links|\$why", str(browser.find_element(By.TAG_NAME, "body").text))
    press(browser, "1")
    screenshot.wait(browser).until(screenshot.ticked)
    click(browser, "Submit")

    wait_for_text(browser, "the text <b>of</b> third")
    screenshot.wait(browser).until(screenshot.ticked)
    press(browser, "1")
    screenshot.wait(browser).until(lambda driver: names_ticked(driver) == ["HAM"])
    click(browser, "Submit")

    wait_for_text(browser, "the text <b>of</b> fourth")
    click(browser, "Skip")
    screenshot.wait(browser).until(lambda driver: not queue.open_ids())

    answers = {a.task_id: (a.label, a.suggestion, a.kept) for a in queue.pull("").annotations}
    assert answers == {
        "first": ("SPAM", "SPAM", True),
        "second": ("HAM", None, None),
        "third": ("HAM", "SPAM", False),
        "fourth": (None, "HAM", None),
    }
    for answer in queue.pull("").annotations:
        assert answer.annotator == label_studio.username
        assert answer.seconds is not None
        assert answer.seconds > 0


def test_new_priorities_reach_the_page_with_the_next_task(
    browser: Chrome, label_studio: LocalServer, queue: LabelStudioQueue
) -> None:
    queue.push([task("first", 0.1, "SPAM"), task("second", 0.2, "SPAM"), task("third", 0.3, "SPAM")])
    screenshot.log_in(browser, label_studio.url, label_studio.username, label_studio.password)
    screenshot.open_label_stream(browser, label_studio.url, queue.project_id)
    wait_for_text(browser, "the text <b>of</b> first")
    screenshot.wait(browser).until(screenshot.ticked)
    queue.reprioritise(
        "round-2", [task("first", 0.3, "HAM"), task("second", 0.2, "SPAM"), task("third", 0.1, "HAM")]
    )
    click(browser, "Submit")
    wait_for_text(browser, "the text <b>of</b> third")
    screenshot.wait(browser).until(lambda driver: names_ticked(driver) == ["HAM"])
    [answer] = queue.pull("").annotations
    # The page still showed the old suggestion.
    assert (answer.task_id, answer.label, answer.suggestion) == ("first", "SPAM", "SPAM")
