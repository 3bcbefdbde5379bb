"""A Monday and a term, played with thirty made learners: what an instructor would see.

    python benchmarks/class_term.py [--folder FOLDER]

The Monday ends with the class report, the term with a gradebook file. Nothing here starts a
browser or an installer: `--start NAME=MODULE:FUNCTION` plugs in a way to begin that does (it gets
a folder and a learner's number, and returns the record that was handed in), in place of the made
one. The exit code is 1 if anybody is counted twice, not at all, or with wrong points.
"""

import argparse
import importlib
import json
import random
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import nbformat

from alliance_course.questions.bank import registry, written_tasks
from alliance_course.questions.judge import judge, values
from alliance_course.questions.progress import VERSION
from alliance_tools.instructor.assignment import assign
from alliance_tools.instructor.class_answers import read_class
from alliance_tools.instructor.class_report import class_page, write_class
from alliance_tools.instructor.export import write_export
from alliance_tools.instructor.gradebook import marks_page, total, write_marks
from alliance_tools.instructor.marking import mark_class
from alliance_tools.instructor.variants.versions import choose_number, class_task
from alliance_tools.maintain.notebooks import UNANSWERED
from alliance_tools.maintain.practice import tasks

LEARNERS = 30
LESSON = "01"
# how each learner begins on Monday, and how the record comes back
STARTS = (
    ("laptop", 14), ("tablet with the page", 7), ("USB stick", 5), ("never starts", 4)
)  # fmt: skip
RECORDS = (
    "{moodle}/progress.json",
    "{moodle}/progress ({n}).json",
    "{moodle}/progress-{code}.json.txt",
    "{canvas}_progress-{code}.json",
    "Submitted files/{name}/Lesson 01/Version 1/progress.json",
    "mails/answers-{code}.json",
    "mails/progress-{code} (conflicted copy 2026-11-03).json",
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16")
# what is handed in at the end of the term: kind, how many, share of the points that it should get
TERM = (
    ("right", 9), ("half", 8), ("wrong", 4), ("untouched", 2), ("not run", 1),
    ("replaces the marking", 1), ("duplicated cell", 1), ("damaged file", 1), ("never", 3),
)  # fmt: skip

Start = Callable[[Path, int], dict[str, Any]]


class Learner(NamedTuple):
    """A made person: number, name as a platform writes it, and code."""

    number: int
    name: str
    code: str


def people() -> list[Learner]:
    """Thirty names that nobody has."""
    first = ("Ada", "Bo", "Cleo", "Dan", "Eva", "Finn")
    last = ("Amsel", "Drossel", "Fink", "Meise", "Star")
    names = [f"{one} {other}" for other in last for one in first]
    return [Learner(n, name, f"K{n:02}") for n, name in enumerate(names, start=1)]


def made_record(folder: Path, number: int) -> dict[str, Any]:
    """A record as the course and its page write it, by a learner who gets some things wrong."""
    rng, minute = random.Random(number), 0
    guesses, answers = {}, {}
    for key, entry in registry().items():
        if not key.startswith((f"L{LESSON}.P", f"L{LESSON}.Q")):
            continue
        minute += rng.randint(1, 4)
        at = f"2026-11-02T13:{minute:02}:{number:02}.{number:03}+00:00"
        keys = [option["key"] for option in entry.get("option", [])]
        if "reveal" in entry:
            guesses[key] = {"guess": rng.choice(keys) if keys else 50, "at": at}
            continue
        given = rng.choice(keys) if keys else float(values(key)["expected"])
        result, mistake = judge(entry, given)
        answers[key] = {"state": result.state, "tries": 1, "at": at, "answer": str(given)}
        if mistake:
            answers[key]["wrong"] = {mistake: 1}
    return {"version": VERSION, "guesses": guesses, "answers": answers}


def _name_of(pattern: str, who: Learner) -> str:
    return pattern.format(
        moodle=f"{who.name}_{1000 + who.number}_assignsubmission_file_",
        canvas=f"{''.join(who.name.lower().split()[::-1])}_{500 + who.number}_{9000 + who.number}",
        name=who.name, code=who.code, n=who.number,
    )  # fmt: skip


def monday(folder: Path, starts: dict[str, Start]) -> list[str]:
    """From thirty people who sit down to the class report; returns what went wrong."""
    handed, problems = folder / "monday", []
    kinds = [kind for kind, many in STARTS for _ in range(many)]
    started: dict[str, int] = {}
    expected = 0
    inside: dict[str, bytes] = {}
    for who, kind in zip(people(), kinds, strict=True):
        if kind == "never starts":
            continue
        record = starts.get(kind, made_record)(folder / "homes" / who.code, who.number)
        started[kind] = started.get(kind, 0) + 1
        expected += 1
        name = _name_of(RECORDS[who.number % len(RECORDS)], who)
        content = json.dumps(record).encode(ENCODINGS[who.number % len(ENCODINGS)])
        inside[name] = content
        if who.number % 10 == 0:  # who is not sure hands in twice
            inside[f"{name.rsplit('.json', 1)[0]} (1).json"] = content
    handed.mkdir(parents=True)
    with zipfile.ZipFile(handed / "moodle.zip", "w") as archive:
        for name, content in inside.items():
            if "assignsubmission" in name:
                archive.writestr(name, content)
    for name, content in inside.items():
        if "assignsubmission" not in name:
            path = handed / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    (handed / "mails" / "sorry.docx").write_bytes(b"my laptop is broken")
    (handed / "progress-K99.json").write_text('{"version":')
    found = read_class(handed)
    print("MONDAY")
    made = ", ".join(f"{many} {kind}" for kind, many in started.items())
    print(f"{LEARNERS} sat down: {made}, {kinds.count('never starts')} never started")
    print(class_page(found))
    for path in write_class(found, folder / "monday-report"):
        print(path.name)
    if len(found.learners) != expected:
        problems.append(f"{len(found.learners)} learners counted, {expected} handed in")
    doubles = sum(reason.startswith("a copy") for reason in found.left_out.values())
    if len(found.left_out) - doubles != 2 or len(found.guesses) != expected * 2:
        problems.append(f"left out {found.left_out}, {len(found.guesses)} guesses")
    return problems


def _answer(task: str, number: int, *, right: bool) -> str:
    entry = class_task(task, number).entry
    if entry["kind"] == "number":
        found = values(entry["id"], number)
        return repr(float(found["expected" if right else f"mistake {entry['mistake'][0]['name']}"]))
    keys = [o["key"] for o in entry["option"] if bool(o.get("right")) == right]
    return repr("".join(keys) if entry["kind"] == "choices" else keys[0])


def _submission(source: Any, kind: str, number: int) -> bytes:
    """The assignment as a student of this kind hands it in."""
    if kind == "damaged file":
        return b'{"cells": ['
    notebook = nbformat.from_dict(source)
    wanted = [task for task in tasks(LESSON) if task not in written_tasks()]
    for cell in list(notebook.cells):
        if kind == "replaces the marking" and cell.source.startswith("import pandas"):
            cell.source += "\nac.mark = lambda *given, **named: 99"
        unanswered = UNANSWERED.search(cell.source) if cell.cell_type == "code" else None
        if unanswered and kind not in ("untouched", "replaces the marking"):
            place = int(unanswered[1].split("_")[1])
            task = f"L{LESSON}.T{place}"
            right = kind != "wrong" and not (kind == "half" and wanted.index(task) >= 3)
            text = _answer(task, number, right=right)
            cell.source = cell.source.replace("...", text)
            if kind == "not run" and place == 3:
                cell.source = "answer_3 = clients['outcome'].corr(clients['outcome'])"
        if kind == "duplicated cell" and "repr(answer_2)" in cell.source:
            double = nbformat.from_dict(cell)
            double.id = "double"
            notebook.cells.insert(notebook.cells.index(cell), double)
    return nbformat.writes(notebook).encode()


def _wanted(kind: str, most: dict[str, float]) -> float | None:
    every = list(most.values())
    return {
        "right": sum(every), "duplicated cell": sum(every), "half": sum(every[:3]),
        "not run": sum(every) - most[f"L{LESSON}.T3"], "damaged file": None, "never": None,
    }.get(kind, 0.0)  # fmt: skip


def term(folder: Path) -> list[str]:
    """From the assignment to the gradebook for thirty; returns what went wrong."""
    course, handed, problems = folder / "course", folder / "term", []
    number = choose_number([LESSON], 2031)
    (path,) = assign(course, lessons=[LESSON], seed=number)
    source = nbformat.read(path, as_version=4)
    kinds = [kind for kind, many in TERM for _ in range(many)]
    roster = ["Identifier,Full name,Email address,Status,Grade,Maximum grade"]
    handed.mkdir(parents=True)
    with zipfile.ZipFile(handed / "01-practice.zip", "w") as archive:
        for who, kind in zip(people(), kinds, strict=True):
            mail = f"{who.code.lower()}@x.invalid"
            roster.append(f"Participant {1000 + who.number},{who.name},{mail},,,10.00")
            if kind == "never":
                continue
            inside = f"{who.name}_{1000 + who.number}_assignsubmission_file_"
            name = "01-practice (1).ipynb" if who.number % 4 == 0 else "01-practice.ipynb"
            archive.writestr(f"{inside}/{name}", _submission(source, kind, number))
    (folder / "worksheet.csv").write_text("\n".join(roster) + "\n", encoding="utf-8")
    found = mark_class(handed, LESSON, number)
    paths, missing = write_marks(found, folder / "marks", folder / "worksheet.csv")
    print(f"\nTERM, class number {number}")
    print(marks_page(found, missing))
    for path in paths:
        print(path.name)
    got = {marks.learner: total(marks) for marks in found.rows}
    for who, kind in zip(people(), kinds, strict=True):
        if got.get(who.name) != _wanted(kind, found.most):
            problems.append(f"{who.name} ({kind}): {got.get(who.name)} points")
    if len(missing) != kinds.count("never") + kinds.count("damaged file"):
        problems.append(f"missing: {missing}")
    written = write_export(folder / "export", "moodle-xml", lessons=[LESSON])
    print(f"{written[0][0].name}: {written[0][1]} questions for the platform")
    return problems


def main() -> None:
    """Play both and say what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--start", action="append", default=[], metavar="NAME=MODULE:FUNCTION")
    options = parser.parse_args()
    starts: dict[str, Start] = {}
    for given in options.start:
        name, _, where = given.partition("=")
        module, _, function = where.partition(":")
        starts[name] = getattr(importlib.import_module(module), function)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="class-"))
    begin = time.perf_counter()
    problems = monday(folder, starts) + term(folder)
    print(f"\n{time.perf_counter() - begin:.0f} seconds; files in {folder}")
    for problem in problems:
        print(f"WRONG: {problem}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
