"""Where the lessons, the practice and the data are, in a checkout and in an installed package."""

from pathlib import Path

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
