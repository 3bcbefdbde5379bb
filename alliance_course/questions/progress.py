"""What a learner has guessed and answered: one small readable file beside the notebooks.

The file holds no names. It is written only when the learner answers something, always as a whole
and in one step, so that a computer that stops half way leaves the old file or the new one. Several
notebooks may answer at once: each takes a lock, reads what is there now, adds its own and writes.
"""

import contextlib
import copy
import json
import os
from collections.abc import Callable, Mapping
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
    """Where progress is kept: `path`, else what ALLIANCE_PROGRESS names, else the course's folder.

    The folder is found from where the notebook lies (or, outside of Jupyter, from the working
    folder), so that lessons and practice keep one record, also after a ``%cd``.

    Examples
    --------
    >>> progress_path("elsewhere/mine.json").name
    'mine.json'
    """
    if chosen := path or os.environ.get("ALLIANCE_PROGRESS"):
        return Path(chosen).expanduser().absolute()
    notebook = Path(os.environ.get("JPY_SESSION_NAME", ""))
    start = notebook.parent if notebook.is_absolute() and notebook.parent.is_dir() else Path.cwd()
    for place in (start, *start.parents):
        if all((place / part).is_dir() for part in ("notebooks", "exercises")):
            return place / FILE
    return start / FILE


def _empty() -> dict[str, Any]:
    return {"version": VERSION, "guesses": {}, "answers": {}}


def current(found: Any) -> dict[str, Any] | None:
    """The content of a progress file in today's form, or None if it is none."""
    try:
        parts = {part: dict(found[part].items()) for part in ("guesses", "answers")}
        counts = [
            number
            for entry in (*parts["guesses"].values(), *parts["answers"].values())
            for number in (
                entry.get("tries", 0),
                *entry.get("wrong", {}).values(),
                *entry.get("explored", {}).values(),
            )
        ]
    except (AttributeError, KeyError, TypeError):
        return None
    whole = found.get("version") == VERSION and all(isinstance(n, int) for n in counts)
    return {"version": VERSION, **parts} if whole else None


def _load(path: Path) -> tuple[dict[str, Any], str]:
    """What the file holds now, with what older versions kept, and a sentence if it was damaged."""
    progress, note = _load_one(path)
    for old in _older(path):
        with contextlib.suppress(OSError, ValueError, RecursionError):
            join(progress, current(read_json(old)) or _empty())
    return progress, note


def _older(path: Path) -> list[Path]:
    """The records that lessons and practice each kept for themselves in earlier versions."""
    return [path.parent / part / FILE for part in ("notebooks", "exercises")]


def _load_one(path: Path) -> tuple[dict[str, Any], str]:
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


def _record(path: Path, change: Change) -> tuple[str, bool]:
    """Add a change, and whatever still waits, to what the file holds now.

    Returns a note to the learner, mostly empty, and whether everything is saved.
    """
    waiting = _waiting.setdefault(path, [])
    waiting.append(change)
    try:
        with alone(path, _PATIENCE):
            progress, note = _load(path)
            for one in waiting:
                one(progress)
            _write(path, progress)
            waiting.clear()
            for old in filter(Path.is_file, _older(path)):
                with contextlib.suppress(OSError):
                    old.rename(old.with_name(f"{FILE}.taken-over"))
            return note, True
    except TimeoutError:
        problem = "is being written by another program"
    except _UnreadableError as error:
        problem = str(error)
    except OSError as error:
        problem = f"cannot be written ({error.strerror})"
    return f"{path.name} {problem}: {_UNSAVED}", False


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
        of question ids to `state`, `answer` and `at` (of the best try), `tries`, `wrong` (how often
        each known misunderstanding came up) and `explored` (the same, after the question had been
        answered). Nothing is written, except that a damaged file is set aside under another name.
    """
    where = progress_path(path)
    try:
        progress = _load(where)[0]
    except _UnreadableError:
        progress = _empty()
    for change in _waiting.get(where, []):
        change(progress)
    return progress


_RANK = {"right": 2, "near miss": 1}


def _better(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether `one` is the better try, or the later of two that are as good."""

    def rank(entry: Mapping[str, Any]) -> tuple[int, str]:
        return _RANK.get(str(entry.get("state")), 0), str(entry.get("at", ""))

    return rank(one) > rank(other)


def join(mine: dict[str, Any], brought: Mapping[str, Any]) -> set[str]:
    """Add one record to another, whoever comes first and however often; returns what is new.

    The later guess stays, and the best try of each question with the most tries counted.
    """
    added = set()
    for key, entry in brought["guesses"].items():
        if str(entry.get("at", "")) > str(mine["guesses"].get(key, {}).get("at", "")):
            mine["guesses"][key] = copy.deepcopy(entry)
            added.add(key)
    for key, entry in brought["answers"].items():
        earlier = mine["answers"].get(key)
        if earlier is None or _better(entry, earlier):
            mine["answers"][key] = copy.deepcopy(entry)
            added.add(key)
        for other in filter(None, (entry, earlier)):
            _count(mine["answers"][key], other)
    return added


def _count(kept: dict[str, Any], other: Mapping[str, Any]) -> None:
    kept["tries"] = max(kept.get("tries", 0), other.get("tries", 0))
    for part in ("wrong", "explored"):
        for name, times in other.get(part, {}).items():
            counts = kept.setdefault(part, {})
            counts[name] = max(counts.get(name, 0), times)


def record(
    brought: Mapping[str, Any], path: str | Path | None = None
) -> tuple[set[str], str, bool]:
    """Add a record to the file: what was new in it, a note to the learner, whether it is saved."""
    added: set[str] = set()

    def change(progress: dict[str, Any]) -> None:
        added.update(join(progress, brought))

    return added, *_record(progress_path(path), change)


def exchange(brought: Any, path: str | Path | None = None) -> dict[str, Any]:
    """Take what a page has recorded, and give back what the file holds then.

    Returns
    -------
    dict
        `record`, `note` (a sentence to the learner, mostly empty) and `saved`.
    """
    sound = current(brought)
    note, saved = "", not _waiting.get(progress_path(path))
    if sound and (sound["guesses"] or sound["answers"]):
        _, note, saved = record(sound, path)
    return {"record": read_progress(path), "note": note, "saved": saved}


def record_answer(
    question_id: str,
    state: str,
    mistake: str = "",
    answer: str = "",
    path: str | Path | None = None,
) -> str:
    """Keep how a try at a question went. Returns a note to the learner, mostly empty.

    The best try counts. What is tried after it was right is curiosity, and counted apart.
    """
    new = {"state": state, "at": _now(), "answer": answer}

    def change(progress: dict[str, Any]) -> None:
        entry = progress["answers"].setdefault(question_id, {})
        entry["tries"] = entry.get("tries", 0) + 1
        if mistake:
            counts = entry.setdefault("explored" if entry.get("state") == "right" else "wrong", {})
            counts[mistake] = counts.get(mistake, 0) + 1
        if _better(new, entry):
            entry.update(new)

    return _once(_record(progress_path(path), change)[0])


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
    added, told, _ = record(brought, path)
    return f"{len(added)} guesses and answers were added. {told}".strip()
