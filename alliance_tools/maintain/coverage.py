"""Two tables for instructors: where each statement and each misconception is taught and checked.

Questions say what they check, and notebooks say what they show and ask; the little that neither
says stands in `coverage.toml`.
"""

import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from alliance_course.folders import course_folder
from alliance_course.questions.bank import registry

PAGE = "coverage.md"
_MADE = {
    "label_exchanges": "exchanges",
    "simulate_trial": "simulated trials",
    "simulate_worlds": "the same clients in many worlds",
    "simulate_literature": "simulated literature",
    "capstone": "the learner's own service",
}


class Lesson(NamedTuple):
    """What a notebook shows and asks."""

    path: Path
    title: str
    headings: list[str]
    explorers: list[str]
    data: list[str]
    questions: list[str]
    rows: set[str]


def _found(pattern: str, text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(pattern, text, flags=re.MULTILINE)))


@cache
def lessons() -> dict[str, Lesson]:
    """The lessons and practices of the course, by "01" and "01 practice"."""
    found = {}
    for folder, name in (("notebooks", ""), ("exercises", " practice")):
        for path in sorted(course_folder(folder).glob("*.ipynb")):
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            prose, code = (
                "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == kind)
                for kind in ("markdown", "code")
            )
            loaded = _found(r'load_dataset\(\s*"(\w+)"', code)
            made = _found(rf"ac\.({'|'.join(_MADE)})\(", code)
            found[path.name[:2] + name] = Lesson(
                path,
                _found(r"^# (.+)$", prose)[0].strip(),
                [text.strip() for text in _found(r"^##+ (.+)$", prose)],
                _found(r"ac\.(explore_\w+)\(", code),
                [*dict.fromkeys(loaded + [_MADE[name] for name in made])],
                _found(r'"(L\d\d\.[PQT]\d+)"', code),
                set(_found(r"\b([A-N]\d\d)\b", re.sub(r"L\d\d\.\w+", "", prose))),
            )
    return found


@cache
def texts() -> dict[str, Any]:
    """`statement`: one entry each; `beliefs`: the misconceptions in order."""
    path = Path(__file__).with_name("coverage.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _asked(field: str, value: str | int, kinds: str) -> list[str]:
    """The questions that carry a statement or misconception and are asked somewhere."""
    shown = {question for lesson in lessons().values() for question in lesson.questions}
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
    """One row a statement: id, what it says, lesson, thing to try, data, checks and source."""
    table = []
    for entry in texts()["statement"]:
        number = entry["lesson"]
        lesson, checks = lessons()[number], _asked("statements", entry["id"], "QT")
        # where the statement is at home first, then the other lessons
        checks.sort(key=lambda question_id: question_id[1:3] != number)
        by_hand = entry["do"].startswith("explorer")
        explorer = f" (`{lesson.explorers[0]}`)" if by_hand else ""
        data = ["the explorer's clients"] * by_hand + lesson.data
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
    """One row a misconception: number, belief, lessons, predictions and checks."""
    table = []
    for number, belief in enumerate(texts()["beliefs"], start=1):
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
    lines = [list(table[0]), ["---"] * len(table[0]), *(row.values() for row in table)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def coverage_page() -> str:
    """The page with both tables, as it stands in the folder `instructor`."""
    return f"""# What is taught where

Written by `alliance-course coverage --write` from the lessons and the questions; change those, or
`alliance_course/coverage.toml`, and not this page. L02.P1 is a prediction, L02.Q1 a check, L01.T1 a
task of the practice; A01 is a row of [published_effects.csv](../datasets/published_effects.csv).
Practice wisdom is what the course teaches without a row that tests it, and says so.

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
