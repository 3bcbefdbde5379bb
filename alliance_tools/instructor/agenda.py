"""An agenda with clock times: sections are stretched, shortened or left out until they fit."""

import math
import re
from itertools import pairwise
from typing import Any, NamedTuple

from alliance_tools.instructor.deck import first_slides
from alliance_tools.maintain.notebooks import Section, lesson

_DAY = 24 * 60
TEST = 15  # minutes for one form of the test
# What one class is about if no lessons are named: as many of these as fit unhurried.
_CORE = ("01", "06", "07")
READY = {"agenda-60.md": 60, "agenda-90.md": 90, "agenda-180.md": 180}
_OPEN = "Open questions, or tasks from the practice notebooks"
_SET_UP = "Set-up: everybody runs lesson 00 up to *Am I set up?*"
_NEIGHBOUR = "Who has a cross joins a neighbour; who has no laptop takes a handout."
_HAND_IN = "Hand-in: everybody saves their answers and sends them, with a code and no name"
# how a section is worked at, where its note does not say otherwise
_WHO = {
    "start": "you", "notebook": "you, on the screen", "believe": "each alone, then hands",
    "scene": "two read aloud", "idea": "you", "try": "pairs at a laptop", "data": "pairs",
    "label": "each alone, then pairs", "evidence": "all together",
    "check": "each alone, then pairs", "again": "hands again", "away": "you",
}  # fmt: skip
# minutes that a break may lie off an even division before it parts a lesson
_BORDER = 15


class Row(NamedTuple):
    """One line of an agenda; `start` and `end` are minutes after the midnight before it began."""

    start: int
    end: int
    lesson: str
    what: str
    note: str
    who: str = ""


def _minutes_of(start: str) -> int:
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", start.strip())
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(f"start={start!r} is no clock time: write it like 13:00 or 09:30")
    return 60 * int(found[1]) + int(found[2])


def clock(minute: int) -> str:
    """A minute of the day as clock time; past midnight it says so.

    Examples
    --------
    >>> clock(13 * 60 + 5), clock(24 * 60 + 7)
    ('13:05', '00:07 (next day)')
    """
    day = "" if minute < _DAY else " (next day)" if minute < 2 * _DAY else " (day after)"
    return f"{minute // 60 % 24:02}:{minute % 60:02}{day}"


def _breaks(minutes: int) -> tuple[int, int]:
    """How many breaks a class of this length has, and how long each is."""
    return (minutes - 1) // 60, 5 if minutes < 120 else 10


def _fit(sections: list[Section], room: int) -> list[int] | None:
    """Minutes for each section that add up to `room` at most, or None if nothing helps."""
    least = [section.in_class[0] for section in sections]
    most = [section.in_class[1] for section in sections]
    # homework first, then whatever saves most
    late = sorted(
        (i for i, section in enumerate(sections) if section.shortest < section.in_class[0]),
        key=lambda i: (sections[i].shortest > 0, sections[i].shortest - least[i]),
    )
    given = least.copy()
    for i in late:
        if sum(given) <= room:
            break
        given[i] = most[i] = sections[i].shortest
    if sum(given) > room:
        return None
    while sum(given) < room and given != most:
        # the next minute goes where most is missing
        i = max(range(len(given)), key=lambda i: (most[i] - given[i], -i))
        given[i] += 1
    return given


def _content(sections: list[Section]) -> int:
    """Minutes of a lesson that is not hurried, with what can be homework left as homework."""
    return sum(s.in_class[0] if s.shortest else 0 for s in sections)


def _core(minutes: int, taken: int) -> list[str]:
    count, length = _breaks(minutes)
    chosen: list[str] = []
    room = minutes - taken - count * length
    for number in _CORE:
        room -= _content(lesson(number).sections)
        if room < 0 and chosen:
            break
        chosen.append(number)
    return chosen


