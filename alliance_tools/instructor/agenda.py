"""An agenda with clock times: sections are stretched, shortened or left out until they fit."""

import math
import re
from typing import NamedTuple

from alliance_tools.maintain.notebooks import Section, lesson

_DAY = 24 * 60
# What one class is about if no lessons are named: as many of these as fit unhurried.
_CORE = ("01", "06", "07")
READY = {"agenda-60.md": 60, "agenda-90.md": 90, "agenda-180.md": 180}
WEEKS = "agenda-twelve-weeks.md"
_OPEN = "Open questions, or tasks from the practice notebooks"


class Row(NamedTuple):
    """One line of an agenda; `start` and `end` are minutes after the midnight before it began."""

    start: int
    end: int
    lesson: str
    what: str
    note: str


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
    least = [section.minutes[0] for section in sections]
    most = [section.minutes[1] for section in sections]
    # homework first, then whatever saves most
    late = sorted(
        (i for i, section in enumerate(sections) if section.shortest < section.minutes[0]),
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


def _core(minutes: int) -> list[str]:
    count, length = _breaks(minutes)
    chosen: list[str] = []
    room = minutes - count * length
    for number in _CORE:
        room -= sum(section.minutes[0] for section in lesson(number).sections)
        if room < 0 and chosen:
            break
        chosen.append(number)
    return chosen


def agenda(minutes: int, start: str = "13:00", lessons: list[str] | None = None) -> list[Row]:
    """Fit lessons into the minutes of a class.

    Parameters
    ----------
    minutes : int
        Length of the class with breaks, 10 to 720.
    start : str
        Clock time such as "13:00".
    lessons : list of str, optional
        Numbers such as ["01", "06"]; as many of 01, 06 and 07 as fit if left out.

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
    now, numbers = _minutes_of(start), lessons or _core(minutes)
    chosen = [
        (found.number, section) for found in map(lesson, numbers) for section in found.sections
    ]
    if len({number for number, _ in chosen}) < len(numbers):
        raise ValueError(f"lessons={','.join(numbers)} names a lesson twice: name each one once")
    chosen = [(number, section) for number, section in chosen if section.minutes[1]]
    count, length = _breaks(minutes)
    given = _fit([section for _, section in chosen], minutes - count * length)
    if given is None:
        content = sum(section.shortest for _, section in chosen)
        need = next(m for m in range(content, 2 * content) if m - math.prod(_breaks(m)) >= content)
        raise ValueError(
            f"lessons {', '.join(numbers)} need at least {need} minutes, shortened and with "
            f"breaks, and you have {minutes}: take fewer lessons, or more time"
        )
    rows: list[Row] = []

    def add(span: int, number: str, what: str, note: str) -> None:
        begin = rows[-1].end if rows else now
        rows.append(Row(begin, begin + span, number, what, note))

    taught, paused = 0, 0
    left = minutes - count * length - sum(given)
    for (number, section), span in zip(chosen, given, strict=True):
        # a break comes at the edge of a section that is nearest to an even division
        due = (paused + 1) * (minutes - count * length) / (count + 1)
        if rows and paused < count and taught + span / 2 >= due:
            add(length, "", "Break", "")
            paused += 1
        if not span:
            add(0, number, section.heading, "as homework")
            continue
        shortened = section.skip and span <= section.shortest
        add(span, number, section.heading, f"shortened: {section.late}" if shortened else "")
        taught += span
    for _ in range(count - paused):
        add(length, "", "Break", "")
    if left:
        add(left, "", _OPEN, "")
    return rows


def agenda_page(minutes: int, start: str = "13:00", lessons: list[str] | None = None) -> str:
    """The agenda as a table in Markdown, which also reads well as plain text."""
    rows = agenda(minutes, start, lessons)
    numbers = dict.fromkeys(row.lesson for row in rows if row.lesson)
    lines = [f"# Agenda for {minutes} minutes, {clock(rows[0].start)} to {clock(rows[-1].end)}", ""]
    lines += [f"* Lesson {number}: {lesson(number).title}" for number in numbers]
    lines += ["", "| from | to | minutes | lesson | what | note |", "|---|---|---|---|---|---|"]
    for row in rows:
        span = row.end - row.start
        times = (clock(row.start), clock(row.end), str(span)) if span else ("", "", "0")
        lines.append(f"| {' | '.join((*times, row.lesson, row.what, row.note))} |")
    return "\n".join(lines) + "\n"


def weeks_page(minutes: int = 90, start: str = "13:00") -> str:
    """Twelve weeks, one lesson each; the first week also shows how the course works."""
    parts = ["# Twelve weeks", ""]
    for week in range(1, 13):
        numbers = ["00", "01"] if week == 1 else [f"{week:02}"]
        page = agenda_page(minutes, start, numbers)
        parts.append(page.replace("# Agenda for", f"## Week {week}:", 1))
    return "\n".join(parts)


def ready_pages() -> dict[str, str]:
    """The agendas that stand ready in `instructor/`, by file name."""
    pages = {name: agenda_page(minutes) for name, minutes in READY.items()}
    return pages | {WEEKS: weeks_page()}
