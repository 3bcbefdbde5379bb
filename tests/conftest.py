"""Shared by all tests: a real JupyterLab, a real browser, and nothing left behind."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
# what somebody may have in their own settings; the course must not follow it
CARELESS = """
c.IdentityProvider.token = c.ServerApp.token = ""
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.base_url = "/elsewhere/"
c.ServerApp.allow_unauthenticated_access = True
"""


_NUMBERS = count()


class Lab(NamedTuple):
    """A running `alliance-course lab`: where it listens, its token, its folder."""

    url: str
    token: str
    folder: Path

    def page(self, path: str) -> str:
        """Address of a file of the folder, opened alone in JupyterLab's own workspace."""
        name = re.sub(r"\W", "", path)
        return f"{self.url}/lab/workspaces/{name}/tree/{path}?token={self.token}&reset"


@pytest.fixture(scope="session", autouse=True)
def _answers_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever answers a test gives are not kept beside the lessons."""
    os.environ["ALLIANCE_PROGRESS"] = str(tmp_path_factory.mktemp("progress") / "progress.json")


@pytest.fixture(autouse=True)
def _answers_of_each_test_apart(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one test answers is no record for the next, nor for the notebooks."""
    place = tmp_path_factory.getbasetemp() / f"answers-{next(_NUMBERS)}"
    monkeypatch.setenv("ALLIANCE_PROGRESS", str(place / "progress.json"))


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The real command, in a folder with a space and an accent in its name."""
    folder = tmp_path_factory.mktemp("lab") / "mes leçons"
    log = folder.parent / "lab.log"
    command = [sys.executable, "-m", "alliance_tools.cli", "lab", str(folder)]
    command += ["--no-browser", "--port", "0"]
    environment = {k: v for k, v in os.environ.items() if k != "ALLIANCE_PROGRESS"}
    settings = folder.parent / "config"
    settings.mkdir()
    (settings / "jupyter_server_config.py").write_text(CARELESS, encoding="utf-8")
    environment["JUPYTER_CONFIG_DIR"] = str(settings)
    with log.open("w") as stream:
        server = subprocess.Popen(command, stdout=stream, stderr=stream, env=environment, cwd=ROOT)
    found, deadline = None, time.monotonic() + 60
    while found is None and time.monotonic() < deadline and server.poll() is None:
        time.sleep(0.2)
        found = re.search(r"(http://127\.0\.0\.1:\d+)/doc\S*\?token=(\w+)", log.read_text())
    if found is None:
        server.kill()
        pytest.fail(f"JupyterLab did not start: {log.read_text()[-2000:]}")
    yield Lab(found[1], found[2], folder)
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course as pages; whichever worker comes first builds them for all."""
    from filelock import FileLock

    from alliance_tools.site.build import build

    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    with FileLock(shared / "site.lock"):
        if not (shared / "site" / "files.txt").is_file():
            build(shared / "site", tell=lambda text: None)
    return shared / "site"


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Headless Chromium, driven by playwright."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        instance = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield instance
        instance.close()


@pytest.fixture
def page(browser) -> Iterator[object]:
    """A fresh page, 1280 pixels wide."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, from the file that AXE_CORE names."""
    path = os.environ.get("AXE_CORE", "")
    if not Path(path).is_file():
        pytest.skip("AXE_CORE does not name axe.min.js: npm install axe-core, then set it")
    return Path(path).read_text(encoding="utf-8")
