"""The facilitator's guide: one page to print, from the lessons' cells and the questions."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from alliance_course.questions.bank import registry
from alliance_course.questions.judge import solution, values
from alliance_tools.instructor.pages import render
from alliance_tools.maintain.coverage import misconception_rows, statements_and_beliefs
from alliance_tools.maintain.notebooks import Lesson, lesson, lessons

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")


def _answers(found: Lesson) -> list[dict[str, Any]]:
    """Each question that the lesson asks: what fits and, one by one, what does not and why."""
    answers = []
    for key in found.questions:
        entry = registry()[key]
        wrong = [o for o in entry.get("option", []) if "reveal" not in entry and "right" not in o]
        if "reveal" in entry:
            answer = entry["reveal"].format_map(values(key))
        elif entry.get("data") == "capstone":
            answer = "Each learner has other numbers: `alliance-course key NUMBER` prints the key."
        else:
            answer = str(solution(key)).replace("\n", "\n\n")
        answers.append(
            {
                "id": key,
                "prompt": entry["prompt"],
                "answer": answer,
                "wrong": [(f"{o['key']}) {o['text']}", o["feedback"]) for o in wrong]
                + [(m["name"], m["feedback"]) for m in entry.get("mistake", [])],
            }
        )
    return answers


def _chapter(found: Lesson) -> dict[str, Any]:
    beliefs = [
        row["misconception"].split(" ", 1)[1]
        for row in misconception_rows()
        if re.search(rf"\bL{found.number}\.", row["prediction"] + row["check"])
    ]
    timed = [section for section in found.sections if section.minutes[1]]
    return {
        "number": found.number,
        "title": found.title,
        "beliefs": beliefs,
        "says": [
            e["says"] for e in statements_and_beliefs()["statement"] if e["lesson"] == found.number
        ],
        "objectives": found.objectives,
        "sections": timed,
        "least": sum(section.minutes[0] for section in timed),
        "most": sum(section.minutes[1] for section in timed),
        "late": sum(section.shortest for section in timed),
        "take_away": found.take_away,
        "debrief": [s.note for s in found.sections if s.name in ("again", "away") and s.note],
        "answers": _answers(found),
        "own": found.folded,
    }


def guide_page(numbers: list[str] | None = None) -> str:
    """The guide to some lessons, or to all, as one HTML page without outside resources.

    Raises
    ------
    ValueError
        If there is no such lesson.
    """
    chosen = [lesson(number) for number in (numbers or lessons())]
    return render("guide.html.j2", chapters=[_chapter(found) for found in chosen])


def print_pdf(page: Path) -> Path | None:
    """Print a page as PDF beside it, with Chromium; None if it is not on this computer."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        return None
    target = page.absolute().with_suffix(".pdf")
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        command += [f"--user-data-dir={profile}", f"--print-to-pdf={target}"]
        try:
            subprocess.run(
                [*command, page.absolute().as_uri()], check=True, capture_output=True, timeout=120
            )
        except (OSError, subprocess.SubprocessError):
            return None
    return target if target.is_file() else None
