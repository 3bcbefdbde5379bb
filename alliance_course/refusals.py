"""One vocabulary of refusals: what was given, what is allowed, what to try."""

import difflib
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd

from alliance_course.folders import CourseFileError as CourseFileError
from alliance_course.folders import own_file as own_file
from alliance_course.folders import own_toml as own_toml

Z95 = 1.959963984540054


def library(module: str) -> Any:
    """Import a library on first use; where it is missing, say what to install."""
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise ImportError(
            f"this needs {package}, which is not installed: run pip install {package}"
        ) from error


def numeric_columns(
    data: pd.DataFrame, names: Sequence[str], group: str | None = None
) -> pd.DataFrame:
    """The named columns as floats, and the group's as it is; incomplete rows left out."""
    if not isinstance(data, pd.DataFrame):
        raise ValueError(f"data is a {type(data).__name__}: give a DataFrame, as trial.clients is")
    wanted = list(dict.fromkeys([*names, *([] if group is None else [group])]))
    missing = [name for name in wanted if name not in data.columns]
    if missing:
        raise ValueError(
            f"data has no column {missing[0]!r}; it has {', '.join(map(str, data.columns))}"
        )
    rows = data[wanted].dropna()
    for name in dict.fromkeys(names):
        try:
            rows[name] = rows[name].astype(float)
        except (TypeError, ValueError):
            raise ValueError(f"{name!r} does not hold numbers: choose a column that does") from None
        if not np.isfinite(rows[name]).all():
            raise ValueError(f"{name!r} holds an infinite value: take it out first")
    return rows


def listed(given: str | Sequence[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


def enough(n: int, least: int, what: str = "complete rows") -> None:
    if n < least:
        raise ValueError(f"{n} {what} are too few: give at least {least}")


def two_treatments(clients: pd.DataFrame) -> list[str]:
    """The treatments of a trial's clients, which must be two."""
    arms = list(clients["treatment"].cat.remove_unused_categories().cat.categories)
    if len(arms) != 2:
        raise ValueError(f"the trial has {len(arms)} treatments: give one with exactly two")
    return arms


def nearest(given: object, names: Iterable[str]) -> str:
    """The end of an error message: the nearest known name, and all of them when they are few."""
    known = [str(name) for name in names]
    folded = {name.lower(): name for name in known}
    close = difflib.get_close_matches(str(given).lower(), folded, n=1, cutoff=0.5)
    guess = f"did you mean {folded[close[0]]!r}? " if close else ""
    few = f"All: {', '.join(known)}" if len(known) <= 14 else f"{known[0]} to {known[-1]} exist"
    return guess + few
