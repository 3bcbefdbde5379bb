"""Lesson 12 and its capstone, from the first number to the page that is handed in."""

import base64
import itertools
import json
import re
from html.parser import HTMLParser

import nbformat
import numpy as np
import pytest
from click.testing import CliRunner
from shared import readings

import alliance_course as ac
from alliance_course.folders import course_folder
from alliance_course.lessons.lesson_10 import technique_fit_picture
from alliance_course.questions.bank import question
from alliance_course.questions.capstone import (
    DESIGN,
    EXAMPLE,
    QUESTIONS,
    _draw,
    _tells_apart,
    argument_and_rubric,
)
from alliance_course.questions.judge import judge, values
from alliance_tools.cli import app
from alliance_tools.instructor.answer_key import capstone_key

SEEDS = [0, 1, 2, 3, 5, 8, 42, 4711, 20261, 987654321]
NOTEBOOK = course_folder("notebooks") / "12-build-it-together.ipynb"
every_seed = pytest.mark.parametrize("seed", SEEDS)
# the wrong analyses that the lesson names, in the words of the feedback
NAMED = {
    "bond": {"a between effect read as a within effect", "all sessions thrown together"},
    "goal": {"completers only", "the third session"},
    "task": {"nesting ignored", "a between effect read as a within effect", "completers only"},
    "technique": {"averaged over problems", "completers only", "adherence taken for the technique"},
}


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ALLIANCE_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.chdir(tmp_path)


def model_answers(seed: int) -> dict[str, float]:
    """Run the worked code that the key shows, on the learner's tables."""
    service, found = ac.capstone(seed), {}
    for name, question_id in QUESTIONS.items():
        names = {
            "ac": ac,
            "np": np,
            "service": service,
            "clients": service.clients,
            "sessions": service.sessions,
        }
        exec(question(question_id)["model"], names)
        found[name] = float(names["answer"])
    return found


@every_seed
def test_the_key_agrees_with_the_model_answers(seed):
    key = str(capstone_key(seed))
    stated = re.findall(r"\*\*Right: (-?\d+\.\d\d)\*\*", key)
    answers = model_answers(seed)
    assert [float(number) for number in stated] == pytest.approx([*answers.values()], abs=0.006)
    for name, question_id in QUESTIONS.items():
        assert ac.check(question_id, answers[name], seed=seed).state == "right"
        # an answer typed from the screen, with two decimals
        assert ac.check(question_id, round(answers[name], 2), seed=seed).state == "right"


@every_seed
def test_each_wrong_analysis_is_known_by_its_number_and_named(seed):
    for name, question_id in QUESTIONS.items():
        entry, found = question(question_id), values(question_id, seed)
        named = {mistake["name"]: mistake for mistake in entry["mistake"]}
        assert NAMED[name] <= set(named)
        for slip, mistake in named.items():
            for answer in (found[f"mistake {slip}"], round(found[f"mistake {slip}"], 2)):
                result, diagnosed = judge(entry, answer, seed=seed)
                assert (result.state, diagnosed) == ("misunderstanding", slip)
                assert mistake["feedback"] in result.message
            assert f"{found[f'mistake {slip}']:.2f}: {slip}" in capstone_key(seed)


def slope(x, y):
    return float(np.cov(x, y)[0, 1] / np.var(x, ddof=1))


@every_seed
def test_wrong_ways_done_by_hand_give_the_named_feedback(seed):
    """Not the registry's own expressions: somebody else's way to the same slips."""
    _, clients, sessions = service = ac.capstone(seed)
    stay = clients[~clients["dropped_out"]]
    first = service.at(1).query("goal_client < 3.5 and not dropped_out")
    third = service.at(3)
    people = sessions.groupby("client").agg({"bond_client": "mean", "disclosure": "mean"})
    therapists = ac.multilevel_slopes(third, "outcome", "task_client", "therapist")
    ends = stay.query("condition == 'OCD'").groupby("treatment", observed=True)["outcome"].mean()
    cases = {
        ("bond", "between"): 100 * slope(people["bond_client"], people["disclosure"]),
        ("bond", "nested"): 100 * slope(sessions["bond_client"], sessions["disclosure"]),
        ("goal", "*stayed"): (first["severity_intake"] + first["outcome"] - 27).mean(),
        ("task", "nested"): slope(third["task_client"], third["outcome"]),
        ("task", "between"): therapists.loc["between", "slope"],
        ("technique", "*stayed"): ends["CBT"] - ends["supportive"],
    }
    for (name, word), answer in cases.items():
        result = ac.check(QUESTIONS[name], answer, seed=seed)
        assert result.state == "misunderstanding" and word in result.message, (name, word)


