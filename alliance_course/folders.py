"""Where the lessons, the practice and the data are, and how a file is written whole."""

import codecs
import contextlib
import glob
import hashlib
import json
import os
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent
FOLDERS = ("notebooks", "exercises", "datasets")


def course_folder(name: str) -> Path:
    """The folder of the notebooks, the exercises or the datasets.

    The repository's own in a checkout, the copy inside the package elsewhere.

    >>> course_folder("datasets").name
    'datasets'
    """
    if name not in FOLDERS:
        raise ValueError(f"name={name!r} is no part of the course; use one of {', '.join(FOLDERS)}")
    packed = _PACKAGE / "course" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name


_STALE_SECONDS = 60


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that whoever looks, or pulls the plug, finds the old one or the new one."""
    clear_leftovers(path, _STALE_SECONDS)
    handle, name = tempfile.mkstemp(
        prefix=f".{path.name[:60]}.", suffix=".writing", dir=path.parent
    )
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def clear_leftovers(path: Path, seconds: float) -> None:
    """Take away what a killed write of this file has left, if it is so old or older."""
    for left in path.parent.glob(f".{glob.escape(path.name[:60])}.*.writing"):
        with contextlib.suppress(OSError):  # somebody else was quicker
            if time.time() - left.stat().st_mtime >= seconds:
                left.unlink()


@contextlib.contextmanager
def alone(path: Path, patience: float) -> Iterator[None]:
    """Hold a lock beside a file or in a folder; ``TimeoutError`` if others hold it too long.

    Where locks do not work, as on some network drives, go on without: then only two writers in the
    same instant can be in each other's way.
    """
    from filelock import FileLock, Timeout

    place = path / ".lock" if path.is_dir() else path.with_name(f".{path.name}.lock")
    lock = FileLock(place, timeout=patience)
    try:
        lock.acquire()
    except Timeout:
        raise TimeoutError(f"{path.name} is being written by another program") from None
    except (OSError, NotImplementedError):
        yield
        return
    try:
        yield
    finally:
        lock.release()


def delivered_text(data: bytes) -> tuple[bytes, str]:
    """A text file without what Notepad and Git for Windows put in, and its hash then."""
    plain = data.removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n")
    return plain, f"sha256:{hashlib.sha256(plain).hexdigest()}"


def read_json(path: Path) -> Any:
    """What a JSON file holds, also if an editor has put a byte order mark or UTF-16 into it.

    Raises OSError if it cannot be read, ValueError or RecursionError if it is no JSON.
    """
    return parse_json(path.read_bytes())


def parse_json(data: bytes) -> Any:
    """What these bytes of a JSON file hold; as `read_json`."""
    return json.loads(decoded(data))


def decoded(data: bytes) -> str:
    """The text in these bytes: UTF-8 with or without a mark, or UTF-16 with one."""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if wide else "utf-8-sig")


class CourseFileError(Exception):
    """A file of the course's own is missing or changed: our fault, and never a wrong answer."""

    def __init__(self, path: Path, why: str | None = None) -> None:
        super().__init__(
            f"the course's file {path.name} is not as it was delivered"
            f"{f' ({why})' if why else ''}; `alliance-course doctor --repair` brings it back"
        )


@contextlib.contextmanager
def own_file(path: Path) -> Iterator[None]:
    """Whatever goes wrong inside is the fault of this file of the course's own."""
    try:
        yield
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise CourseFileError(path, getattr(error, "strerror", None)) from error


def own_toml(path: Path) -> dict[str, Any]:
    with own_file(path):
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
