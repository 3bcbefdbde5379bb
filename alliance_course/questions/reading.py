"""What a person typed, as the number or the letters that were meant; `judge.js` does the same."""

import math
import numbers
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

_ONE_VALUE = (pd.Series, pd.DataFrame, pd.Index, np.ndarray, list, tuple)
_SPACES = re.compile("[\u00a0\u2000-\u200b\u202f\u2060\ufeff]")
_MINUS = re.compile("[\u2010-\u2015\u2212\ufe63\uff0d]|\\bminus\\s", re.I)
_QUOTES = re.compile("[\"'`\u00b4\u2018-\u201f\u00ab\u00bb]")
_OF_100 = re.compile(r"(?:\b(?:(?:out )?of|in) |/) ?(?:100|a hundred)\b", re.I | re.A)
_PER_CENT = re.compile("%|per ?cent|prozent|pct", re.I)
# thousands in groups of three, a decimal point or comma, an exponent; never digits inside a word
_NUMBER = re.compile(
    r"(?:^|[^A-Za-z0-9.,])((?:[-+] ?)?"
    r"(?:[1-9]\d{0,2}(?:[ ,]\d{3})+(?!\d)(?:\.\d+)?|[1-9]\d{0,2}(?:\.\d{3})+,\d+|\d*[.,]\d+|\d+)"
    r"(?:e[-+]?\d+)?)",
    re.I,
)
# letters of other alphabets that look like a key
_ALIKE = str.maketrans("\u0430\u0441\u0435\u0432\u0501\u03b1", "acebda")
_FILLERS = {"and", "or", "answer", "option", "choice", "und", "plus", "&", "+", "/", "-", ":", "="}


def single(answer: Any) -> tuple[Any, str]:
    """The one value inside `answer`, and what is wrong if there is not exactly one."""
    for _ in range(10):
        if not isinstance(answer, _ONE_VALUE):
            return answer, ""
        size = answer.size if hasattr(answer, "size") else len(answer)
        if size == 0:
            return None, "This is empty (are dots left, or is a name spelled differently?)"
        if size != 1:
            return None, "These are several values"
        answer = answer[0] if isinstance(answer, (list, tuple)) else np.asarray(answer).item()
    return None, "These are lists within lists"


def read_numbers(value: Any) -> tuple[list[float], str]:
    """What a value may mean as a number (28% is 28 or .28), and what is wrong if it means none."""
    if isinstance(value, str):
        return _from_text(value)
    problem = _not_a_number(value)
    return ([], problem) if problem else ([float(value)], "")


def _from_text(text: str) -> tuple[list[float], str]:
    text = _MINUS.sub("-", _QUOTES.sub("", _SPACES.sub(" ", text[:200])))
    text = _OF_100.sub("%", text).strip()
    found = _NUMBER.findall(text)
    if not found:
        return [], "This is text without a number in digits"
    if len(found) > 1 or re.search("[<>\u2264\u2265]", text):
        return [], "This is not one number alone"
    digits = found[0].replace(" ", "")
    if re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?(e[-+]?\d+)?", digits, re.I):
        digits = digits.replace(",", "")
    elif "." in digits and "," in digits:
        digits = digits.replace(".", "")
    number = float(digits.replace(",", "."))
    if not math.isfinite(number):
        return [], "This is too large"
    return ([number, number / 100] if _PER_CENT.search(text) else [number]), ""


def _not_a_number(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "This is True or False"
    if value is None:
        return "This is None (`print` shows a value but does not hand it on)"
    if callable(value):
        return "This is a function that was not called (add the brackets, `()`)"
    if value is pd.NA or value is pd.NaT:
        return "This is a missing value"
    if not isinstance(value, (numbers.Real, np.number)) or isinstance(value, np.complexfloating):
        return f"This is of the kind {type(value).__name__}"
    if isinstance(value, numbers.Integral) and abs(int(value)) > 10**300:
        return "This is too large"
    if not math.isfinite(float(value)):
        return "This is a missing value (nan)" if math.isnan(float(value)) else "This is infinite"
    return ""


def read_letters(entry: Mapping[str, Any], answer: Any) -> list[str] | None:
    """The keys of the options that were chosen, in order; None if the answer names none."""
    parts = [answer] if isinstance(answer, str) else list(answer)
    by_text = {option["text"].strip().lower(): option["key"] for option in entry["option"]}
    keys = set(by_text.values())
    chosen: set[str] = set()
    for part in parts[:100]:
        if not isinstance(part, str):
            return None
        text = _SPACES.sub(" ", part).strip().lower()
        if text in by_text:
            found = [by_text[text]]
        else:
            words = re.findall(r"[^\s,;()\"'.`\u00b4\u2018-\u201f]+", text)
            found = [word.translate(_ALIKE) for word in words if word not in _FILLERS]
        if entry["kind"] == "choices" and not set(found) <= keys:
            found = list("".join(found))
        if not found or not set(found) <= keys:
            return None
        chosen.update(found)
    return sorted(chosen) if len(parts) <= 100 else None
