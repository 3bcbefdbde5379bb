"""Lesson 01: what each of the three components does, and how closely each goes with outcome."""

from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from alliance_course.analyse.association import correlation
from alliance_course.lessons import asked
from alliance_course.measure.form import COMPONENTS
from alliance_course.show.explorer import BOND, Explorer, Picture, Readout, sd_axis
from alliance_course.show.explorer.parts import bar_panel, session_scale, symptom_scale
from alliance_course.show.explorer.picture import Line, Panel
from alliance_course.show.figure import Plot, dot_rows, in_words
from alliance_course.show.style import MARKERS, PALETTE
from alliance_course.simulate.trial import simulate_worlds

LEVELS = np.linspace(-2, 2, 5)
SESSIONS = 16
_CONTROLS = (
    BOND,
    sd_axis("goal", "Agreement on goals", "how far both work towards the same things"),
    sd_axis("task", "Agreement on tasks", "how far both agree on what to do, and why"),
)


@cache
def components_picture() -> Picture:
    """Hold bond, goal and task at each of 125 combinations for the same 400 simulated clients.

    Every combination has the same clients and the same chance (common random numbers), so that
    the picture moves only because bond, goal or task did. All else follows from the model.
    """
    worlds = [dict(zip(COMPONENTS, w, strict=True)) for w in product(LEVELS, repeat=3)]
    found = simulate_worlds(worlds, 400, n_sessions=SESSIONS, seed=1)
    symptoms, present = found["symptoms"], found["present"]
    low, high = np.quantile(symptoms, (0.25, 0.75), axis=2)
    attended = present.sum(axis=(1, 2))
    shares = [
        1 - found["dropped_out"].mean(axis=1),
        (found["homework"] * present).sum(axis=(1, 2)) / attended,
        (found["disclosure"] * present).sum(axis=(1, 2)) / attended,
    ]
    tables = {"symptoms": symptoms.mean(axis=2), "low": low, "high": high}
    tables |= {"shares": np.stack(shares, axis=1), "width": high[:, -1:] - low[:, -1:]}
    course = Panel(
        "After 16 sessions the average client's symptoms are at {end}",
        session_scale(SESSIONS, "sessions"), symptom_scale(20, 5),
        [Line("symptoms", range(SESSIONS + 1), band=("low", "high"))],
        "Line: average client. Band: the middle half of clients.", width=3,
    )  # fmt: skip
    on_the_way = bar_panel(
        "On the way there", "shares", ("stay to the end", "homework done", "troubles said"),
        "Of all clients, homework and troubles.", width=2,
    )  # fmt: skip
    return Picture(
        "What does each of the three do?",
        _CONTROLS,
        {name: table.reshape(5, 5, 5, -1) for name, table in tables.items()},
        [course, on_the_way],
        "With bond at {bond}, agreement on goals at {goal} and agreement on tasks at {task} (0 is "
        "average), the average client's symptoms fall from {start} to {end} in 16 sessions, on a "
        "scale from 0 to 27. The middle half of clients lies within {width} points. {stay} of "
        "clients stay to the end, {done} of the homework is done, and {said} of what troubles "
        "them is said.",
        [
            Readout("start", "Symptoms before", "symptoms", digits=1),
            Readout("end", "Symptoms after 16 sessions", "symptoms", SESSIONS, 1),
            Readout("width", "Width of the middle half", "width", digits=1),
            Readout("stay", "Stay to the end", "shares", 0, percent=True),
            Readout("done", "Homework done", "shares", 1, percent=True),
            Readout("said", "Troubles said", "shares", 2, percent=True),
        ],
    )


def explore_components() -> Explorer:
    """Move bond, goal and task, and see what each of them does over 16 sessions.

    Returns
    -------
    Explorer
        With the attributes `bond`, `goal` and `task`, in SD from -2 to 2.

    Notes
    -----
    An experiment that nobody can do with real clients: you see what the model assumes.

    Examples
    --------
    >>> explorer = explore_components()
    >>> explorer.bond = 2
    >>> explorer.describe().startswith("With bond at +2.0 SD")
    True
    """
    return Explorer(components_picture(), asked(1, "components"))


def plot_components(data: pd.DataFrame) -> Plot:
    """Draw how closely each rated component goes with outcome.

    Parameters
    ----------
    data : DataFrame
        One row per client: bond_client, goal_client, task_client (1 to 5) and outcome (0 to 27,
        high is well).

    Returns
    -------
    Plot
        Its table has the columns of `correlation`, a row for each component.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> print(plot_components(simulate_trial(2000, seed=1).at(3)).words[:30])
    Three correlations with outcom
    """
    rows = {name: correlation(data, f"{name}_client", "outcome") for name in COMPONENTS}
    table = pd.DataFrame(rows).T
    parts = in_words(table, "{name} {r:.2f} (95% interval {low:.2f} to {high:.2f})", ", ")

    def draw(ax: Any) -> None:
        names = ["bond", "agreement on goals", "agreement on tasks"]
        dot_rows(ax, table, "r", names, zip(PALETTE, MARKERS, strict=True), 0.28)
        ax.set_xlabel("correlation with outcome (line: 95% interval)")
        ax.set_xlim(min(-0.05, table["low"].min() - 0.02), max(0.5, table["high"].max() + 0.02))
        ax.set_title(
            "Agreement goes with outcome at least as closely as the bond"
            if table.loc[["goal", "task"], "r"].min() >= table.loc["bond", "r"]
            else "Bond, goals and tasks each go with outcome"
        )

    words = (
        f"Three correlations with outcome among {int(table['n'].min())} clients: "
        f"{parts}. A value of 0 would mean that the rating tells nothing."
    )
    return Plot(draw, (7.0, 2.6), words, table)
