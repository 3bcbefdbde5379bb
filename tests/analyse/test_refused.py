"""What people hand to the statistics: a sentence in the course's words, no wrong number."""

import numpy as np
import pandas as pd
import pytest

import alliance_course as ac

RNG = np.random.default_rng(5)
DATA = pd.DataFrame(
    {
        "client": np.repeat(np.arange(40), 3),
        "session": np.tile([1, 2, 3], 40),
        "therapist": np.repeat(np.arange(8), 15),
        "outcome": RNG.normal(size=120),
        "alliance": RNG.normal(size=120),
        "other": RNG.normal(size=120),
    }
)
REPEATED = pd.concat([DATA[:60], DATA[60:].set_axis(range(60))])
ASKED = {
    "correlation": lambda d: ac.correlation(d, "alliance", "outcome"),
    "partial_correlation": lambda d: ac.partial_correlation(d, "alliance", "outcome", "other"),
    "variance_share": lambda d: ac.variance_share(d, "outcome", "therapist"),
    "variance_share given": lambda d: ac.variance_share(d, "outcome", "therapist", given="other"),
    "multilevel_slopes": lambda d: ac.multilevel_slopes(d, "outcome", "alliance", "therapist"),
    "multilevel_slopes given": lambda d: ac.multilevel_slopes(
        d, "outcome", "alliance", "therapist", given=["other"]
    ),
    "split_within_between": lambda d: ac.split_within_between(d, "outcome", "therapist"),
    "cross_lagged": lambda d: ac.cross_lagged(d, x="alliance", y="outcome", waves=[1, 2, 3]),
}
OF_OUTCOME = [name for name in ASKED if name != "cross_lagged"]


def values(found):
    return np.asarray(found, dtype=float)


@pytest.mark.parametrize("name", OF_OUTCOME)
def test_a_repeated_index_changes_nothing(name):
    """As `pd.concat` leaves it; it was numpy's word about dimensions before."""
    assert np.allclose(values(ASKED[name](REPEATED)), values(ASKED[name](DATA)))


@pytest.mark.parametrize("name", OF_OUTCOME)
def test_numbers_as_text_with_a_point_are_numbers(name):
    text = DATA.assign(outcome=[f" {value!r} " for value in DATA["outcome"].tolist()])
    assert np.allclose(values(ASKED[name](text)), values(ASKED[name](DATA)))


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (DATA.assign(outcome=["5,0"] * 120), r"'outcome' does not hold numbers: .* point, 5\.0"),
        (DATA.assign(outcome=["many"] * 120), "'outcome' does not hold numbers: choose"),
        (DATA.assign(outcome=[[1, 2]] * 120), "'outcome' does not hold numbers"),
        (DATA.assign(outcome=pd.Timestamp("2026-11-26")), "'outcome' does not hold numbers"),
        (DATA.assign(outcome=1j), "'outcome' does not hold numbers"),
        (DATA.assign(outcome=np.inf), "infinite"),
        (pd.concat([DATA, DATA[["outcome"]]], axis=1), "2 columns 'outcome'"),
        (DATA.drop(columns="outcome"), "no column 'outcome'"),
        (DATA.to_dict("list"), "give a DataFrame"),
        ([1, 2, 3], "give a DataFrame"),
        (DATA["outcome"], "give a DataFrame"),
        (None, "give a DataFrame"),
    ],
    ids=range(12),
)
def test_tables_that_hold_no_numbers(name, broken, words):
    with pytest.raises(ValueError, match=words) as caught:
        ASKED[name](broken)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("odd", [["outcome"], {"outcome": 1}, 5, None])
def test_a_name_that_is_none(odd):
    with pytest.raises(ValueError, match=r"no column|is no name"):
        ac.correlation(DATA, odd, "outcome")
    with pytest.raises(ValueError, match=r"no column|is no name"):
        ac.variance_share(DATA, "outcome", "therapist", given=[odd])


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: ac.cohens_d(["5,0", "4,1"], [1, 2]), r"with a point, 5\.0"),
        (lambda: ac.cohens_d("12", [1, 2]), "give numbers in a list"),
        (lambda: ac.cohens_d(3, [1, 2]), "give numbers in a list"),
        (lambda: ac.cohens_d(DATA, [1, 2]), "give numbers in a list"),
        (lambda: ac.pool_effects(["0,1", "0,2"], [1, 1]), r"with a point, 0\.1"),
        (lambda: ac.pool_effects([[1, 2]], [[1, 2]]), "does not hold numbers"),
        (lambda: ac.pool_effects(0.3, 0.1), "give numbers in a list"),
        (lambda: ac.pool_effects([1, 2], [1, 2], level="0.95"), "level='0.95'"),
        (lambda: ac.pool_correlations(["0,3", "0,1"], [50, 60]), r"with a point, 0\.3"),
        (lambda: ac.rater_agreement("bond", "task"), "no list of labels"),
        (lambda: ac.rater_agreement(None, ["bond"]), "no list of labels"),
        (lambda: ac.score_form([4] * 12), "give all twelve in a DataFrame"),
        (lambda: ac.reliability({"bond_1": [1]}), "give all twelve in a DataFrame"),
        (lambda: ac.estimate_interaction([1], of="CBT"), "what simulate_trial returns"),
        (lambda: ac.cross_lagged(DATA, x="alliance", y="other", waves=5), "waves is a int"),
        (lambda: ac.cross_lagged(DATA, x="alliance", y="other", waves=["a", "b"]), "'waves'|waves"),
    ],
    ids=range(16),
)
def test_what_is_no_row_of_numbers(ask, words):
    with pytest.raises(ValueError, match=words) as caught:
        ask()
    assert "\n" not in str(caught.value)


def test_a_form_with_a_comma_in_an_answer():
    from alliance_course.measure.form import ITEMS

    form = pd.DataFrame([[4] * 12], columns=list(ITEMS)).astype(object)
    form.loc[0, "goal_2"] = "5,0"
    with pytest.raises(ValueError, match=r"'goal_2' does not hold numbers: .* point, 5\.0"):
        ac.score_form(form)
    twice = pd.concat([form, form[["bond_1"]]], axis=1)
    with pytest.raises(ValueError, match="'bond_1', or has it twice"):
        ac.score_form(twice)


SEEDED = {
    "simulate_trial": lambda seed: ac.simulate_trial(20, n_therapists=4, n_sessions=3, seed=seed)[
        1
    ],
    "simulate_literature": lambda seed: ac.simulate_literature(5, seed=seed),
    "load_dataset": lambda seed: ac.load_dataset("clients", seed=seed),
    "capstone": lambda seed: ac.capstone(seed).clients,
}


@pytest.mark.parametrize("name", SEEDED)
def test_a_seed_in_quotes_is_that_number(name):
    wanted = SEEDED[name](2031)
    for same in (" 2031 ", 2031.0):
        assert SEEDED[name](same).equals(wanted), same


@pytest.mark.parametrize("name", SEEDED)
@pytest.mark.parametrize("seed", ["", "abc", "20,31", "-1", -1, 2.5, "2.5", True, ["a"], {}, 1j])
def test_a_seed_that_is_none_is_refused_by_its_name(name, seed):
    with pytest.raises(ValueError, match=r"^seed=.*give a whole number from 0"):
        SEEDED[name](seed)