@pytest.mark.parametrize("seed", [*SEEDS, *range(100, 110)])
def test_what_the_lesson_says_of_every_service_holds(seed):
    found = {name: values(question_id, seed) for name, question_id in QUESTIONS.items()}
    clients = ac.capstone(seed).clients
    assert len(clients) == DESIGN["n_clients"] and clients["therapist"].nunique() == 40
    between = "mistake a between effect read as a within effect"
    assert found["bond"][between] > 1.5 * found["bond"]["expected"] > 0
    assert found["goal"]["mistake completers only"] > found["goal"]["expected"]
    assert found["goal"]["mistake those who left only"] < found["goal"]["expected"]
    assert found["task"][between] < 0 < found["task"]["expected"]
    assert found["task"]["mistake nesting ignored"] < found["task"]["expected"]
    assert found["task"]["mistake completers only"] < found["task"]["expected"]
    assert found["technique"]["mistake averaged over problems"] < found["technique"]["expected"]
    assert found["technique"]["mistake the other problem"] < found["technique"]["expected"] - 1
    assert not {"bond", "goal", "task", "technique"} & set(ac.capstone(seed).sessions.columns)


def test_most_services_are_drawn_at_once():
    draws = [_tells_apart(_draw(seed, 0)) for seed in range(100, 120)]
    assert sum(draws) >= 14, "else a learner waits"


def test_a_number_is_one_service_and_another_number_another():
    again = ac.capstone(4711)
    again.clients["outcome"] = 0
    assert ac.capstone(4711).clients["outcome"].max() > 20, "a learner cannot spoil the service"
    assert not ac.capstone(4711).sessions.equals(ac.capstone(4712).sessions)
    assert ac.check("L12.Q4", values("L12.Q4", 5)["expected"], seed=6).state != "right"
    assert all(ac.capstone(same).seed == 4711 for same in ("4711", 4711.0)), "as people copy it"
    for bad in (-1, 1.5, "47.5", "mine", None, True):
        with pytest.raises(ValueError, match="whole number"):
            ac.capstone(bad)


