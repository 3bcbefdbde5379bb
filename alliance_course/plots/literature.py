"""Lesson 06: syntheses side by side, a forest of studies, and a funnel."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alliance_course.analysis import pool_correlations
from alliance_course.plots.show import new_axes
from alliance_course.style import MARKERS, PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _label(row: pd.Series) -> str:
    who = str(row["citation"]).split(",")[0].split(" ")[0]
    year = next(part for part in str(row["citation"]).split(", ") if part[:4].isdigit())
    what = str(row["construct"]).partition(", ")[2].partition(" (")[0] or "adults"
    return f"{what}, {who} {year[:4]}"


def plot_published(effects: pd.DataFrame, *, ax: "Axes | None" = None) -> "Axes":
    """Draw published syntheses side by side, with the intervals that were printed.

    Parameters
    ----------
    effects : DataFrame
        Rows of `published_effects()` whose estimate is a correlation, in the order to show.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = new_axes(ax, (8.0, 0.36 * len(effects) + 1.2))
    for y, (name, row) in enumerate(effects.iterrows()):
        printed = pd.notna(row["ci_low"])
        if printed:
            ax.plot([row["ci_low"], row["ci_high"]], [y, y], color=PALETTE[0], lw=2.2)
        face = PALETTE[0] if printed else "white"
        ax.plot(row["estimate"], y, "o", ms=8, color=PALETTE[0], mfc=face)
        ax.text(0.42, y, f"{row['estimate']:.3g} ({name})", va="center")
    ax.axvline(0, color="0.5", lw=1)
    ax.set_yticks(range(len(effects)), [_label(row) for _, row in effects.iterrows()])
    ax.set(xlim=(-0.02, 0.52), ylim=(len(effects) - 0.4, -0.6))
    ax.set_xticks([0, 0.1, 0.2, 0.3, 0.4])
    ax.set_xlabel("average r (line: 95% interval, where printed)")
    low, high = effects["estimate"].min(), effects["estimate"].max()
    above = ",\nall above 0" if low > 0 else ""
    ax.set_title(f"{len(effects)} averages, from {low:.2f} to {high:.2f}{above}")
    return ax


def describe_published(effects: pd.DataFrame) -> str:
    """Say what `plot_published` shows."""
    parts = [
        f"{_label(row)}: {row['estimate']:.3g}"
        + (f" ({row['ci_low']:.3g} to {row['ci_high']:.3g})" if pd.notna(row["ci_low"]) else "")
        for _, row in effects.iterrows()
    ]
    return f"Average correlations of alliance and outcome, with intervals. {'; '.join(parts)}."


