"""A folder with all packages: what is in it, and that it starts the course with no network."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner
from test_start import checkout  # noqa: F401

from alliance_course.folders import course_folder
from alliance_tools.cli import app
from alliance_tools.start import bundle as made
from alliance_tools.start import first_start
from alliance_tools.start.bundle import BundleError, bundle
from alliance_tools.start.start_page import start_page

ROOT = course_folder("notebooks").parent
RUN = CliRunner()
in_a_checkout = pytest.mark.skipif(
    not (ROOT / "pyproject.toml").is_file(), reason="a bundle is made from a checkout"
)
# nothing listens there: whoever asks a registry fails
NOWHERE = {
    "PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0",
    "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple", "UV_OFFLINE": "1", "UV_NO_CACHE": "1",
}  # fmt: skip


@pytest.fixture
def no_fetching(monkeypatch):
    asked = []
    monkeypatch.setattr(made, "_fetch", lambda root, wheels, system, python, *rest: asked.append(
        (system.uv, python)))  # fmt: skip
    return asked


@in_a_checkout
def test_a_bundle_holds_the_course_and_not_the_answers(tmp_path, no_fetching):
    folder = tmp_path / "stick"
    (tmp_path / "stick").mkdir()
    size = bundle(folder, ["windows", "linux"], ["3.12", "3.13"], tell=lambda line: None)
    assert no_fetching == [
        (made.SYSTEMS[name].uv, python)
        for name in ("windows", "linux")
        for python in ("3.12", "3.13")
    ]
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    assert {"pyproject.toml", "notebooks/00-start-here.ipynb", "START-HERE.html"} <= there
    assert not any("__pycache__" in name or name.startswith(("instructor", "tests", ".git"))
                   for name in there)  # fmt: skip
    assert size > 1
    page = (folder / "START-HERE.html").read_text(encoding="utf-8")
    assert "Windows with Python 3.13" in page and "Mac" in page
    bundle(folder, ["linux"], ["3.12"], tell=lambda line: None)


@pytest.mark.parametrize(
    ("systems", "pythons", "said"),
    [(["beos"], ["3.12"], "beos"), (["linux"], ["3.9"], "3.9"), ([], ["3.12"], "none")],
)
def test_what_cannot_be_bundled_is_refused(tmp_path, systems, pythons, said):
    with pytest.raises(BundleError, match=said) as refused:
        bundle(tmp_path / "stick", systems, pythons)
    assert "\n" not in str(refused.value) and not (tmp_path / "stick").exists()


@in_a_checkout
def test_a_folder_with_other_things_is_left_alone(tmp_path, no_fetching):
    (tmp_path / "thesis.docx").write_text("mine", encoding="utf-8")
    result = RUN.invoke(app, ["bundle", str(tmp_path)])
    assert result.exit_code == 1 and "not empty" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_wheels_are_chosen_for_the_other_computer(checkout, tmp_path):  # noqa: F811
    with made._tools() as (uv, pip):
        made._fetch(checkout, tmp_path, made.SYSTEMS["windows"], "3.12", uv, pip)
    names = [path.name for path in tmp_path.iterdir()]
    assert any(re.match(r"uv-.*win_amd64", name) for name in names)
    assert any(name.startswith("packaging-") for name in names)
    assert not any("linux" in name or "macos" in name for name in names)


def test_a_first_start_from_a_folder_asks_no_network(checkout, tmp_path):  # noqa: F811
    wheels = tmp_path / "stick" / "wheels"
    system = "macos" if sys.platform == "darwin" else "windows" if os.name == "nt" else "linux"
    wheels.mkdir(parents=True)
    with made._tools() as (uv, pip):
        python = f"{sys.version_info[0]}.{sys.version_info[1]}"
        made._fetch(checkout, wheels, made.SYSTEMS[system], python, uv, pip)
    shutil.rmtree(checkout / ".venv", ignore_errors=True)
    bare = getattr(sys, "_base_executable", sys.executable)
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_"))}
    for arguments in (["lab", "a b", "--from", str(wheels.parent)], ["lab", "a b"]):
        done = subprocess.run(
            [bare, "-m", "alliance_course", *arguments],
            cwd=checkout, capture_output=True, text=True, encoding="utf-8",
            env={**clean, **NOWHERE, "PYTHONUTF8": "1"}, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert "here ['lab', 'a b']" in done.stdout


@pytest.mark.parametrize("given", [["--from", "missing"], ["--from=missing"], ["--from"]])
def test_a_folder_without_packages_is_refused_in_one_line(given):
    with pytest.raises(SystemExit, match="no packages in this folder") as refused:
        first_start.wheels_folder(["lab", *given])
    assert "\n" not in str(refused.value)


def test_other_arguments_are_passed_on(tmp_path):
    (tmp_path / "some.whl").touch()
    found = first_start.wheels_folder(["lab", "here", f"--from={tmp_path}", "--port", "0"])
    assert found == (str(tmp_path), ["lab", "here", "--port", "0"])
    assert first_start.wheels_folder(["doctor"]) == ("", ["doctor"])
    assert first_start.WHEELS == made.WHEELS


def test_the_start_page_names_what_the_program_says():
    page = start_page("https://example.org/course.zip", "https://example.org/course/")
    assert "https://example.org/course.zip" in page and "_____" not in page
    assert "_____" in start_page()
    source = (ROOT / "alliance_tools" / "start" / "first_start.py").read_text(encoding="utf-8")
    source += (ROOT / "alliance_tools" / "start" / "lab.py").read_text(encoding="utf-8")
    source += (ROOT / "alliance_tools" / "start" / "workspace.py").read_text(encoding="utf-8")
    for said in ("This course needs Python 3.11 or newer", "Setting up did not work",
                 "This Python has no pip", "cannot be written to"):  # fmt: skip
        assert said in page and said in source
    for line in ("py -m alliance_course lab", "python3 -m alliance_course doctor"):
        assert line in page


@pytest.mark.skipif(not (ROOT / "instructor").is_dir(), reason="the kit is in the repository only")
def test_nobody_is_told_to_run_a_command_that_they_do_not_have():
    """`alliance-course` is on the path of whoever installed the course, and of nobody else."""
    for path in [ROOT / "README.md", *(ROOT / "instructor").glob("*.md"), *ROOT.glob(
            "notebooks/*.ipynb"), *ROOT.glob("exercises/*.ipynb")]:  # fmt: skip
        assert "alliance-course doctor" not in path.read_text(encoding="utf-8"), path
