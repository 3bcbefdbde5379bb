"""A learner's folder: changed files survive updates, kills, full and read-only disks."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from alliance_course import folders
from alliance_tools.start import workspace
from alliance_tools.start.alive import STATE, VIEW, is_alive
from alliance_tools.start.first_page import HOME
from alliance_tools.start.workspace import (
    MANIFEST,
    FolderError,
    course_files,
    deliver,
    delivered_form,
)

LESSON = "notebooks/01-what-is-the-alliance.ipynb"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "mes leçons"


def test_first_delivery_brings_everything(folder):
    done = deliver(folder)
    assert set(done.new) == {*course_files(), HOME}
    assert not done.updated and not done.beside
    for name, source in course_files().items():
        assert (folder / name).read_bytes() == delivered_form(name, source.read_bytes())
    assert deliver(folder) == ([], [], [])


def test_what_a_hub_has_made_before_is_copied_and_nothing_else(folder, tmp_path, monkeypatch):
    ready, made = tmp_path / "ready", []
    deliver(ready)
    monkeypatch.setattr(
        workspace,
        "delivered_form",
        lambda name, data: made.append(name) or delivered_form(name, data),
    )
    deliver(folder, ready=ready)
    assert not made
    for name in [*course_files(), HOME]:
        assert (folder / name).read_bytes() == (ready / name).read_bytes()
    # changed there, gone there, or not what was asked for: it is made here
    (ready / LESSON).write_text("somebody was here", encoding="utf-8")
    (ready / HOME).unlink()
    other = tmp_path / "without solutions"
    deliver(other, ready=ready, solutions=False)
    assert {LESSON, HOME} < set(made)
    assert all(name in (LESSON, HOME) or name.startswith("exercises/") for name in made)
    assert (other / LESSON).read_bytes() == (folder / LESSON).read_bytes()
    assert "Worked solution" not in (other / "exercises/01-practice.ipynb").read_text("utf-8")
    nowhere = tmp_path / "nobody's"
    deliver(nowhere, ready=tmp_path / "not there")
    assert (nowhere / LESSON).read_bytes() == (folder / LESSON).read_bytes()


def test_a_changed_lesson_stays_and_the_new_version_arrives_beside_it(
    folder, monkeypatch, tmp_path
):
    deliver(folder)
    (folder / LESSON).write_text("my notes", encoding="utf-8")
    again = deliver(folder)
    assert (folder / LESSON).read_text(encoding="utf-8") == "my notes"
    [(yours, new)] = again.beside
    assert yours == LESSON and "(new " in new
    assert (folder / new).read_bytes() == delivered_form(
        LESSON, course_files()[LESSON].read_bytes()
    )
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


def sources(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


def test_a_lesson_that_was_run_or_written_in_stays_and_no_copy_arrives(folder):
    deliver(folder)
    notebook = nbformat.read(folder / LESSON, as_version=4)
    notebook.cells[0].source += " My notes."
    nbformat.write(notebook, folder / LESSON)
    before = (folder / LESSON).read_bytes()
    assert deliver(folder) == ([], [], [])
    assert (folder / LESSON).read_bytes() == before


def test_a_lesson_that_was_run_is_alive_again_at_the_next_start(folder):
    deliver(folder)
    notebook = nbformat.read(folder / LESSON, as_version=4)
    cell = next(cell for cell in notebook.cells if "ac.predict" in cell.source)
    view = next(output for output in cell.outputs if VIEW in output.data)
    view.data[VIEW]["model_id"] = "of a kernel that is gone"
    nbformat.write(notebook, folder / LESSON)
    before = sources(folder / LESSON)
    assert not is_alive(notebook)
    assert deliver(folder) == ([], [], [])
    assert is_alive(nbformat.read(folder / LESSON, as_version=4))
    assert sources(folder / LESSON) == before


def test_a_changed_lesson_keeps_its_text_and_gets_the_state_of_new_cards(folder, monkeypatch):
    deliver(folder)
    notebook = nbformat.read(folder / LESSON, as_version=4)
    notebook.cells[0].source += " My notes."
    notebook.metadata.pop("widgets")
    nbformat.write(notebook, folder / LESSON)
    NotebookNotary().sign(notebook)
    monkeypatch.setattr(workspace, "fingerprint", lambda: "newer cards")
    before = sources(folder / LESSON)
    assert deliver(folder).beside == []
    assert sources(folder / LESSON) == before and before[0].endswith("My notes.")
    fresh = nbformat.read(folder / LESSON, as_version=4)
    # four cards and explorers and the one to hand in, each with its layout
    assert len(fresh.metadata["widgets"][STATE]["state"]) == 10
    assert NotebookNotary().check_signature(fresh)


def test_each_lesson_and_practice_leads_on_and_says_that_nothing_has_to_be_run(folder):
    deliver(folder)
    for name in course_files():
        if not name.endswith(".ipynb"):
            continue
        first = sources(folder / name)[0]
        for target in re.findall(r"\]\(([^)#]+\.ipynb)", first.split("\n")[0]):
            assert (folder / name).parent.joinpath(target).resolve().is_file(), (name, target)
        assert first.startswith("[Home](../Home.ipynb) · lesson ")
        if not re.search("/(00|12)-", name):
            assert "nothing has to be run" in first or "Answer in the card" in first, name


def test_the_courses_notebooks_are_trusted_and_others_are_not(folder):
    deliver(folder)
    for name in course_files():
        if name.endswith(".ipynb"):
            notebook = nbformat.read(folder / name, as_version=4)
            assert NotebookNotary().check_signature(notebook), name
    notebook.cells[0].source = "from elsewhere"
    assert not NotebookNotary().check_signature(notebook)


@pytest.mark.parametrize("record", ["", "[]", '{"delivered": 3}', '{"delivered"', "\0"])
def test_a_damaged_record_costs_no_file(folder, record):
    deliver(folder)
    (folder / LESSON).write_text("my notes", encoding="utf-8")
    (folder / MANIFEST).write_text(record, encoding="utf-8")
    deliver(folder)
    assert (folder / LESSON).read_text(encoding="utf-8") == "my notes"
    assert "delivered" in json.loads((folder / MANIFEST).read_text(encoding="utf-8"))


# For each number that it reads: delivers a made-up course in a child that kills itself when the
# interpreter is about to do its n-th thing that an audit hook sees (open, rename, chmod, mkdir,
# remove a file), and prints the child's exit code.
KILLED = """
import os, signal, sys, tempfile
from pathlib import Path
from alliance_tools.start import workspace
source, folder = Path(sys.argv[1]), Path(sys.argv[2])
workspace.course_files = lambda: {f"notebooks/{p.name}": p for p in sorted(source.iterdir())}
with tempfile.TemporaryDirectory() as other:
    workspace.deliver(Path(other))  # all that is imported on the way is there now
