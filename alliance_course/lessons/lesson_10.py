"""Lesson 10: what a method adds, by problem and by alliance."""

from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from alliance_course.analyse.association import cohens_d
from alliance_course.lessons import asked
from alliance_course.measure.form import COMPONENTS
from alliance_course.refusals import two_treatments
from alliance_course.show.explorer import Choice, Explorer, Picture, Readout, sd_axis
from alliance_course.show.explorer.parts import session_scale, symptom_scale
from alliance_course.show.explorer.picture import Line, Panel, Scale, Tiles
from alliance_course.show.figure import Plot, dot_rows, in_words
from alliance_course.show.style import SERIES
from alliance_course.simulate.parameters import CONDITIONS
from alliance_course.simulate.trial import Trial, simulate_worlds


def plot_by_condition(trial: Trial) -> Plot:
    """Draw the difference between two treatments, over all clients and problem by problem.

    Parameters
    ----------
    trial : Trial
        Two treatments, one or more conditions.

    Returns
    -------
    Plot
        Its table has the columns of `cohens_d`, one row for all clients and one per condition.

    Raises
    ------
    ValueError
        If the trial has not exactly two treatments.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> trial = simulate_trial(400, conditions=("GAD", "OCD"), seed=1)
    >>> plot_by_condition(trial).table.index.tolist()
    ['all', 'GAD', 'OCD']
    """
    clients = trial.clients
    arms = two_treatments(clients)
    rows = {}
    for name, group in [("all", clients), *clients.groupby("condition", observed=True)]:
        rows[name] = cohens_d(*(group.loc[group["treatment"] == arm, "outcome"] for arm in arms))
    table = pd.DataFrame(rows).T
    parts = in_words(table, "{name} {d:.2f} (95% interval {low:.2f} to {high:.2f})")

    def draw(ax: Any) -> None:
        looks = [(SERIES[1], "D"), *[(SERIES[0], "o")] * (len(table) - 1)]
        dot_rows(ax, table, "d", ["all clients", *table.index[1:]], looks, 0.25)
        ax.set_xlabel(f"d: {arms[0]} minus {arms[1]} (line: 95% interval)")
        ax.set_title(
            "One average, different answers problem by problem"
            if np.ptp(table["d"].drop("all")) > 0.3
            else "The difference is much the same in each problem"
        )

    message = f"The difference {arms[0]} minus {arms[1]} in standard deviations of outcome"
    words = f"{message}: {parts}."
    return Plot(draw, (7.0, 0.55 * len(table) + 1.2), words, table)


LEVELS, SESSIONS, _CLIENTS = np.linspace(-2, 2, 9), 12, 300


@cache
def technique_fit_picture() -> Picture:
    """Treat the same 300 clients with and without the method, at nine levels of the alliance.

    Common random numbers: nothing differs but the problem, the treatment (CBT, or supportive
    therapy, which has no method of its own) and the alliance, which is held where the slider
    stands. Nobody leaves.
    """
    worlds = [dict.fromkeys(COMPONENTS, level) for level in LEVELS]
    size: Any = {"n_clients": _CLIENTS, "n_sessions": SESSIONS, "seed": 1}
    runs = [
        simulate_worlds(worlds, condition=condition, treatment=treatment, **size)
        for condition, treatment in product(CONDITIONS, ("CBT", "supportive"))
    ]
    mean = np.stack([run["symptoms"].mean(axis=2) for run in runs])
    mean = mean.reshape(len(CONDITIONS), 2, len(LEVELS), SESSIONS + 1).swapaxes(1, 2)
    ends = mean[..., -1]
    corners = ends[:, [1, 7]].swapaxes(1, 2)[:, ::-1].reshape(len(CONDITIONS), 1, 4)
    gap = (ends[..., 1] - ends[..., 0])[..., None]
    surfaces = {"with": mean[:, :, 0], "without": mean[:, :, 1], "gap": gap, "corners": corners}
    course = Panel(
        "The method adds {gap} points", session_scale(SESSIONS, "sessions"), symptom_scale(20, 5),
        [Line("with", range(SESSIONS + 1), "with method"),
         Line("without", range(SESSIONS + 1), "without", style=1)],
        "Average clients; nobody leaves.", width=3,
    )  # fmt: skip
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
        (Choice("condition", "Problem", dict(zip(CONDITIONS, CONDITIONS, strict=True)), "OCD",
                "what the client came for"),
         sd_axis("alliance", "Alliance", "bond, agreement on goals and on tasks, all three")),
        surfaces, [course, table],
        "For {condition} with the alliance at {alliance}, clients with the method that fits end at "
        "{with_end} symptom points and clients with an equally friendly therapy without it at "
        "{without_end}. The method adds {gap} points.",
        [Readout("with_end", "With the method", "with", SESSIONS, 1),
         Readout("without_end", "Without it", "without", SESSIONS, 1),
         Readout("gap", "What the method adds", "gap", digits=1)],
    )  # fmt: skip


def explore_technique_fit(*, lesson: int = 10) -> Explorer:
    """Choose a problem, move the alliance, and see what the method that fits adds.

    Parameters
    ----------
    lesson : int
        Whose questions stand in it: 10 or 12.

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
    if lesson not in (10, 12):
        raise ValueError(f"lesson={lesson!r} has no questions for this explorer: give 10 or 12")
    return Explorer(technique_fit_picture(), asked(lesson, "technique_fit"))
