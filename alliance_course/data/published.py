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
STRENGTH = {
    "well supported": "design, consistency, bias and directness leave no serious doubt",
    "fairly supported": "one serious doubt about design, consistency, bias or directness",
    "thinly supported": "two or more serious doubts about them, or one that decides",
    "worked out, not observed": "computed from other published numbers with doubts of their own",
    "not graded": "the number was seen, but nobody judged what it rests on",
    "not verified": "the number was not seen in a source, so it is not stated as fact",
}
SEEN = ("yes", "secondary")
_CITATION = re.compile(r"(?P<who>\D+?), (?P<year>\d{4}[^,]*), (?P<where>.+)")
# a source's number, also where it prints others in brackets after it
_FIRST = r"^(-?\d*\.?\d+)(?= \(|$)"


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


def cite(row_id: str) -> str:
    """One published finding as a sentence: who, where, how large, how sure.

    Parameters
    ----------
    row_id : str
        A row of `published_effects()`, such as "A01".

    Returns
    -------
    str
        Authors, year, title where it was seen, journal, DOI as a link, the estimate with its 95%
        interval and number of studies, and how well it is supported. If the number was seen
        second hand only or was not verified, the sentence says so.

    Raises
    ------
    ValueError
        If there is no such row; the nearest one is suggested.

    Examples
    --------
    >>> print(cite("A01"))
    Flückiger, Del Re, Wampold & Horvath (2018). The alliance in adult psychotherapy: A \
meta-analytic synthesis. Psychotherapy, 55(4), 316-340. \
https://doi.org/10.1037/pst0000172. r = .278, 95% CI [.256, .299], 295 studies; well supported.
    """
    row, printed = _row(row_id), _printed().loc[row_id]
    kind = row["effect_type"]
    joint = " = " if pd.notna(row["estimate"]) else ": "
    name = "" if kind.startswith(("qualitative", "direction")) else f"{kind}{joint}"
    effect = [name + printed_number(printed["estimate"], kind)]
    if pd.notna(row["ci_low"]) and pd.notna(row["ci_high"]):
        low, high = (printed_number(printed[end], kind) for end in ("ci_low", "ci_high"))
        effect.append(f"95% CI [{low}, {high}]")
    if studies := studies_in_words(row):
        effect.append(studies)
    sure = str(row["strength"])
    if row["verified"] == "secondary":
        sure = f"seen second hand only, {sure}"
    elif row["verified"] != "yes":
        sure = "not verified: the number was not seen in a source, so do not state it as fact"
    return f"{source_of(row_id)} {', '.join(effect)}; {sure}."


def _row(row_id: str) -> pd.Series:
    table = _table()
    if row_id not in table.index:
        raise ValueError(f"row_id={row_id!r} is unknown: {nearest(row_id, table.index)}")
    return table.loc[row_id]


def studies_in_words(row: pd.Series) -> str:
    """How many studies a finding rests on; empty if its source does not say."""
    if pd.isna(row["k_studies"]):
        return ""
    studies = re.sub(r"^([\d-]+)(?= \(|$)", r"\1 studies", row["k_studies"])
    return "1 study" if studies == "1 studies" else studies


def source_of(row_id: str) -> str:
    """Where a finding was published: authors, year, title where it was seen, journal, DOI."""
    row = _row(row_id)
    parts = _CITATION.fullmatch(row["citation"])
    title = f"{row['title']}. " if pd.notna(row["title"]) else ""
    source = title + row["citation"]
    if parts:
        where = parts["where"][0].upper() + parts["where"][1:]
        source = f"{parts['who']} ({parts['year']}). {title}{where}"
    link = f" https://doi.org/{row['doi']}." if pd.notna(row["doi"]) else ""
    return f"{source.rstrip('.')}.{link}"


def short_source(row_id: str) -> str:
    """A finding's source as a text names it.

    Examples
    --------
    >>> short_source("A01"), short_source("B08"), short_source("H10")
    ('Flückiger et al., 2018', 'Tryon & Winograd, 2011', 'Meier, 2022')
    """
    citation = _row(row_id)["citation"]
    parts = _CITATION.fullmatch(citation)
    if nameless := re.match(r"(\d{4})[^,]*, ([^,(]+)", citation):
        return f"{nameless[2].strip()}, {nameless[1]}"
    if not parts:
        return citation.partition(" (")[0]
    people = re.split(r", | & | and ", parts["who"].removesuffix(" et al."))
    several = len(people) > 2 or parts["who"].endswith(" et al.") or "colleagues" in parts["who"]
    who = f"{people[0]} et al." if several else " & ".join(people)
    return f"{who}, {parts['year'][:4]}"
