"""Planning a study: power grows with what it should, is reproducible, and refuses nonsense."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from alliance_course.multilevel import mixed_model
from alliance_course.parameters import PARAMETERS
from alliance_course.planning import power
from alliance_course.simulate import simulate_trial


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


def test_the_table_is_the_studies_it_stands_for():
    """Power, error and mean are recomputed from single studies, simulated and fitted here."""
    design = {"clients": 60, "therapists": 6, "rater": "observer", "rated_session": 3}
    found = power(design, n_simulations=20, seed=7).loc[0]
    p, slopes = [], []
    for seed in np.random.SeedSequence(7).spawn(20):
        trial = simulate_trial(
            60, n_therapists=6, treatments=("CBT",), seed=np.random.default_rng(seed)
        )
        third = trial.clients.merge(trial.sessions.query("session == 3"), on="client")
        x = third[["alliance_observer"]].astype(float)
        table, _, _ = mixed_model(third["outcome"], x, third["therapist"])
        slopes.append(table.loc["alliance_observer", "slope"])
        p.append(table.loc["alliance_observer", "p"])
    share = np.mean(np.array(p) < 0.05)
    assert found["power"] == share
    assert found["mc_error"] == pytest.approx(np.sqrt(share * (1 - share) / 20))
    assert found["mean_estimate"] == pytest.approx(np.mean(slopes))
    assert found["failed"] == 0


def test_studies_that_cannot_be_analysed_are_counted_not_hidden():
    nobody_stays = replace(PARAMETERS, dropout_logit=5.0, dropout_slope=0.0)
    design = {"clients": 20, "therapists": 4, "parameters": nobody_stays, "rated_session": 6}
    found = power(design, n_simulations=10, seed=1).loc[0]
    assert found["failed"] == 1 and found["power"] == 0
    assert np.isnan(found["mean_estimate"])


def test_two_processes_give_the_same_bits():
    design = {"clients": 40, "therapists": 4}
    with ProcessPoolExecutor(2) as executor:
        spread = power(design, n_simulations=20, seed=5, executor=executor)
    pd.testing.assert_frame_equal(spread, power(design, n_simulations=20, seed=5), check_exact=True)


@pytest.mark.parametrize(
    ("design", "word"),
    [
        ({"persons": 3}, "persons"), ({"analysis": "warmth"}, "analysis"),
        ({"rater": "friend"}, "rater"), ({"analysis": "technique"}, "treatments"),
        ({"rated_session": 13}, "rated_session"), ({"parameters": {}}, "parameters"),
        ({"clients": 0}, "clients"), ({"sessions": 2.5}, "sessions"),
        ({"therapists": 1}, "therapists"), ({"clients": 10, "therapists": 10}, "therapists"),
        ({"condition": "grief"}, "grief"),
        ([], "design"),
    ],
)  # fmt: skip
def test_an_impossible_design_is_refused_by_name(design, word):
    with pytest.raises(ValueError, match=word):
        power(design, n_simulations=10)
    with pytest.raises(ValueError, match="n_simulations"):
        power({}, n_simulations=1)
