"""Files as platforms and people hand them over: everybody counts once, every file is named."""

import io
import json
import tomllib
import zipfile
from pathlib import Path

import pytest

from alliance_course.questions.bank import registry
from alliance_course.questions.progress import VERSION
from alliance_tools.instructor import class_answers
from alliance_tools.instructor.class_answers import (
    belief_behind,
    misunderstanding_table,
    prediction_table,
    read_class,
    week_table,
)
from alliance_tools.instructor.class_report import class_html, class_page
from alliance_tools.instructor.handed_in import handed_in, owner
from alliance_tools.maintain.coverage import statements_and_beliefs


def record(n, *, day=2, letter="a", wrong=None):
    """A learner's file; `n` makes its times those of nobody else."""

    def at(minute, day=day):
        return f"2026-11-{day:02}T13:{minute:02}:{n % 60:02}.{n:03}+00:00"

    answer = {"state": "misunderstanding" if wrong else "right", "tries": 1, "at": at(12)}
    if wrong:
        answer["wrong"] = {wrong: 1}
    return {
        "version": VERSION,
        "guesses": {
            "L01.P1": {"guess": letter, "at": at(1)},
            "L01.P2": {"guess": "a", "at": at(2)},
            "L06.P1": {"guess": 28, "at": at(5)},
        },
        "answers": {
            # fields that this command does not need may stand in a record
            "L01.Q1": {
                "state": "right",
                "tries": 1,
                "at": at(9),
                "answer": "c",
                "explored": {"a": 1},
            },
            "L06.Q2": answer,
        },
    }


