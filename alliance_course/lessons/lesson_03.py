"""Lesson 03: what agreement on goals does to how evenly clients get better, and to who stays."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from alliance_course.lessons import asked
from alliance_course.show.explorer import Choice, Explorer, Picture, Readout, sd_axis
from alliance_course.show.explorer.parts import bar_panel, session_scale, symptom_scale
from alliance_course.show.explorer.picture import Line, Panel
from alliance_course.show.figure import Plot, in_words, rated_groups
from alliance_course.show.style import MARKERS
from alliance_course.simulate.trial import simulate_worlds

LEVELS = np.linspace(-2, 2, 9)
STEP = 2  # symptom points; less than that in a week is hardly noticed
_CLIENTS, _SESSIONS = 600, 12


def _three(symptoms: np.ndarray) -> list[int]:
    """Clients whose mean is near 15, 11 and 7 points and whose way zigzags as much as most."""
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
        "A week moves a client by {spread} points", session_scale(_SESSIONS), symptom_scale(27, 9),
        [Line(f"client {k + 1}", range(_SESSIONS + 1), f"client {'ABC'[k]}", style=k)
         for k in range(3)],
        "Three of the 600 clients.", width=3,
    )  # fmt: skip
    weeks = bar_panel(
        "What a week brings", "weeks", ("worse", "about the same", "better"),
        "Worse and better: by 2 points or more.", width=2,
    )  # fmt: skip
    return Picture(
        "What does a shared direction do?",
        (sd_axis("goal", "Agreement on goals", "how far both work towards the same thing",
                 ("two directions", "one direction")),
         Choice("steadies", "A shared direction steadies the way",
                {"as": "as in this course", "none": "not at all"}, "as",
                "a switch in the model; its size was chosen for teaching")),
        surfaces, [courses, weeks],
        "With agreement on goals at {goal} (0 is average), a usual week moves a client by {spread} "
        "symptom points up or down around the own course. {worse} of weeks go back by 2 points or "
        "more. After 12 sessions the average is {end} points on a scale from 0 to 27; {left} leave "
        "early. A shared direction steadies the way: {steadies}.",
        [Readout("spread", "Spread of a week's change", "numbers", 0, 1),
         Readout("worse", "Weeks that go back", "weeks", 0, percent=True),
         Readout("end", "Symptoms after 12 sessions", "numbers", 1, 1),
         Readout("left", "Leave early", "numbers", 2, percent=True)],
    )  # fmt: skip


def explore_goal_alignment() -> Explorer:
    """Move agreement on goals, and see how steady or uneven the way of the same clients is.

    Returns
    -------
    Explorer
        With `goal` (-2 to 2 SD) and `steadies` ("as" or "none": the path switched off).

    Notes
    -----
    How far a shared direction steadies progress was chosen for teaching, after no published number.

    Examples
    --------
    >>> explorer = explore_goal_alignment()
    >>> explorer.goal = 2
    >>> "a usual week moves a client by 1.8 symptom points" in explorer.describe()
    True
    """
    return Explorer(goal_alignment_picture(), asked(3, "goal_alignment"))


def plot_unevenness(sessions: pd.DataFrame, *, of: str = "symptoms") -> Plot:
    """Draw how far symptoms move from one session to the next, by rated agreement on goals.

    Parameters
    ----------
    sessions : DataFrame
        One row per client and session: client, session, goal_client (1 to 5) and the column `of`
        (0 to 27). Clients are grouped by goal_client in session 3; the changes are those after it.
    of : {"symptoms", "distress"}
        What moves: the score on the form, or the true distress behind it.

    Returns
    -------
    Plot
        Its table has one row per group of rated goals: `spread` (standard deviation of the
        changes, in symptom points, around each client's own average change), `low` and `high`
        (its 95% interval; the weeks of one client count as belonging together), and how many
        weeks and clients it rests on.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> table = plot_unevenness(simulate_trial(2000, seed=1).sessions).table
    >>> bool(table.loc["below 3", "spread"] > table.loc["4.5 to 5", "spread"])
    True
    """
    rows = sessions.sort_values(["client", "session"])
    rows = rows.assign(change=rows.groupby("client")[of].diff())
    rated = rows[rows["session"] == 3].set_index("client")["goal_client"]
    later = rows[rows["session"] > 3]
    # each client's own average change is taken out: what is left is how uneven the way is
    own = later["change"] - later.groupby("client")["change"].transform("mean")
    groups = rated_groups(later["client"].map(rated)).rename("goals rated")
    table = (
        later.assign(own=own)
        .groupby(groups, observed=True)
        .agg(spread=("own", "std"), weeks=("own", "size"), clients=("client", "nunique"))
    )
    beyond = own**2 - (own**2).groupby(groups, observed=True).transform("mean")
    of_client = beyond.groupby([groups, later["client"]], observed=True).sum()
    summed = (of_client**2).groupby(level=0, observed=True).sum()
    error = 1.96 * np.sqrt(summed) / (2 * table["weeks"] * table["spread"])
    table = table.assign(low=table["spread"] - error, high=table["spread"] + error)
    less = table["spread"].iloc[0] - table["spread"].iloc[-1]
    about = float(np.hypot(error.iloc[0], error.iloc[-1]))

    def draw(ax: Any) -> None:
        places = range(len(table))
        ax.errorbar(table["spread"], places, xerr=error, fmt=MARKERS[0], lw=2, ms=7)
        above: Any = {"textcoords": "offset points", "ha": "center"}
        for end in zip(table["spread"], places, strict=True):
            ax.annotate(f"{end[0]:.1f}", end, (0, 8), **above)
        ax.set_yticks(places, [f"{name}\n{n} clients" for name, n in table["clients"].items()])
        ax.set(
            xlabel="usual change from session to session, symptom points (line: 95% interval)",
            ylabel="rated agreement on goals\nin session 3 (1 to 5)",
            xlim=(0, 1.15 * table["high"].max()),
            ylim=(len(table) - 0.4, -0.6),
        )
        ax.set_title(
            "Where goals are less shared, the way is a little less even"
            if less > about
            else "How uneven the way is, by rated agreement on goals"
        )

    template = (
        "goals rated {name} ({clients:.0f} clients): {spread:.1f} points "
        "(95% interval {low:.1f} to {high:.1f})"
    )
    words = (
        "How far symptoms usually move from one session to the next, up or down around each "
        f"client's own pace, after session 3: {in_words(table, template)}. The first group lies "
        f"{less:.2f} points above the last (95% interval {less - about:.2f} to {less + about:.2f})."
    )
    return Plot(draw, (7.0, 3.2), words, table)
