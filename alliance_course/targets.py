"""The published findings that the model must reproduce: design -> simulated data -> statistic.

Each function simulates one target's design once and returns its statistics by name; nothing is
fitted here. A target reads a true value only where its study could have known it (who was
randomised to what, who left). `bands.py` states what each number is compared with.

One set of parameters is used throughout, with other settings where the published designs differ:
the spread of competence (T09), therapists and the causal path (T17), planned endings in routine
practice (T27, T28, T31), feedback to the therapist (T37), homework left out (T40).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from alliance_course import analysis, models
from alliance_course.literature import correlate_by_study, simulate_studies
from alliance_course.measures import reliability
from alliance_course.parameters import Parameters
from alliance_course.simulate import simulate_trial

Result = dict[str, float]
TRIAL_COMPETENCE = 0.35  # trials select and supervise their therapists: a narrow range (K1)
# routine practice ends by agreement when things have been good enough three times in a row
PRACTICE = {"ending_sessions": 3.0}
# a therapist who is shown every client's progress sees nearly all of it
FEEDBACK = {"progress_knowledge": 0.9}
NO_HOMEWORK = {"homework_set": 0.0}
# on the 27-point form: below this is well; this much is more than its error
CUTOFF, RELIABLE = 10, 6
# how the trials of Reid et al. (E32) divide: waiting list or usual care, placebo, active therapy
OCD_TRIALS = {"waitlist": 18, "relaxation": 10, "CBT": 8}


class Target(NamedTuple):
    """A function of (parameters, generator), and how many times the full calibration runs it."""

    simulate: Callable[[Parameters, np.random.Generator], Result]
    repeats: int
    quick: int


def _pooled(clients: pd.DataFrame, x: str, *, given: tuple[str, ...] = ()) -> pd.Series:
    studies = correlate_by_study(clients, x, given=given).dropna()
    studies = studies[studies["n"] > 4 + len(given)]
    return analysis.pool_correlations(studies["r"], studies["n"] - len(given))


def _g(trial: Any, first: str, second: str, outcome: str = "outcome") -> float:
    groups = trial.clients.groupby("treatment", observed=True)[outcome]
    return analysis.cohens_d(groups.get_group(first), groups.get_group(second))["d"]


def _at(trial: Any, session: int) -> pd.DataFrame:
    """Clients with the ratings of one session."""
    rows = trial.sessions[trial.sessions["session"] == session]
    return trial.clients.merge(rows, on="client")


def _weights(data: pd.DataFrame, y: str, x: list[str]) -> np.ndarray:
    """Standardised regression weights of y on the columns x."""
    rows = data[[y, *x]].dropna().to_numpy(dtype=float)
    z = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    return np.linalg.lstsq(z[:, 1:], z[:, 0], rcond=None)[0]


def _completers(trial: Any) -> np.ndarray:
    """Client-rated alliance of those who finished: clients by sessions."""
    stayed = trial.clients.loc[~trial.clients["dropped_out"], "client"]
    rows = trial.sessions[trial.sessions["session"].le(30) & trial.sessions["client"].isin(stayed)]
    return rows.pivot(index="client", columns="session", values="alliance_client").to_numpy(float)


def literature(p: Parameters, rng: np.random.Generator) -> Result:
    """T01, T02, T05, T21, T26, T38: 295 studies of clients who finished."""
    clients = simulate_studies(295, parameters=p, seed=rng)
    stayed = clients[~clients["dropped_out"]]
    studies = correlate_by_study(stayed, "alliance_client")
    z = np.arctanh(studies["r"])
    pooled = _pooled(stayed, "alliance_client")
    adjusted = stayed[stayed["study"] <= 60]
    process = ("adherence", "competence")
    left = clients.groupby("treatment", observed=True)["dropped_out"].mean()
    return {
        "T01 r": pooled["r"],
        "T38 width of the interval": pooled["high"] - pooled["low"],
        "T02 SD of z": z.std(),
        "T02 share below 0": 100 * float((studies["r"] < 0).mean()),
        "T05 given intake": _pooled(adjusted, "alliance_client", given=("severity_intake",))["r"],
        "T05 given process": _pooled(adjusted, "alliance_client", given=process)["r"],
        "T05 given both": _pooled(adjusted, "alliance_client", given=("severity_intake", *process))[
            "r"
        ],
        "T21 dropout": 100 * float(clients["dropped_out"].mean()),
        "T21 CBT minus psychodynamic": 100 * float(left["CBT"] - left["psychodynamic"]),
        "T26 therapist-rated r": _pooled(stayed, "alliance_therapist")["r"],
        "T26 observer-rated r": _pooled(stayed, "alliance_observer")["r"],
    }


def components(p: Parameters, rng: np.random.Generator) -> Result:
    """T03: 23 small studies that score the components."""
    clients = simulate_studies(23, median_clients=45, mean_clients=51, parameters=p, seed=rng)
    stayed = clients[~clients["dropped_out"]]
    task, bond = (_pooled(stayed, f"{part}_client")["r"] for part in ("task", "bond"))
    return {"T03 task": task, "T03 bond": bond, "T03 task minus bond": task - bond}


def _depression(p: Parameters, rng: np.random.Generator, n: int = 4000, **design: Any) -> Any:
    design = {"treatments": ("CBT",), "n_therapists": max(2, n // 12), **design}
    return simulate_trial(n, parameters=p, seed=rng, **design)


def goals(p: Parameters, rng: np.random.Generator) -> Result:
    """T04: goal agreement at session 3, and task agreement at session 4 with homework."""
    trial = _depression(p, rng)
    third, fourth = _at(trial, 3), _at(trial, 4)
    z = fourth[["task_client", "homework_mean"]].apply(lambda c: (c - c.mean()) / c.std())
    fourth["collaboration"] = z.sum(axis=1)
    return {
        "T04 goal": analysis.correlation(third, "goal_client", "outcome")["r"],
        "T04 collaboration": analysis.correlation(fourth, "collaboration", "outcome")["r"],
    }


def _panel(p: Parameters, rng: np.random.Generator, n: int) -> pd.Series:
    trial = _depression(p, rng, n)
    stays = trial.sessions.groupby("client")["session"].transform("max") >= 7
    waves = trial.sessions[stays & (trial.sessions["session"] <= 7)]
    return models.cross_lagged(waves, x="alliance_client", y="symptoms", waves=range(1, 8))


def reciprocity(p: Parameters, rng: np.random.Generator) -> Result:
    """T06: both lagged paths, sessions 1 to 7, in as many clients as the published data sets."""
    paths = _panel(p, rng, 5350)
    return {
        "T06 alliance to symptoms": -paths["x_to_y_standardised"],
        "T06 symptoms to alliance": -paths["y_to_x_standardised"],
    }


def within_slope(p: Parameters, rng: np.random.Generator) -> Result:
    """T07: the lagged path in 345 clients."""
    return {"T07 alliance to distress": -_panel(p, rng, 345)["x_to_y_standardised"]}


def early_change(p: Parameters, rng: np.random.Generator) -> Result:
    """T08: intake and early change with alliance, alliance with later change, 640 clients."""
    import statsmodels.api as sm

    trial = _depression(p, rng, 640)
    wide = trial.sessions.pivot(index="client", columns="session", values="symptoms")
    clients = trial.clients.set_index("client")
    wide[wide.columns.max() + 1] = np.nan
    post = 27 - clients["outcome"]
    last = clients["sessions_attended"].to_numpy()
    table = wide.to_numpy(dtype=float)
    table[np.arange(len(table)), last] = post
    stays = last >= 3
    table, time = table[stays][:, 2:], np.arange(3, wide.shape[1] + 1)
    seen = ~np.isnan(table)
    centred = np.where(
        seen, time - (seen * time).sum(1, keepdims=True) / seen.sum(1, keepdims=True), 0
    )
    slope = np.nansum(centred * table, axis=1) / (centred**2).sum(1)
    intake, third = (wide.loc[stays, k].to_numpy(dtype=float) for k in (1, 3))
    alliance = trial.sessions.query("session == 3").set_index("client")["alliance_client"]
    alliance = alliance.reindex(clients.index[stays]).to_numpy(dtype=float)
    early = np.column_stack([np.ones(stays.sum()), intake, intake - third])
    first = sm.OLS(alliance, early).fit()
    second = sm.OLS(-slope, np.column_stack([early, alliance])).fit()
    return {
        "T08 severity lowers alliance": float(first.params[1] < 0 and first.pvalues[1] < 0.05),
        "T08 early change raises it": float(first.params[2] > 0 and first.pvalues[2] < 0.05),
        "T08 alliance, later change": float(second.params[3] > 0 and second.pvalues[3] < 0.05),
    }


def adherence(p: Parameters, rng: np.random.Generator) -> Result:
    """T09: rated technique inside one arm; competence in trials and in mixed practice."""
    design: dict[str, Any] = {"conditions": ("depression", "GAD", "panic"), "n": 10_000}
    practice = _depression(p, rng, **design).clients
    narrow = _depression(replace(p, competence_sd=TRIAL_COMPETENCE), rng, **design).clients
    ocd = _depression(p, rng, conditions=("OCD",)).clients
    return {
        "T09 adherence": analysis.correlation(narrow, "adherence", "outcome")["r"],
        "T09 competence, trials": analysis.correlation(narrow, "competence", "outcome")["r"],
        "T09 competence, practice": analysis.correlation(practice, "competence", "outcome")["r"],
        "T09 adherence, OCD": analysis.correlation(ocd, "adherence", "outcome")["r"],
    }


def head_to_head(p: Parameters, rng: np.random.Generator) -> Result:
    """T10: one comparison of recognised therapies, each trial with a favoured arm."""
    pair = rng.permutation(["CBT", "psychodynamic", "integrative"])[:2].tolist()
    condition = str(rng.choice(["depression", "GAD"]))
    design: dict[str, Any] = {
        "conditions": (condition,),
        "treatments": tuple(pair),
        "parameters": p,
        "favoured": str(rng.choice(pair)),
        "seed": rng,
    }
    observed = _g(simulate_trial(80, n_therapists=10, **design), *pair)
    large = _g(simulate_trial(4000, n_therapists=400, **design), *pair)
    chance = rng.standard_normal((2, 40))
    return {
        "T10 mean d": large,
        "T10 mean absolute d": abs(large),
        "T10 observed absolute d": abs(observed),
        "T10 absolute d by chance": abs(analysis.cohens_d(chance[0], chance[1])["d"]),
    }


def activation(p: Parameters, rng: np.random.Generator) -> Result:
    """T10, T14: behavioural activation beside CBT in depression, in points of the symptom form."""
    arms = ("behavioural activation", "CBT", "waitlist")
    trial = _depression(p, rng, treatments=arms)
    mean = trial.clients.groupby("treatment", observed=True)["outcome"].mean()
    return {
        "T10 activation minus CBT, points": mean["behavioural activation"] - mean["CBT"],
        "T14 activation, depression": _g(trial, "behavioural activation", "waitlist"),
    }


def dismantling(p: Parameters, rng: np.random.Generator) -> Result:
    """T11: two thirds of the technique; half as much again on the problem that it addresses."""
    full, reduced, more = (_depression(p, rng, dose=dose).clients for dose in (1.0, 2 / 3, 1.5))
    return {
        "T11 full minus dismantled": analysis.cohens_d(full["outcome"], reduced["outcome"])["d"],
        "T11 additive, targeted problem": analysis.cohens_d(
            full["outcome_target"], more["outcome_target"]
        )["d"],
    }


def support_and_size(p: Parameters, rng: np.random.Generator) -> Result:
    """T12, T13: supportive and full therapy and waiting list; change from intake in practice."""
    trial = _depression(p, rng, 6000, treatments=("CBT", "supportive", "waitlist"))
    practice = _depression(p, rng, treatments=("CBT", "psychodynamic", "integrative")).clients
    intake = practice["severity_intake"]
    return {
        "T12 supportive, waiting list": _g(trial, "supportive", "waitlist"),
        "T12 supportive, full therapy": _g(trial, "supportive", "CBT"),
        "T13 therapy, waiting list": _g(trial, "CBT", "waitlist"),
        "T13 change from intake": (intake - (27 - practice["outcome"])).mean() / intake.std(),
    }


def specificity(p: Parameters, rng: np.random.Generator) -> Result:
    """T14: where the treatment chosen matters, and where it does not.

    "All controls" weighs the comparisons as the trials of E32 do: 18 with waiting lists or usual
    care (reckoned from E32 to E34), 10 with placebo, 8 with another active therapy.
    """
    arms = ("CBT", "exposure", "relaxation", "waitlist")
    by_condition = {
        condition: simulate_trial(
            6000, n_therapists=400, conditions=(condition,), treatments=arms, parameters=p, seed=rng
        )
        for condition in ("OCD", "panic", "GAD")
    }
    ocd = by_condition["OCD"]
    return {
        "T14 CBT, OCD": _g(ocd, "CBT", "waitlist"),
        "T14 exposure, OCD": _g(ocd, "exposure", "waitlist"),
        "T14 exposure, attention control": _g(ocd, "exposure", "relaxation"),
        "T14 exposure minus CBT, OCD": _g(ocd, "exposure", "CBT"),
        "T14 exposure, all controls": sum(
            count * _g(ocd, "exposure", arm) for arm, count in OCD_TRIALS.items()
        )
        / sum(OCD_TRIALS.values()),
        "T14 CBT, relaxation, panic": _g(by_condition["panic"], "CBT", "relaxation"),
        "T14 CBT, relaxation, GAD": _g(by_condition["GAD"], "CBT", "relaxation"),
    }


def therapists(p: Parameters, rng: np.random.Generator) -> Result:
    """T15, T16: shares of variance between therapists, caseloads of about 25."""
    trial = simulate_trial(10_000, n_therapists=400, treatments=("CBT",), parameters=p, seed=rng)
    third = _at(trial, 3)
    outcome = analysis.variance_share(
        trial.clients, "outcome", "therapist", given=("severity_intake",)
    )
    alliance = analysis.variance_share(third, "alliance_client", "therapist")
    return {"T15 outcome": 100 * outcome["share"], "T16 alliance": 100 * alliance["share"]}


# T17: only what a setting may differ in: therapists' spread and correlation, the causal path.
SETTINGS: dict[str, dict[str, Any]] = {
    "between": {
        "therapist_alliance_sd": 0.45,
        "therapist_outcome_sd": 0.45,
        "therapist_correlation": 0.95,
        "alliance_path": 0.0,
    },
    "within": {
        "therapist_alliance_sd": 0.30,
        "therapist_outcome_sd": 0.30,
        "therapist_correlation": -0.8,
        "alliance_path": 1.2,
    },
}


def between_within(p: Parameters, rng: np.random.Generator) -> Result:
    """T17: outcome on therapist-mean and centred alliance in the two settings."""
    result = {}
    for setting, changes in SETTINGS.items():
        trial = simulate_trial(
            2000, n_therapists=80, treatments=("CBT",), parameters=replace(p, **changes), seed=rng
        )
        slopes = analysis.multilevel_slopes(
            _at(trial, 4), "outcome", "alliance_client", "therapist", given=("severity_intake",)
        )
        gap = slopes.loc["between", "slope"] - slopes.loc["within", "slope"]
        result[f"T17 {setting} is steeper"] = float((gap > 0) == (setting == "between"))
    return result


def ruptures(p: Parameters, rng: np.random.Generator) -> Result:
    """T18, T19, T39: how often, who notices, and what an unrepaired rupture goes with."""
    trial = _depression(p, rng)
    rate = trial.sessions[[f"rupture_{rater}" for rater in ("client", "therapist", "observer")]]
    rate = 100 * rate.mean()
    known = trial.sessions[trial.sessions["rupture_client"] & trial.sessions["rupture"]]
    repaired = (known.groupby("client")["repaired"].mean() >= 0.5).astype(float)
    clients = _at(trial, 4).set_index("client").join(repaired.rename("mended"), how="inner")
    partial = analysis.partial_correlation(clients, "mended", "outcome", ["alliance_client"])
    six = trial.sessions[trial.sessions["session"] <= 6].groupby("client")
    pairs = 100 * six[["rupture_client", "rupture_therapist"]].any().mean()
    return {
        "T18 client": rate["rupture_client"],
        "T18 observer": rate["rupture_observer"],
        "T18 therapist minus client": rate["rupture_therapist"] - rate["rupture_client"],
        "T19 repaired against unrepaired": analysis.correlation(clients, "mended", "outcome")["r"],
        # a regression weight, as the study reports it: all in standard deviations, given intake
        "T19 harm of unrepaired": _weights(clients, "outcome", ["mended", "severity_intake"])[0],
        "T19 given the alliance": partial["r"],
        "T39 pairs, client": pairs["rupture_client"],
        "T39 pairs, therapist": pairs["rupture_therapist"],
    }


def repair_training(p: Parameters, rng: np.random.Generator) -> Result:
    """T20: therapists randomised to repair training (one logit more in the odds of repair)."""
    trained = replace(p, repair_logit=p.repair_logit + 1)
    arms = [
        _depression(world, rng).clients.assign(trained=k) for k, world in enumerate((p, trained))
    ]
    return {"T20 training": analysis.correlation(pd.concat(arms), "trained", "outcome")["r"]}


def leavers(p: Parameters, rng: np.random.Generator) -> Result:
    """T22: last alliance up to session 3, stayers against leavers."""
    trial = _depression(p, rng)
    early = trial.sessions.query("session <= 3").groupby("client")["alliance_client"].last()
    groups = trial.clients.join(early, on="client").groupby("dropped_out")["alliance_client"]
    d = analysis.cohens_d(groups.get_group(False), groups.get_group(True))["d"]
    return {"T22 stayers minus leavers": d}


def raters(p: Parameters, rng: np.random.Generator) -> Result:
    """T23: client and therapist rate the same session."""
    fourth = _at(_depression(p, rng), 4)
    both = analysis.correlation(fourth, "alliance_client", "alliance_therapist")["r"]
    gap = analysis.cohens_d(fourth["alliance_client"], fourth["alliance_therapist"])["d"]
    return {"T23 agreement": both, "T23 gap": gap}


def form(p: Parameters, rng: np.random.Generator) -> Result:
    """T24: reliability, factors and ceiling of the client's form at session 4."""
    trial = _depression(p, rng, 3000, n_sessions=4, items=True)
    answers = trial.items.query("rater == 'client' and session == 4")
    factors = models.factor_models(answers)
    total = _at(trial, 4)["alliance_client"]
    return {
        "T24 lowest alpha": reliability(answers).loc[["bond", "goal", "task"], "alpha"].min(),
        "T24 goal with task": factors.loc[3, "goal_task"],
        "T24 agreement with bond": factors.loc[2, "agreement_bond"],
        "T24 gain of a third factor": factors.loc[3, "cfi"] - factors.loc[2, "cfi"],
        "T24 skew": total.skew(),
    }


