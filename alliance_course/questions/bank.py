"""The questions as they stand in `texts/`, and what their expressions come to."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alliance_course.data.tables import list_datasets
from alliance_course.folders import own_toml
from alliance_course.refusals import nearest
from alliance_course.simulate.trial import at_session

_added: dict[str, dict[str, Any]] = {}
_BUILTINS = {"len": len, "int": int, "float": float, "pd": pd, "np": np}


@cache
def _by_id(*kinds: str, end: str = "") -> dict[str, dict[str, Any]]:
    paths = sorted((Path(__file__).parent / "texts").glob("*.toml"))
    texts = [_text(path) for path in paths if path.stem.endswith(end)]
    return {one["id"]: one for kind in kinds for text in texts for one in text.get(kind, [])}


_text = cache(own_toml)


def registry() -> dict[str, dict[str, Any]]:
    """All questions by id, as they stand in `texts/*.toml`."""
    return _by_id("question")


def written_tasks() -> dict[str, dict[str, Any]]:
    """The tasks that a person marks, by id: `prompt`, `rubric`, `example` and `points`."""
    return _by_id("text")


def question(question_id: str) -> dict[str, Any]:
    """One question of the registry, or a box; an unknown id raises ValueError with the nearest."""
    # a lesson's own files first: to read all of them takes as long as to draw a picture
    for end in (f"_{str(question_id)[1:3]}", ""):
        known = _by_id("question", "part", "box", end=end) | _added
        if question_id in known:
            return known[question_id]
    raise ValueError(f"question_id={question_id!r} is unknown: {nearest(question_id, known)}")


def add_question(entry: dict[str, Any]) -> None:
    """Let a question that stands in no file here be asked by its id: an instructor's own."""
    _added[entry["id"]] = entry


def as_html(text: str) -> str:
    """A text of the registry as HTML: words between `backticks` as code, *stressed* ones stressed.

    `cards.js` does the same in a running page.
    """
    stressed = re.sub(r"\*(\w[^*]*)\*", r"<em>\1</em>", escape(text, quote=False))
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", stressed)


class Tables(dict[str, Any]):
    """Names that an expression in the registry may use, loaded when they are named.

    Each data set, and `session_3` for the rows of session 3 with the columns of their clients.
    """

    def __init__(self, table: Callable[..., pd.DataFrame], seed: int | None) -> None:
        super().__init__()
        self._table, self._seed = table, seed

    def __missing__(self, name: str) -> pd.DataFrame:
        if found := re.fullmatch(r"session_(\d+)", name):
            return at_session(self["clients"], self["sessions"], int(found[1]))
        if name not in list_datasets().index:
            raise KeyError(name)
        return self._table(name, seed=self._seed)


def compute(entry: Mapping[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    """Evaluate a question's expressions; `names` holds the tables, and the values are added."""
    wanted = dict(entry.get("given", {}))
    wanted |= {name: entry[name] for name in ("expected", "result") if name in entry}
    for mistake in entry.get("mistake", []):
        wanted[f"mistake {mistake['name']}"] = mistake["value"]
    for name, expression in wanted.items():
        # the expressions are the course's own text, reviewed like code; data give the numbers,
        # so that no answer is written down twice
        names[name] = eval(expression, {"__builtins__": _BUILTINS}, names)
    return dict(names)
