"""The command line, as somebody meets it who has never used one."""

import socket
import subprocess
import sys

import pytest
from click.testing import CliRunner

from alliance_tools.cli import app
from alliance_tools.start import doctor

run = CliRunner().invoke


def test_help_is_plain():
    text = run(app, ["--help"]).output
    for command in ("lab", "doctor", "datasets", "calibrate"):
        assert command in text
    assert "browser" in text


def test_datasets_are_listed_with_a_line_each_and_described():
    listed = run(app, ["datasets"]).output
    for name in ("clients", "sessions", "items", "published_effects"):
        assert name in listed
    card = run(app, ["datasets", "clients"]).output
    assert "Simulated: not evidence" in card and "outcome" in card and "0" in card
    wrong = run(app, ["datasets", "client"])
    assert wrong.exit_code == 1 and "clients" in wrong.output


def test_a_port_in_use_is_said_and_nothing_is_touched(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = run(app, ["lab", str(tmp_path / "course"), "--no-browser", "--port", str(port)])
    assert said.exit_code == 1
    assert f"Port {port} is in use" in said.output and len(said.output.splitlines()) == 1
    assert not (tmp_path / "course").exists()
    assert run(app, ["lab", str(tmp_path), "--port", "99999"]).exit_code == 1


def test_a_file_in_the_way_of_the_folder_is_said(tmp_path):
    (tmp_path / "course").write_text("mine", encoding="utf-8")
    said = run(app, ["lab", str(tmp_path / "course"), "--no-browser", "--port", "0"])
    assert said.exit_code == 1 and "not a folder" in said.output


def test_doctor_runs_lesson_00_for_real(monkeypatch):
    # whether the port is free and a browser opens depends on the machine that tests
    for name in ("the port of the course is free", "a browser opens"):
        monkeypatch.setitem(doctor.CHECKS, name, lambda: "")
    said = run(app, ["doctor"])
    assert said.exit_code == 0, said.output
    assert said.output.count("well ") == len(doctor.CHECKS)
    assert "lesson 00 runs" in said.output


def test_doctor_says_what_to_do(monkeypatch):
    def broken():
        raise RuntimeError("no such thing")

    monkeypatch.setattr(doctor, "CHECKS", {"it": broken, **dict([*doctor.CHECKS.items()][:1])})
    found = {finding.name: finding for finding in doctor.diagnose()}
    assert not found["it"].well and "no such thing" in str(found["it"])
    assert found["Python is new enough"].well


@pytest.mark.parametrize("arguments", [["--versions"], ["lab", "--folder"]])
def test_a_wrong_option_is_answered_with_a_hint(arguments):
    said = run(app, arguments)
    assert said.exit_code == 2 and "No such option" in said.output


def test_the_module_can_be_run():
    said = subprocess.run(
        [sys.executable, "-m", "alliance_course", "datasets"], capture_output=True, text=True
    )
    assert said.returncode == 0 and "clients" in said.stdout


def test_the_command_line_answers_before_pandas_and_widgets_are_there():
    code = (
        "import sys, alliance_tools.cli\n"
        "print({'pandas', 'anywidget', 'IPython', 'jupyterlab'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
