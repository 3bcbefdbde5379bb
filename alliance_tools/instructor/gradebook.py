"""Marks as tables: points by task, and the files that Moodle's and Canvas's gradebooks take.

What was not handed in or could not be read is left empty, which both platforms take as no mark
yet; a zero is a zero that was earned.
"""

import csv
import io
import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

from alliance_course.folders import decoded
from alliance_tools.instructor.marking import ClassMarks, Marks

# Moodle: Assignment > View all submissions > Download grading worksheet
_WORKSHEET = ("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum grade",
              "Grade can be changed", "Last modified (submission)", "Last modified (grade)",
              "Feedback comments")  # fmt: skip
# Canvas: Grades > Export; its second row says the points possible
_CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_POSSIBLE = "Points Possible"


class Roster(NamedTuple):
    """A platform's list of a class: `kind` is moodle or canvas; rows as they stand in the file."""

    kind: str
    columns: list[str]
    rows: list[dict[str, str]]


def read_roster(path: Path) -> Roster:
    """The list of a class that Moodle or Canvas exports.

    Raises
    ------
    ValueError
        If the file is no such list.
    """
    try:
        text = decoded(path.expanduser().read_bytes())
    except (OSError, UnicodeError) as problem:
        raise ValueError(f"{path} cannot be read ({problem})") from None
    separator = (
        ";" if text.split("\n", 1)[0].count(";") > text.split("\n", 1)[0].count(",") else ","
    )
    reader = csv.DictReader(io.StringIO(text), delimiter=separator)
    columns = [(name or "").strip() for name in reader.fieldnames or []]
    reader.fieldnames = columns
    rows = [{k: (v or "").strip() for k, v in row.items() if k} for row in reader]
    if "Student" in columns and "ID" in columns:
        return Roster("canvas", columns, rows)
    if {"Identifier", "Full name"} <= set(columns) or "Email address" in columns:
        return Roster("moodle", columns, rows)
    raise ValueError(
        f"{path} is no list of a class: export Moodle's grading worksheet or grades, or Canvas's "
        f"gradebook; this file has the columns {', '.join(columns[:6])}"
    )


def total(marks: Marks) -> float | None:
    """The points of one learner; None if nothing that was handed in could be read."""
    known = [points for points in marks.points.values() if points is not None]
    return sum(known) if known else None


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return "".join(sorted(re.findall(r"[^\W_]+", bare)))


def _person(row: dict[str, str]) -> str:
    if row.get("Full name"):
        return row["Full name"]
    first = row.get("First name", "")
    last = row.get("Last name") or row.get("Surname") or ""
    return row.get("Student") or f"{first} {last}".strip()


def _keys(row: dict[str, str]) -> set[str]:
    """What a hand-in of this person may be called."""
    number = [*row.get("Identifier", "").split()[-1:], row.get("ID", "")]
    login = [row.get(k, "") for k in ("SIS Login ID", "SIS User ID", "ID number", "Username")]
    mail = row.get("Email address", "").split("@")[0]
    person = _person(row)
    names = [person, "".join(part.strip() for part in person.split(","))]
    return {_plain(key) for key in (*number, *login, mail, *names)} - {""}


def matched(found: ClassMarks, roster: Roster) -> tuple[dict[int, Marks], list[Marks]]:
    """The marks of each row of a roster by its place, and the marks that nobody's row takes."""
    left = list(found.rows)
    by_row: dict[int, Marks] = {}
    for ids_only in (True, False):  # a platform's number is surer than a name
        for place, row in enumerate(roster.rows):
            keys = _keys(row)
            fits = [
                m for m in left
                if _plain(m.platform_id if ids_only else m.learner) in keys
            ]  # fmt: skip
            if place not in by_row and len(fits) == 1:
                by_row[place] = fits[0]
                left.remove(fits[0])
    return by_row, left


def _points(points: float | None) -> str:
    return "" if points is None else f"{points:g}"


def _comment(marks: Marks, most: dict[str, float]) -> str:
    parts = [
        f"Task {task.split('.T')[1]}: "
        + (f"{_points(points)} of {most[task]:g}" if points is not None else "not shown")
        for task, points in marks.points.items()
    ]
    return "; ".join(parts)


