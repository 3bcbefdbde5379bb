"""What a learner has guessed and answered: one small readable file beside the notebooks.

The file holds no names. It is written only when the learner answers something, always as a whole
and in one step, so that a computer that stops half way leaves the old file or the new one. Several
notebooks may answer at once: each takes a lock, reads what is there now, adds its own and writes.
"""

import copy
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from alliance_course.folders import alone, read_json, write_atomically

FILE = "progress.json"
VERSION = 2
# Slips of typing teach a lecturer nothing; these states are kept.
RECORDED = ("misunderstanding", "near miss", "not yet", "right")
_PATIENCE = 10  # seconds for another notebook to finish its write

Change = Callable[[dict[str, Any]], None]
# What could not be written yet, by path. It is tried again with each answer, so that a read-only
# folder costs a learner nothing but the file.
_waiting: dict[Path, list[Change]] = {}
_told: set[str] = set()
_UNSAVED = (
    "your answers are kept only until you close this notebook. "
    'ac.export_progress("answers.json") saves them elsewhere.'
)


class _UnreadableError(Exception):
    """The file is there and must not be written over; the message says why."""


def _write(path: Path, progress: dict[str, Any]) -> None:
    text = json.dumps(progress, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    write_atomically(path, text.encode("utf-8", "replace"))


def progress_path(path: str | Path | None = None) -> Path:
    """Where progress is kept: `path`, else the variable ALLIANCE_PROGRESS, else this folder.

    Examples
    --------
    >>> progress_path("elsewhere/mine.json").name
    'mine.json'
    """
    chosen = path or os.environ.get("ALLIANCE_PROGRESS") or FILE
    return Path(chosen).expanduser().absolute()


def _empty() -> dict[str, Any]:
    return {"version": VERSION, "guesses": {}, "answers": {}}


def current(found: Any) -> dict[str, Any] | None:
    """The content of a progress file in today's form, or None if it is none."""
    try:
        parts = {part: dict(found[part].items()) for part in ("guesses", "answers")}
        counts = [
            number
            for entry in (*parts["guesses"].values(), *parts["answers"].values())
            for number in (entry.get("tries", 0), *entry.get("wrong", {}).values())
        ]
    except (AttributeError, KeyError, TypeError):
        return None
    whole = found.get("version") == VERSION and all(isinstance(n, int) for n in counts)
    return {"version": VERSION, **parts} if whole else None


def _load(path: Path) -> tuple[dict[str, Any], str]:
    """What the file holds now, and a sentence if it was damaged and is set aside."""
    try:
        found = read_json(path)
    except FileNotFoundError:
        return _empty(), ""
    except OSError as problem:
        raise _UnreadableError(f"cannot be read ({problem.strerror})") from None
    except (ValueError, RecursionError):
        found = None
    version = found.get("version") if isinstance(found, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise _UnreadableError("is from a newer version of the course")
    if progress := current(found):
        return progress, ""
    names = (path.with_name(f"{path.name}.damaged-{number}") for number in count(1))
    aside = next(name for name in names if not name.exists())
    try:
        path.rename(aside)
    except OSError:
        raise _UnreadableError("is damaged and cannot be moved") from None
    return _empty(), f"{path.name} was damaged: it is kept as {aside.name}, and a new one starts."


def _record(path: Path, change: Change) -> str:
    """Add a change, and whatever still waits, to what the file holds now."""
    waiting = _waiting.setdefault(path, [])
    waiting.append(change)
    try:
        with alone(path, _PATIENCE):
            progress, note = _load(path)
            for one in waiting:
                one(progress)
            _write(path, progress)
            waiting.clear()
            return _once(note)
    except TimeoutError:
        problem = "is being written by another program"
    except _UnreadableError as error:
        problem = str(error)
    except OSError as error:
        problem = f"cannot be written ({error.strerror})"
    return _once(f"{path.name} {problem}: {_UNSAVED}")


def _once(note: str) -> str:
    """What has not been said before: a learner should read it once, not at every answer."""
    if not note or note in _told:
        return ""
    _told.add(note)
    return note


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def read_progress(path: str | Path | None = None) -> dict[str, Any]:
    """All guesses and answers so far.

    Parameters
    ----------
    path : path, optional
        The progress file; see `progress_path`.

    Returns
    -------
    dict
        `version`; `guesses`, a mapping of question ids to `guess` and `at`; `answers`, a mapping
        of question ids to `state` (of the last try), `tries`, `wrong` (how often each known
        misunderstanding came up) and `at`. Nothing is written, except that a damaged file is
        set aside under another name.
    """
    where = progress_path(path)
    try:
        progress = _load(where)[0]
    except _UnreadableError:
        progress = _empty()
    for change in _waiting.get(where, []):
        change(progress)
    return progress


def record_guess(question_id: str, guess: Any, path: str | Path | None = None) -> str:
    """Keep a prediction; the first one stays. Returns a note to the learner, mostly empty."""
    entry = {"guess": guess, "at": _now()}
    earlier: list[Any] = []

    def change(progress: dict[str, Any]) -> None:
        kept = progress["guesses"].setdefault(question_id, entry)
        earlier[:] = [kept["guess"]]

    note = _record(progress_path(path), change)
    if earlier and earlier[0] != guess:
        note = f"You guessed before, and the first guess stays: {earlier[0]}. {note}".strip()
    return note


def record_answer(
    question_id: str, state: str, mistake: str = "", path: str | Path | None = None
) -> str:
    """Keep how a try at a question went. Returns a note to the learner, mostly empty."""
    at = _now()

    def change(progress: dict[str, Any]) -> None:
        entry = progress["answers"].setdefault(question_id, {})
        entry["tries"] = entry.get("tries", 0) + 1
        if at >= str(entry.get("at", "")):
            entry.update(state=state, at=at)
        if mistake:
            wrong = entry.setdefault("wrong", {})
            wrong[mistake] = wrong.get(mistake, 0) + 1

    return _record(progress_path(path), change)


def export_progress(to: str | Path, *, path: str | Path | None = None) -> Path:
    """Save your progress under another name, to take it with you.

    Parameters
    ----------
    to : path
        The new file. It must not exist yet.
    path : path, optional
        The progress file; see `progress_path`.

    Returns
    -------
    pathlib.Path
        The file that was written. It is plain text and holds no name.

    Raises
    ------
    ValueError
        If the file exists already.
    """
    target = Path(to).expanduser().absolute()
    if target.exists():
        raise ValueError(f"to={str(to)!r} exists already: choose a name that is free")
    _write(target, read_progress(path))
    return target


def import_progress(source: str | Path, *, path: str | Path | None = None) -> str:
    """Bring progress from another place: where both have a question, the newer entry stays.

    Parameters
    ----------
    source : path
        A file that `export_progress` wrote. It is not changed.
    path : path, optional
        The progress file to add to; see `progress_path`.

    Returns
    -------
    str
        A sentence that says what was brought.

    Raises
    ------
    ValueError
        If the file is missing or holds no progress; nothing is changed then.
    """
    try:
        found = read_json(Path(source).expanduser())
    except (OSError, ValueError, RecursionError):
        found = None
    brought = current(found)
    if brought is None:
        raise ValueError(f"source={str(source)!r} holds no progress that this course can read")
    added: set[str] = set()

    def change(progress: dict[str, Any]) -> None:
        for part in ("guesses", "answers"):
            mine = progress[part]
            for key, entry in brought[part].items():
                if key not in mine or str(entry.get("at", "")) > str(mine[key].get("at", "")):
                    mine[key] = copy.deepcopy(entry)
                    added.add(key)

    told = _record(progress_path(path), change)
    return f"{len(added)} guesses and answers were added. {told}".strip()
