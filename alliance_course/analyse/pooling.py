"""Pool studies: the average effect, how much true effects differ, where the next one may lie."""

import math
from typing import Any

import numpy as np
import pandas as pd

from alliance_course.refusals import enough, library, nearest, numbers

_ROUNDS = 500
_INTERVALS = ("normal", "knapp-hartung")


def pool_many(y: np.ndarray, variance: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Pool many selections of the same studies at once (REML); `chosen` has one row per selection.

    Returns one row per selection: mean, its standard error and tau.
    """
    chosen = np.asarray(chosen, dtype=float)
    usual = (chosen * variance).sum(axis=1, keepdims=True) / chosen.sum(axis=1, keepdims=True)
    tau2 = usual.copy()
    for _ in range(_ROUNDS):
        weight = chosen / (variance + tau2)
        total = weight.sum(axis=1, keepdims=True)
        mean = (weight * y).sum(axis=1, keepdims=True) / total
        excess = (weight**2 * ((y - mean) ** 2 - variance)).sum(axis=1, keepdims=True)
        before = tau2
        tau2 = np.maximum(0, excess / (weight**2).sum(axis=1, keepdims=True) + 1 / total)
        if np.all(np.abs(tau2 - before) <= 1e-12 * usual):
            break
    return np.hstack([mean, 1 / np.sqrt(total), np.sqrt(tau2)])


def pool_effects(
    estimate: Any, variance: Any, *, level: float = 0.95, interval: str = "normal"
) -> pd.Series:
    """Pool studies' effects with a random-effects model (REML).

    Parameters
    ----------
    estimate, variance : array-like
        One a study, at least 2; variances above 0.
    level : float
        Of both intervals, above 0 and below 1.
    interval : {"normal", "knapp-hartung"}
        How both intervals are found. "normal" takes the spread of true effects as known and is
        too narrow with few studies; "knapp-hartung" allows for it (R's ``test="knha"``).

    Returns
    -------
    Series
        `estimate`, `low`, `high` (interval of the average), `tau` (SD of true effects),
        `i2` (share of the spread that is not sampling, in %), `prediction_low`,
        `prediction_high` (where the next study's true effect may lie; unknown from 2 studies),
        `k` (studies).

    Raises
    ------
    ValueError
        If there are fewer than 2 studies, or a number is not allowed.

    Notes
    -----
    The results agree with R's metafor. Where studies happen to lie very close together, the
    Knapp-Hartung interval can be the narrower one.

    Examples
    --------
    >>> pool_effects([0.1, 0.3, 0.5], [0.01, 0.01, 0.01])["estimate"].round(2)
    np.float64(0.3)
    >>> wide = pool_effects([0.1, 0.3, 0.5], [0.01] * 3, interval="knapp-hartung")
    >>> wide[["low", "high"]].round(2).tolist()
    [-0.2, 0.8]
    """
    special = library("scipy.special")

    if not (isinstance(level, float) and 0 < level < 1):
        raise ValueError(f"level={level!r} is not allowed: give a number between 0 and 1")
    if interval not in _INTERVALS:
        raise ValueError(f"interval={interval!r} is unknown: {nearest(interval, _INTERVALS)}")
    y, v = numbers(estimate, "estimate"), numbers(variance, "variance")
    if len(y) != len(v):
        raise ValueError("estimate and variance do not fit: give one of each a study")
    enough(len(y), 2, "studies")
    if not (np.isfinite(y).all() and np.isfinite(v).all() and (v > 0).all()):
        raise ValueError("estimate or variance is not allowed: give numbers, variances above 0")
    mean, se, tau = (float(value) for value in pool_many(y, v, np.ones((1, len(y))))[0])
    tau2 = tau * tau
    fixed = 1 / v
    typical = (len(y) - 1) * fixed.sum() / (fixed.sum() ** 2 - (fixed**2).sum())
    tail, free = (1 + level) / 2, len(y) - 2
    half = special.ndtri(tail) * se
    if interval == "knapp-hartung":
        # the error comes from how far the studies lie apart, and from as few as there are
        se = math.sqrt((((y - mean) ** 2) / (v + tau2)).sum() / (len(y) - 1)) * se
        half = special.stdtrit(len(y) - 1, tail) * se
    reach = math.sqrt(tau2 + se**2) * (special.stdtrit(free, tail) if free else math.nan)
    return pd.Series(
        {
            "estimate": mean,
            "low": mean - half,
            "high": mean + half,
            "tau": tau,
            "i2": 100 * tau2 / (tau2 + typical),
            "prediction_low": mean - reach,
            "prediction_high": mean + reach,
            "k": len(y),
        }
    )


def pool_correlations(
    r: Any, n: Any, *, level: float = 0.95, interval: str = "normal"
) -> pd.Series:
    """Pool studies' correlations as Fisher's z with a random-effects model (REML).

    Parameters
    ----------
    r : array-like
        Correlations, strictly between -1 and 1, one a study.
    n : array-like
        Clients analysed in each, at least 4.
    level : float
        Of both intervals, above 0 and below 1.
    interval : {"normal", "knapp-hartung"}
        How both intervals are found, as in `pool_effects`.

    Returns
    -------
    Series
        As `pool_effects`, with `r` for the pooled correlation; `r`, `low`, `high` and the
        prediction interval are correlations, `tau` is in Fisher's z.

    Raises
    ------
    ValueError
        If `r` and `n` do not fit each other, or a number is not allowed.

    Examples
    --------
    >>> pool_correlations([0.2, 0.3, 0.25], [100, 80, 120])["r"].round(2)
    np.float64(0.25)
    """
    r, n = numbers(r, "r"), numbers(n, "n")
    if r.shape != n.shape:
        raise ValueError(f"r has {r.size} entries and n has {n.size}: give one of each a study")
    if not ((np.abs(r) < 1).all() and (n >= 4).all()):
        raise ValueError("r or n is not allowed: give correlations inside -1 to 1 and n from 4 up")
    pooled = pool_effects(np.arctanh(r), 1 / (n - 3), level=level, interval=interval)
    pooled = pooled.rename({"estimate": "r"})
    scaled = ["r", "low", "high", "prediction_low", "prediction_high"]
    pooled[scaled] = np.tanh(pooled[scaled])
    return pooled
