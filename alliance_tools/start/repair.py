"""Find what is damaged among the course's own files, and bring it back; nothing is thrown away."""

import json
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from alliance_course.folders import (
    CourseFileError,
    course_folder,
    delivered_text,
    own_file,
    read_json,
    write_atomically,
)
from alliance_tools.start.finding import Finding
from alliance_tools.start.workspace import ASIDE, as_brought, course_files, deliver

_PACKAGE_FILE = "datasets/datapackage.json"
_SIMULATED = ("clients", "sessions", "items")


def _tables() -> list[dict[str, str]]:
    path = course_folder("datasets") / "datapackage.json"
    with own_file(path):
        return [{part: entry[part] for part in ("path", "card", "hash") if part in entry}
                for entry in read_json(path)["resources"]]  # fmt: skip


def _sound(name: str, data: bytes) -> bool:
    """Whether the bytes can be those of the course's file of this name."""
    try:
        if name == _PACKAGE_FILE:
            return bool(json.loads(data.decode("utf-8-sig"))["resources"])
        if name.endswith(".ipynb"):
            return isinstance(json.loads(data.decode("utf-8-sig"))["cells"], list)
        if name.endswith(".toml"):
            return bool(tomllib.loads(data.decode("utf-8-sig")))
        if name.startswith("datasets/"):
            known = {f"datasets/{entry['path']}": entry.get("hash") for entry in _tables()}
            if known.get(name):
                return delivered_text(data)[1] == known[name]
        return bool(data)
    except (CourseFileError, ValueError, LookupError, TypeError, RecursionError):
        return False


def _own_files() -> dict[str, Path]:
    """The course's own files by name, also those that should be there and are not."""
    # the list of tables first: the others are held against it
    files = {_PACKAGE_FILE: course_folder("datasets") / "datapackage.json"}
    for name in Path(__file__).with_name("course_files.txt").read_text(encoding="utf-8").split():
        folder, _, path = name.partition("/")
        files[name] = course_folder(folder) / path
    files |= course_files()
    inner = Path(__file__).resolve().parents[2] / "alliance_course"
    texts = [*sorted(inner.rglob("*.toml")), inner / "measure" / "form.csv"]
    return files | {f"alliance_course/{path.relative_to(inner).as_posix()}": path for path in texts}


def damaged() -> dict[str, Path]:
    """The course's own files that are missing, unreadable or not as they were delivered."""
    found = {}
    for name, path in _own_files().items():
        try:
            well = _sound(name, path.read_bytes())
        except OSError:
            well = False
        if not well:
            found[name] = path
    return found


def _from_history(name: str, folder: Path) -> bytes | None:
    root = course_folder("notebooks").parent
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return None
    done = subprocess.run([git, "show", f"HEAD:{name}"], cwd=root, capture_output=True)
    return done.stdout if done.returncode == 0 else None


def _from_the_learner(name: str, folder: Path) -> bytes | None:
    return as_brought(folder, name)


def _from_the_model(name: str, folder: Path) -> bytes | None:
    from alliance_tools.maintain.clinic import build_datasets

    if Path(name).stem not in _SIMULATED:
        return None
    with tempfile.TemporaryDirectory() as place:
        made = {f"datasets/{path.name}": path for path in build_datasets(place)}
        return made[name].read_bytes() if name in made else None


SOURCES: tuple[Callable[[str, Path], bytes | None], ...] = (
    _from_history,
    _from_the_learner,
    _from_the_model,
)  # fmt: skip


def _set_aside(path: Path) -> Path | None:
    """Move a file to a free name beside it."""
    if not path.exists():
        return None
    names = (path.with_name(f"{path.name}{ASIDE}{number}") for number in count(1))
    aside = next(name for name in names if not name.exists())
    path.rename(aside)
    return aside


def _bring_back(name: str, path: Path, folder: Path) -> Finding:
    for source in SOURCES:
        data = source(name, folder)
        if data is not None and _sound(name, data):
            break
    else:
        advice = "it cannot be made again here: download the course again and copy it from there"
        return Finding(name, False, advice)
    try:
        aside = _set_aside(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, data)
    except OSError as error:
        return Finding(name, False, f"it cannot be written ({error.strerror}): install again")
    kept = f" (what was there is kept as {aside.name})" if aside else ""
    return Finding(f"{name} is as it was delivered again{kept}", True)


def repair(folder: Path) -> Iterator[Finding]:
    """Bring back the course's own files that are damaged, then those in a learner's folder.

    A learner's notebook is never touched: where one cannot be read, the lesson arrives beside it.
    A table in the folder that differs from the course's is kept under another name.

    Parameters
    ----------
    folder : Path
        A learner's folder; may not exist.
    """
    for _ in range(2):
        for name, path in damaged().items():
            yield _bring_back(name, path, folder)
            if name == _PACKAGE_FILE:
                break
        else:
            break
    if not folder.is_dir() or damaged():
        return
    for name, source in course_files().items():
        mine = folder / name
        if name.startswith("datasets/") and mine.exists():
            plain = delivered_text(source.read_bytes())[1]
            if delivered_text(mine.read_bytes())[1] != plain and (aside := _set_aside(mine)):
                yield Finding(f"{name}: yours differs and is kept as {aside.name}", True)
    done = deliver(folder)
    for name in (*done.new, *done.updated):
        yield Finding(f"{name} is in {folder.name} again", True)
    for yours, new in done.beside:
        yield Finding(f"your {yours} stays; the lesson as delivered is beside it: {new}", True)
