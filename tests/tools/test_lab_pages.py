"""The course as pages from the course's own server: one record with the notebooks."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from alliance_course.questions.progress import record_answer
from alliance_tools.start.first_page import ROOM
from alliance_tools.start.lab import _options
from alliance_tools.start.pages import FOLDER, made_pages
from alliance_tools.start.pages_service import PAGES
from alliance_tools.start.workspace import deliver

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def asked(lab, path, token=True):
    """The status and the text that the server answers with."""
    address = f"{lab.url}/{PAGES}/{path}"
    try:
        with OPENER.open(f"{address}?token={lab.token}" if token else address) as answer:
            return answer.status, answer.read().decode("utf-8"), answer.url
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace"), address


@pytest.fixture(scope="module")
def there(lab_server):
    """The server, once it has made the pages."""
    first = asked(lab_server, "index.html")
    assert "The pages are being made" in first[1] or "The way through" in first[1]
    deadline = time.monotonic() + 180
    while "The way through" not in asked(lab_server, "index.html")[1]:
        assert time.monotonic() < deadline, "the pages were not made"
        time.sleep(1)
    return lab_server


def test_pages_are_for_whoever_has_the_token_and_hold_nothing_else(there):
    status, page, _ = asked(there, "lesson-01.html")
    assert status == 200 and "jupyter-config-data" in page and "To the notebooks" in page
    status, page, address = asked(there, "lesson-01.html", token=False)
    assert status in (403, 404) or "/login" in address  # a login page, where there is one
    assert "therapeutic alliance" not in page
    # nothing of the folder but the pages, and nothing that a browser would keep for another folder
    for path in ("offline.js", "../../progress.json", "%2e%2e/%2e%2e/Home.ipynb", "guide.html"):
        assert asked(there, path)[0] == 404, path


def test_what_is_answered_in_a_page_is_in_the_folder_and_the_other_way_round(there, page):
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{there.url}/{PAGES}/lesson-01.html?token={there.token}")
    guess = page.locator("fieldset.ac-question").first
    guess.get_by_label("The bond").click()
    guess.get_by_role("button", name="Note my guess").click()
    guess.get_by_text("✓ Saved.").wait_for()
    kept = json.loads((there.folder / "progress.json").read_text(encoding="utf-8"))
    assert kept["guesses"]["L01.P1"]["guess"] == "a"
    # as a cell of a notebook would
    record_answer("L01.Q1", "right", answer="b", path=there.folder / "progress.json")
    page.goto(f"{there.url}/{PAGES}/index.html")
    done = page.locator(".path li").nth(1).locator(":scope > .done")
    done.get_by_text("2 of 6 done.").wait_for()
    assert "in one record with the notebooks" in page.locator(".foot").inner_text()
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((r) => r.length)") == 0
    assert problems == []


def test_home_leads_to_the_pages_and_they_lead_back(there, page):
    page.goto(there.page("Home.ipynb"))
    link = page.get_by_role("link", name="Read it as pages")
    link.wait_for(timeout=60_000)
    with page.context.expect_page() as opened:
        link.click()
    other = opened.value
    other.wait_for_url(f"**/{PAGES}/index.html")
    assert other.locator(".path li").count() == 13
    back = other.get_by_role("link", name="To the notebooks").get_attribute("href")
    assert back == f"/{ROOM}/Home.ipynb"


def test_pages_are_made_once_and_as_the_folder_is(tmp_path):
    folder = tmp_path / "mine"
    deliver(folder, solutions=False)
    first = made_pages(folder, tell=lambda text: None)
    page = (first / "practice-01.html").read_text(encoding="utf-8")
    assert "Task 1" in page and "Worked solution" not in page
    assert not list(first.glob("guide*"))
    stamp = (first / "index.html").stat().st_mtime_ns
    heard = []
    assert made_pages(folder, tell=heard.append) == first and not heard
    assert (first / "index.html").stat().st_mtime_ns == stamp
    # with solutions they are others, and the old ones are gone
    deliver(folder, solutions=True)
    second = made_pages(folder, tell=lambda text: None)
    assert "Worked solution" in (second / "practice-01.html").read_text(encoding="utf-8")
    assert [path.name for path in (folder / FOLDER).iterdir()] == [second.name]


def test_without_a_place_it_says_so(tmp_path):
    (tmp_path / FOLDER).write_text("a file of somebody's")
    command = [sys.executable, "-m", "alliance_tools.start.pages", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ})
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert re.search(r"cannot be written \(.+\), so that the pages have no place", done.stderr)


def test_the_command_opens_the_pages(tmp_path):
    wanted = _options(tmp_path, browser=True, port=0, pages=True)["LabApp.default_url"]
    assert wanted == f"/{PAGES}/index.html"
    shown = subprocess.run(
        [sys.executable, "-m", "alliance_tools.cli", "lab", "--help"],
        capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert "--pages" in shown
