"""The page that a learner sees first."""

from pathlib import Path

from alliance_tools.start.doctor import START

# in the learner's folder; where it is not there, lesson 00 stands in
HOME = "Home.ipynb"


def first_page(folder: Path) -> str:
    """The notebook of a learner's folder to open first, as a path inside it.

    >>> first_page(Path("no-such-folder"))
    'notebooks/00-start-here.ipynb'
    """
    return HOME if (folder / HOME).is_file() else f"notebooks/{START}"