def neighbours(p: Parameters, rng: np.random.Generator) -> Result:
    """T25: empathy, expectation and homework."""
    fourth = _at(_depression(p, rng), 4)
    return {
        "T25 empathy, outcome": analysis.correlation(fourth, "empathy", "outcome")["r"],
        "T25 empathy, alliance": analysis.correlation(fourth, "empathy", "alliance_client")["r"],
        "T25 expectation, outcome": analysis.correlation(fourth, "expectation", "outcome")["r"],
        "T25 homework, outcome": analysis.correlation(fourth, "homework_mean", "outcome")["r"],
    }


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
    long = _depression(world, rng, 2000, treatments=arms, n_sessions=30)
    ill = long.clients.loc[long.clients["severity_intake"] >= CUTOFF].set_index("client")
    scores = long.sessions[long.sessions["client"].isin(ill.index)]
    start = scores["client"].map(ill["severity_intake"])
    well = (scores["symptoms"] < CUTOFF) & (start - scores["symptoms"] >= RELIABLE)
    first = scores.loc[well].groupby("client")["session"].min().reindex(ill.index)
    time = first.fillna(ill["sessions_attended"]).to_numpy()
    left, median = 1.0, 30.0
    for session in range(1, 31):
        at_risk = (time >= session).sum()
        left *= 1 - (first == session).sum() / max(at_risk, 1)
        if left <= 0.5:
            median = float(session)
            break
    short = _depression(world, rng, 6000, treatments=arms, n_sessions=12).clients
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
    ratings = _completers(
        _depression(p, rng, 600, treatments=("CBT", "psychodynamic"), n_sessions=30)
    )
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
    early = _at(_depression(p, rng, treatments=("CBT", "psychodynamic")), 4)
    total = _weights(early, "outcome", ["expectation"])[0]
    direct = _weights(early, "outcome", ["expectation", "alliance_client"])[0]
    return {"T32 share by the alliance": 1 - direct / total}


