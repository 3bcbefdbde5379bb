"""What lesson 11 concludes holds on at least nineteen of twenty seeds."""

from functools import cache

import pytest

from alliance_course.data.tables import load_dataset


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
    "many of them do well": lambda f: f["well low"] > 0.25,
    "many high raters do not": lambda f: f["well high"] < 0.75,
    "a first session says less than a fifth": lambda f: f["r 1"] < f["r 5"],
}


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_claim_holds_on_nineteen_of_twenty_seeds(claim):
    assert sum(bool(CLAIMS[claim](look(seed))) for seed in range(20)) >= 19
