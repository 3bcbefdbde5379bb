"""Practice notebooks: their questions from the registry, their worked twins, a class's own copy."""

import copy
import re
from pathlib import Path
from typing import Any

from alliance_course.folders import course_folder
from alliance_course.questions.bank import question, registry, texts
from alliance_course.questions.judge import judge, solution, values

# `answer_3 = ...` as it stands before anybody has answered
STUB = re.compile(r"^(answer_\d+) = \.\.\.", flags=re.MULTILINE)
MARKED = re.compile(r'ac\.mark\("(L\d\d\.T\d+)", answer_\d+, seed=CLASS\)')
_RELATIVE = re.compile(r"\]\((?!https?:|mailto:|#)([^)]+)\)")


def _entry(task_id: str) -> dict[str, Any]:
    return texts()[task_id] if task_id in texts() else question(task_id)


def question_text(task_id: str, *, folded: bool = True) -> str:
    """A task as Markdown: prompt, choices and, folded, hints or rubric and a link."""
    entry = _entry(task_id)
    points = f"{entry['points']:g} point" + ("s" if entry["points"] != 1 else "")
    parts = [f"**Question ({points}).** {entry['prompt']}"]
    if "option" in entry:
        parts.append("\n".join(f"* **{o['key']})** {o['text']}" for o in entry["option"]))
    if "rubric" in entry:
        lines = "\n".join(f"* {line}" for line in entry["rubric"])
        parts.append(_fold("What counts", lines))
    if folded:
        parts += [_fold(f"Hint {n}", text) for n, text in enumerate(entry.get("hints", []), 1)]
        lesson, number = task_id[1:3], task_id.split(".T")[1]
        link = f"solutions/{lesson}-practice.ipynb#Task-{number}"
        parts.append(f"[Worked solution]({link})")
    return "\n\n".join(parts)


