"""Practice: every task has its question, points and worked solution, on any class's clinic."""

import re
from functools import cache

import matplotlib
import nbformat
import pytest
from codebook import check_frame

from alliance_course.data.tables import load_dataset
from alliance_course.folders import course_folder
from alliance_course.questions.bank import registry, written_tasks
from alliance_course.questions.cards import mark, task_card
from alliance_course.questions.judge import check, judge, values
from alliance_tools.instructor.assignment import assign
from alliance_tools.maintain.notebooks import MARKED, UNANSWERED, notebook_files
from alliance_tools.maintain.practice import (
    answer_code,
    question_text,
    solution_text,
    tasks,
    written,
)

FILES = notebook_files("exercises")
QUESTIONS = registry()
TASKS = [task for task in QUESTIONS if ".T" in task]
CLASSES = (1, 2031)
SIMULATED = ("clients", "sessions", "items")
every_practice = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("ALLIANCE_PROGRESS", str(tmp_path / "progress.json"))
    matplotlib.use("Agg")


@cache
def notebook(path):
    return nbformat.read(path, as_version=4)


def prose(path):
    return "\n\n".join(c.source for c in notebook(path).cells if c.cell_type == "markdown")


def run(sources):
    """Run code as one program; returns what it leaves."""
    names = {}
    for source in sources:
        exec(compile(source, "cell", "exec"), names)
    return names


def draws_on_the_clinic(entry):
    text = " ".join([str(entry["expected"]), *map(str, entry.get("given", {}).values())])
    return any(re.search(rf"\b{name}\b", text) for name in SIMULATED)


def test_every_lesson_has_its_practice():
    lessons = sorted(path.name[:2] for path in course_folder("notebooks").glob("*.ipynb"))
    assert [path.name[:2] for path in FILES] == [lesson for lesson in lessons if lesson != "00"]


@every_practice
def test_tasks_are_asked_answered_and_marked_in_order(path):
    lesson, cells = path.name[:2], notebook(path).cells
    asked = [
        c.metadata["alliance"]["task"] for c in cells if "task" in c.metadata.get("alliance", {})
    ]
    assert asked == tasks(lesson) == [f"L{lesson}.T{n}" for n in range(1, len(asked) + 1)]
    assert 4 <= len(asked) <= 8
    headings = re.findall(r"^## (.+)$", prose(path), flags=re.MULTILINE)
    assert headings == [*(f"Task {n}" for n in range(1, len(asked) + 1)), "What comes next"]
    marked = [m[1] for c in cells if (m := MARKED.fullmatch(c.source))]
    assert marked == [task for task in asked if task not in written_tasks()]
    numbers = [task for task in marked if QUESTIONS[task]["kind"] == "number"]
    assert numbers and len(marked) < len(asked), "a number to find, and a task in words"


@every_practice
def test_each_answer_is_a_stub_and_assigned_once(path):
    code = "\n".join(c.source for c in notebook(path).cells if c.cell_type == "code")
    names = re.findall(r"^(answer_\d+) =", code, flags=re.MULTILINE)
    assert names == UNANSWERED.findall(code)
    assert len(set(names)) == len(names)
    used = re.findall(r'"L\d\d\.T(\d+)", answer_(\d+)', code)
    assert all(task == answer for task, answer in used)
    assert {f"answer_{answer}" for _, answer in used} == set(names)


@every_practice
def test_it_can_be_graded_as_it_is(path):
    ids = []
    for cell in notebook(path).cells:
        grading = cell.metadata.get("nbgrader")
        marked = MARKED.fullmatch(cell.source)
        by_hand = cell.metadata.get("alliance", {}).get("answer")
        # a stub in a cell of nbgrader's would be replaced by a line that raises an error, and a
        # locked cell before the first mark keeps nbgrader from restoring a deleted one
        assert (grading is not None) == bool(marked or by_hand)
        if grading is None:
            continue
        ids.append(grading["grade_id"])
        assert grading["schema_version"] == 3 and not grading["task"]
        assert grading["locked"] == (not by_hand) and grading["solution"] == bool(by_hand)
        task = marked[1] if marked else by_hand
        assert grading["grade"] and grading["grade_id"] == task.replace(".", "-")
        assert grading["points"] == (written_tasks().get(task) or QUESTIONS[task])["points"] > 0
    assert len(set(ids)) == len(ids) == len(tasks(path.name[:2]))
    assert any("CLASS = None" in cell.source for cell in notebook(path).cells)


