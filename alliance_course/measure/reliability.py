"""How consistently the items of the form, and the raters of one thing, agree."""

import math

import pandas as pd

from alliance_course.measure.form import COMPONENTS, forward_answers


def reliability(items: pd.DataFrame) -> pd.DataFrame:
    """How consistently the items of each scale measure one thing.

    Parameters
    ----------
    items : DataFrame
        Columns bond_1 to task_4, 1 to 5 or missing; rows with a missing answer are left out.

    Returns
    -------
    DataFrame
        One row per scale (bond, goal, task, alliance), columns `n_items` and `alpha` (Cronbach's,
        at most 1; higher means that the items agree more).

    Raises
    ------
    ValueError
        If fewer than three complete forms are given, or an answer is not 1, 2, 3, 4 or 5.

    References
    ----------
    Published alphas of a 12-item alliance form are above .80 for each component (row H06).

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> items = simulate_trial(400, items=True, n_sessions=3, seed=2).items
    >>> alphas = reliability(items.query("rater == 'client' and session == 3"))["alpha"]
    >>> bool(alphas["bond"] > 0.8)
    True
    """
    complete = forward_answers(items).dropna()
    if len(complete) < 3:
        raise ValueError(f"{len(complete)} complete forms are too few: give at least 3")
    rows = {}
    for scale in (*COMPONENTS, "alliance"):
        own = complete if scale == "alliance" else complete.filter(like=f"{scale}_")
        k, total = own.shape[1], own.sum(axis=1).var()
        alpha = k / (k - 1) * (1 - own.var().sum() / total) if total > 0 else math.nan
        rows[scale] = {"n_items": k, "alpha": alpha}
    return pd.DataFrame.from_dict(rows, orient="index")
