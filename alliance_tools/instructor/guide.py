"""The facilitator's guide: one page to print, from the lessons' cells and the questions."""

import base64
import re
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from alliance_course.questions.bank import question, registry, written_tasks
from alliance_course.questions.judge import solution, values
from alliance_tools.instructor.deck import deck, first_slides
from alliance_tools.instructor.pages import render
from alliance_tools.maintain.coverage import misconception_rows, statements_and_beliefs
from alliance_tools.maintain.notebooks import FOLDED, LOCAL_LINK, Lesson, lesson, lessons, practices

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
_NUMBERED = r"^{}\. (.+?)(?=^\d+\. |^#|^<|\Z)"


def _answer(key: str) -> dict[str, Any]:
    """A question, then what fits, and one by one what does not and why."""
    entry = question(key)
    prediction = "reveal" in entry
    found: dict[str, Any] = {
        "id": key, "prompt": entry["prompt"], "answer": "", "mistakes": [], "points": None,
        "options": [
            {
                "key": option["key"], "text": option["text"], "right": option.get("right", False),
                "says": "" if prediction else option["feedback"],
            }
            for option in entry.get("option", [])
        ],
    }  # fmt: skip
    if prediction:
        found["answer"] = entry["reveal"].format_map(values(key))
    elif entry.get("data") == "capstone":
        found["answer"] = (
            "Each learner has other numbers: `alliance-course key NUMBER` prints the key."
        )
    elif "option" in entry:
        found["answer"] = entry.get("solution", "")
    else:
        found["answer"] = str(solution(key)).replace("\n", "\n\n")
        found["mistakes"] = [(m["name"], m["feedback"]) for m in entry.get("mistake", [])]
    return found


def _asked(found: Lesson, prediction: bool) -> list[dict[str, Any]]:
    return [_answer(key) for key in found.questions if ("reveal" in registry()[key]) is prediction]


def _folded(found: Lesson) -> list[tuple[str, str, str]]:
    """What a lesson keeps folded: the words to click on, the question behind them, the text."""
    answers = []
    for cell in found.cells:
        text = LOCAL_LINK.sub(r"\1", FOLDED.sub("", cell.source))
        for head, body in FOLDED.findall(cell.source) if cell.kind == "markdown" else []:
            number = re.fullmatch(r"Answer to (\d+)", head)
            asked = number and re.search(
                _NUMBERED.format(number[1]), text, flags=re.MULTILINE | re.DOTALL
            )
            answers.append((head, asked[1].strip() if asked else "", body.strip()))
    return answers


def _exercises(number: str) -> list[dict[str, Any]]:
    """The practice of a lesson, task by task; in a lesson's own words where a person marks."""
    if number not in practices():
        return []
    tasks = []
    for key in practices()[number].questions:
        if key in registry():
            tasks.append(_answer(key) | {"points": registry()[key].get("points")})
    for key, entry in written_tasks().items():
        if key.startswith(f"L{number}."):
            tasks.append({
                "id": key, "prompt": entry["prompt"], "options": [], "mistakes": [],
                "answer": _points(entry["rubric"]) + f"\n\n*For example:* {entry['example']}",
                "points": entry["points"],
            })  # fmt: skip
    return sorted(tasks, key=lambda task: int(re.findall(r"\d+", task["id"])[-1]))


def _points(rubric: list[str] | str) -> str:
    lines = [rubric] if isinstance(rubric, str) else rubric
    return "\n".join(f"* {line}" for line in lines)


def _is_wide(png: str) -> bool:
    """Whether a picture needs both columns: an explorer's two or three panels."""
    width, height = struct.unpack(">II", base64.b64decode(png[:32])[16:24])
    return width > 2 * height


def _pictures(number: str) -> list[dict[str, Any]]:
    return [
        {
            "slide": place,
            "heading": slide.heading,
            "data": part.value,
            "alt": part.alt,
            "wide": _is_wide(part.value),
        }
        for place, slide in enumerate(deck(number), start=1)
        for part in slide.parts
        if part.kind == "picture"
    ]


