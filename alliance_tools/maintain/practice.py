"""Practice notebooks: their questions, points and worked solutions, written from the registry."""

import copy
from pathlib import Path
from typing import Any

from alliance_course.questions.bank import question, registry, written_tasks
from alliance_course.questions.judge import solution
from alliance_tools.maintain.notebooks import MARKED


def tasks(lesson: str) -> list[str]:
    """The ids of a lesson's practice tasks, in order."""
    found = [task for task in (*registry(), *written_tasks()) if task.startswith(f"L{lesson}.T")]
    return sorted(found, key=lambda task: int(task.split(".T")[1]))


def _entry(task_id: str) -> dict[str, Any]:
    return written_tasks().get(task_id) or question(task_id)


def _folded(summary: str, *parts: str) -> str:
    text = "\n\n".join(parts)
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def question_text(task_id: str) -> str:
    """A task as Markdown: prompt, choices and, folded, its hints or what counts."""
    entry = _entry(task_id)
    points = f"{entry['points']:g} point" + ("s" if entry["points"] != 1 else "")
    parts = [f"**Question ({points}).** {entry['prompt']}"]
    if "option" in entry:
        parts.append("\n".join(f"* **{o['key']})** {o['text']}" for o in entry["option"]))
    if "rubric" in entry:
        lines = "\n".join(f"* {line}" for line in entry["rubric"])
        parts.append(_folded("What counts", lines))
    parts += [_folded(f"Hint {n}", text) for n, text in enumerate(entry.get("hints", []), 1)]
    return "\n\n".join(parts)


def answer_code(task_id: str) -> str:
    """The lines that set a task's answer as its worked solution does."""
    entry = question(task_id)
    if "worked" in entry:
        return entry["worked"].strip()
    right = "".join(option["key"] for option in entry["option"] if option.get("right"))
    return f'answer_{task_id.split(".T")[1]} = "{right}"'


def solution_text(task_id: str) -> str:
    """The worked solution as Markdown, folded: answer, reason, and what other answers suggest."""
    entry = _entry(task_id)
    if "rubric" in entry:
        parts = [
            "This is one good answer. Others are as good if they do what the list under *What "
            "counts* says.",
            "\n".join(f"> {line}".rstrip() for line in entry["example"].strip().splitlines()),
        ]
        return _folded("Worked solution", *parts)
    if "option" not in entry:
        right = [str(solution(task_id))]
        wrong = [f"* *{m['name'].capitalize()}:* {m['feedback']}" for m in entry["mistake"]]
    else:
        lines = [(f"* **{o['key']})** {o['feedback']}", o.get("right")) for o in entry["option"]]
        right = [line for line, fits in lines if fits]
        wrong = [line for line, fits in lines if not fits]
    code = f"```python\n{answer_code(task_id)}\n```"
    return _folded("Worked solution", code, "\n".join(right), "Not quite:", "\n".join(wrong))


def written(notebook: Any) -> Any:
    """A practice notebook with questions, points and worked solutions as the registry has them.

    A worked solution is a cell of text, so that reading or running it counts as no answer.
    """
    import nbformat

    new = copy.deepcopy(notebook)
    new.cells = []
    for cell in copy.deepcopy(notebook.cells):
        tag = cell.metadata.get("alliance", {})
        if "worked" in tag:
            continue
        new.cells.append(cell)
        if "task" in tag:
            cell.source = question_text(tag["task"])
        marked = MARKED.search(cell.source) if cell.cell_type == "code" else None
        if task := marked[1] if marked else tag.get("answer"):
            cell.metadata["nbgrader"]["points"] = _entry(task)["points"]
            worked = {"alliance": {"worked": task}}
            new.cells.append(nbformat.v4.new_markdown_cell(solution_text(task), metadata=worked))
    return new


def update(path: Path) -> None:
    """Bring a practice notebook up to the registry; one that says the same is not touched."""
    import nbformat

    old = nbformat.read(path, as_version=4)
    fresh = written(old)
    if [_content(cell) for cell in old.cells] != [_content(cell) for cell in fresh.cells]:
        nbformat.write(fresh, path)


def _content(cell: Any) -> tuple[str, str, dict[str, Any]]:
    return cell.cell_type, cell.source, dict(cell.metadata)
