"""A student's first hour: start the course, run lesson 01, drag a slider, come back later."""

import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from urllib.parse import urlparse

import pytest
from lab_page import open_lesson, run_all


@pytest.fixture
def lesson(page, lab_server):
    outside, problems = [], []
    page.on(
        "request",
        lambda r: urlparse(r.url).hostname in ("127.0.0.1", None) or outside.append(r.url),
    )
    page.on("pageerror", lambda error: problems.append(str(error)))
    open_lesson(page, lab_server)
    yield page
    assert outside == [], "requests that leave this machine"
    assert problems == []


def test_run_all_then_move_a_slider(lesson):
    seconds = run_all(lesson)
    assert seconds < 20, f"Run All took {seconds:.1f} s"
    explorer = lesson.locator(".ac-explorer").first
    explorer.scroll_into_view_if_needed()
    assert lesson.locator(".jp-RenderedText[data-mime-type*=stderr]").count() == 0
    assert lesson.locator(".jp-OutputArea-output:has-text('Traceback')").count() == 0
    slider = explorer.locator("input[type=range]").first
    before = explorer.locator("svg").first.evaluate("node => node.outerHTML")
    slider.focus()
    for _ in range(10):
        lesson.keyboard.press("ArrowRight")
    lesson.wait_for_timeout(200)
    assert explorer.locator("svg").first.evaluate("node => node.outerHTML") != before
    # the arrow keys moved the slider and not the notebook's selected cell
    assert slider.evaluate("node => document.activeElement === node")


def test_opened_without_running_it_is_alive_and_shows_no_error(lesson):
    lesson.locator(".ac-cards:visible").first.wait_for(timeout=60_000)
    lesson.locator(".ac-explorer:visible svg[viewBox]").first.wait_for(timeout=60_000)
    lesson.wait_for_function("!document.body.innerText.includes('Loading widget')", timeout=30_000)
    assert lesson.locator(".jp-Notebook figure img").count() >= 1
    text = lesson.locator(".jp-Notebook").inner_text()
    for trouble in ("Error displaying widget", "Loading widget", "Traceback"):
        assert trouble not in text
    empty = lesson.locator(".jp-OutputArea-child").evaluate_all(
        "nodes => nodes.filter(n => n.offsetHeight > 0 && !n.innerText.trim() "
        "&& !n.querySelector('img, svg, canvas')).length"
    )
    assert empty == 0


def test_the_door_is_shut_to_others(lab_server):
    """No token, no entry, whatever the owner's own settings say; and only this machine is heard."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    assert opener.open(f"{lab_server.url}/api/contents?token={lab_server.token}").status == 200
    for path in ("api/contents", "api/kernels", "api/contents?token=", "api/terminals"):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            opener.open(f"{lab_server.url}/{path}")
    port = urlparse(lab_server.url).port
    with socket.socket() as visitor, pytest.raises(OSError):
        visitor.connect(("127.0.0.2", port))


def test_the_course_ends_with_its_command(tmp_path):
    """Stopped as a terminal or a system stops it, `lab` leaves no server behind."""
    command = [sys.executable, "-m", "alliance_tools.cli", "lab", str(tmp_path / "é è")]
    process = subprocess.Popen(
        [*command, "--no-browser", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        found = (re.search(r"http://\S+", line) for line in process.stdout)
        address = next(filter(None, found))[0]
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address)
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()
    with socket.socket() as visitor, pytest.raises(OSError):
        visitor.connect(("127.0.0.1", urlparse(address).port))