def exposure(p: Parameters, rng: np.random.Generator) -> Result:
    """T33, T34: the alliance in OCD; task agreement in exposure, by way of homework."""
    arms = _depression(p, rng, conditions=("OCD",), treatments=("CBT", "exposure"))
    fourth = _at(arms, 4)
    fourth = fourth[~fourth["dropped_out"]]
    total, task = (
        analysis.correlation(fourth, f"{part}_client", "outcome")["r"]
        for part in ("alliance", "task")
    )
    whole = _weights(fourth, "outcome", ["task_client", "severity_intake"])[0]
    given = _weights(fourth, "outcome", ["task_client", "severity_intake", "homework_mean"])[0]
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
    trial = _depression(p, rng, 5350)
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
    clients = _depression(p, rng, treatments=("waitlist",), n_sessions=9).clients
    post = 27 - clients["outcome"]
    return {"T36 response": 100 * float((post <= clients["severity_intake"] / 2).mean())}


def feedback(p: Parameters, rng: np.random.Generator) -> Result:
    """T37: therapists who are shown progress against therapists who are not."""
    shown, not_shown = (
        _depression(world, rng, 6000).clients["outcome"] for world in (replace(p, **FEEDBACK), p)
    )
    return {"T37 feedback": analysis.cohens_d(shown, not_shown)["d"]}


