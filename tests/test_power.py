"""Planning a study: power grows with what it should, is reproducible, and refuses nonsense."""

from dataclasses import replace

import pandas as pd
import pytest

from alliance_course.parameters import PARAMETERS
from alliance_course.power import power


def test_power_grows_with_clients_and_with_the_effect():
    small, large = power(
        [{"clients": 40, "therapists": 5}, {"clients": 160, "therapists": 16}],
        n_simulations=60, seed=1,
    )["power"]  # fmt: skip
    assert large > small + 0.15
    ocd = {"analysis": "technique", "condition": "OCD", "treatments": ("CBT", "supportive")}
    both = {"clients": 60, "therapists": 6}
    strong, weak = power(
        [{**ocd, **both}, {**ocd, **both, "condition": "depression"}], n_simulations=40, seed=2
    )["power"]
    assert strong > weak + 0.2


def test_without_an_effect_power_is_the_error_rate():
    nothing = replace(
        PARAMETERS, alliance_path=0.0, reverse_path=0.0, readiness_alliance=0.0, same_rater=0.0,
        dropout_slope=0.0,
    )  # fmt: skip
    found = power(
        {"parameters": nothing, "clients": 80, "therapists": 10}, n_simulations=200, seed=3
    )
    assert found.loc[0, "power"] < 0.05 + 3.3 * 0.0154


def test_same_seed_same_answer():
    design = {"clients": 40, "therapists": 4}
    first, again = (power(design, n_simulations=20, seed=5) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)


@pytest.mark.parametrize(
    ("design", "word"),
    [
        ({"persons": 3}, "persons"), ({"analysis": "warmth"}, "analysis"),
        ({"rater": "friend"}, "rater"), ({"analysis": "technique"}, "treatments"),
        ({"rated_session": 13}, "rated_session"), ({"parameters": {}}, "parameters"),
        ([], "design"),
    ],
)  # fmt: skip
def test_an_impossible_design_is_refused_by_name(design, word):
    with pytest.raises(ValueError, match=word):
        power(design, n_simulations=10)
    with pytest.raises(ValueError, match="n_simulations"):
        power({}, n_simulations=1)
