"""The test before and after from a table of letters: scores, gain, and what each item tells."""

import csv
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from alliance_course.folders import decoded
from alliance_course.questions.bank import question
from alliance_course.questions.judge import judge
from alliance_tools.instructor.class_answers import belief_behind
from alliance_tools.instructor.gain import FORMS, ITEMS, Gain, class_gain, item_id

_NUMBERS = [str(n) for n in range(1, ITEMS + 1)]
_TIMES = {
    "before": "before", "pre": "before", "1": "before", "first": "before",
    "after": "after", "post": "after", "2": "after", "second": "after",
}  # fmt: skip
_NOTHING = {"", ".", "-", "...", "na", "n/a", "?", "x"}
# with fewer sheets of a form an item's numbers are mostly chance
_ENOUGH = 10


class Scores(NamedTuple):
    """`sheets` has one row per sheet; `items` one per item of a form; `gain` is None if too few."""

    sheets: pd.DataFrame
    items: pd.DataFrame
    gain: Gain | None
    why_no_gain: str
    left_out: dict[str, str]


def read_letters(path: str | Path, *, seed: int | None = 1) -> Scores:
    """Score a table with one row per sheet of paper.

    Parameters
    ----------
    path : path
        A CSV with the columns code, time (before or after), form (A or B), and 1 to 12 with the
        letters; or with one column `letters`, as in "abdca-bdcabd". An empty cell, a dot or a
        dash stands for no answer, which counts as not right.
    seed : int, optional
        Of the gain's interval.

    Returns
    -------
    Scores
        A sheet that cannot be read, or a second one of the same code and time, is named in
        `left_out` and counts nowhere.

    Raises
    ------
    ValueError
        If the file cannot be read or has not these columns.
    """
    rows = _rows(Path(path))
    sheets: list[dict[str, object]] = []
    left_out: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    for line, row in rows:
        where = f"line {line}" + (f" ({row['code']})" if row.get("code") else "")
        letters, reason = _letters(row)
        code, time = row.get("code", ""), _TIMES.get(row.get("time", "").lower(), "")
        form = row.get("form", "").upper()
        if not code:
            reason = "no code"
        elif not time:
            reason = f"time {row.get('time', '')!r} is neither before nor after"
        elif form not in FORMS:
            reason = f"form {row.get('form', '')!r} is neither A nor B"
        elif (code.lower(), time) in seen:
            reason = f"a second sheet of {code}, {time}"
        if reason:
            left_out[where] = reason
            continue
        seen.add((code.lower(), time))
        right = [_right(form, n, letter) for n, letter in enumerate(letters, start=1)]
        sheets.append(
            {"code": code, "time": time, "form": form, "score": sum(right)}
            | dict(zip(_NUMBERS, letters, strict=True))
        )
    table = pd.DataFrame(sheets, columns=["code", "time", "form", "score", *_NUMBERS])
    gain, why = _gain(table, seed)
    return Scores(table, _items(table), gain, why, left_out)


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        text = decoded(path.expanduser().read_bytes())
    except (OSError, UnicodeError) as problem:
        raise ValueError(f"{path} cannot be read ({problem})") from None
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=separator)
    names = [(name or "").strip().lower().removeprefix("q") for name in reader.fieldnames or []]
    reader.fieldnames = names
    lacking = {"code", "time", "form"} - set(names)
    if lacking or not ({"letters"} <= set(names) or set(_NUMBERS) <= set(names)):
        raise ValueError(
            f"{path} has the columns {', '.join(names) or 'none'}: wanted are code, time, form, "
            "and 1 to 12, or one column letters"
        )
    return [
        (reader.line_num, {k: (v or "").strip() for k, v in row.items() if k})
        for row in reader
        if any((v or "").strip() for v in row.values() if isinstance(v, str))
    ]


def _letters(row: dict[str, str]) -> tuple[list[str], str]:
    if row.get("letters"):
        given = [letter for letter in row["letters"] if letter not in " ,;"]
        if len(given) != ITEMS:
            return [], f"{len(given)} letters in place of {ITEMS}"
    else:
        given = [row.get(number, "") for number in _NUMBERS]
    letters = ["" if letter.lower() in _NOTHING else letter.lower() for letter in given]
    for number, letter in enumerate(letters, start=1):
        if letter and letter not in "abcd":
            return [], f"item {number} has {letter!r}, which is none of a, b, c, d"
    return letters, ""


