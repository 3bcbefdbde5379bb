"""What the course says to type works when typed: names carry `ac.`, calls run, lines to start from
use nothing that the reader does not have."""

import ast
import builtins
import json
import re
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

import alliance_course as ac
from alliance_course.folders import course_folder
from alliance_course.questions.bank import registry
from alliance_course.questions.judge import judge

ROOT = course_folder("notebooks").parent
# expressions that the course computes itself; nobody types them
_OURS = {"expected", "result", "value", "given"}
CALL = re.compile(r"(?<![\w.])(ac\.)?([a-z]\w*)\(")


def strings(entry: object) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, dict):
        for key, inner in entry.items():
            if key not in _OURS:
                yield from strings(inner)
    elif isinstance(entry, list):
        for inner in entry:
            yield from strings(inner)


def said() -> Iterator[tuple[str, str]]:
    """Everything a learner may read and type, with where it stands."""
    for name, entry in registry().items():
        for text in strings(entry):
            yield name, text
        for answer in (..., "?", None, [], "7" * 40, 10**9, 0.123, print):
            yield name, repr(judge(entry, answer)[0])
    for folder in ("notebooks", "exercises"):
        for path in sorted(course_folder(folder).glob("*.ipynb")):
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                if cell["cell_type"] == "markdown":
                    yield path.name, "".join(cell["source"])
    for name in ("README.md", "datasets/MODEL.md", "instructor/README.md"):
        if (ROOT / name).exists():
            yield name, (ROOT / name).read_text(encoding="utf-8")


SAID = list(said())


def test_every_function_is_named_as_it_can_be_typed():
    for where, text in SAID:
        for prefix, name in CALL.findall(text):
            if prefix:
                assert name in ac.__all__, f"{where}: ac.{name}( does not exist"
            else:
                assert name not in ac.__all__, f"{where}: {name}( stands without ac."


def _free_names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - set(dir(builtins))


def test_every_whole_call_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    calls = set()
    for _, text in SAID:
        for found in re.finditer(r"ac\.[a-z]\w*\([^()\n]*\)", text):
            try:
                tree = ast.parse(found[0], mode="eval")
            except SyntaxError:
                continue
            dots = any(isinstance(n, ast.Constant) and n.value is ... for n in ast.walk(tree))
            if _free_names(tree) == {"ac"} and not dots:
                calls.add(found[0])
    assert len(calls) > 10
    for call in sorted(calls):
        eval(call, {"ac": ac})  # the course's own text


# what stands in a lesson or a practice before its questions
_THERE = {"ac", "pd", "np", "clients", "sessions", "service", "CLASS", "seed"}


@pytest.mark.parametrize(
    "name", [name for name, entry in registry().items() if {"code", "worked"} & entry.keys()]
)
def test_lines_to_start_from_use_nothing_that_is_not_there(name):
    entry = registry()[name]
    for field in ("code", "worked"):
        tree = ast.parse(entry.get(field, ""))
        made = {
            n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        made |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
        used = _free_names(tree) - made - _THERE
        assert not used, f"{name}: {sorted(used)} is nowhere defined"


def test_a_worked_solution_of_a_lesson_runs():
    """The model answers that are whole programs give numbers."""
    names = {"ac": ac, "pd": pd, "np": np, "CLASS": None}
    names |= {table: ac.load_dataset(table) for table in ("clients", "sessions")}
    ran = 0
    for name, entry in registry().items():
        if "worked" in entry and entry["kind"] == "number":
            own = dict(names)
            exec(entry["worked"], own)  # the course's own text
            answer = own[f"answer_{name.split('.T')[1]}"]
            assert judge(entry, answer)[0].state == "right", name
            ran += 1
    assert ran > 20


@pytest.mark.parametrize(
    "name", [q for q, e in registry().items() if "code" in e and not q.startswith("L12")]
)
@pytest.mark.parametrize("left", ["...", "task client"])
def test_lines_with_dots_left_or_a_name_misspelled_give_one_sentence(name, left):
    *lines, last = registry()[name]["code"].strip().replace('"..."', f'"{left}"').split("\n")
    names = {"ac": ac, "pd": pd, "np": np}
    names |= {table: ac.load_dataset(table) for table in ("clients", "sessions")}
    exec("\n".join(lines), names)
    result = eval(last, names)
    assert result.state in ("not attempted", "shape", "kind"), result
    assert "dots" in repr(result) or "missing value" in repr(result)
