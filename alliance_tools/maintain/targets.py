"""The published findings that the model must reproduce: design -> simulated data -> statistic.

Each function simulates one target's design once and returns its statistics by name; nothing is
fitted here. A target reads a true value only where its study could have known it (who was
randomised to what, who left). `statistics.csv` states what each number is compared with.

One set of parameters is used throughout, with other settings where the published designs differ:
the spread of competence (T09), therapists and the causal path (T17), planned endings in routine
practice (T27, T28, T31), feedback to the therapist (T37), homework left out (T40).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

import alliance_course as ac
from alliance_course.analyse.association import least_squares
from alliance_course.measure.reliability import reliability
from alliance_course.simulate.parameters import Parameters
from alliance_course.simulate.studies import correlate_by_study, simulate_studies
from alliance_course.simulate.trial import simulate_trial
from alliance_tools.maintain import time_targets
from alliance_tools.maintain.designs import (
    OCD_TRIALS,
    TRIAL_COMPETENCE,
    Result,
    depressed,
    difference,
    pooled,
    pooled_r,
    weights,
)


class Target(NamedTuple):
    """A function of (parameters, generator), and how many times the full calibration runs it."""

    simulate: Callable[[Parameters, np.random.Generator], Result]
    repeats: int
    quick: int


def literature(p: Parameters, rng: np.random.Generator) -> Result:
    """T01, T02, T05, T21, T26, T38: 295 studies of clients who finished."""
    clients = simulate_studies(295, parameters=p, seed=rng)
    stayed = clients[~clients["dropped_out"]]
    studies = correlate_by_study(stayed, "alliance_client")
    z = np.arctanh(studies["r"])
    overall = pooled(studies)
    adjusted = stayed[stayed["study"] <= 60]
    process = ("adherence", "competence")
    both = ("severity_intake", *process)
    left = clients.groupby("treatment", observed=True)["dropped_out"].mean()
    return {
        "T01 r": overall["r"],
        "T38 width of the interval": overall["high"] - overall["low"],
        "T02 SD of z": z.std(),
        "T02 share below 0": 100 * float((studies["r"] < 0).mean()),
        "T05 given intake": pooled_r(adjusted, "alliance_client", given=("severity_intake",))["r"],
        "T05 given process": pooled_r(adjusted, "alliance_client", given=process)["r"],
        "T05 given both": pooled_r(adjusted, "alliance_client", given=both)["r"],
        "T21 dropout": 100 * float(clients["dropped_out"].mean()),
        "T21 CBT minus psychodynamic": 100 * float(left["CBT"] - left["psychodynamic"]),
        "T26 therapist-rated r": pooled_r(stayed, "alliance_therapist")["r"],
        "T26 observer-rated r": pooled_r(stayed, "alliance_observer")["r"],
    }


def components(p: Parameters, rng: np.random.Generator) -> Result:
    """T03: 23 small studies that score the components."""
    clients = simulate_studies(23, median_clients=45, mean_clients=51, parameters=p, seed=rng)
    stayed = clients[~clients["dropped_out"]]
    task, bond = (pooled_r(stayed, f"{part}_client")["r"] for part in ("task", "bond"))
    return {"T03 task": task, "T03 bond": bond, "T03 task minus bond": task - bond}


def goals(p: Parameters, rng: np.random.Generator) -> Result:
    """T04: goal agreement at session 3, and task agreement at session 4 with homework."""
    trial = depressed(p, rng)
    third, fourth = trial.at(3), trial.at(4)
    z = fourth[["task_client", "homework_mean"]].apply(lambda c: (c - c.mean()) / c.std())
    fourth["collaboration"] = z.sum(axis=1)
    return {
        "T04 goal": ac.correlation(third, "goal_client", "outcome")["r"],
        "T04 collaboration": ac.correlation(fourth, "collaboration", "outcome")["r"],
    }


def _panel(p: Parameters, rng: np.random.Generator, n: int) -> pd.Series:
    trial = depressed(p, rng, n)
    stays = trial.sessions.groupby("client")["session"].transform("max") >= 7
    waves = trial.sessions[stays & (trial.sessions["session"] <= 7)]
    return ac.cross_lagged(waves, x="alliance_client", y="symptoms", waves=range(1, 8))


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
    trial = depressed(p, rng, 640)
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
    first, second = _t_values(alliance, early), _t_values(-slope, np.c_[early, alliance])
    return {
        "T08 severity lowers alliance": float(first[1] < -1),
        "T08 early change raises it": float(first[2] > 1),
        "T08 alliance, later change": float(second[3] > 1),
    }


def _t_values(y: np.ndarray, design: np.ndarray) -> np.ndarray:
    """Each slope over its error, in units of what p = .05 asks for."""
    slopes, errors, free = least_squares(design, y)
    return slopes / errors / stats.t.ppf(0.975, free)


def adherence(p: Parameters, rng: np.random.Generator) -> Result:
    """T09: rated technique inside one arm; competence in trials and in mixed practice."""
    design: dict[str, Any] = {"conditions": ("depression", "GAD", "panic"), "n": 10_000}
    practice = depressed(p, rng, **design).clients
    narrow = depressed(replace(p, competence_sd=TRIAL_COMPETENCE), rng, **design).clients
    ocd = depressed(p, rng, conditions=("OCD",)).clients
    return {
        "T09 adherence": ac.correlation(narrow, "adherence", "outcome")["r"],
        "T09 competence, trials": ac.correlation(narrow, "competence", "outcome")["r"],
        "T09 competence, practice": ac.correlation(practice, "competence", "outcome")["r"],
        "T09 adherence, OCD": ac.correlation(ocd, "adherence", "outcome")["r"],
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
    observed = difference(simulate_trial(80, n_therapists=10, **design), *pair)
    large = difference(simulate_trial(4000, n_therapists=400, **design), *pair)
    chance = rng.standard_normal((2, 40))
    return {
        "T10 mean d": large,
        "T10 mean absolute d": abs(large),
        "T10 observed absolute d": abs(observed),
        "T10 absolute d by chance": abs(ac.cohens_d(chance[0], chance[1])["d"]),
    }


def activation(p: Parameters, rng: np.random.Generator) -> Result:
    """T10, T14: behavioural activation beside CBT in depression, in points of the symptom form."""
    arms = ("behavioural activation", "CBT", "waitlist")
    trial = depressed(p, rng, treatments=arms)
    mean = trial.clients.groupby("treatment", observed=True)["outcome"].mean()
    return {
        "T10 activation minus CBT, points": mean["behavioural activation"] - mean["CBT"],
        "T14 activation, depression": difference(trial, "behavioural activation", "waitlist"),
    }


def dismantling(p: Parameters, rng: np.random.Generator) -> Result:
    """T11: two thirds of the technique; half as much again on the problem that it addresses."""
    full, reduced, more = (depressed(p, rng, dose=dose).clients for dose in (1.0, 2 / 3, 1.5))
    return {
        "T11 full minus dismantled": ac.cohens_d(full["outcome"], reduced["outcome"])["d"],
        "T11 additive, targeted problem": ac.cohens_d(
            full["outcome_target"], more["outcome_target"]
        )["d"],
    }


def support_and_size(p: Parameters, rng: np.random.Generator) -> Result:
    """T12, T13: supportive and full therapy and waiting list; change from intake in practice."""
    trial = depressed(p, rng, 6000, treatments=("CBT", "supportive", "waitlist"))
    practice = depressed(p, rng, treatments=("CBT", "psychodynamic", "integrative")).clients
    intake = practice["severity_intake"]
    return {
        "T12 supportive, waiting list": difference(trial, "supportive", "waitlist"),
        "T12 supportive, full therapy": difference(trial, "supportive", "CBT"),
        "T13 therapy, waiting list": difference(trial, "CBT", "waitlist"),
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
        "T14 CBT, OCD": difference(ocd, "CBT", "waitlist"),
        "T14 exposure, OCD": difference(ocd, "exposure", "waitlist"),
        "T14 exposure, attention control": difference(ocd, "exposure", "relaxation"),
        "T14 exposure minus CBT, OCD": difference(ocd, "exposure", "CBT"),
        "T14 exposure, all controls": sum(
            count * difference(ocd, "exposure", arm) for arm, count in OCD_TRIALS.items()
        )
        / sum(OCD_TRIALS.values()),
        "T14 CBT, relaxation, panic": difference(by_condition["panic"], "CBT", "relaxation"),
        "T14 CBT, relaxation, GAD": difference(by_condition["GAD"], "CBT", "relaxation"),
    }


def therapists(p: Parameters, rng: np.random.Generator) -> Result:
    """T15, T16: shares of variance between therapists, caseloads of about 25."""
    trial = simulate_trial(10_000, n_therapists=400, treatments=("CBT",), parameters=p, seed=rng)
    third = trial.at(3)
    outcome = ac.variance_share(trial.clients, "outcome", "therapist", given=("severity_intake",))
    alliance = ac.variance_share(third, "alliance_client", "therapist")
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
        slopes = ac.multilevel_slopes(
            trial.at(4), "outcome", "alliance_client", "therapist", given=("severity_intake",)
        )
        gap = slopes.loc["between", "slope"] - slopes.loc["within", "slope"]
        result[f"T17 {setting} is steeper"] = float((gap > 0) == (setting == "between"))
    return result


def ruptures(p: Parameters, rng: np.random.Generator) -> Result:
    """T18, T19, T39: how often, who notices, and what an unrepaired rupture goes with."""
    trial = depressed(p, rng)
    rate = trial.sessions[[f"rupture_{rater}" for rater in ("client", "therapist", "observer")]]
    rate = 100 * rate.mean()
    known = trial.sessions[trial.sessions["rupture_client"] & trial.sessions["rupture"]]
    repaired = (known.groupby("client")["repaired"].mean() >= 0.5).astype(float)
    clients = trial.at(4).set_index("client").join(repaired.rename("mended"), how="inner")
    partial = ac.partial_correlation(clients, "mended", "outcome", ["alliance_client"])
    six = trial.sessions[trial.sessions["session"] <= 6].groupby("client")
    pairs = 100 * six[["rupture_client", "rupture_therapist"]].any().mean()
    return {
        "T18 client": rate["rupture_client"],
        "T18 observer": rate["rupture_observer"],
        "T18 therapist minus client": rate["rupture_therapist"] - rate["rupture_client"],
        "T19 repaired against unrepaired": ac.correlation(clients, "mended", "outcome")["r"],
        # a regression weight, as the study reports it: all in standard deviations, given intake
        "T19 harm of unrepaired": weights(clients, "outcome", ["mended", "severity_intake"])[0],
        "T19 given the alliance": partial["r"],
        "T39 pairs, client": pairs["rupture_client"],
        "T39 pairs, therapist": pairs["rupture_therapist"],
    }


def repair_training(p: Parameters, rng: np.random.Generator) -> Result:
    """T20: therapists randomised to repair training (one logit more in the odds of repair)."""
    trained = replace(p, repair_logit=p.repair_logit + 1)
    arms = [depressed(world, rng).clients.assign(trained=k) for k, world in enumerate((p, trained))]
    return {"T20 training": ac.correlation(pd.concat(arms), "trained", "outcome")["r"]}


def leavers(p: Parameters, rng: np.random.Generator) -> Result:
    """T22: last alliance up to session 3, stayers against leavers."""
    trial = depressed(p, rng)
    early = trial.sessions.query("session <= 3").groupby("client")["alliance_client"].last()
    groups = trial.clients.join(early, on="client").groupby("dropped_out")["alliance_client"]
    d = ac.cohens_d(groups.get_group(False), groups.get_group(True))["d"]
    return {"T22 stayers minus leavers": d}


def raters(p: Parameters, rng: np.random.Generator) -> Result:
    """T23: client and therapist rate the same session."""
    fourth = depressed(p, rng).at(4)
    both = ac.correlation(fourth, "alliance_client", "alliance_therapist")["r"]
    gap = ac.cohens_d(fourth["alliance_client"], fourth["alliance_therapist"])["d"]
    return {"T23 agreement": both, "T23 gap": gap}


def form(p: Parameters, rng: np.random.Generator) -> Result:
    """T24: reliability, factors and ceiling of the client's form at session 4."""
    trial = depressed(p, rng, 3000, n_sessions=4, items=True)
    answers = trial.items.query("rater == 'client' and session == 4")
    factors = ac.factor_models(answers)
    total = trial.at(4)["alliance_client"]
    return {
        "T24 lowest alpha": reliability(answers).loc[["bond", "goal", "task"], "alpha"].min(),
        "T24 goal with task": factors.loc[3, "goal_task"],
        "T24 agreement with bond": factors.loc[2, "agreement_bond"],
        "T24 gain of a third factor": factors.loc[3, "cfi"] - factors.loc[2, "cfi"],
        "T24 skew": total.skew(),
    }


def neighbours(p: Parameters, rng: np.random.Generator) -> Result:
    """T25: empathy, expectation and homework."""
    fourth = depressed(p, rng).at(4)
    return {
        "T25 empathy, outcome": ac.correlation(fourth, "empathy", "outcome")["r"],
        "T25 empathy, alliance": ac.correlation(fourth, "empathy", "alliance_client")["r"],
        "T25 expectation, outcome": ac.correlation(fourth, "expectation", "outcome")["r"],
        "T25 homework, outcome": ac.correlation(fourth, "homework_mean", "outcome")["r"],
    }


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
    "practice": Target(time_targets.practice, 24, 2),
    "trends": Target(time_targets.trends, 24, 2),
    "leaving": Target(time_targets.leaving, 24, 2),
    "expectation": Target(time_targets.expectation, 40, 3),
    "exposure": Target(time_targets.exposure, 40, 3),
    "spiral": Target(time_targets.spiral, 24, 2),
    "waiting": Target(time_targets.waiting, 40, 3),
    "feedback": Target(time_targets.feedback, 40, 3),
    "homework": Target(time_targets.homework, 24, 2),
}
