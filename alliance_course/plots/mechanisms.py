"""Lesson 08: what each path carries, how often ruptures are seen, and repair by comparison."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alliance_course.plots.show import new_axes
from alliance_course.style import MARKERS, PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Shares of sessions with a rupture as published: clients D04, observers D05
_PUBLISHED = {"client": (19, 42, "D04"), "observer": (41, 100, "D05")}
_GROUPS = {
    "none": "no rupture",
    "repaired": "mostly repaired",
    "left": "mostly left",
}


def plot_paths(gaps: pd.Series, *, ax: "Axes | None" = None) -> "Axes":
    """Draw how far a strong alliance is ahead of a weak one, with all paths and with some cut.

    Parameters
    ----------
    gaps : Series
        Outcome points by which strong is ahead of weak, by name; the first has all paths on, the
        last has all of them cut.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = new_axes(ax, (7.0, 0.45 * len(gaps) + 1.2))
    kinds = [0, *[1] * (len(gaps) - 2), 2]
    for row, (gap, kind) in enumerate(zip(gaps, kinds, strict=True)):
        ax.hlines(row, 0, gap, color=PALETTE[kind], lw=2.5)
        ax.plot(gap, row, MARKERS[kind], color=PALETTE[kind], ms=9)
        ax.text(gap + 0.08, row, f"{gap:.1f}", va="center")
    ax.axvline(gaps.iloc[0], color=PALETTE[0], lw=1, linestyle=":")
    ax.set_yticks(range(len(gaps)), gaps.index)
    ax.set(xlim=(0, gaps.max() * 1.15), ylim=(len(gaps) - 0.5, -0.6))
    ax.set_xlabel("outcome points by which a strong alliance is ahead of a weak one")
    single = gaps.iloc[0] - gaps.iloc[1:-1]
    ax.set_title(
        "Each path carries a part, none carries it all"
        if 0 < single.min() and single.max() < gaps.iloc[0] / 2
        else "What is lost when a path is cut"
    )
    return ax


def describe_paths(gaps: pd.Series) -> str:
    """Say what `plot_paths` shows.

    Examples
    --------
    >>> describe_paths(pd.Series({"all on": 3.0, "no honesty": 2.6, "none": 2.0}))
    'How far clients with a strong alliance end ahead of the same clients with a weak one, in \
outcome points: all on 3.0; no honesty 2.6; none 2.0.'
    """
    parts = [f"{name} {gap:.1f}" for name, gap in gaps.items()]
    return (
        "How far clients with a strong alliance end ahead of the same clients with a weak one, in "
        f"outcome points: {'; '.join(parts)}."
    )


def _shares(sessions: pd.DataFrame) -> pd.Series:
    raters = ("client", "therapist", "observer")
    return pd.Series({rater: 100 * sessions[f"rupture_{rater}"].mean() for rater in raters})


def plot_rupture_counts(sessions: pd.DataFrame, *, ax: "Axes | None" = None) -> "Axes":
    """Draw in which share of sessions each rater noted a rupture, with the published ranges.

    Parameters
    ----------
    sessions : DataFrame
        A row a session: rupture_client, rupture_therapist, rupture_observer.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax, shares = new_axes(ax, (7.0, 2.8)), _shares(sessions)
    for row, (rater, share) in enumerate(shares.items()):
        if rater in _PUBLISHED:
            low, high, name = _PUBLISHED[rater]
            ax.barh(row, high - low, left=low, height=0.5, color="0.88", zorder=0)
            ax.text(high - 1, row + 0.36, f"published {low} to {high} ({name})", ha="right",
                    va="center", color="0.35", fontsize=9)  # fmt: skip
        ax.plot(share, row, MARKERS[row], color=PALETTE[row], ms=10)
        ax.text(share, row - 0.36, f"{share:.0f}", ha="center")
    ax.set_yticks(range(len(shares)), [f"{rater} says so" for rater in shares.index])
    ax.set(xlim=(0, 102), ylim=(len(shares) - 0.3, -0.7))
    ax.set_xlabel("sessions with a rupture, of 100")
    ax.set_title(
        f"Two rules, two counts: {shares['client']:.0f} or {shares['observer']:.0f} of 100 sessions"
    )
    return ax


def describe_rupture_counts(sessions: pd.DataFrame) -> str:
    """Say what `plot_rupture_counts` shows."""
    parts = [f"the {rater} noted one in {share:.0f}" for rater, share in _shares(sessions).items()]
    ranges = [f"{low} to {high} for {r}s ({row})" for r, (low, high, row) in _PUBLISHED.items()]
    return (
        f"Of 100 sessions, {', '.join(parts)}. The published ranges are {' and '.join(ranges)}, "
        "both from a secondary source."
    )


def _groups(clients: pd.DataFrame) -> pd.DataFrame:
    table = clients.groupby("group")["outcome"].agg(["mean", "sem", "size"])
    table = table.reindex([name for name in _GROUPS if name in table.index])
    return table.assign(half=1.96 * table["sem"])


def plot_repair_groups(clients: pd.DataFrame, *, ax: "Axes | None" = None) -> "Axes":
    """Draw mean outcome of clients without ruptures, with repaired ones and with ones left.

    Parameters
    ----------
    clients : DataFrame
        A row a client: outcome (0 to 27, high is well) and `group` ("none", "repaired", "left").
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    table = _groups(clients)
    ax = new_axes(ax, (7.0, 0.6 * len(table) + 1.2))
    for row, (_, entry) in enumerate(table.iterrows()):
        ends = [entry["mean"] - entry["half"], entry["mean"] + entry["half"]]
        ax.plot(ends, [row, row], color=PALETTE[row], lw=2.5)
        ax.plot(entry["mean"], row, MARKERS[row], color=PALETTE[row], ms=9)
        ax.text(entry["mean"], row - 0.25, f"{entry['mean']:.1f}", ha="center")
    labels = [
        f"{_GROUPS[str(name)]}\n({row['size']:.0f} clients)" for name, row in table.iterrows()
    ]
    ax.set_yticks(np.arange(len(table)), labels)
    ax.set(ylim=(len(table) - 0.5, -0.7), xlabel="outcome (0 to 27, high is well)")
    ax.set_xlim(table["mean"].min() - 1.5, table["mean"].max() + 1.5)
    means = table["mean"].to_dict()
    between = means.get("none", np.nan) > means["repaired"] > means["left"]
    ax.set_title(
        "Repaired ends above left, and below no rupture"
        if between
        else "Outcome by what became of the ruptures"
    )
    return ax


def describe_repair_groups(clients: pd.DataFrame) -> str:
    """Say what `plot_repair_groups` shows."""
    parts = [
        f"{_GROUPS[str(name)]} {row['mean']:.1f} (95% interval {row['mean'] - row['half']:.1f} to "
        f"{row['mean'] + row['half']:.1f}, {row['size']:.0f} clients)"
        for name, row in _groups(clients).iterrows()
    ]
    return f"Mean outcome from 0 to 27, high is well: {'; '.join(parts)}."
