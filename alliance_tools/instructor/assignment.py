"""The practice as an assignment for nbgrader, with a class's own number and no worked solutions."""

from pathlib import Path

from alliance_course.data.tables import load_dataset
from alliance_course.questions.bank import question, written_tasks
from alliance_course.questions.judge import judge, values
from alliance_course.refusals import nearest
from alliance_tools.maintain.notebooks import CLASS_NUMBER, LOCAL_LINK, MARKED, practices
from alliance_tools.maintain.practice import tasks


def assign(folder: Path, *, lessons: list[str], seed: int | None = None) -> list[Path]:
    """Lay out practice as nbgrader's source folder, with a class's number in it.

    Parameters
    ----------
    folder : Path
        The nbgrader course; made if it is not there.
    lessons : list of str
        Two digits each, such as "01".
    seed : int, optional
        The number of the class: its clinic has other numbers than the public solutions.

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
        texts[folder / "source" / practice.stem / practice.name] = _assignment(practice, seed)
    for path, text in texts.items():
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise ValueError(f"{path} is there already and differs: move it, or choose a folder")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(texts)


def _assignment(practice: Path, seed: int | None) -> str:
    """The text of a practice notebook as a class gets it."""
    import nbformat

    notebook = nbformat.read(practice, as_version=4)
    notebook.cells = [c for c in notebook.cells if "worked" not in c.metadata.get("alliance", {})]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            cell.source = CLASS_NUMBER.sub(f"CLASS = {seed}", cell.source)
            # the cells that give points are locked, so a class cannot choose its numbers
            if MARKED.fullmatch(cell.source):
                cell.source = cell.source.replace("seed=CLASS", f"seed={seed}")
        else:
            cell.source = LOCAL_LINK.sub(r"\1", cell.source)
    return nbformat.writes(notebook) + "\n"


def mistakes_counted_right(lessons: list[str], seed: int | None) -> dict[str, list[str]]:
    """Tasks for which, in this class's clinic, a known mistake happens to give the right number.

    Parameters
    ----------
    lessons : list of str
        Two digits each, such as "01".
    seed : int or None
        The number of the class; None for the public clinic.

    Returns
    -------
    dict
        The names of the mistakes for each task that has any.
    """
    found: dict[str, list[str]] = {}
    marked = (task for lesson in lessons for task in tasks(lesson) if task not in written_tasks())
    for task in marked:
        for mistake in question(task).get("mistake", []):
            wrong_way = values(task, seed)[f"mistake {mistake['name']}"]
            if judge(question(task), wrong_way, seed=seed)[0].state == "right":
                found.setdefault(task, []).append(mistake["name"])
    return found
