"""Tables in a lesson: published findings with their sources, and what columns mean."""

import html

import pandas as pd

from alliance_course.data.published import cite, published_effects

# at every cell, since JupyterLab takes a style element out of a notebook that was not run here
_STYLE = 'style="text-align: left; vertical-align: top; padding: 4px 6px"'


def _estimate(row: pd.Series) -> str:
    text = str(row["reported"])
    if pd.notna(row["ci_low"]) and pd.notna(row["ci_high"]):
        text += f" ({row['ci_low']:g} to {row['ci_high']:g})"
    return text


def evidence_table(*row_ids: str) -> str:
    """The HTML that `show_evidence` displays.

    Examples
    --------
    >>> "0.278 (0.256 to 0.299)" in evidence_table("A01")
    True
    """
    effects = published_effects()
    lines = []
    for row_id in row_ids:
        source = cite(row_id)  # refuses an unknown id, and suggests the nearest
        row = effects.loc[row_id]
        studies = "" if pd.isna(row["k_studies"]) else str(row["k_studies"])
        cells = [row["finding"], row["effect_type"], _estimate(row), studies, row["strength"]]
        lines.append(_line(row_id, cells, f'title="{html.escape(source)}" '))
    names = ("row", "what was found", "measure", "size (95% interval)", "studies", "evidence")
    return _table("Published findings. Sources stand under References.", names, lines)


def _line(name: str, cells: list[object], more: str = "") -> str:
    filled = "".join(f"<td {_STYLE}>{html.escape(str(cell))}</td>" for cell in cells)
    return f'<tr><th scope="row" {more}{_STYLE}>{name}</th>{filled}</tr>'


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
    """Show published findings as a table, with interval and strength.

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
    """Show the sources of published findings as a list, each with its DOI where it has one.

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

    display(Markdown("\n".join(f"* {cite(row_id)} ({row_id})" for row_id in row_ids)))
