"""Bring together what learners of a hub have put out for their class, and nothing else of theirs.

A learner consents by writing a copy of their record into their own folder `for-my-class`, with
`ac.export_progress`. Whatever lies elsewhere in a home is not looked at.
"""

import os
import stat
from pathlib import Path
from typing import NamedTuple

from alliance_tools.start.hub import CONSENT, FOLDER

_LARGEST = 2_000_000  # bytes; a record of the whole course has less than a tenth


class Collected(NamedTuple):
    """What `collect` did: how many homes there are, files written, and what was left and why."""

    homes: int
    files: list[Path]
    left: list[tuple[str, str]]


def collect(homes: Path, to: Path) -> Collected:
    """Copy every record that a learner has put out into one folder, for `alliance-course class`.

    Parameters
    ----------
    homes : Path
        The folder with one home for each learner.
    to : Path
        Made if it is not there. Files get the home's name before their own; a file that is there
        already is replaced by the same learner's newer one.

    Returns
    -------
    Collected

    Raises
    ------
    ValueError
        If `homes` is no folder.
    """
    if not homes.is_dir():
        raise ValueError(f"{homes} is not a folder: give the folder with the learners' homes")
    to.mkdir(parents=True, exist_ok=True)
    done = Collected(0, [], [])
    found = sorted(home for home in homes.iterdir() if home.is_dir() and not home.is_symlink())
    for home in found:
        place = home / FOLDER / CONSENT
        if place.is_symlink() or not place.is_dir():
            continue
        for path in sorted(place.glob("*.json")):
            name = f"{home.name}-{path.name}"
            try:
                data = _read(path, home.stat().st_uid)
            except OSError as error:
                done.left.append((name, error.strerror or "cannot be read"))
                continue
            except ValueError as error:
                done.left.append((name, str(error)))
                continue
            (to / name).write_bytes(data)
            done.files.append(to / name)
    return done._replace(homes=len(found))


def _read(path: Path, owner: int) -> bytes:
    """What a file holds, if it is the learner's own: whoever collects may read more than they."""
    careful = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, os.O_RDONLY | careful)
    with os.fdopen(handle, "rb") as stream:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode) or about.st_uid != owner or about.st_nlink != 1:
            raise ValueError("is not a file of the learner's own")
        if about.st_size > _LARGEST:
            raise ValueError(f"is too large for a record ({about.st_size // 10**6} MB)")
        return stream.read(_LARGEST)