def _fold(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{text}\n</details>"


def _worked(task_id: str) -> str:
    """Why the right answer is right, and what the others look like."""
    entry = _entry(task_id)
    if "rubric" in entry:
        return "This is one good answer. Others are as good if they do what the list above says."
    if "option" not in entry:
        wrong = [f"* *{m['name'].capitalize()}:* {m['feedback']}" for m in entry["mistake"]]
        return "\n".join([f"**Worked solution.** {solution(task_id)}\n\nNot quite:\n", *wrong])
    lines = [[f"* **{o['key']})** {o['feedback']}", o.get("right")] for o in entry["option"]]
    right = [line for line, fits in lines if fits]
    wrong = [line for line, fits in lines if not fits]
    return "\n".join(["**Worked solution.**\n", *right, "\nNot quite:\n", *wrong])


def _answer(task_id: str, name: str) -> str:
    entry = _entry(task_id)
    if "worked" in entry:
        return entry["worked"].strip()
    right = "".join(option["key"] for option in entry["option"] if option.get("right"))
    return f'{name} = "{right}"'


def written(notebook: Any) -> Any:
    """A practice notebook with each question, and the points, as they stand in the registry."""
    new = copy.deepcopy(notebook)
    for cell in new.cells:
        task = cell.metadata.get("alliance", {}).get("task")
        if task:
            cell.source = question_text(task)
        marked = MARKED.search(cell.source) if cell.cell_type == "code" else None
        if marked:
            cell.metadata["nbgrader"]["points"] = question(marked[1])["points"]
    return new


def solved(notebook: Any) -> Any:
    """The worked twin of a practice notebook: answers in place, explained, and without marking."""
    import nbformat

    new = copy.deepcopy(notebook)
    cells, task = [], ""
    for cell in new.cells:
        cell.metadata.pop("nbgrader", None)
        task = cell.metadata.get("alliance", {}).get("task", task)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            stub = STUB.search(cell.source)
            if stub:
                cell.source = _answer(task, stub[1])
        elif "task" in cell.metadata.get("alliance", {}):
            cell.source = question_text(task, folded=False)
        elif cell.metadata.get("alliance", {}).get("answer"):
            cell.source = _entry(task)["example"]
        else:
            cell.source = _RELATIVE.sub(r"](../\1)", cell.source)
        marked = MARKED.search(cell.source)
        if not marked:  # reading the twin must not count as answering
            cells.append(cell)
        if marked or cell.metadata.get("alliance", {}).get("answer"):
            cells.append(nbformat.v4.new_markdown_cell(_worked(task)))
    title = cells[0].source.split("\n")[0]
    name = f"{title.split()[2].rstrip(':')}-practice.ipynb"
    cells[0].source = (
        f"{title.replace(':', ', worked:', 1)}\n\nThe tasks of [this practice](../{name}), each "
        "with an answer and the reasons. Try first: what you got wrong and then understood stays "
        "longest.\n\n"
        "*All clients here are simulated. This is teaching about therapy, not therapy.*"
    )
    new.cells = cells
    return new


def practice_files() -> list[Path]:
    """The practice notebooks, without their worked twins."""
    return sorted(course_folder("exercises").glob("*-practice.ipynb"))


def update(path: Path) -> Path:
    """Bring a practice notebook and its worked twin up to the registry; returns the twin."""
    import nbformat

    twin = path.parent / "solutions" / path.name
    practice = nbformat.read(path, as_version=4)
    for target, fresh in ((path, written(practice)), (twin, solved(written(practice)))):
        if target.exists():
            old = nbformat.read(target, as_version=4)
            if [_content(cell) for cell in old.cells] == [_content(cell) for cell in fresh.cells]:
                continue
        target.parent.mkdir(exist_ok=True)
        nbformat.write(fresh, target)
    return twin


def _content(cell: Any) -> tuple[str, str, dict[str, Any]]:
    return cell.cell_type, cell.source, dict(cell.metadata)


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
    import nbformat

    from alliance_course.data.tables import load_dataset
    from alliance_course.refusals import nearest

    load_dataset("clients", seed=seed)  # says so if the number is not allowed
    known = {path.name[:2]: path for path in practice_files()}
    unknown = [lesson for lesson in lessons if lesson not in known]
    if unknown:
        raise ValueError(f"lesson {unknown[0]!r} has no practice: {nearest(unknown[0], known)}")
    texts_of: dict[Path, str] = {}
    for lesson in lessons:
        notebook = nbformat.read(known[lesson], as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
                cell.source = re.sub(r"(?m)^CLASS = None", f"CLASS = {seed}", cell.source)
                # the cells that give points are locked, so a class cannot choose its numbers
                if MARKED.fullmatch(cell.source):
                    cell.source = cell.source.replace("seed=CLASS", f"seed={seed}")
            else:
                cell.source = re.sub(r"\n\n\[Worked solution\]\([^)]*\)", "", cell.source)
                cell.source = re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]*\)", r"\1", cell.source)
        name = known[lesson].stem
        text = nbformat.writes(notebook) + "\n"
        texts_of[folder / "source" / name / known[lesson].name] = text
    for path, text in texts_of.items():
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise ValueError(f"{path} is there already and differs: move it, or choose a folder")
    for path, text in texts_of.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(texts_of)


def blind_spots(lessons: list[str], seed: int | None) -> dict[str, list[str]]:
    """Tasks for which, in this class's clinic, a known mistake happens to give the right number."""
    found: dict[str, list[str]] = {}
    for task in (task for lesson in lessons for task in tasks(lesson) if task not in texts()):
        for mistake in question(task).get("mistake", []):
            wrong_way = values(task, seed)[f"mistake {mistake['name']}"]
            if judge(question(task), wrong_way, seed=seed)[0].state == "right":
                found.setdefault(task, []).append(mistake["name"])
    return found


def tasks(lesson: str) -> list[str]:
    """The ids of a lesson's practice tasks, in order."""
    found = [task for task in (*registry(), *texts()) if task.startswith(f"L{lesson}.T")]
    return sorted(found, key=lambda task: int(task.split(".T")[1]))
