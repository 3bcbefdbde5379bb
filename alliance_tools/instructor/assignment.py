"""The practice as an assignment, with a class's own items and numbers and no worked solutions."""

import shutil
from pathlib import Path
from typing import Any

from alliance_course.data.tables import load_dataset
from alliance_course.questions.bank import written_tasks
from alliance_course.refusals import nearest
from alliance_tools.instructor.marking import CONFIG, show_answer, write_number
from alliance_tools.instructor.variants.versions import class_task, swap_words
from alliance_tools.maintain.notebooks import CLASS_NUMBER, LOCAL_LINK, MARKED, practices
from alliance_tools.maintain.practice import question_text

_PRACTICE = (
    "Hints stand folded under each question, and a worked solution under each answer. Try first: "
    "what you got wrong and then understood stays longest."
)
_KEPT = "Your answers are kept in the file `progress.json` beside this notebook, without your name."
_GRADED = (
    "Hints stand folded under some questions. **This practice is marked**: the cell after each "
    "answer shows what you hand in, and the marks come with your feedback."
)


def assign(
    folder: Path, *, lessons: list[str], seed: int | None = None, items: Path | None = None
) -> list[Path]:
    """Lay out practice as nbgrader's source folder, with a class's number in it.

    Parameters
    ----------
    folder : Path
        The nbgrader course; made if it is not there.
    lessons : list of str
        Two digits each, such as "01".
    seed : int, optional
        The number of the class: it decides its clinic, its items and their order. None gives the
        public practice, which marks itself.
    items : path, optional
        A folder of your own items, in the form of `variants/choices.toml`, which stand in place
        of the course's.

    Returns
    -------
    list of Path
        The notebooks that were written. One that is there and differs is never written over.

    Raises
    ------
    ValueError
        If a lesson has no practice, the number is not allowed, or a notebook is there already.
    """
    load_dataset("clients", seed=seed)  # says so if the number is not allowed
    unknown = [lesson for lesson in lessons if lesson not in practices()]
    if unknown:
        raise ValueError(
            f"lesson {unknown[0]!r} has no practice: {nearest(unknown[0], practices())}"
        )
    texts: dict[Path, str] = {}
    for lesson in lessons:
        practice = practices()[lesson].path
        texts[folder / "source" / practice.stem / practice.name] = _assignment(
            practice, seed, items
        )
    for path, text in texts.items():
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise ValueError(f"{path} is there already and differs: move it, or choose a folder")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if items is not None and items.resolve() != (folder / "items").resolve():
        shutil.copytree(items, folder / "items", dirs_exist_ok=True)
    if seed is not None:
        for lesson in lessons:
            write_number(folder, lesson, seed)
        if not (folder / "nbgrader_config.py").exists():
            (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    return list(texts)


def _assignment(practice: Path, seed: int | None, items: Path | None) -> str:
    """The text of a practice notebook as a class gets it."""
    import nbformat

    notebook = nbformat.read(practice, as_version=4)
    notebook.cells = [c for c in notebook.cells if "worked" not in c.metadata.get("alliance", {})]
    if seed is not None:
        _put_versions(notebook.cells, seed, items)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            cell.source = CLASS_NUMBER.sub(f"CLASS = {seed}", cell.source)
        else:
            cell.source = LOCAL_LINK.sub(r"\1", cell.source)
    # what was printed by the run of a class with another number would be no answer of this one
    notebook.metadata.pop("widgets", None)
    return nbformat.writes(notebook) + "\n"


def _put_versions(cells: list[Any], number: int, items: Path | None) -> None:
    """Put the class's own version into each task, from its heading to the cell that hands it in."""
    cells[0].source = cells[0].source.replace(_PRACTICE, _GRADED)
    cells[-1].source = cells[-1].source.replace(_KEPT, "Hand this notebook in.")
    section: list[Any] = []
    for cell in cells:
        if cell.source.startswith("## "):
            section = []
        section.append(cell)
        if task := cell.metadata.get("alliance", {}).get("task"):
            if task in written_tasks():
                continue
            version = class_task(task, number, items)
            if version.scene:
                section[
                    0
                ].source = f"{section[0].source.splitlines()[0]}\n\n{version.scene.strip()}"
                for other in section[1:-1]:
                    other.source = ""
            for other in section[:-1]:
                other.source = swap_words(other.source, version.words)
            cell.source = question_text(version.entry["id"])
        elif cell.cell_type == "code" and (found := MARKED.fullmatch(cell.source)):
            cell.source = show_answer(found[1].split(".T")[1])
