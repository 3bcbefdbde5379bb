"""What lesson 10 concludes holds on at least nineteen of twenty seeds."""

from functools import cache

import pytest

from alliance_course import estimate_interaction, simulate_trial
from alliance_course.lessons.lesson_10 import _by_condition, _corners, technique_fit_picture


@cache
def look(seed: int) -> dict[str, float]:
    trial = simulate_trial(
        3600,
        n_therapists=240,
        conditions=("GAD", "panic", "OCD"),
        treatments=("CBT", "relaxation"),
        seed=seed,
    )
    d = _by_condition(trial)["d"]
    ocd = simulate_trial(
        2400,
        n_therapists=160,
        conditions=("OCD",),
        treatments=("exposure", "supportive"),
        seed=seed,
    )
    mean = _corners(ocd)["mean"]
    gap = mean.loc["exposure"] - mean.loc["supportive"]
    return {**d.to_dict(), "growth": gap["rated strong"] - gap["rated weak"],
            **estimate_interaction(ocd, of="exposure").to_dict()}  # fmt: skip


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


def test_the_explorer_shows_what_the_answers_say():
    picture = technique_fit_picture()

    def gap(condition, alliance):
        text = picture.describe({"condition": condition, "alliance": alliance})
        return float(text.split("The method adds ")[1].split(" ")[0])

    assert 3 <= gap("OCD", 0) <= 4.5 and 0.4 <= gap("OCD", -2) <= 1.3 and 4 <= gap("OCD", 2) <= 5.4
    assert gap("depression", 0) <= 1.1
