"""Where a published finding comes from, as a sentence and as a text names it."""

import re

import pandas as pd

from alliance_course.data.published import printed_number, printed_rows, row_of

_CITATION = re.compile(r"(?P<who>\D+?), (?P<year>\d{4}[^,]*), (?P<where>.+)")


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
    row, printed = row_of(row_id), printed_rows().loc[row_id]
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


def studies_in_words(row: pd.Series) -> str:
    """How many studies a finding rests on; empty if its source does not say."""
    if pd.isna(row["k_studies"]):
        return ""
    studies = re.sub(r"^([\d-]+)(?= \(|$)", r"\1 studies", row["k_studies"])
    return "1 study" if studies == "1 studies" else studies


def source_of(row_id: str) -> str:
    """Where a finding was published: authors, year, title where it was seen, journal, DOI."""
    row = row_of(row_id)
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
    citation = row_of(row_id)["citation"]
    parts = _CITATION.fullmatch(citation)
    if nameless := re.match(r"(\d{4})[^,]*, ([^,(]+)", citation):
        return f"{nameless[2].strip()}, {nameless[1]}"
    if not parts:
        return citation.partition(" (")[0]
    people = re.split(r", | & | and ", parts["who"].removesuffix(" et al."))
    several = len(people) > 2 or parts["who"].endswith(" et al.") or "colleagues" in parts["who"]
    who = f"{people[0]} et al." if several else " & ".join(people)
    return f"{who}, {parts['year'][:4]}"
