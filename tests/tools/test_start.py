"""From a checkout and a bare Python to a running command: `python3 -m alliance_course`."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import alliance_course.__main__ as entry
from alliance_tools.start import first_start as main

# A checkout with one dependency, so that setting it up takes seconds.
PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "alliance-course"
version = "1"
dependencies = ["packaging"]
optional-dependencies = {test = ["alliance-course[more]"], more = ["iniconfig"]}
"""
COMMAND = """
import sys
def main():
    print("here", sys.argv[1:], sys.prefix)
if __name__ == "__main__":
    main()
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    folder = tmp_path_factory.mktemp("start") / "mon cours é"
    package = folder / "alliance_course"
    package.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (package / "__init__.py").write_text("", encoding="utf-8")
    tools = folder / "alliance_tools"
    (tools / "start").mkdir(parents=True)
    for inner in (tools, tools / "start"):
        (inner / "__init__.py").write_text("", encoding="utf-8")
    (tools / "cli.py").write_text(COMMAND, encoding="utf-8")
    shutil.copy(entry.__file__, package)
    shutil.copy(main.__file__, tools / "start")
    return folder


def start(checkout, *arguments, path=""):
    bare = getattr(sys, "_base_executable", sys.executable)
    done = subprocess.run(
        [bare, "-m", "alliance_course", *arguments],
        cwd=checkout,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1", "PATH": path + os.environ["PATH"]},
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"here {list(arguments)}" in done.stdout and str(checkout / ".venv") in done.stdout
    return done.stdout


def test_a_bare_python_sets_the_course_up_once(checkout):
    assert "Setting up the course" in start(checkout, "lab", "a b")
    assert "Setting up" not in start(checkout, "lab")


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
def test_where_uv_fails_pip_installs(checkout, tmp_path):
    (tmp_path / "uv").write_text("#!/bin/sh\necho no such registry >&2\nexit 2\n")
    (tmp_path / "uv").chmod(0o755)
    shutil.rmtree(checkout / ".venv", ignore_errors=True)
    assert "Ready after" in start(checkout, "lab", path=f"{tmp_path}{os.pathsep}")
    log = (checkout / ".venv" / "set-up.log").read_text()
    assert "no such registry" in log and "Successfully installed" in log


def test_tests_bring_their_packages_and_keep_the_environment(checkout):
    kept = checkout / ".venv" / "kept"
    kept.touch()
    assert "Setting up" in start(checkout, "test")
    assert kept.exists()
    for command in ("test", "lab"):
        assert "Setting up" not in start(checkout, command)


@pytest.mark.parametrize("damage", ["killed while setting up", "no Python in it"])
def test_a_half_made_environment_is_made_anew(checkout, damage):
    home = checkout / ".venv"
    home.mkdir(exist_ok=True)
    (home / "left over").touch()
    if damage == "no Python in it":
        shutil.rmtree(home / ("Scripts" if os.name == "nt" else "bin"), ignore_errors=True)
    else:
        (home / "setting-up.log").touch()
    assert "Setting up" in start(checkout, "lab")
    assert not (home / "left over").exists() and not (home / "setting-up.log").exists()


def test_without_pip_it_says_what_to_install(monkeypatch, tmp_path, capsys):
    for name in ("HOME", "UNDER_WAY"):
        monkeypatch.setattr(main, name, str(tmp_path / ".venv" / name))
    monkeypatch.setattr(main, "runs", lambda *command: False)
    monkeypatch.setattr(main, "watch", lambda command, what="": False)
    with pytest.raises(SystemExit, match="has no pip"):
        main.set_up("")


@pytest.mark.parametrize("half", [False, True])
def test_a_failed_installation_shows_its_last_words(monkeypatch, tmp_path, capsys, half):
    home = tmp_path / ".venv"
    for name, path in (("HOME", home), ("UNDER_WAY", home / "a.log"), ("RECORD", home / "b.log")):
        monkeypatch.setattr(main, name, str(path))

    def fail(command, what=""):
        begun = "Installing collected packages: numpy\n" if half else ""
        (home / "a.log").write_text(f"{begun}ERROR: no network\n", encoding="utf-8")
        return False

    home.mkdir()
    monkeypatch.setattr(main, "runs", lambda *command: True)
    monkeypatch.setattr(main, "watch", fail)
    with pytest.raises(SystemExit, match="Setting up did not work"):
        main.set_up("")
    assert "ERROR: no network" in capsys.readouterr().out
    assert (home / "a.log").exists() == half, "only what may be broken is thrown away next time"


def test_an_old_python_can_read_the_first_file():
    """`__main__.py` must be able to tell an old Python that it is too old."""
    source = Path(main.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 5))
    later = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr)
    assert not [node for node in ast.walk(tree) if isinstance(node, later)]
    # imported before the version is looked at
    early = {
        alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names
    }
    assert early == {"os", "shutil", "subprocess", "sys", "time"}


def test_an_old_python_is_told_so(monkeypatch):
    monkeypatch.setattr(main.sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"needs Python 3.11 or newer; this is 3"):
        main.main()
