"""The statistics of the course: associations, effect sizes, pooling, variance shares.

Each takes plain tables and hands back a small table. Heavier libraries load when first used.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

_Z95 = 1.959963984540054


def _columns(data: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The named columns as floats, rows with a missing value left out."""
    missing = [name for name in names if name not in data.columns]
    if missing:
        raise ValueError(
            f"data has no column {missing[0]!r}; it has {', '.join(map(str, data.columns))}"
        )
    return data[list(dict.fromkeys(names))].dropna().astype(float)


def _enough(n: int, least: int, what: str = "complete rows") -> None:
    if n < least:
        raise ValueError(f"{n} {what} are too few: give at least {least}")


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
    pairs = _columns(data, [x, y])
    _enough(len(pairs), 4)
    flat = [name for name in (x, y) if pairs[name].nunique() < 2]
    if flat:
        raise ValueError(f"{flat[0]!r} has no spread: every value is the same")
    r = float(np.clip(np.corrcoef(pairs[x], pairs[y])[0, 1], -1, 1))
    z = np.arctanh(r) if abs(r) < 1 else math.copysign(math.inf, r)
    half = _Z95 / math.sqrt(len(pairs) - 3)
    bounds = {"low": float(np.tanh(z - half)), "high": float(np.tanh(z + half))}
    return pd.Series({"r": r, **bounds, "n": len(pairs)})


