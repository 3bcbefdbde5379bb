"""What the targets share: settings of their designs, and small helpers."""

from typing import Any

import numpy as np
import pandas as pd

import alliance_course as ac
from alliance_course.simulate.parameters import Parameters
from alliance_course.simulate.studies import correlate_by_study
from alliance_course.simulate.trial import simulate_trial

Result = dict[str, float]
TRIAL_COMPETENCE = 0.35  # trials select and supervise their therapists: a narrow range (K1)
# routine practice ends by agreement when things have been good enough three times in a row
PRACTICE: dict[str, Any] = {"ending_sessions": 3.0}
# a therapist who is shown every client's progress sees nearly all of it
FEEDBACK: dict[str, Any] = {"progress_knowledge": 0.9}
NO_HOMEWORK: dict[str, Any] = {"homework_set": 0.0}
# on the 27-point form: below this is well; this much is more than its error
CUTOFF, RELIABLE = 10, 6
# how the trials of Reid et al. (E32) divide: waiting list or usual care, placebo, active therapy
OCD_TRIALS = {"waitlist": 18, "relaxation": 10, "CBT": 8}


def pooled(studies: pd.DataFrame, *, given: int = 0) -> pd.Series:
    """Studies' correlations, `given` variables taken out of each, as one."""
    studies = studies.dropna()
    studies = studies[studies["n"] > 4 + given]
    return ac.pool_correlations(studies["r"], studies["n"] - given)


def pooled_r(clients: pd.DataFrame, x: str, *, given: tuple[str, ...] = ()) -> pd.Series:
    return pooled(correlate_by_study(clients, x, given=given), given=len(given))


def difference(trial: Any, first: str, second: str, outcome: str = "outcome") -> float:
    groups = trial.clients.groupby("treatment", observed=True)[outcome]
    return ac.cohens_d(groups.get_group(first), groups.get_group(second))["d"]


def weights(data: pd.DataFrame, y: str, x: list[str]) -> np.ndarray:
    """Standardised regression weights of y on the columns x."""
    rows = data[[y, *x]].dropna().to_numpy(dtype=float)
    z = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    return np.linalg.lstsq(z[:, 1:], z[:, 0], rcond=None)[0]


def not_yet(trial: Any, *, well: bool = False) -> list[float]:
    """Share of those above the cutoff who have not reliably changed, after sessions 1 to 30.

    With `well` they must be below the cutoff too. Product-limit method, leavers censored.
    """
    ill = trial.clients.loc[trial.clients["severity_intake"] >= CUTOFF].set_index("client")
    scores = trial.sessions[trial.sessions["client"].isin(ill.index)]
    reached = scores["client"].map(ill["severity_intake"]) - scores["symptoms"] >= RELIABLE
    if well:
        reached &= scores["symptoms"] < CUTOFF
    first = scores.loc[reached].groupby("client")["session"].min().reindex(ill.index)
    time = first.fillna(ill["sessions_attended"]).to_numpy()
    left, shares = 1.0, []
    for session in range(1, 31):
        left *= 1 - (first == session).sum() / max((time >= session).sum(), 1)
        shares.append(left)
    return shares


def score(table: pd.DataFrame, runs: pd.DataFrame) -> None:
    """Add what the runs give (a column for each row), its standard error, and whether it passes."""
    table["simulated"] = runs.mean().to_numpy()
    table["mc_error"] = (runs.std() / np.sqrt(runs.count())).to_numpy()
    table["passes"] = table["simulated"].between(table["low"], table["high"])


def completers(trial: Any) -> np.ndarray:
    """Client-rated alliance of those who finished: clients by sessions."""
    stayed = trial.clients.loc[~trial.clients["dropped_out"], "client"]
    rows = trial.sessions[trial.sessions["session"].le(30) & trial.sessions["client"].isin(stayed)]
    return rows.pivot(index="client", columns="session", values="alliance_client").to_numpy(float)


def depressed(p: Parameters, rng: np.random.Generator, n: int = 4000, **design: Any) -> Any:
    design = {"treatments": ("CBT",), "n_therapists": max(2, n // 12), **design}
    return simulate_trial(n, parameters=p, seed=rng, **design)
