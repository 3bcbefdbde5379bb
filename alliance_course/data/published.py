"""The published findings that the course leans on: a table, and citations with their numbers."""

import re
from functools import cache

import pandas as pd

from alliance_course.data.tables import load_dataset
from alliance_course.refusals import nearest

TOPICS = {
    "alliance": "A",
    "components": "B",
    "relationship": "C",
    "rupture": "D",
    "technique": "E",
    "therapist": "F",
    "within-client": "G",
    "raters": "H",
    "outcome": "I",
}

STRENGTH = {
    "strong": "a synthesis of 20 or more studies",
    "moderate": "a synthesis of fewer studies, one large trial, or a comparison across studies",
    "weak": "one study that observed, a secondary source, or experts' opinion",
    "arithmetic": "worked out from other published numbers, not observed",
    "not verified": "the number was not seen in a source, so it is not stated as fact",
}

# Where counting studies would mislead: components and therapies are compared across different
# studies; trials randomise; shares of improvement are computed from differences between arms;
# two samples of thousands of clients carry more than "2" suggests; nobody measured the pie.
_EXCEPTIONS = {
    "moderate": ("B06", "B07", "B10", "E05", "E06", "E19", "E26", "F07", "G08", "G10", "I16"),
    "arithmetic": ("E13",),
    "strong": ("F04", "I11"),
    "weak": ("C10", "D04", "D05", "E14"),
}
_CITATION = re.compile(r"(?P<who>\D+?), (?P<year>\d{4}[^,]*), (?P<where>.+)")


def _strength(row: pd.Series) -> str:
    if row["verified"] != "yes":
        return "not verified"
    for strength, ids in _EXCEPTIONS.items():
        if row.name in ids:
            return strength
    found = re.search(r"\d+", str(row["k_studies"]))
    if found is None:
        return "moderate"
    studies = int(found[0])
    return "strong" if studies >= 20 else "moderate" if studies > 1 else "weak"


@cache
def _printed() -> pd.DataFrame:
    """The table as it stands in the file: numbers as their sources print them."""
    return load_dataset("published_effects").set_index("id")


@cache
def _table() -> pd.DataFrame:
    table = _printed().copy()
    topic_of = {letter: topic for topic, letter in TOPICS.items()}
    table.insert(0, "topic", table.index.str[0].map(topic_of))
    table.insert(4, "reported", table["estimate"])
    for name in ("estimate", "ci_low", "ci_high"):
        table[name] = pd.to_numeric(table[name], errors="coerce")
    table["strength"] = table.apply(_strength, axis=1)
    return table


def published_effects(topic: str | None = None) -> pd.DataFrame:
    """Published findings on the alliance, one row per finding.

    Parameters
    ----------
    topic : str, optional
        One of alliance, components, relationship, rupture, technique, therapist, within-client,
        raters, outcome. All topics if left out.

    Returns
    -------
    DataFrame
        Indexed by the row's id ("A01"). `topic`, `construct` (what goes with what), `effect_type`
        (r, d, g, percent, ...), `reported` (the estimate as printed), `estimate`, `ci_low`,
        `ci_high` (as numbers; missing where the source has no single number), `k_studies`,
        `n_clients` (as printed), `level` (what was compared), `finding` (one sentence),
        `citation`, `doi`, `verified`, and `strength` (strong, moderate, weak, arithmetic or not
        verified; `STRENGTH` says what each word means).

    Raises
    ------
    ValueError
        If the topic is unknown; the nearest one is suggested.

    Notes
    -----
    A row whose `verified` is not "yes" was written from memory: read it, but do not quote it.

    Examples
    --------
    >>> effects = published_effects("alliance")
    >>> float(effects.loc["A01", "estimate"])
    0.278
    >>> published_effects("therapists")
    Traceback (most recent call last):
    ...
    ValueError: topic='therapists' is unknown: did you mean 'therapist'? All: alliance, \
components, relationship, rupture, technique, therapist, within-client, raters, outcome
    """
    if topic is None:
        return _table().copy()
    if topic not in TOPICS:
        raise ValueError(f"topic={topic!r} is unknown: {nearest(topic, TOPICS)}")
    return _table()[_table()["topic"] == topic].copy()


def _number(text: object, effect_type: str) -> str:
    """A number as journals print it: no zero before the point where 1 is the limit."""
    bounded = effect_type in ("r", "alpha")
    return re.sub(r"(?<![\d.])0(?=\.\d)", "", str(text)) if bounded else str(text)


def cite(row_id: str) -> str:
    """One published finding as a sentence: who, where, how large, how sure.

    Parameters
    ----------
    row_id : str
        A row of `published_effects()`, such as "A01".

    Returns
    -------
    str
        Authors, year, journal, DOI as a link, the estimate with its 95% interval and number of
        studies, and a word for the strength of the evidence. If the number was not verified, the
        sentence says so.

    Raises
    ------
    ValueError
        If there is no such row; the nearest one is suggested.

    Examples
    --------
    >>> print(cite("A01"))
    Flückiger, Del Re, Wampold & Horvath (2018). Psychotherapy, 55(4), 316-340. \
https://doi.org/10.1037/pst0000172. r = .278, 95% CI [.256, .299], 295 studies; evidence: strong.
    """
    table = _table()
    if row_id not in table.index:
        raise ValueError(f"row_id={row_id!r} is unknown: {nearest(row_id, table.index)}")
    row, printed = table.loc[row_id], _printed().loc[row_id]
    parts = _CITATION.fullmatch(row["citation"])
    source = row["citation"]
    if parts:
        where = parts["where"][0].upper() + parts["where"][1:]
        source = f"{parts['who']} ({parts['year']}). {where}"
    link = f" https://doi.org/{row['doi']}." if pd.notna(row["doi"]) else ""
    kind = row["effect_type"]
    joint = " = " if pd.notna(row["estimate"]) else ": "
    effect = [f"{kind}{joint}{_number(printed['estimate'], kind)}"]
    if pd.notna(row["ci_low"]) and pd.notna(row["ci_high"]):
        low, high = (_number(printed[end], kind) for end in ("ci_low", "ci_high"))
        effect.append(f"95% CI [{low}, {high}]")
    if pd.notna(row["k_studies"]):
        studies = re.sub(r"^([\d-]+)(?= \(|$)", r"\1 studies", row["k_studies"])
        effect.append("1 study" if studies == "1 studies" else studies)
    sure = f"evidence: {row['strength']}"
    if row["verified"] != "yes":
        sure = "not verified: the number was not seen in a source, so do not state it as fact"
    return f"{source.rstrip('.')}.{link} {', '.join(effect)}; {sure}."
