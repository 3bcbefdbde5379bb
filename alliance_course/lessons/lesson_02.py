"""Lesson 02: what is held back when the bond is weak?

Lesson 02: what clients say of their distress, and what they hold back.
"""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alliance_course.show.explorer.controls import Axis, Choice
from alliance_course.show.explorer.picture import (
    Bars,
    Line,
    Panel,
    Picture,
    Readout,
    Scale,
)
from alliance_course.show.explorer.widget import Explorer
from alliance_course.show.figure import new_axes, rated_groups
from alliance_course.show.style import PALETTE
from alliance_course.simulate.trial import simulate_worlds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVELS = np.linspace(-2, 2, 9)
_CLIENTS, _SESSIONS = 600, 16


@cache
def disclosure_picture() -> Picture:
    """Hold the bond at each of nine levels for the same 600 simulated clients, 16 sessions each.

    Clients and chance are the same at every level (common random numbers), so that only the bond
    moves the picture. Who says little or much by habit is read off the average bond: the lowest
    and the highest third of what is said there. Nobody leaves, so that the clients stay the same.
    """
    found = simulate_worlds(
        [{"bond": level} for level in LEVELS], _CLIENTS, n_sessions=_SESSIONS, seed=1
    )
    share, felt = found["disclosure"], found["symptoms"][:, :_SESSIONS]
    habit = share[len(LEVELS) // 2].mean(axis=0).argsort()
    third = _CLIENTS // 3
    groups = (habit, habit[:third], habit[-third:])
    tables: dict[str, list[np.ndarray]] = {"felt": [], "said": [], "mean": [], "parts": []}
    for group in groups:
        true, heard = felt[:, :, group], (felt * share)[:, :, group]
        own = share[:, :, group].mean(axis=1)
        steps = [own < 0.5, (own >= 0.5) & (own < 0.75), own >= 0.75]
        tables["felt"].append(true.mean(axis=2))
        tables["said"].append(heard.mean(axis=2))
        numbers = [true.mean(axis=(1, 2)), heard.mean(axis=(1, 2)), own.mean(axis=1)]
        tables["mean"].append(np.stack([*numbers, numbers[0] - numbers[1]], axis=1))
        tables["parts"].append(np.stack([step.mean(axis=1) for step in steps], axis=1))
    course = Panel(
        "Of {felt} points of distress, {said} are said",
        Scale("session", 1, _SESSIONS, (1, 4, 8, 12, 16)),
        Scale("distress (0 to 27, high is ill)", 0, 18, (0, 6, 12, 18)),
        [
            Line("felt", range(1, _SESSIONS + 1), "felt", band=("said", "felt")),
            Line("said", range(1, _SESSIONS + 1), "said", style=1),
        ],
        "Shaded: what is held back. Dotted: an average bond. Numbers: means over all sessions.",
    )
    shares = Panel(
        "{most} keep back more than half",
        Scale("", 0, 1, (0, 0.5, 1), percent=True),
        Scale(labels=("under half", "half to 3/4", "3/4 or more")),
        [Bars("parts", style=2)],
        "Clients by how much of what troubles them they say. Dotted: an average bond.",
    )
    return Picture(
        "What is held back when the bond is weak?",
        (
            Axis("bond", "Bond", "SD", -2, 2, 0.1, 0,
                 "how safe, respected and understood the client feels", ("weak", "strong")),
            Choice("who", "Clients",
                   {"all": "everybody", "little": "those who say little by habit",
                    "much": "those who say much by habit"}, "all",
                   "people also differ in how much they tell anybody"),
        ),
        {name: np.stack(table, axis=1) for name, table in tables.items()},
        [course, shares],
        "With bond at {bond} (0 is average), for {who}: the mean distress over 16 sessions is "
        "{felt} points on a scale from 0 to 27. Of it {said} points are said and {held} are held "
        "back. In the average session {share} of what troubles a client is said; {most} of "
        "clients keep back more than half.",
        [
            Readout("felt", "Felt", "mean", 0, 1),
            Readout("said", "Said", "mean", 1, 1),
            Readout("held", "Held back", "mean", 3, 1),
            Readout("share", "Share that is said", "mean", 2, percent=True),
            Readout("most", "Keep back more than half", "parts", 0, percent=True, shown=False),
        ],
    )  # fmt: skip


def explore_disclosure() -> Explorer:
    """Move the bond, and see how much of their distress clients say and how much they hold back.

    Returns
    -------
    Explorer
        With `bond` (-2 to 2 SD) and `who` ("all", "little" or "much": what they say by habit).

    Notes
    -----
    Computed from the course's model with common random numbers. Nobody can see true distress in
    life, and nobody can set a bond: what you see is what the model assumes.

    Examples
    --------
    >>> explorer = explore_disclosure()
    >>> explorer.bond = -2
    >>> explorer.describe().startswith("With bond at \\N{MINUS SIGN}2.0 SD (0 is average)")
    True
    """
    return Explorer(disclosure_picture())


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
