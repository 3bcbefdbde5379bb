"""What a class has answered: the records that it handed in, read and counted."""

import copy
import textwrap
import tomllib
from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from alliance_course.folders import parse_json
from alliance_course.questions.bank import registry
from alliance_course.questions.judge import values
from alliance_course.questions.progress import RECORDED, VERSION, current
from alliance_tools.instructor.handed_in import HandedIn, handed_in, plain_name
from alliance_tools.maintain.coverage import statements_and_beliefs

# fewer shared guesses may be chance in a class that answers at the same time
_SAME_LEARNER = 3
# a longer time without an answer is a break, and no work
_BREAK_MINUTES = 20


class ClassAnswers(NamedTuple):
    """A class: one row per learner and question, and what was not counted, with the reason.

    `together` names files of one learner that were counted as one; `learners` has one row per
    learner.
    """

    answers: pd.DataFrame
    wrong: pd.DataFrame
    guesses: pd.DataFrame
    learners: pd.DataFrame
    files: int
    left_out: dict[str, str]
    together: dict[str, str]


def read_record(data: bytes) -> tuple[dict[str, Any] | None, str]:
    """The progress that these bytes hold, or None with the reason why they hold none."""
    try:
        found = parse_json(data)
    except (ValueError, RecursionError):
        return None, "damaged"
    if isinstance(found, dict) and "cells" in found:
        return None, "a notebook: the record of answers is another file"
    if not isinstance(found, dict) or "version" not in found:
        return None, "no progress file"
    if found["version"] != VERSION or isinstance(found["version"], bool):
        return None, f"of another version ({found['version']!r:.20}, this course has {VERSION})"
    progress = current(found)
    if progress is None or not all(map(_countable, progress["answers"].values())):
        return None, "damaged"
    return progress, ""


def _countable(entry: dict[str, Any]) -> bool:
    tries, wrong = entry.get("tries"), entry.get("wrong", {})
    counts = [tries, *wrong.values()]
    return entry.get("state") in RECORDED and all(
        isinstance(count, int) and not isinstance(count, bool) and count >= 1 for count in counts
    )


def _read(file: HandedIn) -> tuple[dict[str, Any] | None, str]:
    ending = file.name.lower()
    if not ending.endswith((".json", ".json.txt", ".txt")):
        kind = ending.rsplit(".", 1)[-1] if "." in ending.rsplit("/", 1)[-1] else "no ending"
        return None, f"no progress file ({kind})"
    return read_record(file.data)


def _guesses(progress: dict[str, Any]) -> frozenset[tuple[str, str, str]]:
    return frozenset(
        (key, str(entry.get("at")), str(entry.get("guess")))
        for key, entry in progress["guesses"].items()
        # what stands in a box of the capstone changes while it is written
        if "reveal" in registry().get(key, {}) or not key.startswith("L12.")
    )


