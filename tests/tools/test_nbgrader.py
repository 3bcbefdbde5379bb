"""nbgrader, really run: thirty submissions of every kind are marked, and none stops the batch."""

import importlib.util
from pathlib import Path

import pytest

pytest.importorskip("nbgrader", reason='nbgrader is not installed: pip install "nbgrader>=0.9.5"')
SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "nbgrader_batch.py"
SPEC = importlib.util.spec_from_file_location("nbgrader_batch", SCRIPT)
batches = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(batches)
STUDENTS = [kind for kind, n in zip(batches.KINDS, batches.SHARES, strict=True) for _ in range(n)]


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    return batches.grade(tmp_path_factory.mktemp("grading"), STUDENTS)


def test_the_class_has_thirty_students_of_every_kind():
    assert len(STUDENTS) == 30 and set(STUDENTS) == set(batches.KINDS)
    points = {kind: batches.expected_points(kind) for kind in batches.KINDS}
    assert points["right"] > points["loops"] > points["half"] > points["wrong"] == 0


def test_everybody_gets_the_marks_that_they_should(batch):
    should = {
        f"{number:02d}-{kind}": batches.expected_points(kind)
        for number, kind in enumerate(STUDENTS, start=1)
    }
    assert {student: float(row["score"]) for student, row in batch.rows.items()} == should
    most = sum(map(float, {row["max_score"] for row in batch.rows.values()}))
    by_hand = sum(
        entry["points"] for task, entry in batches.written_tasks().items() if "L01" in task
    )
    assert most == batches.expected_points("right") + by_hand


def test_nobody_stops_the_batch(batch):
    assert len(batch.rows) == len(STUDENTS)
    assert "There was an error" not in batch.said


def test_everybody_gets_feedback_with_the_sentences_of_the_course(batch):
    pages = {
        path.parts[-3]: path.read_text(encoding="utf-8")
        for path in (batch.folder / "feedback").rglob("*.html")
    }
    assert set(pages) == set(batch.rows)
    for student, page in pages.items():
        kind = student.split("-")[1]
        assert ("Right." in page) == (batches.expected_points(kind) > 0), student
        assert ("Not attempted yet" in page) == (kind in ("empty", "cheats")), student
    assert "CellTimeoutError" in next(page for name, page in pages.items() if "loops" in name)


def test_a_submission_takes_seconds(batch):
    # a loop costs its time limit; the others take two or three seconds each
    spare = batches.TIMEOUT * STUDENTS.count("loops")
    assert (batch.seconds["autograde"] - spare) / len(STUDENTS) < 15
