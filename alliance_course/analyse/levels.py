"""Clients within therapists: shares of variance, and slopes between and within."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from alliance_course.refusals import Z95, enough, library, listed, numbers, numeric_columns


def split_within_between(data: pd.DataFrame, column: str, group: str) -> pd.DataFrame:
    """Split a column into its group's mean and the deviation from it.

    Parameters
    ----------
    data : DataFrame
        With both columns.
    column, group : str
        What to split, for example a rating, and by what, for example the therapist.

    Returns
    -------
    DataFrame
        `column_between` (the group's mean) and `column_within` (own value minus it).

    Raises
    ------
    ValueError
        If a column is missing, or `column` does not hold numbers.

    Examples
    --------
    >>> data = pd.DataFrame({"therapist": [1, 1, 2], "alliance": [3.0, 5.0, 2.0]})
    >>> split_within_between(data, "alliance", "therapist")["alliance_within"].tolist()
    [-1.0, 1.0, 0.0]
    """
    numeric_columns(data, [column], group)
    own = pd.Series(numbers(data[column], repr(column)), index=data.index)
    mean = own.groupby(data[group].to_numpy(), observed=True).transform("mean")
    return pd.DataFrame({f"{column}_between": mean, f"{column}_within": own - mean})


def mixed_model(
    y: pd.Series, x: pd.DataFrame, groups: pd.Series
) -> tuple[pd.DataFrame, float, float]:
    """Fit y on the columns of x and a constant, with a random intercept for groups (REML).

    Returns the table of slopes (`slope`, `se`, `low`, `high`, `p`, large-sample) and the variances
    between and within groups.
    """
    optimize = library("scipy.optimize")
    code, labels = pd.factorize(np.asarray(groups))
    enough(len(labels), 2, "groups")
    size = np.bincount(code)
    if size.max() == 1:
        raise ValueError("every group has one row: between and within cannot be told apart")
    if np.ptp(y) == 0:
        raise ValueError(f"{y.name!r} has no spread: every value is the same")
    names = ["constant", *x.columns]
    design = np.column_stack([np.ones(len(y)), x.to_numpy(dtype=float)])
    own = np.abs(np.diag(np.linalg.qr(design, mode="r")))
    for name, left, whole in zip(names, own, np.linalg.norm(design, axis=0), strict=True):
        if left <= 1e-9 * whole:
            raise ValueError(f"{name!r} adds nothing: it is flat, or other columns say the same")
    outcome = y.to_numpy(dtype=float)
    both = np.column_stack([design, outcome])
    sums = np.column_stack([np.bincount(code, column) for column in both.T])
    products, free = both.T @ both, len(outcome) - design.shape[1]

    def solve(ratio: float) -> tuple[np.ndarray, np.ndarray, float]:
        """Information, slopes and variance within, where between is `ratio` times within."""
        shrink = ratio / (1 + size * ratio)
        left = products - (sums * shrink[:, None]).T @ sums
        slope = np.linalg.solve(left[:-1, :-1], left[:-1, -1])
        return left[:-1, :-1], slope, float(left[-1, -1] - slope @ left[:-1, -1]) / free

    def misfit(share: float) -> float:
        ratio = share / (1 - share)
        information, _, within = solve(ratio)
        spread = np.log1p(size * ratio).sum() + np.linalg.slogdet(information)[1]
        return free * math.log(within) + float(spread)

    # the likelihood is a curve over one number: look along it first, since it may have two tops
    grid = np.linspace(0, 0.99, 34)
    best = int(np.argmin([misfit(share) for share in grid]))
    around = grid[max(0, best - 1)], grid[min(len(grid) - 1, best + 1)]
    share = optimize.minimize_scalar(
        misfit, bounds=around, method="bounded", options={"xatol": 1e-9}
    ).x
    share = 0.0 if misfit(0.0) <= misfit(share) else share
    information, slope, within = solve(share / (1 - share))
    se = np.sqrt(np.diag(np.linalg.inv(information)) * within)
    table = pd.DataFrame({"slope": slope, "se": se}, index=names)
    table["low"], table["high"] = slope - Z95 * se, slope + Z95 * se
    p = [math.erfc(abs(z) / math.sqrt(2)) for z in slope / se]
    return table.assign(p=p), within * share / (1 - share), within


def variance_share(
    data: pd.DataFrame, value: str, group: str, *, given: str | Sequence[str] = ()
) -> pd.Series:
    """The share of variance that lies between groups (intraclass correlation, REML).

    Parameters
    ----------
    data : DataFrame
        One row per member; rows with a missing value are left out.
    value, group : str
        What varies, for example outcome, and between what, for example therapists.
    given : str or sequence of str
        Columns to adjust for first.

    Returns
    -------
    Series
        `share` (0 to 1), `between` and `within` (variances), `groups`, `n`.

    Raises
    ------
    ValueError
        If a column is missing or flat, or no group has two rows.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"therapist": np.repeat(range(200), 10)})
    >>> data["outcome"] = rng.normal(size=200)[data["therapist"]] + rng.normal(size=2000)
    >>> bool(0.4 < variance_share(data, "outcome", "therapist")["share"] < 0.6)
    True
    """
    given = listed(given)
    rows = numeric_columns(data, [value, *given], group)
    _, between, within = mixed_model(rows[value], rows[given], rows[group])
    counts = {"groups": rows[group].nunique(), "n": len(rows)}
    share = between / (between + within)
    return pd.Series({"share": share, "between": between, "within": within, **counts})


def multilevel_slopes(
    data: pd.DataFrame, outcome: str, predictor: str, group: str, *, given: str | Sequence[str] = ()
) -> pd.DataFrame:
    """Slopes of an outcome on a predictor between and within groups, in one two-level model.

    Parameters
    ----------
    data : DataFrame
        One row per client; rows with a missing value are left out.
    outcome, predictor, group : str
        For example outcome, alliance_client, therapist.
    given : str or sequence of str
        Columns to adjust for.

    Returns
    -------
    DataFrame
        Rows `between` and `within`; columns `slope` (outcome points per point), `se`, `low`,
        `high` (95% interval), `p`.

    Raises
    ------
    ValueError
        If a column is missing or flat, or there are fewer than 4 groups.

    Notes
    -----
    A group's mean of a few clients is itself uncertain: the slope between is drawn towards the
    slope within, and less so the larger the groups are.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> trial = simulate_trial(600, n_therapists=40, seed=1)
    >>> fourth = trial.clients.merge(trial.sessions.query("session == 4"), on="client")
    >>> slopes = multilevel_slopes(fourth, "outcome", "alliance_client", "therapist")
    >>> list(slopes.index)
    ['between', 'within']
    """
    given = listed(given)
    rows = numeric_columns(data, [outcome, predictor, *given], group)
    enough(rows[group].nunique(), 4, "groups")
    parts = split_within_between(rows, predictor, group).set_axis(["between", "within"], axis=1)
    table, _, _ = mixed_model(rows[outcome], parts.join(rows[given]), rows[group])
    return table.loc[["between", "within"]]
