"""Lesson 02: what clients say of their distress, and what they hold back."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alliance_course.plots.show import new_axes, rated_groups
from alliance_course.style import PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _held_back(data: pd.DataFrame) -> pd.DataFrame:
    """Mean distress and mean of what is said of it, for each group of the rated bond."""
    group = rated_groups(data["bond_client"])
    table = data.assign(said=data["distress"] * data["disclosure"]).groupby(group, observed=True)
    found = table.agg(clients=("said", "size"), felt=("distress", "mean"), said=("said", "mean"))
    return found.assign(held=found["felt"] - found["said"])


def plot_held_back(data: pd.DataFrame, *, ax: "Axes | None" = None) -> "Axes":
    """Draw how much of their distress clients say, by how they rate the bond.

    Parameters
    ----------
    data : DataFrame
        A row a client, all from the same session: bond_client (1 to 5), distress (true, 0 to 27)
        and disclosure (true, the share that is said, 0 to 1).
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax, table = new_axes(ax, (7.0, 3.6)), _held_back(data)
    x = np.arange(len(table))
    ax.bar(x, table["said"], width=0.6, color=PALETTE[0], label="said")
    ax.bar(
        x, table["held"], width=0.6, bottom=table["said"], color="white", edgecolor=PALETTE[1],
        hatch="///", linewidth=1.2, label="held back",
    )  # fmt: skip
    for place, (_, row) in enumerate(table.iterrows()):
        ax.text(place, row["said"] / 2, f"{row['said']:.1f}", ha="center", color="white")
        ax.text(place, row["felt"] + 0.25, f"{row['felt']:.1f} in all", ha="center")
    names = [f"{name}\n{row['clients']:.0f} clients" for name, row in table.iterrows()]
    ax.set_xticks(x, names)
    ax.set(
        xlabel="the client's rating of the bond (1 to 5)",
        ylabel="distress (0 to 27, high is ill)",
        ylim=(0, 1.3 * table["felt"].max()),
    )
    ax.legend(ncols=2, loc="upper right")
    first, last = table.iloc[0], table.iloc[-1]
    ax.set_title(
        "Where the bond is rated low, more is felt and less is said"
        if first["felt"] > last["felt"] and first["said"] < last["said"]
        else "What is felt and what is said, by the rated bond"
    )
    return ax


def describe_held_back(data: pd.DataFrame) -> str:
    """Say what `plot_held_back` shows.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> third = simulate_trial(2000, seed=1).sessions.query("session == 3")
    >>> describe_held_back(third).startswith("Bars for groups of clients by how they rate the bond")
    True
    """
    table = _held_back(data)
    parts = [
        f"{name} ({row['clients']:.0f} clients): {row['felt']:.1f} points, "
        f"of which {row['said']:.1f} are said"
        for name, row in table.iterrows()
    ]
    return (
        "Bars for groups of clients by how they rate the bond from 1 to 5; their height is the "
        "mean true distress on a scale from 0 to 27, and the lower part is what is said of it. "
        f"Rated {'; '.join(parts)}. The rest is held back."
    )
