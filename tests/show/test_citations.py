"""Tables of findings: what a student sees first, the pictures in them, and how they are built."""

import base64
import html
import re
from xml.etree import ElementTree

import pandas as pd
import pytest

from alliance_course.data.published import SEEN, published_effects
from alliance_course.show.citations import (
    SCALES,
    SHOWN,
    _place,
    drawn,
    evidence_table,
    scale_of,
    show_references,
)

EFFECTS = published_effects()
GRADED = [*EFFECTS.index[EFFECTS["grade"].notna()]]
each_row = pytest.mark.parametrize("row_id", GRADED)


def tree(page: str) -> ElementTree.Element:
    return ElementTree.fromstring(f"<main>{page}</main>")


def words(element: ElementTree.Element) -> str:
    # a space between cells, so that two numbers do not read as one
    return " ".join(" ".join(element.itertext()).split())


def test_at_most_five_findings_are_shown_and_the_rest_is_one_click_away():
    page = tree(evidence_table(*GRADED[:12]))
    first, folded = page.find("table"), page.find("details")
    assert len(first.findall("tbody/tr")) == SHOWN == 5
    assert words(folded.find("summary")) == "7 more findings"
    assert len(folded.findall("table/tbody/tr")) == 7
    assert tree(evidence_table(*GRADED[:5])).find("details") is None
    assert "1 more finding<" in evidence_table(*GRADED[:6])


def test_each_table_can_be_read_by_a_screen_reader():
    for table in tree(evidence_table(*GRADED)).iter("table"):
        assert words(table.find("caption"))
        header = table.findall("thead/tr/th")
        assert all(cell.get("scope") == "col" and words(cell) for cell in header)
        for row in table.findall("tbody/tr"):
            heads = row.findall("th")
            assert len(heads) == 1 and heads[0].get("scope") == "row" and words(heads[0])
            assert len(row) == len(header)


def picture_in(element: ElementTree.Element) -> ElementTree.Element | None:
    """The drawing of a row: an image, since inline SVG does not survive in a saved notebook."""
    image = element.find(".//img")
    if image is None:
        return None
    kind, _, data = image.get("src").partition(",")
    assert kind == "data:image/svg+xml;base64"
    return ElementTree.fromstring(
        base64.b64decode(data).decode().replace(' xmlns="http:', ' was="')
    )


def test_nothing_needs_a_script_a_class_or_another_site():
    page = evidence_table(*GRADED)
    # pictures are in the page itself; the sheet only darkens them, and nothing is lost without it
    assert {src[:26] for src in re.findall(r'src="([^"]*)', page)} == {"data:image/svg+xml;base64,"}
    page = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert not re.search(r"<script|<style|<link|<svg|onclick|http-equiv|href=", page)


def test_a_picture_says_on_which_side_of_zero_it_stands():
    alt = {
        row: tree(evidence_table(row)).find(".//img").get("alt") for row in ("A01", "D02", "H11")
    }
    assert alt["A01"] == "a dot above zero, interval clear of it"
    assert alt["D02"] == "a dot above zero, interval across it"
    assert alt["H11"] == "a bar up to 93 of 100; a bar up to 72.6 of 100"


@each_row
def test_a_row_says_everything_that_its_picture_shows(row_id):
    row, page = EFFECTS.loc[row_id], tree(evidence_table(row_id))
    picture = picture_in(page)
    text = words(page.find("table/tbody/tr"))
    if picture is not None:
        assert len(page.find(".//img").get("alt")) > 8
        assert not [*picture.iter("text")]
    said = {float(number) for number in re.findall(r"\d*\.?\d+", text)}
    # the lower end of an upper bound is the zero line
    assert {abs(n) for pair in drawn(row) for n in pair} <= said | {0.0}
    if pd.notna(row["ci_low"]) and picture is not None:
        assert " to " in text
    assert row["finding"] in text and row["strength"] in text and "nan" not in text
    assert ("second hand" in text) == (row["verified"] == "secondary")


@each_row
def test_dots_and_bars_stand_where_the_numbers_are(row_id):
    row, picture = EFFECTS.loc[row_id], picture_in(tree(evidence_table(row_id)))
    scale, marks = scale_of(row["effect_type"]), drawn(row)
    if scale is None or not marks:
        assert picture is None
        return
    width = float(picture.get("width"))
    low, high = SCALES[scale]
    assert all(low <= end <= high for pair in marks for end in pair), "off the scale"
    points = [value for value, other in marks if value == other]
    if scale != "percent":
        places = [float(dot.get("cx")) for dot in picture.iter("circle")]
        back = [low + (place - 6) / (width - 12) * (high - low) for place in places]
        assert back == pytest.approx(points, abs=(high - low) / 1000)
    else:
        bars = [*picture.iter("rect")][2::2]
        ends = [float(bar.get("x")) + float(bar.get("width")) for bar in bars]
        assert ends == pytest.approx([_place(top, "percent") for _, top in marks], abs=1)


def test_correlations_and_differences_are_never_drawn_on_one_scale():
    kinds = {row["effect_type"]: scale_of(row["effect_type"]) for _, row in EFFECTS.iterrows()}
    assert kinds["r"] == "r" and kinds["d"] == kinds["g"] == kinds["SMD"] == "d"
    assert kinds["beta"] is None and kinds["percent of variance"] == "percent"
    assert "correlations (r)" not in evidence_table("E12")
    assert "differences" not in evidence_table("A01")


def test_a_source_is_named_as_a_text_names_it_and_the_row_is_one_pointer_away():
    row = tree(evidence_table("A01")).find("table/tbody/tr")
    small = row.find(".//small")
    assert small.text == "Flückiger et al., 2018; 295 studies"
    assert html.unescape(small.get("title")).startswith("A01: Flückiger, Del Re")
    assert not re.search(r"\b[A-N]\d\d\b", words(row))


def test_references_name_each_source_once_and_each_number_with_its_row(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    show_references("B02", "A02", "A01", "B01")
    listed, folded = shown[0].data.split("<details>")
    assert listed.count("\n* ") + 1 == 2 and not re.search(r"\b[A-N]\d\d\b", listed)
    assert "Flückiger, Del Re, Wampold & Horvath (2018). The alliance in" in listed
    for row_id in ("B02", "A02", "A01", "B01"):
        assert f"* {row_id}: " in folded
    assert "r = .278, 95% CI [.256, .299], 295 studies; well supported." in folded
    with pytest.raises(ValueError, match="did you mean"):
        show_references("A011")


def test_an_unknown_row_is_answered_kindly():
    with pytest.raises(ValueError, match="did you mean"):
        evidence_table("A01", "A011")


def test_what_nobody_saw_is_marked():
    unseen = EFFECTS.index[~EFFECTS["verified"].isin(SEEN)]
    assert len(unseen) and all("not verified" in evidence_table(row_id) for row_id in unseen)
