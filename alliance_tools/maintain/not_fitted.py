"""Published findings that the model was not fitted to, with the rule by which each passes.

Chosen and written down, with design, statistic and rule, before any of them was computed on the
second version of the model. What comes out is reported as it is (`datasets/MODEL.md`) and no
number of the model is moved because of it.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import alliance_course as ac
from alliance_course.simulate.parameters import PARAMETERS, Parameters
from alliance_course.simulate.studies import correlate_by_study, simulate_studies
from alliance_tools.maintain.designs import (
    FEEDBACK,
    PRACTICE,
    RELIABLE,
    Result,
    completers,
    depressed,
    difference,
    not_yet,
    score,
)

# Fixed before the first run and never chosen for its result.
SEED = 20261126


class NotFitted(NamedTuple):
    """One published finding that played no part in the fitting."""

    name: str
    design: str
    statistic: str
    source: str
    published: float
    # it passes from `low` to `high`, and `rule` says where they are from
    low: float
    high: float
    rule: str


INF = float("inf")
# fmt: off
NOT_FITTED = tuple(
    NotFitted(*row)
    for row in (
        ("response in therapy", "depression, two months, everybody who began",
         "% with half of the symptoms gone", "Cuijpers et al. 2021, doi:10.1111/acps.13335",
         41, 38, 43, "published 95% interval"),
        ("worse after therapy", "depression, two months", "% worse by 6 points or more",
         "J01", 4, 2, 10, "from half the median to what J01 calls high"),
        ("worse, therapy against none", "depression, two months, waiting list",
         "ratio of the two shares", "J02", 0.39, 0.27, 0.57, "published 95% interval"),
        ("sudden gains", "depression, 16 sessions: a drop of 5 points and a quarter between two "
         "sessions that divides three sessions before from three after",
         "g of outcome, with against without", "Shalom & Aderka 2020, "
         "doi:10.1016/j.cpr.2020.101827", 0.68, 0.45, 0.90, "within a third of the published"),
        ("what a session adds", "routine practice, up to 12 sessions, given intake and leaving",
         "points of 27 for each session", "F11", 0.5, 0.2, 0.8, "within .3 points"),
        ("short courses change fast", "routine practice, up to 30 sessions",
         "r of sessions attended with change for each session", "I20", float("nan"), -1, -0.05,
         "negative, and not by a hair"),
        ("improved by session 8", "routine practice, clients above the cutoff",
         "% reliably changed once", "I18", 50, 40, 60, "within 10"),
        ("improved by session 26", "routine practice, clients above the cutoff",
         "% reliably changed once", "I18", 75, 65, 85, "within 10"),
        ("growth of the alliance", "30 sessions, those who finish",
         "r of the alliance's slope with outcome", "D09", 0, -0.25, 0.25,
         "too small to be seen in 44 cases"),
        ("falls of the score", "ten sessions of exposure in PTSD",
         "% with a fall of more than a reliable change between neighbouring sessions", "D06",
         46, 35, 57, "binomial interval on 82 cases"),
        ("feedback, off track", "clients who are worse at session 4 than at intake",
         "d of outcome, therapist shown progress or not", "I04", 0.17, 0.11, 0.22,
         "published 95% interval"),
        ("feedback and leaving", "everybody", "odds ratio of staying, shown progress or not",
         "I04", 1.19, 1.03, 1.38, "published 95% interval"),
        ("alliance in PTSD", "CBT in PTSD, those who finish, session 4", "r with outcome",
         "A12", 0.34, 0.24, 0.44, "within .1"),
        ("change in anxiety", "GAD and panic, routine therapies", "pre-post d",
         "I12", 0.80, 0.71, 0.90, "published 95% interval"),
        ("trauma-focused CBT, waiting list", "PTSD, exposure against waiting list", "g",
         "E36", 1.46, 1.05, 1.87, "published 95% interval"),
        ("clients for each therapist", "1,500 studies",
         "slope of z on the log of clients for each therapist, over its standard error",
         "F07 F12", float("nan"), 1.96, INF, "significant and positive"),
    )
)
# fmt: on


def _response(p: Parameters, rng: np.random.Generator) -> Result:
    trial = depressed(p, rng, 16_000, treatments=("CBT", "waitlist"), n_sessions=9)
    clients = trial.clients
    post = 27 - clients["outcome"]
    treated = clients["treatment"] == "CBT"
    worse = post - clients["severity_intake"] >= RELIABLE
    return {
        "response in therapy": 100 * (post <= clients["severity_intake"] / 2)[treated].mean(),
        "worse after therapy": 100 * worse[treated].mean(),
        "worse, therapy against none": worse[treated].mean() / worse[~treated].mean(),
    }


def _sudden(p: Parameters, rng: np.random.Generator) -> Result:
    trial = depressed(p, rng, n_sessions=16)
    wide = trial.sessions.pivot(index="client", columns="session", values="symptoms")
    scores = wide.to_numpy(dtype=float)
    has = np.zeros(len(scores), dtype=bool)
    for k in range(3, scores.shape[1] - 2):
        before, after = scores[:, k - 3 : k], scores[:, k : k + 3]
        fall = scores[:, k - 1] - scores[:, k]
        pooled = np.sqrt((before.var(axis=1, ddof=1) + after.var(axis=1, ddof=1)) / 3)
        # 2.776: the two-sided 5% point of t on four degrees of freedom
        apart = before.mean(axis=1) - after.mean(axis=1) > 2.776 * pooled
        has |= (fall >= 5) & (fall >= 0.25 * scores[:, k - 1]) & apart
    outcome = trial.clients.set_index("client").loc[wide.index, "outcome"].to_numpy()
    return {"sudden gains": ac.cohens_d(outcome[has], outcome[~has])["d"]}


def _practice(p: Parameters, rng: np.random.Generator) -> Result:
    world, arms = replace(p, **PRACTICE), ("CBT", "psychodynamic", "integrative")
    short = depressed(world, rng, 8000, treatments=arms, n_sessions=12).clients
    design = short[["sessions_attended", "severity_intake", "dropped_out"]].to_numpy(dtype=float)
    design = np.column_stack([np.ones(len(design)), design])
    gain = np.linalg.lstsq(design, short["outcome"].to_numpy(dtype=float), rcond=None)[0][1]
    trial = depressed(world, rng, treatments=arms, n_sessions=30)
    clients = trial.clients
    change = (clients["severity_intake"] - (27 - clients["outcome"])) / clients["sessions_attended"]
    left = not_yet(trial)
    return {
        "what a session adds": gain,
        "short courses change fast": change.corr(clients["sessions_attended"]),
        "improved by session 8": 100 * (1 - left[7]),
        "improved by session 26": 100 * (1 - left[25]),
    }


def _growth(p: Parameters, rng: np.random.Generator) -> Result:
    trial = depressed(p, rng, 2000, treatments=("CBT", "psychodynamic"), n_sessions=30)
    ratings, time = completers(trial), np.arange(30) - 14.5
    outcome = trial.clients.loc[~trial.clients["dropped_out"], "outcome"]
    return {"growth of the alliance": np.corrcoef(ratings @ time, outcome)[0, 1]}


def _falls(p: Parameters, rng: np.random.Generator) -> Result:
    design: dict[str, Any] = {
        "conditions": ("PTSD",),
        "treatments": ("exposure",),
        "n_sessions": 10,
    }
    rows = depressed(p, rng, **design).sessions
    wide = rows.pivot(index="client", columns="session", values="alliance_client").dropna()
    scores = wide.to_numpy(dtype=float)
    # alpha of the total .91 (H07)
    reliable = 1.96 * np.sqrt(2 * (1 - 0.91)) * scores[:, 0].std()
    return {"falls of the score": 100 * (np.diff(scores, axis=1).min(axis=1) < -reliable).mean()}


def _feedback(p: Parameters, rng: np.random.Generator) -> Result:
    found = []
    for world in (replace(p, **FEEDBACK), p):
        trial = depressed(world, rng, 10_000)
        fourth = trial.at(4)
        off = fourth["symptoms"] > fourth["severity_intake"]
        left = trial.clients["dropped_out"].mean()
        found.append((fourth.loc[off, "outcome"], (1 - left) / left))
    (shown, stay), (not_shown, stay_less) = found
    return {
        "feedback, off track": ac.cohens_d(shown, not_shown)["d"],
        "feedback and leaving": stay / stay_less,
    }


def _conditions(p: Parameters, rng: np.random.Generator) -> Result:
    ptsd = depressed(p, rng, conditions=("PTSD",)).at(4)
    ptsd = ptsd[~ptsd["dropped_out"]]
    routine: dict[str, Any] = {"treatments": ("CBT", "psychodynamic", "integrative")}
    anxious = depressed(p, rng, conditions=("GAD", "panic"), **routine).clients
    intake = anxious["severity_intake"]
    trial = depressed(p, rng, conditions=("PTSD",), treatments=("exposure", "waitlist"))
    return {
        "alliance in PTSD": ac.correlation(ptsd, "alliance_client", "outcome")["r"],
        "change in anxiety": (intake - (27 - anxious["outcome"])).mean() / intake.std(),
        "trauma-focused CBT, waiting list": difference(trial, "exposure", "waitlist"),
    }


def _caseloads(p: Parameters, rng: np.random.Generator) -> Result:
    clients = simulate_studies(1500, parameters=p, seed=rng)
    stayed = clients[~clients["dropped_out"]]
    studies = correlate_by_study(stayed, "alliance_client").dropna()
    each = stayed.groupby("study").size() / stayed.groupby("study")["therapist"].nunique()
    x, z = np.log(each.loc[studies.index]), np.arctanh(studies["r"])
    weight = (studies["n"] - 3).to_numpy(dtype=float)
    x = x - np.average(x, weights=weight)
    slope = (weight * x * z).sum() / (weight * x**2).sum()
    rest = z - np.average(z, weights=weight) - slope * x
    error = np.sqrt((weight**2 * x**2 * rest**2).sum()) / (weight * x**2).sum()
    return {"clients for each therapist": slope / error}


_DESIGNS: tuple[tuple[Callable[[Parameters, np.random.Generator], Result], int], ...] = (
    (_response, 8),
    (_sudden, 8),
    (_practice, 8),
    (_growth, 8),
    (_falls, 8),
    (_feedback, 12),
    (_conditions, 8),
    (_caseloads, 4),
)


def compare_not_fitted(
    *, parameters: Parameters | None = None, repeats: float = 1.0, seed: int = SEED
) -> pd.DataFrame:
    """What the model gives where nothing was fitted.

    Parameters
    ----------
    parameters : Parameters, optional
        Another world than the course's own.
    repeats : float
        Multiplies how often each design is simulated (1: as on the model page).
    seed : int
        Master seed.

    Returns
    -------
    DataFrame
        The columns of `NotFitted`, `simulated`, `mc_error` and `passes`.

    Examples
    --------
    >>> compare_not_fitted()  # doctest: +SKIP
    """
    p = PARAMETERS if parameters is None else parameters
    roots = np.random.SeedSequence(seed).spawn(len(_DESIGNS))
    parts = []
    for (design, count), root in zip(_DESIGNS, roots, strict=True):
        seeds = root.spawn(max(2, round(count * repeats)))
        parts.append(pd.DataFrame([design(p, np.random.default_rng(child)) for child in seeds]))
    values = pd.concat(parts, axis=1)
    table = pd.DataFrame([row._asdict() for row in NOT_FITTED])
    score(table, values[list(table["name"])])
    return table
