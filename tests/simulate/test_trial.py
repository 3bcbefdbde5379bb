"""The simulator: any valid design gives sound tables, any invalid one is refused by name."""

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from codebook import check_frame
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alliance_course.measure.form import score_form
from alliance_course.simulate.equations import Draws, People, follow
from alliance_course.simulate.parameters import CONDITIONS, PARAMETERS, TREATMENTS, Parameters
from alliance_course.simulate.trial import simulate_trial, simulate_worlds

designs = st.fixed_dictionaries(
    {
        "n_clients": st.integers(1, 60),
        "n_therapists": st.integers(8, 30),
        "n_sessions": st.integers(1, 20),
        "conditions": st.lists(st.sampled_from(CONDITIONS), min_size=1, unique=True),
        "treatments": st.lists(st.sampled_from(TREATMENTS), min_size=1, unique=True),
        "dose": st.floats(0, 3),
        "items": st.booleans(),
        "seed": st.integers(0, 2**32),
    }
)


@given(designs)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_valid_design_satisfies_the_codebook(design):
    trial = simulate_trial(**design)
    check_frame(trial.clients, "clients")
    check_frame(trial.sessions, "sessions")
    if design["items"]:
        check_frame(trial.items, "items")
    attended = trial.sessions.groupby("client").size()
    assert (attended.to_numpy() == trial.clients["sessions_attended"].to_numpy()).all()
    assert trial.clients["therapist"].max() <= design["n_therapists"]
    by_therapist = trial.clients.groupby("therapist")["treatment"].nunique()
    assert (by_therapist == 1).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_clients", 0),
        ("n_clients", 2.5),
        ("n_clients", True),
        ("n_therapists", 1),
        ("n_sessions", 61),
        ("conditions", ("grief",)),
        ("conditions", ()),
        ("treatments", ("CBT", "CBT")),
        ("treatments", "hypnosis"),
        ("dose", -1),
        ("dose", float("nan")),
        ("favoured", "hypnosis"),
        ("hold", {"warmth": 1}),
        ("hold", {"bond": 9}),
        ("parameters", {"reverse_path": 0}),
    ],
)
def test_an_impossible_design_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=name) as caught:
        simulate_trial(**{name: value})
    assert "\n" not in str(caught.value)


def _fields_with_range():
    return [entry for entry in Parameters.table() if "low" in entry]


@pytest.mark.parametrize("entry", _fields_with_range(), ids=lambda entry: entry["name"])
def test_every_parameter_has_a_unit_and_a_source_and_refuses_the_impossible(entry):
    assert entry["unit"] and entry["source"] and entry["meaning"]
    for value in (entry["low"] - 1, entry["high"] + 1, float("nan"), "much", None):
        with pytest.raises(ValueError, match=entry["name"]):
            replace(PARAMETERS, **{entry["name"]: value})


def test_tables_of_numbers_are_checked_too():
    for changes in (
        {"thresholds": (0.0, 0.0, 1.0, 2.0)},
        {"common_shares": (1.0,) * 4},
        {"common_shares": (1.0, 1.0, 1.0, -1.0, 1.0)},
        {"technique_effects": ((0.0,) * 8,) * 4},
        {"technique_effects": ((float("inf"),) * 8,) * 5},
    ):
        with pytest.raises(ValueError, match=next(iter(changes))):
            replace(PARAMETERS, **changes)


def test_same_seed_same_bytes_and_items_change_nothing_else():
    design = {"n_clients": 9000, "n_therapists": 300, "n_sessions": 3, "seed": 7}
    first, again, with_items = (
        simulate_trial(**design),
        simulate_trial(**design),
        simulate_trial(**design, items=True),
    )
    assert pickle.dumps(first.sessions) == pickle.dumps(again.sessions)
    pd.testing.assert_frame_equal(first.clients, with_items.clients)
    pd.testing.assert_frame_equal(first.sessions, with_items.sessions)
    assert not first.sessions.equals(simulate_trial(**{**design, "seed": 8}).sessions)


