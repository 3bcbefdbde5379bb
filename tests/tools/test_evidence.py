"""The page on what statements rest on: made from the table, and every number from a cited row."""

import re

import pytest

from alliance_course.data.published import SEEN, published_effects
from alliance_course.folders import course_folder
from alliance_tools.maintain.evidence import (
    PAGE,
    STRENGTH,
    cited_rows,
    evidence_page,
    newest_year,
    statements,
)

EFFECTS = published_effects()
SENTENCES = [
    (entry["says"], side, sentence)
    for entry in statements()
    for side in ("believer", "sceptic")
    for sentence in re.split(r"(?<=\.)\s+(?=[A-Z])", entry[side].strip())
]
every_statement = pytest.mark.parametrize("entry", statements(), ids=lambda entry: entry["says"])


def numbers(text: str) -> set[float]:
    return {abs(float(n)) for n in re.findall(r"(?<![\w.])-?\d*\.?\d+", text)}


def test_the_committed_page_is_what_the_generator_writes():
    page = (course_folder("datasets") / PAGE).read_text(encoding="utf-8")
    assert page == evidence_page(), "alliance-course evidence --write mends it"


@pytest.mark.parametrize(("says", "side", "sentence"), SENTENCES)
def test_every_number_is_in_a_row_that_its_sentence_cites(says, side, sentence):
    rows = cited_rows(sentence)
    if "own arithmetic" in sentence:
        assert rows
        return
    # "18 in 100" says 18, and 100 is only what it is counted in
    said = numbers(re.sub(r"\b[A-N]\d\d\b|\b(in|[Oo]f) 100\b", "", sentence))
    printed = {"effect_type", "ci_low", "ci_high", "estimate", "reported", "k_studies", "n_clients"}
    known = " ".join(
        str(value) for row in rows for value in EFFECTS.loc[row, [*printed, "finding", "seen"]]
    )
    assert said <= numbers(re.sub(r"(?<=\d)-(?=\d)", " ", known)), said


@every_statement
def test_each_statement_cites_graded_rows_on_both_sides(entry):
    for side in ("believer", "sceptic"):
        rows = cited_rows(entry[side])
        assert rows, side
        assert EFFECTS.loc[rows, "verified"].isin(SEEN).all()
        assert EFFECTS.loc[rows, "grade"].notna().all()


@every_statement
def test_no_statement_is_better_supported_than_its_best_row(entry):
    words = list(STRENGTH)
    best = min(words.index(EFFECTS.loc[row, "strength"]) for row in cited_rows(entry["believer"]))
    assert words.index(entry["supported"]) >= best
    assert not re.search("[!]", entry["believer"] + entry["sceptic"])


def test_the_year_is_that_of_the_newest_source():
    assert newest_year(["A01", "A05"]) == 2018
    assert newest_year(["E31", "K01"]) == 2024


def test_a_change_in_the_table_changes_the_page(monkeypatch):
    from alliance_tools.maintain import evidence

    changed = EFFECTS.copy()
    changed.loc["A01", "strength"] = "thinly supported"
    changed.loc["A01", "citation"] = "Somebody, 2031, Psychotherapy, 1(1), 1-2"
    before = evidence_page()
    monkeypatch.setattr(evidence, "published_effects", lambda: changed)
    after = evidence_page()
    assert "Newest source: 2031" in after and after != before
