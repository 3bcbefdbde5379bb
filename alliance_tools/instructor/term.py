"""A term of several weeks: which lesson when, what is set and due, and a syllabus to paste."""

from datetime import date, timedelta
from typing import NamedTuple

from alliance_tools.instructor.agenda import agenda_page
from alliance_tools.instructor.pages import render
from alliance_tools.maintain.notebooks import lesson, lessons

WEEKS = "agenda-twelve-weeks.md"
# what is read at home first, where there are fewer classes than lessons
_AT_HOME = ("11", "03", "08", "05", "10", "02", "04")
_MOST = 20


class Week(NamedTuple):
    """One week: `taught` in class, `home` read before it, `sets` and `due` are assignments."""

    number: int
    day: date | None
    taught: str
    home: list[str]
    sets: list[str]
    due: list[str]


def _day(first: str) -> date:
    try:
        return date.fromisoformat(first)
    except ValueError:
        raise ValueError(f"first={first!r} is no date: write it like 2027-02-01") from None


def term(weeks: int = 12, *, first: str = "", reading: list[int] | None = None) -> list[Week]:
    """Which lesson is taught in which week.

    Parameters
    ----------
    weeks : int
        Weeks of the term, reading weeks among them.
    first : str
        Date of the first class such as "2027-02-01"; "" for a plan without dates.
    reading : list of int, optional
        Numbers of the weeks without a class.

    Returns
    -------
    list of Week

    Raises
    ------
    ValueError
        If there are too few classes, or if something is not allowed.

    Examples
    --------
    >>> [week.taught for week in term(7, reading=[4])]
    ['01', '04', '06', '', '07', '09', '12']
    """
    off = sorted(set(reading or []))
    if not 5 <= weeks <= _MOST:
        raise ValueError(f"weeks={weeks} is not allowed: a term has 5 to {_MOST} weeks")
    if wrong := [week for week in off if not 2 <= week < weeks]:
        raise ValueError(
            f"reading week {wrong[0]} is not allowed: the first and the last week have a class, "
            f"so choose from 2 to {weeks - 1}"
        )
    numbers = [number for number in lessons() if number != "00"]
    classes = weeks - len(off)
    least = len(numbers) - len(_AT_HOME)
    if classes < least:
        raise ValueError(
            f"{weeks} weeks with {len(off)} reading weeks leave {classes} classes, and the course "
            f"needs {least}: take more weeks, or plan single classes with --lessons"
        )
    home = set(_AT_HOME[: max(0, len(numbers) - classes)])
    day = _day(first) if first else None
    plan: list[Week] = []
    queue = list(numbers)
    open_tasks: list[str] = []
    spare = max(0, classes - len(numbers))
    for week in range(1, weeks + 1):
        when = day + timedelta(weeks=week - 1) if day else None
        if week in off:
            plan.append(Week(week, when, "", [], [], []))
            continue
        read: list[str] = []
        while queue and queue[0] in home:
            read.append(queue.pop(0))
        # spare classes come before the last lesson, for practice and the learners' questions
        last = queue == ["12"] and weeks - week - len([w for w in off if w > week]) >= 1
        taught = "" if not queue or (last and spare) else queue.pop(0)
        spare -= not taught
        due, open_tasks = open_tasks, [f"practice {number}" for number in [*read, taught] if number]
        if taught == "12":
            open_tasks.append("capstone")
        plan.append(Week(week, when, taught or "-", read, list(open_tasks), due))
    return plan


def _when(week: Week) -> str:
    return f"{week.day.day} {week.day:%B %Y}" if week.day else ""


def _named(number: str) -> str:
    return f"{number}, {lesson(number).title}"


def _in_class(week: Week, weeks: int) -> str:
    if not week.taught:
        return "*reading week, no class*"
    parts = ["Start here (00)"] if week.number == 1 else []
    parts += [_named(week.taught)] if week.taught != "-" else ["practice and open questions"]
    tests = {1: "test before", weeks: "test after"}
    return "; ".join([*parts, *filter(None, [tests.get(week.number)])])


def _plan(plan: list[Week]) -> list[str]:
    head = ["week", "date", "in class", "read before", "due", "set"]
    rows = [
        [
            str(week.number), _when(week), _in_class(week, len(plan)),
            ", ".join(map(_named, week.home)), ", ".join(week.due), ", ".join(week.sets),
        ]
        for week in plan
    ]  # fmt: skip
    last, after = plan[-1].day, "a week later"
    if last is None:
        for row in (head, *rows):
            del row[1]
    else:
        due = last + timedelta(weeks=1)
        after = f"on {due.day} {due:%B %Y}"
    lines = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
    return [*lines, "", f"What is set in the last week is due {after}."]


def syllabus(plan: list[Week]) -> str:
    """A text to paste into a syllabus; what counts how much is for the instructor to say."""
    number = sum(len([task for task in week.sets if "practice" in task]) for week in plan)
    work = (
        f"A practice of about 30 minutes after each lesson ({number} in all; what is set in one "
        "class is due in the next), and a capstone after the last: four numbers of a service that "
        "nobody else has, and an argument with one of them, rated by a rubric that you know."
    )
    return render("syllabus.md.j2", work=work)


def term_page(
    weeks: int = 12, minutes: int = 90, start: str = "13:00", *, first: str = "",
    reading: list[int] | None = None, setup: int = 5, hand_in: int = 3, reserve: int = 0,
) -> str:  # fmt: skip
    """The whole term as Markdown: the plan, a text for the syllabus, an agenda for each class.

    Raises
    ------
    ValueError
        If something is not allowed, or if a lesson does not fit into `minutes`.
    """
    plan = term(weeks, first=first, reading=reading)
    parts = [f"# A term of {weeks} weeks", "\n".join(_plan(plan)), syllabus(plan)]
    for week in plan:
        if week.taught in ("", "-"):
            continue
        numbers = ["00", week.taught] if week.number == 1 else [week.taught]
        test = "before" if week.number == 1 else "after" if week.number == len(plan) else ""
        # the machines run after the first class
        page = agenda_page(
            minutes, start, numbers, setup=setup if week.number == 1 else 0, hand_in=hand_in,
            reserve=reserve, test=test,
        )  # fmt: skip
        when = f", {_when(week)}" if week.day else ""
        parts.append(page.replace("# Agenda for", f"## Week {week.number}{when}:", 1))
    return "\n\n".join(part.strip() for part in parts) + "\n"
