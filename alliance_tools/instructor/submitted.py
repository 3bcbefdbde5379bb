"""Put what students handed in into the form that nbgrader can mark, and name what cannot be.

One file that nbgrader cannot take stops it for everybody after, and one that it does not find
counts as nothing done. Nothing is thrown away: what is changed or set aside is kept as it came.
"""

import csv
import json
import re
import shutil
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from alliance_course.folders import read_json, write_atomically

NOT_READ = "not-read"
_CONFLICT = re.compile(rb"^(<<<<<<<|>>>>>>>)", flags=re.MULTILINE)
# what browsers, synchronised folders and editors make of a name
_LIKE = r"{}\b.*\.(ipynb|ipynb\.txt|json)"


class Prepared(NamedTuple):
    """What `prepare` did: notebooks as they are, those mended, and those not read, by student."""

    ready: list[str]
    mended: dict[str, str]
    not_read: dict[str, str]


class _Unread(Exception):
    """A student's folder cannot be marked; the message says why."""


def prepare(folder: Path, name: str) -> Prepared:
    """Go through ``submitted/STUDENT/NAME`` of an nbgrader course before it is marked.

    Parameters
    ----------
    folder : Path
        The nbgrader course.
    name : str
        The assignment, such as "01-practice".

    Returns
    -------
    Prepared
        A notebook under another name is copied to the right one; a marking cell that stands twice
        counts once; a byte order mark or UTF-16 is taken out. A folder whose notebook cannot be
        read is moved to ``not-read/``, where ``NAME.csv`` lists them with the reasons.

    Raises
    ------
    ValueError
        If nothing is handed in for this assignment.
    """
    done = Prepared([], {}, {})
    places = sorted(
        place for place in (folder / "submitted").glob(f"*/{name}") if not place.is_symlink()
    )
    if not places:
        raise ValueError(f"{folder / 'submitted'} has no folder STUDENT/{name} in it")
    for place in places:
        student = place.parent.name
        try:
            mended = _mend(place, name)
        except _Unread as problem:
            done.not_read[student] = str(problem)
            _set_aside(place, folder / NOT_READ / student)
            continue
        if mended:
            done.mended[student] = mended
        else:
            done.ready.append(student)
    if done.not_read:
        with (folder / NOT_READ / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([("student", "why"), *done.not_read.items()])
    return done


def _set_aside(place: Path, to: Path) -> None:
    to.mkdir(parents=True, exist_ok=True)
    free = (to / (place.name if n == 1 else f"{place.name} {n}") for n in count(1))
    shutil.move(place, next(target for target in free if not target.exists()))


def _mend(place: Path, name: str) -> str:
    """Make a student's notebook one that can be marked; what was done, "" if nothing."""
    target, done = place / f"{name}.ipynb", []
    if not place.is_dir():
        raise _Unread("a file stands where the student's folder should be")
    if not target.exists():
        like = re.compile(_LIKE.format(re.escape(name)), flags=re.IGNORECASE)
        found = [path for path in sorted(place.iterdir()) if like.fullmatch(path.name)]
        if not found:
            others = ", ".join(path.name for path in sorted(place.iterdir())) or "nothing"
            raise _Unread(f"there is no {target.name}, but {others}")
        if len({path.read_bytes() for path in found}) > 1:
            names = ", ".join(path.name for path in found)
            raise _Unread(f"several notebooks differ ({names}): keep the one that counts")
        shutil.copyfile(found[0], target)
        done.append(f"{found[0].name} taken as {target.name}")
    notebook = _read(target)
    before = json.dumps(notebook)
    if twice := _count_once(notebook):
        done.append(f"{', '.join(twice)} stood twice and counts once")
    try:
        plain = json.loads(target.read_bytes().decode("utf-8"))
    except ValueError:
        done.append("saved anew as UTF-8")
        plain = None
    if plain is None or json.dumps(notebook) != before:
        shutil.copyfile(target, target.with_name(f"{target.name}.handed-in"))
        text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
        write_atomically(target, text.encode("utf-8", "replace"))
    return "; ".join(done)


def _read(path: Path) -> dict[str, Any]:
    try:
        data = path.read_bytes()
        notebook = read_json(path)
    except OSError as error:
        raise _Unread(f"{path.name} cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        if not data.strip(b"\0 \r\n\t"):
            raise _Unread(f"{path.name} is empty") from None
        if _CONFLICT.search(data):
            raise _Unread(f"{path.name} holds the marks of a merge conflict") from None
        raise _Unread(f"{path.name} is cut off, or no notebook") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise _Unread(f"{path.name} is no notebook")
    return notebook


def _count_once(notebook: dict[str, Any]) -> list[str]:
    """Let a cell of nbgrader's that stands again be the student's own; the names of those."""
    seen: set[str] = set()
    twice = []
    for cell in notebook["cells"]:
        metadata = cell.get("metadata")
        mark = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        key = mark.get("grade_id") if isinstance(mark, dict) else None
        if key in seen:
            del metadata["nbgrader"]
            twice.append(str(key))
        elif isinstance(key, str):
            seen.add(key)
    return list(dict.fromkeys(twice))