def _with_breaks(rows: list[Row], count: int, length: int) -> list[Row]:
    """The same rows with breaks between them, at a lesson's border where one is near."""
    if not count:
        return rows
    whole = rows[-1].end - rows[0].start
    # a row that is not of a lesson may be parted, so that there are edges enough
    edges = [
        place
        for place, (before, after) in enumerate(pairwise(rows), start=1)
        if before.end > rows[0].start and after.end > after.start
    ]
    chosen: list[int] = []
    for number in range(1, count + 1):
        due = rows[0].start + number * whole / (count + 1)
        left = [edge for edge in edges if edge > (chosen[-1] if chosen else 0)]
        # as many edges stay as breaks are still to come
        left = left[: len(left) - (count - number)] or left[:1]
        if not left:
            break
        chosen.append(min(left, key=lambda edge: _off(rows, edge, due)))
    done: list[Row] = []
    later = 0
    for place, row in enumerate(rows):
        if place in chosen:
            done.append(Row(row.start + later, row.start + later + length, "", "Break", ""))
            later += length
        done.append(row._replace(start=row.start + later, end=row.end + later))
    for _ in range(count - len(chosen)):
        done.append(Row(done[-1].end, done[-1].end + length, "", "Break", ""))
    return done


def _off(rows: list[Row], edge: int, due: float) -> float:
    """How far from where it should be a break before this row would lie."""
    parted = rows[edge - 1].lesson == rows[edge].lesson != ""
    # one or two sections beside a border a class would break twice
    beside = len({row.lesson for row in rows[max(0, edge - 3) : edge + 3]}) > 1
    return abs(rows[edge].start - due) + _BORDER * (parted + 2 * (parted and beside))