def partial_correlation(data: pd.DataFrame, x: str, y: str, given: Sequence[str]) -> pd.Series:
    """Correlate two columns after the linear part of others has been taken out of both.

    Parameters
    ----------
    data : DataFrame
        Rows with a missing value are left out.
    x, y : str
        Columns to correlate.
    given : sequence of str
        Columns to take out.

    Returns
    -------
    Series
        `r`, `low`, `high`, `n`; the interval allows for what was taken out.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> c = rng.normal(size=500)
    >>> data = pd.DataFrame({"a": c + rng.normal(size=500), "b": c + rng.normal(size=500), "c": c})
    >>> bool(abs(partial_correlation(data, "a", "b", ["c"])["r"]) < 0.15)
    True
    """
    rows = _columns(data, [x, y, *given])
    _enough(len(rows), 4 + len(given))
    design = np.column_stack([np.ones(len(rows)), rows[list(given)]])
    left = rows[[x, y]] - design @ np.linalg.lstsq(design, rows[[x, y]].to_numpy(), rcond=None)[0]
    r = float(np.corrcoef(left[x], left[y])[0, 1])
    half = _Z95 / math.sqrt(len(rows) - 3 - len(given))
    bounds = {"low": np.tanh(np.arctanh(r) - half), "high": np.tanh(np.arctanh(r) + half)}
    return pd.Series({"r": r, **bounds, "n": len(rows)})


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

    Examples
    --------
    >>> float(cohens_d([2, 4, 6], [1, 3, 5])["d"])
    0.5
    """
    a, b = (np.asarray(pd.Series(group).dropna(), dtype=float) for group in (first, second))
    _enough(min(len(a), len(b)), 2, "values in a group")
    n, m = len(a), len(b)
    pooled = math.sqrt(((n - 1) * a.var(ddof=1) + (m - 1) * b.var(ddof=1)) / (n + m - 2))
    if pooled == 0:
        raise ValueError("both groups have no spread, so a difference in SDs has no meaning")
    d = float((a.mean() - b.mean()) / pooled)
    half = _Z95 * math.sqrt((n + m) / (n * m) + d * d / (2 * (n + m)))
    return pd.Series({"d": d, "low": d - half, "high": d + half})


def binomial_display(r: float) -> pd.Series:
    """Turn a correlation into successes per 100 in the better and the worse half.

    Parameters
    ----------
    r : float
        Correlation, -1 to 1.

    Returns
    -------
    Series
        `above` and `below`: per cent doing well among those above and below the middle of the
        predictor (Rosenthal and Rubin's display: 50 plus and minus 50 r).

    Examples
    --------
    >>> binomial_display(0.278).round(0).to_dict()
    {'above': 64.0, 'below': 36.0}
    """
    if not isinstance(r, (int, float, np.number)) or not -1 <= r <= 1:
        raise ValueError(f"r={r!r} is not allowed: give a correlation from -1 to 1")
    return pd.Series({"above": 50 + 50 * float(r), "below": 50 - 50 * float(r)})


def pool_effects(estimate: Any, variance: Any) -> pd.Series:
    """Pool studies' effects with a random-effects model (REML).

    Parameters
    ----------
    estimate, variance : array-like
        One a study, at least 2; variances above 0.

    Returns
    -------
    Series
        `estimate`, `low`, `high` (95% interval of the average), `tau` (SD of true effects),
        `i2` (share of the spread that is not sampling, in %), `prediction_low`,
        `prediction_high` (where the next study's true effect may lie), `k` (studies).

    Notes
    -----
    The estimator is PyMARE's; the results agree with R's metafor.

    Examples
    --------
    >>> pool_effects([0.1, 0.3, 0.5], [0.01, 0.01, 0.01])["estimate"].round(2)
    np.float64(0.3)
    """
    from pymare import Dataset
    from pymare.estimators import VarianceBasedLikelihoodEstimator
    from scipy import stats

    y, v = np.asarray(estimate, dtype=float), np.asarray(variance, dtype=float)
    if y.shape != v.shape or y.ndim != 1:
        raise ValueError("estimate and variance do not fit: give one of each a study")
    _enough(len(y), 2, "studies")
    if not (np.isfinite(y).all() and np.isfinite(v).all() and (v > 0).all()):
        raise ValueError("estimate or variance is not allowed: give numbers, variances above 0")
    data = Dataset(y=y[:, None], v=v[:, None], X=np.ones((len(y), 1)), add_intercept=False)
    fit = VarianceBasedLikelihoodEstimator(method="REML").fit_dataset(data).summary()
    tau2 = max(0.0, float(np.squeeze(fit.tau2)))
    w = 1 / (v + tau2)
    mean, se = float((w * y).sum() / w.sum()), float(1 / math.sqrt(w.sum()))
    fixed = 1 / v
    typical = (len(y) - 1) * fixed.sum() / (fixed.sum() ** 2 - (fixed**2).sum())
    reach = math.sqrt(tau2 + se**2) * (stats.t.ppf(0.975, len(y) - 2) if len(y) > 2 else math.nan)
    return pd.Series(
        {
            "estimate": mean,
            "low": mean - _Z95 * se,
            "high": mean + _Z95 * se,
            "tau": math.sqrt(tau2),
            "i2": 100 * tau2 / (tau2 + typical),
            "prediction_low": mean - reach,
            "prediction_high": mean + reach,
            "k": len(y),
        }
    )


def pool_correlations(r: Any, n: Any) -> pd.Series:
    """Pool studies' correlations as Fisher's z with a random-effects model (REML).

    Parameters
    ----------
    r : array-like
        Correlations, strictly between -1 and 1, one a study.
    n : array-like
        Clients analysed in each, at least 4.

    Returns
    -------
    Series
        As `pool_effects`, with `r` for the pooled correlation; `r`, `low`, `high` and the
        prediction interval are correlations, `tau` is in Fisher's z.

    Examples
    --------
    >>> pool_correlations([0.2, 0.3, 0.25], [100, 80, 120])["r"].round(2)
    np.float64(0.25)
    """
    r, n = np.asarray(r, dtype=float), np.asarray(n, dtype=float)
    if not ((np.abs(r) < 1).all() and (n >= 4).all()):
        raise ValueError("r or n is not allowed: give correlations inside -1 to 1 and n from 4 up")
    pooled = pool_effects(np.arctanh(r), 1 / (n - 3)).rename({"estimate": "r"})
    scaled = ["r", "low", "high", "prediction_low", "prediction_high"]
    pooled[scaled] = np.tanh(pooled[scaled])
    return pooled


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

    Examples
    --------
    >>> data = pd.DataFrame({"therapist": [1, 1, 2], "alliance": [3.0, 5.0, 2.0]})
    >>> split_within_between(data, "alliance", "therapist")["alliance_within"].tolist()
    [-1.0, 1.0, 0.0]
    """
    _columns(data, [column])
    if group not in data.columns:
        raise ValueError(f"data has no column {group!r}")
    mean = data.groupby(group, observed=True)[column].transform("mean")
    return pd.DataFrame({f"{column}_between": mean, f"{column}_within": data[column] - mean})


def mixed_model(y: Any, x: pd.DataFrame, groups: Any) -> Any:
    """Fit y on the columns of x and a constant, with a random intercept for groups (REML)."""
    import warnings

    import statsmodels.api as sm

    design = sm.add_constant(x.astype(float), has_constant="add")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a variance at its border of 0 is a result, not an error
        model = sm.MixedLM(np.asarray(y, dtype=float), design, groups=np.asarray(groups))
        # the gradient methods at times stop at a variance of 0 or half way; powell has not
        return model.fit(reml=True, method="powell")


def variance_share(
    data: pd.DataFrame, value: str, group: str, *, given: Sequence[str] = ()
) -> pd.Series:
    """The share of variance that lies between groups (intraclass correlation, REML).

    Parameters
    ----------
    data : DataFrame
        A row a member; rows with a missing value are left out.
    value, group : str
        What varies, for example outcome, and between what, for example therapists.
    given : sequence of str
        Columns to adjust for first.

    Returns
    -------
    Series
        `share` (0 to 1), `between` and `within` (variances), `groups`, `n`.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"therapist": np.repeat(range(200), 10)})
    >>> data["outcome"] = rng.normal(size=200)[data["therapist"]] + rng.normal(size=2000)
    >>> bool(0.4 < variance_share(data, "outcome", "therapist")["share"] < 0.6)
    True
    """
    rows = _columns(data, [value, group, *given])
    _enough(rows[group].nunique(), 2, "groups")
    fit = mixed_model(rows[value], rows[list(given)], rows[group])
    between, within = max(0.0, float(fit.cov_re.iloc[0, 0])), float(fit.scale)
    counts = {"groups": rows[group].nunique(), "n": len(rows)}
    share = between / (between + within)
    return pd.Series({"share": share, "between": between, "within": within, **counts})


def multilevel_slopes(
    data: pd.DataFrame, outcome: str, predictor: str, group: str, *, given: Sequence[str] = ()
) -> pd.DataFrame:
    """Slopes of an outcome on a predictor between and within groups, in one two-level model.

    Parameters
    ----------
    data : DataFrame
        A row a client; rows with a missing value are left out.
    outcome, predictor, group : str
        For example outcome, alliance_client, therapist.
    given : sequence of str
        Columns to adjust for.

    Returns
    -------
    DataFrame
        Rows `between` and `within`; columns `slope` (outcome points per point), `low`, `high`
        (95% interval), `p`.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> trial = simulate_trial(600, n_therapists=40, seed=1)
    >>> fourth = trial.clients.merge(trial.sessions.query("session == 4"), on="client")
    >>> slopes = multilevel_slopes(fourth, "outcome", "alliance_client", "therapist")
    >>> list(slopes.index)
    ['between', 'within']
    """
    rows = _columns(data, [outcome, predictor, group, *given])
    _enough(rows[group].nunique(), 3, "groups")
    parts = split_within_between(rows, predictor, group).set_axis(["between", "within"], axis=1)
    fit = mixed_model(rows[outcome], parts.join(rows[list(given)]), rows[group])
    table = pd.DataFrame({"slope": fit.params, "low": fit.conf_int()[0], "high": fit.conf_int()[1]})
    return table.assign(p=fit.pvalues).loc[["between", "within"]]


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
    import statsmodels.api as sm

    arms = trial.clients["treatment"].cat.remove_unused_categories().cat.categories
    if len(arms) != 2:
        raise ValueError(f"the trial has {len(arms)} treatments: give one with exactly two")
    if of not in arms:
        raise ValueError(f"of={of!r} is not in the trial: use {arms[0]} or {arms[1]}")
    rated = trial.sessions.loc[trial.sessions["session"] == session, ["client", predictor]]
    data = trial.clients.merge(rated, on="client")
    first = (data["treatment"] == of).astype(float)
    centred = data[predictor] - data[predictor].mean()
    design = pd.DataFrame({"first": first, "rating": centred, "difference": first * centred})
    fit = sm.OLS(data["outcome"].astype(float), sm.add_constant(design)).fit()
    low, high = fit.conf_int().loc["difference"]
    found = {"difference": fit.params["difference"], "low": low, "high": high, "n": len(data)}
    return pd.Series(found)