def homework(p: Parameters, rng: np.random.Generator) -> Result:
    """T40: the same therapy with and without homework."""
    arms = [_depression(world, rng).clients["outcome"] for world in (p, replace(p, **NO_HOMEWORK))]
    return {"T40 with homework": analysis.cohens_d(*arms)["d"]}


TARGETS = {
    "literature": Target(literature, 200, 3),
    "components": Target(components, 200, 10),
    "goals": Target(goals, 40, 3),
    "reciprocity": Target(reciprocity, 16, 2),
    "within_slope": Target(within_slope, 100, 6),
    "early_change": Target(early_change, 200, 20),
    "adherence": Target(adherence, 24, 2),
    "head_to_head": Target(head_to_head, 200, 6),
    "activation": Target(activation, 60, 4),
    "dismantling": Target(dismantling, 40, 4),
    "support_and_size": Target(support_and_size, 40, 3),
    "specificity": Target(specificity, 24, 2),
    "therapists": Target(therapists, 24, 2),
    "between_within": Target(between_within, 40, 4),
    "ruptures": Target(ruptures, 40, 3),
    "repair_training": Target(repair_training, 40, 3),
    "leavers": Target(leavers, 40, 3),
    "raters": Target(raters, 40, 3),
    "form": Target(form, 16, 1),
    "neighbours": Target(neighbours, 40, 3),
    "practice": Target(practice, 24, 2),
    "trends": Target(trends, 24, 2),
    "leaving": Target(leaving, 24, 2),
    "expectation": Target(expectation, 40, 3),
    "exposure": Target(exposure, 40, 3),
    "spiral": Target(spiral, 24, 2),
    "waiting": Target(waiting, 40, 3),
    "feedback": Target(feedback, 40, 3),
    "homework": Target(homework, 24, 2),
}
