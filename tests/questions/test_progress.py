import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest
from shared import guess

from alliance_course import folders
from alliance_course.questions import progress
from alliance_course.questions.progress import (
    export_progress,
    import_progress,
    read_progress,
    record,
    record_answer,
)


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "_waiting", {})
    monkeypatch.setattr(progress, "_told", set())
    monkeypatch.setenv("ALLIANCE_PROGRESS", str(tmp_path / "progress.json"))
    return tmp_path / "progress.json"


def test_guesses_and_answers_are_kept_readably(file):
    assert guess("L01.P1", "a") == ""
    assert record_answer("L00.Q1", "misunderstanding", "counted sessions") == ""
    assert record_answer("L00.Q1", "right") == ""
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert kept["guesses"]["L01.P1"]["guess"] == "a"
    answer = kept["answers"]["L00.Q1"]
    assert (answer["state"], answer["tries"]) == ("right", 2)
    assert answer["wrong"] == {"counted sessions": 1}
    assert kept == read_progress()


def test_a_guess_can_be_changed_and_the_later_one_stays_whoever_brings_it(file):
    guess("L00.P1", 40)
    earlier = read_progress()
    guess("L00.P1", 24)
    record(earlier)
    assert read_progress()["guesses"]["L00.P1"]["guess"] == 24


def test_the_best_try_counts_and_curiosity_afterwards_is_kept_apart(file):
    record_answer("L00.Q1", "misunderstanding", "counted sessions", "9000")
    record_answer("L00.Q1", "right", "", "600")
    record_answer("L00.Q1", "misunderstanding", "off by one", "599")
    kept = read_progress()["answers"]["L00.Q1"]
    assert (kept["state"], kept["answer"], kept["tries"]) == ("right", "600", 3)
    assert kept["wrong"] == {"counted sessions": 1} and kept["explored"] == {"off by one": 1}


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.delenv("ALLIANCE_PROGRESS", raising=False)
    monkeypatch.setattr(progress, "_waiting", {})
    for part in ("notebooks", "exercises"):
        (tmp_path / part).mkdir()
    return tmp_path


def test_lessons_and_practice_keep_one_record_also_from_elsewhere(course, monkeypatch):
    for part, name in (("notebooks", "L00.Q1"), ("exercises", "L01.T1")):
        monkeypatch.chdir(course / part)
        record_answer(name, "right")
    monkeypatch.setenv("JPY_SESSION_NAME", str(course / "notebooks" / "01.ipynb"))
    (course / "notebooks" / "deep").mkdir()
    monkeypatch.chdir(course.parent)
    record_answer("L02.Q1", "right")
    assert [path.name for path in course.rglob("*.json")] == ["progress.json"]
    kept = json.loads((course / "progress.json").read_text(encoding="utf-8"))
    assert list(kept["answers"]) == ["L00.Q1", "L01.T1", "L02.Q1"]


def test_the_two_records_of_earlier_versions_are_taken_over_and_kept_aside(course, monkeypatch):
    for part, name in (("notebooks", "L00.Q1"), ("exercises", "L01.T1")):
        old = {"version": 2, "guesses": {}, "answers": {name: {"state": "right", "tries": 2}}}
        (course / part / "progress.json").write_text(json.dumps(old), encoding="utf-8")
    (course / "notebooks" / "progress.json.note").write_text("mine", encoding="utf-8")
    monkeypatch.chdir(course / "notebooks")
    assert list(read_progress()["answers"]) == ["L00.Q1", "L01.T1"], "also before anything is kept"
    record_answer("L02.Q1", "right")
    kept = json.loads((course / "progress.json").read_text(encoding="utf-8"))
    assert kept["answers"]["L01.T1"]["tries"] == 2 and len(kept["answers"]) == 3
    assert len(list(course.rglob("progress.json"))) == 1
    assert len(list(course.rglob("progress.json.taken-over"))) == 2


