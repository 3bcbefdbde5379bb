"""What a learner has guessed and answered: one small readable file beside the notebooks.

The file holds no names. It is written only when the learner answers something, always as a whole
and in one step, so that a computer that stops half way leaves the old file or the new one.
"""

import json
import os
import tempfile
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

FILE = "progress.json"
VERSION = 2
_STALE_SECONDS = 60

# What could not be written, by path: a read-only folder must not cost a learner the session.
_memory: dict[Path, dict[str, Any]] = {}
# Files that are there but must not be written over.
_protected: set[Path] = set()
_told: set[str] = set()
_UNSAVED = (
    "your answers are kept only until you close this notebook. "
    "export_progress saves them elsewhere."
)


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


def _newer_course(found: Any) -> bool:
    version = found.get("version") if isinstance(found, dict) else None
    return isinstance(version, int) and version > VERSION


def _in_memory(path: Path, what: str) -> tuple[dict[str, Any], str]:
    _protected.add(path)
    _memory[path] = _empty()
    return _memory[path], f"{path.name} {what}: {_UNSAVED}"


def _load(path: Path) -> tuple[dict[str, Any], str]:
    """The progress at `path` and a sentence if something about it has to be said."""
    if path in _memory:
        return _memory[path], ""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _empty(), ""
    except OSError as problem:
        return _in_memory(path, f"cannot be read ({problem.strerror})")
    except (ValueError, RecursionError):
        found = None
    if _newer_course(found):
        return _in_memory(path, "is from a newer version of the course")
    if progress := current(found):
        return progress, ""
    aside = _free_name(path)
    try:
        path.rename(aside)
    except OSError:
        return _in_memory(path, "is damaged and cannot be moved")
    return _empty(), f"{path.name} was damaged: it is kept as {aside.name}, and a new one starts."


def _free_name(path: Path) -> Path:
    names = (path.with_name(f"{path.name}.damaged-{number}") for number in count(1))
    return next(name for name in names if not name.exists())


def _write(path: Path, progress: dict[str, Any]) -> None:
    """Replace the file in one step; a reader sees the old one or the new one, never a half."""
    for leftover in path.parent.glob(f"{path.name}.*.tmp"):
        if time.time() - leftover.stat().st_mtime > _STALE_SECONDS:
            leftover.unlink(missing_ok=True)
    text = json.dumps(progress, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    handle, temporary = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _save(path: Path, progress: dict[str, Any]) -> str:
    if path not in _protected:
        try:
            _write(path, progress)
            _memory.pop(path, None)
            return ""
        except OSError as problem:
            _memory[path] = progress
            return f"{path.name} cannot be written ({problem.strerror}): {_UNSAVED}"
    return ""


def _notes(*notes: str) -> str:
    """What has not been said before: a learner should read it once, not at every answer."""
    new = [note for note in notes if note and note not in _told]
    _told.update(new)
    return " ".join(new)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


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
    return _load(progress_path(path))[0]


def record_guess(question_id: str, guess: Any, path: str | Path | None = None) -> str:
    """Keep a prediction; the first one stays. Returns a note to the learner, mostly empty."""
    where = progress_path(path)
    progress, note = _load(where)
    if question_id in progress["guesses"]:
        return _notes(note)
    progress["guesses"][question_id] = {"guess": guess, "at": _now()}
    return _notes(note, _save(where, progress))


def record_answer(
    question_id: str, state: str, mistake: str = "", path: str | Path | None = None
) -> str:
    """Keep how a try at a question went. Returns a note to the learner, mostly empty."""
    where = progress_path(path)
    progress, note = _load(where)
    entry = progress["answers"].setdefault(question_id, {})
    entry["tries"] = entry.get("tries", 0) + 1
    entry.update(state=state, at=_now())
    if mistake:
        wrong = entry.setdefault("wrong", {})
        wrong[mistake] = wrong.get(mistake, 0) + 1
    return _notes(note, _save(where, progress))


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
        found = json.loads(Path(source).expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        found = None
    brought = current(found)
    if brought is None:
        raise ValueError(f"source={str(source)!r} holds no progress that this course can read")
    where = progress_path(path)
    progress, note = _load(where)
    added = 0
    for part in ("guesses", "answers"):
        mine = progress[part]
        for key, entry in brought[part].items():
            if key not in mine or str(entry.get("at", "")) > str(mine[key].get("at", "")):
                mine[key], added = entry, added + 1
    told = _notes(note, _save(where, progress))
    return f"{added} guesses and answers were added. {told}".strip()
