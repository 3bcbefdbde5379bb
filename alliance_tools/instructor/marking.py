"""Marks from what was handed in: answers are read from the notebook and judged here, in a process
of their own, so that nothing which a notebook does to `ac.mark` can change a mark."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from alliance_course.folders import parse_json
from alliance_course.questions.bank import written_tasks
from alliance_course.questions.judge import Result
from alliance_tools.instructor.class_answers import read_record
from alliance_tools.instructor.handed_in import HandedIn, handed_in
from alliance_tools.instructor.variants.versions import Version, class_task, points_for
from alliance_tools.maintain.practice import tasks

NUMBERS = "class-numbers.json"
CONFIG = """\
# Points are given by this course, from the answers, after the notebook was run.
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbgrader.preprocessors import (
    AssignLatePenalties, CheckCellMetadata, Execute, IgnorePattern, LimitOutput, SaveAutoGrades,
)

from alliance_tools.instructor.nbgrader_marks import MarkAnswers

c = get_config()
c.Autograde.autograde_preprocessors = [
    Execute, MarkAnswers, IgnorePattern, ClearMetadataPreprocessor, LimitOutput, SaveAutoGrades,
    AssignLatePenalties, CheckCellMetadata,
]
"""
_SHOWN = "You hand in: "
_NUMPY = re.compile(r"^np\.\w+\((.+)\)$", flags=re.DOTALL)
# a table with one row prints it, its name and its kind
_ONE_ROW = re.compile(r"^\S+\s+(\S+)\n(?:Name: .*, )?dtype: \w+$")
_TASK = re.compile(r"^(L\d\d)-(T\d+)$")
_MOST_LETTERS = 10_000


class _NotShown:
    """An answer that the notebook works out but was not run to show."""

    def __repr__(self) -> str:
        return "not shown"


NOT_SHOWN = _NotShown()


def show_answer(place: str) -> str:
    """The cell of an assignment that shows what is handed in; by itself it gives no points."""
    return (
        f'print("{_SHOWN}", repr(answer_{place}), sep="")\n0  # marked after you have handed it in'
    )


def read_answer(text: str) -> Any:
    """The value that was printed; what is neither number, text nor a list stays text.

    Examples
    --------
    >>> read_answer("np.float64(0.31)"), read_answer("'b'"), read_answer("Ellipsis")
    (0.31, 'b', Ellipsis)
    """
    text = text.strip()[:_MOST_LETTERS]
    while found := _NUMPY.match(text):
        text = found[1]
    if found := _ONE_ROW.match(text):
        text = found[1]
    if text == "Ellipsis":
        return ...
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return {"nan": float("nan"), "inf": float("inf")}.get(text, _Other(text))


class _Other:
    """Something that was handed in and is no answer; the judge says so."""

    def __init__(self, text: str) -> None:
        self.text = text


def _stated(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Answers that stand in the code as they are; `NOT_SHOWN` where code works them out."""
    found: dict[str, Any] = {}
    for cell in cells:
        if cell.get("cell_type") != "code":
            continue
        try:
            tree = ast.parse(_source(cell))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if not isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
                continue
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name) and re.fullmatch(r"answer_\d+", target.id):
                    found[target.id] = _literal(node)
    return found


