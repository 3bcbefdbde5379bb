"""Marks that can be defended: judged from the answers, with items of the class's own."""

import copy
import csv
import json
import tomllib
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from alliance_course.questions.bank import question, registry, written_tasks
from alliance_course.questions.judge import judge, values
from alliance_course.questions.progress import VERSION
from alliance_tools.cli import app
from alliance_tools.instructor.assignment import assign
from alliance_tools.instructor.gradebook import read_roster, total, write_marks
from alliance_tools.instructor.marking import (
    NOT_SHOWN,
    answers_in,
    class_numbers,
    mark_class,
    read_answer,
    remarked,
    shown_answer,
)
from alliance_tools.instructor.variants import versions
from alliance_tools.instructor.variants.versions import (
    class_task,
    given_away,
    points_for,
    swap_words,
)
from alliance_tools.maintain.notebooks import practices
from alliance_tools.maintain.practice import tasks

NUMBER = 2032
MARKED = [task for task in tasks("01") if task not in written_tasks()]
CHOICES = [key for key, entry in registry().items() if ".T" in key and "option" in entry]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    assign(folder, lessons=["01"], seed=NUMBER)
    return folder


def assignment(course):
    return nbformat.read(course / "source" / "01-practice" / "01-practice.ipynb", as_version=4)


def right(task):
    entry = class_task(task, NUMBER).entry
    if entry["kind"] == "number":
        return float(values(entry["id"], NUMBER)["expected"])
    return "".join(option["key"] for option in entry["option"] if option.get("right"))


def filled(course, answers, first=""):
    """The assignment with these lines in place of the dots."""
    notebook = assignment(course)
    for cell in notebook.cells:
        name = cell.source.split(" = ...")[0]
        if name in answers:
            cell.source = f"{name} = {answers[name]}"
        if first and cell.source.startswith("import pandas"):
            cell.source += f"\n{first}"
    return notebook


def everything(course, **changed):
    answers = {f"answer_{task.split('.T')[1]}": repr(right(task)) for task in MARKED}
    return filled(course, answers | changed)


def put(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, dict) and "cells" in content:
        nbformat.write(content, path)
    else:
        path.write_text(json.dumps(content))


def test_assignment_shows_answers_and_holds_no_key(course):
    text = nbformat.writes(assignment(course))
    assert "Worked solution" not in text and "ac.mark" not in text and "ac.check" not in text
    assert f"CLASS = {NUMBER}" in text and class_numbers(course) == {"01": NUMBER}
    public = nbformat.writes(nbformat.read(practice_path(), as_version=4))
    assert "Dunya" in public and "Dunya" not in text  # the scene that task 1 is about
    for task in MARKED:
        version = class_task(task, NUMBER)
        assert version.entry["prompt"] in text.replace('\\"', '"')
        assert version.scene or question(task)["prompt"] not in text.replace('\\"', '"')
        if "option" in version.entry:
            shared = {o["text"] for o in version.entry["option"] if o.get("right")}
            assert not any(json.dumps(words)[1:-1] in public for words in shared if len(words) > 25)


def practice_path():
    from alliance_tools.maintain.notebooks import practices

    return practices()["01"].path


def test_cells_of_an_assignment_run_and_show_what_its_questions_ask(course):
    names: dict = {}
    for cell in assignment(course).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, "cell", "exec"), names)
    swapped = class_task("L01.T3", NUMBER).words
    old, new = next((k, v) for k, v in swapped.items() if k.startswith("session "))
    assert new in names["table"].columns and old not in names["table"].columns


@pytest.mark.parametrize("task", CHOICES)
def test_every_choice_task_has_another_item_of_the_same_kind(task):
    public, own = question(task), class_task(task, NUMBER).entry
    assert own["kind"] == public["kind"] and own["points"] == public["points"]
    assert [option["key"] for option in own["option"]] == list("abcde")[: len(own["option"])]
    rights = [option for option in own["option"] if option.get("right")]
    assert len(rights) == 1 if own["kind"] == "choice" else 1 < len(rights) < len(own["option"])
    said = [option["feedback"] for option in own["option"]]
    assert len(set(said)) == len(said) and all(said)
    published = {option["text"] for option in public["option"] if option.get("right")}
    if task not in ("L01.T1", "L03.T1"):  # the three parts have the same names everywhere
        assert not published & {option["text"] for option in rights}


