"""Lesson 03: what does a shared direction do to the spread of progress?

Lesson 03: how even the way is, by how far client and therapist agree on goals.
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
from alliance_course.show.style import MARKERS, PALETTE
from alliance_course.simulate.trial import simulate_worlds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVELS = np.linspace(-2, 2, 9)
STEP = 2  # symptom points; less than that in a week is hardly noticed
_CLIENTS, _SESSIONS = 600, 12


def _three(symptoms: np.ndarray) -> list[int]:
    """Clients who start near 15, 12 and 9 points and whose way zigzags as much as most."""
    change = np.diff(symptoms, axis=0).std(axis=0)
    usual = np.abs(change - np.median(change)) < 0.15 * np.median(change)
    return [
        int(np.where(usual, np.abs(symptoms.mean(axis=0) - level), np.inf).argmin())
        for level in (15, 11, 7)
    ]


@cache
def goal_alignment_picture() -> Picture:
    """Hold agreement on goals at each of nine levels for the same 600 simulated clients.

    Clients and chance are the same at every level and with either choice (common random numbers),
    so that only agreement on goals moves the picture. Nobody leaves in the courses shown; how many
    would leave is counted beside them.
    """
    switches: tuple[dict[str, float], ...] = ({}, {"goal_steadiness": 0.0})
    worlds = [{"goal": level} | switch for level in LEVELS for switch in switches]
    found = simulate_worlds(worlds, _CLIENTS, n_sessions=_SESSIONS, seed=1)
    grid = (len(LEVELS), len(switches))
    symptoms = found["symptoms"].reshape(*grid, _SESSIONS + 1, _CLIENTS)
    change = np.diff(symptoms, axis=2)
    worse, better = (change >= STEP).mean(axis=(2, 3)), (change <= -STEP).mean(axis=(2, 3))
    left = found["dropped_out"].reshape(*grid, _CLIENTS).mean(axis=2)
    numbers = [change.std(axis=2).mean(axis=2), symptoms[:, :, -1].mean(axis=2), left]
    three = _three(symptoms[len(LEVELS) // 2, 0])
    surfaces = {f"client {k + 1}": symptoms[..., client] for k, client in enumerate(three)}
    surfaces["weeks"] = np.stack([worse, 1 - worse - better, better], axis=-1)
    surfaces["numbers"] = np.stack(numbers, axis=-1)
    courses = Panel(
        "A week moves a client by {spread} points",
        Scale("session", 0, _SESSIONS, (0, 4, 8, 12)),
        Scale("symptoms (0 to 27, high is ill)", 0, 27, (0, 9, 18, 27)),
        [
            Line(f"client {k + 1}", range(_SESSIONS + 1), name, style=k)
            for k, name in enumerate(("client A", "client B", "client C"))
        ],
        "Three of the 600. Thin dots: the same three, average agreement.",
        width=3,
    )
    weeks = Panel(
        "{worse} of weeks go back",
        Scale("", 0, 1, (0, 0.5, 1), percent=True),
        Scale(labels=("worse", "about the same", "better")),
        [Bars("weeks", style=2)],
        "All weeks of all clients. Worse and better: by 2 points or more.",
        width=2,
    )
    return Picture(
        "What does a shared direction do?",
        (
            Axis("goal", "Agreement on goals", "SD", -2, 2, 0.1, 0,
                 "how far both work towards the same thing", ("two directions", "one direction")),
            Choice("steadies", "A shared direction steadies the way",
                   {"as": "as in this course", "none": "not at all"}, "as",
                   "a switch in the model; its size was chosen for teaching"),
        ),
        surfaces,
        [courses, weeks],
        "With agreement on goals at {goal} (0 is average), a usual week moves a client by {spread} "
        "symptom points up or down around the own course. {worse} of weeks go back by 2 points or "
        "more. After 12 sessions the average is {end} points on a scale from 0 to 27; {left} leave "
        "early. A shared direction steadies the way: {steadies}.",
        [
            Readout("spread", "Spread of a week's change", "numbers", 0, 1),
            Readout("worse", "Weeks that go back", "weeks", 0, percent=True),
            Readout("end", "Symptoms after 12 sessions", "numbers", 1, 1),
            Readout("left", "Leave early", "numbers", 2, percent=True),
        ],
    )  # fmt: skip


def explore_goal_alignment() -> Explorer:
    """Move agreement on goals, and see how steady or uneven the way of the same clients is.

    Returns
    -------
    Explorer
        With `goal` (-2 to 2 SD) and `steadies` ("as" or "none": the path switched off).

    Notes
    -----
    Computed from the course's model with common random numbers. How far a shared direction
    steadies progress was chosen for teaching; no published number stands behind its size.

    Examples
    --------
    >>> explorer = explore_goal_alignment()
    >>> explorer.goal = 2
    >>> "a usual week moves a client by 1.5 symptom points" in explorer.describe()
    True
    """
    return Explorer(goal_alignment_picture())


_RATED = 3


def _unevenness(sessions: pd.DataFrame) -> pd.DataFrame:
    """Standard deviation of the change between sessions, after the third, for each group."""
    change = sessions.sort_values(["client", "session"]).groupby("client")["symptoms"].diff()
    rated = sessions.loc[sessions["session"] == _RATED].set_index("client")["goal_client"]
    later = sessions["session"] > _RATED
    group = rated_groups(sessions["client"].map(rated))
    # each client's own average change is taken out: what is left is how uneven the way is
    own = change[later] - change[later].groupby(sessions["client"]).transform("mean")
    found = own.groupby(group[later], observed=True).agg(spread="std", weeks="size")
    clients = sessions.loc[later, "client"].groupby(group[later], observed=True).nunique()
    error = found["spread"] / np.sqrt(2 * found["weeks"])
    return found.assign(
        clients=clients, low=found["spread"] - 1.96 * error, high=found["spread"] + 1.96 * error
    )


def unevenness(sessions: pd.DataFrame) -> pd.Series:
    """How far symptoms usually move between sessions, for each group of rated agreement on goals.

    Parameters
    ----------
    sessions : DataFrame
        A row a client and session: client, session, symptoms (0 to 27) and goal_client (1 to 5).

    Returns
    -------
    Series
        Indexed by the rating of session 3; the standard deviation, in symptom points, of the
        changes after it around each client's own average change.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> spread = unevenness(simulate_trial(2000, seed=1).sessions)
    >>> bool(spread["below 3"] > spread["4.5 to 5"])
    True
    """
    return _unevenness(sessions)["spread"].rename_axis("goals rated")


def plot_unevenness(sessions: pd.DataFrame, *, ax: "Axes | None" = None) -> "Axes":
    """Draw how far symptoms move from one session to the next, by rated agreement on goals.

    Parameters
    ----------
    sessions : DataFrame
        A row a client and session: client, session, symptoms (0 to 27) and goal_client (1 to 5).
        Clients are grouped by goal_client in session 3; the changes are those after it, as a
        standard deviation around each client's own average change.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax, table = new_axes(ax, (7.0, 3.2)), _unevenness(sessions)
    for place, (_, row) in enumerate(table.iterrows()):
        ax.plot([row["low"], row["high"]], [place, place], color=PALETTE[0], linewidth=2)
        ax.plot(row["spread"], place, MARKERS[0], color=PALETTE[0], markersize=7)
        ax.annotate(
            f"{row['spread']:.1f}", (row["spread"], place), (0, 8), textcoords="offset points",
            ha="center",
        )  # fmt: skip
    names = [f"{name}\n{row['clients']:.0f} clients" for name, row in table.iterrows()]
    ax.set_yticks(range(len(table)), names)
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.set_xlim(0, 1.15 * table["high"].max())
    ax.set(
        xlabel="usual change from session to session, symptom points (line: 95% interval)",
        ylabel="rated agreement on goals\nin session 3 (1 to 5)",
    )
    first, last = table.iloc[0], table.iloc[-1]
    ax.set_title(
        "Where goals are less shared, the way is less even"
        if first["low"] > last["high"]
        else "How uneven the way is, by rated agreement on goals"
    )
    return ax


def describe_unevenness(sessions: pd.DataFrame) -> str:
    """Say what `plot_unevenness` shows.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> describe_unevenness(simulate_trial(600, seed=1).sessions)[:47]
    'How far symptoms usually move from one session '
    """
    parts = [
        f"goals rated {name} ({row['clients']:.0f} clients): {row['spread']:.1f} points "
        f"(95% interval {row['low']:.1f} to {row['high']:.1f})"
        for name, row in _unevenness(sessions).iterrows()
    ]
    return (
        "How far symptoms usually move from one session to the next, up or down around each "
        f"client's own pace, after session 3: {'; '.join(parts)}."
    )
