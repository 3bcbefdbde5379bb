"""Lesson 01: what does each of the alliance's three components do?"""

from functools import cache
from itertools import product

import numpy as np

from alliance_course.explorers.definition import Axis, Bars, Line, Panel, Picture, Readout, Scale
from alliance_course.explorers.explorer import Explorer
from alliance_course.simulate import simulate_worlds

LEVELS = np.linspace(-2, 2, 5)
SESSIONS = 16
_CONTROLS = tuple(
    Axis(name, label, "SD", -2, 2, 0.1, 0, text, ("weak", "strong"))
    for name, label, text in (
        ("bond", "Bond", "how safe, respected and understood the client feels"),
        ("goal", "Agreement on goals", "how far both work towards the same things"),
        ("task", "Agreement on tasks", "how far both agree on what to do, and why"),
    )
)


@cache
def components_picture() -> Picture:
    """Hold bond, goal and task at each of 125 combinations for the same 400 simulated clients.

    Every combination has the same clients and the same chance (common random numbers), so that
    the picture moves only because bond, goal or task did. All else follows from the model.
    """
    worlds = [
        dict(zip(("bond", "goal", "task"), w, strict=True)) for w in product(LEVELS, repeat=3)
    ]
    found = simulate_worlds(worlds, 400, n_sessions=SESSIONS, seed=1)
    symptoms, present = found["symptoms"], found["present"]
    low, high = np.quantile(symptoms, (0.25, 0.75), axis=2)
    attended = present.sum(axis=(1, 2))
    shares = [
        1 - found["dropped_out"].mean(axis=1),
        (found["homework"] * present).sum(axis=(1, 2)) / attended,
        (found["disclosure"] * present).sum(axis=(1, 2)) / attended,
    ]
    width = high[:, -1:] - low[:, -1:]
    tables = {
        "symptoms": symptoms.mean(axis=2),
        "low": low,
        "high": high,
        "shares": np.stack(shares, axis=1),
        "width": width,
    }
    course = Panel(
        "After 16 sessions the average client's symptoms are at {end}",
        Scale("sessions", 0, SESSIONS, range(0, SESSIONS + 1, 4)),
        Scale("symptoms (0 to 27, high is ill)", 0, 20, (0, 5, 10, 15, 20)),
        [Line("symptoms", range(SESSIONS + 1), band=("low", "high"))],
        "Line: average client. Band: the middle half of clients. Dotted: all three at average.",
        width=3,
    )
    on_the_way = Panel(
        "{stay} stay, {done} of the homework is done, {said} is said",
        Scale("", 0, 1, (0, 0.5, 1), percent=True),
        Scale(labels=("stay to the end", "homework done", "troubles said")),
        [Bars("shares", style=2)],
        "Dotted: all three at average.",
        width=2,
    )
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
            Readout("stay", "Stay to the end", "shares", 0, percent=True, shown=False),
            Readout("done", "Homework done", "shares", 1, percent=True, shown=False),
            Readout("said", "Troubles said", "shares", 2, percent=True, shown=False),
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
    Computed from the course's model with common random numbers. Moving a component is an
    experiment that nobody can do with real clients: what you see is what the model assumes.

    Examples
    --------
    >>> explorer = explore_components()
    >>> explorer.bond = 2
    >>> explorer.describe().startswith("With bond at +2.0 SD")
    True
    """
    return Explorer(components_picture())