def test_class_number_decides_order_and_nobody_gains_by_the_longest():
    orders = {tuple(o["text"] for o in class_task("L06.T1", n).entry["option"]) for n in range(30)}
    assert len(orders) > 10
    assert class_task("L06.T1", 5) is class_task("L06.T1", 5)
    longest = letters = 0
    singles = [task for task in CHOICES if question(task)["kind"] == "choice"]
    for task in singles:
        options = class_task(task, NUMBER).entry["option"]
        fits = next(option for option in options if option.get("right"))
        longest += len(fits["text"]) >= max(len(option["text"]) for option in options)
        letters += fits["key"] == next(o["key"] for o in question(task)["option"] if o.get("right"))
    assert longest <= len(singles) / 3 and letters <= len(singles) / 2


@pytest.mark.parametrize(
    "task", [task for task in versions._numbers() if task[:3] in ("L01", "L12")]
)
def test_each_version_of_a_number_task_computes_and_differs_from_the_public_one(task):
    for place in range(len(versions._numbers()[task])):
        words = versions._words(versions._numbers()[task][place])
        entry = versions._swapped(question(task), words)
        own = {
            k: v
            for k, v in versions._numbers()[task][place].items()
            if k not in ("session", "swap")
        }
        entry |= own | {"id": f"{task} tried {place}"}
        versions.add_question(entry)
        found = values(entry["id"])
        assert float(found["expected"]) == pytest.approx(float(found["expected"]))
        assert abs(found["expected"] - values(task)["expected"]) > entry["tolerance"] or own == {}


def test_words_change_places_and_parts_of_numbers_stay():
    assert swap_words("goals and tasks", {"goals": "tasks", "tasks": "goals"}) == "tasks and goals"
    words = {"session 1": "session 2", "> 3": "> 6", "session_1": "session_2"}
    assert (
        swap_words("session 12, session 1, session_1.x", words)
        == "session 12, session 2, session_2.x"
    )
    assert swap_words("x > 3.5, x > 3", words) == "x > 3.5, x > 6"


def test_a_number_that_gives_a_slip_away_is_named_and_another_is_chosen(monkeypatch):
    lucky = versions._given_away
    monkeypatch.setattr(
        versions, "_given_away",
        lambda task, entry, number: ["percent"] if number < 2032 else lucky(task, entry, number),
    )  # fmt: skip
    assert given_away(["01"], 2031)["L01.T3"] == ["percent"]
    assert versions.choose_number(["01"], 2031) >= 2032


def test_what_is_printed_in_pieces_is_one_answer():
    # a kernel that is busy elsewhere sends one line in two messages
    whole = "You hand in: 'b'\n"
    for cut in range(len(whole) + 1):
        pieces = [whole[:cut], whole[cut:]]
        outputs = [{"output_type": "stream", "name": "stdout", "text": part} for part in pieces]
        assert shown_answer({"outputs": outputs}) == "b", cut
        outputs.insert(1, {"output_type": "stream", "name": "stderr", "text": "a warning"})
        assert shown_answer({"outputs": outputs}) == "b", cut
    assert shown_answer({"outputs": outputs[:0]}) is None


@pytest.mark.parametrize("lesson", practices())
def test_right_answers_are_right_and_wrong_ones_wrong_whatever_the_class_number(lesson):
    for start in (2, 77, 2031, 400_000, 999_999):
        number = versions.choose_number([lesson], start)
        assert versions.letters_earn([lesson], number) <= 0.2
        for task in tasks(lesson):
            if task in written_tasks():
                continue
            entry = class_task(task, number).entry
            if entry["kind"] == "number":
                found = values(entry["id"], number)
                right = [float(found["expected"]), round(float(found["expected"]), 4)]
                wrong = [float(found[f"mistake {one['name']}"]) for one in entry["mistake"]]
            else:
                keys = [option["key"] for option in entry["option"] if option.get("right")]
                right = ["".join(keys), keys if entry["kind"] == "choices" else keys[0]]
                wrong = [o["key"] for o in entry["option"] if not o.get("right")]
            for answer in right:
                assert points_for(entry, answer, number)[0] == entry["points"], (number, task)
                as_shown = read_answer(repr(answer))
                assert points_for(entry, as_shown, number)[0] == entry["points"], (number, task)
            for answer in wrong:
                assert points_for(entry, answer, number)[0] == 0, (number, task, answer)


