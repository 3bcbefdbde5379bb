"""Hold a table against the codebook of `datapackage.json`."""

from typing import Any

import numpy as np
import pandas as pd

from alliance_course.data.tables import _allowed, _resource

_ALLOWED_KINDS = {"integer": "iu", "number": "fiu", "boolean": "b"}


def check_frame(frame: pd.DataFrame, name: str) -> None:
    """Make sure that a table is what the codebook says: columns, types, ranges, gaps, key.

    Parameters
    ----------
    frame : DataFrame
        For example ``simulate_trial(seed=1).clients``.
    name : str
        The data set whose codebook it should satisfy.

    Raises
    ------
    ValueError
        At the first thing that is wrong; the message names the column and the first bad row.

    """
    schema = _resource(name)["schema"]
    expected = [field["name"] for field in schema["fields"]]
    for column in expected:
        if column not in frame.columns:
            raise ValueError(f"{name}: column {column!r} is missing")
    for column in frame.columns:
        if column not in expected:
            raise ValueError(f"{name}: column {column!r} is not in the codebook")
    for field in schema["fields"]:
        _check_column(frame[field["name"]].reset_index(drop=True), field, name)
    repeated = frame.duplicated(schema["primaryKey"])
    if repeated.any():
        key = ", ".join(schema["primaryKey"])
        raise ValueError(f"{name}: column {key!r} repeats itself in row {repeated.argmax()}")


def _check_column(column: pd.Series, field: dict[str, Any], name: str) -> None:
    rules, where = field.get("constraints", {}), f"{name}: column {field['name']!r}"
    missing = column.isna()
    if rules.get("required") and missing.any():
        raise ValueError(f"{where} has no value in row {missing.argmax()}: it must have one")
    kinds = _ALLOWED_KINDS.get(field["type"])
    if kinds and column.dtype.kind not in kinds:
        raise ValueError(f"{where} holds {column.dtype}, but should hold {field['type']} values")
    present = column[~missing]
    bad = pd.Series(False, index=present.index)
    if "enum" in rules:
        bad = ~present.astype("str").isin(rules["enum"])
    elif kinds and kinds != "b":
        numbers = present.astype("float64")
        low, high = rules.get("minimum", -np.inf), rules.get("maximum", np.inf)
        bad = ~(numbers.between(low, high) & np.isfinite(numbers))
    elif "pattern" in rules:
        bad = ~present.astype("str").str.fullmatch(rules["pattern"])
    if bad.any():
        row = bad.idxmax()
        allowed = _allowed(field) or rules.get("pattern", "a finite number")
        raise ValueError(f"{where} has {present[row]} in row {row}: allowed is {allowed}")
