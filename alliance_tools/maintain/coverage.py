"""Two tables for instructors: where each statement and each misconception is taught and checked.

Questions say what they check, and notebooks say what they show and ask; the little that neither
says stands in `coverage.toml`.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from alliance_course.data.tables import markdown_table
from alliance_course.folders import course_folder
from alliance_course.questions.bank import registry
from alliance_tools.maintain.notebooks import Lesson, lessons, practices

PAGE = "coverage.md"
_MADE = {
    "label_exchanges": "exchanges",
    "simulate_trial": "simulated trials",
    "simulate_worlds": "the same clients in many worlds",
    "simulate_literature": "simulated literature",
    "capstone": "the learner's own service",
}


@cache
def statements_and_beliefs() -> dict[str, Any]:
    """`statement`: one entry each; `beliefs`: the misconceptions in order."""
    path = Path(__file__).with_name("coverage.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def asked_questions() -> set[str]:
    """The questions that a lesson or a practice asks."""
    notebooks = [*lessons().values(), *practices().values()]
    return {question_id for notebook in notebooks for question_id in notebook.questions}


def _data(lesson: Lesson) -> list[str]:
    made = [_MADE[name] for name in lesson.calls if name in _MADE]
    return list(dict.fromkeys(lesson.datasets + made))


def _asked(field: str, value: str | int, kinds: str) -> list[str]:
    """The questions that carry a statement or misconception and are asked somewhere."""
    shown = asked_questions()
    return [
        question_id
        for question_id, entry in registry().items()
        if value in entry.get(field, ()) and question_id[4] in kinds and question_id in shown
    ]


def _link(number: str, *, title: bool = True) -> str:
    lesson = lessons()[number]
    text = f"{number} {lesson.title}" if title else number
    return f"[{text}](../notebooks/{lesson.path.name})"


def statement_rows() -> list[dict[str, str]]:
    """One row per statement: id, what it says, lesson, thing to try, data, checks and source."""
    table = []
    for entry in statements_and_beliefs()["statement"]:
        number = entry["lesson"]
        lesson, checks = lessons()[number], _asked("statements", entry["id"], "QT")
        # where the statement is at home first, then the other lessons
        checks.sort(key=lambda question_id: question_id[1:3] != number)
        by_hand = entry["do"].startswith("explorer")
        explorer = f" (`{lesson.explorers[0]}`)" if by_hand else ""
        data = ["the explorer's clients"] * by_hand + _data(lesson)
        source = ", ".join(entry["rows"]) or "practice wisdom"
        note = f" ({entry['note']})" if "note" in entry else ""
        table.append(
            {
                "statement": f"{entry['id']} {entry['says']}",
                "lesson": _link(number),
                "thing to try": f"*{entry['at']}*: {entry['do']}{explorer}",
                "data": ", ".join(data),
                "check": ", ".join(checks),
                "source": source + note,
            }
        )
    return table


def misconception_rows() -> list[dict[str, str]]:
    """One row per misconception: number, belief, lessons, predictions and checks."""
    table = []
    for number, belief in enumerate(statements_and_beliefs()["beliefs"], start=1):
        predictions = _asked("misconceptions", number, "P")
        checks = _asked("misconceptions", number, "QT")
        taught = sorted({question_id[1:3] for question_id in predictions + checks})
        table.append(
            {
                "misconception": f"{number} {belief}",
                "lesson": ", ".join(_link(lesson, title=False) for lesson in taught),
                "prediction": ", ".join(predictions),
                "check": ", ".join(checks),
            }
        )
    return table


def _markdown(table: list[dict[str, str]]) -> str:
    return markdown_table(table[0], (row.values() for row in table))


def coverage_page() -> str:
    """The page with both tables, as it stands in the folder `instructor`."""
    return f"""# What is taught where

Written by `alliance-course coverage --write` from the lessons and the questions; change those, or
`alliance_tools/maintain/coverage.toml`, and not this page. L02.P1 is a prediction, L02.Q1 a check,
L01.T1 a task of the practice; A01 is a row of
[published_effects.csv](../datasets/published_effects.csv). Practice wisdom is what the course
teaches without a row that tests it, and says so.

## Statements

{_markdown(statement_rows())}

## Misconceptions

Each is asked before anything is shown, and again at the end.

{_markdown(misconception_rows())}
"""


def write_coverage() -> Path:
    """Write the page into the checkout's folder `instructor`."""
    path = course_folder("notebooks").parent / "instructor" / PAGE
    path.write_text(coverage_page(), encoding="utf-8", newline="\n")
    return path