def _right(form: str, number: int, letter: str) -> bool:
    answer = letter or ...
    return judge(question(item_id(form, number)), answer)[0].state == "right"


def _pairs(table: pd.DataFrame) -> pd.DataFrame:
    wide = table.assign(code=table["code"].str.lower())
    wide = wide.pivot(index="code", columns="time", values="score")
    return wide.reindex(columns=["before", "after"]).dropna()


def _gain(table: pd.DataFrame, seed: int | None) -> tuple[Gain | None, str]:
    pairs = _pairs(table)
    try:
        return class_gain(pairs["before"].tolist(), pairs["after"].tolist(), seed=seed), ""
    except ValueError as error:
        return None, str(error)


def _items(table: pd.DataFrame) -> pd.DataFrame:
    """Difficulty and discrimination of each item, at each time.

    Difficulty is the share that has it right, in per cent. Discrimination is the correlation of
    the item with the score on the other eleven, which has no number if all or none have it right.
    """
    rows = []
    for (form, time), part in table.groupby(["form", "time"]):
        right = pd.DataFrame(
            {n: [_right(str(form), int(n), letter) for letter in part[n]] for n in _NUMBERS}
        ).astype(float)
        for number in _NUMBERS:
            rest = right.drop(columns=number).sum(axis=1)
            varies = len(part) > 2 and right[number].std() > 0 and rest.std() > 0
            wrong = part[number][~right[number].astype(bool).to_numpy()]
            usual = wrong[wrong != ""].mode()
            first = usual.iloc[0] if len(usual) else ""
            key = item_id(str(form), int(number))
            rows.append(
                {
                    "item": f"{form}{number}",
                    "time": time,
                    "sheets": len(part),
                    "right_percent": round(100 * right[number].mean()),
                    "discrimination": round(right[number].corr(rest), 2) if varies else np.nan,
                    "usual_wrong": first,
                    "misconception": belief_behind(key, first) if first else "",
                }
            )
    columns = ["item", "time", "sheets", "right_percent", "discrimination", "usual_wrong"]
    return pd.DataFrame(rows, columns=[*columns, "misconception"])


def scores_page(found: Scores) -> str:
    """What the command prints: the gain, the items, and what was not counted."""
    sheets = found.sheets
    times = sheets["time"].value_counts()
    parts = [
        f"{len(sheets)} sheets: {times.get('before', 0)} before, {times.get('after', 0)} after; "
        f"{len(_pairs(sheets))} people with both; {len(found.left_out)} left out."
    ]
    parts += [f"  left out: {where}: {reason}" for where, reason in found.left_out.items()]
    parts += ["", str(found.gain) if found.gain else f"No gain: {found.why_no_gain}."]
    if len(found.items):
        parts += ["", found.items.to_string(index=False, na_rep="")]
        parts += [
            "",
            "right_percent: how many have the item right. discrimination: how closely it goes with "
            "the other eleven; empty if all or none have it right.",
        ]
        few = found.items.groupby(["time"])["sheets"].min()
        if few.min() < _ENOUGH:
            parts.append(
                f"With fewer than {_ENOUGH} sheets of a form these numbers are mostly chance."
            )
        weak = found.items[(found.items["discrimination"] < 0) & (found.items["sheets"] >= _ENOUGH)]
        if len(weak):
            names = ", ".join(f"{row.item} {row.time}" for row in weak.itertuples())
            parts.append(f"Below 0, so that those who know more have it wrong more often: {names}.")
    parts.append("How reliable the two forms are, and whether they are equally hard, is not known.")
    return "\n".join(parts)


def write_scores(found: Scores, folder: Path) -> list[Path]:
    """Write the scores by person and the items as CSV; earlier ones are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    people, items = folder / "test-scores.csv", folder / "test-items.csv"
    found.sheets.to_csv(people, index=False, encoding="utf-8-sig")
    found.items.to_csv(items, index=False, encoding="utf-8-sig")
    return [people, items]
