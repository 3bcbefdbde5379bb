"""The instructor's kit: times add up, pages stand alone, files are counted and never guessed at."""

import json
import re
import time
import tomllib
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from click.testing import CliRunner

from alliance_course.folders import course_folder
from alliance_course.questions.bank import question, registry
from alliance_course.questions.judge import judge
from alliance_course.questions.progress import VERSION
from alliance_tools.cli import app
from alliance_tools.instructor.agenda import agenda, agenda_page, clock
from alliance_tools.instructor.class_answers import (
    misunderstanding_table,
    question_table,
    read_class,
)
from alliance_tools.instructor.class_report import class_page, next_class, plot_class, write_class
from alliance_tools.instructor.gain import ITEMS, class_gain, item_id, score_test
from alliance_tools.instructor.guide import guide_page
from alliance_tools.instructor.kit import kit_pages
from alliance_tools.instructor.slides import slides_page
from alliance_tools.instructor.term import term, term_page
from alliance_tools.maintain.notebooks import lesson, lessons

INSTRUCTOR = course_folder("notebooks").parent / "instructor"
RUN = CliRunner()


@pytest.mark.parametrize("start", ["00:00", "13:00", "23:23"])
@pytest.mark.parametrize("minutes", [37, 60, 61, 90, 119, 120, 180, 240, 720])
def test_agenda_fills_its_minutes_without_a_gap(minutes, start):
    rows = agenda(minutes, start)
    assert clock(rows[0].start) == start and rows[-1].end - rows[0].start == minutes
    assert all(before.end == after.start for before, after in pairwise(rows))
    assert all(row.end >= row.start for row in rows)
    assert sum(row.what == "Break" for row in rows) == (minutes - 1) // 60


@pytest.mark.parametrize("minutes", range(90, 200, 7))
def test_each_section_stays_in_its_range_or_says_that_it_does_not(minutes):
    numbers = ["01", "06", "07"]
    rows = {(r.lesson, r.what): r for r in agenda(minutes, "13:00", numbers) if r.lesson}
    for number in numbers:
        for section in lesson(number).sections:
            row = rows[number, section.heading]
            least, most = section.in_class
            allowed = range(least, most + 1)
            if row.note:
                allowed = range(section.shortest, section.shortest + 1)
                assert section.skip
            assert row.end - row.start in allowed


def test_printed_clock_is_right_across_midnight():
    result = RUN.invoke(app, ["agenda", "--minutes", "37", "--start", "23:50"])
    assert result.exit_code == 0
    rows = re.findall(r"^\| (\d\d:\d\d)[^|]*\| (\d\d:\d\d)[^|]*\| (\d+) ", result.output, re.M)
    now = datetime(2000, 1, 1, 23, 50)
    for start, end, minutes in rows:
        assert start == f"{now:%H:%M}"
        now += timedelta(minutes=int(minutes))
        assert end == f"{now:%H:%M}"
    assert now == datetime(2000, 1, 2, 0, 27) and "00:27 (next day)" in result.output


@pytest.mark.parametrize(
    "options",
    [
        ["--minutes", "60", "--lessons", "01,06,07"],
        ["--minutes", "0"],
        ["--minutes", "5000"],
        ["--start", "25:00"],
        ["--start", "noon"],
        ["--lessons", "77"],
        ["--lessons", "01,1"],
        ["--weeks", "12", "--lessons", "01"],
        ["--weeks", "3"],
        ["--weeks", "12", "--reading", "1"],
        ["--weeks", "8", "--reading", "2,3,4,5"],
        ["--weeks", "12", "--first", "1 February"],
        ["--first", "2027-02-01"],
        ["--test", "during"],
        ["--setup", "-1"],
        ["--minutes", "45", "--lessons", "06", "--test", "before", "--setup", "15"],
    ],
)
def test_what_cannot_be_is_refused_in_one_line(options):
    result = RUN.invoke(app, ["agenda", *options])
    assert result.exit_code == 1
    assert len(result.output.strip().splitlines()) == 1 and result.output.strip().endswith(".")