def _copies(read: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Files that say the same as another, or are an earlier copy of it, with the other's name."""
    found: dict[str, str] = {}
    size = {name: sum(e["tries"] for e in p["answers"].values()) for name, p in read.items()}
    # a first guess never changes, so that its time tells two copies of one learner's file
    marks = {name: _guesses(progress) for name, progress in read.items()}
    kept: list[str] = []
    for name in sorted(read, key=lambda name: (-size[name], -len(marks[name]), name)):
        for other in kept:
            same = read[name] == read[other] and (read[name]["guesses"] or read[name]["answers"])
            earlier = len(marks[name]) >= _SAME_LEARNER and marks[name] <= marks[other]
            if same or earlier:
                found[name] = f"a copy of {other}" if same else f"an earlier copy of {other}"
                break
        else:
            kept.append(name)
    return found


def _joined(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Several records of one learner as one: where two have a question, the newer answer stays."""
    joined = copy.deepcopy(records[0])
    for record in records[1:]:
        for key, entry in record["answers"].items():
            mine = joined["answers"].get(key)
            if mine is None or str(entry.get("at", "")) > str(mine.get("at", "")):
                joined["answers"][key] = copy.deepcopy(entry)
        for key, entry in record["guesses"].items():
            mine = joined["guesses"].get(key)
            if mine is None or str(entry.get("at", "")) < str(mine.get("at", "")):
                joined["guesses"][key] = copy.deepcopy(entry)
    return joined


def read_class(folder: str | Path) -> ClassAnswers:
    """Read every learner's record in a folder or a zip, as the platform gave them.

    Parameters
    ----------
    folder : path
        Files that `export_progress` or the course's page wrote, under any name, in folders and
        zips of any depth. They are not changed.

    Returns
    -------
    ClassAnswers
        `answers`: learner, question, state, tries, at; `wrong`: learner, question, mistake;
        `guesses`: learner, question, guess; `learners`: one row per learner; `files`; `left_out`:
        each file that was not counted, with the reason; `together`: files that were counted as
        one learner's.

    Raises
    ------
    ValueError
        If the folder is missing or empty.
    """
    files, left_out = handed_in(folder)
    read: dict[str, dict[str, Any]] = {}
    for file in files:
        progress, reason = _read(file)
        if progress is None:
            left_out[file.name] = reason
        else:
            read[file.name] = progress
    copies = _copies(read)
    left_out |= copies
    owners = {file.name: (file.platform_id or file.learner, file.learner) for file in files}
    certain = {f.name for f in files if f.platform_id or plain_name(f.name.rsplit("/", 1)[-1])}
    counted = [name for name in read if name not in copies]
    same = Counter(owners[name][0] for name in counted if name not in certain)
    groups: dict[str, list[str]] = {}
    for name in counted:
        # a folder with several `progress (n).json` may hold a class: then it is nobody's name
        if name not in certain and same[owners[name][0]] > 1:
            owners[name] = ("", "")
        groups.setdefault(owners[name][0] or f"\0{name}", []).append(name)
    together = {
        name: f"counted with {names[0]}, of the same learner"
        for names in groups.values()
        for name in names[1:]
    }
    named = [owners[names[0]][1] for names in groups.values()]
    records = {}
    for names in groups.values():
        number, learner = owners[names[0]]
        # two people of one name: the platform's number tells them apart
        shown = f"{learner} {number}" if named.count(learner) > 1 else learner
        records[shown if learner else names[0]] = _joined([read[name] for name in names])
    return _counted(records, len(files), left_out, together)


def _counted(
    records: dict[str, dict[str, Any]],
    files: int,
    left_out: dict[str, str],
    together: dict[str, str],
) -> ClassAnswers:
    rows, wrong, guesses, learners = [], [], [], []
    for name in sorted(records):
        # an answer to a question that this course does not have cannot be read
        known = {k: e for k, e in records[name]["answers"].items() if k in registry()}
        foretold = {
            k: e
            for k, e in records[name]["guesses"].items()
            if "reveal" in registry().get(k, {}) and "guess" in e
        }
        for key, entry in known.items():
            rows.append((name, key, entry["state"], entry["tries"], str(entry.get("at", ""))))
            wrong += [(name, key, mistake) for mistake in entry.get("wrong", {})]
        guesses += [(name, key, entry["guess"]) for key, entry in foretold.items()]
        stamps = _stamps([*known.values(), *foretold.values()])
        learners.append(
            {
                "learner": name,
                "lessons": len({key[:3] for key in (*known, *foretold)}),
                "guesses": len(foretold),
                "answered": len(known),
                "right": sum(entry["state"] == "right" for entry in known.values()),
                "tries": sum(entry["tries"] for entry in known.values()),
                "minutes": _minutes(stamps),
                "weeks": len({_week(stamp) for stamp in stamps}),
                "first": f"{stamps[0]:%Y-%m-%d}" if stamps else "",
                "last": f"{stamps[-1]:%Y-%m-%d}" if stamps else "",
            }
        )
    columns = ["learner", "lessons", "guesses", "answered", "right", "tries", "minutes", "weeks"]
    return ClassAnswers(
        pd.DataFrame(rows, columns=["learner", "question", "state", "tries", "at"]),
        pd.DataFrame(wrong, columns=["learner", "question", "mistake"]),
        pd.DataFrame(guesses, columns=["learner", "question", "guess"]),
        pd.DataFrame(learners, columns=[*columns, "first", "last"]),
        files,
        dict(sorted(left_out.items())),
        dict(sorted(together.items())),
    )


def _stamps(entries: list[dict[str, Any]]) -> list[datetime]:
    found = []
    for entry in entries:
        try:
            stamp = datetime.fromisoformat(str(entry.get("at", "")))
        except ValueError:
            continue
        # the course writes Greenwich time; a stamp that somebody wrote may have no zone
        found.append(stamp.replace(tzinfo=None))
    return sorted(found)


def _minutes(stamps: list[datetime]) -> int:
    """Minutes between answers, without breaks: time that was worked at least."""
    gaps = [later - before for before, later in pairwise(stamps)]
    worked = [gap for gap in gaps if gap <= timedelta(minutes=_BREAK_MINUTES)]
    return round(sum(worked, timedelta()).total_seconds() / 60)


def _week(stamp: datetime) -> str:
    """The Monday of its week."""
    return f"{stamp - timedelta(days=stamp.weekday()):%Y-%m-%d}"


def week_table(found: ClassAnswers) -> pd.DataFrame:
    """One row per week, named by its Monday: who answered, how many answers, how many right."""
    table = found.answers.assign(
        week=[next(map(_week, _stamps([{"at": at}])), "") for at in found.answers["at"]],
        right=found.answers["state"] == "right",
    )
    by = table[table["week"] != ""].groupby("week")
    weeks = by.agg(
        learners=("learner", "nunique"), answers=("question", "size"), right=("right", "sum")
    )
    return weeks.reset_index()


def question_table(found: ClassAnswers) -> pd.DataFrame:
    """One row per question: learners who tried, who have it right, who were caught by a mistake.

    `open_percent` is the share of those who tried and do not have it right, in per cent.
    """
    by = found.answers.groupby("question")
    table = by.agg(
        tried=("learner", "nunique"),
        right=("state", lambda states: int((states == "right").sum())),
        mean_tries=("tries", "mean"),
    )
    caught = found.wrong.groupby("question")["learner"].nunique()
    table["caught"] = caught.reindex(table.index, fill_value=0)
    table["open_percent"] = 100 * (1 - table["right"].astype(float) / table["tried"])
    table["prompt"] = [_short(registry()[key]["prompt"]) for key in table.index]
    return table.round({"mean_tries": 1, "open_percent": 0}).sort_index().reset_index()


def _short(text: str) -> str:
    return textwrap.shorten(text.replace("*", "").replace("`", ""), 70, placeholder=" ...")


def _options(key: str) -> dict[str, str]:
    return {option["key"]: option["text"] for option in registry()[key].get("option", [])}


def _said(key: str, mistake: str) -> str:
    options = _options(key)
    return f"{mistake}) {options[mistake]}" if mistake in options else mistake


@cache
def _beliefs() -> dict[str, dict[str, dict[str, int]]]:
    path = Path(__file__).with_name("option_beliefs.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def belief_behind(key: str, mistake: str) -> str:
    """The misconception that this wrong option or slip speaks of; "" if it speaks of none.

    Examples
    --------
    >>> belief_behind("L06.Q2", "a"), belief_behind("L01.Q4", "reversed sign")
    ('r = .28 means 28% explained', '')
    """
    lesson, _, name = key.partition(".")
    number = _beliefs().get(lesson, {}).get(name, {}).get(mistake)
    return statements_and_beliefs()["beliefs"][number - 1] if number else ""


def misunderstanding_table(found: ClassAnswers) -> pd.DataFrame:
    """One row per misunderstanding that came up: learners, their share in per cent, what it is."""
    tried = found.answers.groupby("question")["learner"].nunique()
    counts = found.wrong.groupby(["question", "mistake"])["learner"].nunique()
    rows = []
    for (key, mistake), learners in counts.items():  # type: ignore[misc]
        share = round(100 * learners / tried[key])
        rows.append((key, _said(key, mistake), learners, share, belief_behind(key, mistake)))
    columns = ["question", "answer", "learners", "percent", "misconception"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["learners", "question", "answer"], ascending=[False, True, True])


def prediction_table(found: ClassAnswers) -> pd.DataFrame:
    """One row per prediction and option, or range of a slider: learners and their share.

    `result` says what came out, where the course computes it.
    """
    rows: list[tuple[str, str, int, int, str]] = []
    for key, guesses in found.guesses.groupby("question")["guess"]:
        entry = registry()[str(key)]
        if entry["kind"] == "slider":
            counts = _ranges(entry, guesses)
        else:
            chosen = guesses.astype(str).value_counts()
            counts = {f"{k}) {text}": int(chosen.get(k, 0)) for k, text in _options(key).items()}
        came = values(str(key)).get("result", "") if "result" in entry else ""
        result = f"{came:.2f}" if isinstance(came, float) else str(came)
        everybody = sum(counts.values())
        rows += [
            (str(key), guess, n, round(100 * n / everybody), result)
            for guess, n in counts.items()
            if everybody
        ]
    columns = ["question", "guess", "learners", "percent", "result"]
    return pd.DataFrame(rows, columns=columns)


def _ranges(entry: dict[str, Any], guesses: "pd.Series[Any]") -> dict[str, int]:
    """How many guesses lie in each fifth of a slider."""
    low, high = float(entry["minimum"]), float(entry["maximum"])
    numbers = pd.to_numeric(guesses, errors="coerce").dropna()
    edges = [low + (high - low) * part / 5 for part in range(6)]
    cut = pd.cut(numbers.clip(low, high), edges, include_lowest=True, labels=False)
    return {
        f"{edges[part]:g} to {edges[part + 1]:g}": int((cut == part).sum()) for part in range(5)
    }
