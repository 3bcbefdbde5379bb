"""Lesson 07: published findings as shares of variation, marked by the design behind each."""

import re
from typing import TYPE_CHECKING

import pandas as pd

from alliance_course.plots.show import new_axes
from alliance_course.style import MARKERS, PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DESIGNS = {
    "client": "among clients in treatment",
    "between-therapist": "between therapists",
    "between-treatment": "between treatments",
}


def _shares(effects: pd.DataFrame) -> pd.DataFrame:
    rows = {}
    for name, row in effects.iterrows():
        number = re.match(r"-?\d+(\.\d+)?", str(row["reported"]))
        kind = str(row["effect_type"]).split()[0].rstrip(",")
        design = next((d for d in _DESIGNS if str(row["level"]).startswith(d)), None)
        if number is None or design is None or kind not in ("r", "d", "g", "SMD", "percent"):
            raise ValueError(f"row {name} gives no share of variation: leave it out")
        size = float(number[0])
        shared = size**2 if kind == "r" else size**2 / (size**2 + 4)
        what = re.sub(r" \(.*\)|therapist effect on |-outcome", "", str(row["construct"]))
        what = "one therapist or another" if what == "outcome" else what
        share = size if kind == "percent" else 100 * shared
        rows[name] = {"share": share, "design": _DESIGNS[design], "what": what}
    return pd.DataFrame(rows).T


def plot_shares(effects: pd.DataFrame, *, ax: "Axes | None" = None) -> "Axes":
    """Draw published findings as shares of the variation in outcome, marked by their design.

    A correlation is squared; a difference d between two groups of the same size is
    d squared / (d squared + 4); a percentage of variance stays as it is.

    Parameters
    ----------
    effects : DataFrame
        Rows of `published_effects()` whose estimate is r, d, g, SMD or a percentage of variance.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a row is of another kind; the message names it.
    """
    table = _shares(effects)
    ax = new_axes(ax, (8.0, 0.36 * len(table) + 1.4))
    for k, design in enumerate(_DESIGNS.values()):
        some = [(y, row["share"]) for y, (_, row) in enumerate(table.iterrows())
                if row["design"] == design]  # fmt: skip
        if some:
            places, share = zip(*some, strict=True)
            ax.hlines(places, 0, share, color=PALETTE[k], lw=2)
            ax.plot(share, places, MARKERS[k], color=PALETTE[k], ms=8, linestyle="", label=design)
    for y, (name, row) in enumerate(table.iterrows()):
        ax.text(row["share"] + 0.6, y, f"{row['share']:.1f}% ({name})", va="center")
    ax.set_yticks(range(len(table)), table["what"])
    ax.set(xlim=(0, table["share"].max() + 7), ylim=(len(table) - 0.4, -0.6))
    ax.set_xlabel("share of the variation in outcome, %")
    ax.legend(loc="upper right")
    treatments = table.loc[table["design"] == _DESIGNS["between-treatment"], "share"]
    ax.set_title(
        f"For treatments the share runs from {treatments.min():.0f}% to {treatments.max():.0f}%,\n"
        "by what they are compared with"
        if len(treatments) > 1
        else "Shares from different designs"
    )
    return ax


def describe_shares(effects: pd.DataFrame) -> str:
    """Say what `plot_shares` shows.

    Examples
    --------
    >>> from alliance_course import published_effects
    >>> describe_shares(published_effects().loc[["A01"]])
    'Shares of the variation in outcome: alliance, adults face to face 7.7% (A01, among clients \
in treatment).'
    """
    parts = [
        f"{row['what']} {row['share']:.1f}% ({name}, {row['design']})"
        for name, row in _shares(effects).iterrows()
    ]
    return f"Shares of the variation in outcome: {'; '.join(parts)}."