def test_the_least_time_that_a_refusal_names_is_enough_and_one_less_is_not():
    numbers = ["01", "06", "07"]
    with pytest.raises(ValueError, match="at least") as refused:
        agenda(60, "13:00", numbers)
    need = int(re.search(r"at least (\d+)", str(refused.value))[1])
    assert agenda(need, "13:00", numbers)
    with pytest.raises(ValueError, match=f"at least {need} "):
        agenda(need - 1, "13:00", numbers)


USUAL = [["01", "06"], ["01", "07"], ["06", "07"], ["08", "09"], ["09", "10"], ["02", "03"],
         ["01", "06", "07"], ["01", "02", "03"]]  # fmt: skip


@pytest.mark.parametrize("numbers", USUAL, ids="-".join)
def test_no_break_lies_a_section_or_two_beside_a_lessons_border(numbers):
    tried = 0
    for minutes in range(75, 241, 5):
        try:
            rows = agenda(minutes, "13:00", numbers, setup=5, hand_in=3)
        except ValueError:
            continue
        taught = [row for row in rows if row.what != "Break"]
        for place, row in enumerate(rows):
            if row.what != "Break" or place + 1 == len(rows):
                continue
            before, after = rows[place - 1], rows[place + 1]
            if before.lesson == after.lesson != "":
                at = taught.index(after)
                around = {row.lesson for row in taught[at - 3 : at + 3]}
                assert around == {after.lesson}, (minutes, before.what, after.what)
            tried += 1
    assert tried > 40


def test_set_up_test_hand_in_and_reserve_have_their_minutes():
    rows = agenda(120, "13:00", ["01"], setup=10, hand_in=4, reserve=6, test="before")
    spans = [(row.what.split(":")[0], row.end - row.start) for row in rows]
    assert spans[:2] == [("Set-up", 10), ("Test before", 15)]
    assert spans[-2:] == [("Hand-in", 4), ("Reserve", 6)]
    after = agenda(120, "13:00", ["01"], hand_in=4, test="after")
    assert after[-1].what.startswith("Test after") and after[-2].what.startswith("Hand-in")


def test_the_page_says_who_which_slide_and_what_to_print():
    page = agenda_page(90, "13:00", ["01", "06"], setup=5, hand_in=3)
    assert "handout-01.html" in page and "slides-06.html" in page
    rows = [line.split("|")[1:-1] for line in page.splitlines() if re.match(r"\| \d\d:", line)]
    for cells in rows:
        start, end, span, number, what, who, slide, note = (cell.strip() for cell in cells)
        minutes = datetime.strptime(end, "%H:%M") - datetime.strptime(start, "%H:%M")
        assert minutes == timedelta(minutes=int(span))
        assert not number or (who and note and int(slide) >= 1), what
    assert min(int(cells[2]) for cells in rows) >= 2, "nobody keeps a minute"


@pytest.mark.parametrize(("weeks", "reading"), [(5, []), (10, [5]), (12, []), (12, [6]),
                                                (14, [7]), (16, [])])  # fmt: skip
def test_a_term_teaches_each_lesson_once_and_what_is_set_is_due(weeks, reading):
    plan = term(weeks, first="2027-02-01", reading=reading)
    assert [week.number for week in plan] == list(range(1, weeks + 1))
    for before, after in pairwise(plan):
        assert after.day - before.day == timedelta(weeks=1)
    met = [n for week in plan for n in [*week.home, week.taught] if n not in ("", "-")]
    assert met == [number for number in lessons() if number != "00"]
    assert plan[0].taught == "01" and plan[-1].taught == "12"
    assert all(plan[week - 1].taught == "" for week in reading)
    tasks = [task for week in plan for task in week.sets]
    assert [task for week in plan for task in week.due] == tasks[: -len(plan[-1].sets)]
    assert "capstone" in plan[-1].sets


