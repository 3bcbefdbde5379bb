"""Binder: links for copies of the course, and a start that leaves the learner at the first page."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from alliance_tools.cli import app
from alliance_tools.start.binder import FOLDER, links, prepare
from alliance_tools.start.first_page import first_page

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "address, place",
    {
        "https://github.com/you/course": "gh/you/course/main",
        "https://github.com/you/course.git": "gh/you/course/main",
        "https://github.com/you/course/": "gh/you/course/main",
        "https://gitlab.com/group/sub/course": "gl/group%2Fsub%2Fcourse/main",
        "https://git.example.edu/course/x": "git/https%3A%2F%2Fgit.example.edu%2Fcourse%2Fx/main",
        "https://doi.org/10.5281/zenodo.1234": "zenodo/10.5281/zenodo.1234/",
    }.items(),
)
def test_each_kind_of_address_has_its_link(address, place):
    found = urlsplit(links(address, ref="main").binder)
    assert f"{found.scheme}://{found.netloc}" == "https://mybinder.org"
    assert found.path == f"/v2/{place}"
    assert parse_qs(found.query) == {"urlpath": [f"doc/tree/{FOLDER}/{first_page()}"]}


def test_the_page_is_offered_while_one_waits():
    said = str(links("https://github.com/You/course"))
    assert "https://you.github.io/course/" in said.splitlines()[-1]
    assert "While you wait" in said
    assert "While you wait" not in str(links("https://gitlab.com/you/course"))
    own = links("https://gitlab.com/you/course", page="https://example.edu/alliance/")
    assert "https://example.edu/alliance/" in str(own)


@pytest.mark.parametrize("address", ["", "here", "https://github.com/you", "ftp://a/b/c"])
def test_what_is_no_address_is_refused_in_one_line(address):
    done = CliRunner().invoke(app, ["links", address])
    assert done.exit_code == 1
    assert len(done.output.strip().splitlines()) == 1 and "such as https://" in done.output


def test_a_branch_with_a_slash_is_one_part():
    assert (
        "/course/feature%2Fone?" in links("https://github.com/you/course", ref="feature/one").binder
    )


def test_preparing_twice_changes_nothing(tmp_path):
    settings = tmp_path / "settings" / "jupyter_server_config.py"
    first = prepare(tmp_path, settings)
    kept = tmp_path / FOLDER / "notebooks" / "00-start-here.ipynb"
    kept.write_text("mine", encoding="utf-8")
    before = settings.read_text()
    assert prepare(tmp_path, settings) == first
    assert kept.read_text(encoding="utf-8") == "mine"
    assert settings.read_text() == before and first in before


def test_start_hands_over_and_the_first_page_is_there_in_seconds(tmp_path):
    """The `start` file itself, with the command that Binder would give it."""
    if os.name == "nt":
        pytest.skip("Binder's machines run Linux")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    left = {k: v for k, v in os.environ.items() if not k.startswith(("ALLIANCE", "JUPYTER"))}
    environment = {
        **left,
        "HOME": str(tmp_path),
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(
            [str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))]
        ),
    }
    command = [sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1", "--port=0", "--no-browser"]
    command += ["--allow-root", "--IdentityProvider.token=t0ken"]
    log = tmp_path / "log"
    begun = time.monotonic()
    with log.open("w") as stream:
        server = subprocess.Popen(
            ["bash", str(ROOT / "start"), *command],
            cwd=tmp_path,
            env=environment,
            stdout=stream,
            stderr=stream,
        )
    try:
        found = None
        while found is None and server.poll() is None and time.monotonic() < begun + 240:
            time.sleep(0.2)
            found = re.search(r"(http://127\.0\.0\.1:\d+)(\S*)\?token=", log.read_text())
        assert found, log.read_text()[-2000:]
        assert found[2] == f"/doc/tree/{FOLDER}/{first_page()}"
        page = f"{found[1]}/api/contents/{FOLDER}/{first_page()}?token=t0ken"
        with urlopen(page, timeout=30) as answer:
            assert json.load(answer)["type"] == "notebook"
    finally:
        server.terminate()
        server.wait(30)


def test_the_files_that_binder_runs_can_be_run():
    for name in ("postBuild", "start"):
        assert os.access(ROOT / name, os.X_OK), name
        subprocess.run(["bash", "-n", str(ROOT / name)], check=True)
    assert 'exec "$@"' in (ROOT / "start").read_text()
