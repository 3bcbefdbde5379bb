"""The course's own files, damaged as other programs damage them: said so, and brought back."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from alliance_course import folders
from alliance_course.data import published
from alliance_course.data.tables import describe_dataset, load_dataset, package
from alliance_course.folders import CourseFileError, course_folder
from alliance_course.questions import judge
from alliance_course.questions.judge import solution, values
from alliance_course.show.sources import cite
from alliance_tools.cli import app
from alliance_tools.maintain import notebooks
from alliance_tools.maintain.clinic import record_tables
from alliance_tools.start import doctor, home
from alliance_tools.start import repair as repair_module
from alliance_tools.start.repair import damaged, repair
from alliance_tools.start.workspace import course_files, deliver, delivered_form

ORIGINAL = {name: course_folder(name) for name in folders.FOLDERS}


# a running kernel may go on with what it has read; each test here begins as a new one does
REMEMBERED = (
    package,
    values,
    judge._clinic,
    published.printed_rows,
    published._table,
    notebooks.lessons,
    notebooks.practices,
    home._steps,
)
LESSON = "notebooks/01-what-is-the-alliance.ipynb"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A copy of the course's files that may be damaged."""
    place = tmp_path / "course"
    for name, original in ORIGINAL.items():
        shutil.copytree(original, place / name)
    monkeypatch.setattr(folders, "_PACKAGE", place / "alliance_course")
    for remembered in REMEMBERED:
        remembered.cache_clear()
    yield place
    for remembered in REMEMBERED:
        remembered.cache_clear()


@pytest.fixture(scope="module")
def delivered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("delivered") / "alliance-course"
    deliver(folder)
    return folder


@pytest.fixture
def folder(delivered, tmp_path):
    """A learner's folder with all that a start puts there."""
    return Path(shutil.copytree(delivered, tmp_path / "alliance-course"))


def german_excel(data):
    lines = data.decode().splitlines()
    return b"\xef\xbb\xbf" + "\r\n".join(
        line.replace(",", ";").replace(".", ",") for line in lines
    ).encode("cp1252", "replace")


def english_excel(data):
    """Two decimals in each cell that has more, as a column's format shows them."""
    rows = [line.split(",") for line in data.decode().splitlines()]
    return "\n".join(
        ",".join(f"{float(v):.2f}" if re.fullmatch(r"-?\d+\.\d+", v) else v for v in row)
        for row in rows
    ).encode()


def in_conflict(data):
    lines = data.decode().splitlines(keepends=True)
    half = len(lines) // 2
    ours = ["<<<<<<< HEAD\n", lines[half], "=======\n", lines[half], ">>>>>>> theirs\n"]
    return "".join([*lines[:half], *ours, *lines[half + 1 :]]).encode()


DAMAGE = {
    "a German Excel": german_excel,
    "an English Excel": english_excel,
    "a conflict": in_conflict,
    "a last line cut": lambda data: data[:-7],
    "last lines missing": lambda data: b"".join(data.splitlines(keepends=True)[:-40]),
    "empty": lambda data: b"",
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "zeros": lambda data: b"\0" * len(data),
    "another table": lambda data: b"a,b\n1,2\n",
    "a picture": lambda data: b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "missing": None,
}


def damage(path, how):
    data = path.read_bytes()
    path.unlink()
    if how is not None:
        path.write_bytes(how(data))
    return data


def asked():
    """What a learner may ask when the table of clients is needed."""
    return {
        "load_dataset": lambda: load_dataset("clients"),
        "session": lambda: load_dataset("sessions", session=3),
        "solution": lambda: solution("L00.Q1"),
        "values": lambda: values("L00.Q1"),
    }


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_table_is_said_to_be_the_courses_fault(course, kind):
    damage(course / "datasets/clients.csv", DAMAGE[kind])
    for ask in asked().values():
        with pytest.raises(CourseFileError, match=r"clients\.csv is not as it was") as caught:
            ask()
        assert "doctor --repair" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_list_of_tables_is_said_too(course, kind):
    damage(course / "datasets/datapackage.json", DAMAGE[kind])
    if kind in ("UTF-16", "an English Excel"):  # it can be read, and says the same
        assert len(load_dataset("clients")) == 600
        return
    with pytest.raises(CourseFileError, match=r"datapackage\.json is not as it was"):
        load_dataset("clients")


