"""The exchanges keep their form, their balance and the codebook's rules that can be counted."""

import re
from itertools import pairwise

import pandas as pd
import pytest
from shared import guess

from alliance_course.data.tables import describe_dataset, load_dataset
from alliance_course.measure.agreement import rater_agreement
from alliance_course.questions.labels import LABELS, compare_labels, label_exchanges

EXCHANGES = load_dataset("exchanges")
TURNS = EXCHANGES["text"].str.split(" / ")


def test_turns_are_two_to_six_and_say_who_speaks():
    assert TURNS.str.len().between(2, 6).all()
    for turns in TURNS:
        speakers = [turn.partition(": ")[0] for turn in turns]
        assert set(speakers) == {"Client", "Therapist"}
        assert all(one != other for one, other in pairwise(speakers)), turns
    assert not EXCHANGES["text"].str.contains(r"/(?! (?:Client|Therapist): )").any()


def test_labels_are_balanced():
    assert len(EXCHANGES) >= 96
    assert EXCHANGES["component"].value_counts(normalize=True).between(0.3, 0.37).all()
    wanted = pd.Series({"built": 0.4, "strained": 0.3, "repaired": 0.3})
    assert (EXCHANGES["happens"].value_counts(normalize=True) - wanted).abs().max() < 0.02
    assert EXCHANGES["condition"].value_counts(normalize=True).between(0.15, 0.25).all()
    strained = EXCHANGES[EXCHANGES["happens"] == "strained"]
    both = strained.groupby(["component", "movement"], observed=True).size()
    assert len(both) == 6 and both.min() >= 4
    # no label can be told from the condition alone
    together = pd.crosstab(EXCHANGES["condition"], EXCHANGES["component"])
    assert together.shape == (5, 3) and together.to_numpy().min() >= 5


def test_movement_stands_exactly_where_something_is_strained():
    assert (EXCHANGES["movement"].notna() == (EXCHANGES["happens"] == "strained")).all()


def test_what_is_strained_ends_with_the_client_and_what_is_repaired_has_both():
    for row in EXCHANGES.itertuples():
        turns = row.text.split(" / ")
        if row.happens == "strained":
            assert turns[-1].startswith("Client: "), row.id
        if row.happens == "repaired":
            assert len(turns) >= 4, f"{row.id}: too short to be strained and mended"


def test_no_exchange_is_a_copy_and_no_order_gives_labels_away():
    words = [frozenset(re.findall(r"\w{4,}", text.lower())) for text in EXCHANGES["text"]]
    for i, one in enumerate(words):
        assert all(len(one & other) < 0.4 * len(one | other) for other in words[:i])
    longest = (EXCHANGES["component"] != EXCHANGES["component"].shift()).cumsum().value_counts()
    assert longest.max() <= 6


def test_each_reason_is_its_own_and_hard_cases_are_marked():
    assert EXCHANGES["why"].is_unique
    assert EXCHANGES["why"].str.len().between(40, 260).all()
    hard = EXCHANGES[EXCHANGES["why"].str.startswith("A hard case")]
    assert hard["component"].value_counts().min() >= 4 and 0.1 < len(hard) / len(EXCHANGES) < 0.3


def test_tone_is_plain_and_kind():
    text = " ".join(EXCHANGES["text"] + " " + EXCHANGES["why"])
    assert "!" not in text and "\N{EM DASH}" not in text
    assert not re.search(r"\b(difficult|resistant|manipulative|non-?compliant) client", text, re.I)


def test_the_card_says_how_labels_were_made_and_what_they_are_not():
    card = " ".join(describe_dataset("exchanges").card.split())
    assert "one key" in card and "not a validated coding system" in card
    assert f"{len(EXCHANGES)} exchanges" in card
    for label in (label for labels in LABELS.values() for label in labels):
        assert f"*{label}*: " in card


def test_the_labels_to_choose_from_are_those_of_the_codebook():
    for what, labels in LABELS.items():
        allowed = describe_dataset("exchanges").codebook.loc[what, "allowed"]
        assert allowed.split(", ") == list(labels)


