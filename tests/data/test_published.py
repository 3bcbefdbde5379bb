import pandas as pd
import pytest

from alliance_course.data.published import STRENGTH, TOPICS, cite, published_effects
from alliance_course.data.tables import load_dataset

IDS = list(load_dataset("published_effects")["id"])


def test_topics_share_out_all_rows():
    parts = [published_effects(topic) for topic in TOPICS]
    assert sum(map(len, parts)) == len(published_effects()) == len(IDS)
    assert published_effects("components").index.str.startswith("B").all()


def test_numbers_are_numbers_and_lie_in_their_interval():
    effects = published_effects()
    assert effects["estimate"].dtype == float
    whole = effects.dropna(subset=["estimate", "ci_low", "ci_high"])
    assert len(whole) > 20
    assert whole["estimate"].between(whole["ci_low"], whole["ci_high"]).all()


def test_every_strength_is_a_word_that_is_explained():
    effects = published_effects()
    assert set(effects["strength"]) <= set(STRENGTH)
    unseen = effects["verified"] != "yes"
    assert (effects.loc[unseen, "strength"] == "not verified").all()
    assert (effects.loc[~unseen, "strength"] != "not verified").all()


@pytest.mark.parametrize(
    ("row", "strength"),
    [("A01", "strong"), ("B01", "moderate"), ("F05", "weak"), ("E13", "arithmetic")],
)
def test_strength_follows_the_rule(row, strength):
    assert published_effects().loc[row, "strength"] == strength


@pytest.mark.parametrize("row_id", IDS)
def test_citation_says_source_number_and_certainty(row_id):
    row, text = published_effects().loc[row_id], cite(row_id)
    assert ("https://doi.org/" in text) == pd.notna(row["doi"])
    assert ("not verified" in text) == (row["verified"] != "yes")
    assert ("95% CI" in text) == bool(pd.notna(row["ci_low"]) and pd.notna(row["ci_high"]))
    assert "nan" not in text and "\n" not in text and text.endswith(".")


def test_changing_a_table_does_not_change_the_course():
    effects = published_effects()
    effects["estimate"] = 0.0
    assert published_effects().loc["A01", "estimate"] == 0.278


def test_unknown_rows_and_topics_are_answered_kindly():
    with pytest.raises(ValueError, match="did you mean 'rupture'"):
        published_effects("ruptures")
    with pytest.raises(ValueError, match="A01 to I16 exist"):
        cite("A100")
