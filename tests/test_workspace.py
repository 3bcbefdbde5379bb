"""A learner's folder: changed files survive updates, kills, full and read-only disks."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from alliance_course import workspace
from alliance_course.workspace import MANIFEST, FolderError, course_files, deliver

LESSON = "notebooks/01-what-is-the-alliance.ipynb"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "mes leçons"


def test_first_delivery_brings_everything(folder):
    done = deliver(folder)
    assert set(done.new) == set(course_files())
    assert not done.updated and not done.beside
    for name, source in course_files().items():
        assert (folder / name).read_bytes() == source.read_bytes()
    assert deliver(folder) == ([], [], [])


def test_a_changed_lesson_stays_and_the_new_version_arrives_beside_it(
    folder, monkeypatch, tmp_path
):
    deliver(folder)
    (folder / LESSON).write_text("my notes", encoding="utf-8")
    again = deliver(folder)
    assert (folder / LESSON).read_text(encoding="utf-8") == "my notes"
    [(yours, new)] = again.beside
    assert yours == LESSON and "(new " in new
    assert (folder / new).read_bytes() == course_files()[LESSON].read_bytes()
    # the same again does not pile up copies
    deliver(folder)
    assert len(list((folder / "notebooks").glob("01-*"))) == 2
    # a learner who changes the new one too keeps both
    (folder / new).write_text("more notes", encoding="utf-8")
    deliver(folder)
    assert (folder / new).read_text(encoding="utf-8") == "more notes"
    assert len(list((folder / "notebooks").glob("01-*"))) == 3


def test_an_untouched_file_is_brought_up_to_date(folder, monkeypatch, tmp_path):
    deliver(folder)
    newer = tmp_path / "newer.ipynb"
    newer.write_text("a better lesson", encoding="utf-8")
    files = {**course_files(), LESSON: newer}
    monkeypatch.setattr(workspace, "course_files", lambda: files)
    assert deliver(folder).updated == [LESSON]
    assert (folder / LESSON).read_text(encoding="utf-8") == "a better lesson"


@pytest.mark.parametrize("record", ["", "[]", '{"delivered": 3}', '{"delivered"', "\0"])
def test_a_damaged_record_costs_no_file(folder, record):
    deliver(folder)
    (folder / LESSON).write_text("my notes", encoding="utf-8")
    (folder / MANIFEST).write_text(record, encoding="utf-8")
    deliver(folder)
    assert (folder / LESSON).read_text(encoding="utf-8") == "my notes"
    assert "delivered" in json.loads((folder / MANIFEST).read_text(encoding="utf-8"))


def test_killed_at_any_point_nothing_is_lost(folder):
    """Kill real deliveries at many moments; a changed lesson and every whole file survive."""
    deliver(folder)
    (folder / LESSON).write_text("my notes", encoding="utf-8")
    code = (
        "import sys; from pathlib import Path; from alliance_course.workspace import deliver\n"
        "print('go', flush=True)\n"
        "for _ in range(1000): deliver(Path(sys.argv[1]))"
    )
    whole = {name: path.read_bytes() for name, path in course_files().items()}
    kills = 0
    for moment in range(25):
        for name in list(whole)[moment % 3 :: 3]:
            if name != LESSON:
                (folder / name).unlink(missing_ok=True)
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True
        )
        process.stdout.readline()
        time.sleep(0.0017 * moment)
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
        assert (folder / LESSON).read_text(encoding="utf-8") == "my notes"
        for name, data in whole.items():
            path = folder / name
            assert name == LESSON or not path.exists() or path.read_bytes() == data, name
    assert kills >= 20
    deliver(folder)
    assert not list(folder.rglob(".writing-*"))
    assert all((folder / name).exists() for name in whole)


def test_a_file_in_the_way_is_said_in_one_sentence(tmp_path):
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    with pytest.raises(FolderError, match="not a folder") as caught:
        deliver(tmp_path / "taken")
    assert "\n" not in str(caught.value)
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError(13, "Permission denied"), "cannot be written"),
        (OSError(28, "No space left"), "make room"),
    ],
)
def test_a_read_only_or_full_disk_is_said_in_one_sentence(folder, monkeypatch, error, words):
    deliver(folder)
    (folder / LESSON).write_text("my notes", encoding="utf-8")
    (folder / "datasets/clients.csv").unlink()

    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(workspace.tempfile, "mkstemp", fail)
    with pytest.raises(FolderError, match=words) as caught:
        deliver(folder)
    assert "\n" not in str(caught.value)
    assert (folder / LESSON).read_text(encoding="utf-8") == "my notes"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_really_read_only_folder(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(FolderError, match="cannot be written"):
        deliver(tmp_path / "course")
    tmp_path.chmod(0o700)


def test_hidden_files_and_answers_are_not_delivered():
    names = [Path(name).name for name in course_files()]
    assert not [name for name in names if name.startswith(".") or name.startswith("progress")]
