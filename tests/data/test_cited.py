"""What lessons say of a published row is what the table says: grade words, units, what was seen."""

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from alliance_course.data.published import SEEN, published_effects
from alliance_course.folders import course_folder
from alliance_tools.maintain.evidence import STRENGTH

EFFECTS = published_effects()
NOTEBOOKS = sorted(course_folder("notebooks").glob("*.ipynb"))
# L06.O1 is an objective of a lesson, not a row
ROW = r"\b([A-N]\d\d)\b(?!\.[A-Z])"
WORDS = list(STRENGTH)
# words from before the grades stood in the table, understood until no lesson uses them
OLD = {
    "strong": "well supported",
    "moderate": "fairly supported",
    "weak": "thinly supported",
    "arithmetic": "worked out, not observed",
}
_NAMES = "|".join([*OLD, *WORDS])
MARK = re.compile(rf"\*\*[^*\n]*?\b({_NAMES}):\*\*", flags=re.IGNORECASE)
# in a lesson the row is the title of a link: ([Meier, 2022](#References "H10"), thinly supported)
APART = re.compile(rf"{ROW}(?:\"\))?[,;:] ({'|'.join(WORDS)})")
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@cache
def cells(path: Path, kind: str) -> tuple[str, ...]:
    notebook = nbformat.read(path, as_version=4)
    return tuple(cell.source for cell in notebook.cells if cell.cell_type == kind)


def bullets() -> list[tuple[str, str, str]]:
    """Lesson, word and text of every graded part of a bullet: from one bold word to the next."""
    found = []
    for path in NOTEBOOKS:
        for line in "\n".join(cells(path, "markdown")).splitlines():
            marks = [*MARK.finditer(line)] if line.startswith("* ") else []
            places = [mark.start() for mark in marks] + [len(line)]
            for mark, (start, end) in zip(marks, pairwise(places), strict=True):
                found.append((path.name[:2], mark[1].lower(), line[start:end]))
    return found


def problem(word: str, text: str) -> str:
    """What is wrong with a bullet's word; "" if it is the grade of its rows."""
    apart = dict(APART.findall(text))
    for row, said in apart.items():
        if said != EFFECTS.loc[row, "strength"]:
            return f"{row} is {EFFECTS.loc[row, 'strength']}"
    rows = [row for row in dict.fromkeys(re.findall(ROW, text)) if row not in apart]
    if not rows:
        return "" if apart else "cites no row"
    # the weakest row decides, unless the sentence says of a row that it is supported otherwise
    weakest = max(rows, key=lambda row: WORDS.index(EFFECTS.loc[row, "strength"]))
    due = {EFFECTS.loc[weakest, "strength"]}
    if "own arithmetic" in text:
        due.add("worked out, not observed")
    return "" if OLD.get(word, word) in due else f"{weakest} is {EFFECTS.loc[weakest, 'strength']}"


def named(lesson: str, text: str) -> str:
    return " ".join([lesson, *dict.fromkeys(re.findall(ROW, text))])


BULLETS = bullets()


@pytest.mark.parametrize(
    ("lesson", "word", "text"), BULLETS, ids=[named(lesson, text) for lesson, _, text in BULLETS]
)
def test_a_bullets_word_is_the_grade_of_its_rows(lesson, word, text):
    assert not problem(word, text), f"{problem(word, text)}: {text}"


def test_the_rule_itself():
    assert problem("well supported", "**Well supported:** it goes together (A01).") == ""
    assert problem("strong", "**Strong:** it goes together (A01).") == ""
    assert "F05" in problem("well supported", "**Well supported:** so (A01), and so (F05).")
    assert problem("well supported", "**Well supported:** (A01), (F05, thinly supported).") == ""
    assert problem("well supported", "**Well supported:** (A01), (F05, fairly supported).")
    assert problem("fairly supported", "**Fairly supported:** everybody says so.")
    text = "**Worked out, not observed:** 59 in 100 (A01, own arithmetic)."
    assert problem("worked out, not observed", text) == ""


@every_notebook
def test_no_word_can_be_read_as_the_size_of_a_correlation(path):
    text = "\n".join(cells(path, "markdown"))
    used = [*MARK.findall(text), *re.findall(rf"\*\*({'|'.join(OLD)})\*\*", text)]
    assert not {word.lower() for word in used} & set(OLD)


