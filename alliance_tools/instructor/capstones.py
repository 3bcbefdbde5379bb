"""All capstones of a class: read from their pages, judged anew, doubles and edited ones found."""

import html
import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from alliance_course.folders import decoded, parse_json
from alliance_course.questions.bank import question
from alliance_course.questions.capstone import EXAMPLE, QUESTIONS, argument_and_rubric, capstone
from alliance_course.questions.judge import judge
from alliance_tools.instructor.handed_in import HandedIn, handed_in

_DATA = re.compile(
    r'<script type="application/json" id="capstone">\s*(.*?)\s*</script>', flags=re.DOTALL
)
_WRITTEN = re.compile(r'<p class="written">(.*?)</p>', flags=re.DOTALL)
# so many words in common, in the same order, are no chance
_SHARED_WORDS = 12


class Capstones(NamedTuple):
    """`table` has one row per page; `left_out` names files that are no capstone."""

    table: pd.DataFrame
    left_out: dict[str, str]


def _record(file: HandedIn) -> tuple[dict[str, Any] | None, str, list[str]]:
    """What a page says to programs, why it cannot be read, and what was edited in it."""
    name = file.name.lower()
    try:
        if name.endswith((".json", ".json.txt")):
            record, shown = parse_json(file.data), None
        elif name.endswith((".html", ".htm", ".html.txt")):
            shown = decoded(file.data)
            data = _DATA.search(shown)
            if not data:
                return None, "a page without the answers of a capstone", []
            record = json.loads(data[1])
        else:
            return None, "no page of a capstone", []
        answers, argument = dict(record["answers"]), dict(record["argument"])
        capstone(record["seed"])
        if set(answers) != set(QUESTIONS) or not all(isinstance(e, dict) for e in answers.values()):
            raise KeyError
        if not all(isinstance(text, str) for text in argument.values()):
            raise TypeError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None, "damaged", []
    return record, "", _edits(record, shown)


def _judged(record: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """State and slip of each number, judged here."""
    found = {}
    for name, question_id in QUESTIONS.items():
        answer = record["answers"][name].get("answer")
        given = ... if answer is None else answer
        result, slip = judge(question(question_id), given, seed=record["seed"])
        found[name] = (result.state, slip)
    return found


def _edits(record: dict[str, Any], shown: str | None) -> list[str]:
    """Where a page says something that the course would not have written."""
    found = []
    for name, (state, _) in _judged(record).items():
        said = record["answers"][name].get("state")
        # a page made of the lesson's boxes says nothing about states
        if said is not None and said != state:
            found.append(f"{name} says {str(said)[:30]!r} and is {state!r}")
    if shown is not None:
        keys = [part["key"] for part in argument_and_rubric()["part"]]
        texts = [html.unescape(text).strip() for text in _WRITTEN.findall(shown)]
        kept = [(record["argument"].get(key) or "open").strip() for key in keys]
        if len(texts) != len(kept) or any(
            " ".join(a.split()) != " ".join(b.split()) for a, b in zip(texts, kept, strict=False)
        ):
            found.append("the texts shown are not those that were saved")
        numbers = re.search(r"<h1>[^<]*?(\d+)</h1>", shown)
        if numbers and int(numbers[1]) != record["seed"]:
            found.append("the number in the heading is not the one that was saved")
    return found


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[n : n + _SHARED_WORDS]) for n in range(len(words) - _SHARED_WORDS + 1)}


def read_capstones(where: str | Path) -> Capstones:
    """Read the pages that learners have exported, and judge their numbers anew.

    Parameters
    ----------
    where : path
        A folder or a zip as the platform gave it.

    Returns
    -------
    Capstones
        `table`: learner, number, one column per question with its state or slip, `right` of four,
        words in the argument, own points, and `look`: what to look at before giving points.

    Raises
    ------
    ValueError
        If there is no such folder, or nothing in it.
    """
    files, left_out = handed_in(where)
    records: dict[str, tuple[HandedIn, dict[str, Any], list[str]]] = {}
    for file in files:
        record, reason, edits = _record(file)
        if record is None:
            left_out[file.name] = reason
        else:
            records[file.name] = (file, record, edits)
    notes = {name: list(edits) for name, (_, _, edits) in records.items()}
    for name, said in _doubles(records).items():
        notes[name] += said
    rows = []
    for name, (file, record, _) in records.items():
        judged = _judged(record)
        own = [n for n in record.get("own_points", {}).values() if isinstance(n, int)]
        states = {key: slip or state for key, (state, slip) in judged.items()}
        rows.append(
            {
                "learner": file.learner or name,
                "number": record["seed"],
                **states,
                "right": sum(state == "right" for state, _ in judged.values()),
                "words": sum(len(_words(text)) for text in record["argument"].values()),
                "own_points": sum(own) if own else None,
                "look": "; ".join(notes[name]),
                "file": name,
            }
        )
    columns = ["learner", "number", *QUESTIONS, "right", "words", "own_points", "look", "file"]
    table = pd.DataFrame(rows, columns=columns).astype({"own_points": "Int64"})
    return Capstones(table.sort_values(["learner", "file"], ignore_index=True), left_out)


def _doubles(
    records: dict[str, tuple[HandedIn, dict[str, Any], list[str]]],
) -> dict[str, list[str]]:
    """Pages with a number, or with sentences, that another learner's page has too."""
    found: dict[str, list[str]] = defaultdict(list)
    by_number: dict[int, list[str]] = defaultdict(list)
    by_run: dict[tuple[str, ...], set[str]] = defaultdict(set)
    people: dict[str, list[str]] = defaultdict(list)
    for name, (file, record, _) in records.items():
        by_number[record["seed"]].append(name)
        people[file.platform_id or file.learner or name].append(name)
        if record["seed"] == EXAMPLE:
            found[name].append(f"the example's number {EXAMPLE} was kept")
        for text in record["argument"].values():
            for run in _runs(text):
                by_run[run].add(name)
    for number, names in by_number.items():
        for name in names:
            others = [n for n in names if n != name and not _same_person(people, n, name)]
            if others and number != EXAMPLE:
                found[name].append(f"the same number as {', '.join(sorted(others))}")
    shared: dict[str, set[str]] = defaultdict(set)
    for names_of_run in by_run.values():
        for name in names_of_run:
            shared[name] |= {
                n for n in names_of_run if n != name and not _same_person(people, n, name)
            }
    for name, texts in shared.items():
        if texts:
            found[name].append(f"sentences as in {', '.join(sorted(texts))}")
    for names in people.values():
        for name in names[1:]:
            found[name].append(f"another page of the same learner: {names[0]}")
    return found


def _same_person(people: dict[str, list[str]], one: str, other: str) -> bool:
    return any(one in names and other in names for names in people.values())


def capstones_page(found: Capstones) -> str:
    """What the command prints: the table, what to look at, and what was not counted."""
    table = found.table
    parts = [f"{len(table)} capstones, {len(found.left_out)} files left out."]
    if len(table):
        shown = table.drop(columns=["look", "file"]).fillna({"own_points": -1})
        shown["own_points"] = shown["own_points"].astype(object).replace(-1, "")
        parts += ["", shown.to_string(index=False)]
        parts += ["", "right: of four numbers, judged here; words: of the argument; 12 own points"]
    odd = table[table["look"] != ""]
    if len(odd):
        parts += ["", "Look at these before you give points"]
        parts += [f"  {row.file}: {row.look}" for row in odd.itertuples()]
    parts += [f"  left out: {name}: {reason}" for name, reason in found.left_out.items()]
    return "\n".join(parts)
