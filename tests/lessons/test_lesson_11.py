"""What lesson 11 concludes holds on at least nineteen of twenty seeds."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from shared import readings

from alliance_course.data.tables import load_dataset
from alliance_course.lessons.lesson_11 import first_sessions_picture
from alliance_course.simulate.parameters import PARAMETERS
from alliance_course.simulate.trial import simulate_worlds


@cache
def look(seed: int) -> dict[str, float]:
    """The clinic's design, other clients."""
    found = {}
    for session in (1, 3, 5):
        rows = load_dataset("sessions", session=session, seed=seed)
        found[f"r {session}"] = rows["alliance_client"].corr(rows["outcome"])
        if session == 3:
            low = rows["alliance_client"] < 3.5
            well = rows["severity_intake"] - (27 - rows["outcome"]) >= 5
            for name, group in (("low", low), ("high", ~low)):
                found[f"well {name}"] = well[group].mean()
                found[f"left {name}"] = rows.loc[group, "dropped_out"].mean()
                found[f"outcome {name}"] = rows.loc[group, "outcome"].mean()
    return found


CLAIMS = {
    "low raters end worse on average": lambda f: f["outcome low"] < f["outcome high"],
    "and leave more often": lambda f: f["left low"] > f["left high"],
    "most of them stay": lambda f: f["left low"] < 0.5,
    "about half of them do well": lambda f: 0.45 < f["well low"] < 0.65,
    "many high raters do not": lambda f: f["well high"] < 0.75,
    "a first session says less than a fifth": lambda f: f["r 1"] < f["r 5"],
}


@cache
def followed(seed: int, **changes: float) -> dict[str, float]:
    """The explorer's clients: how early ratings go with the end, and what leaving costs."""
    world = replace(PARAMETERS, **changes)
    found = simulate_worlds([{}], 4000, n_sessions=12, parameters=world, seed=seed)
    rated, present = found["alliance_client"][0], found["present"][0]
    outcome, stayed = found["outcome"][0], 27 - found["symptoms"][0, -1]
    here = {s: (rated[s - 1][present[s - 1]], outcome[present[s - 1]]) for s in (1, 5)}
    r = {s: np.corrcoef(*both)[0, 1] for s, both in here.items()}
    low = present[2] & (rated[2] < 4) & found["dropped_out"][0]
    return {"rise": float(r[5] - r[1]), "lost": float((stayed - outcome)[low].mean())}


FOLLOWED = {
    "a later rating goes with the end more closely": lambda seed: followed(seed)["rise"] > 0.03,
    "because improvement raises ratings": lambda seed: (
        followed(seed, reverse_path=0)["rise"] < 0.5 * followed(seed)["rise"]
    ),
    "low raters who leave lose about three points by it": lambda seed: (
        2.2 < followed(seed)["lost"] < 4.2
    ),
}


@pytest.mark.parametrize("claim", FOLLOWED, ids=str)
def test_what_the_answers_say_holds_on_nineteen_of_twenty_seeds(claim):
    assert sum(bool(FOLLOWED[claim](seed)) for seed in range(20)) >= 19


def test_the_explorer_shows_what_the_answers_say():
    picture = first_sessions_picture()

    def at(session: str, cut: float) -> dict[str, float]:
        return readings(picture, session=session, cut=cut)

    third, strict = at("3", 4), at("3", 3)
    assert 0.4 < third["low_well"] < 0.5 and 0.57 < third["high_well"] < 0.65
    assert 1 / 3 < strict["low_well"] < third["low_well"] and strict["low_share"] < 0.2
    assert third["low_left"] > third["high_left"]
    assert f"{at('5', 4)['r']:.2f} {at('1', 4)['r']:.2f}" == "0.34 0.24"


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_claim_holds_on_nineteen_of_twenty_seeds(claim):
    assert sum(bool(CLAIMS[claim](look(seed))) for seed in range(20)) >= 19
