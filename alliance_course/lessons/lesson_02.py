"""Lesson 02: what clients feel and say of their distress, and what a weak bond holds back."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from alliance_course.lessons import asked
from alliance_course.show.explorer import BOND, Choice, Explorer, Picture, Readout
from alliance_course.show.explorer.parts import bar_panel, symptom_scale
from alliance_course.show.explorer.picture import Line, Panel, Scale
from alliance_course.show.figure import Plot, in_words, rated_groups
from alliance_course.show.style import LIGHT, SERIES
from alliance_course.simulate.trial import simulate_worlds

LEVELS = np.linspace(-2, 2, 9)
_CLIENTS, _SESSIONS = 600, 16


@cache
def disclosure_picture() -> Picture:
    """Hold the bond at each of nine levels for the same 600 simulated clients, 16 sessions each.

    Clients and chance are the same at every level (common random numbers), so that only the bond
    moves the picture. Who says little or much by habit is read off the average bond: the lowest
    and the highest third of what is said there. Nobody leaves, so that the clients stay the same.
    """
    worlds = [{"bond": level} for level in LEVELS]
    found = simulate_worlds(worlds, _CLIENTS, n_sessions=_SESSIONS, seed=1)
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
        symptom_scale(18, 6, "distress"),
        [
            Line("felt", range(1, _SESSIONS + 1), "felt", band=("said", "felt")),
            Line("said", range(1, _SESSIONS + 1), "said", style=1),
        ],
        "Shaded: what is held back. Numbers: means over all sessions.",
    )
    shares = bar_panel(
        "How much of it a client says", "parts", ("under half", "half to 3/4", "3/4 or more"),
        "Shares of clients.",
    )  # fmt: skip
    return Picture(
        "What is held back when the bond is weak?",
        (BOND,
         Choice("who", "Clients",
                {"all": "everybody", "little": "those who say little by habit",
                 "much": "those who say much by habit"}, "all",
                "people also differ in how much they tell anybody")),
        {name: np.stack(table, axis=1) for name, table in tables.items()},
        [course, shares],
        "With bond at {bond} (0 is average), for {who}: the mean distress over 16 sessions is "
        "{felt} points on a scale from 0 to 27. Of it {said} points are said and {held} are held "
        "back. In the average session {share} of what troubles a client is said; {most} of "
        "clients keep back more than half.",
        [Readout("felt", "Felt", "mean", 0, 1),
         Readout("said", "Said", "mean", 1, 1),
         Readout("held", "Held back", "mean", 3, 1),
         Readout("share", "Share that is said", "mean", 2, percent=True),
         Readout("most", "Keep back more than half", "parts", 0, percent=True)],
    )  # fmt: skip


def explore_disclosure() -> Explorer:
    """Move the bond, and see how much of their distress clients say and how much they hold back.

    Returns
    -------
    Explorer
        With `bond` (-2 to 2 SD) and `who` ("all", "little" or "much": what they say by habit).

    Notes
    -----
    Nobody can see true distress in life or set a bond: you see what the model assumes.

    Examples
    --------
    >>> explorer = explore_disclosure()
    >>> explorer.bond = -2
    >>> explorer.describe().startswith("With bond at \\N{MINUS SIGN}2.0 SD (0 is average)")
    True
    """
    return Explorer(disclosure_picture(), asked(2, "disclosure"))


def plot_held_back(data: pd.DataFrame) -> Plot:
    """Draw how much of their distress clients say, by how they rate the bond.

    Parameters
    ----------
    data : DataFrame
        One row per client, all from the same session: bond_client (1 to 5), distress (true, 0 to
        27) and disclosure (true, the share that is said, 0 to 1).

    Returns
    -------
    Plot
        Its table has one row per group of the rated bond: how many clients, and the mean distress
        that is felt, said and held back.

    Examples
    --------
    >>> from alliance_course import load_dataset
    >>> plot_held_back(load_dataset("sessions", session=3)).table.round(1)
                clients  felt  said  held back
    bond rated
    below 3          68  15.4   7.5        7.9
    3 to 3.75       173  14.9   8.8        6.1
    4 or 4.25       132  14.3  10.0        4.3
    4.5 to 5        194  14.0  10.8        3.2
    """
    table = (
        data.assign(said=data["distress"] * data["disclosure"])
        .groupby(rated_groups(data["bond_client"]).rename("bond rated"), observed=True)
        .agg(clients=("said", "size"), felt=("distress", "mean"), said=("said", "mean"))
    )
    table["held back"] = table["felt"] - table["said"]

    def draw(ax: Any) -> None:
        names = [f"{name}\n{clients} clients" for name, clients in table["clients"].items()]
        back = {"color": LIGHT["paper"], "edgecolor": SERIES[1], "hatch": "///"}
        whole = ax.bar(names, table["felt"], 0.6, **back)
        said = ax.bar(names, table["said"], 0.6, color=SERIES[0], edgecolor=SERIES[0])
        ax.bar_label(whole, fmt="{:.1f} in all", padding=3)
        ax.bar_label(said, fmt="{:.1f}", label_type="center", color=LIGHT["paper"])
        ax.legend([said, whole], ["said", "held back"], ncols=2, loc="upper right")
        ax.set(
            xlabel="the client's rating of the bond (1 to 5)",
            ylabel="distress (0 to 27, high is ill)",
            ylim=(0, 1.3 * table["felt"].max()),
        )
        first, last = table.iloc[0], table.iloc[-1]
        ax.set_title(
            "Where the bond is rated low, more is felt and less is said"
            if first["felt"] > last["felt"] and first["said"] < last["said"]
            else "What is felt and what is said, by the rated bond"
        )

    template = "{name} ({clients:.0f} clients): {felt:.1f} points, of which {said:.1f} are said"
    words = (
        "Bars for groups of clients by how they rate the bond from 1 to 5; their height is the "
        "mean true distress on a scale from 0 to 27, and the lower part is what is said of it. "
        f"Rated {in_words(table, template)}. The rest is held back."
    )
    return Plot(draw, (7.0, 3.6), words, table)