def test_an_instructors_own_items_stand_in_place_of_the_courses(tmp_path):
    text = (Path(versions.__file__).with_name("choices.toml")).read_text(encoding="utf-8")
    entry = tomllib.loads(text)["question"][3]
    own = f'[[question]]\nid = "{entry["id"]}"\nprompt = "My own?"\noption = [\n'
    own += '{text = "yes", right = true, feedback = "Yes."}, {text = "no", feedback = "No."}]\n'
    (tmp_path / "mine.toml").write_text(own)
    assert class_task(entry["id"], 7, tmp_path).entry["prompt"] == "My own?"
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.toml").write_text(own.replace("right = true, ", ""))
    with pytest.raises(ValueError, match=r"mine\.toml: L01\.T6"):
        class_task(entry["id"], 7, other)


SHOWN = {
    "0.31": 0.31,
    "'b'": "b",
    "['a', 'd']": ["a", "d"],
    "np.float64(0.31)": 0.31,
    "np.int64(3)": 3,
    "Ellipsis": ...,
    "0    0.25\ndtype: float64": 0.25,
    "x    0.25\nName: outcome, dtype: float64": 0.25,
}


@pytest.mark.parametrize("text", SHOWN)
def test_what_a_cell_prints_is_read_back(text):
    assert read_answer(text) == SHOWN[text]


@pytest.mark.parametrize("text", ["nan", "<function f>", "   a  b\n0  1  2\n1  3  4", "[" * 99_999])
def test_what_is_no_answer_gets_a_sentence_and_no_points(text):
    for task in ("L01.T1", "L01.T3"):
        assert judge(class_task(task, NUMBER).entry, read_answer(text))[0].state in (
            "kind",
            "shape",
        )


def test_answers_count_as_they_stand_and_worked_out_ones_as_shown(course):
    notebook = filled(course, {"answer_1": '"B"', "answer_3": "1 + 1", "answer_4": "np.nan"})
    assert answers_in(notebook)["L01.T1"] == "B" and answers_in(notebook)["L01.T2"] is ...
    assert answers_in(notebook)["L01.T3"] is NOT_SHOWN
    for cell in notebook.cells:
        if "repr(answer_3)" in cell.source:
            cell.outputs = [nbformat.v4.new_output("stream", text="You hand in: 2\n")]
    assert answers_in(notebook)["L01.T3"] == 2


def run_by_hand(notebook, shown):
    """The outputs that a kernel leaves: what is printed, or the error of a cell that failed."""
    for cell in notebook.cells:
        task = cell.metadata.get("nbgrader", {}).get("grade_id", "").replace("-", ".")
        if task not in MARKED:
            continue
        zero = nbformat.v4.new_output("execute_result", {"text/plain": "0"}, execution_count=1)
        printed = nbformat.v4.new_output("stream", text=f"You hand in: {shown.get(task)}\n")
        failed = nbformat.v4.new_output("error", ename="NameError", evalue="answer_1")
        cell.outputs = [printed, zero] if task in shown else [zero]
        if shown.get(task) == "error":
            cell.outputs = [failed]
    return notebook


def points_given(notebook):
    """What nbgrader takes for the points of each task: the number in the cell's result."""
    return {
        cell.metadata.nbgrader.grade_id.replace("-", "."): [
            float(output.data["text/plain"])
            for output in cell.outputs
            if output.output_type == "execute_result"
        ]
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id", "").replace("-", ".") in MARKED
    }


def test_nbgraders_step_gives_points_from_what_was_shown_and_nothing_else(course):
    shown = {"L01.T1": repr(right("L01.T1")), "L01.T3": f"np.float64({right('L01.T3')})"}
    shown |= {"L01.T4": "error", "L01.T5": "'z'"}
    notebook = run_by_hand(assignment(course), shown)
    assert list(remarked(notebook, "01", NUMBER)) == [t for t in MARKED if t != "L01.T4"]
    given = points_given(notebook)
    assert given == {
        "L01.T1": [1], "L01.T2": [0], "L01.T3": [2], "L01.T4": [], "L01.T5": [0], "L01.T6": [0]
    }  # fmt: skip
    nbformat.validate(notebook)
    # a marked notebook still shows what was handed in, also what code has worked out
    for cell in notebook.cells:
        cell.source = cell.source.replace("answer_3 = ...", "answer_3 = worked_out()")
    assert answers_in(notebook)["L01.T3"] == right("L01.T3")
    text = nbformat.writes(notebook)
    assert "Points: 2 of 2" in text and "none of the choices" in text
    # `print` and `ac.mark` replaced: the cell shows nothing, and nothing is what it gets
    cheat = filled(course, {}, first="ac.mark = lambda *a, **k: 99\nprint = lambda *a, **k: 0")
    assert list(remarked(run_by_hand(cheat, {}), "01", NUMBER)) == MARKED
    assert sum(points[0] for points in points_given(cheat).values()) == 0


