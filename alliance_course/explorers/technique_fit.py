"""Lesson 10: what a method adds, by problem and alliance."""

from functools import cache

import numpy as np

from alliance_course.explorers.definition import (
    Axis,
    Choice,
    Line,
    Panel,
    Picture,
    Readout,
    Scale,
    Tiles,
)
from alliance_course.explorers.explorer import Explorer
from alliance_course.parameters import CONDITIONS
from alliance_course.simulate import simulate_worlds

LEVELS, SESSIONS, _CLIENTS = np.linspace(-2, 2, 9), 12, 300


@cache
def technique_fit_picture() -> Picture:
    """Treat the same 300 clients with and without the method, at nine levels of the alliance.

    Common random numbers: nothing differs but the problem, the method's dose (1 or 0) and the
    alliance, which is held where the slider stands.
    """
    worlds = [
        {**dict.fromkeys(("bond", "goal", "task"), level), "dose": dose}
        for level in LEVELS
        for dose in (1.0, 0.0)
    ]
    runs = [
        simulate_worlds(worlds, _CLIENTS, n_sessions=SESSIONS, condition=condition, seed=1)
        for condition in CONDITIONS
    ]
    mean = np.stack([run["symptoms"].mean(axis=2) for run in runs])
    mean = mean.reshape(len(CONDITIONS), len(LEVELS), 2, SESSIONS + 1)
    ends = mean[..., -1]
    corners = ends[:, [1, 7]].swapaxes(1, 2)[:, ::-1].reshape(len(CONDITIONS), 1, 4)
    surfaces = {
        "with": mean[:, :, 0],
        "without": mean[:, :, 1],
        "gap": (ends[..., 1] - ends[..., 0])[..., None],
        "corners": corners,
    }
    course = Panel(
        "The method adds {gap} points",
        Scale("sessions", 0, SESSIONS, (0, 4, 8, 12)),
        Scale("symptoms (0 to 27, high is ill)", 0, 20, (0, 5, 10, 15, 20)),
        [
            Line("with", range(SESSIONS + 1), "with method"),
            Line("without", range(SESSIONS + 1), "without", style=1),
        ],
        "Average clients. Dotted: where the sliders start.",
        width=3,
    )
    table = Panel(
        "Symptoms at the end, four corners",
        Scale("alliance", labels=("weak", "strong")),
        Scale(labels=("no method", "method")),
        [Tiles("corners", 0, 16, 1)],
        "Weak is -1.5, strong 1.5. Fewer symptoms are better.",
        width=2,
    )
    return Picture(
        "What does the method add, and when?",
        (
            Choice("condition", "Problem", dict(zip(CONDITIONS, CONDITIONS, strict=True)), "OCD",
                   "what the client came for"),
            Axis("alliance", "Alliance", "SD", -2, 2, 0.1, 0,
                 "bond, agreement on goals and on tasks, all three", ("weak", "strong")),
        ),
        surfaces,
        [course, table],
        "For {condition} with the alliance at {alliance}, clients with the method that fits end at "
        "{with_end} symptom points and clients with an equally friendly therapy without it at "
        "{without_end}. The method adds {gap} points.",
        [
            Readout("with_end", "With the method", "with", SESSIONS, 1),
            Readout("without_end", "Without it", "without", SESSIONS, 1),
            Readout("gap", "What the method adds", "gap", digits=1),
        ],
    )  # fmt: skip


def explore_technique_fit() -> Explorer:
    """Choose a problem, move the alliance, and see what the method that fits adds.

    Returns
    -------
    Explorer
        With `condition` (one of the five) and `alliance` (-2 to 2 SD).

    Examples
    --------
    >>> explorer = explore_technique_fit()
    >>> explorer.condition = "depression"
    >>> explorer.describe().startswith("For depression")
    True
    """
    return Explorer(technique_fit_picture())
