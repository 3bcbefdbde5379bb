"""Structural models: the lagged model within clients, and the factors of the alliance form."""

import math
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from alliance_course.measure.form import COMPONENTS, forward_answers
from alliance_course.refusals import library, numbers, numeric_columns


def _likeliest(
    sample: np.ndarray, start: np.ndarray, covariance: Callable, slopes: Callable, problem: str
) -> tuple[Any, Callable]:
    """Fit a covariance matrix by maximum likelihood; returns the fit, and its misfit with slopes.

    `slopes` gives the misfit's slope along each entry of `theta` from `theta` and the slope along
    the covariances; `problem` is what to say if no best fit is found.
    """

    def misfit(theta: np.ndarray) -> tuple[float, np.ndarray]:
        total = covariance(theta)
        sign, logdet = np.linalg.slogdet(total)
        if sign <= 0:
            return math.inf, np.zeros_like(theta)
        inverse = np.linalg.inv(total)
        pull = inverse - inverse @ sample @ inverse
        return logdet + float(np.sum(inverse * sample)), slopes(theta, pull)

    options = {"gtol": 1e-7, "maxiter": 2000}
    minimize = library("scipy.optimize").minimize
    fit = minimize(misfit, start, jac=True, method="BFGS", options=options)
    if not np.abs(fit.jac).max() < 1e-4:
        raise RuntimeError(problem)
    return fit, misfit


