"""Structural models: the lagged model within clients, and the factors of the alliance form."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from alliance_course.measures import COMPONENTS, _forward


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
        A row a person and session, with `session`. People with a missing wave are left out.
    x, y : str
        The two columns, for example alliance_client and symptoms.
    waves : sequence of int
        Sessions to use, at least 3.
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
        If a column is missing, or fewer than 30 people have all waves.

    Notes
    -----
    The likelihood is that of the covariance matrix, so that time does not depend on the number of
    people; means are free. The estimates agree with R's lavaan to three decimals. General
    packages for structural models took minutes for what takes about a second here.

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
    from scipy.optimize import minimize
    from statsmodels.tools.numdiff import approx_hess3

    waves = list(waves)
    for column in (x, y, person, "session"):
        if column not in data.columns:
            raise ValueError(f"data has no column {column!r}")
    if len(waves) < 3:
        raise ValueError(f"waves={waves!r} are too few: give at least 3 sessions")
    wide = data[data["session"].isin(waves)].pivot(index=person, columns="session", values=[x, y])
    wide = wide.astype(float).dropna()
    if len(wide) < 30 or wide.shape[1] != 2 * len(waves):
        raise ValueError(f"{len(wide)} people with all of sessions {waves} are too few: 30 needed")
    count = len(waves)
    pairs = np.empty((len(wide), 2 * count))
    pairs[:, 0::2], pairs[:, 1::2] = wide[x], wide[y]
    # both columns on one scale, so that the search is well conditioned
    unit = np.array([pairs[:, 0::2].std(), pairs[:, 1::2].std()])
    sample = np.cov((pairs / np.tile(unit, count)).T, bias=True)

    def lower(values: np.ndarray) -> np.ndarray:
        return np.array([[values[0], 0.0], [values[1], values[2]]])

    def implied(theta: np.ndarray) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
        path = theta[:4].reshape(2, 2)
        stable = lower(theta[4:7]) @ lower(theta[4:7]).T
        total, here = np.tile(stable, (count, count)), list[np.ndarray]()
        for wave in range(count):
            new = lower(theta[7 + 3 * wave : 10 + 3 * wave])
            here.append(new @ new.T + (path @ here[-1] @ path.T if here else 0))
        for wave, block in enumerate(here):
            for later in range(wave, count):
                at, then = slice(2 * wave, 2 * wave + 2), slice(2 * later, 2 * later + 2)
                total[then, at] += block
                if later > wave:
                    total[at, then] += block.T
                block = path @ block
        return total, here, path

    def misfit(theta: np.ndarray) -> float:
        total = implied(theta)[0]
        sign, logdet = np.linalg.slogdet(total)
        return logdet + np.trace(np.linalg.solve(total, sample)) if sign > 0 else 1e9

    start = [0.3, 0.0, 0.0, 0.4, 0.7, -0.2, 0.6, *([0.6, -0.05, 0.6] * count)]
    fit = minimize(misfit, start, method="BFGS", options={"gtol": 1e-6, "maxiter": 2000})
    _, here, path = implied(fit.x)
    sd = np.sqrt([np.diag(block) for block in here])
    ratio = unit[1] / unit[0]
    # n/2 times the misfit is minus the log-likelihood; its inverse Hessian gives the variances
    variances = np.diag(np.linalg.pinv(approx_hess3(fit.x, misfit)))[:4] * 2 / len(wide)
    se = np.sqrt(np.maximum(variances, 0)).reshape(2, 2)
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

    Notes
    -----
    Maximum likelihood by the package semopy; R's lavaan gives the same to two or three decimals.

    References
    ----------
    In published forms goal and task can hardly be told apart (row H08).
    """
    from semopy import Model, calc_stats

    answers = _forward(items).dropna()
    if len(answers) < 50:
        raise ValueError(f"{len(answers)} complete forms are too few: give at least 50")
    named = {c: [name for name in answers if name.startswith(c)] for c in COMPONENTS}
    shapes = {
        1: {"alliance": [name for names in named.values() for name in names]},
        2: {"bond": named["bond"], "agreement": named["goal"] + named["task"]},
        3: named,
    }
    rows = {}
    for number, factors in shapes.items():
        text = "\n".join(f"{factor} =~ {' + '.join(names)}" for factor, names in factors.items())
        model = Model(text)
        model.fit(answers)
        stats = calc_stats(model).loc["Value"]
        estimates = model.inspect(std_est=True)
        between = estimates[estimates["op"].eq("~~") & estimates["lval"].ne(estimates["rval"])]
        correlations = {
            "_".join(sorted((row["lval"], row["rval"]))): float(row["Est. Std"])
            for _, row in between.iterrows()
        }
        free = len(model.param_vals)
        # semopy's own BIC leaves out constants; this one is on the scale of the likelihood
        n, k = len(answers), answers.shape[1]
        sigma, cov = model.calc_sigma()[0], np.cov(answers.to_numpy().T, bias=True)
        logdet = np.linalg.slogdet(sigma)[1]
        order = [list(answers).index(name) for name in model.vars["observed"]]
        cov = cov[np.ix_(order, order)]
        loglik = (
            -0.5 * n * (k * math.log(2 * math.pi) + logdet + np.trace(np.linalg.solve(sigma, cov)))
        )
        rows[number] = {
            "cfi": float(stats["CFI"]),
            "rmsea": float(stats["RMSEA"]),
            "bic": free * math.log(n) - 2 * loglik,
            **correlations,
        }
    return pd.DataFrame.from_dict(rows, orient="index")