@every_practice
def test_text_is_that_of_the_registry(path):
    assert [(c.cell_type, c.source, c.metadata) for c in written(notebook(path)).cells] == [
        (c.cell_type, c.source, c.metadata) for c in notebook(path).cells
    ]


@every_practice
def test_each_worked_solution_is_folded_below_its_answer_and_asks_nothing(path):
    cells = notebook(path).cells
    place = {
        kind: {c.metadata["alliance"][kind]: n for n, c in enumerate(cells) if kind in tag(c)}
        for kind in ("task", "answer", "worked")
    }
    marked = {m[1]: n for n, c in enumerate(cells) if (m := MARKED.fullmatch(c.source))}
    answered = place["answer"] | marked
    assert list(place["worked"]) == list(place["task"]) == tasks(path.name[:2])
    for task, n in place["worked"].items():
        assert place["task"][task] < answered[task] == n - 1
        source = cells[n].source
        assert cells[n].cell_type == "markdown" and "nbgrader" not in cells[n].metadata
        assert source.startswith("<details><summary>Worked solution</summary>\n\n")
        assert source.endswith("\n</details>") and source.count("<details>") == 1
        assert "Worked solution" not in cells[place["task"][task]].source


def tag(cell):
    return cell.metadata.get("alliance", {})


@every_practice
@pytest.mark.parametrize("seed", [None, *CLASSES])
def test_every_worked_solution_gets_all_points_in_every_class(path, seed):
    marked = [task for task in tasks(path.name[:2]) if task not in written_tasks()]
    sources = []
    for cell in notebook(path).cells:
        # the cells that print the tables run too: they must not spoil what an answer rests on
        if cell.cell_type == "code" and not MARKED.fullmatch(cell.source):
            open_ = UNANSWERED.match(cell.source)
            source = answer_code(marked.pop(0)) if open_ else cell.source
            sources.append(source.replace("CLASS = None", f"CLASS = {seed}"))
    assert not marked
    names = run(sources)
    for task in tasks(path.name[:2]):
        if task not in written_tasks():
            assert answer_code(task) in solution_text(task)
            got = mark(task, names[f"answer_{task.split('.T')[1]}"], seed=seed)
            assert got == got.most == QUESTIONS[task]["points"], (task, got.result)


@every_practice
def test_run_all_on_an_untouched_practice_gives_no_points_and_no_error(path):
    shown = 0
    for cell in notebook(path).cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error" and output.get("name") != "stderr"
            if MARKED.fullmatch(cell.source) and output.output_type == "execute_result":
                assert output.data["text/plain"] == "0.0"
                assert output.data["text/markdown"] == "Not tried yet."
                shown += 1
    assert shown == len([task for task in tasks(path.name[:2]) if task not in written_tasks()])


@every_practice
def test_prose_is_careful_and_no_link_is_dead(path):
    text = prose(path)
    assert text.startswith(f"# Practice {path.name[:2]}") and text.count("\n# ") == 0
    assert "simulated" in text and "not therapy" in text and "no programming" in text
    words = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    assert "!" not in re.sub(r"`[^`]*`|!\[|!=", "", words), "no exclamation marks"
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        assert (path.parent / target).exists(), target


@every_practice
def test_code_is_short_and_begins_with_what_a_beginner_knows(path):
    code = [c.source for c in notebook(path).cells if c.cell_type == "code"]
    lines = "\n".join([*code, *(answer_code(task) for task in TASKS)]).splitlines()
    assert all(len(source.splitlines()) <= 6 for source in code)
    assert max(map(len, lines)) <= 79
    assert code[0].startswith("import pandas as pd\nimport alliance_course as ac\n\nCLASS = None")


@pytest.mark.parametrize("task", [task for task in TASKS if QUESTIONS[task]["kind"] == "number"])
def test_a_class_has_other_numbers_than_the_public_solution(task):
    entry = QUESTIONS[task]
    assert f"answer_{task.split('.T')[1]} =" in entry["worked"]
    assert len(entry["mistake"]) >= 4
    public = float(values(task)["expected"])
    for seed in CLASSES:
        number = float(values(task, seed)["expected"])
        assert judge(entry, number, seed=seed)[0].state == "right"
    if draws_on_the_clinic(entry):
        states = [judge(entry, public, seed=seed)[0].state for seed in range(1, 7)]
        assert states.count("right") <= 2, "too often the public number is right for a class too"