def test_items_add_up_to_the_scores_of_their_session():
    trial = simulate_trial(300, n_sessions=4, items=True, seed=3)
    client = trial.items[trial.items["rater"] == "client"].reset_index(drop=True)
    scores = score_form(client)
    for component in ("bond", "goal", "task"):
        np.testing.assert_allclose(scores[component], trial.sessions[f"{component}_client"])
    for rater in ("client", "therapist", "observer"):
        own = trial.items[trial.items["rater"] == rater].reset_index(drop=True)
        np.testing.assert_allclose(
            score_form(own)["alliance"], trial.sessions[f"alliance_{rater}"], atol=1e-6
        )


@given(
    st.sampled_from(["bond", "goal", "task"]),
    st.sampled_from(CONDITIONS),
    st.sampled_from(["CBT", "psychodynamic", "supportive"]),
    st.integers(0, 2**32),
)
@settings(max_examples=30, deadline=None)
def test_more_alliance_never_raises_expected_symptoms(component, condition, treatment, seed):
    p = replace(PARAMETERS, reverse_path=0.0)
    worlds = [{component: level} for level in (-2.0, -1.0, 0.0, 1.0, 2.0)]
    followed = simulate_worlds(
        worlds, 400, condition=condition, treatment=treatment, parameters=p, seed=seed
    )
    expected = followed["symptoms"].mean(axis=2)
    # goals act on the spread, and change the mean only by a rounding of luck at floor and ceiling
    slack = 0.25 if component == "goal" else 0.03
    assert (np.diff(expected, axis=0) <= slack).all()


def test_the_same_clients_meet_the_same_luck_in_every_world():
    followed = simulate_worlds([{"dose": 1.0}, {"dose": 1.0}, {"dose": 2.0}], 100, seed=5)
    for values in followed.values():
        np.testing.assert_array_equal(values[0], values[1])
    assert (followed["symptoms"][2] != followed["symptoms"][0]).any()
    with pytest.raises(ValueError, match="item_loading"):
        simulate_worlds([{"item_loading": 0.5}])
    with pytest.raises(ValueError, match="bond"):
        simulate_worlds([{"bond": 0.5}, {}])


def test_a_waiting_list_has_no_alliance():
    trial = simulate_trial(200, treatments=("CBT", "waitlist"), seed=1)
    waits = trial.clients.set_index("client")["treatment"] == "waitlist"
    waiting = trial.sessions["client"].map(waits)
    assert trial.sessions.loc[waiting, "alliance_client"].isna().all()
    assert trial.sessions.loc[waiting, "symptoms"].notna().all()
    assert not trial.sessions.loc[waiting, "rupture_observer"].any()
    assert not trial.clients.loc[waits.to_numpy(), "dropped_out"].any()


@pytest.mark.parametrize("bad", [{"tempo": 1.0}, {"bond": 1.0, "warmth": 0}])
def test_an_unknown_world_is_refused_by_name(bad):
    with pytest.raises(ValueError, match=r"tempo|warmth"):
        simulate_worlds([bad])


def test_in_practice_therapy_ends_when_things_are_good_enough_and_nobody_calls_it_dropout():
    world = replace(PARAMETERS, ending_sessions=3.0, dropout_logit=-9.0)
    trial = simulate_trial(400, n_sessions=30, parameters=world, seed=1)
    short = trial.clients["sessions_attended"] < 30
    assert short.mean() > 0.2
    assert trial.clients.loc[short, "dropped_out"].mean() < 0.1
    fixed = simulate_trial(
        400, n_sessions=30, parameters=replace(world, ending_sessions=0.0), seed=1
    ).clients
    assert (fixed.loc[~fixed["dropped_out"], "sessions_attended"] == 30).all()


def test_arrays_stay_small_enough_for_the_cache():
    """One number of double precision in an equation would double the time of all that follow."""
    rng, n = np.random.default_rng(1), 50
    people = People(
        condition=np.zeros(n, dtype=np.int8),
        treatment=np.zeros(n, dtype=np.int8),
        planned=np.full(n, 4, dtype=np.int16),
        therapist=rng.standard_normal((4, n), dtype=np.float32),
    )
    for now in follow(people, replace(PARAMETERS, ending_sessions=2.0), Draws(rng, n)):
        for name, values in now.items():
            if isinstance(values, np.ndarray) and values.dtype.kind == "f":
                assert values.dtype == np.float32, name
