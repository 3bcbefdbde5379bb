"""Plan a study: how often would it find an effect that is there?"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

import numpy as np
import pandas as pd

from alliance_course.chunks import run_chunks
from alliance_course.measures import RATERS
from alliance_course.parameters import PARAMETERS, Parameters
from alliance_course.simulate import simulate_trial

_DEFAULTS: dict[str, Any] = {
    "analysis": "alliance",
    "clients": 100,
    "therapists": 10,
    "sessions": 12,
    "rated_session": 4,
    "rater": "client",
    "condition": "depression",
    "treatments": ("CBT",),
    "parameters": PARAMETERS,
}
_BATCH = 10


def _complete(design: Mapping[str, Any]) -> dict[str, Any]:
    unknown = [name for name in design if name not in _DEFAULTS]
    if unknown:
        raise ValueError(f"design: {unknown[0]!r} is unknown; use {', '.join(_DEFAULTS)}")
    full = {**_DEFAULTS, **design}
    if full["analysis"] not in ("alliance", "technique"):
        raise ValueError(f"analysis={full['analysis']!r} is unknown; use alliance or technique")
    if full["rater"] not in RATERS:
        raise ValueError(f"rater={full['rater']!r} is unknown; use {', '.join(RATERS)}")
    if full["analysis"] == "technique" and len(full["treatments"]) != 2:
        raise ValueError("treatments: the analysis of technique compares exactly two")
    if not isinstance(full["parameters"], Parameters):
        raise ValueError("parameters is not allowed: use dataclasses.replace(PARAMETERS, ...)")
    for name in ("clients", "therapists", "sessions", "rated_session"):
        given = full[name]
        if not isinstance(given, (int, np.integer)) or isinstance(given, bool) or given < 1:
            raise ValueError(f"{name}={given!r} is not allowed: give a whole number from 1 up")
    if full["rated_session"] > full["sessions"]:
        raise ValueError(
            f"rated_session={full['rated_session']!r} is not allowed: "
            f"give one from 1 to {full['sessions']}"
        )
    if not 2 <= full["therapists"] < full["clients"]:
        raise ValueError(
            f"therapists={full['therapists']!r} is not allowed: give at least 2, and fewer than "
            "clients, or they cannot be told apart"
        )
    return full


def _study(design: dict[str, Any], seed: np.random.SeedSequence) -> tuple[float, float]:
    """One study: the estimate and p of the two-level model that a student would fit."""
    from alliance_course.multilevel import mixed_model

    trial = simulate_trial(
        design["clients"],
        n_therapists=design["therapists"],
        n_sessions=design["sessions"],
        conditions=(design["condition"],),
        treatments=design["treatments"],
        parameters=design["parameters"],
        seed=np.random.default_rng(seed),
    )
    data = trial.clients
    if design["analysis"] == "alliance":
        rated = trial.sessions[trial.sessions["session"] == design["rated_session"]]
        predictor = f"alliance_{design['rater']}"
        data = data.merge(rated[["client", predictor]], on="client")
        x = data[predictor].astype(float)
    else:
        x = (data["treatment"] == design["treatments"][0]).astype(float)
    try:
        table, _, _ = mixed_model(data["outcome"], x.rename("x").to_frame(), data["therapist"])
    except (ValueError, np.linalg.LinAlgError):
        return np.nan, np.nan  # nobody left to analyse, or nothing that varies
    return float(table.loc["x", "slope"]), float(table.loc["x", "p"])


def _batch(job: tuple[dict[str, Any], list[np.random.SeedSequence]]) -> list[tuple[float, float]]:
    design, seeds = job
    return [_study(design, seed) for seed in seeds]


def power(
    design: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    n_simulations: int = 200,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
    seed: int | None = None,
) -> pd.DataFrame:
    """The power of a study to find an effect of the alliance or of technique.

    Each simulated study is analysed as a student would: a two-level model of outcome (0 to 27,
    high is well) with a random intercept for therapists, tested at 5%, two-sided.

    Parameters
    ----------
    design : mapping, or a sequence of mappings to compare
        What the study looks like; all are optional: `analysis` ("alliance": outcome on the rated
        alliance; "technique": outcome on which of two treatments), `clients`, `therapists`,
        `sessions`, `rated_session`, `rater` (client, therapist, observer), `condition`,
        `treatments`, `parameters` (the world, so also the size of the true effect).
    n_simulations : int
        Studies to simulate for each design, 10 to 100,000.
    executor : concurrent.futures.Executor, optional
        Where to compute; the answer is the same everywhere.
    progress : callable, optional
        Called with (batches done, batches in all).
    seed : int, optional
        The same seed gives the same answer.

    Returns
    -------
    DataFrame
        A row a design: what it states, `power` (share of all studies with p < .05), `mc_error`
        (its standard error), `mean_estimate` (outcome points per point of rating, or between
        treatments), `failed` (share of studies that could not be analysed, because too few
        clients were left or nothing varied; they count as not found).

    Raises
    ------
    ValueError
        If a design names something unknown or impossible.

    Notes
    -----
    A study of the alliance finds an association. That it is there says nothing about its cause.

    The test is the usual large-sample one. Treatments differ between therapists, so that with 4
    of them it finds a difference that is not there in 9 studies of 100 instead of 5 (400 simulated
    studies); with 20 it keeps to 5.

    Examples
    --------
    >>> plan = power({"clients": 40, "therapists": 4}, n_simulations=10, seed=1)
    >>> bool(0 <= plan.loc[0, "power"] <= 1)
    True
    """
    if not isinstance(n_simulations, (int, np.integer)) or not 10 <= n_simulations <= 100_000:
        raise ValueError(f"n_simulations={n_simulations!r} is not allowed: give 10 to 100000")
    designs = [_complete(one) for one in ([design] if isinstance(design, Mapping) else design)]
    if not designs:
        raise ValueError("design is empty: give at least one")
    # every design meets the same seeds, so that designs are compared with the same luck
    seeds = np.random.SeedSequence(seed).spawn(int(n_simulations))
    jobs = [
        (one, seeds[start : start + _BATCH])
        for one in designs
        for start in range(0, len(seeds), _BATCH)
    ]
    done = run_chunks(_batch, jobs, executor=executor, progress=progress)
    found = np.array([study for batch in done for study in batch])
    found = found.reshape(len(designs), len(seeds), 2)
    share = (found[:, :, 1] < 0.05).mean(axis=1)
    table = pd.DataFrame(designs).drop(columns="parameters")
    table["power"] = share
    table["mc_error"] = np.sqrt(share * (1 - share) / len(seeds))
    failed = np.isnan(found[:, :, 0])
    kept = (~failed).sum(axis=1)
    total = np.nansum(found[:, :, 0], axis=1)
    table["mean_estimate"] = np.divide(total, kept, out=np.full(len(kept), np.nan), where=kept > 0)
    table["failed"] = failed.mean(axis=1)
    return table
