import re
from pathlib import Path

import pandas as pd
import pytest

from alliance_course.data import published
from alliance_course.data.published import SEEN, TOPICS, published_effects
from alliance_course.data.tables import load_dataset
from alliance_course.show.sources import cite
from alliance_tools.maintain.evidence import STRENGTH

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
    unseen = ~effects["verified"].isin(SEEN)
    assert (effects.loc[unseen, "strength"] == "not verified").all()
    assert (effects.loc[~unseen, "strength"] != "not verified").all()
    # "strong: r = .28" was read as a strong correlation
    assert not any(word in sure for sure in STRENGTH for word in ("strong", "moderate", "weak"))


def test_a_grade_says_why_in_four_columns():
    effects = published_effects()
    graded = effects["grade"].notna()
    why = effects[["design", "consistency", "bias", "directness"]]
    assert why[graded].notna().all(axis=None) and why[~graded].isna().all(axis=None)
    assert why[graded].map(lambda words: len(words.split()) <= 4).all(axis=None)
    assert effects.loc[graded, "verified"].isin(SEEN).all()
    assert effects.loc[graded, "seen"].notna().mean() > 0.8


def test_what_was_seen_second_hand_is_never_well_supported():
    effects = published_effects()
    second = effects["verified"] == "secondary"
    assert second.any() and (effects.loc[second, "strength"] != "well supported").all()
    assert all("second hand" in cite(row_id) for row_id in effects.index[second])


JARGON = (
    r"QM|\bF\(|CBASP|\bI2\b|\bOR\b|\bk = |n\.s\.|heterogen|homogen|moderat(or|es|ed)|significan|"
    r"\b[A-N]\d\d\b"
)
CAUSAL = r"\b(cause|causes|improves|leads? to|produces?|raises|reduces|helps people)\b"


def test_findings_are_one_plain_sentence_without_jargon():
    effects = published_effects()
    for row_id, row in effects[effects["grade"].notna()].iterrows():
        text = row["finding"]
        assert text[0].isupper() and text.endswith(".") and "!" not in text, row_id
        assert not re.search(r"\. [A-Z]", text), f"{row_id}: more than one sentence"
        assert not re.search(JARGON, text), f"{row_id}: {text}"
        assert not re.search(CAUSAL, text), f"{row_id}: {text}"
        assert len(text.split()) <= 48, f"{row_id}: {text}"


def test_a_number_of_studies_in_a_finding_is_that_of_the_row():
    for row_id, row in published_effects().iterrows():
        kinds = "studies|trials|samples|data sets|comparisons|meta-analyses|publications"
        found = re.match(rf"In (\d+) (?:direct |early )?(?:{kinds})\b", row["finding"])
        if found:
            assert found[1] in re.findall(r"\d+", str(row["k_studies"])), row_id
        people = re.match(r"Among (\d+) ", row["finding"])
        if people:
            assert people[1] in re.findall(r"\d+", str(row["n_clients"])), row_id


@pytest.mark.parametrize(
    ("row", "strength"),
    [
        ("A01", "well supported"),
        ("B01", "fairly supported"),
        ("F05", "thinly supported"),
        ("E13", "worked out, not observed"),
        ("D08", "not verified"),
        ("C03", "not graded"),
    ],
)
def test_strength_is_the_grade_in_words(row, strength):
    assert published_effects().loc[row, "strength"] == strength


def test_the_code_knows_no_row_by_name():
    text = Path(published.__file__).read_text(encoding="utf-8")
    code = re.sub(r'(?s)""".*?"""', "", text)
    assert not re.search(r"\b[A-N]\d\d\b", code)


def test_a_number_before_brackets_is_the_estimate():
    effects = published_effects()
    assert effects.loc["A12", "estimate"] == 0.34
    assert effects.loc["A12", "reported"].startswith("0.34 (")
    assert pd.isna(effects.loc["B10", "estimate"])


@pytest.mark.parametrize("row_id", IDS)
def test_citation_says_source_number_and_certainty(row_id):
    row, text = published_effects().loc[row_id], cite(row_id)
    assert ("https://doi.org/" in text) == pd.notna(row["doi"])
    assert ("not verified" in text) == (row["verified"] not in SEEN)
    assert ("95% CI" in text) == bool(pd.notna(row["ci_low"]) and pd.notna(row["ci_high"]))
    assert "nan" not in text and "\n" not in text and text.endswith(".")


def test_changing_a_table_does_not_change_the_course():
    effects = published_effects()
    effects["estimate"] = 0.0
    assert published_effects().loc["A01", "estimate"] == 0.278


def test_unknown_rows_and_topics_are_answered_kindly():
    with pytest.raises(ValueError, match="did you mean 'rupture'"):
        published_effects("ruptures")
    with pytest.raises(ValueError, match="A01 to N02 exist"):
        cite("A100")