def test_the_terms_page_has_dates_and_a_text_for_the_syllabus():
    page = term_page(12, first="2027-02-01", reading=[6])
    assert "| 7 | 15 March 2027 |" in page and "reading week" in page
    assert "due on 26 April 2027" in page and "Text for the syllabus" in page
    assert page.count("\n## Week ") == 11
    assert "date" not in term_page(12).split("## Text")[0]


@pytest.mark.skipif(not INSTRUCTOR.is_dir(), reason="the folder is in the repository only")
def test_committed_pages_are_what_the_command_writes():
    for name, page in kit_pages().items():
        committed = (INSTRUCTOR / name).read_text(encoding="utf-8")
        assert committed == page, f"{name}: alliance-course kit mends it"


def _outside(page):
    return re.findall(r"(?:src|href)=\"(?!data:|#|https://doi\.org/)[^\"]*\"|url\(|@import", page)


def test_guide_holds_every_section_note_and_answer():
    page = guide_page()
    assert not _outside(page) and "{{" not in page
    for found in lessons().values():
        chapter = page.split(f'id="lesson-{found.number}"')[1].split("</section>")[0]
        least = sum(section.in_class[0] for section in found.sections)
        most = sum(section.in_class[1] for section in found.sections)
        assert f"<strong>{least} to {most}</strong>" in chapter
        assert chapter.count("For pairs:") == sum(bool(s.pair) for s in found.sections)
        assert chapter.count("When late:") == sum(bool(s.skip) for s in found.sections)
        asked = {q for q in registry() if q.startswith(f"L{found.number}.") and ".T" not in q}
        assert all(f"<strong>{key}</strong>" in chapter for key in asked)
        assert "Objectives" in chapter or found.number == "00"
    assert page.count('<section class="new"') == len(lessons())


@pytest.mark.parametrize("number", lessons())
def test_slides_stand_alone(number):
    page = slides_page(number)
    assert not _outside(page.replace("00-start-here.ipynb", "#"))
    assert len(re.findall(r'<section class="slide ', page)) >= 10
    drawings = lesson(number).prose.count("](pictures/")
    assert page.count('src="data:image/svg+xml;base64,') >= drawings >= 1, "drawings come along"
    assert f"<title>{lesson(number).title}</title>" in page
    assert "<details>" not in page and "import alliance_course" not in page


def _learner(rng, day):
    """A progress file as the course writes it, with its own times."""
    stamp = iter(range(1000))

    def at():
        return f"2026-03-{day % 28 + 1:02}T10:{day % 60:02}:{next(stamp) % 60:02}.{day:04}+00:00"

    guesses = {f"L01.P{n}": {"guess": "a", "at": at()} for n in (1, 2)}
    guesses["L02.P1"] = {"guess": "b", "at": at()}
    answers = {}
    for key in ("L01.Q1", "L01.Q2", "L02.Q3"):
        wrong = bool(rng.random() < 0.4)
        answers[key] = {"state": "right", "tries": 1 + wrong, "at": at()}
        if wrong and "option" in registry()[key]:
            mistake = next(o["key"] for o in registry()[key]["option"] if not o.get("right"))
            answers[key] |= {"wrong": {mistake: 1}, "state": "misunderstanding"}
    return {"version": VERSION, "guesses": guesses, "answers": answers}


def _write(folder, name, content):
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(7)
    for n in range(290):
        _write(tmp_path, f"learner-{n:03}.json", _learner(rng, n))
    whole = json.dumps(_learner(rng, 900))
    bad_count, bad_state = _learner(rng, 901), _learner(rng, 902)
    bad_count["answers"]["L01.Q1"]["tries"] = "two"
    bad_state["answers"]["L01.Q1"]["state"] = "excellent"
    damaged = ["", "{", whole[:200], "[]", "null", "[" * 100_000, '{"version": 2}', "\x00" * 50]
    for n, content in enumerate([*damaged, bad_count, bad_state]):
        _write(tmp_path, f"damaged-{n}.json", content)
    return tmp_path


