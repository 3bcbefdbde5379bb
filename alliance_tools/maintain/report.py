"""Write what the calibration found into the pages that show it."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alliance_course.data.tables import markdown_table
from alliance_course.folders import course_folder
from alliance_course.simulate.parameters import (
    CONDITIONS,
    PARAMETERS,
    TREATMENTS,
    WORLDS,
    Parameters,
)
from alliance_tools.maintain.calibrate import (
    OTHER_SETTINGS,
    plot_calibration,
    summarise_calibration,
)
from alliance_tools.maintain.clinic import record_tables
from alliance_tools.maintain.two_assumptions import (
    ACROSS,
    DOWN,
    inside,
    plot_two_assumptions,
    published_band,
)


def _parameters() -> str:
    numbers = [
        [f"`{e['name']}`", f"{e['value']:g}", e["unit"], e["meaning"], e["source"]]
        for e in Parameters.table()
        if "low" in e
    ]
    thresholds = ", ".join(f"{t:g}" for t in PARAMETERS.thresholds)
    shares = ", ".join(
        f"{condition} {share:g}"
        for condition, share in zip(CONDITIONS, PARAMETERS.common_shares, strict=True)
    )
    effects = [
        [condition, *(f"{value:g}" for value in row)]
        for condition, row in zip(CONDITIONS, PARAMETERS.technique_effects, strict=True)
    ]
    return "\n\n".join(
        [
            markdown_table(["name", "value", "unit", "meaning", "source"], numbers),
            f"`thresholds`: {thresholds} (SD; held, bears on T24).",
            f"`common_shares`: {shares} (share; OCD fitted to T14 and T33, the others 1).",
            "`technique_effects`, in SD of lasting change at a full dose (depression and OCD "
            "fitted to T12 and T14, the others in proportion; T10, T12, T14):",
            markdown_table(["condition", *TREATMENTS], effects),
        ]
    )


def _counts(table: pd.DataFrame) -> str:
    sources = [e["source"] for e in Parameters.table() if "low" in e]
    fitted = sum(source.startswith("fitted") for source in sources) + 3
    held = sum(source.startswith("held") for source in sources) + len(PARAMETERS.thresholds)
    intervals = table["interval"].value_counts()
    missed = table.loc[~table["passes"], "target"].unique()
    met = table["target"].nunique() - len(missed)
    return (
        f"{fitted} numbers were fitted: {fitted - 3} of those below, two technique effects "
        f"(depression, OCD) and one common share (OCD). {held} more bear on targets and were held "
        f"at the first value that was tried. All are held against {len(table)} statistics of "
        f"{table['target'].nunique()} targets; {intervals['CI']} of the bands are published 95% "
        f"intervals, {intervals['range']} published ranges, {intervals['chosen']} were chosen for "
        "this course. The other numbers were chosen for teaching or are settings and switches.\n\n"
        f"{met} targets are met by one set, and other settings where the published designs "
        f"differ: {', '.join(OTHER_SETTINGS)}."
    )


def _targets(table: pd.DataFrame) -> str:
    rows = [
        [
            row.target,
            f"{row.statistic} ({row.finding})",
            row.rows,
            "" if pd.isna(row.published) else f"{row.published:g}",
            f"{row.low:g} to {row.high:g} ({row.interval})",
            f"{row.simulated:.3f} ± {row.mc_error:.3f}",
            "yes" if row.passes else "**no**",
        ]
        for row in table.itertuples()
    ]
    header = ["target", "statistic", "rows", "published", "allowed", "simulated", "inside"]
    return f"{summarise_calibration(table)}\n\n{markdown_table(header, rows)}"


def compare_worlds(table: pd.DataFrame, rival: pd.DataFrame) -> pd.DataFrame:
    """The two worlds' values side by side, one row a statistic.

    Parameters
    ----------
    table, rival : DataFrame
        From `calibrate`, for ``WORLDS["course"]`` and ``WORLDS["rival"]``.

    Returns
    -------
    DataFrame
        `target`, `statistic`, `published`, `low`, `high`, `course`, `rival`, `course_passes`,
        `rival_passes`.
    """
    names = ["target", "statistic", "published", "low", "high"]
    worlds = {"course": table, "rival": rival}
    values = {name: world["simulated"].round(4) for name, world in worlds.items()}
    passes = {f"{name}_passes": world["passes"] for name, world in worlds.items()}
    return table[names].assign(**values, **passes)


def _worlds(both: pd.DataFrame) -> str:
    def score(name: str) -> list[Any]:
        passes = both[f"{name}_passes"]
        met = passes.groupby(both["target"]).all()
        old = met.index <= "T26"
        return [
            name,
            f"{int(met.sum())} of {len(met)}",
            f"{int(met[old].sum())} of {int(old.sum())}",
            f"{int(met[~old].sum())} of {int((~old).sum())}",
            f"{int(passes.sum())} of {len(passes)}",
        ]

    header = ["world", "targets", "T01 to T26", "T27 to T40", "statistics"]
    apart = both[both["course_passes"] != both["rival_passes"]]
    rows = [
        [
            row.target,
            row.statistic,
            f"{row.low:g} to {row.high:g}",
            f"{row.course:.3f}",
            f"{row.rival:.3f}",
            "course" if row.course_passes else "rival",
        ]
        for row in apart.itertuples()
    ]
    moved = [
        f"`{e['name']}` {getattr(WORLDS['rival'], e['name']):g}"
        for e in Parameters.table()
        if getattr(WORLDS["rival"], e["name"]) != e["value"] and "low" in e
    ]
    return "\n\n".join(
        [
            markdown_table(header, [score("course"), score("rival")]),
            f"Numbers that differ in the rival: {', '.join(moved)}.",
            "What only one of the two meets:",
            markdown_table(["target", "statistic", "allowed", "course", "rival", "met by"], rows),
        ]
    )


def _not_fitted(table: pd.DataFrame) -> str:
    rows = [
        [
            row.name,
            row.design,
            row.statistic,
            row.source,
            "" if pd.isna(row.published) else f"{row.published:g}",
            f"{row.low:g} {'or more' if pd.isna(row.high) else f'to {row.high:g}'} ({row.rule})",
            f"{row.simulated:.2f} ± {row.mc_error:.2f}",
            "yes" if row.passes else "**no**",
        ]
        for row in table.itertuples(index=False)
    ]
    header = ["finding", "design", "statistic", "source", "published", "passes", "simulated", "met"]
    count = f"{int(table['passes'].sum())} of {len(table)} are met."
    return f"{count}\n\n{markdown_table(header, rows)}"


def grid_words(table: pd.DataFrame) -> str:
    """What the grid over two assumptions says, in sentences made from its table."""
    r, low, high = published_band()
    band = inside(table)
    widest = table.loc[table["r"].idxmax()]
    nothing = table[table[ACROSS] == 0]
    return (
        f"{len(band)} of {len(table)} worlds of the grid give a literature whose pooled "
        f"correlation lies inside the published interval ({r:g}, {low:g} to {high:g}). Along that "
        f"band the alliance acts from {band[ACROSS].min():g} to {band[ACROSS].max():g} times as "
        f"strongly as in the course, its correlation with what clients bring goes from "
        f"{band[DOWN].min():g} to {band[DOWN].max():g}, and what is left when readiness is taken "
        f"out goes from {band['r_without'].min():.2f} to {band['r_without'].max():.2f}. Where the "
        f"alliance does nothing, the correlation reaches {nothing['r'].max():.2f}; the largest on "
        f"the grid is {widest['r']:.2f}. Between literatures of one world it differs by "
        f"{table['sd'].mean():.3f} (standard deviation)."
    )


def write_grid(table: pd.DataFrame, folder: Path) -> None:
    """Write the grid over two assumptions into a folder of data: table, picture, MODEL.md."""
    import matplotlib.pyplot as plt

    table.to_csv(folder / "two_assumptions.csv", index=False, lineterminator="\n")
    figure: Any = plot_two_assumptions(table).figure
    figure.savefig(folder / "two_assumptions.png", dpi=100, metadata={"Software": None})
    plt.close(figure)
    page = folder / "MODEL.md"
    text = fill(page.read_text(encoding="utf-8"), "two assumptions", grid_words(table))
    page.write_text(text, encoding="utf-8")


def fill(page: str, name: str, text: str) -> str:
    """Put text between a page's markers `<!-- name -->` and `<!-- /name -->`.

    Examples
    --------
    >>> fill("a <!-- b --> c", "b", "x")
    'a <!-- b -->\\n\\nx\\n\\n<!-- /b --> c'
    >>> fill(fill("<!-- b -->", "b", "x"), "b", "y")
    '<!-- b -->\\n\\ny\\n\\n<!-- /b -->'
    """
    pattern = rf"<!-- {name} -->(.*?<!-- /{name} -->)?"
    block = f"<!-- {name} -->\n\n{text}\n\n<!-- /{name} -->"
    return re.sub(pattern, lambda _: block, page, count=1, flags=re.DOTALL)


def model_page(
    page: str,
    table: pd.DataFrame,
    *,
    worlds: pd.DataFrame | None = None,
    not_fitted: pd.DataFrame | None = None,
) -> str:
    """The model page with its tables filled in from the code and from a calibration.

    `worlds` (from `compare_worlds`) and `not_fitted` (from `compare_not_fitted`) fill their
    tables too; without them these stay as they are.
    """
    blocks = {"counts": _counts(table), "parameters": _parameters(), "targets": _targets(table)}
    if worlds is not None:
        blocks["worlds"] = _worlds(worlds)
    if not_fitted is not None:
        blocks["not fitted"] = _not_fitted(not_fitted)
    for name, text in blocks.items():
        page = fill(page, name, text)
    return page


def write_report(
    table: pd.DataFrame,
    folder: Path,
    *,
    rival: pd.DataFrame | None = None,
    not_fitted: pd.DataFrame | None = None,
) -> None:
    """Write what was found into a folder of data: tables, a picture and those of MODEL.md.

    Parameters
    ----------
    table : DataFrame
        From a full `calibrate`.
    folder : Path
        The course's `datasets` folder.
    rival : DataFrame, optional
        From a full `calibrate` of ``WORLDS["rival"]``, for worlds.csv.
    not_fitted : DataFrame, optional
        From `compare_not_fitted`, for not_fitted.csv.
    """
    import matplotlib.pyplot as plt

    rounded = table.round({"simulated": 4, "mc_error": 4})
    rounded.to_csv(folder / "calibration.csv", index=False, lineterminator="\n")
    figure: Any = plot_calibration(rounded).figure
    figure.savefig(folder / "calibration.png", dpi=100, metadata={"Software": None})
    plt.close(figure)
    worlds = None if rival is None else compare_worlds(rounded, rival)
    if not_fitted is not None:
        not_fitted = not_fitted.round({"simulated": 4, "mc_error": 4}).replace(np.inf, np.nan)
    for name, more in (("worlds", worlds), ("not_fitted", not_fitted)):
        if more is not None:
            more.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    page = folder / "MODEL.md"
    text = model_page(
        page.read_text(encoding="utf-8"), rounded, worlds=worlds, not_fitted=not_fitted
    )
    page.write_text(text, encoding="utf-8")
    if folder == course_folder("datasets"):
        record_tables()
