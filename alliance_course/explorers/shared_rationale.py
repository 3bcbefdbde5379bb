"""Lesson 04: what do homework and exposure do with and without an understood why?"""

from functools import cache
from itertools import product

import numpy as np

from alliance_course.explorers.definition import (
    Axis,
    Bars,
    Choice,
    Line,
    Panel,
    Picture,
    Points,
    Readout,
    Scale,
)
from alliance_course.explorers.explorer import Explorer
from alliance_course.parameters import PARAMETERS
from alliance_course.simulate import simulate_worlds

TASKS, BONDS, SESSIONS = np.linspace(-2, 2, 9), np.linspace(-2, 2, 5), 12
_ASSUMED = {"course": 1.0, "half": 0.5, "none": 0.0}
_CLIENTS = 200


@cache
def shared_rationale_picture() -> Picture:
    """Give the same 200 clients with OCD exposure in full, and the same therapy without it.

    Agreement on tasks and bond are held at each of 45 combinations, in three worlds that differ by
    how far exposure depends on the why. Clients and chance are the same throughout (common random
    numbers), so that the picture moves only because a control did. Nobody leaves.
    """
    worlds = [
        {"task": task, "bond": bond, "task_uptake": share * PARAMETERS.task_uptake, "dose": dose}
        for task, bond, share, dose in product(TASKS, BONDS, _ASSUMED.values(), (1.0, 0.0))
    ]
    found = simulate_worlds(
        worlds, _CLIENTS, n_sessions=SESSIONS, condition="OCD", treatment="exposure", seed=1
    )
    grid = (len(TASKS), len(BONDS), len(_ASSUMED), 2)
    mean = found["symptoms"].mean(axis=2).reshape(*grid, SESSIONS + 1)
    gap = mean[..., 1, -1] - mean[..., 0, -1]
    # homework depends on neither bond, dose nor what is assumed of exposure
    work = found["homework"].reshape(*grid, SESSIONS, _CLIENTS)[:, :1, :1, 0]
    own = work.mean(axis=3)
    steps = [own < 1 / 3, (own >= 1 / 3) & (own < 2 / 3), own >= 2 / 3]
    surfaces = {
        "with": mean[..., 0, :],
        "without": mean[..., 1, :],
        "gap": gap[..., None],
        "curve": np.moveaxis(gap, 0, -1)[None],
        "task_now": TASKS[:, None, None, None],
        "done": work.mean(axis=(3, 4))[..., None],
        "parts": np.stack([step.mean(axis=3) for step in steps], axis=3),
    }
    course = Panel(
        "Exposure takes off {gap} points",
        Scale("sessions", 0, SESSIONS, (0, 4, 8, 12)),
        Scale("symptoms (0 to 27, high is ill)", 0, 18, (0, 6, 12, 18)),
        [
            Line("without", range(SESSIONS + 1), "without", style=1),
            Line("with", range(SESSIONS + 1), "with it"),
        ],
        "The same clients twice, all with OCD. Dotted: where the sliders start.",
    )
    curve = Panel(
        "No why: {least} points; a clear why: {most}",
        Scale("agreement on tasks (SD)", -2, 2, (-2, -1, 0, 1, 2)),
        Scale("points that exposure takes off", 0, 6, (0, 2, 4, 6)),
        [Line("curve", TASKS.tolist()), Points("task_now", "gap", size=6)],
        "The point: where you are. Dotted: where the controls start.",
    )
    homework = Panel(
        "{done} of the homework is done",
        Scale("", 0, 1, (0, 0.5, 1), percent=True),
        Scale(labels=("under 1/3", "1/3 to 2/3", "2/3 or more")),
        [Bars("parts", style=2)],
        "Clients by how much of their homework they do.",
    )
    return Picture(
        "What do exposure and homework do, with and without an understood why?",
        (
            Axis("task", "Agreement on tasks", "SD", -2, 2, 0.1, 0,
                 "how far the client sees what it is for, and agrees",
                 ("no why", "clear why")),
            Axis("bond", "Bond", "SD", -2, 2, 0.1, 0,
                 "how safe, respected and understood the client feels", ("weak", "strong")),
            Choice("assumed", "Exposure needs the why",
                   {"course": "as much as in this course", "half": "half as much",
                    "none": "not at all"},
                   "course", "an assumption: chosen for teaching, not measured"),
        ),
        surfaces,
        [course, curve, homework],
        "With agreement on tasks at {task} and bond at {bond} (0 is average), clients with OCD end "
        "at {end} symptom points with exposure, and at {without_end} with the same therapy without "
        "it. Exposure takes off {gap} points; it would be {least} with no why and {most} with a "
        "clear one. {done} of the homework is done. Assumed: exposure needs the why {assumed}.",
        [
            Readout("end", "With exposure", "with", SESSIONS, 1),
            Readout("without_end", "Without it", "without", SESSIONS, 1),
            Readout("gap", "What exposure takes off", "gap", digits=1),
            Readout("done", "Homework done", "done", percent=True),
            Readout("least", "Taken off with no why", "curve", 0, 1, shown=False),
            Readout("most", "Taken off with a clear why", "curve", len(TASKS) - 1, 1, shown=False),
        ],
    )  # fmt: skip


def explore_shared_rationale() -> Explorer:
    """Move agreement on tasks, and see what exposure and homework do with and without a why.

    Returns
    -------
    Explorer
        With `task` and `bond` (-2 to 2 SD) and `assumed` ("course", "half" or "none": how far
        exposure depends on the why).

    Notes
    -----
    Computed from the course's model with common random numbers. That exposure helps in OCD was
    tuned to published findings; how far it depends on agreement was chosen for teaching, and
    `assumed` shows how different the picture would be with another choice.

    Examples
    --------
    >>> explorer = explore_shared_rationale()
    >>> explorer.task = -2
    >>> explorer.describe().startswith("With agreement on tasks at \\N{MINUS SIGN}2.0 SD")
    True
    """
    return Explorer(shared_rationale_picture())
