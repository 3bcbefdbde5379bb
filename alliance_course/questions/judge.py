"""Questions with feedback for each usual mistake; their texts stand in `texts/`.

The first state that fits an answer is its result: not attempted, kind, shape, right, known
misunderstanding, near miss, not yet. No message shows the expected value.
"""

import re
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from alliance_course.data.tables import load_dataset
from alliance_course.folders import CourseFileError
from alliance_course.questions.bank import Tables, compute, question
from alliance_course.questions.capstone import capstone_data
from alliance_course.questions.progress import RECORDED, record_answer
from alliance_course.questions.reading import read_letters, read_numbers, single
from alliance_course.questions.sentence import Sentence

_CHOICES = (str, list, tuple, set, pd.Series, pd.Index, np.ndarray)


class Result(NamedTuple):
    """What `check` returns. `state` says how it went; shown as one plain sentence or two."""

    state: str
    message: str
    hint: str = ""

    def __repr__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def _repr_markdown_(self) -> str:
        return repr(self)


@cache
def _clinic(name: str, *, seed: int | None) -> pd.DataFrame:
    """A data set that many questions ask about, read once; nobody here changes it."""
    return load_dataset(name, seed=seed)


@cache
def values(question_id: str, seed: int | None = None) -> dict[str, Any]:
    """Everything that the registry computes for a question: its `given`, `expected` or `result`.

    `seed` is the number of a class (the clinic of `load_dataset`), or of a learner's capstone.
    """
    entry = question(question_id)
    source = capstone_data if entry.get("data") == "capstone" else _clinic
    return compute(entry, Tables(source, seed))


def check(question_id: str, answer: Any = ..., *, seed: int | None = None) -> Result:
    """Check an answer and say what it looks like.

    Parameters
    ----------
    question_id : str
        Such as "L01.Q1".
    answer : number or str
        A number (also a numpy number, or a list, tuple or Series with one value in it), or the
        letter of a choice such as "b"; several letters for "choose all that fit". Three dots
        stand for no answer yet.
    seed : int, optional
        The number of your class, if it has one: then the answer is checked on the class's clinic.
        In the capstone, your own number.

    Returns
    -------
    Result
        `state`, `message` and `hint`; shown as plain text. A wrong answer never raises an error,
        and no message gives the answer away.

    Raises
    ------
    ValueError
        If there is no such question; the nearest id is suggested.

    Examples
    --------
    >>> check("L01.Q2", ...)
    Not attempted yet: put your answer in place of the three dots.
    >>> check("L01.Q2", "z").state
    'kind'
    """
    entry = question(question_id)
    result, mistake = judge(entry, answer, seed=seed)
    if answer is not ... and (name := stale()):
        text = f"The cell that sets `{name}` stopped with an error, so what stands there is old."
        return Result("not attempted", text, "Mend that cell and run it, then run this one.")
    if result.state not in RECORDED:
        return result
    note = record_answer(question_id, result.state, mistake, as_given(entry, answer))
    return result._replace(hint=f"{result.hint} {note}".strip())


def as_given(entry: Mapping[str, Any], answer: Any) -> str:
    """An answer that could be read, as the text that the record keeps."""
    if entry["kind"] == "number":
        return repr(read_numbers(single(answer)[0])[0][0])
    return "".join(read_letters(entry, answer) or [])


_ASSIGNED = re.compile(r"^(\w+)\s*=(?!=)", re.M)
_failed: dict[str, int] = {}


