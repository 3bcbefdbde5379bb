"""The course as pages in a learner's folder, made once for each version of the course."""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from alliance_tools.start.alive import fingerprint
from alliance_tools.start.workspace import course_files, keeps_solutions

FOLDER = ".alliance-course-pages"


def made_pages(root: Path, tell: Callable[[str], None] = print) -> Path:
    """The folder of the pages, which are made if they are not there yet.

    Parameters
    ----------
    root : Path
        A learner's folder. Where it has no worked solutions, the pages have none.
    tell : callable
        Hears how far it is.

    Raises
    ------
    ValueError
        If the folder cannot be written to; in one sentence.
    """
    from alliance_tools.site.build import build

    solutions = keeps_solutions(root)
    target, there = place_of_pages(root)
    place = target.parent
    if there:
        return target
    try:
        place.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="new-", dir=place) as new:
            build(Path(new, "pages"), instructors=False, solutions=solutions, tell=tell)
            # another start may have been quicker
            if not target.exists():
                os.replace(Path(new, "pages"), target)
            for old in place.iterdir():
                if old != target and old.name != Path(new).name:
                    shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise ValueError(
            f"{place} cannot be written ({error.strerror}), so that the pages have no place: "
            "start with another folder"
        ) from None
    return target


def place_of_pages(root: Path) -> tuple[Path, bool]:
    """The folder of the pages of this version, and whether they are there."""
    from alliance_tools.site.files import LIST

    target = root / FOLDER / _version(keeps_solutions(root))
    return target, (target / LIST).is_file()


def _version(solutions: bool) -> str:
    """Changes whenever the pages may change."""
    own = [path for path in Path(__file__).parents[1].joinpath("site").rglob("*.*")
           if "__pycache__" not in path.parts]  # fmt: skip
    digest = hashlib.sha256(f"{fingerprint()} {solutions}".encode())
    for path in sorted([*own, *course_files().values()]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    try:
        print(made_pages(Path(sys.argv[1]), tell=lambda text: None))
    except ValueError as error:
        sys.exit(str(error))