def test_the_file_stands_in_the_working_folder_by_default(file, tmp_path, monkeypatch):
    monkeypatch.delenv("ALLIANCE_PROGRESS")
    monkeypatch.chdir(tmp_path)
    guess("L00.P1", 40)
    assert file.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"version": 2}',
        b'{"version": 1, "guesses": 3}',
        b'{"version": "two", "guesses": {}, "answers": {}}',
        b'{"version": 2, "guesses": {}, "answers": {"L00.Q1": {"tries": "many"}}}',
        b'{"version": 2, "guesses": {"L00.P1": 3}, "answers": {}}',
    ],
)
def test_a_damaged_file_is_kept_aside_and_said(file, content):
    file.write_bytes(content)
    note = guess("L00.P1", 40)
    aside = file.with_name("progress.json.damaged-1")
    assert aside.read_bytes() == content
    assert aside.name in note and "starts" in note
    assert read_progress()["guesses"]["L00.P1"]["guess"] == 40
    assert file.exists()


def test_a_second_damaged_file_does_not_replace_the_first(file):
    for content in (b"one", b"two"):
        file.write_bytes(content)
        read_progress()
    names = {path.name: path.read_bytes() for path in file.parent.iterdir()}
    assert names == {"progress.json.damaged-1": b"one", "progress.json.damaged-2": b"two"}


def test_a_file_from_a_newer_course_is_left_alone(file):
    content = b'{"version": 3, "other": true}'
    file.write_bytes(content)
    assert "newer version" in guess("L00.P1", 40)
    assert file.read_bytes() == content
    assert read_progress()["guesses"]["L00.P1"]["guess"] == 40


def test_a_folder_that_cannot_be_written_is_said_once_and_nothing_is_lost(file, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as read_only:
        read_only.setattr(folders.tempfile, "mkstemp", refuse)
        assert "Read-only file system" in record_answer("L00.Q1", "not yet")
        assert record_answer("L00.Q1", "right") == ""
        assert "Read-only" in guess("L00.P1", 40), "a page is told each time that it is not saved"
        kept = read_progress()
        assert kept["guesses"]["L00.P1"]["guess"] == 40
        assert kept["answers"]["L00.Q1"]["tries"] == 2
        assert not file.exists()
    guess("L01.P1", "a")
    assert set(json.loads(file.read_text())["guesses"]) == {"L00.P1", "L01.P1"}


def test_a_full_disk_leaves_the_old_file(file, monkeypatch):
    guess("L00.P1", 40)
    before = file.read_bytes()

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folders.os, "fsync", full)
    assert "No space left" in guess("L01.P1", "a")
    assert file.read_bytes() == before
    left = {path.name for path in file.parent.iterdir()}
    assert left - {".progress.json.lock"} == {"progress.json"}


def test_export_and_import_carry_progress_elsewhere(file, tmp_path):
    guess("L00.P1", 40)
    record_answer("L00.Q1", "right")
    exported = export_progress(tmp_path / "mine.json")
    with pytest.raises(ValueError, match="exists already"):
        export_progress(exported)
    other = tmp_path / "other.json"
    guess("L01.P1", "b", other)
    assert import_progress(exported, path=other).startswith("2 ")
    assert set(read_progress(other)["guesses"]) == {"L00.P1", "L01.P1"}
    assert import_progress(exported, path=other).startswith("0 ")


def test_import_keeps_the_newer_entry(file, tmp_path):
    record_answer("L00.Q1", "right")
    older = {"version": 2, "guesses": {}, "answers": {"L00.Q1": {"state": "not yet", "at": "2020"}}}
    (tmp_path / "older.json").write_text(json.dumps(older), encoding="utf-8")
    import_progress(tmp_path / "older.json")
    assert read_progress()["answers"]["L00.Q1"]["state"] == "right"


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"version": 9}', b"[1]"])
def test_import_of_something_else_changes_nothing(file, tmp_path, content):
    guess("L00.P1", 40)
    before = file.read_bytes()
    if content is not None:
        (tmp_path / "odd.json").write_bytes(content)
    with pytest.raises(ValueError, match="holds no progress"):
        import_progress(tmp_path / "odd.json")
    assert file.read_bytes() == before