def stale() -> str:
    """A name in the running cell whose own cell stopped with an error, and has not run since."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    cells = shell.user_ns.get("In", []) if shell else []
    if not shell or len(cells) < 2:
        return ""
    if not shell.last_execution_succeeded:
        _failed.update(dict.fromkeys(_ASSIGNED.findall(cells[-2]), len(cells) - 2))
    for name, place in list(_failed.items()):
        later = "\n".join(cells[place + 1 :])
        if place >= len(cells) or name in _ASSIGNED.findall(later):
            del _failed[name]
    return next((name for name in _failed if re.search(rf"\b{name}\b", cells[-1])), "")


def judge(entry: Mapping[str, Any], answer: Any, *, seed: int | None = None) -> tuple[Result, str]:
    """The result for an answer, and the name of the known mistake if it is one. Records nothing."""
    if "reveal" in entry:
        text = f'This is a prediction, which nobody marks: use ac.predict("{entry["id"]}").'
        return Result("kind", text), ""
    if answer is ...:
        text = "Not attempted yet: put your answer in place of the three dots."
        return Result("not attempted", text), ""
    # outside of `try`: what is wrong with the course's own files or numbers is no wrong answer
    computed = values(entry["id"], seed) if entry["kind"] == "number" else {}
    try:
        if entry["kind"] == "number":
            return _judge_number(entry, answer, computed)
        return _judge_choice(entry, answer)
    except CourseFileError:
        raise
    except Exception:
        # an answer may be any object, also one whose own methods fail
        return Result("kind", f"This cannot be read as {_wanted(entry)}.", _help(entry)), ""


def _wanted(entry: Mapping[str, Any]) -> str:
    if entry["kind"] == "number":
        return "a number"
    several = " (or several)" if entry["kind"] == "choices" else ""
    return f'a letter in quotes, such as "{entry["option"][0]["key"]}"{several}'


def _help(entry: Mapping[str, Any]) -> str:
    return f'For a first hint: ac.hint("{entry["id"]}").' if entry.get("hints") else ""


def _judge_number(
    entry: Mapping[str, Any], answer: Any, computed: Mapping[str, Any]
) -> tuple[Result, str]:
    value, problem = single(answer)
    if problem:
        return Result("shape", f"{problem}; the question asks for one number.", _help(entry)), ""
    meant, problem = read_numbers(value)
    if problem:
        return Result("kind", f"{problem}; the question asks for a number.", _help(entry)), ""
    # of 50 and .5 the one whose size is nearer to what was asked for is meant
    share = abs(meant[0] * meant[-1]) > float(computed["expected"]) ** 2
    tries = [_judge_value(entry, number, computed) for number in meant[:: -1 if share else 1]]
    return next((found for found in tries if found[0].state == "right"), tries[0])


def _judge_value(
    entry: Mapping[str, Any], number: float, computed: Mapping[str, Any]
) -> tuple[Result, str]:
    expected, tolerance = float(computed["expected"]), float(entry["tolerance"])
    gap = abs(number - expected)
    if gap <= tolerance:
        return Result("right", f"Right. {entry['right']}", done(entry)), ""
    mistakes = {
        abs(number - float(computed[f"mistake {mistake['name']}"])): mistake
        for mistake in entry.get("mistake", [])
    }
    if mistakes and min(mistakes) <= tolerance:
        mistake = mistakes[min(mistakes)]
        look, text = f"Look again at: {mistake['look']}.", f"Not yet. {mistake['feedback']}"
        return Result("misunderstanding", text, look), mistake["name"]
    if abs(expected) > 2 * tolerance:
        for factor, times in ((0.01, "a hundred times too large"), (100, "a hundredth of it")):
            if abs(number * factor - expected) <= tolerance:
                text = f"Not yet. The digits fit, and this is {times}."
                look = "Look again at: a share (0 to 1) or per cent (0 to 100)?"
                return Result("misunderstanding", text, look), "factor of 100"
    if gap <= float(entry.get("near", 3 * tolerance)):
        off = f"off by more than {tolerance:g}" if tolerance else "not close enough"
        return Result(
            "near miss", f"Close, but {off}.", "Did you round on the way? Round only at the end."
        ), ""
    text = "Not yet. This is not the number, and none of the usual mix-ups gives it."
    return Result("not yet", text, _help(entry)), ""


def done(entry: Mapping[str, Any]) -> str:
    """What is said after a right answer: what was checked, and what was not."""
    if entry["kind"] == "number":
        return entry.get("checked", "Checked: the number. Not checked: how you got it.")
    return entry.get("checked", "Checked: your choice. Not checked: your reasons.")


def _judge_choice(entry: Mapping[str, Any], answer: Any) -> tuple[Result, str]:
    chosen = read_letters(entry, answer) if isinstance(answer, _CHOICES) else None
    if not chosen:
        allowed = ", ".join(option["key"] for option in entry["option"])
        text = f"This is none of the choices {allowed}: answer with {_wanted(entry)}."
        return Result("kind", text), ""
    if entry["kind"] == "choice" and len(chosen) > 1:
        return Result("shape", "These are several choices; one fits best."), ""
    options = {option["key"]: option for option in entry["option"]}
    right = [key for key, option in options.items() if option.get("right")]
    wrong = [key for key in chosen if key not in right]
    if wrong:
        about = f"About {wrong[0]}: " if entry["kind"] == "choices" else ""
        text = f"Not yet. {about}{options[wrong[0]]['feedback']}"
        return Result("misunderstanding", text, _help(entry)), wrong[0]
    if chosen != sorted(right):
        text = "What you chose fits, and something that fits is still missing."
        return Result("near miss", text, _help(entry)), ""
    text = " ".join(options[key]["feedback"] for key in right)
    return Result("right", f"Right. {text}", done(entry)), ""


def hint(question_id: str, n: int = 1) -> Sentence:
    """The n-th hint to a question; a later one says more.

    Examples
    --------
    >>> hint("L00.Q1").startswith("Hint 1 of ")
    True
    """
    hints = question(question_id).get("hints", [])
    if not isinstance(n, int) or not 1 <= n <= len(hints):
        raise ValueError(f"n={n!r} is not allowed: {question_id} has hints 1 to {len(hints)}")
    return Sentence(f"Hint {n} of {len(hints)}: {hints[n - 1]}")


def solution(question_id: str) -> Sentence:
    """The worked solution. Try first: a guess that turns out wrong is learned from.

    Examples
    --------
    >>> "len(clients)" in solution("L00.Q1")
    True
    """
    entry = question(question_id)
    if entry["kind"] == "number":
        return Sentence(entry["solution"].format_map(values(question_id)))
    right = [option for option in entry["option"] if option.get("right")]
    if not right:
        raise ValueError(
            f'{question_id} is a prediction: it has no solution, try ac.revisit("{question_id}")'
        )
    lines = [f"{option['key']}) {option['text']} {option['feedback']}" for option in right]
    return Sentence("\n".join([*lines, *filter(None, [entry.get("solution")])]))
