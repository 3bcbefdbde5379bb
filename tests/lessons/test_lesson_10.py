"""What lesson 10 concludes holds on at least nineteen of twenty seeds."""

import re
from functools import cache

import nbformat
import pandas as pd
import pytest

from alliance_course import estimate_interaction, simulate_trial
from alliance_course.folders import course_folder
from alliance_course.lessons.lesson_10 import plot_by_condition, technique_fit_picture
from alliance_course.simulate.trial import Trial


@cache
def ocd(seed: int) -> Trial:
    arms = {"conditions": ("OCD",), "treatments": ("exposure", "supportive")}
    return simulate_trial(2400, n_therapists=160, **arms, seed=seed)


def corners(trial: Trial) -> pd.DataFrame:
    """Mean outcome where the alliance was rated weak and strong, one row per treatment."""
    third = trial.at(3)
    half = pd.qcut(third["alliance_client"], 2, labels=["weak", "strong"])
    return third.groupby(["treatment", half], observed=True)["outcome"].mean().unstack()


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
    return {**d.to_dict(), "growth": gap["strong"] - gap["weak"],
            **estimate_interaction(ocd(seed), of="exposure").to_dict()}  # fmt: skip


CLAIMS = {
    "next to nothing in GAD": lambda f: abs(f["GAD"]) < 0.2,
    "moderate in panic": lambda f: 0.2 < f["panic"] < 0.6,
    "large in OCD": lambda f: f["OCD"] > 0.7,
    "a little under a half on average": lambda f: 0.3 < f["all"] < 0.55,
    "further apart in strong alliances": lambda f: f["growth"] > 0,
    "a wide interval above zero": lambda f: f["low"] > 0 and f["high"] - f["low"] > 0.7,
}


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_claim_holds_on_nineteen_of_twenty_seeds(claim):
    assert sum(bool(CLAIMS[claim](look(seed))) for seed in range(20)) >= 19


def test_the_picture_of_the_corners_says_the_numbers_of_the_trial():
    path = course_folder("notebooks") / "10-when-technique-still-matters.ipynb"
    outputs = [o for c in nbformat.read(path, as_version=4).cells for o in c.get("outputs", [])]
    pictures = [o.data["text/plain"] for o in outputs if "image/png" in o.get("data", {})]
    [words] = [text for text in pictures if text.startswith("Mean outcome")]
    mean = corners(ocd(10))
    found = [f"{mean.loc[name, half]:.1f}" for name in mean.index for half in ("weak", "strong")]
    said = dict(re.findall(r"(exposure|support) (\d+\.\d and \d+\.\d)", words))
    assert mean.index.tolist() == ["supportive", "exposure"]
    assert [said["support"], said["exposure"]] == [" and ".join(found[:2]), " and ".join(found[2:])]
    assert look(10)["growth"] > 0, "the title says that they lie further apart in strong alliances"


def test_the_title_does_not_claim_what_is_not_there():
    design = {"n_therapists": 240, "treatments": ("CBT", "relaxation"), "seed": 10}
    trials = [simulate_trial(3600, conditions=c, **design) for c in (["GAD", "OCD"], ["GAD"])]
    titles = [plot_by_condition(trial).figure().axes[0].get_title("left") for trial in trials]
    assert "different answers" in titles[0] and "much the same" in titles[1]


def test_the_explorer_shows_what_the_answers_say():
    picture = technique_fit_picture()

    def gap(condition, alliance):
        text = picture.describe({"condition": condition, "alliance": alliance})
        return float(text.split("The method adds ")[1].split(" ")[0])

    assert 3 <= gap("OCD", 0) <= 4.5 and 0.4 <= gap("OCD", -2) <= 1.3 and 4 <= gap("OCD", 2) <= 5.4
    assert gap("depression", 0) <= 1.1
