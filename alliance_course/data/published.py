"""The published findings that the course leans on: a table, and citations with their numbers."""

import re
from functools import cache

import pandas as pd

from alliance_course.data.tables import load_dataset
from alliance_course.refusals import nearest

_NAMES = (
    "alliance components relationship rupture technique therapist within-client raters outcome "
    "harm culture groups programmes responsiveness"
)
TOPICS = dict(zip(_NAMES.split(), "ABCDEFGHIJKLMN", strict=True))

# words that cannot be read as the size of a correlation
_WORDS = {
    "strong": "well supported",
    "moderate": "fairly supported",
    "weak": "thinly supported",
    "arithmetic": "worked out, not observed",
}
SEEN = ("yes", "secondary")
# a source's number, also where it prints others in brackets after it
_FIRST = r"^(-?\d*\.?\d+)(?= \(|$)"


@cache
def printed_rows() -> pd.DataFrame:
    """The table as it stands in the file: numbers as their sources print them."""
    return load_dataset("published_effects").set_index("id")


@cache
def _table() -> pd.DataFrame:
    table = printed_rows().copy()
    topic_of = {letter: topic for topic, letter in TOPICS.items()}
    table.insert(0, "topic", table.index.str[0].map(topic_of))
    table.insert(4, "reported", table["estimate"])
    table["estimate"] = table["estimate"].str.extract(_FIRST, expand=False)
    for name in ("estimate", "ci_low", "ci_high"):
        table[name] = pd.to_numeric(table[name], errors="coerce")
    words = table["grade"].astype("str").map(_WORDS).fillna("not graded")
    table["strength"] = words.where(table["verified"].isin(SEEN), "not verified")
    return table


def published_effects(topic: str | None = None) -> pd.DataFrame:
    """Published findings on the alliance, one row per finding.

    Parameters
    ----------
    topic : str, optional
        One of alliance, components, relationship, rupture, technique, therapist, within-client,
        raters, outcome, harm, culture, groups, programmes, responsiveness. All if left out.

    Returns
    -------
    DataFrame
        Indexed by the row's id ("A01"). `topic`, `construct` (what goes with what), `effect_type`
        (r, d, g, percent, ...), `reported` (the estimate as printed), `estimate`, `ci_low`,
        `ci_high` (as numbers; missing where the source has no single number), `k_studies`,
        `n_clients` (as printed), `level` (what was compared), `finding` (one sentence),
        `citation`, `doi`, `verified`, `seen` (what was seen, and where), `design`,
        `consistency`, `bias`, `directness` and `grade` (why and how far to trust it), `title`,
        and `strength`, the grade in words: well, fairly or thinly supported; worked out, not
        observed; not graded; not verified.

    Raises
    ------
    ValueError
        If the topic is unknown; the nearest one is suggested.

    Notes
    -----
    A row whose `verified` is "memory" or "unsure" is no finding to quote; "secondary" was seen
    second hand only. ``describe_dataset("published_effects")`` has the rule of the grades.

    Examples
    --------
    >>> effects = published_effects("alliance")
    >>> float(effects.loc["A01", "estimate"])
    0.278
    >>> published_effects("therapists")
    Traceback (most recent call last):
    ...
    ValueError: topic='therapists' is unknown: did you mean 'therapist'? All: alliance, \
components, relationship, rupture, technique, therapist, within-client, raters, outcome, harm, \
culture, groups, programmes, responsiveness
    """
    if topic is None:
        return _table().copy()
    if topic not in TOPICS:
        raise ValueError(f"topic={topic!r} is unknown: {nearest(topic, TOPICS)}")
    return _table()[_table()["topic"] == topic].copy()


def printed_number(text: object, effect_type: str) -> str:
    """A number as journals print it: no zero before the point where 1 is the limit."""
    bounded = effect_type in ("r", "alpha")
    return re.sub(r"(?<![\d.])0(?=\.\d)", "", str(text)) if bounded else str(text)


def row_of(row_id: str) -> pd.Series:
    table = _table()
    if row_id not in table.index:
        raise ValueError(f"row_id={row_id!r} is unknown: {nearest(row_id, table.index)}")
    return table.loc[row_id]
