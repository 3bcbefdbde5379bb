"""The page that a learner sees first."""

from pathlib import Path

from alliance_tools.start.doctor import START
from alliance_tools.start.workspace import course_files

# in the learner's folder; where it is not there, lesson 00 stands in
HOME = "Home.ipynb"


def first_page(folder: Path | None = None) -> str:
    """The notebook to open first, as a path inside a learner's folder.

    Without a folder: inside one that has just been filled.

    >>> first_page(Path("no-such-folder"))
    'notebooks/00-start-here.ipynb'
    """
    there = HOME in course_files() if folder is None else (folder / HOME).is_file()
    return HOME if there else f"notebooks/{START}"