class Page(HTMLParser):
    """Which tags are open, what is written, and what stands in the JSON block."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack, self.text, self.json, self.link = [], "", "", ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "br"):
            self.stack.append(tag)
        if tag == "a":
            self.link = dict(attrs)["href"]

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        if self.stack and self.stack[-1] == "script":
            self.json += data
        else:
            self.text += data


ARGUMENT = {
    "idea": 'Two people carry a wardrobe. "Left," says one </script><b>and waits</b>. Žofia & I.',
    "claim": "Where the same client trusts more,\nmore is said.",
    "evidence": "6 points; r = .278",
    "otherwise": "A good week raises both.",
    "limits": "...",
}


@every_seed
def test_the_page_opens_and_holds_everything(seed, tmp_path):
    answers = model_answers(seed) | {
        "task": values("L12.Q3", seed)["mistake nesting ignored"],
        "technique": ...,
    }
    said = ac.export_capstone(seed, answers, ARGUMENT, points={"claim": 2, "numbers": 0})
    assert said == f"Saved as capstone-{seed}.html. Still open: technique, limits."
    raw = (tmp_path / f"capstone-{seed}.html").read_text(encoding="utf-8")
    page = Page(raw)
    assert page.stack == [] and "http" not in raw, "all tags closed, nothing from outside"
    for text in ARGUMENT.values():
        assert text in page.text or text == "..."
    assert "<b>" not in raw and f"{answers['bond']:.2f}" in page.text
    assert "clients are nested in therapists" in page.text
    record = json.loads(page.json)
    assert record == json.loads(base64.b64decode(page.link.split("base64,")[1]))
    assert record["seed"] == seed and record["argument"]["idea"] == ARGUMENT["idea"]
    assert record["argument"]["limits"] == "" and record["own_points"]["claim"] == 2
    assert record["own_points"]["numbers"] == 0 and record["own_points"]["idea"] is None
    states = {name: (a["state"], a["slip"]) for name, a in record["answers"].items()}
    assert states == {
        "bond": ("right", ""),
        "goal": ("right", ""),
        "task": ("misunderstanding", "nesting ignored"),
        "technique": ("not attempted", ""),
    }
    assert set(record) == {"capstone", "seed", "answers", "argument", "own_points"}, "no names"


def test_a_file_is_never_written_over(tmp_path):
    mine = tmp_path / "capstone-3.html"
    mine.write_text("mine", encoding="utf-8")
    assert "capstone-3-2.html" in ac.export_capstone(3, {"bond": 6.0}, {})
    assert "capstone-3-2.html" in ac.export_capstone(3, {"bond": 6.0}, {}), "the same, once"
    assert "capstone-3-3.html" in ac.export_capstone(3, {"bond": 7.0}, {})
    assert mine.read_text(encoding="utf-8") == "mine"
    (tmp_path / "capstone-4.html").mkdir()
    assert "capstone-4-2.html" in ac.export_capstone(4, {"bond": 6.0}, {})
    assert sorted(path.name for path in tmp_path.glob("*-3*")) == [
        "capstone-3-2.html",
        "capstone-3-3.html",
        "capstone-3.html",
    ]


def test_nothing_is_saved_while_everything_is_open_or_something_is_wrong(tmp_path):
    dots = dict.fromkeys((part["key"] for part in argument_and_rubric()["part"]), "...")
    assert "Nothing is saved yet" in ac.export_capstone(3, dict.fromkeys(QUESTIONS, ...), dots)
    for answers, argument, points, word in (
        ({"bnod": 1}, {}, {}, "did you mean 'bond'"),
        ({}, {"claims": "x"}, {}, "did you mean 'claim'"),
        ({}, {"claim": 3}, {}, "in quotes"),
        ({"bond": 1}, {}, {"claim": 3}, "give 0, 1 or 2"),
        ({"bond": 1}, {}, {"claim": True}, "give 0, 1 or 2"),
    ):
        with pytest.raises(ValueError, match=word):
            ac.export_capstone(3, answers, argument, points=points)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("answer", ["six", [1, 2], None, np.nan, [6.0], np.array([[6.0]]), "6"])
def test_any_answer_can_be_handed_in(answer, tmp_path):
    ac.export_capstone(3, {"bond": answer}, {})
    record = json.loads(Page((tmp_path / "capstone-3.html").read_text(encoding="utf-8")).json)
    assert record["answers"]["bond"]["state"] in ("kind", "shape", "not yet", "near miss")
    json.dumps(record, allow_nan=False)


def test_the_key_is_printed_for_instructors():
    printed = CliRunner().invoke(app, ["key", "4711"])
    assert printed.exit_code == 0 and printed.output.strip() == str(capstone_key(4711))
    assert "completers only" in printed.output and "therapist_correlation" in printed.output
    for bad in ("-3", "1.5", "nowhere"):
        wrong = CliRunner().invoke(app, ["key", "--", bad])
        assert wrong.exit_code == 1 and len(wrong.output.splitlines()) == 1
        assert "give a whole number from 0, or the folder" in wrong.output


def _cells() -> list[str]:
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    return [c.source for c in cells if c.cell_type == "code"]


def _run(seed: int) -> tuple[dict[str, object], dict[str, dict]]:
    """The notebook's cells in order with one's own number: its names, and its cards by id."""
    names: dict[str, object] = {}
    cards = {}
    for source in _cells():
        if re.match(r"ac\.(predict|revisit|explore|show)", source):
            continue
        source = source.replace("seed = 4711", f"seed = {seed}")
        if source.startswith("ac.ask("):
            cards |= {card["id"]: card for card in eval(source, names).spec["cards"]}
        else:
            exec(source, names)
    return names, cards


@every_seed
def test_the_notebook_runs_with_ones_own_number_and_asks_for_no_text_in_code(seed):
    _, cards = _run(seed)
    for question_id in QUESTIONS.values():
        card = cards[question_id]
        assert card["service"] == seed
        assert card["table"]["expected"] == values(question_id, seed)["expected"]
    boxes = {f"L12.{part['key']}" for part in argument_and_rubric()["part"]}
    assert boxes | {"L12.points", "L12.page"} < set(cards)
    assert cards["L12.page"]["service"] == seed
    assert all(blank.count("...") == 0 for blank in _cells()), "nothing to fill in between quotes"


def test_before_the_cell_with_the_number_ran_nobody_is_judged_by_the_examples_service():
    from alliance_tools.start.alive import shown

    known: dict[str, object] = {}
    cards = {}
    for source in _cells():
        if (widget := shown(source, known)) and source.startswith("ac.ask("):
            cards |= {card["id"]: card for card in widget.spec["cards"]}
    assert known["seed"] == EXAMPLE
    for question_id in QUESTIONS.values():
        assert cards[question_id]["service"] is None and "table" not in cards[question_id]
    assert cards["L12.page"]["service"] is None
    own = shown('ac.ask("L12.Q1", seed=seed)', {"seed": 5}).spec["cards"][0]
    assert own["table"]["expected"] == values("L12.Q1", 5)["expected"], "a notebook with a number"


@pytest.mark.parametrize("name", QUESTIONS)
def test_whatever_is_chosen_for_the_dots_runs_and_one_way_is_right(name):
    seed, found = 3, []
    names, cards = _run(seed)
    card = cards[QUESTIONS[name]]
    parts = re.split(r'"\.{3}"|\.{3}', card["code"].strip())
    assert len(parts) == len(card["blanks"]) + 1
    for chosen in itertools.product(*card["blanks"]):
        lines = "".join(a + b for a, b in zip(parts, [*chosen, ""], strict=True))
        exec(lines, names)
        state = ac.check(QUESTIONS[name], round(float(names[card["name"]]), 2), seed=seed).state
        found.append(state)
    assert found.count("right") == 1 and "misunderstanding" in found, found


def test_the_old_form_still_shows_what_it_showed(tmp_path):
    service = ac.capstone(3)
    for name in QUESTIONS:
        assert service.question(name).startswith(f"*{name.capitalize()}.*")
    assert service.question("argument").count("\n") == 4 and service.rubric().count("\n") == 7


def test_the_explorer_shows_what_the_answers_say():
    picture = technique_fit_picture()

    def at(condition: str, alliance: float) -> dict[str, float]:
        return readings(picture, condition=condition, alliance=alliance)

    weak, strong = at("OCD", -2), at("OCD", 2)
    assert 5.4 < weak["gap"] < 6 and 8.1 < strong["gap"] < 8.7
    assert 12.7 < strong["without_end"] < 13.4 and 7.5 < weak["with_end"] < 8.2
    assert 4.4 < strong["with_end"] < 5
    low, high = at("depression", -2), at("depression", 2)
    assert all(0.7 < end["gap"] < 1.3 for end in (low, high))
    assert 12 < low["without_end"] < 13.2 and 6.6 < high["without_end"] < 7.4


def test_the_prediction_on_dropout_says_what_the_clinic_shows():
    found = values("L12.P1")
    assert found["left"] < found["everybody"] < found["stayed"]
    for other in range(19):
        found = values("L12.P1", other)
        assert found["left"] < found["everybody"] < found["stayed"], other