def put(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def zipped(files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


NAMES = {
    "Ada Lovelace_123_assignsubmission_file_/progress.json": ("Ada Lovelace", "123"),
    "all.zip/Ada Lovelace_123_assignsubmission_file_/progress (1).json": ("Ada Lovelace", "123"),
    "Ada_Maria O'Neil_9_assignsubmission_file_progress.json": ("Ada_Maria O'Neil", "9"),
    "lovelaceada_55_678_progress-K7.json": ("lovelaceada", "55"),
    "lovelaceada_LATE_55_678_progress-2.json": ("lovelaceada", "55"),
    "Submitted files/Ada L/Task 1/Version 2/progress.json": ("Ada L", "Ada L"),
    "progress-K7.json": ("K7", ""),
    "week 3/progress-K7 (1).json.txt": ("K7", ""),
    "progress-K7 (Ada's conflicted copy 2026-11-03).json": ("K7", ""),
    "progress-K7 - Kopie (2).json": ("K7", ""),
    "progress-K7.sync-conflict-20261103-101112-ABCDEFG.json": ("K7", ""),
    "submitted/K7/01-practice/01-practice.ipynb": ("K7", ""),
    "progress (2).json": ("", ""),
    "week 3/progress.json": ("", ""),
    "progress-CODE.json": ("", ""),
}


@pytest.mark.parametrize("name", NAMES)
def test_whose_file_it_is_stands_in_its_name(name):
    assert owner(name) == NAMES[name]


def test_every_file_is_counted_once_or_named(tmp_path):
    moodle = {
        f"Learner {n}_{n}_assignsubmission_file_/progress.json": json.dumps(record(n))
        for n in range(3)
    }
    moodle["Learner 7_7_assignsubmission_file_/essay.docx"] = "no record"
    moodle["__MACOSX/._progress.json"] = "litter"
    put(tmp_path, "moodle.zip", zipped(moodle))
    put(tmp_path, "weekly.zip", zipped({"inside.zip": zipped({"progress.json": b"{"})}))
    put(
        tmp_path,
        "bordinedward_56_679_progress.json",
        b"\xef\xbb\xbf" + json.dumps(record(10)).encode(),
    )
    put(tmp_path, "notepad.json.txt", json.dumps(record(11)).encode("utf-16"))
    put(tmp_path, "mails/progress.json", record(12))
    put(tmp_path, "mails/progress (1).json", record(13))
    put(tmp_path, "progress-K9.json", record(14))
    put(tmp_path, "progress-K9 (1).json", record(14))
    put(tmp_path, "progress-K9 (conflicted copy 2026-11-03).json", record(15, day=9))
    put(tmp_path, "damaged.zip", b"PK\x03\x04 not really")
    put(tmp_path, "notes.txt", b"I had no time")
    put(tmp_path, "01-practice.json", {"cells": []})
    found = read_class(tmp_path)
    assert len(found.learners) == 8
    assert sorted(found.left_out) == [
        "01-practice.json",
        "damaged.zip",
        "moodle.zip/Learner 7_7_assignsubmission_file_/essay.docx",
        "notes.txt",
        "progress-K9.json",
        "weekly.zip/inside.zip/progress.json",
    ]
    assert list(found.together) == ["progress-K9 (conflicted copy 2026-11-03).json"]
    # every file but the operating system's is a learner's, counted with another, or named
    files, unread = handed_in(tmp_path)
    assert len(files) + len(unread) == 8 + len(found.left_out) + len(found.together)
    assert all(name in class_page(found) for name in (*found.left_out, *found.together))


def test_two_people_of_one_name_and_one_person_with_two_devices(tmp_path):
    put(tmp_path, "Ada L_1_assignsubmission_file_/progress.json", record(1))
    put(tmp_path, "Ada L_2_assignsubmission_file_/progress.json", record(2))
    put(tmp_path, "Bo_3_assignsubmission_file_/laptop.json", record(3, letter="b"))
    later = record(4, day=9, wrong="a")
    del later["answers"]["L01.Q1"]
    put(tmp_path, "Bo_3_assignsubmission_file_/tablet.json", later)
    found = read_class(tmp_path)
    assert list(found.learners["learner"]) == ["Ada L 1", "Ada L 2", "Bo"]
    of_bo = found.answers[found.answers["learner"] == "Bo"].set_index("question")["state"]
    assert of_bo.to_dict() == {"L01.Q1": "right", "L06.Q2": "misunderstanding"}
    guess = found.guesses.query("learner == 'Bo' and question == 'L01.P1'")["guess"]
    assert list(guess) == ["b"]  # the first guess, not the one made when the lesson was known


def test_zip_is_read_as_it_is_and_an_empty_folder_is_refused(tmp_path):
    put(tmp_path, "class.zip", zipped({"a/progress.json": json.dumps(record(1))}))
    assert list(read_class(tmp_path / "class.zip").learners["learner"]) == ["a"]
    (tmp_path / "nothing").mkdir()
    with pytest.raises(ValueError, match="no files"):
        read_class(tmp_path / "nothing")


def test_predictions_minutes_and_weeks_are_counted(tmp_path):
    for n, letter in enumerate("aabc"):
        put(tmp_path, f"{n}.json", record(n, day=2 + 7 * (n == 3), letter=letter))
    found = read_class(tmp_path)
    table = prediction_table(found)
    counts = table[table["question"] == "L01.P1"].set_index("guess")["learners"]
    assert [counts.filter(like=f"{key})").iloc[0] for key in "abc"] == [2, 1, 1]
    slider = table[table["question"] == "L06.P1"].set_index("guess")
    assert slider.loc["20 to 40", "learners"] == 4 and set(slider["result"]) == {"7.73"}
    assert set(found.learners["minutes"]) == {11} and set(found.learners["weeks"]) == {1}
    weeks = week_table(found).set_index("week")
    assert weeks["learners"].to_dict() == {"2026-11-02": 3, "2026-11-09": 1}
    assert weeks["answers"].sum() == 8
    shown = class_html(found, to_show=True)
    assert "7.73" in shown and "<h2>Learners" not in shown and "0 to 20" in shown
    page = class_html(found)
    assert "7.73" in page and 'src="http' not in page


def test_misconception_is_that_of_the_option_chosen(tmp_path):
    """Two opposite errors at one question, and a slip that is no belief at all."""
    put(tmp_path, "1.json", record(1, wrong="a"))
    put(tmp_path, "2.json", record(2, wrong="b"))
    turned = record(3)
    turned["answers"]["L01.Q4"] = {
        "state": "misunderstanding", "tries": 1, "at": "", "wrong": {"reversed sign": 1}
    }  # fmt: skip
    put(tmp_path, "3.json", turned)
    table = misunderstanding_table(read_class(tmp_path)).set_index("answer")["misconception"]
    assert table.filter(like="a)").iloc[0] == "r = .28 means 28% explained"
    assert table.filter(like="b)").iloc[0] == "r = .28 is too small to matter"
    assert table["reversed sign"] == ""


def test_each_belief_is_named_for_an_answer_that_can_be_wrong():
    path = Path(class_answers.__file__).with_name("option_beliefs.toml")
    beliefs, seen = statements_and_beliefs()["beliefs"], set()
    for lesson, entries in tomllib.loads(path.read_text(encoding="utf-8")).items():
        for name, options in entries.items():
            entry = registry()[f"{lesson}.{name}"]
            wrong = {o["key"] for o in entry.get("option", []) if not o.get("right")}
            wrong |= {mistake["name"] for mistake in entry.get("mistake", [])}
            assert set(options) <= wrong, f"{lesson}.{name}"
            seen |= {belief_behind(f"{lesson}.{name}", option) for option in options}
    assert seen == set(beliefs)