def _literal(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> Any:
    if isinstance(node, ast.AugAssign) or node.value is None:
        return NOT_SHOWN
    try:
        return ast.literal_eval(node.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return NOT_SHOWN


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def shown_answer(cell: dict[str, Any]) -> Any:
    """What a cell that shows an answer has printed; None if it has not been run."""
    # a kernel sends what is printed in pieces, and cuts where it likes
    printed = "".join(
        "".join(output.get("text", ""))
        for output in cell.get("outputs", [])
        if output.get("output_type") == "stream" and output.get("name") == "stdout"
    )
    return read_answer(printed.split(_SHOWN)[-1]) if _SHOWN in printed else None


def answers_in(notebook: dict[str, Any]) -> dict[str, Any]:
    """The answers in a notebook by task, such as "L01.T3"; runs nothing of it.

    An answer that stands in the code counts as it stands, even if the cell was not run; one that
    code works out counts as the notebook shows it.
    """
    cells = [cell for cell in notebook.get("cells", []) if isinstance(cell, dict)]
    stated = _stated(cells)
    found: dict[str, Any] = {}
    for cell in cells:
        grade_id = str(cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", ""))
        if not (named := _TASK.match(grade_id)) or cell.get("cell_type") != "code":
            continue
        task = f"{named[1]}.{named[2]}"
        answer = stated.get(f"answer_{named[2][1:]}", ...)
        if answer is NOT_SHOWN:
            shown = shown_answer(cell)
            answer = NOT_SHOWN if shown is None else shown
        if task not in found or found[task] is NOT_SHOWN:
            found[task] = answer
    return found


class Marks(NamedTuple):
    """One learner's marks: points by task, None where nothing could be read, and the sentences."""

    learner: str
    platform_id: str
    file: str
    points: dict[str, float | None]
    said: dict[str, Result]


class ClassMarks(NamedTuple):
    """The marks of a class in one practice; `left_out` names files that gave none."""

    lesson: str
    most: dict[str, float]
    rows: list[Marks]
    left_out: dict[str, str]


def class_numbers(course: Path) -> dict[str, int]:
    """The class number of each practice that was laid out in this folder."""
    try:
        found = parse_json((course / NUMBERS).read_bytes())
    except (OSError, ValueError):
        return {}
    return {str(k): v for k, v in found.items() if isinstance(v, int)} if found else {}


def write_number(course: Path, lesson: str, number: int) -> None:
    """Note the class number of a practice beside the assignments."""
    numbers = class_numbers(course) | {lesson: number}
    course.mkdir(parents=True, exist_ok=True)
    (course / NUMBERS).write_text(json.dumps(numbers, indent=1, sort_keys=True) + "\n")


def marked_versions(lesson: str, number: int | None, items: Path | None) -> dict[str, Version]:
    """The tasks of a practice that a program marks, as the class has them."""
    return {
        task: class_task(task, number, items)
        for task in tasks(lesson)
        if task not in written_tasks()
    }


def mark_class(
    where: str | Path, lesson: str, number: int | None = None, items: Path | None = None
) -> ClassMarks:
    """Mark everything that a class has handed in for one practice.

    Parameters
    ----------
    where : path
        A folder or a zip, as the platform gave it: notebooks, and records of the course's page if
        the class has no number of its own. Nothing in them is run.
    lesson : str
        Two digits, such as "01".
    number : int, optional
        The number of the class.
    items : path, optional
        A folder of an instructor's own items.

    Returns
    -------
    ClassMarks
        A learner with several files has the marks of the one with most points.
    """
    files, left_out = handed_in(where)
    versions = marked_versions(lesson, number, items)
    found: dict[str, Marks] = {}
    for file in files:
        answers, reason = _answers(file, lesson, number)
        if answers is None:
            left_out[file.name] = reason
            continue
        marks = _marks(file, answers, versions, number)
        key = file.platform_id or file.learner or file.name
        if key in found:
            worse, better = sorted((found[key], marks), key=lambda m: _sum(m))
            left_out[worse.file] = f"{better.file}, of the same learner, has as many points or more"
            marks = better
        found[key] = marks
    most = {task: float(version.entry["points"]) for task, version in versions.items()}
    rows = sorted(found.values(), key=lambda marks: (marks.learner.lower(), marks.file))
    return ClassMarks(lesson, most, rows, dict(sorted(left_out.items())))


def _sum(marks: Marks) -> float:
    return sum(points or 0 for points in marks.points.values())


def _answers(file: HandedIn, lesson: str, number: int | None) -> tuple[dict[str, Any] | None, str]:
    name = file.name.lower()
    if name.endswith((".ipynb", ".ipynb.txt", ".ipynb.json")):
        try:
            found = parse_json(file.data)
            answers = answers_in(found)
        except (ValueError, RecursionError, AttributeError, TypeError):
            return None, "cannot be read as a notebook"
        mine = {task: answer for task, answer in answers.items() if task.startswith(f"L{lesson}.")}
        return (mine, "") if mine else (None, f"no notebook of practice {lesson}")
    if name.endswith((".json", ".json.txt", ".txt")):
        progress, reason = read_record(file.data)
        if progress is None:
            return None, reason
        if number is not None:
            return None, "a record of the public practice, and this class has tasks of its own"
        mine = {k: _Kept(e) for k, e in progress["answers"].items() if k.startswith(f"L{lesson}.T")}
        return (mine, "") if mine else (None, f"a record without practice {lesson}")
    return None, "neither a notebook nor a record"


class _Kept(dict[str, Any]):
    """An entry of a record: its answer is judged again where it has one, else its state counts."""


def _marks(
    file: HandedIn, answers: dict[str, Any], versions: dict[str, Version], number: int | None
) -> Marks:
    points: dict[str, float | None] = {}
    said: dict[str, Result] = {}
    for task, version in versions.items():
        answer = answers.get(task, ...)
        if answer is NOT_SHOWN:
            points[task] = None
            said[task] = Result("not shown", "Worked out by code, and the notebook was not run.")
            continue
        if isinstance(answer, _Kept):
            points[task], said[task] = _kept_points(answer, version, number)
            continue
        points[task], said[task] = points_for(version.entry, answer, number)
    return Marks(file.learner or file.name, file.platform_id, file.name, points, said)


def _kept_points(kept: _Kept, version: Version, number: int | None) -> tuple[float, Result]:
    if "answer" in kept:
        answer = kept["answer"]
        if version.entry["kind"] == "number" and isinstance(answer, str):
            answer = read_answer(answer)
        return points_for(version.entry, answer, number)
    share = {"right": 1.0, "near miss": 0.5}.get(str(kept.get("state")), 0.0)
    return share * float(version.entry["points"]), Result(str(kept.get("state")), "")


def remarked(notebook: Any, lesson: str, number: int, items: Path | None = None) -> Iterator[str]:
    """Put points and sentences into the cells of a notebook that has been run; names the tasks."""
    versions = marked_versions(lesson, number, items)
    for cell in notebook["cells"]:
        grade_id = str(cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", ""))
        named = _TASK.match(grade_id)
        task = f"{named[1]}.{named[2]}" if named else ""
        if task not in versions or cell.get("cell_type") != "code":
            continue
        answer = shown_answer(cell)
        if answer is None:
            # an error stays as it is; a cell without anything to show has no answer
            if any(output.get("output_type") == "error" for output in cell["outputs"]):
                continue
            answer = ...
        points, result = points_for(versions[task].entry, answer, number)
        most = float(versions[task].entry["points"])
        sentence = f"{result!r}\n\n*Points: {points:g} of {most:g}.*"
        shown = {"text/plain": str(points), "text/markdown": sentence}
        # what was shown stays, so that the answers can be read from the marked notebook as well
        cell["outputs"] = [
            *(output for output in cell["outputs"] if output.get("name") == "stdout"),
            type(cell)(
                output_type="execute_result",
                data=type(cell)(shown),
                metadata=type(cell)(),
                execution_count=cell.get("execution_count"),
            ),
        ]
        yield task
