"""Save a capstone as one page that holds the answers for people and, as JSON, for programs."""

import base64
import json
from collections.abc import Collection, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from alliance_course.folders import alone, write_atomically
from alliance_course.questions.bank import as_html, question
from alliance_course.questions.capstone import EXAMPLE, QUESTIONS, argument_and_rubric, capstone
from alliance_course.questions.judge import judge
from alliance_course.questions.progress import RECORDED
from alliance_course.questions.reading import single
from alliance_course.questions.sentence import Sentence
from alliance_course.refusals import nearest


def export_capstone(
    seed: int,
    answers: Mapping[str, Any],
    argument: Mapping[str, str],
    *,
    points: Mapping[str, int] | None = None,
    folder: str | Path = ".",
) -> Sentence:
    """Save your capstone as one page, to read, to print and to hand in.

    Parameters
    ----------
    seed : int
        Your number; it stands in the name of the file. No names are asked for.
    answers : mapping
        Your numbers for bond, goal, task and technique; three dots for none yet.
    argument : mapping
        Your texts for idea, claim, evidence, otherwise and limits.
    points : mapping, optional
        Your own points from 0 to 2 in the lines of the rubric: numbers, claim, evidence,
        otherwise, limits, idea.
    folder : path
        Where to save; the folder of the notebook if left out.

    Returns
    -------
    str
        Where the page is and what is still open. A file that is there already is never written
        over: the next one gets a number, unless it would say the same. Nothing is saved while
        everything is open.

    Raises
    ------
    ValueError
        If a name is unknown, a text is no text, or points are not 0, 1 or 2.
    OSError
        If the folder cannot be written to.

    Examples
    --------
    >>> export_capstone(4711, {"bond": ...}, {"claim": ...})
    Nothing is saved yet: all four numbers and all five texts are open.
    """
    service = capstone(seed)
    texts = argument_and_rubric()
    parts, lines = ([entry["key"] for entry in texts[kind]] for kind in ("part", "criterion"))
    answers = _known("answers", answers, QUESTIONS)
    argument = _known("argument", argument, parts)
    points = _known("points", points or {}, lines)
    judged = {key: _judged(key, answers.get(key, ...), service.seed) for key in QUESTIONS}
    written = {key: _text(key, argument.get(key, ...)) for key in parts}
    own = {key: _points(key, points.get(key)) for key in lines}
    open_numbers = [key for key, entry in judged.items() if entry["state"] == "not attempted"]
    open_texts = [key for key, text in written.items() if not text]
    if len(open_numbers) == len(judged) and len(open_texts) == len(written):
        return Sentence("Nothing is saved yet: all four numbers and all five texts are open.")
    said = {"answers": judged, "argument": written, "own_points": own}
    record = {"capstone": 1, "seed": service.seed, **said}
    path = _save(_page(record), Path(folder).expanduser(), f"capstone-{service.seed}")
    still = ", ".join([*open_numbers, *open_texts])
    return Sentence(f"Saved as {path.name}." + (f" Still open: {still}." if still else ""))


def _known(name: str, given: Mapping[str, Any], known: Collection[str]) -> Mapping[str, Any]:
    for key in given:
        if key not in known:
            raise ValueError(f"{name}: {key!r} is unknown: {nearest(key, known)}")
    return given


def _judged(key: str, answer: Any, seed: int) -> dict[str, Any]:
    result, mistake = judge(question(QUESTIONS[key]), answer, seed=seed)
    readable = result.state in RECORDED
    said = None if answer is ... else str(answer)[:200]
    return {
        "question": QUESTIONS[key],
        "answer": float(single(answer)[0]) if readable else said,
        "state": result.state,
        "slip": mistake,
        "feedback": result.message,
    }


def _text(key: str, text: object) -> str:
    if text is ...:
        return ""
    if not isinstance(text, str):
        raise ValueError(f"argument: {key!r} is {type(text).__name__}: put your text in quotes")
    return "" if text.strip() in ("", "...") else text.strip()


def _points(key: str, given: object) -> int | None:
    if given is None or given is ...:
        return None
    if isinstance(given, bool) or given not in (0, 1, 2):
        raise ValueError(f"points: {key}={given!r} is not allowed: give 0, 1 or 2")
    return int(given)


def _save(text: str, folder: Path, stem: str) -> Path:
    """Write whole to a name that is free; two notebooks do it one after the other.

    A page that is there already with the same content is left as it is, so that running a
    notebook again does not fill the folder.
    """
    data = text.encode("utf-8", "replace")
    with alone(folder, 10):
        for number in count(1):
            path = folder / (f"{stem}.html" if number == 1 else f"{stem}-{number}.html")
            if not path.exists():
                write_atomically(path, data)
            if path.is_file() and path.read_bytes() == data:
                return path
    raise AssertionError("there is always a free name")


def box(kind: str, seed: int | None = None) -> dict[str, Any]:
    """What a box of the capstone needs beside its own text; the page has marks to fill in."""
    texts = argument_and_rubric()
    if kind != "page":
        return {"lines": texts["criterion"]} if kind == "rubric" else {}
    parts, lines = ([entry["key"] for entry in texts[kind]] for kind in ("part", "criterion"))
    blank = {
        "seed": "[[seed]]",
        "answers": {k: {"answer": f"[[{k}]]", "feedback": f"[[{k}.said]]"} for k in QUESTIONS},
        "argument": {key: f"[[{key}]]" for key in parts},
        "own_points": {key: f"[[{key}.points]]" for key in lines},
    }
    more = {"service": seed, "example": EXAMPLE, "numbers": QUESTIONS, "texts": parts}
    return {"page": _page(blank), "lines": lines, **more}


def _page(record: Mapping[str, Any]) -> str:
    import jinja2

    here = jinja2.FileSystemLoader(Path(__file__).parent)
    exact: Any = {"autoescape": True, "trim_blocks": True, "keep_trailing_newline": True}
    templates = jinja2.Environment(loader=here, undefined=jinja2.StrictUndefined, **exact)
    templates.filters["as_html"] = as_html
    data = json.dumps(record, ensure_ascii=False, indent=1)
    texts = argument_and_rubric()
    return templates.get_template("capstone_page.html.j2").render(
        record,
        prompts={name: question(question_id)["prompt"] for name, question_id in QUESTIONS.items()},
        parts=texts["part"],
        criteria=texts["criterion"],
        data=data,
        link=base64.b64encode(data.encode()).decode(),
    )
