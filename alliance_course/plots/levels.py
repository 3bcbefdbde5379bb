"""Lesson 06: one association at two levels, between therapists and within each one's caseload."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alliance_course.analysis import split_within_between
from alliance_course.plots.show import new_axes
from alliance_course.style import PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _slopes(data: pd.DataFrame) -> tuple[float, float, pd.DataFrame]:
    columns = ["alliance_client", "outcome"]
    means = data.groupby("therapist")[columns].mean()
    x, y = (
        split_within_between(data, name, "therapist")[f"{name}_within"].to_numpy()
        for name in columns
    )
    between = float(np.polyfit(means["alliance_client"], means["outcome"], 1)[0])
    return between, float((x * y).sum() / (x**2).sum()), means


def plot_levels(data: pd.DataFrame, *, ax: "Axes | None" = None) -> "Axes":
    """Draw one association at two levels: between therapists, and within each one's caseload.

    Parameters
    ----------
    data : DataFrame
        A row a client: therapist, alliance_client (1 to 5), outcome (0 to 27, high is well).
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax, (between, within, means) = new_axes(ax, (7.0, 4.0)), _slopes(data)
    some = data.groupby("therapist").head(40)
    ax.plot(some["alliance_client"], some["outcome"], ".", ms=4, color="0.8", zorder=0)
    for therapist, own in data.groupby("therapist"):
        slope, start = np.polyfit(own["alliance_client"], own["outcome"], 1)
        ends = own["alliance_client"].quantile([0.1, 0.9])
        first = therapist == data["therapist"].min()
        ax.plot(
            ends, start + slope * ends, color=PALETTE[0], lw=2,
            label="clients of one therapist" if first else None,
        )  # fmt: skip
    x = means["alliance_client"]
    ax.plot(x, means["outcome"], "D", color=PALETTE[1], ms=8, label="a therapist's average")
    ends = np.array([x.min() - 0.1, x.max() + 0.1])
    middle = means["outcome"].mean() + between * (ends - x.mean())
    ax.plot(ends, middle, color=PALETTE[1], linestyle="--")
    ax.set(xlabel="client-rated alliance (1 to 5)", ylabel="outcome (0 to 27, high is well)")
    ax.legend(loc="lower left")
    ax.set_title(
        "Within each therapist the line rises, between therapists it falls"
        if between < 0 < within
        else "The line within therapists, and the line between them"
    )
    return ax


def describe_levels(data: pd.DataFrame) -> str:
    """Say what `plot_levels` shows."""
    between, within, means = _slopes(data)
    return (
        f"Clients of {len(means)} therapists. Among the clients of one therapist, a rating higher "
        f"by one point goes with {within:+.1f} points of outcome. Between therapists, an average "
        f"rating higher by one point goes with {between:+.1f} points."
    )
