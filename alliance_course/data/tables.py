"""The course's data: load a table, read what its columns mean, make the simulated clinic again."""

import io
from collections.abc import Iterable
from functools import cache, lru_cache
from textwrap import fill
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from alliance_course.folders import course_folder, delivered_text, own_file, read_json
from alliance_course.refusals import nearest, whole_seed

DECIMALS = 3


def markdown_table(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Rows of cells as a table in Markdown."""
    names = list(header)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


class Description(NamedTuple):
    """What `describe_dataset` returns: the data card as text and the codebook as a table."""

    card: str
    codebook: pd.DataFrame

    def __str__(self) -> str:
        entries = [
            fill(
                f"{name}: {row['meaning']} [{'; '.join(part for part in row.iloc[:4] if part)}]",
                width=96,
                subsequent_indent="    ",
            )
            for name, row in self.codebook.iterrows()
        ]
        return "\n".join([self.card.rstrip(), "", "## Columns", "", *entries])

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        table = self.codebook.reset_index()
        columns = markdown_table(table.columns, table.to_numpy())
        return "\n".join([self.card.rstrip(), "", "## Columns", "", columns])


@cache
def package() -> dict[str, Any]:
    """The codebook of all tables: `datapackage.json`, a Frictionless data package."""
    path = course_folder("datasets") / "datapackage.json"
    with own_file(path):
        found = read_json(path)
        return {**found, "clinic": found["clinic"], "resources": found["resources"]}


def _resource(name: object) -> dict[str, Any]:
    if isinstance(name, pd.DataFrame):
        raise ValueError(
            "this is a table already, so use it as it is: load_dataset wants a name in quotes, "
            'for example load_dataset("clients")'
        )
    resources = {resource["name"]: resource for resource in package()["resources"]}
    if not isinstance(name, str) or name not in resources:
        raise ValueError(f"name={name!r} is no data set: {nearest(name, resources)}")
    return resources[name]


def _typed(column: pd.Series, field: dict[str, Any]) -> pd.Series:
    kind, rules = field["type"], field.get("constraints", {})
    if "enum" in rules:
        typed = pd.Categorical(column, rules["enum"], ordered=field.get("ordered", False))
        # categories that nobody is in would be drawn as empty bars
        kept = typed if typed.ordered else typed.remove_unused_categories()
        return pd.Series(kept, index=column.index, name=column.name)
    if kind == "integer":
        return column.astype("int64" if rules.get("required") else "Int64")
    if kind == "boolean":
        # as text, every word would count as true
        return column.astype("str").isin(field.get("trueValues", ["True"]))
    # below pandas 3 a missing value would become the word "nan"
    return column.astype({"number": "float64", "string": "str"}[kind]).where(column.notna())


_SIMULATED = ("clients", "sessions", "items")


def load_dataset(name: str, *, session: int | None = None, seed: int | None = None) -> pd.DataFrame:
    """One of the course's tables, each column with its right type.

    Parameters
    ----------
    name : str
        A name from `list_datasets()`, such as clients, sessions, items or published_effects.
    session : int, optional
        With "sessions" only: the rows of this session, each with the columns of its client.
    seed : int, optional
        The number of a class, 0 or more: then the clinic is one that only this class has, of the
        same model and design. The same number gives the same clinic everywhere. Tables that are
        not simulated client by client stay as they are.

    Returns
    -------
    DataFrame
        ``describe_dataset(name)`` says what each column means, its unit and its range. Names such
        as the condition are categories, yes-or-no columns are True or False, and whole numbers
        stay whole also where answers are missing (`<NA>`).

    Raises
    ------
    ValueError
        If there is no such table, where the nearest name is suggested; if nobody had such a
        session; or if `seed` is not a whole number from 0.

    Examples
    --------
    >>> clients = load_dataset("clients")
    >>> sorted(clients["treatment"].unique())
    ['CBT', 'integrative', 'psychodynamic', 'supportive']
    >>> third = load_dataset("sessions", session=3)
    >>> bool((third["session"] == 3).all() and "outcome" in third)
    True
    >>> load_dataset("clients", seed=7)["outcome"].equals(clients["outcome"])
    False
    >>> load_dataset("client")
    Traceback (most recent call last):
    ...
    ValueError: name='client' is no data set: did you mean 'clients'? All: clients, sessions, \
items, published_effects, calibration, worlds, two_assumptions, not_fitted, exchanges
    """
    resource = _resource(name)
    if session is not None:
        from alliance_course.simulate.trial import at_session

        if name != "sessions":
            raise ValueError(
                f"session={session!r} does not fit {name!r}: "
                'use load_dataset("sessions", session=3), or leave it out'
            )
        clients, sessions = (load_dataset(table, seed=seed) for table in ("clients", "sessions"))
        return at_session(clients, sessions, session)
    number = None if seed is None else whole_seed(seed)
    if number is not None and name in _SIMULATED:
        return _with_types(_class_clinic(number, name == "items")[name], resource)
    path = course_folder("datasets") / resource["path"]
    with own_file(path):
        # a spreadsheet that saves a table anew changes numbers that still look like numbers
        data, found = delivered_text(path.read_bytes())
        if found != resource.get("hash", found):
            raise ValueError(found)
        return _read(name, data).copy()


@lru_cache(maxsize=9)
def _read(name: str, data: bytes) -> pd.DataFrame:
    """What a file holds; a lesson loads the same table many times."""
    resource = _resource(name)
    text = any(field["type"] == "string" for field in resource["schema"]["fields"][:1])
    how: Any = {"dtype": "str" if text else None, "keep_default_na": False, "na_values": [""]}
    return _with_types(pd.read_csv(io.BytesIO(data), **how), resource)


def _with_types(frame: pd.DataFrame, resource: dict[str, Any]) -> pd.DataFrame:
    fields = resource["schema"]["fields"]
    return pd.DataFrame({field["name"]: _typed(frame[field["name"]], field) for field in fields})


def list_datasets() -> pd.DataFrame:
    """The course's tables, one row each.

    Returns
    -------
    DataFrame
        Indexed by the name that `load_dataset` takes; columns `title` and `description`.

    Examples
    --------
    >>> list(list_datasets().index)
    ['clients', 'sessions', 'items', 'published_effects', 'calibration', 'worlds',
     'two_assumptions', 'not_fitted', 'exchanges']
    """
    table = pd.DataFrame(package()["resources"])
    return table.set_index("name")[["title", "description"]]


def describe_dataset(name: str) -> Description:
    """What a table is, how it was made, and what each of its columns means.

    Parameters
    ----------
    name : str
        A name from `list_datasets()`.

    Returns
    -------
    Description
        `card` (text: what, how made, seed, licence) and `codebook` (a DataFrame, one row a
        column: type, unit, allowed, missing, meaning). Shown as readable text.

    Raises
    ------
    ValueError
        If there is no such table; the nearest name is suggested.

    Examples
    --------
    >>> describe_dataset("clients").codebook.loc["outcome", "allowed"]
    '0 to 27'
    """
    resource = _resource(name)
    path = course_folder("datasets") / resource["card"]
    with own_file(path):
        card = path.read_text(encoding="utf-8-sig")
    rows = [
        {
            "column": field["name"],
            "type": "category" if _allowed(field).count(", ") else field["type"],
            "unit": field.get("unit", ""),
            "allowed": _allowed(field),
            "missing": field.get("missing", ""),
            "meaning": field["description"],
        }
        for field in resource["schema"]["fields"]
    ]
    return Description(card, pd.DataFrame(rows).set_index("column"))


def _allowed(field: dict[str, Any]) -> str:
    rules = field.get("constraints", {})
    if "enum" in rules:
        return ", ".join(rules["enum"])
    low, high = rules.get("minimum"), rules.get("maximum")
    if low is None and high is None:
        return ""
    return f"{low} or more" if high is None else f"{low} to {high}"


@lru_cache(maxsize=24)
def _class_clinic(seed: int, items: bool) -> dict[str, pd.DataFrame]:
    tables = _clinic(seed, items=items)
    return {name: rounded(frame).reset_index(drop=True) for name, frame in tables.items()}


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """A simulated table with as many decimals as the published ones have."""
    numbers = frame.select_dtypes("floating").columns
    return frame.assign(**frame[numbers].astype("float64").round(DECIMALS))


def _clinic(seed: int, *, items: bool = True) -> dict[str, pd.DataFrame]:
    """Clients, sessions and items of a clinic with the design of `datapackage.json`."""
    from alliance_course.measure.form import ITEMS
    from alliance_course.simulate.trial import simulate_trial

    clinic = dict(package()["clinic"]) | {"seed": seed}
    session, share = clinic.pop("items_session"), clinic.pop("share_of_items_missing")
    trial = simulate_trial(**clinic, items=items)
    tables = {"clients": trial.clients, "sessions": trial.sessions}
    if trial.items is not None:
        form = trial.items[trial.items["session"] == session].copy()
        # skipped answers come from a stream of their own, so that they change nothing else
        rng = np.random.default_rng([seed, session])
        skipped = rng.random((len(form), len(ITEMS))) < share
        form[list(ITEMS)] = form[list(ITEMS)].mask(skipped)
        tables["items"] = form
    return tables