def _table(
    path: Path, columns: list[str], rows: list[dict[str, str]], encoding: str = "utf-8"
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows({key: _safe(value) for key, value in row.items()} for row in rows)
    return path


def _safe(value: str) -> str:
    # a name that a spreadsheet would run as a formula
    return f"'{value}" if value[:1] in ("=", "+", "@") else value


def write_marks(
    found: ClassMarks, folder: Path, roster_file: Path | None = None
) -> tuple[list[Path], list[str]]:
    """Write points by task, and the gradebook files.

    Parameters
    ----------
    found : ClassMarks
        What `mark_class` returns.
    folder : path
        Where to write; earlier tables of the same practice are replaced.
    roster_file : path, optional
        The class as the platform exports it. Its platform's file then holds everybody, and those
        who handed in nothing have an empty mark.

    Returns
    -------
    paths : list of path
        marks-01.csv, and marks-01-moodle.csv, marks-01-canvas.csv or both.
    missing : list of str
        People of the roster without a hand-in.
    """
    name, most = f"Practice {found.lesson}", sum(found.most.values())
    tasks = list(found.most)
    roster = read_roster(roster_file) if roster_file else None
    by_row, strangers = matched(found, roster) if roster else ({}, [])
    missing = [
        _person(row)
        for place, row in enumerate(roster.rows if roster else [])
        if place not in by_row and _is_person(row)
    ]
    plain = [
        {
            "learner": marks.learner,
            "number": marks.platform_id,
            **{task: _points(points) for task, points in marks.points.items()},
            "points": _points(total(marks)),
            "of": f"{most:g}",
            "state": _state(marks, marks in strangers),
            "file": marks.file,
        }
        for marks in found.rows
    ]
    plain += [{"learner": person, "of": f"{most:g}", "state": "missing"} for person in missing]
    base = folder / f"marks-{found.lesson}"
    columns = ["learner", "number", *tasks, "points", "of", "state", "file"]
    # with a mark at the beginning, spreadsheets read the file as UTF-8; platforms want none
    paths = [_table(base.with_name(f"{base.name}.csv"), columns, plain, "utf-8-sig")]
    if roster is None or roster.kind == "moodle":
        paths.append(_moodle(base, name, most, found, roster, by_row))
    if roster is None or roster.kind == "canvas":
        paths.append(_canvas(base, name, most, found, roster, by_row))
    return paths, missing


def _state(marks: Marks, stranger: bool) -> str:
    if any(points is None for points in marks.points.values()):
        return "not all answers shown"
    return "not in the list of the class" if stranger else "handed in"


def _is_person(row: dict[str, str]) -> bool:
    return bool(_person(row)) and _person(row) not in (_POSSIBLE, "Student, Test")


def _moodle(
    base: Path, name: str, most: float, found: ClassMarks, roster: Roster | None,
    by_row: dict[int, Marks],
) -> Path:  # fmt: skip
    worksheet = roster is None or "Identifier" in roster.columns
    grade = "Grade" if worksheet else name
    columns = list(roster.columns) if roster else list(_WORKSHEET)
    columns += [c for c in (grade, "Feedback comments") if c not in columns]
    if roster is None:
        rows = [
            {
                "Identifier": f"Participant {m.platform_id}" if m.platform_id.isdecimal() else "",
                "Full name": m.learner,
                "Status": "Submitted for grading",
                "Maximum grade": f"{most:g}",
                "Grade can be changed": "Yes",
                grade: _points(total(m)),
                "Feedback comments": _comment(m, found.most),
            }
            for m in found.rows
        ]
    else:
        rows = [dict(row) for row in roster.rows]
        for place, row in enumerate(rows):
            row[grade] = _points(total(by_row[place])) if place in by_row else row.get(grade, "")
            if place in by_row:
                row["Feedback comments"] = _comment(by_row[place], found.most)
    return _table(base.with_name(f"{base.name}-moodle.csv"), columns, rows)


def _canvas(
    base: Path, name: str, most: float, found: ClassMarks, roster: Roster | None,
    by_row: dict[int, Marks],
) -> Path:  # fmt: skip
    # Canvas names a column of an assignment that is there already "Practice 01 (12345)"
    there = [c for c in (roster.columns if roster else []) if re.match(rf"{name}\b", c)]
    column = there[0] if there else name
    columns = [c for c in _CANVAS if roster is None or c in roster.columns] + [column]
    if roster is None:
        rows = [{"Student": _POSSIBLE, column: f"{most:g}"}]
        rows += [
            {
                "Student": m.learner,
                "ID": m.platform_id if m.platform_id.isdecimal() else "",
                column: _points(total(m)),
            }
            for m in found.rows
        ]
    else:
        rows = [{k: row.get(k, "") for k in columns} for row in roster.rows]
        if not any(_person(row) == _POSSIBLE for row in rows):
            rows.insert(0, {"Student": _POSSIBLE})
            by_row = {place + 1: marks for place, marks in by_row.items()}
        for place, row in enumerate(rows):
            if _person(row) == _POSSIBLE:
                row[column] = f"{most:g}"
            elif place in by_row:
                row[column] = _points(total(by_row[place]))
    return _table(base.with_name(f"{base.name}-canvas.csv"), columns, rows)


def marks_page(found: ClassMarks, missing: list[str]) -> str:
    """What the command prints: a row per learner, who is missing, and what was not counted."""
    most = sum(found.most.values())
    parts = [f"Practice {found.lesson}: {len(found.rows)} handed in, {len(missing)} missing."]
    width = max([len(m.learner) for m in found.rows] + [7])
    heads = [f"T{task.split('.T')[1]:<3}" for task in found.most]
    parts += ["", f"{'learner':<{width}}  {'points':>6}  " + " ".join(heads) + "(empty: not shown)"]
    for marks in found.rows:
        cells = " ".join(f"{_points(points):<4}" for points in marks.points.values())
        parts.append(f"{marks.learner:<{width}}  {_points(total(marks)):>6}  {cells}".rstrip())
    counts = [t for t in map(total, found.rows) if t is not None]
    if counts:
        parts += ["", f"Mean {sum(counts) / len(counts):.1f} of {most:g} automatic points."]
    parts += [f"  missing: {person}" for person in missing]
    parts += [f"  not counted: {name}: {reason}" for name, reason in found.left_out.items()]
    parts.append("Tasks in words are not in these points: a person gives theirs.")
    return "\n".join(parts)
