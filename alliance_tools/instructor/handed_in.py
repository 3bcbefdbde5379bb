"""Files as a learning platform, a mail program or a browser hands them over, with their owners.

A folder or a zip, with folders and zips in it: nothing is moved by hand, and nothing is changed.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_MOST_BYTES = (
    50_000_000  # of one file; a record has a few thousand, a notebook some hundred thousand
)
_MOST_ZIPS = 3  # one inside the other
# what operating systems, editors and the course itself leave beside the files of people
_LITTER = re.compile(
    r"(^|/)(__MACOSX|\.ipynb_checkpoints|\.git)/|(^|/)(\.DS_Store|\.(?:[^/]+\.)?lock|\._.*|Thumbs\.db|desktop\.ini)$"
)
# Moodle: `Ada Lovelace_123456_assignsubmission_file_`, a folder, or the beginning of a file's name
_MOODLE = re.compile(
    r"^(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)$"
)
# Canvas: `lovelaceada_LATE_12345_67890_progress-K7.json`
_CANVAS = re.compile(r"^(?P<name>[^\W\d_]+)_(?:LATE_)?(?P<id>\d+)_\d+_(?P<rest>.+)$")
# Teams: `Ada Lovelace/Practice 01/Version 2/progress.json`
_TEAMS = re.compile(r"^Version \d+$")
# what browsers, synchronised folders and people add to a name
_ADDED = re.compile(
    r"(?: ?\(\d+\)"
    r"| ?[-_ ]\(?[^()/]*conflicted copy[^()/]*\)?| ?\([^()/]*conflicted copy[^()/]*\)"
    r"|[ _-]+(?:copy|kopie|copie|copia)(?: ?\(?\d+\)?)?"
    r"|\.sync-conflict-[\w-]+)$",
    flags=re.IGNORECASE,
)
# folders that hold a class and no person
_SHARED = re.compile(
    r"^(?:week|woche|class|lesson|group|section|day|term|all|new|old|files?|submissions?|submitted"
    r"|autograded|hand(?:ed)?[-_ ]?ins?|downloads?|submitted files|student work)?[-_ ]*\d*$"
    r"|^\d\d-practice$|\.zip$",
    flags=re.IGNORECASE,
)
_ENDINGS = re.compile(r"\.(?:json|ipynb|html?|csv|txt)$", flags=re.IGNORECASE)
# names that everybody's file has: they say nothing about whose it is
_NOBODY = re.compile(
    r"^(?:my[-_ ]?)?(?:alliance[-_ ]?)?"
    r"(?:progress|answers|record|export|file|download|untitled|code|name|\d\d-practice|capstone(?:-\d+)*)?$"
    r"|^(?:progress|answers|record)[-_ ](?:code|your[-_ ]?code)$",
    flags=re.IGNORECASE,
)


class HandedIn(NamedTuple):
    """One file: `name` is its way inside the folder, `learner` whose it is, "" if no name says.

    `platform_id` is not empty if a learning platform has put the learner's name there.
    """

    name: str
    data: bytes
    learner: str
    platform_id: str


def handed_in(where: str | Path) -> tuple[list[HandedIn], dict[str, str]]:
    """Every file in a folder or a zip, and what could not be opened, with the reason.

    Parameters
    ----------
    where : path
        What the platform gave: Moodle's folder per student, Canvas's and Teams's names, plain
        files, folders and zips in any depth.

    Returns
    -------
    files : list of HandedIn
        In order of their names.
    unread : dict
        Files that could not be opened.

    Raises
    ------
    ValueError
        If there is no such folder or zip, or no file in it.
    """
    path = Path(where).expanduser()
    unread: dict[str, str] = {}
    if path.is_dir():
        found = list(_in_folder(path, unread))
    elif path.is_file() and zipfile.is_zipfile(path):
        found = list(_in_zip("", path.read_bytes(), unread, 1))
    else:
        found = []
    files = [HandedIn(name, data, *owner(name)) for name, data in found if not _LITTER.search(name)]
    if not files and not unread:
        raise ValueError(
            f"folder={str(where)!r} holds no files: give the folder or the zip that the platform "
            "gave you"
        )
    return sorted(files, key=lambda file: file.name), unread


def _in_folder(folder: Path, unread: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            continue
        name = path.relative_to(folder).as_posix()
        try:
            if path.stat().st_size > _MOST_BYTES:
                unread[name] = "too large to be a hand-in"
                continue
            data = path.read_bytes()
        except OSError as problem:
            unread[name] = f"cannot be read ({problem.strerror})"
            continue
        yield from _opened(name, data, unread, 0)


def _opened(
    name: str, data: bytes, unread: dict[str, str], depth: int
) -> Iterator[tuple[str, bytes]]:
    if data[:4] == b"PK\x03\x04" and name.lower().endswith(".zip"):
        yield from _in_zip(f"{name}/", data, unread, depth + 1)
    else:
        yield name, data


def _in_zip(
    before: str, data: bytes, unread: dict[str, str], depth: int
) -> Iterator[tuple[str, bytes]]:
    if depth > _MOST_ZIPS:
        unread[before.rstrip("/")] = "a zip inside a zip inside a zip"
        return
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError):
        unread[before.rstrip("/")] = "a damaged zip"
        return
    for info in archive.infolist():
        if info.is_dir():
            continue
        name = before + info.filename.replace("\\", "/")
        if info.file_size > _MOST_BYTES:
            unread[name] = "too large to be a hand-in"
            continue
        try:
            content = archive.read(info)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError):
            unread[name] = "cannot be taken out of its zip (damaged, or with a password)"
            continue
        yield from _opened(name, content, unread, depth)


def owner(name: str) -> tuple[str, str]:
    """Whose file it is, and who that is to the platform; "" where the name says nothing.

    Examples
    --------
    >>> owner("Ada Lovelace_123_assignsubmission_file_/progress.json")
    ('Ada Lovelace', '123')
    >>> owner("lovelaceada_LATE_55_678_progress-K7 (1).json")
    ('lovelaceada', '55')
    >>> owner("week 3/progress-K7 (1).json.txt"), owner("progress (2).json")
    (('K7', ''), ('', ''))
    """
    *folders, file = name.split("/")
    for part in (*reversed(folders), file):
        for pattern in (_MOODLE, _CANVAS):
            if found := pattern.match(part):
                return found["name"], found["id"]
    versions = [n for n, folder in enumerate(folders) if _TEAMS.match(folder)]
    if versions and versions[0] >= 1:
        person = folders[max(0, versions[0] - 2)]
        return person, person
    if code := plain_name(file):
        return code, ""
    # a folder per student, with the same file name in each
    own = [folder for folder in folders if not _SHARED.search(folder)]
    return (own[-1] if own else ""), ""


def plain_name(file: str) -> str:
    """What is left of a file's name without endings, additions and words that all files have."""
    stem, before = file.strip(), None
    while stem != before:
        before = stem
        stem = _ADDED.sub("", _ENDINGS.sub("", stem)).strip()
    if _NOBODY.match(stem):
        return ""
    found = re.match(r"^(?:progress|answers|record|\d\d-practice)[-_ ]+(.+)$", stem, re.I)
    return found[1] if found else stem