def _covariance(theta: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Covariances of `count` waves of both columns, those within people, and the paths.

    `theta` is 4 paths, then the factor of one covariance matrix of what is stable and of one a
    wave of what is new, along its last axis; it may be complex.
    """
    a, b, c = np.moveaxis(theta[..., 4:].reshape(*theta.shape[:-1], count + 1, 3), -1, 0)
    parts = np.stack([a * a, a * b, a * b, b * b + c * c], -1).reshape(*a.shape, 2, 2)
    path = theta[..., :4].reshape(*theta.shape[:-1], 2, 2)
    turned = path.swapaxes(-1, -2)
    within = [parts[..., 1, :, :]]
    for wave in range(1, count):
        within.append(path @ within[-1] @ turned + parts[..., wave + 1, :, :])
    total = np.tile(parts[..., 0, :, :], (count, count))
    for wave, block in enumerate(within):
        for later in range(wave, count):
            at, then = slice(2 * wave, 2 * wave + 2), slice(2 * later, 2 * later + 2)
            total[..., then, at] += block
            if later > wave:
                total[..., at, then] += block.swapaxes(-1, -2)
            block = path @ block
    return total, np.stack(within, -3), path


def _derivatives(theta: np.ndarray, count: int) -> np.ndarray:
    """Of the covariances by each entry of `theta`: exact, since a complex step has no rounding."""
    return _covariance(theta + 1e-30j * np.eye(len(theta)), count)[0].imag / 1e-30


def _robust_errors(
    theta: np.ndarray, misfit: Callable, total: np.ndarray, centred: np.ndarray
) -> np.ndarray:
    """Sandwich standard errors: curvature of the likelihood outside, people's own slopes inside."""
    step, inverse = 1e-5 * np.eye(len(theta)), np.linalg.inv(total)
    curvature = np.array([(misfit(theta + h)[1] - misfit(theta - h)[1]) / 2e-5 for h in step])
    curvature = len(centred) / 4 * (curvature + curvature.T)
    moves = inverse @ _derivatives(theta, centred.shape[1] // 2)
    own = np.einsum("ni,kij,nj->nk", centred, moves @ inverse, centred, optimize=True)
    scores = (own - np.trace(moves, axis1=1, axis2=2)) / 2
    # at a variance of 0 the curvature is near 0 too: scale before the inverse, drop what is flat
    size = np.sqrt(np.abs(np.diag(curvature)))
    size[size == 0] = 1
    bread = np.linalg.pinv(curvature / np.outer(size, size), rcond=1e-10, hermitian=True)
    bread /= np.outer(size, size)
    return np.linalg.norm(scores @ bread, axis=0)


def cross_lagged(
    data: pd.DataFrame, *, x: str, y: str, waves: Sequence[int], person: str = "client"
) -> pd.Series:
    """Fit a random-intercept cross-lagged panel model by maximum likelihood.

    Each person's stable level is taken out of both columns; what is left follows itself and the
    other one from session to session. Paths are the same at all waves; variances and the
    covariance of what is new at each wave are free.

    Parameters
    ----------
    data : DataFrame
        One row per person and session, with `session`. People with a missing wave are left out.
    x, y : str
        The two columns, for example alliance_client and symptoms.
    waves : sequence of int
        Sessions to use, at least 3 different ones.
    person : str
        Column that names the person.

    Returns
    -------
    Series
        `x_to_y`, `y_to_x` (raw paths to the next wave), `x_to_x`, `y_to_y` (how far each carries
        on), `x_to_y_standardised`, `y_to_x_standardised` (path times SD within at the wave before
        over SD within at the wave, averaged over waves), standard errors `x_to_y_se` and
        `y_to_x_se`, and `n` (people).

    Raises
    ------
    ValueError
        If a column is missing or flat, a person has a session twice, or fewer than 30 people
        (for many waves 2 for each wave, and one) have all waves.
    RuntimeError
        If the search finds no best fit.

    Notes
    -----
    The likelihood is that of the covariance matrix, so that time does not depend on the number of
    people; means are free, and no variance can fall below 0. Standard errors are robust (the
    "sandwich", lavaan's MLR): ratings carry error of their own, so that what follows a session is
    never quite what one path says, and the usual errors came out too small (8% instead of 5%
    false alarms for the path from symptoms to the alliance; robust ones 6%). With 120 people and
    4 sessions they still find 7%. Estimates and errors agree with R's lavaan to three digits.
    Python packages for such models took minutes for what takes a tenth of a second here.

    References
    ----------
    Rows G02 to G04 of ``published_effects()`` used models of this family.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> sessions = simulate_trial(400, seed=1).sessions
    >>> paths = cross_lagged(sessions, x="alliance_client", y="symptoms", waves=range(1, 6))
    >>> bool(abs(paths["y_to_x_standardised"]) < 0.5)
    True
    """
    waves = [int(wave) for wave in dict.fromkeys(numbers(waves, "waves")) if wave == wave]
    if x == y:
        raise ValueError(f"x and y are both {x!r}: give two columns")
    if len(waves) < 3:
        raise ValueError(f"waves={waves!r} are too few: give at least 3 sessions")
    rows = numeric_columns(data, [x, y, "session"], person)
    rows = rows[rows["session"].isin(waves)]
    if rows.duplicated([person, "session"]).any():
        raise ValueError(f"a {person} has a session twice: give one row a {person} and session")
    wide = rows.pivot(index=person, columns="session", values=[x, y]).dropna()
    count, least = len(waves), max(30, 2 * len(waves) + 1)
    if len(wide) < least or wide.shape[1] != 2 * count:
        raise ValueError(
            f"{len(wide)} people with all of sessions {waves} are too few: {least} needed"
        )
    pairs = np.empty((len(wide), 2 * count))
    pairs[:, 0::2], pairs[:, 1::2] = wide[x], wide[y]
    for position in range(2 * count):
        if np.ptp(pairs[:, position]) == 0:
            raise ValueError(f"{(x, y)[position % 2]!r} has no spread in one of the sessions")
    # both columns on one scale, so that the search is well conditioned
    unit = np.array([pairs[:, 0::2].std(), pairs[:, 1::2].std()])
    sample = np.cov((pairs / np.tile(unit, count)).T, bias=True)

    fit, misfit = _likeliest(
        sample,
        np.array([0.3, 0.0, 0.0, 0.4, 0.7, -0.2, 0.6, *([0.6, -0.05, 0.6] * count)]),
        lambda theta: _covariance(theta, count)[0],
        lambda theta, pull: np.einsum("ij,kij->k", pull, _derivatives(theta, count)),
        "the lagged model found no best fit: try more people or fewer sessions",
    )
    total, within, path = _covariance(fit.x, count)
    sd = np.sqrt(np.diagonal(within, axis1=-2, axis2=-1))
    ratio = unit[1] / unit[0]
    se = _robust_errors(fit.x, misfit, total, (pairs - pairs.mean(axis=0)) / np.tile(unit, count))
    se = se[:4].reshape(2, 2)
    return pd.Series(
        {
            "x_to_y": path[1, 0] * ratio,
            "y_to_x": path[0, 1] / ratio,
            "x_to_x": path[0, 0],
            "y_to_y": path[1, 1],
            "x_to_y_standardised": path[1, 0] * np.mean(sd[:-1, 0] / sd[1:, 1]),
            "y_to_x_standardised": path[0, 1] * np.mean(sd[:-1, 1] / sd[1:, 0]),
            "x_to_y_se": se[1, 0] * ratio,
            "y_to_x_se": se[0, 1] / ratio,
            "n": len(wide),
        }
    )


def _factor_fit(sample: np.ndarray, pattern: np.ndarray) -> tuple[float, np.ndarray]:
    """Fit factors of variance 1 by maximum likelihood; returns the misfit and their correlations.

    `sample` is a correlation matrix, `pattern` (answers by factors) says what shows which factor.
    """
    k, m = pattern.shape
    shown, pairs = np.nonzero(pattern), np.triu_indices(m, 1)
    counts = np.cumsum([len(shown[0]), len(pairs[0])])

    def unpack(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        loadings, phi = np.zeros((k, m)), np.eye(m)
        loadings[shown], phi[pairs], own = np.split(theta, counts)
        return loadings, np.triu(phi) + np.triu(phi, 1).T, own

    def covariance(theta: np.ndarray) -> np.ndarray:
        loadings, phi, own = unpack(theta)
        return loadings @ phi @ loadings.T + np.diag(own**2)

    def slopes(theta: np.ndarray, pull: np.ndarray) -> np.ndarray:
        loadings, phi, own = unpack(theta)
        parts = [(pull @ loadings @ phi)[shown], (loadings.T @ pull @ loadings)[pairs]]
        return 2 * np.concatenate([*parts, own * np.diag(pull)])

    start = np.repeat([0.7, 0.5, 0.7], [len(shown[0]), len(pairs[0]), k])
    problem = f"the model with {m} factors found no best fit"
    fit, _ = _likeliest(sample, start, covariance, slopes, problem)
    return float(fit.fun), unpack(fit.x)[1]


def factor_models(items: pd.DataFrame) -> pd.DataFrame:
    """Confirmatory factor models of the alliance form with one, two and three factors.

    Parameters
    ----------
    items : DataFrame
        One rater's answers, columns bond_1 to task_4; incomplete forms are left out.

    Returns
    -------
    DataFrame
        Rows 1 (one alliance), 2 (agreement and bond) and 3 (bond, goal, task); columns `cfi`,
        `rmsea`, `bic`, and the correlations of the factors where there are any:
        `agreement_bond`, `goal_task`, `bond_goal`, `bond_task`.

    Raises
    ------
    ValueError
        If a column is missing, an answer is not 1 to 5, or fewer than 50 forms are complete.
    RuntimeError
        If the search finds no best fit.

    Notes
    -----
    Maximum likelihood; R's lavaan gives the same to three decimals.

    References
    ----------
    In published forms goal and task can hardly be told apart (row H08).
    """
    answers = forward_answers(items).dropna()
    if len(answers) < 50:
        raise ValueError(f"{len(answers)} complete forms are too few: give at least 50")
    shapes: dict[int, dict[str, tuple[str, ...]]] = {
        1: {"alliance": COMPONENTS},
        2: {"agreement": ("goal", "task"), "bond": ("bond",)},
        3: {name: (name,) for name in COMPONENTS},
    }
    n, k = answers.shape
    values = answers.to_numpy(dtype=float)
    flat = answers.columns[values.std(axis=0) == 0]
    if len(flat):
        raise ValueError(f"{flat[0]!r} has no spread: every answer is the same")
    sample = np.corrcoef(values.T)
    log_spread = 2 * float(np.log(values.std(axis=0)).sum())
    log_det = np.linalg.slogdet(sample)[1]
    alone, alone_df = -n * log_det, k * (k - 1) / 2
    rows = {}
    for number, factors in shapes.items():
        pattern = np.array(
            [[name.split("_")[0] in parts for parts in factors.values()] for name in answers]
        )
        fun, phi = _factor_fit(sample, pattern)
        free = 2 * k + number * (number - 1) // 2
        chi2 = n * (fun - log_det - k)
        df = k * (k + 1) / 2 - free
        loglik = -0.5 * n * (k * math.log(2 * math.pi) + log_spread + fun)
        between = {
            "_".join(sorted((a, b))): phi[i, j]
            for (i, a), (j, b) in combinations(enumerate(factors), 2)
        }
        rows[number] = {
            "cfi": 1 - max(chi2 - df, 0) / max(alone - alone_df, chi2 - df, 1e-12),
            "rmsea": math.sqrt(max(chi2 / df - 1, 0) / (n - 1)),
            "bic": free * math.log(n) - 2 * loglik,
            **between,
        }
    return pd.DataFrame.from_dict(rows, orient="index")
