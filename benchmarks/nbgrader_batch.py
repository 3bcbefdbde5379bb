"""Grade a class with nbgrader: thirty submissions of every kind, and the seconds that each takes.

    python benchmarks/nbgrader_batch.py [--students 30] [--folder FOLDER]

Runs the commands of instructor/grading.md on submissions made by program.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import nbformat

from alliance_course.questions.bank import written_tasks
from alliance_course.questions.judge import values
from alliance_tools.instructor.assignment import assign
from alliance_tools.instructor.variants.versions import class_task
from alliance_tools.maintain.notebooks import UNANSWERED
from alliance_tools.maintain.practice import tasks

LESSON, CLASS, TIMEOUT = "01", 77, 20
NAME = f"{LESSON}-practice"
KINDS = ("right", "half", "wrong", "empty", "loops", "deletes", "syntax", "cheats")
# how often each kind is in a class of thirty
SHARES = (8, 6, 5, 4, 1, 2, 2, 2)


# what gave six of ten points while the notebook marked itself
CHEAT = "ac.mark = lambda *given, **named: 1\nprint = lambda *given, **named: None"


class Batch(NamedTuple):
    """What grading gave: rows of the CSV by student, and seconds by step."""

    rows: dict[str, dict[str, str]]
    seconds: dict[str, float]
    folder: Path
    said: str


def marked_tasks() -> list[str]:
    """The tasks that the program marks."""
    return [task for task in tasks(LESSON) if task not in written_tasks()]


def answer(task: str, *, right: bool) -> str:
    """Python text of an answer to a task, on the class's clinic."""
    entry = class_task(task, CLASS).entry
    if entry["kind"] == "number":
        found = values(entry["id"], CLASS)
        return repr(float(found["expected" if right else f"mistake {entry['mistake'][0]['name']}"]))
    keys = [o["key"] for o in entry["option"] if bool(o.get("right")) == right]
    return repr("".join(keys) if entry["kind"] == "choices" else keys[0])


def expected_points(kind: str) -> float:
    """The points that a submission of this kind should get from the program."""
    points = [float(class_task(task, CLASS).entry["points"]) for task in marked_tasks()]
    half = len(points) // 2
    return {
        "right": sum(points),
        "half": sum(points[:half]),
        "deletes": sum(points[half:]),
        "loops": sum(points[1:]),
        "syntax": sum(points[1:]),
    }.get(kind, 0.0)


def submission(released: Any, kind: str) -> Any:
    """A released notebook as a student of this kind hands it in."""
    notebook = nbformat.from_dict(released)
    names = [f"answer_{task.split('.T')[1]}" for task in marked_tasks()]
    half, gone = len(names) // 2, []
    for cell in notebook.cells:
        unanswered = UNANSWERED.search(cell.source) if cell.cell_type == "code" else None
        if kind == "cheats" and cell.source.startswith("import pandas"):
            cell.source += "\n" + CHEAT
        if unanswered and kind not in ("empty", "cheats"):
            place = names.index(unanswered[1])
            right = kind != "wrong" and not (kind == "half" and place >= half)
            text = answer(marked_tasks()[place], right=right)
            cell.source = cell.source.replace("...", text)
            if place == 0 and kind == "loops":
                cell.source = "while True:\n    pass\n" + cell.source
            if place == 0 and kind == "syntax":
                cell.source = "answer_1 = = 'a'"
        deleted = [name for name in names[:half] if name in cell.source]
        if kind == "deletes" and deleted and cell.cell_type == "code":
            gone.append(cell)
    notebook.cells = [cell for cell in notebook.cells if cell not in gone]
    return notebook


def command(folder: Path, *words: str) -> tuple[float, str]:
    """Run one nbgrader command in the course's folder; its seconds and what it said."""
    environment = dict(os.environ)
    # nbgrader looks for its database tool among the commands
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    environment.pop("ALLIANCE_PROGRESS", None)
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode != 0:
        raise RuntimeError(f"nbgrader {' '.join(words)}:\n{done.stdout[-4000:]}")
    return time.perf_counter() - start, done.stdout


def grade(folder: Path, kinds: list[str]) -> Batch:
    """Lay out the assignment, hand in one notebook of each kind, and grade all of them."""
    assign(folder, lessons=[LESSON], seed=CLASS)
    seconds, said = {}, ""
    seconds["generate_assignment"], _ = command(folder, "generate_assignment", NAME)
    released = nbformat.read(folder / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    for number, kind in enumerate(kinds, start=1):
        place = folder / "submitted" / f"{number:02d}-{kind}" / NAME
        place.mkdir(parents=True)
        nbformat.write(submission(released, kind), place / f"{NAME}.ipynb")
    limit = f"--ExecutePreprocessor.timeout={TIMEOUT}"
    seconds["autograde"], said = command(folder, "autograde", NAME, limit)
    seconds["generate_feedback"], _ = command(folder, "generate_feedback", NAME)
    seconds["export"], _ = command(folder, "export", "--to", "marks.csv")
    with (folder / "marks.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["student_id"]: row for row in csv.DictReader(stream)}
    return Batch(rows, seconds, folder, said)


def main() -> None:
    """Grade a class and print the marks and the seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    every = [kind for kind, share in zip(KINDS, SHARES, strict=True) for _ in range(share)]
    kinds = [every[number % len(every)] for number in range(options.students)]
    folder = options.folder or Path(tempfile.mkdtemp(prefix="grading-"))
    batch = grade(folder, kinds)
    wrong = 0
    for student, row in batch.rows.items():
        should = expected_points(student.split("-")[1])
        wrong += float(row["score"]) != should
        print(f"{student:<12} {float(row['score']):>5g} of {row['max_score']}, expected {should:g}")
    for step, taken in batch.seconds.items():
        print(f"{step:<20} {taken:6.1f} s, {taken / len(kinds):.1f} s a submission")
    print(f"{len(batch.rows)} of {len(kinds)} graded, {wrong} marks not as expected: {folder}")
    sys.exit(1 if wrong or len(batch.rows) != len(kinds) else 0)


if __name__ == "__main__":
    main()
