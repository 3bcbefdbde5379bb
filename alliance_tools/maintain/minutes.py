"""How long a lesson takes, by one stated formula, and how many pictures stand in it.

The minutes are words read at a rate, and seconds for each thing that is done. Both are counted in
the notebook as it is saved, so that a lesson that grows says so.
"""

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from alliance_course.data.tables import markdown_table
from alliance_course.folders import write_atomically
from alliance_course.questions.bank import registry
from alliance_tools.maintain.notebooks import (
    FOLDED,
    STATED,
    Cell,
    Lesson,
    lessons,
    without_references,
)

# Words a minute, of a quick and of a slow reader. Silent reading of English non-fiction is 238 on
# average, and most adults lie between 175 and 300 (Brysbaert, 2019, J Mem Lang, 109, 104047). A
# lesson is new to its readers, so the quick one here is the average one.
WORDS_A_MINUTE = (238, 175)
# Seconds, least and most, on top of what is read. Nobody has timed a class: these are our guess.
SECONDS = {
    "guess": (20, 40),
    "question in an explorer": (45, 90),
    "exchange to label": (15, 35),
    "question to choose": (30, 60),
    "number to find": (90, 240),
    "text to write": (180, 300),
    "figure or table": (15, 40),
    "drawing": (5, 10),
    "cell to run": (3, 6),
}
_DRAWING = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_CHECKED = re.compile(r'ac\.(?:check|mark)\("')
_ASKED = re.compile(r'<ol class="ac-asked">.*', flags=re.DOTALL)
_SHUT = re.compile(r"<details>.*?</details>", flags=re.DOTALL)
_TAG = re.compile(r"<(style|script|svg)\b.*?</\1>|<[^>]+>", flags=re.DOTALL)
_WORD = re.compile(r"\w+(?:['.,:/-]\w+)*")


class Measured(NamedTuple):
    """What a part of a lesson asks of its reader: words, things to do, pictures among them."""

    words: int
    to_do: Counter[str]
    pictures: int

    def minutes(self) -> tuple[float, float]:
        """For a quick and for a slow reader."""
        least, most = (
            self.words / rate + sum(SECONDS[what][end] * n for what, n in self.to_do.items()) / 60
            for end, rate in enumerate(WORDS_A_MINUTE)
        )
        return least, most


def seen(cell: Cell) -> str:
    """The text of a cell as it is read: without what is folded, references and where links lead."""
    if cell.kind != "markdown":
        return ""
    text = _DRAWING.sub("", FOLDED.sub("", without_references(cell.source)))
    return _LINK.sub(r"\1", text)


def words_in(text: str) -> int:
    """How many words a text has; tags and what only a program reads are none."""
    return len(_WORD.findall(_TAG.sub(" ", text)))


def _measured(cell: Cell) -> Measured:
    if cell.kind == "markdown":
        drawings = len(_DRAWING.findall(cell.source))
        to_do = Counter({"drawing": drawings, "text to write": cell.tag.get("writes", 0)})
        return Measured(words_in(seen(cell)), to_do, drawings)
    bank, words, to_do = registry(), 0, Counter({"cell to run": 1})
    to_do["text to write"] = cell.tag.get("writes", 0)
    to_do["number to find"] = len(_CHECKED.findall(cell.source))
    for key in cell.asked:
        options = bank[key].get("option", [])
        words += words_in(" ".join([bank[key]["prompt"], *(o["text"] for o in options)]))
        if "reveal" in bank[key]:
            to_do["guess"] += 1
        else:
            to_do["question to choose" if options else "number to find"] += 1
            # of what is said to each answer one is read, of middling length
            said = [o["feedback"] for o in options] or [bank[key]["right"]]
            words += round(sum(map(words_in, said)) / len(said))
    words += sum(words_in(bank[key]["reveal"]) for key in cell.revisited)
    pictures = 0
    for output in cell.outputs:
        data = {kind: "".join(text) for kind, text in output.get("data", {}).items()}
        html = data.get("text/html", "")
        if inside := _ASKED.search(html):
            # an explorer: its questions, each with the answer that is read afterwards
            words += words_in(inside[0])
            to_do["question in an explorer"] += inside[0].count("<li ")
        elif "label_exchanges(" in cell.source:
            words += words_in(html)
            to_do["exchange to label"] += html.count("<blockquote>")
        elif "compare_labels(" in cell.source:
            words += words_in(html)
        elif not cell.asked and not cell.revisited and "show_references" not in cell.source:
            if "image/png" in data or 'class="dataframe"' in html:
                to_do["figure or table"] += 1
            else:
                words += words_in(_SHUT.sub("", html) or data.get("text/markdown", ""))
        pictures += "image/png" in data
    return Measured(words, to_do, pictures)