seen = 0
def hook(event, args):
    global seen
    if event == "open" or event.startswith(("os.", "tempfile.", "shutil.")):
        seen += 1
        if seen == point:
            os.kill(os.getpid(), signal.SIGKILL)
for line in sys.stdin:
    point = int(line)
    child = os.fork()
    if child == 0:
        sys.addaudithook(hook)
        workspace.deliver(folder)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_at_any_point_nothing_is_lost(folder, tmp_path, monkeypatch):
    """Kill the delivery before each single thing that it does to the disk; then run it again."""
    old, new = tmp_path / "old", tmp_path / "new"
    for version in (old, new):
        version.mkdir()
        for name in ("changed", "fresh", "same", "stale"):
            if (version, name) != (old, "fresh"):
                kind = "same" if name == "same" else version.name
                (version / f"{name}.ipynb").write_text(f"{name} {kind} " * 9999, encoding="utf-8")

    def made_up(source):
        return {f"notebooks/{path.name}": path for path in source.iterdir()}

    command = [sys.executable, "-c", KILLED, str(new), str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    point, code = 0, -signal.SIGKILL
    with subprocess.Popen(command, **pipes) as deliverer:
        while code == -signal.SIGKILL:
            point += 1
            shutil.rmtree(folder, ignore_errors=True)
            monkeypatch.setattr(workspace, "course_files", lambda: made_up(old))
            deliver(folder)
            mine = folder / "notebooks/changed.ipynb"
            mine.write_text("my notes", encoding="utf-8")
            print(point, file=deliverer.stdin, flush=True)
            code = int(deliverer.stdout.readline())
            monkeypatch.setattr(workspace, "course_files", lambda: made_up(new))
            for again in (False, True):
                if again:
                    deliver(folder)
                assert mine.read_text(encoding="utf-8") == "my notes"
                for name in ("fresh", "same", "stale"):
                    path = folder / f"notebooks/{name}.ipynb"
                    versions = (new,) if again else (old, new)
                    whole = [
                        (v / path.name).read_bytes() for v in versions if (v / path.name).exists()
                    ]
                    absent_before = name == "fresh" and not again and not path.exists()
                    assert absent_before or path.read_bytes() in whole, (point, name)
            beside = [path for path in (folder / "notebooks").iterdir() if "(new " in path.name]
            assert [path.read_bytes() for path in beside] == [(new / "changed.ipynb").read_bytes()]
            assert not list(folder.rglob("*.writing"))
    assert code == 0 and point > 20


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("arrived", [1, 4, 9])
def test_the_command_killed_while_files_arrive(folder, arrived):
    (folder / LESSON).parent.mkdir(parents=True)
    (folder / LESSON).write_text("my notes", encoding="utf-8")
    command = [sys.executable, "-m", "alliance_tools.cli", "lab", str(folder)]
    process = subprocess.Popen([*command, "--no-browser", "--port", "0"], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while sum(path.is_file() for path in folder.rglob("[!.]*")) <= arrived:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.0005)
    process.kill()
    process.wait()
    sources = course_files()
    for name, source in sources.items():
        path = folder / name
        assert (
            name == LESSON
            or not path.exists()
            or path.read_bytes() == delivered_form(name, source.read_bytes())
        )
    deliver(folder)
    assert (folder / LESSON).read_text(encoding="utf-8") == "my notes"
    assert all((folder / name).exists() for name in sources)
    assert not list(folder.rglob("*.writing"))


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

    monkeypatch.setattr(folders.tempfile, "mkstemp", fail)
    with pytest.raises(FolderError, match=words) as caught:
        deliver(folder)
    assert "\n" not in str(caught.value)
    assert (folder / LESSON).read_text(encoding="utf-8") == "my notes"


def _lab(folder, *before, **options):
    """The real command on a folder that it cannot use."""
    command = [*before, sys.executable, "-m", "alliance_tools.cli", "lab", str(folder)]
    said = subprocess.run(
        [*command, "--no-browser", "--port", "0"],
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )
    assert said.returncode == 1 and said.stdout == ""
    assert len(said.stderr.splitlines()) == 1
    return said.stderr


@pytest.mark.skipif(os.name == "nt", reason="permissions work otherwise on Windows")
def test_a_really_read_only_folder(folder):
    without = []
    if os.geteuid() == 0:
        # root may write everywhere, unless that power is given up
        without = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
        if shutil.which("setpriv") is None:
            pytest.skip("root may write everywhere, and there is no setpriv")
    folder.mkdir(mode=0o500)
    try:
        assert "cannot be written to" in _lab(folder, *without)
        assert "cannot be written to" in _lab(folder / "new", *without)
        assert not list(folder.iterdir())
    finally:
        folder.chmod(0o700)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
def test_a_disk_that_is_really_full(folder):
    """The largest file does not fit: a limit on size fails in mid-write, as a full disk does."""
    import resource

    limit = max(path.stat().st_size for path in course_files().values()) - 1
    (folder / LESSON).parent.mkdir(parents=True)
    (folder / LESSON).write_text("my notes", encoding="utf-8")
    said = _lab(folder, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit,) * 2))
    assert "make room" in said
    assert (folder / LESSON).read_text(encoding="utf-8") == "my notes"
    assert not list(folder.rglob("*.writing"))


