"""Put the course's files into a learner's folder, and never overwrite what the learner changed."""

import errno
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import NamedTuple

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

MANIFEST = ".alliance-course.json"
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
            if path.is_file() and not hidden and path.name != "progress.json":
                files[f"{folder}/{path.relative_to(root).as_posix()}"] = path
    return files


def _read_manifest(folder: Path) -> dict[str, str]:
    try:
        manifest = read_json(folder / MANIFEST)
        return {str(name): str(digest) for name, digest in manifest["delivered"].items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        # without a sound record every file counts as the learner's own
        return {}


def as_delivered(folder: Path, name: str) -> bytes | None:
    """A file in a learner's folder, if it is as this version of the course has put it there."""
    try:
        data = (folder / name).read_bytes()
        version = read_json(folder / MANIFEST)["version"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    untouched = _read_manifest(folder).get(name) == _digest(data)
    return data if untouched and version == __version__ else None


def _beside(target: Path, data: bytes) -> Path:
    """A free name beside a file that the learner changed (or one that already holds the data)."""
    number = 1
    while True:
        again = "" if number == 1 else f" {number}"
        other = target.with_name(f"{target.stem} (new {__version__}{again}){target.suffix}")
        if not other.exists() or other.read_bytes() == data:
            return other
        number += 1


def deliver(folder: Path) -> Delivery:
    """Put lessons, practice and data into a folder.

    A file that is as it was delivered is brought up to date. A file that differs is the
    learner's: it stays, and the new version arrives beside it under another name. Files are written
    whole or not at all. Being killed before the record of what was delivered is written costs no
    more than that an old file counts as changed, and stays.

    Parameters
    ----------
    folder : Path
        Made if it is not there.

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
            return _fill(folder)
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


def _fill(folder: Path) -> Delivery:
    done = Delivery([], [], [])
    files = course_files()
    delivered = _read_manifest(folder)
    for name, source in files.items():
        with own_file(source):
            data = source.read_bytes()
        target = folder / name
        clear_leftovers(target, 0)  # nobody else delivers now
        current = _digest(target.read_bytes()) if target.exists() else None
        if current == _digest(data):
            delivered[name] = current
            continue
        if current is None or current == delivered.get(name):
            (done.new if current is None else done.updated).append(name)
        else:
            target = _beside(target, data)
            done.beside.append((name, target.relative_to(folder).as_posix()))
            if target.exists():
                continue
            clear_leftovers(target, 0)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, data)
        if target == folder / name:
            delivered[name] = _digest(data)
    record = {"version": __version__, "delivered": delivered}
    text = json.dumps(record, indent=1, sort_keys=True) + "\n"
    clear_leftovers(folder / MANIFEST, 0)
    write_atomically(folder / MANIFEST, text.encode())
    return done
