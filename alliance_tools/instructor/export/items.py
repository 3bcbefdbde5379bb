"""What is exported: one item for each question, in no platform's form."""

import re
from html import escape
from itertools import groupby
from typing import Any, NamedTuple

from alliance_course.questions.bank import registry
from alliance_course.questions.judge import values
from alliance_tools.instructor.variants.versions import stays_in_order
from alliance_tools.maintain.notebooks import Lesson, lessons, practices

_CHECK = re.compile(r"^L(\d\d)\.Q\d+$")
_PRACTICE = re.compile(r"^L(\d\d)\.T\d+$")
_TEST = re.compile(r"^T([AB])\.Q\d+$")


class Option(NamedTuple):
    """One choice, or one known number: `html` and `feedback` are XHTML."""

    key: str
    html: str
    right: bool
    feedback: str


class Slip(NamedTuple):
    """A usual wrong number, and what to say to it."""

    value: float
    feedback: str


class Item(NamedTuple):
    """A question: `kind` is choice, choices or number; texts are XHTML without entities of HTML."""

    id: str
    kind: str
    category: tuple[str, ...]
    html: str
    points: float
    options: tuple[Option, ...]
    shuffle: bool
    expected: float
    tolerance: float
    near: float
    slips: tuple[Slip, ...]
    right: str
    wrong: str
    tags: tuple[str, ...]


def markup(text: str) -> str:
    """Prose of the course as XHTML: paragraphs, quotations, stress and code.

    Examples
    --------
    >>> markup("Is *r* < .3?")
    '<p>Is <em>r</em> &lt; .3?</p>'
    """
    blocks = []
    lines = text.strip().splitlines()
    for quoted, group in groupby(lines, key=lambda line: line.startswith(">")):
        inner = "\n".join(line.removeprefix(">").strip() for line in group)
        parts = [" ".join(part.split()) for part in re.split(r"\n\n+", inner)]
        made = "".join(f"<p>{_inline(part)}</p>" for part in parts if part)
        blocks.append(f"<blockquote>{made}</blockquote>" if quoted else made)
    return "".join(blocks)


def _inline(text: str) -> str:
    kept = re.split(r"(`[^`]+`)", text)
    for place, part in enumerate(kept):
        if part.startswith("`") and part.endswith("`") and len(part) > 2:
            kept[place] = f"<code>{escape(part[1:-1], quote=False)}</code>"
            continue
        part = escape(part, quote=False)
        part = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", part)
        kept[place] = re.sub(r"\*(\w[^*]*)\*", r"<em>\1</em>", part)
    return "".join(kept)


def _scene(task: str, lesson: str) -> str:
    """What a practice says before it asks: the exchange that a question is about."""
    practice: Lesson = practices()[lesson]
    section: list[str] = []
    for cell in practice.cells:
        if cell.source.startswith("## "):
            section = []
        if cell.tag.get("task") == task:
            text = "\n\n".join(section)
            return re.sub(r"^## .*\n*", "", text, flags=re.MULTILINE).strip()
        if cell.kind == "markdown":
            section.append(cell.source)
    return ""


def _category(key: str) -> tuple[str, ...] | None:
    for pattern, kind in ((_CHECK, "Checks"), (_PRACTICE, "Practice")):
        if found := pattern.match(key):
            number = found[1]
            return ("Alliance Course", f"{number} {lessons()[number].title}", kind)
    if found := _TEST.match(key):
        return ("Alliance Course", "Test before and after", f"Form {found[1]}")
    return None


def _item(key: str, entry: dict[str, Any], category: tuple[str, ...]) -> Item:
    prompt = entry["prompt"]
    if category[-1] == "Practice":
        prompt = "\n\n".join(filter(None, [_scene(key, key[1:3]), prompt]))
    options = tuple(
        Option(o["key"], _paragraph(o["text"]), bool(o.get("right")), _paragraph(o["feedback"]))
        for o in entry.get("option", [])
    )
    tags = (key, *entry.get("statements", []))
    tags += tuple(f"misconception {number}" for number in entry.get("misconceptions", []))
    expected = tolerance = near = 0.0
    slips: tuple[Slip, ...] = ()
    right, wrong = "", ""
    if entry["kind"] == "number":
        found = values(key)
        expected, tolerance = float(found["expected"]), float(entry["tolerance"])
        near = float(entry.get("near", 3 * tolerance))
        slips = tuple(
            Slip(
                float(found[f"mistake {m['name']}"]),
                _paragraph(f"Not yet. {m['feedback']} Look again at: {m['look']}."),
            )
            for m in entry.get("mistake", [])
        )
        # a slip that happens to be right in this clinic is no slip
        slips = tuple(slip for slip in slips if abs(slip.value - expected) > tolerance)
        right = _paragraph(f"Right. {entry['right']}")
        wrong = _paragraph(
            "Not yet. This is not the number, and none of the usual mix-ups gives it."
        )
    return Item(
        key, entry["kind"], category, markup(prompt), float(entry.get("points", 1)), options,
        bool(options) and not stays_in_order(entry["option"]), expected, tolerance, near, slips,
        right, wrong, tags,
    )  # fmt: skip


def _paragraph(text: str) -> str:
    return _inline(" ".join(text.split()))


def all_items(wanted: list[str] | None = None, *, tests: bool = True) -> list[Item]:
    """Every question that can be exported, in the order of the lessons.

    Checks with their numbers, the choices of the practice, and both tests. Predictions have no
    right answer, and a practice's numbers and the capstone's need the notebook beside them.
    """
    unknown = [lesson for lesson in wanted or [] if lesson not in lessons()]
    if unknown:
        raise ValueError(f"lesson {unknown[0]!r} is not there: choose from {', '.join(lessons())}")
    found = []
    for key, entry in registry().items():
        category = _category(key)
        if category is None or "reveal" in entry or entry.get("data") == "capstone":
            continue
        test = _TEST.match(key)
        if (test and not tests) or (not test and wanted is not None and key[1:3] not in wanted):
            continue
        if _PRACTICE.match(key) and entry["kind"] == "number":
            continue
        found.append(_item(key, entry, category))
    order = {"Checks": 0, "Practice": 1}
    found.sort(
        key=lambda item: (item.category[1], order.get(item.category[2], 2), item.category[2])
    )
    if not found:
        raise ValueError("there is nothing to export: these lessons have no questions")
    return found


def by_category(items: list[Item]) -> dict[tuple[str, ...], list[Item]]:
    """The items of each category, in order."""
    found: dict[tuple[str, ...], list[Item]] = {}
    for item in items:
        found.setdefault(item.category, []).append(item)
    return found


def number_text(value: float) -> str:
    """A number as platforms read it: no exponent, no more digits than it has.

    Examples
    --------
    >>> number_text(0.31), number_text(-0.0000012), number_text(120.0)
    ('0.31', '-0.0000012', '120')
    """
    text = f"{value:.10f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