def test_a_file_where_a_lesson_folder_should_be(folder):
    folder.mkdir()
    (folder / "notebooks").write_text("mine", encoding="utf-8")
    assert f"{folder / 'notebooks'} is a file, not a folder" in _lab(folder)
    assert (folder / "notebooks").read_text(encoding="utf-8") == "mine"


def test_hidden_files_and_answers_are_not_delivered():
    names = [Path(name).name for name in course_files()]
    assert not [name for name in names if name.startswith(".") or name.startswith("progress")]


def test_a_folder_without_solutions_stays_so_until_asked_otherwise(tmp_path):
    practice = tmp_path / "exercises" / "01-practice.ipynb"
    deliver(tmp_path, solutions=False)
    text = practice.read_text(encoding="utf-8")
    assert "Worked solution" not in text and "worked solution" not in text
    assert "Hint 1" in text and len(json.loads(text)["cells"]) > 20
    again = deliver(tmp_path)
    assert not (again.new or again.updated or again.beside)
    changed = text.replace("answer_1 = ...", "answer_1 = 'b'")
    practice.write_text(changed, encoding="utf-8")
    given = deliver(tmp_path, solutions=True)
    # what a learner has written stays, and the other eleven get their solutions
    assert "answer_1 = 'b'" in "".join(sources(practice)) and len(given.updated) == 11
    assert "Worked solution" not in "".join(sources(practice))
    assert "Worked solution" in (tmp_path / "exercises" / "02-practice.ipynb").read_text("utf-8")
    assert len(given.beside) == 1


