"""Tables in a lesson: published findings with their sources, and what columns mean."""

import html
import re

import pandas as pd

from alliance_course.data.published import printed_number, published_effects
from alliance_course.show.figure import image
from alliance_course.show.sources import cite, short_source, source_of, studies_in_words
from alliance_course.show.style import FOLLOW_THEME, LIGHT, themed

# at every cell, since JupyterLab takes a style element out of a notebook that was not run here
_STYLE = 'style="text-align: left; vertical-align: top; padding: 4px 6px"'
_QUIET = 'style="font-weight: normal; text-align: left; vertical-align: top; padding: 4px 6px"'
SHOWN = 5

# One scale for each kind of number over the whole course, so that pictures can be compared
# between lessons; r and d are never drawn on the same one.
SCALES = {"r": (-0.2, 0.8), "d": (-2.0, 2.0), "percent": (0.0, 100.0)}
_KINDS = {"r": "r", "d": "d", "g": "d", "SMD": "d", "percent": "percent"}
_WORDS = ("qualitative", "direction")
_WIDTH, _HEIGHT = 150, 18
_MARKS = {
    "well supported": "●●●",
    "fairly supported": "●●○",
    "thinly supported": "●○○",
    "worked out, not observed": "=",
}
_PART = re.compile(r"[A-Za-z ]*?(-?\d*\.?\d+)(?:(?:-| to )(-?\d*\.?\d+))?(?![\d.])")


def scale_of(effect_type: str) -> str | None:
    """Which scale a kind of number is drawn on; None if it is told in words."""
    return _KINDS.get(effect_type.split()[0].rstrip(",:"))


def drawn(row: pd.Series) -> list[tuple[float, float]]:
    """What a row's picture shows: numbers as (x, x), and ranges as (low, high)."""
    if scale_of(row["effect_type"]) is None:
        return []
    if pd.notna(row["estimate"]):
        # of an upper bound it is only known what the number does not exceed
        low = 0.0 if "upper bound" in row["effect_type"] else row["estimate"]
        return [(float(low), float(row["estimate"]))]
    parts = re.split(r"; | / | vs | against ", re.sub(r" \([^)]*\)", "", row["reported"]))
    found = [_PART.match(part) for part in parts]
    return [(float(m[1]), float(m[2] or m[1])) for m in found if m]


def _place(value: float, scale: str) -> float:
    """Where a number stands in the picture; beyond the scale it stands at its end."""
    low, high = SCALES[scale]
    share = (min(max(value, low), high) - low) / (high - low)
    return round(6 + share * (_WIDTH - 12), 1)


def _picture(row: pd.Series) -> str:
    """A forest of one row as an image; the numbers stand beside it in words.

    An image and no inline SVG, which JupyterLab takes out of a notebook that was not run here.
    """
    scale, marks = scale_of(row["effect_type"]), drawn(row)
    if scale is None or not marks:
        return ""
    if scale == "percent":
        height = _HEIGHT * len(marks)
        shapes = "".join(_bar(*mark, k * _HEIGHT + 4) for k, mark in enumerate(marks))
        told = "; ".join(f"a bar up to {high:g} of 100" for _, high in marks)
    else:
        height, shapes = _HEIGHT, _dots(row, marks, scale)
        told = _against_zero(row, marks)
    svg = themed(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}">'
        f'<defs></defs><rect width="100%" height="100%" style="fill: {LIGHT["paper"]}"/>'
        f"{shapes}</svg>"
    )
    return f'<span style="display: block">{image(svg.encode(), "svg+xml", told)}</span>'


def _against_zero(row: pd.Series, marks: list[tuple[float, float]]) -> str:
    """What the eye sees at once: on which side of zero, and whether the interval holds it."""
    sides = {"above" if high > 0 else "at" if high == 0 else "below" for _, high in marks}
    told = "a dot " if len(marks) == 1 else f"{len(marks)} dots "
    told += f"{' and '.join(sorted(sides))} zero"
    if pd.isna(row["ci_low"]) or pd.isna(row["ci_high"]):
        return told
    across = row["ci_low"] < 0 < row["ci_high"]
    return f"{told}, interval {'across' if across else 'clear of'} it"


