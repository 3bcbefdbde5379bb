"""What lesson 10 concludes holds on at least nineteen of twenty seeds."""

import re
from dataclasses import replace
from functools import cache

import nbformat
import numpy as np
import pandas as pd
import pytest

from alliance_course import estimate_interaction, simulate_trial
from alliance_course.folders import course_folder
from alliance_course.lessons.lesson_10 import plot_by_condition, technique_fit_picture
from alliance_course.measure.form import COMPONENTS
from alliance_course.simulate.parameters import PARAMETERS
from alliance_course.simulate.trial import Trial, simulate_worlds

NOTEBOOK = course_folder("notebooks") / "10-when-technique-still-matters.ipynb"
# the seed of the OCD trial in the notebook
SHOWN = 1


@cache
def ocd(seed: int) -> Trial:
    arms = {"conditions": ("OCD",), "treatments": ("exposure", "supportive")}
    return simulate_trial(2400, n_therapists=160, **arms, seed=seed)


def halves(trial: Trial) -> pd.DataFrame:
    """Clients at session 3, with the half of rated alliance that they belong to."""
    third = trial.at(3)
    return third.assign(half=pd.qcut(third["alliance_client"], 2, labels=["weak", "strong"]))


def corners(trial: Trial) -> pd.DataFrame:
    """Mean outcome where the alliance was rated weak and strong, one row per treatment."""
    by = halves(trial).groupby(["treatment", "half"], observed=True)
    return by["outcome"].mean().unstack()


def slope(trial: Trial, treatment: str) -> float:
    """Points of outcome for one point of rated alliance, within one treatment."""
    third = trial.at(3)
    arm = third[third["treatment"] == treatment]
    return float(np.polyfit(arm["alliance_client"], arm["outcome"], 1)[0])


@cache
def support_without(seed: int, **changes: float) -> float:
    """Slope in supportive therapy for OCD, many clients, some of the model's paths changed."""
    trial = simulate_trial(
        8000,
        n_therapists=400,
        conditions=("OCD",),
        treatments=("supportive",),
        parameters=replace(PARAMETERS, **changes),
        seed=seed,
    )
    return slope(trial, "supportive")


@cache
def ends(seed: int, condition: str, treatment: str, **changes: float) -> tuple[float, float]:
    """Symptoms at the end in a very weak and a very strong alliance, if nobody leaves."""
    worlds = [dict.fromkeys(COMPONENTS, level) for level in (-2, 2)]
    size = {"n_clients": 500, "n_sessions": 12, "condition": condition, "treatment": treatment}
    world = replace(PARAMETERS, **changes)
    followed = simulate_worlds(worlds, **size, parameters=world, seed=seed)
    weak, strong = followed["symptoms"][:, -1].mean(axis=1)
    return float(weak), float(strong)


@cache
def waiting(seed: int) -> float:
    size = {"n_clients": 500, "n_sessions": 12, "condition": "OCD", "treatment": "waitlist"}
    return float(simulate_worlds([{}], **size, seed=seed)["symptoms"][0, -1].mean())


def growth(seed: int, condition: str = "OCD", **changes: float) -> float:
    """How much more CBT adds to support at a very strong than at a very weak alliance."""
    support = ends(seed, condition, "supportive", **changes)
    method = ends(seed, condition, "CBT", **changes)
    return (support[1] - method[1]) - (support[0] - method[0])


@cache
def correlation(seed: int, condition: str, treatment: str) -> float:
    trial = simulate_trial(
        8000, n_therapists=400, conditions=(condition,), treatments=(treatment,), seed=seed
    )
    third = trial.at(3)
    return float(third["alliance_client"].corr(third["outcome"]))


@cache
def look(seed: int) -> dict[str, float]:
    trial = simulate_trial(
        3600,
        n_therapists=240,
        conditions=("GAD", "panic", "OCD"),
        treatments=("CBT", "relaxation"),
        seed=seed,
    )
    d = plot_by_condition(trial).table["d"]
    mean = corners(ocd(seed))
    gap = mean.loc["exposure"] - mean.loc["supportive"]
    left = halves(ocd(seed)).groupby("half", observed=True)["dropped_out"].mean()
    weak, strong = ends(seed, "OCD", "supportive")
    low = {name: ends(seed, name, "CBT") for name in ("OCD", "depression")}
    support = ends(seed, "depression", "supportive")
    return {
        **d.to_dict(),
        **{f"gap {half}": gap[half] for half in ("weak", "strong")},
        **{f"left {half}": left[half] for half in ("weak", "strong")},
        **estimate_interaction(ocd(seed), of="exposure").to_dict(),
        "method, very weak": weak - low["OCD"][0],
        "method, very strong": strong - low["OCD"][1],
        "support moves": weak - strong,
        "waiting minus support": waiting(seed) - strong,
        "depression, method": max(support[k] - low["depression"][k] for k in (0, 1)),
        "depression, support moves": support[0] - support[1],
        "support, slope": slope(ocd(seed), "supportive"),
    }


