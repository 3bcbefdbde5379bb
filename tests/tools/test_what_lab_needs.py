"""What stands in the lab's way is said in one sentence with its cause and a way on."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from alliance_course import folders
from alliance_course.folders import CourseFileError
from alliance_tools.cli import app
from alliance_tools.start import doctor, lab, workspace
from alliance_tools.start.kernel import OwnKernels
from alliance_tools.start.workspace import FolderError, course_files, deliver

posix = pytest.mark.skipif(os.name == "nt", reason="told otherwise on Windows")
LESSON = "notebooks/01-what-is-the-alliance.ipynb"


def refused(folder):
    """What `lab` says to a folder that it cannot use: one line, and no traceback."""
    said = CliRunner().invoke(app, ["lab", str(folder), "--no-browser", "--port", "0"])
    assert said.exit_code == 1 and len(said.output.splitlines()) == 1, said.output
    assert said.exception is None or isinstance(said.exception, SystemExit)
    return said.output


@posix
def test_names_that_no_disk_takes(tmp_path):
    assert "is too long" in refused(tmp_path / ("x" * 300))
    assert "is too long" in refused(tmp_path / ("é" * 200))
    assert "is too long" in refused(tmp_path / "/".join(["y" * 200] * 30))
    assert "names nobody" in refused("~nobody-of-this-name/course")


def test_a_name_with_a_zero_in_it_is_no_name(tmp_path):
    with pytest.raises(FolderError, match="is no name for a folder"):
        deliver(tmp_path / "a\0b")


def test_a_file_for_a_folder_and_a_folder_for_a_file(tmp_path):
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    assert "is a file, not a folder" in refused(tmp_path / "mine")
    assert "is a file, not a folder" in refused(tmp_path / "mine" / "course")
    (tmp_path / "course" / LESSON).mkdir(parents=True)
    said = refused(tmp_path / "course")
    assert "is a folder, and the course has a file of this name" in said and "01-what" in said
    (tmp_path / "other" / ".alliance-course.json").mkdir(parents=True)
    assert "is a folder, and the course has a file of this name" in refused(tmp_path / "other")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (FileNotFoundError(2, "No such file or directory"), "is the drive still connected"),
        (OSError(28, "No space left on device"), "make room"),
        (OSError(5, "Input/output error"), "could not be written (Input/output error)"),
        (OSError(30, "Read-only file system"), "Read-only file system"),
        (OSError(None, None), "could not be written"),
    ],
)
def test_each_cause_has_its_own_sentence(tmp_path, monkeypatch, error, words):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(folders.tempfile, "mkstemp", fail)
    said = refused(tmp_path / "course")
    assert words in said and ("make room" in said) == (error.errno == 28)


@posix
def test_a_locked_lesson_of_the_learner_is_named(tmp_path):
    """One file that cannot be opened is not the whole folder."""
    folder = tmp_path / "course"
    deliver(folder)
    original = type(folder).read_bytes

    def locked(path):
        if path == folder / LESSON:
            raise PermissionError(13, "Permission denied", str(path))
        return original(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(folder), "read_bytes", locked)
        said = refused(folder)
    assert "01-what-is" in said and "close the program that holds it" in said


def test_a_lesson_of_the_courses_own_that_cannot_be_read_is_the_courses_fault(
    tmp_path, monkeypatch
):
    files = {**course_files(), LESSON: tmp_path / "gone.ipynb"}
    monkeypatch.setattr(workspace, "course_files", lambda: files)
    with pytest.raises(CourseFileError, match=r"gone\.ipynb is not as it was delivered"):
        deliver(tmp_path / "course")


@posix
@pytest.mark.parametrize("command", [["lab", "--no-browser", "--port", "0"], ["doctor"]])
def test_a_working_folder_that_is_gone(tmp_path, command):
    gone = tmp_path / "gone"
    gone.mkdir()
    code = (
        "import os, sys; os.chdir(sys.argv[1]); os.rmdir(sys.argv[1])\n"
        "from alliance_tools.start import doctor\n"
        "doctor.CHECKS = {'here': doctor._folder}\n"
        "from alliance_tools.cli import app; app(sys.argv[2:])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(gone), *command], capture_output=True, text=True
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "go to another one" in done.stdout + done.stderr


def start(folder, environment, *before, wait=240):
    """Start `lab` for real; what it says until it serves or ends."""
    log = folder.with_name("lab.log")
    command = [*before, sys.executable, "-m", "alliance_tools.cli", "lab", str(folder)]
    with log.open("w") as stream:
        server = subprocess.Popen(
            [*command, "--no-browser", "--port", "0"],
            stdout=stream, stderr=stream, env=os.environ | environment,
        )  # fmt: skip
    deadline = time.monotonic() + wait
    while server.poll() is None and time.monotonic() < deadline:
        if "To stop the course" in log.read_text():
            break
        time.sleep(0.2)
    serves = server.poll() is None
    server.send_signal(signal.SIGTERM)
    server.wait(20)
    return serves, log.read_text()


@posix
def test_a_home_that_cannot_be_written_to_keeps_nobody_from_the_lab(tmp_path):
    without = []
    if os.geteuid() == 0:
        without = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
        if shutil.which("setpriv") is None:
            pytest.skip("root may write everywhere, and there is no setpriv")
    home = tmp_path / "home"
    home.mkdir(mode=0o500)
    environment = {"HOME": str(home), "JUPYTER_RUNTIME_DIR": "", "XDG_RUNTIME_DIR": ""}
    serves, said = start(tmp_path / "course", environment, *without)
    assert serves and "Traceback" not in said, said
    assert "cannot be written to: JupyterLab's own settings are forgotten" in said
    assert not list(home.iterdir())


BAD_SETTINGS = {
    "a missing class": "c.ServerApp.contents_manager_class = 'nowhere.Manager'",
    "a missing certificate": "c.ServerApp.certfile = '/nowhere/cert.pem'",
    "a wrong value": "c.ServerApp.port = 'eight'",
}


@pytest.mark.parametrize("kind", BAD_SETTINGS)
def test_somebodys_own_settings_are_named_as_the_cause(tmp_path, kind):
    settings = tmp_path / "config"
    settings.mkdir()
    file = settings / "jupyter_server_config.py"
    file.write_text(BAD_SETTINGS[kind], encoding="utf-8")
    environment = {"JUPYTER_CONFIG_DIR": str(settings)}
    if kind != "a missing class":
        code = "from alliance_tools.start.lab import try_out; try_out()"
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True, text=True, env=os.environ | environment,
        )  # fmt: skip
        # a value that the course sets itself does no harm
        assert (done.returncode == 0) == (kind == "a wrong value"), done.stderr
        assert "Traceback" not in done.stderr
        return
    serves, said = start(tmp_path / "course", environment)
    assert not serves and "Traceback" not in said, said
    assert str(file) in said and "nowhere" in said and "--plain" in said
    [line] = [line for line in said.splitlines() if "does not start" in line]
    assert line.endswith(".")


def test_doctor_tries_what_the_lab_does(tmp_path, monkeypatch):
    (tmp_path / "jupyter_server_config.py").write_text(BAD_SETTINGS["a missing class"])
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    monkeypatch.setattr(doctor, "CHECKS", {"JupyterLab gets ready": doctor._jupyter})
    [finding] = doctor.diagnose()
    assert not finding.well and "nowhere" in finding.advice


def test_a_stale_kernel_of_another_installation_is_not_used_and_is_named(tmp_path, monkeypatch):
    stale = tmp_path / "kernels" / "python3"
    stale.mkdir(parents=True)
    argv = ["/gone/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Python 3", "language": "python"}
    (stale / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    kernels = OwnKernels()
    assert kernels.get_kernel_spec("python3").argv[0] == sys.executable
    assert kernels.get_all_specs()["python3"]["spec"]["argv"][0] == sys.executable
    monkeypatch.setattr(doctor, "CHECKS", {"kernel": doctor._kernel, "lesson 00": doctor._lesson})
    kernel, lesson = doctor.diagnose()
    assert kernel.well and str(stale) in kernel.advice
    assert lesson.well, "lesson 00 runs in the course's own Python"


def test_a_port_in_use_and_a_missing_browser_are_said(monkeypatch):
    import socket
    import webbrowser

    def none():
        raise webbrowser.Error("no browser")

    monkeypatch.setattr(webbrowser, "get", none)
    checks = {"port": doctor._port, "browser": doctor._browser}
    monkeypatch.setattr(doctor, "CHECKS", checks)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setattr(lab, "PORT", other.getsockname()[1])
        port, browser = doctor.diagnose()
    assert not port.well and "is in use" in port.advice
    assert browser.well and "open the address" in browser.advice
