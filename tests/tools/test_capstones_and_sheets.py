"""A class's capstones at once, and the test before and after from a table of letters."""

import csv
import json
import re

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from alliance_course.questions.bank import question
from alliance_course.questions.capstone import QUESTIONS
from alliance_course.questions.capstone_page import export_capstone
from alliance_course.questions.judge import values
from alliance_tools.cli import app
from alliance_tools.instructor.capstones import capstones_page, read_capstones
from alliance_tools.instructor.gain import ITEMS, item_id
from alliance_tools.instructor.sheets import read_letters, scores_page

RUN = CliRunner()
LONG = (
    "Clients who trust their therapist and agree on what to do tend to end better, and how much "
    "of this the alliance brings about my service cannot show"
)


def page(folder, name, seed, *, right=("bond", "goal", "task", "technique"), idea="", **argument):
    answers = {
        key: float(values(question_id, seed)["expected"]) if key in right else 1e6
        for key, question_id in QUESTIONS.items()
    }
    where = folder / name
    where.mkdir(parents=True)
    texts = {"idea": idea or f"My own idea number {seed}."} | argument
    export_capstone(seed, answers, texts, points={"numbers": 2, "claim": 1}, folder=where)
    return next(where.glob("*.html"))


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("capstones")
    page(folder, "Ada_1_assignsubmission_file_", 31)
    page(folder, "Bo_2_assignsubmission_file_", 32, right=("bond",), claim=LONG)
    page(folder, "Cy_3_assignsubmission_file_", 33, claim=f"I found this. {LONG}.")
    page(folder, "Di_4_assignsubmission_file_", 32, right=())
    page(folder, "Ed_5_assignsubmission_file_", 4711)
    edited = page(folder, "Fy_6_assignsubmission_file_", 36, right=("bond",))
    text = edited.read_text(encoding="utf-8")
    edited.write_text(re.sub(r'"state": "not yet"', '"state": "right"', text), encoding="utf-8")
    shown = page(folder, "Gi_7_assignsubmission_file_", 37)
    text = shown.read_text(encoding="utf-8")
    shown.write_text(text.replace(">My own idea", ">A better idea", 1), encoding="utf-8")
    slip = page(folder, "Hu_8_assignsubmission_file_", 38)
    record = json.loads(re.search(r'id="capstone">\n(.*?)\n</script>', slip.read_text(), re.S)[1])
    first = question("L12.Q2")["mistake"][0]["name"]
    record["answers"]["goal"]["answer"] = float(values("L12.Q2", 38)[f"mistake {first}"])
    record["answers"]["goal"]["state"] = "misunderstanding"
    slip.with_suffix(".json").write_text(json.dumps(record))
    slip.unlink()
    (folder / "Ij_9_assignsubmission_file_").mkdir()
    (folder / "Ij_9_assignsubmission_file_" / "capstone-5.html").write_text("<h1>Hello 5</h1>")
    (folder / "essay.docx").write_bytes(b"PK")
    return read_capstones(folder), first


def of(found, learner):
    return found.table.set_index("learner").loc[learner]


def test_every_page_is_judged_anew_and_files_that_are_none_are_named(found):
    capstones, first = found
    assert list(capstones.table["learner"]) == ["Ada", "Bo", "Cy", "Di", "Ed", "Fy", "Gi", "Hu"]
    assert of(capstones, "Ada")["right"] == 4 and of(capstones, "Ada")["look"] == ""
    assert of(capstones, "Bo")["right"] == 1 and of(capstones, "Bo")["own_points"] == 3
    assert of(capstones, "Hu")["goal"] == first and of(capstones, "Hu")["right"] == 3
    assert set(capstones.left_out) == {
        "Ij_9_assignsubmission_file_/capstone-5.html", "essay.docx"
    }  # fmt: skip
    text = capstones_page(capstones)
    assert "8 capstones, 2 files left out" in text and "essay.docx" in text


def test_doubles_edited_pages_and_the_example_are_found(found):
    look = found[0].table.set_index("learner")["look"]
    assert "same number as Di_4" in look["Bo"] and "same number as Bo_2" in look["Di"]
    assert "sentences as in Cy_3" in look["Bo"] and "sentences as in Bo_2" in look["Cy"]
    assert "4711 was kept" in look["Ed"]
    assert "says 'right' and is 'not yet'" in look["Fy"]
    assert "texts shown are not those" in look["Gi"]
    assert look["Ada"] == look["Hu"] == ""


