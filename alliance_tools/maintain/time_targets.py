"""Targets T27 to T40 that are about time, leaving and what is done: see `targets.py`.

T38 and T39 are simulated with the literature and the ruptures, in `targets.py`.
"""

from dataclasses import replace

import numpy as np

import alliance_course as ac
from alliance_course.simulate.parameters import Parameters
from alliance_course.simulate.trial import simulate_trial
from alliance_tools.maintain.designs import (
    CUTOFF,
    FEEDBACK,
    NO_HOMEWORK,
    PRACTICE,
    RELIABLE,
    Result,
    completers,
    depressed,
    not_yet,
    weights,
)


def practice(p: Parameters, rng: np.random.Generator) -> Result:
    """T27, T28, T31: routine practice, where therapy ends when things are good enough.

    Up to 30 sessions for T27: the session by which half of those who began above the cutoff have
    reliably changed and are below it (product-limit method, leavers censored). Up to 12 sessions,
    as in primary care, for T28 (clients above the cutoff with a planned ending: improved after
    10 to 12 sessions minus improved after up to 6) and T31 (what leaving early goes with in
    points of the form at the end, given intake and the number of sessions).
    """
    world = replace(p, **PRACTICE)
    arms = ("CBT", "psychodynamic", "integrative")
    long = depressed(world, rng, 2000, treatments=arms, n_sessions=30)
    left = enumerate(not_yet(long, well=True), start=1)
    median = next((float(session) for session, share in left if share <= 0.5), 30.0)
    short = depressed(world, rng, 6000, treatments=arms, n_sessions=12).clients
    short["post"] = 27 - short["outcome"]
    short["left"] = short["dropped_out"].astype(float)
    began_ill = short[(short["severity_intake"] >= CUTOFF) & ~short["dropped_out"]]
    improved = 100 * (
        (began_ill["post"] < CUTOFF)
        & (began_ill["severity_intake"] - began_ill["post"] >= RELIABLE)
    )
    sessions = began_ill["sessions_attended"]
    design = short[["left", "severity_intake", "sessions_attended"]].to_numpy(dtype=float)
    design = np.column_stack([np.ones(len(design)), design])
    lag = np.linalg.lstsq(design, short["post"].to_numpy(dtype=float), rcond=None)[0][1]
    return {
        "T27 half are improved": median,
        "T28 long minus short": improved[sessions >= 10].mean() - improved[sessions <= 6].mean(),
        "T31 leavers behind": lag,
    }


def trends(p: Parameters, rng: np.random.Generator) -> Result:
    """T29: cases of a 30-session therapy whose client-rated alliance has a linear trend."""
    ratings = completers(depressed(p, rng, 600, treatments=("CBT", "psychodynamic"), n_sessions=30))
    time = np.arange(30) - 14.5
    slope = ratings @ time / (time @ time)
    rest = ratings - ratings.mean(axis=1, keepdims=True) - slope[:, None] * time
    error = np.sqrt((rest**2).sum(axis=1) / 28 / (time @ time))
    # 2.048: the two-sided 5% point of t on 28 degrees of freedom
    return {"T29 with a linear trend": 100 * float((np.abs(slope) > 2.048 * error).mean())}


def leaving(p: Parameters, rng: np.random.Generator) -> Result:
    """T30: 85 therapists with 124 clients each: how far they differ in who leaves.

    The share is on the scale of the logit, whose own variance is 3.29; the variance between
    therapists comes from their rates, less what chance alone gives.
    """
    trial = simulate_trial(
        10_540, n_therapists=85, treatments=("CBT",), n_sessions=12, parameters=p, seed=rng
    )
    rates = trial.clients.groupby("therapist")["dropped_out"].mean().to_numpy()
    usual = rates.mean()
    between = max(0.0, rates.var(ddof=1) - usual * (1 - usual) / 124) / (usual * (1 - usual)) ** 2
    return {
        "T30 dropout": 100 * between / (between + 3.29),
        "T30 highest minus lowest": 100 * float(np.ptp(rates)),
    }


def expectation(p: Parameters, rng: np.random.Generator) -> Result:
    """T32: how much of what expectation does to outcome goes by way of the early alliance."""
    early = depressed(p, rng, treatments=("CBT", "psychodynamic")).at(4)
    total = weights(early, "outcome", ["expectation"])[0]
    direct = weights(early, "outcome", ["expectation", "alliance_client"])[0]
    return {"T32 share by the alliance": 1 - direct / total}


def exposure(p: Parameters, rng: np.random.Generator) -> Result:
    """T33, T34: the alliance in OCD; task agreement in exposure, by way of homework."""
    arms = depressed(p, rng, conditions=("OCD",), treatments=("CBT", "exposure"))
    fourth = arms.at(4)
    fourth = fourth[~fourth["dropped_out"]]
    total, task = (
        ac.correlation(fourth, f"{part}_client", "outcome")["r"] for part in ("alliance", "task")
    )
    whole = weights(fourth, "outcome", ["task_client", "severity_intake"])[0]
    given = weights(fourth, "outcome", ["task_client", "severity_intake", "homework_mean"])[0]
    return {
        "T33 OCD": total,
        "T34 task minus total": task - total,
        "T34 share by homework": 1 - given / whole,
    }


def spiral(p: Parameters, rng: np.random.Generator) -> Result:
    """T35: is the step from alliance to next symptoms larger where the alliance is usually higher?

    Deviations from each client's own mean over sessions 1 to 7; the step at a usual alliance one
    SD above the average minus that at one SD below, standardised within clients, as benefit.
    """
    trial = depressed(p, rng, 5350)
    rows = trial.sessions[trial.sessions["session"] <= 7]
    wide = [
        rows.pivot(index="client", columns="session", values=name).dropna().to_numpy(float)
        for name in ("alliance_client", "symptoms")
    ]
    usual = wide[0].mean(axis=1)
    usual = np.repeat((usual - usual.mean()) / usual.std(), 6)
    x, y = (w - w.mean(axis=1, keepdims=True) for w in wide)
    now, before, later = x[:, :-1].ravel(), y[:, :-1].ravel(), y[:, 1:].ravel()
    wave = np.tile(np.eye(6), (len(x), 1))
    design = np.column_stack([now, before, now * usual, before * usual, usual, wave])
    step = np.linalg.lstsq(design, later, rcond=None)[0][2]
    return {"T35 step, high minus low": -2 * step * now.std() / later.std()}


def waiting(p: Parameters, rng: np.random.Generator) -> Result:
    """T36: who has lost half of the symptoms after two months on a waiting list."""
    clients = depressed(p, rng, treatments=("waitlist",), n_sessions=9).clients
    post = 27 - clients["outcome"]
    return {"T36 response": 100 * float((post <= clients["severity_intake"] / 2).mean())}


def feedback(p: Parameters, rng: np.random.Generator) -> Result:
    """T37: therapists who are shown progress against therapists who are not."""
    shown, not_shown = (
        depressed(world, rng, 6000).clients["outcome"] for world in (replace(p, **FEEDBACK), p)
    )
    return {"T37 feedback": ac.cohens_d(shown, not_shown)["d"]}


def homework(p: Parameters, rng: np.random.Generator) -> Result:
    """T40: the same therapy with and without homework."""
    arms = [depressed(world, rng).clients["outcome"] for world in (p, replace(p, **NO_HOMEWORK))]
    return {"T40 with homework": ac.cohens_d(*arms)["d"]}
