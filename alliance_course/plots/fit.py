"""Lesson 10: where the method matters, and in which alliance."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alliance_course.analysis import cohens_d
from alliance_course.plots.show import new_axes
from alliance_course.simulate import Trial
from alliance_course.style import PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _by_condition(trial: Trial) -> pd.DataFrame:
    clients = trial.clients
    first, second = clients["treatment"].cat.remove_unused_categories().cat.categories
    groups = {"all": clients, **dict(list(clients.groupby("condition", observed=True)))}
    rows = {
        name: cohens_d(
            g.loc[g["treatment"] == first, "outcome"], g.loc[g["treatment"] == second, "outcome"]
        )
        for name, g in groups.items()
    }
    table = pd.DataFrame(rows).T
    table.attrs = {"first": first, "second": second}
    return table


def plot_by_condition(trial: Trial, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the difference between two treatments, over all clients and problem by problem.

    Parameters
    ----------
    trial : Trial
        Two treatments, one or more conditions.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    table = _by_condition(trial)
    ax = new_axes(ax, (7.0, 0.55 * len(table) + 1.2))
    for row, (name, entry) in enumerate(table.iterrows()):
        colour, marker = (PALETTE[1], "D") if name == "all" else (PALETTE[0], "o")
        ax.plot([entry["low"], entry["high"]], [row, row], color=colour, lw=2.5)
        ax.plot(entry["d"], row, marker, color=colour, ms=9)
        ax.text(entry["d"], row - 0.25, f"{entry['d']:.2f}", ha="center")
    ax.axvline(0, color="0.5", lw=1)
    ax.set_yticks(
        range(len(table)), [f"{name} clients" if name == "all" else name for name in table.index]
    )
    first, second = table.attrs["first"], table.attrs["second"]
    ax.set(xlabel=f"d: {first} minus {second} (line: 95% interval)", ylim=(len(table) - 0.5, -0.7))
    spread = table["d"].drop("all").max() - table["d"].drop("all").min()
    ax.set_title(
        "One average, different answers problem by problem"
        if spread > 0.3
        else "The difference is much the same in each problem"
    )
    return ax


def describe_by_condition(trial: Trial) -> str:
    """Say what `plot_by_condition` shows."""
    table = _by_condition(trial)
    parts = [
        f"{name} {row['d']:.2f} (95% interval {row['low']:.2f} to {row['high']:.2f})"
        for name, row in table.iterrows()
    ]
    first, second = table.attrs["first"], table.attrs["second"]
    message = f"The difference {first} minus {second} in standard deviations of outcome"
    return f"{message}: {'; '.join(parts)}."


def _corners(trial: Trial) -> pd.DataFrame:
    third = trial.sessions.loc[trial.sessions["session"] == 3, ["client", "alliance_client"]]
    data = trial.clients.merge(third, on="client")
    strong = data["alliance_client"] > data["alliance_client"].median()
    half = np.where(strong, "rated strong", "rated weak")
    return (
        data.groupby([data["treatment"].cat.remove_unused_categories(), half], observed=True)[
            "outcome"
        ]
        .agg(["mean", "sem", "size"])
        .unstack()[["mean", "sem", "size"]]
    )


def plot_corners(trial: Trial, *, ax: "Axes | None" = None) -> "Axes":
    """Draw mean outcome in weak and strong rated alliances, a line for each of two treatments.

    Parameters
    ----------
    trial : Trial
        Two treatments; the alliance is rated by clients after session 3 and split at its middle.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    table, ax = _corners(trial), new_axes(ax, (6.0, 3.8))
    for k, (name, row) in enumerate(table.iterrows()):
        means = [row["mean", "rated weak"], row["mean", "rated strong"]]
        errors = [1.96 * row["sem", "rated weak"], 1.96 * row["sem", "rated strong"]]
        ax.errorbar(
            [0, 1], means, errors, color=PALETTE[k], marker="os"[k % 2], ms=8, lw=2,
            linestyle=["-", "--"][k % 2], capsize=4,
        )  # fmt: skip
        ax.text(1.06, means[1], str(name), va="center", color=PALETTE[k])
    ax.set_xticks([0, 1], ["alliance rated weak", "alliance rated strong"])
    ax.set(xlim=(-0.3, 1.6), ylabel="mean outcome (0 to 27, high is well)")
    first, second = (table["mean"].loc[name] for name in table.index)
    gaps = (first - second).abs()
    grows = gaps["rated strong"] > gaps["rated weak"]
    ax.set_title(
        "The two lie further apart in strong alliances"
        if grows
        else "The two lie about as far apart"
    )
    return ax


def describe_corners(trial: Trial) -> str:
    """Say what `plot_corners` shows."""
    table = _corners(trial)
    parts = [
        f"{name}: {row['mean', 'rated weak']:.1f} where the alliance was rated weak, "
        f"{row['mean', 'rated strong']:.1f} where it was rated strong"
        for name, row in table.iterrows()
    ]
    return (
        f"Mean outcome (0 to 27, high is well) of {int(table['size'].sum().sum())} clients. "
        f"{'; '.join(parts)}."
    )