def test_a_class_is_marked_and_missing_is_no_zero(course, tmp_path):
    most = sum(class_task(task, NUMBER).entry["points"] for task in MARKED)
    put(tmp_path, "Ada L_1_assignsubmission_file_/01-practice (1).ipynb", everything(course))
    cheat = filled(course, {}, first="ac.mark = lambda *a, **k: 99\nprint = lambda *a, **k: 0")
    put(tmp_path, "Bo_2_assignsubmission_file_/01-practice.ipynb", cheat)
    put(tmp_path, "Cy_3_assignsubmission_file_/01-practice.ipynb", b"{ not json")
    put(tmp_path, "Di_4_assignsubmission_file_/essay.docx", b"PK")
    half = everything(course, answer_3="1 / 3", answer_4="0")
    put(tmp_path, "Ed_5_assignsubmission_file_/draft.ipynb", filled(course, {"answer_1": '"z"'}))
    put(tmp_path, "Ed_5_assignsubmission_file_/final.ipynb", half)
    found = mark_class(tmp_path, "01", NUMBER)
    by = {marks.learner: marks for marks in found.rows}
    assert total(by["Ada L"]) == most and total(by["Bo"]) == 0 and set(by) == {"Ada L", "Bo", "Ed"}
    assert by["Ed"].points["L01.T3"] is None and total(by["Ed"]) == most - 4
    assert set(found.left_out) == {
        "Cy_3_assignsubmission_file_/01-practice.ipynb",
        "Di_4_assignsubmission_file_/essay.docx",
        "Ed_5_assignsubmission_file_/draft.ipynb",
    }


def test_a_duplicated_cell_and_a_broken_one_stop_nobody(course, tmp_path):
    twice = everything(course)
    place = next(n for n, cell in enumerate(twice.cells) if "repr(answer_2)" in cell.source)
    double = copy.deepcopy(twice.cells[place])
    double.id = "double"
    twice.cells.insert(place, double)
    put(tmp_path, "progress-A.ipynb", twice)
    put(tmp_path, "B.ipynb", everything(course, answer_1="= ("))
    found = mark_class(tmp_path, "01", NUMBER)
    points = {marks.learner: total(marks) for marks in found.rows}
    most = sum(found.most.values())
    assert points == {"A": most, "B": most - found.most["L01.T1"]}


def test_a_record_of_the_page_is_marked_for_the_public_practice_only(tmp_path):
    letter = "".join(o["key"] for o in question("L01.T1")["option"] if o.get("right"))
    at = {"tries": 1, "at": "2026-11-02T10:00:00+00:00"}
    record = {
        "version": VERSION,
        "guesses": {},
        "answers": {
            "L01.T1": {"state": "misunderstanding", "answer": letter, **at},
            "L01.T3": {"state": "right", **at},
            "L01.T4": {"state": "near miss", **at},
            "L02.T1": {"state": "right", **at},
        },
    }
    put(tmp_path, "Ada_1_assignsubmission_file_/progress.json", record)
    (marks,) = mark_class(tmp_path, "01").rows
    # an answer that stands in the record is judged here, and its state is not believed
    assert marks.points == {
        "L01.T1": 1, "L01.T2": 0, "L01.T3": 2, "L01.T4": 1, "L01.T5": 0, "L01.T6": 0
    }  # fmt: skip
    found = mark_class(tmp_path, "01", NUMBER)
    assert not found.rows and "of its own" in next(iter(found.left_out.values()))


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def marked(course, tmp_path):
    inside = tmp_path / "in"
    put(inside, "Ada Lovelace_11_assignsubmission_file_/01-practice.ipynb", everything(course))
    put(inside, "José Müller_12_assignsubmission_file_/01-practice.ipynb", filled(course, {}))
    put(inside, "=Evil_13_assignsubmission_file_/01-practice.ipynb", filled(course, {}))
    return mark_class(inside, "01", NUMBER)


