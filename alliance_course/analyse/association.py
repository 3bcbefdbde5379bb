"""Associations and effect sizes."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from alliance_course.refusals import (
    Z95,
    enough,
    library,
    listed,
    numbers,
    numeric_columns,
    two_treatments,
)


def _with_interval(r: float, n: int, taken_out: int = 0) -> pd.Series:
    r = float(np.clip(r, -1, 1))
    z = math.atanh(r) if abs(r) < 1 else math.copysign(math.inf, r)
    half = Z95 / math.sqrt(n - 3 - taken_out)
    return pd.Series({"r": r, "low": math.tanh(z - half), "high": math.tanh(z + half), "n": n})


def correlation(data: pd.DataFrame, x: str, y: str) -> pd.Series:
    """Correlate two columns, with a 95% interval (Fisher's z).

    Parameters
    ----------
    data : DataFrame
        Rows with a missing value in either column are left out; at least 4 must remain.
    x, y : str
        Names of numeric columns.

    Returns
    -------
    Series
        `r` (-1 to 1), `low`, `high` (95% interval), `n` (complete rows).

    Raises
    ------
    ValueError
        If a column is missing, has no spread, or fewer than 4 rows are complete.

    Examples
    --------
    >>> data = pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": [1, 3, 2, 5, 4]})
    >>> correlation(data, "a", "b").round(2).to_dict()
    {'r': 0.8, 'low': -0.28, 'high': 0.99, 'n': 5.0}
    """
    pairs = numeric_columns(data, [x, y])
    enough(len(pairs), 4)
    flat = [name for name in (x, y) if pairs[name].nunique() < 2]
    if flat:
        raise ValueError(f"{flat[0]!r} has no spread: every value is the same")
    return _with_interval(np.corrcoef(pairs[x], pairs[y])[0, 1], len(pairs))


def partial_correlation(
    data: pd.DataFrame, x: str, y: str, given: str | Sequence[str]
) -> pd.Series:
    """Correlate two columns after the linear part of others has been taken out of both.

    Parameters
    ----------
    data : DataFrame
        Rows with a missing value are left out.
    x, y : str
        Columns to correlate.
    given : str or sequence of str
        Columns to take out.

    Returns
    -------
    Series
        `r`, `low`, `high`, `n`; the interval allows for what was taken out.

    Raises
    ------
    ValueError
        If a column is missing, too few rows are complete, or nothing of `x` or `y` is left.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> c = rng.normal(size=500)
    >>> data = pd.DataFrame({"a": c + rng.normal(size=500), "b": c + rng.normal(size=500), "c": c})
    >>> bool(abs(partial_correlation(data, "a", "b", ["c"])["r"]) < 0.15)
    True
    """
    given = listed(given)
    rows = numeric_columns(data, [x, y, *given])
    enough(len(rows), 4 + len(given))
    design = np.column_stack([np.ones(len(rows)), rows[given]])
    left = rows[[x, y]] - design @ np.linalg.lstsq(design, rows[[x, y]].to_numpy(), rcond=None)[0]
    for name in (x, y):
        # rounding leaves a trace of what was taken out, and a trace correlates with anything
        if np.square(left[name]).sum() <= 1e-18 * np.square(rows[name]).sum():
            raise ValueError(f"nothing of {name!r} is left: it is flat, or `given` says the same")
    return _with_interval(np.corrcoef(left[x], left[y])[0, 1], len(rows), len(given))


def cohens_d(first: Any, second: Any) -> pd.Series:
    """The difference between two groups in pooled standard deviations.

    Parameters
    ----------
    first, second : array-like
        Numbers; missing ones are left out. At least 2 in each.

    Returns
    -------
    Series
        `d` (above 0 if the first mean is higher), `low`, `high` (95% interval).

    Raises
    ------
    ValueError
        If a group has fewer than 2 values, an infinite one, or both have no spread.

    Examples
    --------
    >>> float(cohens_d([2, 4, 6], [1, 3, 5])["d"])
    0.5
    """
    groups = (numbers(first, "a group"), numbers(second, "a group"))
    a, b = (group[~np.isnan(group)] for group in groups)
    enough(min(len(a), len(b)), 2, "values in a group")
    n, m = len(a), len(b)
    pooled = math.sqrt(((n - 1) * a.var(ddof=1) + (m - 1) * b.var(ddof=1)) / (n + m - 2))
    if pooled == 0:
        raise ValueError("both groups have no spread, so a difference in SDs has no meaning")
    d = float((a.mean() - b.mean()) / pooled)
    half = Z95 * math.sqrt((n + m) / (n * m) + d * d / (2 * (n + m)))
    return pd.Series({"d": d, "low": d - half, "high": d + half})


def estimate_interaction(
    trial: Any, *, of: str, session: int = 3, predictor: str = "alliance_client"
) -> pd.Series:
    """How much steeper the alliance's slope is in one treatment than in the other.

    Parameters
    ----------
    trial : Trial
        With exactly two treatments.
    of : str
        The treatment whose slope is meant; the other's is taken off.
    session : int
        When the alliance was rated.
    predictor : str
        Which rating, 1 to 5.

    Returns
    -------
    Series
        `difference` in slopes (outcome points per point of rating), `low`, `high` (95%
        interval), `n`.

    Raises
    ------
    ValueError
        If the trial has not exactly two treatments, or `of` is none of them.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> trial = simulate_trial(300, treatments=("CBT", "supportive"), seed=1)
    >>> estimate_interaction(trial, of="CBT").index.tolist()
    ['difference', 'low', 'high', 'n']
    """
    if not hasattr(trial, "at"):
        raise ValueError(f"trial is a {type(trial).__name__}: give what simulate_trial returns")
    arms = two_treatments(trial.clients)
    if of not in arms:
        raise ValueError(f"of={of!r} is not in the trial: use {arms[0]} or {arms[1]}")
    data = numeric_columns(trial.at(session), [predictor, "outcome"], "treatment")
    enough(len(data), 5)
    first = (data["treatment"] == of).astype(float)
    centred = data[predictor] - data[predictor].mean()
    design = np.column_stack([np.ones(len(data)), first, centred, first * centred])
    slopes, errors, free = least_squares(design, data["outcome"].to_numpy(dtype=float))
    half = library("scipy.special").stdtrit(free, 0.975) * errors[3]
    low, high = slopes[3] - half, slopes[3] + half
    return pd.Series({"difference": slopes[3], "low": low, "high": high, "n": len(data)})


def least_squares(design: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Slopes of y on the columns of `design`, their standard errors, and degrees of freedom."""
    slopes = np.linalg.lstsq(design, y, rcond=None)[0]
    free = len(y) - design.shape[1]
    within = np.square(y - design @ slopes).sum() / free
    return slopes, np.sqrt(within * np.diag(np.linalg.inv(design.T @ design))), free