def measure(cells: list[Cell]) -> Measured:
    """What some cells of a lesson ask of a reader, all together; a glossary asks nothing."""
    parts = [_measured(cell) for cell in cells]
    to_do = sum((part.to_do for part in parts), Counter[str]())
    return Measured(sum(p.words for p in parts), to_do, sum(p.pictures for p in parts))


def sections_measured(lesson: Lesson) -> dict[str, Measured]:
    """Each section of a lesson by its name."""
    return {s.name: measure(s.cells if s.name != "glossary" else []) for s in lesson.sections}


def pictures_per_thousand(lessons: list[Lesson]) -> float:
    """Pictures (figures, explorers, drawings) for each thousand words of text that is read.

    The words are those of the texts. Questions, tables of findings, what is folded, references and
    the glossary have their own form, and are not counted.
    """
    pictures = words = 0
    for lesson in lessons:
        for section in lesson.sections:
            if section.name != "glossary":
                pictures += measure(section.cells).pictures
                words += sum(words_in(seen(cell)) for cell in section.cells)
    return 1000 * pictures / words


def rounded(least: float, most: float, to: int) -> tuple[int, int]:
    """Minutes as they are stated: whole steps, and never none at most."""
    return to * round(least / to), max(to * round(most / to), to if most else 0)


def alone(lesson: Lesson) -> tuple[float, float]:
    """Minutes that a lesson takes a quick and a slow reader."""
    each = [part.minutes() for part in sections_measured(lesson).values()]
    return sum(least for least, _ in each), sum(most for _, most in each)


def minutes_page() -> str:
    """What each lesson takes and shows, as a table in Markdown."""
    rows = []
    for lesson in lessons().values():
        least, most = alone(lesson)
        parts = list(sections_measured(lesson).values())
        in_class = [section.in_class for section in lesson.sections]
        rows.append(
            [
                f"{lesson.number} {lesson.title}",
                f"{least:.0f} to {most:.0f}",
                f"{sum(a for a, _ in in_class)} to {sum(b for _, b in in_class)}",
                f"{sum(part.words for part in parts):,}",
                str(sum(part.pictures for part in parts)),
                f"{pictures_per_thousand([lesson]):.1f}",
            ]
        )
    head = ["lesson", "alone", "in class", "words", "pictures", "for 1,000 words of text"]
    return markdown_table(head, rows)


def write_minutes() -> list[Path]:
    """State in each lesson what it takes; returns the notebooks that changed."""
    import nbformat

    changed = []
    for lesson in lessons().values():
        least, most = rounded(*alone(lesson), 5)
        by_name = sections_measured(lesson)
        notebook = nbformat.read(lesson.path, as_version=4)
        for cell in notebook.cells:
            tag = cell.metadata.get("alliance", {})
            if "section" in tag:
                tag["minutes"] = list(rounded(*by_name[tag["section"]].minutes(), 1))
        first = notebook.cells[0]
        first.source = STATED.sub(f"**{least} to {most} minutes.**", first.source, count=1)
        text = nbformat.writes(notebook) + "\n"
        if text != lesson.path.read_text(encoding="utf-8"):
            write_atomically(lesson.path, text.encode())
            changed.append(lesson.path)
    return changed