def test_tables_without_a_list_of_the_class(marked, tmp_path):
    paths, missing = write_marks(marked, tmp_path)
    assert [path.name for path in paths] == [
        "marks-01.csv", "marks-01-moodle.csv", "marks-01-canvas.csv"
    ]  # fmt: skip
    plain, moodle, canvas = map(rows_of, paths)
    assert not missing and {row["state"] for row in plain} == {"handed in"}
    assert sum(float(plain[1][task]) for task in MARKED) == float(plain[1]["points"]) == 10
    ada = next(row for row in moodle if row["Full name"] == "Ada Lovelace")
    assert ada["Identifier"] == "Participant 11" and ada["Grade"] == ada["Maximum grade"] == "10"
    assert canvas[0]["Student"] == "Points Possible" and canvas[0]["Practice 01"] == "10"
    # a name that a spreadsheet would run stays a name
    assert "'=Evil" in {row["Full name"] for row in moodle}


def test_moodles_worksheet_is_filled_and_absent_people_stay_empty(marked, tmp_path):
    sheet = (
        "Identifier,Full name,Email address,Status,Grade,Maximum grade,Last modified (grade)\n"
        "Participant 11,Ada Lovelace,ada@x.org,Submitted,,10.00,-\n"
        "Participant 12,José Müller,jose@x.org,Submitted,,10.00,-\n"
        "Participant 14,Jean Absent,jean@x.org,No submission,,10.00,-\n"
    )
    (tmp_path / "sheet.csv").write_bytes(b"\xef\xbb\xbf" + sheet.encode())
    paths, missing = write_marks(marked, tmp_path, tmp_path / "sheet.csv")
    grades = {row["Full name"]: row["Grade"] for row in rows_of(paths[1])}
    assert grades == {"Ada Lovelace": "10", "José Müller": "0", "Jean Absent": ""}
    assert missing == ["Jean Absent"]
    plain = {row["learner"]: row for row in rows_of(paths[0])}
    assert plain["Jean Absent"]["points"] == "" and plain["Jean Absent"]["state"] == "missing"
    assert plain["'=Evil"]["state"] == "not in the list of the class"


def test_canvass_gradebook_is_filled_by_name_and_column(marked, tmp_path):
    gradebook = (
        "Student,ID,SIS User ID,SIS Login ID,Section,Practice 01 (987),Other (1)\n"
        "    Points Possible,,,,,10,5\n"
        '"Lovelace, Ada",501,,ada,A,,3\n'
        '"Müller, José",502,,jose,A,,4\n'
        '"Absent, Jean",503,,jean,A,,\n'
    )
    (tmp_path / "grades.csv").write_text(gradebook, encoding="utf-8")
    assert read_roster(tmp_path / "grades.csv").kind == "canvas"
    paths, missing = write_marks(marked, tmp_path, tmp_path / "grades.csv")
    rows = rows_of(paths[1])
    assert list(rows[0]) == [
        "Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Practice 01 (987)"
    ]  # fmt: skip
    grades = [row["Practice 01 (987)"] for row in rows]
    assert grades == ["10", "10", "0", ""] and missing == ["Absent, Jean"]


def test_a_file_that_is_no_list_of_a_class_is_refused_in_one_line(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="no list of a class") as refused:
        read_roster(tmp_path / "x.csv")
    assert "\n" not in str(refused.value)


def test_commands_lay_out_and_mark(tmp_path, monkeypatch):
    run = CliRunner()
    folder = tmp_path / "term"
    monkeypatch.setattr("secrets.randbelow", lambda most: NUMBER - 1000)
    done = run.invoke(app, ["assignment", str(folder), "--lessons", "1"])
    assert done.exit_code == 0, done.output
    number = class_numbers(folder)["01"]
    assert f"class number {number}" in done.output and number >= NUMBER
    # the same command again changes nothing
    assert run.invoke(app, ["assignment", str(folder), "--lessons", "1"]).exit_code == 0
    assert class_numbers(folder) == {"01": number}
    source = nbformat.read(folder / "source/01-practice/01-practice.ipynb", as_version=4)
    put(folder, "submitted/ada/01-practice/01-practice.ipynb", source)
    done = run.invoke(app, ["marks", str(folder), "--lesson", "1", "--to", str(tmp_path)])
    assert done.exit_code == 0 and "1 handed in" in done.output, done.output
    assert rows_of(tmp_path / "marks-01.csv")[0]["points"] == "0"
    refused = run.invoke(app, ["marks", str(tmp_path / "none"), "--lesson", "1"])
    assert refused.exit_code == 1 and len(refused.output.strip().splitlines()) == 1