def agenda(
    minutes: int,
    start: str = "13:00",
    lessons: list[str] | None = None,
    *,
    setup: int = 0,
    hand_in: int = 0,
    reserve: int = 0,
    test: str = "",
) -> list[Row]:
    """Fit lessons into the minutes of a class.

    Parameters
    ----------
    minutes : int
        Length of the class with breaks, 10 to 720.
    start : str
        Clock time such as "13:00".
    lessons : list of str, optional
        Numbers such as ["01", "06"]; as many of 01, 06 and 07 as fit if left out.
    setup, hand_in, reserve : int
        Minutes to get machines running, to save and send answers, and to be late by.
    test : str
        "before" or "after" puts the test of fifteen minutes there; "" leaves it out.

    Returns
    -------
    list of Row
        One after the other without gaps, `minutes` in all.

    Raises
    ------
    ValueError
        If something is not allowed, or if the lessons do not fit.
    """
    if not 10 <= minutes <= 720:
        raise ValueError(f"minutes={minutes} is not allowed: a class has 10 to 720 minutes")
    for name, given in (("setup", setup), ("hand-in", hand_in), ("reserve", reserve)):
        if not 0 <= given <= 60:
            raise ValueError(f"{name}={given} is not allowed: give 0 to 60 minutes")
    if test not in ("", "before", "after"):
        raise ValueError(f"test={test!r} is not allowed: give before or after")
    now = _minutes_of(start)
    taken = setup + hand_in + reserve + (TEST if test else 0)
    numbers = [lesson(number).number for number in lessons or _core(minutes, taken)]
    if len(set(numbers)) < len(numbers):
        raise ValueError(f"lessons={','.join(numbers)} names a lesson twice: name each one once")
    chosen = [
        (number, section)
        for number in numbers
        for section in lesson(number).sections
        if section.in_class[1]
    ]
    count, length = _breaks(minutes)
    room = minutes - count * length - taken
    given_minutes = _fit([section for _, section in chosen], room)
    if given_minutes is None:
        content = taken + sum(section.shortest for _, section in chosen)
        need = next(m for m in range(content, 2 * content) if m - math.prod(_breaks(m)) >= content)
        also = " set-up, test, hand-in and reserve," if taken else ""
        raise ValueError(
            f"lessons {', '.join(numbers)} need at least {need} minutes, shortened and with{also} "
            f"breaks, and you have {minutes}: take fewer lessons, or more time"
        )
    rows: list[Row] = []

    def add(span: int, number: str, what: str, note: str = "", who: str = "") -> None:
        begin = rows[-1].end if rows else now
        rows.append(Row(begin, begin + span, number, what, note, who))

    def test_row(when: str) -> None:
        form = "form A for one half, B for the other" + ("" if when == "before" else ", swapped")
        if test == when:
            add(TEST, "", f"Test {when}: {form}", "Not graded. A code, no name.", "each alone")

    if setup:
        add(setup, "", _SET_UP, _NEIGHBOUR, "each, you walk round")
    test_row("before")
    for (number, section), span in zip(chosen, given_minutes, strict=True):
        note = ""
        if section.skip and span <= section.shortest:
            note = f"shortened: {section.late}" if span else "as homework"
        add(span, number, section.heading, note, _WHO.get(section.name, "") if span else "")
    left = room - sum(given_minutes)
    # long open time is parted, so that a break can come into it
    parts = max(1, left // 45)
    for part in range(parts if left else 0):
        add(left // parts + (part < left % parts), "", _OPEN, "", "pairs")
    if hand_in:
        add(hand_in, "", _HAND_IN, "", "each")
    test_row("after")
    if reserve:
        add(reserve, "", "Reserve", "For what took longer. Not needed: open questions.", "")
    return _with_breaks(rows, count, length)


def _joined(rows: list[Row]) -> list[Row]:
    """Rows of one or two minutes with their neighbour: nobody keeps a minute in a room."""
    done: list[Row] = []
    for row in rows:
        last = done[-1] if done else None
        short = (
            last is not None
            and 0 < min(last.end - last.start, row.end - row.start) <= 2
            and row.end - last.start <= 6
        )
        if last and short and last.lesson == row.lesson != "" and row.end > row.start:
            notes = "; ".join(filter(None, [last.note, row.note]))
            who = "; ".join(dict.fromkeys(filter(None, [last.who, row.who])))
            what = f"{last.what}; {row.what}"
            done[-1] = last._replace(end=row.end, what=what, note=notes, who=who)
        else:
            done.append(row)
    return done


def _note(row: Row) -> str:
    """What is shortened, and the first sentences of the facilitator's notes."""
    if not row.lesson or row.end == row.start:
        return row.note
    sections = {section.heading: section for section in lesson(row.lesson).sections}
    parts = [sections[what].note for what in row.what.split("; ") if what in sections]
    return " ".join(filter(None, [f"**{row.note}**" if row.note else "", *parts]))


def agenda_page(
    minutes: int, start: str = "13:00", lessons: list[str] | None = None, **extras: Any
) -> str:
    """The agenda as a table in Markdown, which also reads well as plain text.

    `extras` are `setup`, `hand_in`, `reserve` and `test` of `agenda`.
    """
    rows = agenda(minutes, start, lessons, **extras)
    numbers = dict.fromkeys(row.lesson for row in rows if row.lesson)
    lines = [f"# Agenda for {minutes} minutes, {clock(rows[0].start)} to {clock(rows[-1].end)}", ""]
    lines += [f"* Lesson {number}: {lesson(number).title}" for number in numbers]
    lines += [f"* To print: {_to_print(list(numbers), extras.get('test', ''))}"]
    lines += [f"* To show: {', '.join(f'`slides-{number}.html`' for number in numbers)}", ""]
    lines += ["| from | to | minutes | lesson | what | who | slide | note |", "|---|" + "---|" * 7]
    for row in _joined(rows):
        span = row.end - row.start
        times = (clock(row.start), clock(row.end), str(span)) if span else ("", "", "0")
        slide = ""
        if row.lesson and span:
            slide = str(first_slides(row.lesson).get(row.what.split("; ")[0], ""))
        cells = (*times, row.lesson, row.what, row.who, slide, _note(row))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _to_print(numbers: list[str], test: str) -> str:
    handouts = ", ".join(f"`handout-{number}.html`" for number in numbers)
    forms = ", and `test-a.html` and `test-b.html` for half of the class each" if test else ""
    return f"{handouts}, for who has no laptop{forms}"


def ready_pages() -> dict[str, str]:
    """The agendas that stand ready in `instructor/`, by file name."""
    return {name: agenda_page(minutes, setup=5, hand_in=3) for name, minutes in READY.items()}