def _chapter(found: Lesson) -> dict[str, Any]:
    beliefs = [
        row["misconception"].split(" ", 1)[1]
        for row in misconception_rows()
        if re.search(rf"\bL{found.number}\.", row["prediction"] + row["check"])
    ]
    timed = [section for section in found.sections if section.in_class[1]]
    return {
        "number": found.number,
        "title": found.title,
        "beliefs": beliefs,
        "says": [
            e["says"] for e in statements_and_beliefs()["statement"] if e["lesson"] == found.number
        ],
        "objectives": found.objectives,
        "sections": timed,
        "slides": first_slides(found.number),
        "least": sum(section.in_class[0] for section in timed),
        "most": sum(section.in_class[1] for section in timed),
        "late": sum(section.shortest for section in timed),
        "take_away": found.take_away,
        "debrief": [s.note for s in found.sections if s.name in ("again", "away") and s.note],
        "guesses": _asked(found, prediction=True),
        "answers": _asked(found, prediction=False),
        "own": _folded(found),
        "exercises": _exercises(found.number),
        "pictures": _pictures(found.number),
    }


def guide_page(numbers: list[str] | None = None, pages: dict[str, int] | None = None) -> str:
    """The guide to some lessons, or to all, as one HTML page without outside resources.

    Parameters
    ----------
    numbers : list of str, optional
        Such as ["01", "06"]; all if left out.
    pages : dict, optional
        On which page of the PDF each lesson begins, for the contents.

    Raises
    ------
    ValueError
        If there is no such lesson.
    """
    chosen = [lesson(number) for number in (numbers or lessons())]
    chapters = [_chapter(found) for found in chosen]
    return render("guide.html.j2", chapters=chapters, pages=pages or {})


def headless(place: str, *options: str) -> bool:
    """Let Chromium do something, with its profile in `place`; whether there is one and it did."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        return False
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu"]
    command += [f"--user-data-dir={place}/profile", *options]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=180)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def print_pdf(page: str, target: Path) -> bool:
    """Print a page as PDF with Chromium; whether there is one on this computer."""
    with tempfile.TemporaryDirectory() as place:
        source = Path(place, "page.html")
        source.write_text(page, encoding="utf-8")
        options = ["--no-pdf-header-footer", "--generate-pdf-document-outline"]
        done = headless(place, *options, f"--print-to-pdf={target.absolute()}", source.as_uri())
    return done and target.is_file()


def chapter_pages(pdf: Path, titles: dict[str, str]) -> dict[str, int]:
    """On which page each chapter begins, from the bookmarks of a PDF; {} if pypdf is not here."""
    try:
        from pypdf import PdfReader
    except ImportError:
        return {}
    reader = PdfReader(str(pdf))
    found: dict[str, int] = {}

    def look(entries: list[Any]) -> None:
        for entry in entries:
            if isinstance(entry, list):
                look(entry)
            elif entry.title in titles:
                page = reader.get_destination_page_number(entry)
                if page is not None:
                    found[titles[entry.title]] = page + 1

    look(reader.outline)
    return found


def write_guide(to: Path, numbers: list[str] | None = None, pdf: bool = True) -> list[Path]:
    """Write the guide as a page, and beside it as PDF if Chromium is here.

    The PDF has page numbers, running heads and bookmarks; its contents name pages if pypdf is
    installed (it comes with the extra `instructor`).

    Returns
    -------
    list of Path
        What was written.
    """
    to.write_text(guide_page(numbers), encoding="utf-8")
    target = to.with_suffix(".pdf")
    if not pdf or not print_pdf(guide_page(numbers), target):
        return [to]
    chosen = [lesson(number) for number in (numbers or lessons())]
    titles = {f"{found.number} {found.title}": found.number for found in chosen}
    if pages := chapter_pages(target, titles):
        # the first print says where each chapter begins, the second one says it in the contents
        print_pdf(guide_page(numbers, pages), target)
    return [to, target]