def test_three_hundred_files_of_which_ten_are_damaged(folder):
    begin = time.perf_counter()
    found = read_class(folder)
    page = class_page(found)
    assert time.perf_counter() - begin < 5
    assert found.files == 300 and sorted(found.left_out) == [f"damaged-{n}.json" for n in range(10)]
    assert all(name in page for name in found.left_out)

    contents = [json.loads(path.read_text()) for path in folder.glob("learner-*.json")]
    table = question_table(found).set_index("question")
    wrong = misunderstanding_table(found)
    for key in ("L01.Q1", "L01.Q2", "L02.Q3"):
        entries = [content["answers"][key] for content in contents]
        assert table.loc[key, "tried"] == 290
        assert table.loc[key, "right"] == sum(entry["state"] == "right" for entry in entries)
        assert table.loc[key, "caught"] == sum("wrong" in entry for entry in entries)
        counted = wrong.loc[wrong["question"] == key, "learners"].sum()
        assert counted == sum("wrong" in entry for entry in entries)
    assert wrong["misconception"].str.len().gt(0).any()


def test_copies_and_other_versions_are_named_and_left_out(tmp_path):
    rng = np.random.default_rng(1)
    one, other = _learner(rng, 1), _learner(rng, 2)
    earlier = json.loads(json.dumps(one))
    earlier["answers"].popitem()
    _write(tmp_path, "a.json", one)
    _write(tmp_path, "b.json", one)
    _write(tmp_path, "early.json", earlier)
    _write(tmp_path, "other.json", other)
    _write(tmp_path, "old.json", one | {"version": 1})
    _write(tmp_path, "new.json", one | {"version": 99})
    found = read_class(tmp_path)
    assert found.left_out == {
        "b.json": "a copy of a.json",
        "early.json": "an earlier copy of a.json",
        "new.json": f"of another version (99, this course has {VERSION})",
        "old.json": f"of another version (1, this course has {VERSION})",
    }
    assert found.answers["learner"].nunique() == 2


def test_next_class_begins_with_what_most_do_not_have(folder):
    found = read_class(folder)
    table = question_table(found)
    worst = table.assign(open=table["tried"] - table["right"]).sort_values("open").iloc[-1]
    assert next_class(found)[0].startswith(worst["question"])
    assert f"{worst['open']} of {worst['tried']}" in next_class(found)[0]


def test_command_writes_tables_and_picture(folder, tmp_path):
    out = tmp_path / "out"
    result = RUN.invoke(app, ["class", str(folder), "--to", str(out)])
    assert result.exit_code == 0 and "300 files, 290 learners, 10 left out" in result.output
    head = (out / "class-questions.csv").read_text(encoding="utf-8-sig").splitlines()
    assert head[0].startswith("question,tried,right") and len(head) == 4
    assert (out / "class-misunderstandings.csv").is_file() and (out / "class.png").is_file()


def test_a_class_that_answered_nothing_has_a_picture(tmp_path):
    _write(tmp_path, "one.json", {"version": VERSION, "guesses": {}, "answers": {}})
    found = read_class(tmp_path)
    assert "Nobody has answered" in plot_class(found).words
    assert write_class(found, tmp_path)


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_folder_without_files_is_refused_in_one_line(tmp_path, name):
    (tmp_path / "empty").mkdir()
    result = RUN.invoke(app, ["class", str(tmp_path / name)])
    assert result.exit_code == 1 and len(result.output.strip().splitlines()) == 1


def test_the_forms_are_parallel_item_by_item():
    seen = set()
    for number in range(1, ITEMS + 1):
        first, second = (question(item_id(form, number)) for form in "AB")
        assert first["misconceptions"] == second["misconceptions"] != []
        assert first["prompt"] != second["prompt"]
        seen.add(tuple(first["misconceptions"]))
        for entry in (first, second):
            assert [o["key"] for o in entry["option"]] == list("abcd")
            assert sum(o.get("right", False) for o in entry["option"]) == 1
    assert len(seen) == ITEMS


