"""The teaching form: scoring, missing answers, reliability, and the model behind the answers."""

import numpy as np
import pandas as pd
import pytest

from alliance_course.measure.form import FORM, ITEMS, RATERS, score_form
from alliance_course.measure.reliability import reliability
from alliance_course.simulate.ratings import (
    STEPS,
    VIEW_BINS,
    draw_items,
    draw_steps,
    response_tables,
    view_bins,
)


def _answers(**changed):
    return pd.DataFrame([{**dict.fromkeys(ITEMS, 3), **changed}])


def test_the_form_has_four_items_a_component_in_three_wordings():
    assert list(FORM.index) == list(ITEMS)
    assert FORM.groupby("component").size().to_dict() == {"bond": 4, "goal": 4, "task": 4}
    assert FORM[list(RATERS)].map(len).min().min() > 20
    assert FORM["reversed"].sum() == 1


def test_a_reversed_item_is_turned():
    assert score_form(_answers(task_4=1))["task"].item() == (3 * 3 + 5) / 4
    assert score_form(_answers(task_3=1))["task"].item() == (3 * 3 + 1) / 4


def test_one_missing_answer_is_forgiven_and_two_are_not():
    one = score_form(_answers(bond_1=None, bond_2=5))
    assert one["bond"].item() == pytest.approx(11 / 3)
    two = score_form(_answers(bond_1=None, bond_2=None))
    assert np.isnan(two["bond"].item()) and np.isnan(two["alliance"].item())
    assert two["goal"].item() == 3


@pytest.mark.parametrize("bad", [0, 6, 2.5, -1])
def test_an_answer_off_the_scale_is_refused_by_name(bad):
    with pytest.raises(ValueError, match="goal_2"):
        score_form(_answers(goal_2=bad))


def test_a_missing_column_is_refused_by_name():
    with pytest.raises(ValueError, match="goal_2"):
        score_form(_answers().drop(columns="goal_2"))
    with pytest.raises(ValueError, match="too few"):
        reliability(_answers())


def test_alpha_agrees_with_pingouin():
    pingouin = pytest.importorskip("pingouin", reason="pingouin is not installed")
    from alliance_course.simulate.trial import simulate_trial

    items = simulate_trial(400, n_sessions=3, items=True, seed=4).items
    client = items.query("rater == 'client' and session == 3").astype({i: float for i in ITEMS})
    own = reliability(client)
    for component in ("bond", "goal"):
        theirs = pingouin.cronbach_alpha(client.filter(like=component))[0]
        assert own.loc[component, "alpha"] == pytest.approx(theirs, abs=1e-9)


def test_the_tables_are_the_response_model_that_they_claim_to_be():
    """Against answers made directly: thresholds of a loading times the view plus noise."""
    loading, thresholds = 0.8, (-1.5, -0.8, 0.1, 1.0)
    tables = response_tables(loading, thresholds)
    rng = np.random.default_rng(1)
    for view in (-2.0, 0.0, 1.3):
        bins = view_bins(np.full(200_000, view))
        centre = (bins[0] + 0.5) * 10 / VIEW_BINS - 5
        sums = tables.sums.take(bins * STEPS + draw_steps(rng, len(bins)))
        items = draw_items(tables, bins[:20_000], sums[:20_000], rng)
        np.testing.assert_array_equal(items.sum(axis=0), sums[:20_000] + 4)
        latent = loading * centre + np.sqrt(1 - loading**2) * rng.standard_normal((4, 200_000))
        offsets = np.array([-0.15, -0.05, 0.05, 0.15])
        direct = np.array(
            [
                (row[:, None] > np.add(thresholds, shift)).sum(axis=1)
                for row, shift in zip(latent, offsets, strict=True)
            ]
        )
        total = direct.sum(axis=0)
        assert sums.mean() == pytest.approx(total.mean(), abs=0.03)
        assert sums.std() == pytest.approx(total.std(), abs=0.03)
        np.testing.assert_allclose(items.mean(axis=1), direct.mean(axis=1) + 1, atol=0.05)