def _dots(row: pd.Series, marks: list[tuple[float, float]], scale: str) -> str:
    middle, zero = _HEIGHT / 2, _place(0, scale)
    shapes = _rule(6, middle, _WIDTH - 6, middle, 1, "hair")
    shapes += _rule(zero, 1, zero, _HEIGHT - 1, 1, "rule")
    if pd.notna(row["ci_low"]) and pd.notna(row["ci_high"]):
        low, high = (_place(row[end], scale) for end in ("ci_low", "ci_high"))
        shapes += _rule(low, middle, high, middle, 2)
        # ends taller than the dot, which would hide a narrow interval
        shapes += "".join(_rule(x, middle - 6, x, middle + 6, 1.5) for x in (low, high))
    for low, high in ((_place(a, scale), _place(b, scale)) for a, b in marks):
        dot = f'<circle cx="{low}" cy="{middle}" r="3.5" style="fill: {LIGHT["series-2"]}"/>'
        shapes += dot if low == high else _rule(low, middle, high, middle, 7)
    return shapes


def _bar(low: float, high: float, top: float) -> str:
    """A bar up to the number, or from one end of a range to the other, in a frame up to 100%."""
    left, right = _place(0 if low == high else low, "percent"), _place(high, "percent")
    return (
        f'<rect x="6" y="{top}" width="{_WIDTH - 12}" height="10" '
        f'style="fill: none; stroke: {LIGHT["rule"]}"/>'
        f'<rect x="{left}" y="{top}" width="{max(right - left, 1):.1f}" height="10" '
        f'style="fill: {LIGHT["series-2"]}"/>'
    )


def _rule(
    x1: float, y1: float, x2: float, y2: float, width: float, colour: str = "series-2"
) -> str:
    return (
        f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke-width="{width}" '
        f'style="stroke: {LIGHT[colour]}"/>'
    )


def size_in_words(row: pd.Series) -> str:
    """How big, in words: the kind of number, the number, its interval and what else is printed."""
    kind, reported = row["effect_type"], printed_number(row["reported"], row["effect_type"])
    reported = re.sub(r"(?<=\d)-(?=\d)", " to ", reported)
    if kind.startswith(_WORDS):
        return reported
    if pd.isna(row["estimate"]):
        return f"{kind}: {reported}"
    number, _, note = reported.partition(" (")
    inside = [note.removesuffix(")")] if note else []
    if pd.notna(row["ci_low"]) and pd.notna(row["ci_high"]):
        digits = len(number.partition(".")[2])
        low, high = (f"{row[end]:.{digits}f}" for end in ("ci_low", "ci_high"))
        inside.insert(0, printed_number(f"{low} to {high}", kind))
    bracket = f" ({'; '.join(inside)})" if inside else ""
    if kind.startswith("percent"):
        return f"{number}%{kind.removeprefix('percent')}{bracket}"
    joint = " at most " if "upper bound" in kind else " = "
    return f"{kind.replace(' upper bound', '')}{joint}{number}{bracket}"


def evidence_table(*row_ids: str) -> str:
    """The HTML that `show_evidence` displays.

    Examples
    --------
    >>> "r = .278 (.256 to .299)" in evidence_table("A01")
    True
    """
    effects = published_effects()
    lines = [_finding(row_id, effects) for row_id in row_ids]
    kinds = {scale_of(effects.loc[row_id, "effect_type"]) for row_id in row_ids}
    first = FOLLOW_THEME + _table(f"Published findings. {_key(kinds)}", _NAMES, lines[:SHOWN])
    if len(lines) <= SHOWN:
        return first
    more = _table("More findings, drawn on the same scales.", _NAMES, lines[SHOWN:])
    count = len(lines) - SHOWN
    findings = "1 more finding" if count == 1 else f"{count} more findings"
    return f"{first}<details><summary>{findings}</summary>{more}</details>"


_WHICH = "Which number comes from which source, with its row in the table of findings"
_NAMES = ("what was found", "how big (95% interval), how well supported")


def _key(kinds: set[str | None]) -> str:
    """How to read the pictures that are there."""
    parts = []
    if kinds & {"r", "d"}:
        scales = {
            "r": "correlations (r) from {:g} to {:g}",
            "d": "differences in SD (d, g, SMD) from {:g} to {:g}",
        }
        shown = " and ".join(t.format(*SCALES[k]) for k, t in scales.items() if k in kinds)
        parts.append(
            "A dot is the finding, the line through it the 95% interval, the upright line zero; "
            f"the pictures show {shown}."
        )
    if "percent" in kinds:
        parts.append("Bars run from 0 to 100%.")
    return " ".join([*parts, "Sources stand in full under References."])