@pytest.mark.parametrize("task", TASKS)
def test_task_can_be_asked_and_gives_its_points(task):
    entry = QUESTIONS[task]
    assert mark(task) == mark(task, ...) == 0 and repr(mark(task)) == "0.0"
    assert entry["prompt"] in question_text(task)
    assert mark(task, object()) == 0
    assert mark(task)._repr_markdown_() == "Not tried yet."


def test_what_was_answered_in_the_card_is_marked_by_its_answer():
    check("L01.T2", "a")
    assert mark("L01.T2") == 1
    check("L01.T2", "ad")
    check("L01.T2", "b")
    assert mark("L01.T2") == 2, "the best try counts"
    (card,) = task_card("L01.T2").spec["cards"]
    assert card["compact"] and [option["text"] for option in card["options"]] == [""] * 5


@pytest.mark.parametrize("task", written_tasks())
def test_a_task_in_words_says_what_counts(task):
    entry = written_tasks()[task]
    stated = [re.search(r"\((\d) points?\)$", line) for line in entry["rubric"]]
    assert all(stated), "each line of the rubric ends with its points"
    assert sum(int(found[1]) for found in stated) == entry["points"]
    assert len(entry["example"]) > 60 and entry["example"] not in question_text(task)
    assert entry["example"].split("\n")[0] in solution_text(task)


def test_half_of_the_points_for_a_near_miss():
    assert mark("L01.T2", "ad") == 2 and mark("L01.T2", "a") == 1 and mark("L01.T2", "ab") == 0
    got = mark("L01.T2", "a")
    assert got._repr_markdown_() == f"{got.result!r}\n\n*Points: 1 of 2.*"
    with pytest.raises(ValueError, match="gives no points"):
        mark("L01.Q1", "c")


def test_a_class_has_a_clinic_of_its_own_with_the_same_columns():
    for name in SIMULATED:
        public, own = load_dataset(name), load_dataset(name, seed=5)
        assert list(own.columns) == list(public.columns)
        assert own.dtypes.equals(public.dtypes)
        check_frame(own, name)
        assert not own.head(200).equals(public.head(200))
        assert own.equals(load_dataset(name, seed=5)) and load_dataset(name).equals(public)
    own.loc[:, "bond_1"] = 5
    assert not load_dataset("items", seed=5).equals(own), "what one changes stays one's own"
    assert load_dataset("published_effects", seed=5).equals(load_dataset("published_effects"))
    for wrong in (-1, 2.5, True, "a"):
        with pytest.raises(ValueError, match="whole number"):
            load_dataset("clients", seed=wrong)


def test_the_public_clinic_is_the_class_of_the_datasets_own_number():
    from alliance_course.data.tables import package

    for name in SIMULATED:
        made = load_dataset(name, seed=package()["clinic"]["seed"])
        assert made.equals(load_dataset(name))


def test_checking_for_a_class_uses_the_clinic_of_the_class():
    for seed in CLASSES:
        number = float(values("L01.T3", seed)["expected"])
        assert check("L01.T3", number, seed=seed).state == "right"
        assert check("L01.T3", number).state != "right"


def test_assignments_carry_the_number_of_the_class_and_are_never_written_over(tmp_path):
    (made,) = assign(tmp_path, lessons=["01"], seed=77)
    assert made == tmp_path / "source" / "01-practice" / "01-practice.ipynb"
    text = made.read_text(encoding="utf-8")
    assert "CLASS = 77" in text and "seed=CLASS)" in text
    assert "Worked solution" not in text and ".ipynb)" not in text
    assert not any(answer_code(task) in text for task in tasks("01") if task not in written_tasks())
    assert assign(tmp_path, lessons=["01"], seed=77) == [made]
    with pytest.raises(ValueError, match="there already"):
        assign(tmp_path, lessons=["01"], seed=78)
    with pytest.raises(ValueError, match="has no practice"):
        assign(tmp_path, lessons=["99"])
    with pytest.raises(ValueError, match="whole number"):
        assign(tmp_path / "other", lessons=["01"], seed=-3)
    assert not (tmp_path / "other").exists()
