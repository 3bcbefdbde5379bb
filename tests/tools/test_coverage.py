"""Every statement and every misconception is tried and checked, and the table says where."""

import re
from pathlib import Path

import pytest

from alliance_course.data.published import SEEN, published_effects
from alliance_course.folders import course_folder
from alliance_course.questions.bank import registry
from alliance_tools.maintain.coverage import (
    PAGE,
    asked_questions,
    coverage_page,
    misconception_rows,
    statement_rows,
    statements_and_beliefs,
)
from alliance_tools.maintain.notebooks import Cell, Lesson, lessons

STATEMENTS = statements_and_beliefs()["statement"]
every_statement = pytest.mark.parametrize("entry", STATEMENTS, ids=lambda entry: entry["id"])


def test_the_committed_page_is_what_the_generator_writes():
    path = course_folder("notebooks").parent / "instructor" / PAGE
    if not path.parent.is_dir():
        pytest.skip("the instructor's folder is in the repository only")
    assert path.read_text(encoding="utf-8") == coverage_page(), (
        "alliance-course coverage --write mends it"
    )


def test_all_statements_and_all_misconceptions_are_there_once():
    assert [entry["id"] for entry in STATEMENTS] == [f"S{n:02}" for n in range(1, 46)]
    assert [int(row["misconception"].split()[0]) for row in misconception_rows()] == [*range(1, 21)]


def test_no_cell_is_empty():
    for row in (*statement_rows(), *misconception_rows()):
        assert all(cell.strip() for cell in row.values()), row
    for line in coverage_page().splitlines():
        if line.startswith("|"):
            assert line.count("|") in (5, 7) and not re.search(r"\|\s*\|", line), line


@pytest.mark.parametrize("row", misconception_rows(), ids=lambda row: row["misconception"])
def test_each_misconception_is_predicted_and_checked_with_feedback(row):
    predicted, checked = row["prediction"].split(", "), row["check"].split(", ")
    assert all(re.fullmatch(r"L\d\d\.P\d", question_id) for question_id in predicted)
    assert all(re.fullmatch(r"L\d\d\.[QT]\d+", question_id) for question_id in checked)
    for question_id in checked:
        entry = registry()[question_id]
        wrong = [o for o in entry.get("option", []) if not o.get("right")]
        assert wrong or entry["mistake"]
        assert all(answer["feedback"] for answer in wrong + entry.get("mistake", []))
    assert any(".Q" in question_id for question_id in checked), "not by the practice alone"


@every_statement
def test_what_the_hand_written_part_says_stands_in_the_lesson(entry):
    lesson = lessons()[entry["lesson"]]
    assert entry["at"] in lesson.headings
    published = published_effects()
    for row in entry["rows"]:
        assert row in lesson.rows, f"lesson {entry['lesson']} does not cite {row}"
        assert published.loc[row, "verified"] in SEEN
    if entry["do"].startswith("explorer"):
        assert len(lesson.explorers) >= 1


@every_statement
def test_each_statement_is_checked_and_not_by_the_practice_alone(entry):
    row = next(r for r in statement_rows() if r["statement"].startswith(entry["id"]))
    assert re.search(r"L\d\d\.Q\d", row["check"])


def test_tags_name_what_exists():
    known = {entry["id"] for entry in STATEMENTS}
    for question_id, entry in registry().items():
        assert set(entry.get("statements", [])) <= known, question_id
        assert set(entry.get("misconceptions", [])) <= set(range(1, 21)), question_id


def test_every_question_of_a_lesson_is_asked_somewhere():
    # the test before and after is asked on paper or in the instructor's notebook
    assert {question for question in registry() if question.startswith("L")} == asked_questions()


def test_several_questions_in_one_cell_are_read_one_by_one():
    code = """ac.predict("L01.P1")
ac.ask(
    "L01.Q1", "L01.Q2",
    "L02.Q1",
)
ac.check("L01.Q3", answer_3)"""
    cell = Cell("code", code, {}, [])
    assert cell.asked == ["L01.P1", "L01.Q1", "L01.Q2", "L02.Q1"]
    assert Lesson(Path("01-x.ipynb"), [cell]).questions == [*cell.asked, "L01.Q3"]
    prose = Cell("markdown", 'A01 and L01.Q1, `ac.ask("L03.Q1")`, B12.', {}, [])
    assert prose.asked == [] and Lesson(Path("01-x.ipynb"), [prose]).questions == []
    assert Lesson(Path("01-x.ipynb"), [prose]).rows == {"A01", "B12"}
