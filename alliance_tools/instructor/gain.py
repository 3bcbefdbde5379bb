"""Before and after: two parallel tests, and what a class gained between them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from alliance_course.questions.bank import question
from alliance_course.questions.judge import judge
from alliance_course.questions.progress import RECORDED
from alliance_course.questions.sentence import Sentence

FORMS = ("A", "B")
ITEMS = 12
_REPEATS = 5000


class Gain(NamedTuple):
    """A class's normalised gain: the share of what could still be gained that was gained."""

    gain: float
    low: float
    high: float
    before: float
    after: float
    learners: int

    def __repr__(self) -> str:
        return (
            f"{self.learners} learners: mean {self.before:.1f} before and {self.after:.1f} after, "
            f"of {ITEMS}. Normalised gain {self.gain:.2f}, 95% interval {self.low:.2f} to "
            f"{self.high:.2f} (bootstrap over learners)."
        )


def item_id(form: str, number: int) -> str:
    """The question's id in the registry, such as "TA.Q1"."""
    return f"T{form}.Q{number}"


def _form(form: str) -> str:
    if form not in FORMS:
        raise ValueError(f'form={form!r} is not allowed: the forms are "A" and "B"')
    return form


def score_test(form: str, answers: Sequence[object], *, feedback: bool = False) -> Sentence:
    """Count the right answers to form A or B. Nothing is recorded.

    Parameters
    ----------
    form : {"A", "B"}
        Which of the two tests was answered.
    answers : sequence of 12
        Letters in order; three dots where there is no answer, which counts as not right.
    feedback : bool
        Say what each answer suggests. Before the course leave it off, so that the second test
        measures the course and not the first test.

    Returns
    -------
    str
        The score of 12, and the feedback if wanted.

    Raises
    ------
    ValueError
        If the form is unknown or there are not 12 answers.

    Examples
    --------
    >>> score_test("A", [...] * 12)
    0 of 12 right; 12 without an answer that can be read.
    """
    _form(form)
    if isinstance(answers, str) or len(answers) != ITEMS:
        raise ValueError(f"answers: a list of {ITEMS} is wanted, one for each question")
    results = [
        judge(question(item_id(form, n)), answer)[0] for n, answer in enumerate(answers, start=1)
    ]
    right = sum(result.state == "right" for result in results)
    unread = sum(result.state not in RECORDED for result in results)
    left = f"; {unread} without an answer that can be read" if unread else ""
    lines = [f"{right} of {ITEMS} right{left}."]
    if feedback:
        lines += [f"{n}. {result.message}" for n, result in enumerate(results, start=1)]
    return Sentence("\n\n".join(lines))


def _scores(name: str, values: Sequence[float]) -> np.ndarray:
    try:
        numbers = pd.to_numeric(pd.Series(values), errors="raise").astype(float).to_numpy()
    except (TypeError, ValueError):
        raise ValueError(f"{name}: every score must be a number from 0 to {ITEMS}") from None
    if np.isnan(numbers).any():
        raise ValueError(
            f"{name}: score {int(np.isnan(numbers).argmax()) + 1} is missing; take out everybody "
            "who did not do both tests"
        )
    wrong = (numbers < 0) | (numbers > ITEMS) | (numbers != np.floor(numbers))
    if wrong.any():
        raise ValueError(
            f"{name}: {numbers[wrong][0]:g} is no score; scores are whole numbers, 0 to {ITEMS}"
        )
    return numbers


def class_gain(before: Sequence[float], after: Sequence[float], *, seed: int | None = None) -> Gain:
    """The normalised gain of a class (Hake's g of the class means) with a 95% interval.

    g = (mean after - mean before) / (12 - mean before). The interval comes from 5,000 bootstrap
    samples of learners, each with both scores. It says how sure the number is for learners like
    these; it does not say that the course was the cause.

    Parameters
    ----------
    before, after : sequence of int
        Scores of 0 to 12 of the same learners in the same order, at least five.
    seed : int, optional
        For the same interval every time.

    Returns
    -------
    Gain
        gain, low, high, before, after (means) and learners.

    Raises
    ------
    ValueError
        If scores are missing, not whole, out of range, fewer than five or not in pairs, or if so
        many had all points before that nothing could be gained.

    Examples
    --------
    >>> class_gain([4, 5, 6, 3, 6], [8, 9, 7, 8, 10], seed=1).gain.round(2)
    np.float64(0.5)
    """
    first, second = _scores("before", before), _scores("after", after)
    if len(first) != len(second):
        raise ValueError(
            f"before has {len(first)} scores and after has {len(second)}: give both scores of the "
            "same learners, in the same order"
        )
    if len(first) < 5:
        raise ValueError(
            f"{len(first)} learners are too few for an interval: at least 5 are needed"
        )
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(first), size=(_REPEATS, len(first)))
    start, end = first[drawn].mean(axis=1), second[drawn].mean(axis=1)
    if (start >= ITEMS).any():
        raise ValueError(
            "before: too many learners had all points, so that the gain has no interval: compare "
            "the means instead"
        )
    low, high = np.quantile((end - start) / (ITEMS - start), [0.025, 0.975])
    gain = (second.mean() - first.mean()) / (ITEMS - first.mean())
    return Gain(gain, low, high, first.mean(), second.mean(), len(first))
