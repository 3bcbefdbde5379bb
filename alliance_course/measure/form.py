"""The course's own teaching form for the alliance: twelve items, their scoring, their reliability.

The Course Alliance Form was written for this course. It is a teaching form, not a validated
instrument: it has no norms and no cut-offs, and it says nothing about a real therapist.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from alliance_course.folders import own_file
from alliance_course.refusals import numbers

COMPONENTS = ("bond", "goal", "task")
RATERS = ("client", "therapist", "observer")
ITEMS = tuple(f"{component}_{number}" for component in COMPONENTS for number in range(1, 5))
REVERSED_ITEMS = ("task_4",)
SCALE = (1, 2, 3, 4, 5)

_FORM = Path(__file__).with_name("form.csv")
with own_file(_FORM):
    FORM = pd.read_csv(_FORM, encoding="utf-8").set_index("item").loc[list(ITEMS)]
"""The Course Alliance Form: one row per item, with its wording for each rater (1 not at all to
5 fully)."""


def forward_answers(items: pd.DataFrame) -> pd.DataFrame:
    """The twelve answers as floats, reversed items turned round, checked to be 1 to 5."""
    columns = list(items.columns) if isinstance(items, pd.DataFrame) else []
    missing = [item for item in ITEMS if columns.count(item) != 1]
    if missing:
        raise ValueError(
            f"items lacks the column {missing[0]!r}, or has it twice: "
            f"give all twelve in a DataFrame, {ITEMS[0]} to {ITEMS[-1]}"
        )
    answers = np.column_stack([numbers(items[item], repr(item)) for item in ITEMS])
    bad = ~np.isnan(answers) & ~np.isin(answers, SCALE)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise ValueError(
            f"{ITEMS[column]}={answers[row, column]:g} in row {row} is not allowed: "
            "answers are 1, 2, 3, 4, 5 or missing"
        )
    frame = pd.DataFrame(answers, columns=list(ITEMS), index=items.index)
    frame[list(REVERSED_ITEMS)] = 6 - frame[list(REVERSED_ITEMS)]
    return frame


def score_form(items: pd.DataFrame) -> pd.DataFrame:
    """Score the Course Alliance Form: bond, goal, task and the alliance as a whole.

    A component's score is the mean of its answered items, if at least three of the four are
    answered; the alliance is the mean of the three components, if all three have a score.

    Parameters
    ----------
    items : DataFrame
        Columns bond_1 to task_4, each 1 to 5 or missing, as they were ticked: `task_4` is worded
        the other way round and is turned here.

    Returns
    -------
    DataFrame
        Columns bond, goal, task, alliance: 1 (weak) to 5 (strong), one row for each row given.

    Raises
    ------
    ValueError
        If a column is missing or an answer is not 1, 2, 3, 4 or 5.

    Examples
    --------
    >>> answers = pd.DataFrame([[4] * 11 + [2]], columns=list(ITEMS))
    >>> score_form(answers).to_dict("records")
    [{'bond': 4.0, 'goal': 4.0, 'task': 4.0, 'alliance': 4.0}]
    """
    forward = forward_answers(items)
    scores = pd.DataFrame(index=items.index)
    for component in COMPONENTS:
        own = forward[[item for item in ITEMS if item.startswith(component)]]
        scores[component] = own.mean(axis=1).where(own.notna().sum(axis=1) >= 3)
    scores["alliance"] = scores[list(COMPONENTS)].mean(axis=1, skipna=False)
    return scores