def _finding(row_id: str, effects: pd.DataFrame) -> str:
    source = html.escape(cite(row_id))  # refuses an unknown id, and suggests the nearest
    row = effects.loc[row_id]
    second = ", seen second hand" if row["verified"] == "secondary" else ""
    mark = _MARKS.get(row["strength"], "?")
    where = "; ".join(filter(None, (short_source(row_id), studies_in_words(row))))
    # for whoever looks a finding up in the table: the row's name is one pointer away
    named = f'<small style="display: block" title="{row_id}: {source}">{html.escape(where)}</small>'
    head = f'<th scope="row" {_QUIET}>{html.escape(row["finding"])}{named}</th>'
    # in one column, so that a phone shows it without scrolling to the side
    return (
        f"<tr>{head}<td {_STYLE}>{_picture(row)}{html.escape(size_in_words(row))}<br/>"
        f'<span aria-hidden="true">{mark}</span> {row["strength"]}{second}</td></tr>'
    )


def _line(name: str, cells: list[object]) -> str:
    filled = "".join(f"<td {_STYLE}>{html.escape(str(cell))}</td>" for cell in cells)
    return f'<tr><th scope="row" {_STYLE}>{name}</th>{filled}</tr>'


def _table(caption: str, names: tuple[str, ...], lines: list[str]) -> str:
    header = "".join(f'<th scope="col" {_STYLE}>{name}</th>' for name in names)
    return (
        f'<table><caption style="caption-side: top; text-align: left">{caption}</caption>'
        f"<thead><tr>{header}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    )


def show_codebook(name: str, *, rows: int | None = None) -> None:
    """Show what the columns of a data set mean.

    Parameters
    ----------
    name : str
        A data set; ``list_datasets()`` names them.
    rows : int, optional
        How many columns to show; all if left out.

    Raises
    ------
    ValueError
        If there is no such data set; the nearest one is suggested.

    Examples
    --------
    >>> show_codebook("clients", rows=3)  # doctest: +SKIP
    """
    from IPython.display import HTML, display

    from alliance_course.data.tables import describe_dataset

    lines = []
    for column, row in describe_dataset(name).codebook.head(rows).iterrows():
        cells = [row["meaning"], row["unit"] if pd.notna(row["unit"]) else "", row["allowed"]]
        lines.append(_line(str(column), cells))
    caption = f"Columns of {html.escape(name)}"
    display(HTML(_table(caption, ("column", "meaning", "unit", "allowed"), lines)))


def show_evidence(*row_ids: str) -> None:
    """Show published findings as a table: what was found, how big it is, how well supported.

    The first five are shown, the others one click away. A picture beside each number has a
    scale that fits its kind; everything in it is also said in words.

    Parameters
    ----------
    *row_ids : str
        Rows of `published_effects()`, such as "A01".

    Raises
    ------
    ValueError
        If there is no such row; the nearest one is suggested.

    Examples
    --------
    >>> show_evidence("A01")  # doctest: +SKIP
    """
    from IPython.display import HTML, display

    display(HTML(evidence_table(*row_ids)))


def show_references(*row_ids: str) -> None:
    """Show the sources of published findings, each once, and to unfold what each number is from.

    Parameters
    ----------
    *row_ids : str
        Rows of `published_effects()`, such as "A01".

    Raises
    ------
    ValueError
        If there is no such row; the nearest one is suggested.

    Examples
    --------
    >>> show_references("A01")  # doctest: +SKIP
    """
    from IPython.display import Markdown, display

    # refuses an unknown id, and suggests the nearest
    said = {row_id: cite(row_id).removeprefix(source_of(row_id)).strip() for row_id in row_ids}
    dois = published_effects()["doi"]
    sources: dict[str, str] = {}
    for row_id in row_ids:
        doi = dois[row_id]
        key = doi if pd.notna(doi) else source_of(row_id)
        # of two ways to write one source, the one with more of its authors
        sources[key] = max(sources.get(key, ""), source_of(row_id), key=len)
    listed = "\n".join(f"* {source}" for source in sources.values())
    rows = "\n".join(f"* {row_id}: {short_source(row_id)}. {size}" for row_id, size in said.items())
    display(Markdown(f"{listed}\n\n<details><summary>{_WHICH}</summary>\n\n{rows}\n\n</details>"))