def plot_forest(literature: pd.DataFrame, *, shown: int = 25, ax: "Axes | None" = None) -> "Axes":
    """Draw a forest plot: single studies, their pooled average, and where the next one may lie.

    Parameters
    ----------
    literature : DataFrame
        A row a study: `r` and `n` (clients), as `simulate_literature` gives them.
    shown : int
        How many studies to draw; all of them are pooled.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    pooled = pool_correlations(literature["r"], literature["n"])
    some = literature.head(shown).sort_values("n")
    ax = new_axes(ax, (7.0, 0.17 * len(some) + 1.9))
    half = 1.96 / np.sqrt(some["n"] - 3)
    low, high = np.tanh(np.arctanh(some["r"]) - half), np.tanh(np.arctanh(some["r"]) + half)
    y = np.arange(len(some))
    ax.hlines(y, low, high, color="0.6", lw=1.3)
    ax.scatter(some["r"], y, 6 + some["n"] / 6, PALETTE[0], marker="s", zorder=3)
    at = len(some) + np.array([1.0, 2.6])
    diamond = [pooled["low"], pooled["r"], pooled["high"], pooled["r"]]
    ax.fill(diamond, at[0] + np.array([0, -0.7, 0, 0.7]), color=PALETTE[1])
    ends = pooled[["prediction_low", "prediction_high"]]
    ax.plot(ends, [at[1]] * 2, color=PALETTE[2], lw=5, solid_capstyle="butt")
    ax.axvline(pooled["r"], color=PALETTE[1], lw=1, linestyle="--", zorder=0)
    ax.axvline(0, color="0.5", lw=1)
    labels = [f"average of all {pooled['k']:.0f}", "the next study's\ntrue correlation"]
    ax.set_yticks(at, labels)
    ax.set(xlim=(-0.5, 0.85), ylim=(at[1] + 1.2, -1))
    ax.set_xlabel("correlation of alliance and outcome (grey: 95% interval of one study)")
    ax.set_title(
        f"The average is known well ({pooled['r']:.2f}), the next study is not"
        if pooled["high"] - pooled["low"] < ends.iloc[1] - ends.iloc[0]
        else f"The average is {pooled['r']:.2f}"
    )
    return ax


def describe_forest(literature: pd.DataFrame, *, shown: int = 25) -> str:
    """Say what `plot_forest` shows.

    Examples
    --------
    >>> from alliance_course import simulate_literature
    >>> describe_forest(simulate_literature(60, seed=1)).startswith("A forest plot of 25 of 60")
    True
    """
    pooled = pool_correlations(literature["r"], literature["n"])
    return (
        f"A forest plot of {min(shown, len(literature))} of {len(literature)} simulated studies, "
        "small ones above with wide intervals, large ones below with narrow ones. The average of "
        f"all is {pooled['r']:.2f} (95% interval {pooled['low']:.2f} to {pooled['high']:.2f}). The "
        f"next study's true correlation may lie from {pooled['prediction_low']:.2f} to "
        f"{pooled['prediction_high']:.2f}. {100 * (literature['r'] < 0).mean():.0f}% of the "
        "studies found a correlation below 0."
    )


def _averages(literature: pd.DataFrame) -> tuple[float, float]:
    seen = literature[literature["published"]]
    return (
        pool_correlations(literature["r"], literature["n"])["r"],
        pool_correlations(seen["r"], seen["n"])["r"],
    )


def plot_funnel(literature: pd.DataFrame, *, ax: "Axes | None" = None) -> "Axes":
    """Draw a funnel plot: each study's correlation against its size, published or not.

    Parameters
    ----------
    literature : DataFrame
        A row a study: `r`, `n` (clients) and `published` (bool).
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax, (every, seen) = new_axes(ax, (7.0, 3.8)), _averages(literature)
    for k, (label, group) in enumerate(
        [("published", literature["published"]), ("in the drawer", ~literature["published"])]
    ):
        some = literature[group]
        ax.plot(some["r"], some["n"], MARKERS[k], ms=4, alpha=0.7, color=PALETTE[k], label=label)
    n = np.geomspace(literature["n"].min(), literature["n"].max(), 50)
    for side in (-1, 1):
        edge = np.tanh(np.arctanh(every) + side * 1.96 / np.sqrt(n - 3))
        ax.plot(edge, n, color="0.5", lw=1, linestyle=":")
    ax.axvline(every, color="0.3", lw=1.2)
    ax.axvline(seen, color=PALETTE[0], lw=1.5, linestyle="--")
    ax.set_yscale("log")
    ticks = [t for t in (15, 30, 60, 120, 250, 500, 1000) if n[0] <= t <= n[-1]]
    ax.set_yticks(ticks, [str(tick) for tick in ticks])
    ax.minorticks_off()
    ax.set(xlabel="correlation that the study found", ylabel="clients in the study")
    ax.legend(loc="upper left")
    ax.set_title(f"All studies average {every:.2f}, the published ones {seen:.2f}")
    return ax


def describe_funnel(literature: pd.DataFrame) -> str:
    """Say what `plot_funnel` shows."""
    every, seen = _averages(literature)
    hidden = (~literature["published"]).sum()
    return (
        f"A funnel plot of {len(literature)} simulated studies: small ones below scatter widely, "
        f"large ones above lie close together. {hidden} unpublished studies are missing from the "
        f"lower left. The average of all is {every:.2f} (solid line), that of the published ones "
        f"{seen:.2f} (dashed line). Dotted lines: where 95% would lie by chance alone."
    )