def test_a_missing_card_is_said_too(course):
    (course / "datasets/cards/clients.md").unlink()
    with pytest.raises(CourseFileError, match=r"clients\.md"):
        describe_dataset("clients")


@pytest.mark.parametrize(
    "saved",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"),
    ],
    ids=["a byte order mark", "Windows line ends", "both"],
)
def test_what_notepad_and_git_for_windows_do_is_harmless(course, saved):
    before = {name: load_dataset(name) for name in ("clients", "published_effects")}
    for name, table in before.items():
        damage(course / f"datasets/{name}.csv", saved)
        assert load_dataset(name).equals(table)
    assert damaged() == {} and cite("A01").startswith("Fl")


def test_every_table_has_the_hash_of_its_file():
    tables = {entry["path"]: entry["hash"] for entry in package()["resources"]}
    found = {
        name: folders.delivered_text((ORIGINAL["datasets"] / name).read_bytes())[1]
        for name in tables
    }
    assert found == tables, "run alliance-course datasets --record, if the change is meant"


def test_a_maintainer_records_a_change_and_nothing_else_moves(course):
    path = course / "datasets/datapackage.json"
    before = path.read_text(encoding="utf-8").splitlines()
    table = course / "datasets/published_effects.csv"
    columns = table.read_text(encoding="utf-8").partition("\n")[0].count(",")
    with table.open("a") as stream:
        stream.write("A99" + "," * columns + "\n")
    assert record_tables() == ["published_effects.csv"] and record_tables() == []
    after = path.read_text(encoding="utf-8").splitlines()
    assert len(after) == len(before)
    assert len([1 for a, b in zip(after, before, strict=True) if a != b]) == 1
    assert "A99" in set(load_dataset("published_effects")["id"])


def test_a_row_too_long_is_said_also_where_it_was_recorded(course):
    with (course / "datasets/published_effects.csv").open("a") as stream:
        stream.write("A99" + "," * 99 + "\n")
    record_tables()
    for ask in (lambda: load_dataset("published_effects"), lambda: cite("A01")):
        with pytest.raises(CourseFileError, match=r"published_effects\.csv is not as it was"):
            ask()


def repaired(folder):
    return {finding.name: finding.well for finding in repair(folder)}


@pytest.mark.parametrize("name", ["clients", "sessions", "items"])
@pytest.mark.parametrize("kind", ["a German Excel", "missing"])
def test_the_simulated_tables_can_be_made_again_from_nothing(course, tmp_path, name, kind):
    path = course / f"datasets/{name}.csv"
    data = damage(path, DAMAGE[kind])
    broken = path.read_bytes() if path.exists() else None
    found = repaired(tmp_path / "nobody's")
    assert path.read_bytes() == data and all(found.values())
    kept = path.with_name(f"{name}.csv.damaged-1")
    assert (kept.read_bytes() if kept.exists() else None) == broken
    assert repaired(tmp_path / "nobody's") == {}


@pytest.mark.parametrize("kind", DAMAGE)
def test_every_file_comes_back_from_the_learners_folder(course, folder, delivered, kind):
    names = ("datasets/published_effects.csv", "datasets/datapackage.json", LESSON)
    was = {name: damage(course / name, DAMAGE[kind]) for name in names}
    # a notebook that can still be read is left to who changed it; a table never is
    harmless = ("UTF-16", "an English Excel")
    assert set(damaged()) >= set(names[:1] if kind in harmless else names[:2])
    found = repaired(folder)
    assert damaged() == {} and all(found.values()), found
    for name, data in was.items():
        kept = kind in harmless and name != names[0]
        assert (course / name).read_bytes() == data or kept, name
        assert (folder / name).read_bytes() == (delivered / name).read_bytes() or kept, name


def test_the_list_of_the_courses_files_is_whole():
    listed = Path(repair_module.__file__).with_name("course_files.txt").read_text(encoding="utf-8")
    assert listed.split() == list(course_files()), "write the list anew: a file came or went"


def test_each_missing_file_is_noticed_and_comes_back_as_it_was(course, folder):
    was = {name: path.read_bytes() for name, path in course_files().items()}
    for name in was:
        (course / name).unlink()
    assert set(damaged()) == set(was)
    assert all(repaired(folder).values()) and damaged() == {}
    assert {name: path.read_bytes() for name, path in course_files().items()} == was


