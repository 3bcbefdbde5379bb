"""What a class has answered: a folder of progress files, read and counted."""

import textwrap
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from alliance_course.folders import read_json
from alliance_course.questions.bank import registry
from alliance_course.questions.progress import RECORDED, VERSION, current
from alliance_tools.maintain.coverage import statements_and_beliefs

# fewer shared guesses may be chance in a class that answers at the same time
_SAME_LEARNER = 3


class ClassAnswers(NamedTuple):
    """`answers` has one row per learner and question; `left_out` names files with the reason."""

    answers: pd.DataFrame
    wrong: pd.DataFrame
    files: int
    left_out: dict[str, str]


def _read(path: Path) -> tuple[dict[str, Any] | None, str]:
    try:
        found = read_json(path)
    except OSError as problem:
        return None, f"cannot be read ({problem.strerror})"
    except (ValueError, RecursionError):
        return None, "damaged"
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


def _guesses(progress: dict[str, Any]) -> frozenset[tuple[str, str, str]]:
    return frozenset(
        (key, str(entry.get("at")), str(entry.get("guess")))
        for key, entry in progress["guesses"].items()
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


def read_class(folder: str | Path) -> ClassAnswers:
    """Read every `.json` file of a folder as one learner's progress.

    Parameters
    ----------
    folder : path
        Files that `export_progress` wrote, under any name. They are not changed.

    Returns
    -------
    ClassAnswers
        `answers`: learner, question, state (of the last try), tries; `wrong`: learner, question,
        mistake; `files`; `left_out`: each file left out, with the reason. A file that is damaged,
        of another version, or a copy of another learner's file is never counted.

    Raises
    ------
    ValueError
        If the folder is missing or holds no `.json` file.
    """
    where = Path(folder).expanduser()
    paths = sorted(where.glob("*.json")) if where.is_dir() else []
    if not paths:
        raise ValueError(f"folder={str(folder)!r} holds no progress files (names ending in .json)")
    read: dict[str, dict[str, Any]] = {}
    left_out: dict[str, str] = {}
    for path in paths:
        progress, reason = _read(path)
        if progress is None:
            left_out[path.name] = reason
        else:
            read[path.name] = progress
    left_out |= _copies(read)
    rows, wrong = [], []
    for learner, name in enumerate(sorted(read.keys() - left_out.keys()), start=1):
        for key, entry in read[name]["answers"].items():
            # an answer to a question that this course does not have cannot be read
            if key in registry():
                rows.append((learner, key, entry["state"], entry["tries"]))
                wrong += [(learner, key, mistake) for mistake in entry.get("wrong", {})]
    return ClassAnswers(
        pd.DataFrame(rows, columns=["learner", "question", "state", "tries"]),
        pd.DataFrame(wrong, columns=["learner", "question", "mistake"]),
        len(paths),
        dict(sorted(left_out.items())),
    )


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
    table["prompt"] = [
        textwrap.shorten(registry()[key]["prompt"], 70, placeholder=" ...") for key in table.index
    ]
    return table.round({"mean_tries": 1, "open_percent": 0}).sort_index().reset_index()


def _said(key: str, mistake: str) -> str:
    entry = registry()[key]
    options = {option["key"]: option["text"] for option in entry.get("option", [])}
    return f"{mistake}) {options[mistake]}" if mistake in options else mistake


def misunderstanding_table(found: ClassAnswers) -> pd.DataFrame:
    """One row per misunderstanding that came up: learners, their share in per cent, what it is."""
    tried = found.answers.groupby("question")["learner"].nunique()
    counts = found.wrong.groupby(["question", "mistake"])["learner"].nunique()
    every, rows = statements_and_beliefs()["beliefs"], []
    for (key, mistake), learners in counts.items():  # type: ignore[misc]
        beliefs = [every[number - 1] for number in registry()[key].get("misconceptions", [])]
        said = _said(key, mistake)
        share = round(100 * learners / tried[key])
        rows.append((key, said, learners, share, "; ".join(beliefs)))
    columns = ["question", "answer", "learners", "percent", "misconception"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["learners", "question", "answer"], ascending=[False, True, True])