def test_agreement_by_hand():
    # agreed 7 of 10; by chance (5 x 4 + 3 x 4 + 2 x 2) / 100
    one = ["bond"] * 5 + ["goal"] * 3 + ["task"] * 2
    other = ["bond"] * 4 + ["goal"] * 3 + ["task"] + ["goal"] + ["task"]
    found = rater_agreement(one, other)
    assert found["agreed"] == pytest.approx(0.7)
    assert found["by_chance"] == pytest.approx((5 * 4 + 3 * 4 + 2 * 2) / 100)
    assert found["kappa"] == pytest.approx((0.7 - 0.36) / (1 - 0.36))
    pd.testing.assert_series_equal(rater_agreement(other, one), found)


@pytest.mark.parametrize(
    ("one", "other", "kappa"),
    [
        (["bond", "goal"], ["bond", "goal"], 1.0),
        (["bond", "goal"], ["goal", "bond"], -1.0),
        (["bond", "bond"], ["bond", "goal"], 0.0),
        (["bond", None, "goal"], ["bond", "task", "goal"], 1.0),
    ],
)
def test_agreement_at_its_ends(one, other, kappa):
    assert rater_agreement(one, other)["kappa"] == pytest.approx(kappa)


def test_one_label_throughout_leaves_nothing_beyond_chance():
    found = rater_agreement(["bond"] * 3, ["bond"] * 3)
    assert found["agreed"] == 1 and pd.isna(found["kappa"])


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match="2 labels and 1 labels"):
        rater_agreement(["bond", "goal"], ["bond"])
    with pytest.raises(ValueError, match="labelled by both"):
        rater_agreement([None], ["bond"])
    built = EXCHANGES.loc[EXCHANGES["happens"] == "built", "id"].iloc[0]
    for ids, what, message in [
        (["x999"], "component", "'x999' is no exchange"),
        ([], "component", "at least one"),
        (["x001", "x001"], "component", "only once"),
        (["x001"], "mood", "what='mood'"),
        ([built], "movement", "not strained"),
    ]:
        for function in (label_exchanges, compare_labels):
            with pytest.raises(ValueError, match=message):
                function(ids, what=what)


def test_labels_are_kept_and_put_beside_the_key(tmp_path, monkeypatch):
    monkeypatch.setenv("ALLIANCE_PROGRESS", str(tmp_path / "progress.json"))
    six = list(EXCHANGES["id"].iloc[:6])
    key = EXCHANGES["component"].iloc[:6].astype(str)
    assert compare_labels(six).startswith("You have labelled 0 of 6.")
    given = [*key.iloc[:5], "bond" if key.iloc[5] != "bond" else "task"]
    for place, (name, label) in enumerate(zip(six, given, strict=True), 1):
        guess(f"{name}.component", label)
        if place < 6:
            assert compare_labels(six).startswith(f"You have labelled {place} of 6.")
    text = compare_labels(six)
    assert text.count("Same.") == 5 and text.count("You: ") == 6
    chance = 6 * rater_agreement(given, key)["by_chance"]
    said = f"You and the key agree on 5 of 6. Chance alone would give {chance:.1f}."
    assert text.splitlines()[0] == said
    for why in EXCHANGES["why"].iloc[:6]:
        assert why in text


def test_each_exchange_is_shown_with_its_labels():
    strained = list(EXCHANGES.loc[EXCHANGES["movement"].notna(), "id"].iloc[:2])
    shown = label_exchanges(strained, what="movement")
    assert "1 of 2" in shown.still["text/html"] and "<strong>Client:</strong>" in str(shown.still)
    (card,) = shown.spec["cards"]
    assert [option["key"] for option in card["options"]] == list(LABELS["movement"])
    for item, name in zip(card["items"], strained, strict=True):
        row = EXCHANGES.set_index("id").loc[name]
        assert (item["id"], item["key"]) == (f"{name}.movement", row["movement"])
        assert " / ".join(": ".join(turn) for turn in item["turns"]) == row["text"]
