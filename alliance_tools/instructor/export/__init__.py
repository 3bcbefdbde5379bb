"""The course's questions as files that learning platforms take."""

from collections.abc import Callable
from pathlib import Path

from alliance_tools.instructor.export.items import Item, all_items
from alliance_tools.instructor.export.moodle import gift_files, moodle_files
from alliance_tools.instructor.export.qti3 import qti3_files
from alliance_tools.instructor.export.qti12 import qti12_files

Writer = Callable[[list[Item]], dict[str, bytes]]
FORMS: dict[str, Writer] = {
    "qti": qti12_files,
    "qti3": qti3_files,
    "moodle-xml": moodle_files,
    "gift": gift_files,
}


def write_export(
    folder: Path, form: str, *, lessons: list[str] | None = None, tests: bool = True
) -> list[tuple[Path, int]]:
    """Write checks, practice choices and both tests for a learning platform.

    Parameters
    ----------
    folder : path
        Made if it is not there; earlier files of the same name are replaced.
    form : {"qti", "qti3", "moodle-xml", "gift"}
        QTI 1.2 as Canvas takes it, QTI 3, Moodle XML, or GIFT.
    lessons : list of str, optional
        Two digits each; all if left out.
    tests : bool
        With both forms of the test before and after.

    Returns
    -------
    list of (path, int)
        Each file with the number of its questions.

    Raises
    ------
    ValueError
        If a lesson is unknown or nothing is left to write.
    """
    items = all_items(lessons, tests=tests)
    folder = folder.expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in FORMS[form](items).items():
        (folder / name).write_bytes(content)
        written.append((folder / name, len(items)))
    return written
