"""The Monday and the term are played, and copying from the published solutions does not pay."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from alliance_course.questions.bank import question, registry
from alliance_tools.instructor.variants.versions import (
    choose_number,
    class_task,
    given_away,
    points_for,
)

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def script(name):
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_thirty_learners_of_every_kind_are_counted_and_marked(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(BENCHMARKS.parent)}
    command = [sys.executable, str(BENCHMARKS / "class_term.py"), "--folder", str(tmp_path / "x")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "4 never started" in done.stdout and "26 learners" in done.stdout
    assert "26 handed in, 4 missing" in done.stdout
    assert (tmp_path / "x" / "marks" / "marks-01-moodle.csv").is_file()


def test_a_way_to_begin_can_be_plugged_in_and_its_record_is_counted(tmp_path, monkeypatch, capsys):
    played = script("class_term")
    asked = []

    def empty(folder, number):
        asked.append(number)
        return {"version": 2, "guesses": {}, "answers": {}}

    problems = played.monday(tmp_path / "x", {"tablet with the page": empty})
    assert len(asked) == 7 and "guesses" in problems[0]
    assert capsys.readouterr().out.startswith("MONDAY")


@pytest.mark.parametrize("number", [2031, 77_000, 123_456])
def test_copied_choices_get_a_fifth_of_all_points_at_most(number):
    """The numbers are held apart by `choose_number`, so that they add nothing (next test)."""
    copied = script("copied_answers")
    most = sum(entry["points"] for key, entry in registry().items() if ".T" in key)
    for way in copied.WAYS:
        earned = 0.0
        for key, entry in registry().items():
            if ".T" not in key or "option" not in entry:
                continue
            own = class_task(key, number).entry
            given = list(way(question(key), own, number))
            answer = given[0] if own["kind"] == "choice" else given
            earned += points_for(own, answer, number)[0]
        assert earned <= most / 5, way.__name__


def test_published_numbers_and_lines_get_nothing_in_a_class_whose_number_was_chosen():
    copied = script("copied_answers")
    number = choose_number(["01"], 2031)
    assert given_away(["01"], number) == {}
    for task in ("L01.T3", "L01.T4"):
        own = class_task(task, number).entry
        for way in copied.WAYS:
            assert points_for(own, way(question(task), own, number), number)[0] == 0
