"""Lesson 01: how closely each rated component goes with outcome."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alliance_course.analysis import correlation
from alliance_course.measures import COMPONENTS
from alliance_course.plots.show import new_axes
from alliance_course.style import PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _component_correlations(data: pd.DataFrame) -> pd.DataFrame:
    rows = {name: correlation(data, f"{name}_client", "outcome") for name in COMPONENTS}
    return pd.DataFrame(rows).T


def plot_components(data: pd.DataFrame, *, ax: "Axes | None" = None) -> "Axes":
    """Draw how closely each rated component goes with outcome.

    Parameters
    ----------
    data : DataFrame
        A row a client: bond_client, goal_client, task_client (1 to 5) and outcome (0 to 27, high
        is well).
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax, table = new_axes(ax, (7.0, 2.6)), _component_correlations(data)
    y = np.arange(len(table))
    for row, (name, marker) in enumerate(zip(table.index, "osD", strict=True)):
        entry = table.loc[name]
        ax.plot([entry["low"], entry["high"]], [row, row], color=PALETTE[row], lw=2.5)
        ax.plot(entry["r"], row, marker, color=PALETTE[row], ms=9)
        ax.text(entry["r"], row - 0.28, f"{entry['r']:.2f}", ha="center")
    labels = {"bond": "bond", "goal": "agreement on goals", "task": "agreement on tasks"}
    ax.set_yticks(y, [labels[name] for name in table.index])
    ax.axvline(0, color="0.5", lw=1)
    ax.set(xlabel="correlation with outcome (line: 95% interval)", ylim=(2.5, -0.7))
    ax.set_xlim(min(-0.05, table["low"].min() - 0.02), max(0.5, table["high"].max() + 0.02))
    ahead = table.loc[["goal", "task"], "r"].min() >= table.loc["bond", "r"]
    ax.set_title(
        "Agreement goes with outcome at least as closely as the bond"
        if ahead
        else "Bond, goals and tasks each go with outcome"
    )
    return ax


def describe_components(data: pd.DataFrame) -> str:
    """Say what `plot_components` shows.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> trial = simulate_trial(2000, seed=1)
    >>> third = trial.clients.merge(trial.sessions.query("session == 3"), on="client")
    >>> describe_components(third).startswith("Three correlations with outcome")
    True
    """
    table = _component_correlations(data)
    parts = [
        f"{name} {row['r']:.2f} (95% interval {row['low']:.2f} to {row['high']:.2f})"
        for name, row in table.iterrows()
    ]
    return (
        f"Three correlations with outcome among {int(table['n'].min())} clients: "
        f"{', '.join(parts)}. A value of 0 would mean that the rating tells nothing."
    )
