"""One vocabulary of refusals: what was given, what is allowed, what to try."""

import contextlib
import difflib
import functools
import math
import re
import traceback
from collections.abc import Hashable, Iterable, Mapping, Sequence
from importlib import import_module
from types import FunctionType
from typing import Any

import numpy as np
import pandas as pd

from alliance_course.folders import CourseFileError as CourseFileError

Z95 = 1.959963984540054


def in_one_sentence(name: str, function: Any) -> Any:
    """A public function that refuses in a sentence, also what it did not foresee.

    What NumPy, pandas or the system raise about an argument is for whoever knows their insides.
    """
    if not isinstance(function, FunctionType):
        return function

    @functools.wraps(function)
    def asked(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (CourseFileError, ImportError):
            raise
        except Exception as error:
            # what was given may be a table, which is shown over several lines
            text = " ".join(str(error).split())
            text = f"{text[:500]} ... {text[-200:]}" if len(text) > 700 else text
            if type(error) in (ValueError, RuntimeError) and _raised_here(error):
                raise type(error)(text) from None
            kind = "no such column or name: " if isinstance(error, KeyError) else ""
        said = kind + (text or "something is missing")
        raise ValueError(f"{name} cannot use this ({said}): help(ac.{name}) says what it needs")

    # found again under this name where work is sent to other processes
    asked.__module__, asked.__qualname__ = "alliance_course", name
    return asked


def _raised_here(error: BaseException) -> bool:
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return str(frame.f_globals.get("__name__")).startswith("alliance_")


def library(module: str) -> Any:
    """Import a library on first use; where it is missing, say what to install."""
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise ImportError(
            f"this needs {package}, which is not installed: run pip install {package}"
        ) from error


def numbers(given: Any, what: str) -> np.ndarray:
    """Numbers in a row as floats, nan where one is missing; refuses by name what is none."""
    if isinstance(given, (str, bytes, Mapping, pd.DataFrame)) or not isinstance(given, Iterable):
        raise ValueError(f"{what} is a {type(given).__name__}: give numbers in a list or a column")
    column = given if isinstance(given, pd.Series) else pd.Series(list(given), dtype=object)
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_complex_dtype(column):
        found = column.to_numpy(dtype=float, na_value=np.nan)
    else:
        found = np.array([_number(value, what) for value in column], dtype=float)
    if np.isinf(found).any():
        raise ValueError(f"{what} holds an infinite value: take it out first")
    return found


def _number(value: Any, what: str) -> float:
    try:
        return math.nan if pd.isna(value) else float(value)
    except (TypeError, ValueError, OverflowError):
        text = value.strip().replace(",", ".") if isinstance(value, str) else ""
        with_point = re.fullmatch(r"[+-]?\d*\.\d+", text)
        advice = f"write it with a point, {text}" if with_point else "choose a column that does"
        raise ValueError(f"{what} does not hold numbers: {advice} ({value!r:.40})") from None


def numeric_columns(
    data: pd.DataFrame, names: Sequence[str], group: str | None = None
) -> pd.DataFrame:
    """The named columns as floats, and the group's as it is; incomplete rows left out."""
    if not isinstance(data, pd.DataFrame):
        raise ValueError(f"data is a {type(data).__name__}: give a DataFrame, as trial.clients is")
    wanted = listed([*names, *([] if group is None else [group])])
    for name in wanted:
        found = int((data.columns == name).sum())
        if not found:
            raise ValueError(
                f"data has no column {name!r}; it has {', '.join(map(str, data.columns))}"
            )
        if found > 1:
            raise ValueError(f"data has {found} columns {name!r}: rename one, or take one out")
    # tables that were put together may repeat the labels of their rows
    rows = data[wanted].reset_index(drop=True)
    for name in listed(names):
        rows[name] = numbers(rows[name], repr(name))
    return rows.dropna().reset_index(drop=True)


def listed(given: str | Iterable[str] | None) -> list[str]:
    """One name or several as a list of different ones."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        return [] if given is None else [given]
    for name in given:
        if not isinstance(name, Hashable):
            raise ValueError(f"{name!r} is no name: give one in quotes, or several in one list")
    return list(given)


_NO_SEED = "seed={seed!r:.60} is not allowed: give a whole number from 0, such as 4711"


def whole_seed(seed: Any) -> int:
    """The number of a class or a learner; also as text, since people copy it from a page."""
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        number = int(seed)
        same = isinstance(seed, str) or (number == seed and not isinstance(seed, bool))
        if same and 0 <= number < 2**63:
            return number
    raise ValueError(_NO_SEED.format(seed=seed))


def chance(seed: Any) -> np.random.Generator:
    """Chance that starts from a seed; None for another start each time."""
    try:
        return np.random.default_rng(
            whole_seed(seed) if isinstance(seed, (bool, float, str)) else seed
        )
    except (TypeError, ValueError):
        raise ValueError(_NO_SEED.format(seed=seed)) from None


def enough(n: int, least: int, what: str = "complete rows") -> None:
    if n < least:
        raise ValueError(f"{n} {what} are too few: give at least {least}")


def two_treatments(clients: pd.DataFrame) -> list[str]:
    """The treatments of a trial's clients, which must be two."""
    arms = list(pd.Categorical(clients["treatment"]).remove_unused_categories().categories)
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
