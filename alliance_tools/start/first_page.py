"""The page that a learner sees first."""

from pathlib import Path

# one document fills the window: it reflows when enlarged, which all of JupyterLab does not
ROOM = "doc/tree"
START = "00-start-here.ipynb"
HOME = "Home.ipynb"


def first_page(folder: Path | None = None) -> str:
    """The notebook to open first, as a path inside a learner's folder.

    Without a folder: inside one that has just been filled.

    >>> first_page(Path("no-such-folder"))
    'notebooks/00-start-here.ipynb'
    """
    there = folder is None or (folder / HOME).is_file()
    return HOME if there else f"notebooks/{START}"