UNITS = {
    "r": r"\br (?:=|of|about|is|was) (?:about )?(-?\d*\.\d+)|"
    r"correlation(?: \w+){0,3}? (?:is|was|of|at) (?:about )?(-?\d*\.\d+)",
    "d": r"\bd (?:=|of|about|is|was) (?:about )?(-?\d*\.\d+)",
    "g": r"\bg (?:=|of|about|is|was) (?:about )?(-?\d*\.\d+)",
    "beta": r"\bbeta (?:=|of|about|is|was) (?:about )?(-?\d*\.\d+)",
    "SD": r"(-?\d*\.\d+) (?:of a )?(?:SD\b|\[?standard deviations?)",
    "percent": r"(\d*\.?\d+)(?: (?:to|and) (\d*\.?\d+))? ?(?:%|per ?cent\b)",
}
FITS = {"SD": ("d", "g", "SMD")}


def same(number: str, text: object) -> bool:
    """Whether a number stands in a text, however many zeros it is written with."""
    every = re.findall(r"(?<![\w.])-?\d*\.?\d+", re.sub(r"(?<=\d)-(?=\d)", " ", str(text)))
    return abs(float(number)) in {abs(float(other)) for other in every}


def unit_fits(unit: str, number: str, row: pd.Series) -> bool:
    kind = row["effect_type"].split()[0].rstrip(",:")
    if kind in FITS.get(unit, (unit,)):
        return True
    text = f"{row['reported']} {row['finding']}"
    beside = re.findall(r"(\d*\.?\d+)(?: to (\d*\.?\d+))? (?:percent|in 100)", text)
    return unit == "percent" and any(same(number, n) for pair in beside for n in pair if n)


def sentences() -> list[tuple[str, str]]:
    found = []
    for path in NOTEBOOKS:
        text = re.sub(r"\(00-start[^)]*\)|<[^>]+>", " ", "\n\n".join(cells(path, "markdown")))
        for sentence in re.split(r"(?<=[.?:])\s+(?=[A-Z*])|\n", text):
            if re.search(ROW, sentence) and "own arithmetic" not in sentence:
                found.append((path.name[:2], sentence.replace("\u2212", "-")))
    return found


def quoted() -> list[tuple[str, str, str, str]]:
    """Lesson, unit, number and the sentence of every published number with a unit."""
    return [
        (lesson, unit, number, sentence)
        for lesson, sentence in sentences()
        for unit, pattern in UNITS.items()
        for match in re.finditer(pattern, sentence)
        for number in match.groups()
        if number
    ]


def nearest_row(number: str, sentence: str) -> list[str]:
    """The rows in which the number is printed, among those that the sentence cites."""
    columns = ["reported", "ci_low", "ci_high", "finding"]
    rows = dict.fromkeys(row for row in re.findall(ROW, sentence) if row in EFFECTS.index)
    return [row for row in rows if any(same(number, EFFECTS.loc[row, c]) for c in columns)]


QUOTED = quoted()


@pytest.mark.parametrize(
    ("lesson", "unit", "number", "sentence"),
    QUOTED,
    ids=[" ".join([q[0], *nearest_row(q[2], q[3]), q[1], q[2]]) for q in QUOTED],
)
def test_a_published_number_has_the_unit_of_its_row(lesson, unit, number, sentence):
    rows = nearest_row(number, sentence)
    assert rows, f"{number} is in no row that is cited: {sentence}"
    assert any(unit_fits(unit, number, EFFECTS.loc[row]) for row in rows), (
        f"{rows} have {[EFFECTS.loc[row, 'effect_type'] for row in rows]}, not {unit}: {sentence}"
    )


def test_units_are_told_apart():
    assert unit_fits("r", ".278", EFFECTS.loc["A01"])
    assert not unit_fits("SD", "0.45", EFFECTS.loc["D07"])
    assert unit_fits("beta", "0.45", EFFECTS.loc["D07"])
    assert not unit_fits("r", "0.48", EFFECTS.loc["E28"])
    assert unit_fits("percent", "2", EFFECTS.loc["A01"])
    assert len(QUOTED) > 50


@every_notebook
def test_rows_that_a_lesson_shows_are_graded_and_were_seen(path):
    code = "\n".join(cells(path, "code"))
    calls = re.findall(r"show_(?:evidence|references)\(([^)]*)\)", code)
    rows = re.findall(rf'"{ROW}"', " ".join(calls))
    assert rows
    shown = EFFECTS.loc[rows]
    assert set(shown["verified"]) <= set(SEEN)
    assert shown["grade"].notna().all(), list(shown.index[shown["grade"].isna()])


@every_notebook
def test_rows_that_a_lessons_words_cite_are_graded(path):
    text = re.sub(r"L\d\d\.\w+", "", "\n".join(cells(path, "markdown")))
    cited = EFFECTS.loc[[row for row in re.findall(ROW, text) if row in EFFECTS.index]]
    assert cited["grade"].notna().all(), list(cited.index[cited["grade"].isna()])