@pytest.mark.parametrize("form", ["A", "B"])
def test_right_letters_are_spread_and_longest_answers_do_not_give_them_away(form):
    entries = [question(item_id(form, n)) for n in range(1, ITEMS + 1)]
    rights = [next(o for o in entry["option"] if o.get("right")) for entry in entries]
    letters = [option["key"] for option in rights]
    assert set(letters) == set("abcd") and max(map(letters.count, letters)) <= 4
    longest = [
        right is max(entry["option"], key=lambda o: len(o["text"]))
        for right, entry in zip(rights, entries, strict=True)
    ]
    assert sum(longest) <= 6


def test_score_counts_and_says_nothing_of_the_answers_before():
    right = [
        next(o["key"] for o in question(item_id("A", n))["option"] if o.get("right"))
        for n in range(1, ITEMS + 1)
    ]
    assert score_test("A", right) == "12 of 12 right."
    assert score_test("A", [*right[:6], *[...] * 6]).startswith("6 of 12 right; 6 without")
    told = score_test("A", ["a"] * ITEMS, feedback=True)
    for number in range(1, ITEMS + 1):
        assert judge(question(item_id("A", number)), "a")[0].message in told
    for bad in (["a"] * 11, "a" * 12):
        with pytest.raises(ValueError, match="12"):
            score_test("A", bad)
    with pytest.raises(ValueError, match="form"):
        score_test("C", ["a"] * 12)


def test_gain_is_that_of_the_class_means_and_its_interval_covers():
    before, after = [4, 6, 5, 7, 3, 5], [8, 8, 9, 10, 6, 7]
    found = class_gain(before, after, seed=1)
    assert found.gain == pytest.approx((48 - 30) / (72 - 30))
    assert found.low < found.gain < found.high
    rng = np.random.default_rng(3)
    hits = 0
    for seed in range(200):
        pairs = rng.binomial(12, 0.4, 40), rng.binomial(12, 0.7, 40)
        low, high = class_gain(*pairs, seed=seed)[1:3]
        hits += low <= 0.5 <= high
    assert 180 <= hits <= 198


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([1, 2, 3, 4], [2, 3, 4, 5], "too few"),
        ([1, 2, 3, 4, 5], [2, 3, 4, 5], "same"),
        ([1, 2, 3, 4, None], [2, 3, 4, 5, 6], "missing"),
        ([1, 2, 3, 4, 13], [2, 3, 4, 5, 6], "13"),
        ([1, 2, 3, 4, -1], [2, 3, 4, 5, 6], "-1"),
        ([1, 2, 3, 4, 2.5], [2, 3, 4, 5, 6], "2.5"),
        ([1, 2, 3, 4, "five"], [2, 3, 4, 5, 6], "number"),
        ([12] * 5, [12] * 5, "all points"),
        ([1, 2, 3, 4, float("inf")], [2, 3, 4, 5, 6], "inf"),
    ],
)
def test_bad_scores_are_refused(before, after, said):
    with pytest.raises(ValueError, match=said) as refused:
        class_gain(before, after, seed=1)
    assert "\n" not in str(refused.value)


@pytest.mark.skipif(not INSTRUCTOR.is_dir(), reason="the folder is in the repository only")
def test_the_notebook_for_the_test_runs_as_it_is():
    cells = json.loads((INSTRUCTOR / "before-and-after.ipynb").read_text())["cells"]
    names: dict = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    assert names["gain"].learners >= 5


def test_the_test_files_hold_the_forms_and_nothing_else():
    folder = course_folder("notebooks").parent / "alliance_course" / "questions" / "texts"
    for form in "AB":
        entries = tomllib.loads((folder / f"test_{form.lower()}.toml").read_text())["question"]
        assert [entry["id"] for entry in entries] == [item_id(form, n + 1) for n in range(ITEMS)]
