"""Hand-ins as students make them: nothing stops the batch, and what was not read is named."""

import csv
import importlib.util
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from alliance_tools.cli import app
from alliance_tools.instructor.assignment import assign
from alliance_tools.instructor.submitted import prepare

NAME = "01-practice"
SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "nbgrader_batch.py"


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    folder = tmp_path_factory.mktemp("laid out")
    (path,) = assign(folder, lessons=["01"], seed=77)
    return path.read_bytes()


def twice(data):
    notebook = json.loads(data)
    marks = [n for n, cell in enumerate(notebook["cells"]) if "nbgrader" in cell["metadata"]]
    notebook["cells"].insert(marks[2], json.loads(json.dumps(notebook["cells"][marks[2]])))
    return json.dumps(notebook).encode()


def conflict(data):
    return data.replace(b'"cells": [\n', b'"cells": [\n<<<<<<< mine\n=======\n>>>>>>> theirs\n')


GOOD = {
    "as it was": {f"{NAME}.ipynb": lambda d: d},
    "downloaded twice": {f"{NAME} (1).ipynb": lambda d: d},
    "a copy": {f"{NAME}-Copy1.ipynb": lambda d: d},
    "as text": {f"{NAME}.ipynb.txt": lambda d: d},
    "in capitals": {f"{NAME.upper()}.IPYNB": lambda d: d},
    "the same twice": {f"{NAME} (1).ipynb": lambda d: d, f"{NAME} (2).ipynb": lambda d: d},
    "a marking cell twice": {f"{NAME}.ipynb": twice},
    "a byte order mark": {f"{NAME}.ipynb": lambda d: b"\xef\xbb\xbf" + d},
    "UTF-16": {f"{NAME}.ipynb": lambda d: d.decode().encode("utf-16")},
    "Windows line ends": {f"{NAME}.ipynb": lambda d: d.replace(b"\n", b"\r\n")},
    "with other files": {f"{NAME}.ipynb": lambda d: d, "notes.txt": lambda d: b"mine"},
}
BAD = {
    "empty": ({f"{NAME}.ipynb": lambda d: b""}, "is empty"),
    "zeros": ({f"{NAME}.ipynb": lambda d: b"\0" * 999}, "is empty"),
    "cut": ({f"{NAME}.ipynb": lambda d: d[: len(d) // 2]}, "cut off"),
    "in conflict": ({f"{NAME}.ipynb": conflict}, "merge conflict"),
    "a page": ({f"{NAME}.ipynb": lambda d: b"<html>log in</html>"}, "no notebook"),
    "a list": ({f"{NAME}.ipynb": lambda d: b"[1, 2]"}, "no notebook"),
    "no cells": ({f"{NAME}.ipynb": lambda d: b"{}"}, "no notebook"),
    "nothing": ({}, "nothing"),
    "another file": ({"essay.docx": lambda d: b"PK"}, r"essay\.docx"),
    "two that differ": (
        {f"{NAME} (1).ipynb": lambda d: d, f"{NAME} (2).ipynb": lambda d: d + b"\n"},
        "differ",
    ),
}


def hand_in(folder, student, files, data):
    place = folder / "submitted" / student / NAME
    place.mkdir(parents=True)
    for name, change in files.items():
        (place / name).write_bytes(change(data))
    return place


@pytest.mark.parametrize("kind", GOOD)
def test_what_can_be_marked_is_made_ready_and_kept_as_it_came(tmp_path, released, kind):
    place = hand_in(tmp_path, "ada", GOOD[kind], released)
    came = {path.read_bytes() for path in place.iterdir()}
    done = prepare(tmp_path, NAME)
    assert not done.not_read
    ready = json.loads((place / f"{NAME}.ipynb").read_bytes().decode("utf-8"))
    marks = [
        c["metadata"]["nbgrader"]["grade_id"] for c in ready["cells"] if "nbgrader" in c["metadata"]
    ]
    assert len(marks) == len(set(marks)) > 6
    assert came <= {path.read_bytes() for path in place.iterdir()}, "what came is still there"
    again = prepare(tmp_path, NAME)
    assert again.ready == ["ada"] and not again.mended


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_read_is_set_aside_and_named(tmp_path, released, kind):
    files, why = BAD[kind]
    place = hand_in(tmp_path, "bob", files, released)
    hand_in(tmp_path, "eve", GOOD["as it was"], released)
    came = {path.name: path.read_bytes() for path in place.iterdir()}
    said = CliRunner().invoke(app, ["submitted", NAME, str(tmp_path)])
    assert said.exit_code == 0 and "1 notebooks can be marked" in said.output
    assert "not read, and now in not-read: bob" in said.output
    with (tmp_path / "not-read" / f"{NAME}.csv").open(encoding="utf-8", newline="") as stream:
        [row] = csv.DictReader(stream)
    assert row["student"] == "bob" and re.search(why, row["why"]), row
    assert not place.exists()
    kept = tmp_path / "not-read" / "bob" / NAME
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == came


def test_nothing_handed_in_is_said(tmp_path):
    said = CliRunner().invoke(app, ["submitted", NAME, str(tmp_path)])
    assert said.exit_code == 1 and len(said.output.splitlines()) == 1


def test_nbgrader_marks_everybody_whose_notebook_can_be_read(tmp_path):
    """The real nbgrader: the duplicated cell comes first, so that it would stop all others."""
    pytest.importorskip("nbgrader", reason="nbgrader is not installed")
    spec = importlib.util.spec_from_file_location("nbgrader_batch", SCRIPT)
    batches = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(batches)
    assign(tmp_path, lessons=["01"], seed=batches.CLASS)
    batches.command(tmp_path, "generate_assignment", NAME)
    data = (tmp_path / "release" / NAME / f"{NAME}.ipynb").read_bytes()
    hand_in(tmp_path, "1-twice", GOOD["a marking cell twice"], data)
    hand_in(tmp_path, "2-cut", BAD["cut"][0], data)
    hand_in(tmp_path, "3-renamed", GOOD["downloaded twice"], data)
    done = prepare(tmp_path, NAME)
    assert list(done.not_read) == ["2-cut"]
    batches.command(tmp_path, "autograde", NAME)
    batches.command(tmp_path, "export", "--to", "marks.csv")
    with (tmp_path / "marks.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["student_id"] for row in csv.DictReader(stream)}
    assert rows == {"1-twice", "3-renamed"}