def test_nothing_less_than_the_courses_own_file_is_taken_from_a_folder(course, folder):
    (folder / LESSON).write_bytes((folder / LESSON).read_bytes().replace(b"alliance", b"bond", 1))
    practice = "exercises/01-practice.ipynb"
    deliver(folder, solutions=False)
    assert b"Worked solution" not in (folder / practice).read_bytes()
    for name in (LESSON, practice):
        (course / name).unlink()
    assert not any(repaired(folder).values())
    assert set(damaged()) == {LESSON, practice}


@pytest.mark.parametrize("kind", ["a conflict", "zeros", "empty", "a picture"])
def test_a_damaged_lesson_is_no_fault_of_the_folders_name(course, tmp_path, kind):
    damage(course / LESSON, DAMAGE[kind])
    with pytest.raises(CourseFileError, match=r"01-what-is-the-alliance\.ipynb is not as it was"):
        deliver(tmp_path / "alliance-course")


def test_what_cannot_be_brought_back_is_said_with_a_way_out(course, tmp_path):
    damage(course / "datasets/published_effects.csv", DAMAGE["a conflict"])
    [finding] = repair(tmp_path / "nobody's")
    assert not finding.well and "download the course again" in finding.advice
    assert "<<<<<<<" in (course / "datasets/published_effects.csv").read_text(encoding="utf-8")


def test_history_brings_back_what_is_in_no_other_place(course, tmp_path):
    names = ("datasets/exchanges.csv", "exercises/01-practice.ipynb")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "as delivered"]):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "core.autocrlf=false"]
        subprocess.run(["git", *identity, *command], cwd=course, check=True)
    was = {name: damage(course / name, DAMAGE["a conflict"]) for name in names}
    assert all(repaired(tmp_path / "nobody's").values())
    assert {name: (course / name).read_bytes() for name in names} == was


def test_a_learners_folder_is_put_in_order_and_nothing_of_theirs_is_lost(course, folder):
    (folder / LESSON).write_text("half a note", encoding="utf-8")
    theirs = folder / "datasets/clients.csv"
    damage(theirs, german_excel)
    mine = theirs.read_bytes()
    (folder / "datasets/items.csv").unlink()
    (folder / "progress.json").write_text("{}", encoding="utf-8")
    found = repaired(folder)
    assert all(found.values())
    assert (folder / LESSON).read_text(encoding="utf-8") == "half a note"
    [new] = (folder / "notebooks").glob("01-*(new*")
    assert new.read_bytes() == delivered_form(LESSON, (course / LESSON).read_bytes())
    assert theirs.read_bytes() == (course / "datasets/clients.csv").read_bytes()
    assert theirs.with_name("clients.csv.damaged-1").read_bytes() == mine
    assert (folder / "datasets/items.csv").exists()
    assert (folder / "progress.json").read_text(encoding="utf-8") == "{}"


def test_lab_delivers_no_damaged_file(course, folder):
    good = (folder / "datasets/clients.csv").read_bytes()
    damage(course / "datasets/clients.csv", german_excel)
    said = CliRunner().invoke(app, ["lab", str(folder), "--no-browser", "--port", "0"])
    assert said.exit_code == 1 and len(said.output.splitlines()) == 1
    assert "clients.csv is not as it was delivered" in said.output
    assert (folder / "datasets/clients.csv").read_bytes() == good


def test_the_command_repairs_and_then_looks(course, tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "CHECKS", {"the data": doctor._data})
    damage(course / "datasets/clients.csv", DAMAGE["missing"])
    run = CliRunner().invoke
    said = run(app, ["doctor", str(tmp_path / "none")])
    assert said.exit_code == 1 and "clients.csv: run alliance-course doctor --repair" in said.output
    said = run(app, ["doctor", "--repair", str(tmp_path / "none")])
    assert said.exit_code == 0 and "clients.csv is as it was delivered again" in said.output
    said = run(app, ["datasets", "clients"])
    assert said.exit_code == 0


def test_a_command_on_a_damaged_table_ends_in_one_line(course):
    (course / "datasets/datapackage.json").write_text("{", encoding="utf-8")
    said = CliRunner().invoke(app, ["datasets"])
    assert said.exit_code == 1 and len(said.output.splitlines()) == 1
    assert json.loads((ORIGINAL["datasets"] / "datapackage.json").read_text())["resources"]
