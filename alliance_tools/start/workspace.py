"""Put the course's files into a learner's folder, and never overwrite what the learner changed."""

import contextlib
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from alliance_course import __version__
from alliance_course.folders import (
    FOLDERS,
    alone,
    clear_leftovers,
    course_folder,
    own_file,
    read_json,
    write_atomically,
)
from alliance_tools.start.alive import alive, fingerprint, is_alive, without_state
from alliance_tools.start.first_page import HOME, START

MANIFEST = ".alliance-course.json"
ASIDE = ".damaged-"  # in the name of what a repair has moved out of the way
_PATIENCE = 120  # seconds for another start to finish
_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))


class Delivery(NamedTuple):
    """What `deliver` did: paths inside the folder."""

    new: list[str]
    updated: list[str]
    beside: list[tuple[str, str]]


class FolderError(Exception):
    """The folder cannot be used; the message says why and what to do, in one line."""


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def course_files() -> dict[str, Path]:
    """Every file of the course by the path that it has in a learner's folder."""
    files = {}
    for folder in FOLDERS:
        root = course_folder(folder)
        for path in sorted(root.rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
            theirs = hidden or path.name == "progress.json" or ASIDE in path.name
            if path.is_file() and not theirs:
                files[f"{folder}/{path.relative_to(root).as_posix()}"] = path
    return files


def keeps_solutions(folder: Path) -> bool:
    """What an earlier start was asked: a folder without solutions stays so."""
    try:
        return read_json(folder / MANIFEST)["solutions"] is not False
    except (OSError, ValueError, KeyError, TypeError):
        return True


def without_solutions(data: bytes) -> bytes:
    """A practice notebook without the worked solutions that are folded under its tasks."""
    notebook = json.loads(data)
    cells = notebook["cells"]
    notebook["cells"] = [c for c in cells if "worked" not in c["metadata"].get("alliance", {})]
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    return text.replace(", and a worked solution under each answer", "").encode()


def _read_manifest(folder: Path) -> tuple[dict[str, str], dict[str, list[str]]]:
    """What was delivered and what it was made from, by file; without a sound record nothing."""
    try:
        manifest = read_json(folder / MANIFEST)
        delivered = {str(name): str(digest) for name, digest in manifest["delivered"].items()}
        made = {str(name): list(found) for name, found in manifest.get("made", {}).items()}
        return delivered, made
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        # without a sound record every file counts as the learner's own
        return {}, {}


def as_brought(folder: Path, name: str) -> bytes | None:
    """A file of the course's own, made again from one in a learner's folder that nobody changed.

    Parameters
    ----------
    folder : Path
        A learner's folder; may not exist.
    name : str
        The file's path in it.

    Returns
    -------
    bytes or None
        The very bytes that this version of the course had; nothing less is given.
    """
    try:
        data = (folder / name).read_bytes()
        version = read_json(folder / MANIFEST)["version"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    delivered, made = _read_manifest(folder)
    if delivered.get(name) != _digest(data) or version != __version__:
        return None
    if name.startswith("exercises/") and not keeps_solutions(folder):
        return None  # the course's own practice has its solutions
    notebook = _notebook(data) if name.endswith(".ipynb") else None
    if notebook:
        from alliance_tools.start.home import without_bar

        data = _as_bytes(without_bar(without_state(notebook)))
    return data if made.get(name, [])[:1] == [_digest(data)] else None


def _beside(target: Path, data: bytes) -> Path:
    """A free name beside a file that the learner changed (or one that already holds the data)."""
    number = 1
    while True:
        again = "" if number == 1 else f" {number}"
        other = target.with_name(f"{target.stem} (new {__version__}{again}){target.suffix}")
        if not other.exists() or other.read_bytes() == data:
            return other
        number += 1


def deliver(folder: Path, *, solutions: bool | None = None, ready: Path | None = None) -> Delivery:
    """Put lessons, practice and data into a folder.

    A file that is as it was delivered is brought up to date. A file that differs is the
    learner's: it stays, and the new version arrives beside it under another name. Files are written
    whole or not at all. Being killed before the record of what was delivered is written costs no
    more than that an old file counts as changed, and stays.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    solutions : bool, optional
        Whether the practice has its worked solutions; as at the last start if left out.
    ready : Path, optional
        A folder that was filled before, by this version of the course and by somebody whom the
        learner can trust: what it holds unchanged is copied, which saves seconds of computing.

    Returns
    -------
    Delivery

    Raises
    ------
    FolderError
        If the folder cannot be written to, or the disk is full.
    CourseFileError
        If a file of the course's own cannot be read.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder, _PATIENCE):
            solutions = keeps_solutions(folder) if solutions is None else solutions
            return _fill(folder, solutions, ready)
    except (OSError, ValueError) as error:
        raise FolderError(_what_to_do(folder, error)) from error


def _what_to_do(folder: Path, error: OSError | ValueError) -> str:
    """The cause of a failed delivery and a way out of it, in one sentence."""
    if not isinstance(error, OSError):
        return f"{str(folder)!r} is no name for a folder: choose one of letters and numbers"
    if isinstance(error, TimeoutError):
        return f"{folder} is being filled by another start of the course: wait, and start again"
    place = error.filename if isinstance(error.filename, (str, bytes)) else folder
    place = os.fsdecode(place)
    if isinstance(error, (NotADirectoryError, FileExistsError)):
        return f"{place} is a file, not a folder: move it or choose another folder"
    if isinstance(error, IsADirectoryError):
        return f"{place} is a folder, and the course has a file of this name: move it"
    if error.errno == errno.ENAMETOOLONG:
        return f"the name {folder.name[:40]!r}... is too long for this disk: choose a shorter one"
    if isinstance(error, PermissionError):
        if os.path.isfile(place):
            return (
                f"{place} cannot be opened ({error.strerror}): close the program that holds it, "
                "or choose another folder"
            )
        return (
            f"{folder} cannot be written to: choose a folder of your own, "
            "for example alliance-course lab my-course"
        )
    if isinstance(error, FileNotFoundError):
        return (
            f"{folder} is gone while the course puts its files there: is the drive still "
            "connected? Start again, or choose another folder"
        )
    if error.errno in _FULL:
        there = next(path for path in (folder, *folder.parents) if path.exists())
        return (
            f"{folder} could not be filled ({error.strerror}, "
            f"{shutil.disk_usage(there).free // 10**6} MB free): "
            "make room or choose another folder; nothing of yours was changed"
        )
    return (
        f"{place} could not be written ({error.strerror}): "
        "start again, or choose another folder; nothing of yours was changed"
    )


def _fill(folder: Path, solutions: bool, ready: Path | None) -> Delivery:
    done = Delivery([], [], [])
    at_hand = _read_manifest(ready) if ready else ({}, {})
    delivered, made = _read_manifest(folder)
    for name, brought in _brought(solutions):
        target = folder / name
        clear_leftovers(target, 0)  # nobody else delivers now
        before = made.get(name, [])
        now = [_digest(brought), fingerprint() if name.endswith(".ipynb") else ""]
        there = target.read_bytes() if target.exists() else None
        current = None if there is None else _digest(there)
        own = there is not None and current != delivered.get(name)
        if there is not None and before == now and not own:
            continue
        yours = _notebook(there) if there and own and name.endswith(".ipynb") else None
        if yours and before[:1] == now[:1]:
            # the course has nothing new to bring, but perhaps cards: newer ones, or after a run
            if before != now or not is_alive(yours):
                _keep_alive(target, yours)
            made[name] = now
            continue
        data = (ready and _copied(ready, name, now, at_hand)) or delivered_form(name, brought)
        if current == _digest(data):
            delivered[name], made[name] = current, now
            continue
        if not own:
            (done.new if current is None else done.updated).append(name)
            delivered[name] = _digest(data)
        else:
            if yours:
                _keep_alive(target, yours)
            target = _beside(target, data)
            done.beside.append((name, target.relative_to(folder).as_posix()))
        made[name] = now
        if not (target.exists() and target.read_bytes() == data):
            clear_leftovers(target, 0)
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, data)
            _sign(target)
    record = {"version": __version__, "delivered": delivered, "made": made, "solutions": solutions}
    text = json.dumps(record, indent=1, sort_keys=True) + "\n"
    clear_leftovers(folder / MANIFEST, 0)
    write_atomically(folder / MANIFEST, text.encode())
    return done


def _copied(
    ready: Path, name: str, now: list[str], at_hand: tuple[dict[str, str], dict[str, list[str]]]
) -> bytes | None:
    """A file as it is delivered, from a folder where it was made of the same things before."""
    delivered, made = at_hand
    try:
        data = (ready / name).read_bytes()
    except OSError:
        return None
    return data if made.get(name) == now and delivered.get(name) == _digest(data) else None


def _brought(solutions: bool) -> Iterator[tuple[str, bytes]]:
    """Each file of the course with the path that it gets in the folder, and the page to begin."""
    files = course_files()
    for name, source in files.items():
        with own_file(source):
            data = source.read_bytes()
        if not solutions and name.startswith("exercises/"):
            data = without_solutions(data)
        yield name, data
    if f"notebooks/{START}" in files:
        from alliance_tools.start.home import home_notebook

        yield HOME, _as_bytes(home_notebook())


def _as_bytes(notebook: Any) -> bytes:
    import nbformat

    return (nbformat.writes(notebook) + "\n").encode()


def _notebook(data: bytes) -> Any:
    """The notebook that a file holds, or None: what a learner has left may be anything."""
    import nbformat

    try:
        return nbformat.reads(data.decode("utf-8-sig"), as_version=4)
    except Exception:
        return None


def delivered_form(name: str, data: bytes) -> bytes:
    """A file as it is delivered: notebooks with a line above and the state of their cards.

    Parameters
    ----------
    name : str
        The file's path in a learner's folder.
    data : bytes
        The course's own file; what is no notebook stays as it is.
    """
    notebook = _notebook(data) if name.endswith(".ipynb") else None
    if not notebook:
        return data
    from alliance_tools.start.home import with_bar

    return _as_bytes(alive(with_bar(notebook, name)))


def _keep_alive(target: Path, notebook: Any) -> None:
    """Give a notebook that the learner changed the state of today's cards; its text stays."""
    trusted = _notary().check_signature(notebook)
    write_atomically(target, _as_bytes(alive(notebook)))
    if trusted:
        _sign(target)


def _notary() -> Any:
    from nbformat.sign import NotebookNotary

    return NotebookNotary()


def _sign(target: Path) -> None:
    """Trust the course's own notebook: JupyterLab then shows what it holds without running it."""
    import nbformat

    if target.suffix == ".ipynb":
        # where nothing can be kept, a click on "Not trusted" or running the cells does the same
        with contextlib.suppress(Exception):
            _notary().sign(nbformat.read(target, as_version=4))