TWO_AT_ONCE = """
import os, random, signal, sys, time
from pathlib import Path
from alliance_tools.start import workspace
workspace.fingerprint()
source, folder = Path(sys.argv[1]), Path(sys.argv[2])
workspace.course_files = lambda: {f"notebooks/{p.name}": p for p in sorted(source.iterdir())}
rng = random.Random(3)
for number in range(int(sys.argv[3])):
    for path in list(source.iterdir())[:4]:
        path.write_text(f"{path.name} {number} " * 3000)
    pair = []
    for _ in range(2):
        child = os.fork()
        if child == 0:
            workspace.deliver(folder)
            os._exit(0)
        pair.append(child)
    time.sleep(rng.uniform(0.001, 0.03))
    for child in pair:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    for path in (folder / "notebooks").glob("[!.]*"):
        if path.name != "mine.ipynb":
            words = path.read_text().split(" ")
            assert len(words) == 6001 and len(set(words[1:-1:2])) == 1, path
    assert (folder / "notebooks/mine.ipynb").read_text() == "my notes"
workspace.deliver(folder)
again = workspace.deliver(folder)
assert not again.new and not again.updated
assert not list(folder.rglob("*.writing"))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_two_deliveries_at_once_killed_again_and_again(folder, tmp_path):
    """Each pair is killed somewhere on its way; no file is ever half, and none of ours is lost."""
    source = tmp_path / "source"
    source.mkdir()
    for name in ("a", "b", "c", "d", "mine"):
        (source / f"{name}.ipynb").write_text(f"{name}.ipynb 0 " * 3000, encoding="utf-8")
    (folder / "notebooks").mkdir(parents=True)
    (folder / "notebooks/mine.ipynb").write_text("my notes", encoding="utf-8")
    rounds = os.environ.get("KILLED_PAIRS", "40")
    command = [sys.executable, "-c", TWO_AT_ONCE, str(source), str(folder), rounds]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
