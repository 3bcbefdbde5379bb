"""Every lesson keeps the anatomy: headings, minutes, links, sources, descriptions, cells."""

import json
import re
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from alliance_course.data.published import published_effects
from alliance_course.folders import course_folder
from alliance_tools.maintain.minutes import (
    SECONDS,
    WORDS_A_MINUTE,
    Measured,
    alone,
    measure,
    pictures_per_thousand,
    sections_measured,
    seen,
    words_in,
)
from alliance_tools.maintain.notebooks import STATED, TALK, Cell, lesson, lessons

NOTEBOOKS = sorted(course_folder("notebooks").glob("*.ipynb"))
LESSONS = [path for path in NOTEBOOKS if path.name[:2] != "00"]
SECTIONS = [
    "What do you believe?",
    "A scene",
    "The idea",
    "Try it",
    "Look at the data",
    "What the evidence says, and what it does not",
    "Check yourself",
    "Your guess, again",
    "Take away",
    "References",
]
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
every_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


@cache
def notebook(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def markdown(path: Path) -> str:
    return "\n\n".join(c.source for c in notebook(path).cells if c.cell_type == "markdown")


def headings(path: Path) -> list[tuple[int, str]]:
    found = re.findall(r"^(#{1,6}) (.+)$", markdown(path), flags=re.MULTILINE)
    return [(len(marks), text.strip()) for marks, text in found]


def sections(path: Path) -> list[dict]:
    tags = [c.metadata.get("alliance", {}) for c in notebook(path).cells]
    return [tag for tag in tags if "section" in tag]


def test_there_are_lessons():
    assert len(LESSONS) >= 1


@every_notebook
def test_headings_are_in_order_with_one_h1(path):
    levels = [level for level, _ in headings(path)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


@every_lesson
def test_sections_stand_in_the_fixed_order(path):
    assert [text for level, text in headings(path) if level == 2] == SECTIONS


@every_notebook
def test_stated_minutes_are_those_of_the_formula(path):
    found = lesson(path.name[:2])
    stated = STATED.search(markdown(path))
    assert stated is not None
    measured = alone(found)
    # stated in fives
    for said, minutes in zip(stated.groups(), measured, strict=True):
        assert abs(int(said) - minutes) <= 3, (measured, "alliance-course minutes --write")
    assert measured[1] <= 60 and int(stated[2]) <= 60, "cut it"
    for section in found.sections:
        of_it = sections_measured(found)[section.name].minutes()
        for said, minutes in zip(section.minutes, of_it, strict=True):
            assert abs(said - minutes) <= 1, (section.name, of_it)


def test_what_is_written_at_home_is_said_in_minutes():
    [tag] = [c.tag for c in lesson("12").cells if "writes_at_home" in c.tag]
    least, most = (tag["writes_at_home"] * seconds // 60 for seconds in SECONDS["text to write"])
    assert f"take {least} to {most} minutes" in markdown(lesson("12").path)


def cell(kind: str, source: str, html: str = "", **tag: object) -> Cell:
    outputs = [{"data": {"text/html": html}}] if html else []
    return Cell(kind, source, tag, outputs)


def test_minutes_count_what_is_read_and_done_and_not_what_is_folded():
    text = cell(
        "markdown", "Two words [linked here](x.md).\n<details><summary>More</summary>a b</details>"
    )
    assert words_in(seen(text)) == 4
    drawn = cell("markdown", "![what it shows](pictures/x.svg)\n\n## References\nmany words more")
    assert measure([drawn]) == (0, {"drawing": 1}, 1)
    assert measure([cell("markdown", "Write.", writes=2)]).to_do["text to write"] == 2
    asked = cell("code", 'ac.ask("L01.Q1", "L01.Q4")')
    assert measure([asked]).to_do == {
        "cell to run": 1,
        "question to choose": 1,
        "number to find": 1,
    }
    assert measure([asked]).words > 60
    still = '<ol class="ac-asked"><li value="1"><p>a b</p><details>c d</details></li></ol>'
    tried = measure([cell("code", "ac.explore_components()", still)])
    assert tried.words == 4 and tried.to_do["question in an explorer"] == 1
    twice = Measured(2 * WORDS_A_MINUTE[1], Counter({"guess": 3}), 0)
    assert twice.minutes()[1] == pytest.approx(2 + 3 * SECONDS["guess"][1] / 60)


def test_instructors_read_the_formula_that_is_used():
    page = (course_folder("notebooks").parent / "instructor" / "README.md").read_text("utf-8")
    said = " ".join(page.split("## How long a lesson takes")[1].split("## ")[0].split())
    assert f"{WORDS_A_MINUTE[0]} and {WORDS_A_MINUTE[1]} words a minute" in said
    for what, (least, most) in SECONDS.items():
        assert f"{what} {least} to {most}" in said, what
    words = {1: "one", 2: "two", 3: "three"}
    for least, most in TALK.values():
        assert f"{words[least]} to {words[most]}" in said


def test_at_least_three_pictures_stand_in_a_thousand_words():
    assert pictures_per_thousand(list(lessons().values())) >= 3


@every_notebook
def test_sections_carry_the_facilitators_note_and_a_slide_tag(path):
    for section in sections(path):
        assert section["slide"] in ("slide", "skip"), section
        assert section["slide"] == "skip" or section.get("note"), section


@every_notebook
def test_code_cells_are_short(path):
    for cell in notebook(path).cells:
        if cell.cell_type == "code":
            lines = cell.source.splitlines()
            assert len(lines) <= 6 and max(map(len, lines)) <= 79, cell.source


@every_notebook
def test_objectives_come_back_in_the_take_away(path):
    # their names are for tests and guides: in the cells' metadata, out of sight of whoever learns
    assert not re.search(r"L\d\d\.O\d", markdown(path))
    tagged = [c for c in notebook(path).cells if "alliance" in c.metadata]
    start, end = (c for c in tagged if "objectives" in c.metadata["alliance"])
    stated = start.metadata["alliance"]["objectives"]
    assert len(stated) >= 3 and start is notebook(path).cells[0]
    assert end.source.startswith("## Take away")
    for cell in (start, end):
        assert cell.metadata["alliance"]["objectives"] == stated
        assert len(re.findall(r"^\* ", cell.source, flags=re.MULTILINE)) == len(stated)


@every_notebook
def test_rows_of_findings_are_named_as_a_text_names_a_source(path):
    from alliance_course.show.sources import short_source

    for text, rows in re.findall(r'\[([^\]]+)\]\(#References "([^"]+)"\)', markdown(path)):
        for row in rows.split(", "):
            # a year that nobody saw, and a report of a report, are named in the text's own words
            assert text == short_source(row) or row in ("D04", "D05", "I21", "K01", "K02", "K03")
    seen = re.sub(r"\]\([^)]*\)|`[^`]*`", "", markdown(path))
    assert not re.search(ROW, seen), re.search(ROW, seen)


@every_notebook
def test_care_is_taken(path):
    text = markdown(path)
    assert "not therapy" in text and "crisis line" in text
    assert "simulated" in text.split("## ")[1] + text.split("## ")[0]
    assert "Limits of this model" in text
    assert "!" not in re.sub(r"`[^`]*`|!\[|<!--|!=", "", text), "no exclamation marks"


@every_notebook
def test_no_link_is_dead(path):
    for target in re.findall(r"\]\(([^)\s]+)(?: \"[^\"]*\")?\)", markdown(path)):
        if target.startswith(("https://doi.org/10.", "https://creativecommons.org/", "mailto:")):
            continue
        assert not target.startswith("http"), f"an outside link that cannot be checked: {target}"
        name, _, anchor = target.partition("#")
        other = path.parent / name if name else path
        assert other.exists(), target
        if anchor:
            anchors = [text.replace(" ", "-") for _, text in headings(other)]
            assert anchor in anchors, target


# words that everybody uses; the others are terms, and a reader may want to look one up
PLAIN = {"client", "difference", "factor", "score", "symptoms", "alpha"}


@every_lesson
def test_terms_are_linked_to_the_glossary(path):
    start = course_folder("notebooks") / "00-start-here.ipynb"
    glossary = markdown(start).split("## Glossary")[1]
    entries = re.findall(r"^\* \*\*([^*(]+?)(?: \([^*]*)?\*\*:", glossary, flags=re.MULTILINE)
    text = markdown(path).split("## The idea")[1].split("## Take away")[0]
    linked = " ".join(
        re.findall(r"\[([^\]]+)\]\(00-start-here.ipynb#Glossary\)", markdown(path))
    ).lower()
    plain = re.sub(r"(?s)\[[^\]]*\]\([^)]*\)|`[^`]*`|<details>.*?</details>", "", text)
    plain = re.sub(r"(?m)^[#>|].*$", "", plain).lower()
    terms = {entry.lower() for entry in entries} - PLAIN
    assert len(terms) > 20
    missing = {
        t for t in terms if re.search(rf"(?<![\w/-]){t}s?(?![\w-])", plain) and t not in linked
    }
    assert not missing, f"not linked where it is first used: {sorted(missing)}"


# L06.O1 is an objective of a lesson, not a row of the table
ROW = r"\b([A-N]\d\d)\b(?!\.[A-Z])"


def _numbers(text: str) -> set[str]:
    text = text.replace("\u2212", "-")
    return {n.lstrip("0") or "0" for n in re.findall(r"(?<![\w.])(\d*\.\d+|\d+(?= ?%))", text)}


@cache
def _row_numbers(row: str) -> frozenset[str]:
    # what was seen besides is for maintainers: lessons quote what the row itself says
    entry = published_effects().loc[row, :"verified"]
    text = " ".join(str(value) for value in entry.to_numpy())
    every = re.findall(r"\d*\.\d+|\d+", text)
    stripped = {n.lstrip("0") or "0" for n in every}
    return frozenset(stripped | {n.rstrip("0").rstrip(".") for n in stripped if "." in n})


@every_notebook
def test_published_numbers_are_those_of_their_rows(path):
    text = re.sub(r"<[^>]+>", " ", markdown(path))
    for sentence in re.split(r"(?<=[.?:])\s+(?=[A-Z*])|\n\s*\n|\n[*\d|]", text):
        rows = re.findall(ROW, sentence)
        if not rows or "own arithmetic" in sentence:
            continue
        unknown = [row for row in rows if row not in published_effects().index]
        assert not unknown, f"{unknown} in: {sentence}"
        allowed = frozenset().union(*(_row_numbers(row) for row in rows))
        for number in _numbers(sentence):
            trimmed = number.rstrip("0").rstrip(".") if "." in number else number
            assert {number, trimmed} & allowed, f"{number} is not in {rows}: {sentence.strip()}"


@every_notebook
def test_only_rows_that_were_seen_are_cited_and_second_hand_is_said(path):
    known = published_effects()["verified"]
    for line in markdown(path).splitlines():
        for row in re.findall(ROW, line):
            if known[row] == "secondary":
                assert re.search("second[- ]hand|secondary", line), f"{row} in: {line}"
            elif known[row] != "yes":
                assert re.search("memory|not verified|not seen", line), f"{row} in: {line}"


@every_notebook
def test_every_prediction_comes_back(path):
    code = "\n".join(c.source for c in notebook(path).cells if c.cell_type == "code")

    def named(functions: str, kind: str) -> list[str]:
        calls = re.findall(rf"ac\.(?:{functions})\(([^)]*)\)", code)
        return [name for call in calls for name in re.findall(rf'"(L\d\d\.{kind}\d+)"', call)]

    assert named("predict", "P") and named("predict", "P") == named("revisit", "P")
    assert len(set(named("ask|check", "Q"))) >= (3 if path in LESSONS else 1)


@every_notebook
def test_saved_outputs_are_complete_and_clean(path):
    raw = json.loads(path.read_text(encoding="utf-8"))
    assert "widgets" not in raw["metadata"]
    assert str(Path.home()) not in path.read_text(encoding="utf-8")
    for cell in notebook(path).cells:
        if cell.cell_type != "code":
            continue
        assert cell.execution_count is not None, cell.source
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", output
            data = output.get("data", {})
            if "image/png" in data:
                alt = output.metadata.get("image/png", {}).get("alt", "")
                alt += "".join(re.findall(r'alt="([^"]+)"', data.get("text/html", "")))
                assert len(alt) > 40, f"a figure without its description: {cell.source}"
            text = data.get("text/plain", "") + output.get("text", "")
            assert not re.search(r"\bdtype: |\b\d+\.\d{5,}", text), text
        if {"nbval-check-output"} & set(cell.metadata.get("tags", [])):
            assert cell.outputs, cell.source