CLAIMS = {
    "next to nothing in GAD": lambda f: abs(f["GAD"]) < 0.2,
    "smaller in panic": lambda f: 0.15 < f["panic"] < f["OCD"] - 0.3,
    "large in OCD": lambda f: f["OCD"] > 0.7,
    "four tenths on average": lambda f: 0.3 < f["all"] < 0.5,
    "exposure is far ahead in both halves": lambda f: min(f["gap weak"], f["gap strong"]) > 5,
    "further apart in strong alliances": lambda f: f["gap strong"] > f["gap weak"],
    "the interval is wide": lambda f: f["high"] - f["low"] > 1.2,
    "twice as many leave in the weak half": lambda f: f["left weak"] > 1.5 * f["left strong"],
    "the method does most of its work even where the alliance is very weak": lambda f: (
        f["method, very strong"] > f["method, very weak"] > 0.55 * f["method, very strong"]
    ),
    "without the method the alliance does next to nothing": lambda f: f["support moves"] < 1,
    "support does hardly more than waiting": lambda f: f["waiting minus support"] < 1,
    "yet those who rate support better end better": lambda f: f["support, slope"] > 0.5,
    "in depression the method adds little": lambda f: f["depression, method"] < 1.8,
    "and the alliance much": lambda f: f["depression, support moves"] > 3,
}


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_claim_holds_on_nineteen_of_twenty_seeds(claim):
    assert sum(bool(CLAIMS[claim](look(seed))) for seed in range(20)) >= 19


def test_eight_of_twenty_trials_find_the_interaction_and_all_of_them_too_large():
    found = pd.DataFrame([look(seed) for seed in range(20)])
    seen = found[found["low"] > 0]
    assert len(seen) == 8
    assert seen["difference"].min() > found["difference"].mean() > 0
    shown = look(SHOWN)
    assert -0.3 < shown["low"] < 0 and 1.2 < shown["high"] < 1.6


# why the model does it: with these paths off, what the lesson says is gone or much smaller
WHY = {
    "what lands and what is done at home make the interaction": lambda seed: (
        abs(growth(seed, homework_share=0, task_uptake=0, defensiveness_path=0))
        < 0.25 * growth(seed)
    ),
    "a part by what lands": lambda seed: growth(seed, homework_share=0) > 0.3 * growth(seed),
    "a part by what is done at home": lambda seed: (
        growth(seed, task_uptake=0, defensiveness_path=0) > 0.15 * growth(seed)
    ),
    "in depression there is next to no interaction": lambda seed: (
        growth(seed, "depression") < 0.5 * growth(seed)
    ),
    "the ready rate higher and change more": lambda seed: (
        support_without(seed, readiness_alliance=0) < support_without(seed)
    ),
    "people who are getting better rate higher": lambda seed: (
        support_without(seed, reverse_path=0) < support_without(seed)
    ),
    "the alliance counts for less in OCD": lambda seed: (
        correlation(seed, "OCD", "exposure") < correlation(seed, "depression", "CBT")
    ),
}


@pytest.mark.parametrize("claim", WHY, ids=str)
def test_the_reason_holds_on_nineteen_of_twenty_seeds(claim):
    assert sum(bool(WHY[claim](seed)) for seed in range(20)) >= 19


def test_the_picture_of_the_corners_says_the_numbers_of_the_trial():
    outputs = [o for c in nbformat.read(NOTEBOOK, as_version=4).cells for o in c.get("outputs", [])]
    pictures = [o.data["text/plain"] for o in outputs if "image/png" in o.get("data", {})]
    [words] = [text for text in pictures if text.startswith("Mean outcome")]
    mean = corners(ocd(SHOWN))
    found = [f"{mean.loc[name, half]:.1f}" for name in mean.index for half in ("weak", "strong")]
    said = dict(re.findall(r"(exposure|support) (\d+\.\d and \d+\.\d)", words))
    assert mean.index.tolist() == ["supportive", "exposure"]
    assert [said["support"], said["exposure"]] == [" and ".join(found[:2]), " and ".join(found[2:])]
    gaps = mean.loc["exposure"] - mean.loc["supportive"]
    assert 0.5 < gaps["strong"] - gaps["weak"] < 1.5, "ahead by about a point more on the right"


def test_the_title_does_not_claim_what_is_not_there():
    design = {"n_therapists": 240, "treatments": ("CBT", "relaxation"), "seed": 10}
    trials = [simulate_trial(3600, conditions=c, **design) for c in (["GAD", "OCD"], ["GAD"])]
    titles = [plot_by_condition(trial).figure().axes[0].get_title("left") for trial in trials]
    assert "different answers" in titles[0] and "much the same" in titles[1]


def test_the_explorer_shows_what_the_answers_say():
    picture = technique_fit_picture()

    def said(condition, alliance):
        text = picture.describe({"condition": condition, "alliance": alliance})
        return [float(n) for n in re.findall(r"(\d+\.\d)(?= symptom| and| points|\.)", text)][-3:]

    values = {level: said("OCD", level) for level in (-2, 0, 2)}
    gaps = {level: gap for level, (_, _, gap) in values.items()}
    assert 5.4 < gaps[-2] < 6 and 6.8 < gaps[0] < 7.5 and 8.1 < gaps[2] < 8.7
    assert all(12.8 <= without <= 13.5 for _, without, _ in values.values())
    low = [said("depression", level) for level in (-2, 0, 2)]
    assert all(0.7 < gap < 1.3 for _, _, gap in low)
    assert low[0][0] - low[2][0] > 4 and low[0][1] - low[2][1] > 4