def test_the_command_takes_a_number_or_a_folder(tmp_path):
    page(tmp_path / "in", "Ada", 31)
    done = RUN.invoke(app, ["key", str(tmp_path / "in"), "--to", str(tmp_path / "out.csv")])
    assert done.exit_code == 0 and "1 capstones" in done.output
    assert pd.read_csv(tmp_path / "out.csv").loc[0, "right"] == 4
    assert "Key to capstone number 31" in RUN.invoke(app, ["key", "31"]).output
    refused = RUN.invoke(app, ["key", str(tmp_path / "nowhere")])
    assert refused.exit_code == 1 and len(refused.output.strip().splitlines()) == 1


def key(form):
    return [
        next(o["key"] for o in question(item_id(form, n))["option"] if o.get("right"))
        for n in range(1, ITEMS + 1)
    ]


def sheet(form, right):
    """Letters of a sheet with these items right, and another letter in the others."""
    letters = key(form)
    return [k if n in right else "abcd"["abcd".index(k) - 1] for n, k in enumerate(letters, 1)]


def write(path, rows, columns=None, separator=","):
    columns = columns or ["Code", "Time", "Form", *range(1, ITEMS + 1)]
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream, delimiter=separator).writerows([columns, *rows])
    return path


def test_scores_gain_and_items_come_from_letters(tmp_path):
    rng = np.random.default_rng(2)
    rows, wanted = [], {}
    for n in range(30):
        first, second = ("A", "B") if n % 2 else ("B", "A")
        able = rng.random()
        before = {k for k in range(1, 13) if rng.random() < 0.2 + 0.4 * able}
        after = {k for k in range(1, 13) if rng.random() < 0.4 + 0.5 * able} | {1}
        rows.append([f"k{n}", "before", first.lower(), *sheet(first, before)])
        rows.append([f"K{n}", "After", second, *(x.upper() for x in sheet(second, after))])
        wanted[n] = (len(before), len(after))
    found = read_letters(write(tmp_path / "letters.csv", rows))
    assert not found.left_out and len(found.sheets) == 60
    before = np.mean([first for first, _ in wanted.values()])
    after = np.mean([second for _, second in wanted.values()])
    assert found.gain.learners == 30
    assert found.gain.gain == pytest.approx((after - before) / (12 - before))
    assert found.gain.low < found.gain.gain < found.gain.high
    items = found.items.set_index(["item", "time"])
    assert len(items) == 48 and items.loc[("A1", "after"), "right_percent"] == 100
    assert np.isnan(items.loc[("A1", "after"), "discrimination"])
    sheets = found.sheets.query("form == 'A' and time == 'before'")
    right = sheets["5"].eq(key("A")[4])
    assert items.loc[("A5", "before"), "right_percent"] == round(100 * right.mean())
    rest = sheets["score"] - right
    expected = round(np.corrcoef(right, rest)[0, 1], 2)
    assert items.loc[("A5", "before"), "discrimination"] == pytest.approx(expected)
    assert items["misconception"].ne("").any()
    assert "Normalised gain" in scores_page(found)


def test_sheets_that_cannot_be_read_are_named_and_count_nowhere(tmp_path):
    good = sheet("A", {1, 2, 3})
    rows = [
        ["a", "before", "A", *good],
        ["a", "before", "B", *good],
        ["b", "later", "A", *good],
        ["c", "before", "C", *good],
        ["", "before", "A", *good],
        ["d", "before", "A", *good[:11], "e"],
        ["e", "before", "A", *good[:6], "", ".", "-", "", "", ""],
        [],
    ]
    found = read_letters(write(tmp_path / "x.csv", rows, separator=";"))
    assert list(found.sheets["code"]) == ["a", "e"] and list(found.sheets["score"]) == [3, 3]
    assert len(found.left_out) == 5 and found.gain is None
    text = scores_page(found)
    assert all(where in text for where in found.left_out) and "No gain: 0 learners" in text


def test_letters_may_stand_in_one_column(tmp_path):
    rows = [["a", "pre", "A", "".join(key("A"))], ["a", "post", "B", " ".join(key("B"))]]
    rows.append(["b", "pre", "A", "abc"])
    found = read_letters(write(tmp_path / "x.csv", rows, ["code", "time", "form", "letters"]))
    assert list(found.sheets["score"]) == [12, 12]
    assert "3 letters in place of 12" in next(iter(found.left_out.values()))


def test_a_table_without_these_columns_is_refused_in_one_line(tmp_path):
    path = write(tmp_path / "x.csv", [], ["name", "letters"])
    done = RUN.invoke(app, ["score", str(path), "--to", str(tmp_path)])
    assert done.exit_code == 1 and len(done.output.strip().splitlines()) == 1
    good = write(tmp_path / "y.csv", [["a", "pre", "A", *key("A")]])
    done = RUN.invoke(app, ["score", str(good), "--to", str(tmp_path / "out")])
    assert done.exit_code == 0 and (tmp_path / "out" / "test-items.csv").is_file()