def test_an_old_leftover_is_cleared_away(file):
    leftover = file.with_name(".progress.json.abc.writing")
    leftover.write_text("half")
    os.utime(leftover, (1, 1))
    guess("L00.P1", 40)
    assert not leftover.exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_random_points_the_file_is_always_readable(file):
    """200 writers are killed somewhere in the middle; the file stays whole and only grows."""
    code = (
        "import os, time\n"
        "from alliance_course.questions import progress as p\n"
        "p.record_answer('L00.Q1', 'not yet')\n"
        "for _ in range(200):\n"
        "    if os.fork() == 0:\n"
        "        while True:\n"
        "            p.record_answer('L00.Q1', 'not yet', 'counted sessions' * 500)\n"
        "    print(flush=True)\n"
        "    input()\n"
    )
    rng = random.Random(7)
    most = 0
    runner = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    children = f"/proc/{runner.pid}/task/{runner.pid}/children"
    try:
        for _ in range(200):
            runner.stdout.readline()
            time.sleep(rng.uniform(0.001, 0.02))
            with open(children) as listed:
                writer = int(listed.read().split()[-1])
            os.kill(writer, signal.SIGKILL)
            if file.exists():
                tries = json.loads(file.read_text(encoding="utf-8"))["answers"]["L00.Q1"]["tries"]
                assert tries >= most
                most = tries
            runner.stdin.write("\n")
            runner.stdin.flush()
    finally:
        runner.kill()
        runner.wait()
    assert most > 20
    assert not list(file.parent.glob("*.damaged-*"))


WRITER = """
import sys
from alliance_course.questions.progress import record_answer
name, count = sys.argv[1], int(sys.argv[2])
for number in range(count):
    assert record_answer(f"L00.Q{name}{number:03d}", "right") == ""
    print(f"L00.Q{name}{number:03d}", flush=True)
"""


def test_four_writers_at_once_lose_no_answer_that_was_acknowledged(file):
    """Four processes answer 200 questions each into one file; two of them are killed on the way."""
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, name, "200"], stdout=subprocess.PIPE, text=True
        )
        for name in "abcd"
    ]
    said = {}
    for kill_after, writer in zip((40, 90, None, None), writers, strict=True):
        lines = []
        for line in writer.stdout:
            lines.append(line.strip())
            if len(lines) == kill_after:
                writer.kill()
        said[writer] = lines
    for writer in writers:
        writer.wait()
    kept = read_progress()["answers"]
    assert [len(lines) for lines in said.values()][2:] == [200, 200]
    missing = [name for lines in said.values() for name in lines if name not in kept]
    assert not missing


def test_two_windows_neither_loses_what_the_other_has_saved(file, monkeypatch):
    record_answer("L00.Q1", "right")
    with monkeypatch.context() as full:
        full.setattr(folders.os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
        assert "full" in record_answer("L01.Q1", "right")
    other = (
        "from alliance_course.questions.progress import record_answer as r; r('L02.Q1', 'right')"
    )
    subprocess.run([sys.executable, "-c", other], check=True)
    record_answer("L03.Q1", "right")
    assert set(read_progress()["answers"]) == {"L00.Q1", "L01.Q1", "L02.Q1", "L03.Q1"}


def test_a_read_error_passes(file, monkeypatch):
    record_answer("L00.Q1", "right")
    with monkeypatch.context() as broken:
        broken.setattr(progress, "read_json", lambda _: (_ for _ in ()).throw(OSError(5, "error")))
        assert "cannot be read" in record_answer("L01.Q1", "right")
    record_answer("L02.Q1", "right")
    assert set(json.loads(file.read_text())["answers"]) == {"L00.Q1", "L01.Q1", "L02.Q1"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_that_an_editor_has_saved_is_read(file, encoding):
    guess("L00.P1", 40)
    text = file.read_text(encoding="utf-8")
    mark = "\ufeff" if encoding.endswith(("le", "be")) else ""
    file.write_bytes((mark + text).encode(encoding))
    assert guess("L01.P1", "a") == ""
    assert set(read_progress()["guesses"]) == {"L00.P1", "L01.P1"}
    assert not list(file.parent.glob("*.damaged-*"))


def test_a_lone_surrogate_is_no_traceback(file):
    assert guess("L01.P1", "a\ud800") == ""
    assert read_progress()["guesses"]["L01.P1"]["guess"].startswith("a")


def test_where_locks_do_not_work_answers_are_kept_all_the_same(file, monkeypatch):
    import filelock

    def refuse(*args, **kwargs):
        raise NotImplementedError("no locks here")

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    assert record_answer("L00.Q1", "right") == ""
    assert "L00.Q1" in json.loads(file.read_text())["answers"]
