"""Lesson 04: homework by agreement on tasks, and where a method does how much.

Lesson 04: what do homework and exposure do with and without an understood why?
"""

from collections.abc import Mapping
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alliance_course.show.explorer.controls import Axis, Choice
from alliance_course.show.explorer.picture import (
    Bars,
    Line,
    Panel,
    Picture,
    Points,
    Readout,
    Scale,
)
from alliance_course.show.explorer.widget import Explorer
from alliance_course.show.figure import GROUPS, new_axes, rated_groups
from alliance_course.show.style import PALETTE
from alliance_course.simulate.parameters import PARAMETERS
from alliance_course.simulate.trial import Trial, simulate_worlds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LOOKS = [("o", "-"), ("s", "--"), ("D", ":"), ("^", "-.")]


def _homework(data: pd.DataFrame) -> pd.DataFrame:
    """Mean homework for each group of the rated task, for bonds below 4 and from 4 on."""
    bond = pd.Series(np.where(data["bond_client"] >= 4, "bond 4 or more", "bond below 4"))
    keys = [bond.set_axis(data.index), rated_groups(data["task_client"])]
    return data.groupby(keys, observed=False)["homework"].agg(["mean", "sem", "size"])


def plot_homework(data: pd.DataFrame, *, ax: "Axes | None" = None) -> "Axes":
    """Draw how much homework clients do, by how they rate agreement on tasks and the bond.

    Parameters
    ----------
    data : DataFrame
        A row a client, all from the same session: task_client and bond_client (1 to 5) and
        homework (the share done after that session, 0 to 1).
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax, table = new_axes(ax, (7.0, 3.8)), _homework(data)
    slopes = []
    for k, (name, part) in enumerate(table.groupby(level=0, sort=False)):
        # a mean of one or two clients would be noise
        means, some = part["mean"].to_numpy(), part["size"].to_numpy() >= 5
        x = np.flatnonzero(some) + (k - 0.5) * 0.08
        marker, line = _LOOKS[k]
        ax.errorbar(
            x, 100 * means[some], 196 * part["sem"].to_numpy()[some], color=PALETTE[k],
            marker=marker, linestyle=line, ms=8, lw=2, capsize=4, label=str(name),
        )  # fmt: skip
        slopes.append(means[some][-1] - means[some][0])
    ax.set_xticks(range(len(GROUPS)), GROUPS)
    ax.set(
        xlabel="the client's rating of agreement on tasks (1 to 5)",
        ylabel="homework done, in per cent",
        ylim=(0, 100),
    )
    ax.legend(loc="lower right")
    ax.set_title(
        "Where tasks are agreed more is done, whatever the bond"
        if min(slopes) > 0.1
        else "Homework, by agreement on tasks and by the bond"
    )
    return ax


def describe_homework(data: pd.DataFrame) -> str:
    """Say what `plot_homework` shows.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> third = simulate_trial(2000, seed=1).sessions.query("session == 3")
    >>> describe_homework(third).startswith("Two lines of mean homework")
    True
    """
    table = _homework(data)
    parts = []
    for name, part in table.groupby(level=0, sort=False):
        seen = part[part["size"] >= 5].droplevel(0)
        told = ", ".join(
            f"{100 * row['mean']:.0f}% where tasks are rated {group} ({row['size']:.0f} clients)"
            for group, row in seen.iterrows()
        )
        parts.append(f"{str(name).capitalize()}: {told}")
    return (
        "Two lines of mean homework, in per cent, over four groups of clients by how they rate "
        f"agreement on tasks, with 95% intervals. {'. '.join(parts)}."
    )


def _gains(trial: Trial, of: str) -> pd.DataFrame:
    """How many outcome points treatment `of` is ahead, for each group of the rated task."""
    rated = trial.sessions.loc[trial.sessions["session"] == 3, ["client", "task_client"]]
    data = trial.clients.merge(rated, on="client")
    arm = data["treatment"].cat.remove_unused_categories()
    names = list(arm.cat.categories)
    if of not in names or len(names) != 2:
        raise ValueError(
            f"of={of!r}: give a trial with exactly two treatments, and one of them; "
            f"this one has {', '.join(names)}"
        )
    first, second = of, names[1 - names.index(of)]
    found = data.groupby([rated_groups(data["task_client"]), arm], observed=False)["outcome"]
    table = found.agg(["mean", "sem", "size"]).unstack()
    gains = pd.DataFrame(
        {
            "gain": table["mean", first] - table["mean", second],
            "error": np.hypot(table["sem", first], table["sem", second]),
            "size": table["size", first] + table["size", second],
        }
    )
    means = data.groupby(arm, observed=True)["outcome"].mean()
    gains.attrs = {"first": first, "second": second, "overall": means[first] - means[second]}
    return gains


def _as_mapping(trials: Trial | Mapping[str, Trial]) -> Mapping[str, Trial]:
    return {"": trials} if isinstance(trials, Trial) else trials


def plot_gain_by_task(
    trials: Trial | Mapping[str, Trial], *, of: str, ax: "Axes | None" = None
) -> "Axes":
    """Draw how far one treatment is ahead of the other, by how clients rate tasks after session 3.

    Parameters
    ----------
    trials : Trial or mapping of str to Trial
        Each with two treatments; several with their names give a line each.
    of : str
        The treatment whose lead is meant; the other's outcome is taken off.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a trial has not exactly two treatments, or `of` is none of them.
    """
    ax, tables = new_axes(ax, (7.0, 3.8)), {}
    for k, (name, trial) in enumerate(_as_mapping(trials).items()):
        table = tables[name] = _gains(trial, of)
        marker, line = _LOOKS[k]
        ax.errorbar(
            np.arange(len(table)) + 0.07 * (k - (len(_as_mapping(trials)) - 1) / 2),
            table["gain"], 1.96 * table["error"], color=PALETTE[k], marker=marker,
            linestyle=line, ms=8, lw=2, capsize=4, label=name or None,
        )  # fmt: skip
    facts = next(iter(tables.values())).attrs
    ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]))
    ax.set_xticks(range(len(GROUPS)), GROUPS)
    ax.set(
        xlabel="the client's rating of agreement on tasks after session 3 (1 to 5)",
        ylabel=f"outcome points: {facts['first']}\nminus {facts['second']}",
    )
    rises = [table["gain"].iloc[-1] - table["gain"].iloc[0] for table in tables.values()]
    overall = [table.attrs["overall"] for table in tables.values()]
    if len(tables) > 1:
        ax.legend(loc="lower right")
        alike = max(overall) - min(overall) < 0.6 and max(rises) - min(rises) > 1
        ax.set_title(
            "The same average in each world, and different slopes"
            if alike
            else "The same trial in several worlds"
        )
    else:
        ax.set_title(
            f"{facts['first'].capitalize()} is further ahead where tasks are agreed"
            if rises[0] > 1
            else f"{facts['first'].capitalize()} is ahead by about as much in each group"
        )
    return ax


def describe_gain_by_task(trials: Trial | Mapping[str, Trial], *, of: str) -> str:
    """Say what `plot_gain_by_task` shows.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> arms = ("exposure", "supportive")
    >>> trial = simulate_trial(900, conditions=("OCD",), treatments=arms, seed=1)
    >>> describe_gain_by_task(trial, of="exposure").startswith("Outcome points by which exp")
    True
    """
    parts, facts = [], {}
    for name, trial in _as_mapping(trials).items():
        table = _gains(trial, of)
        facts = table.attrs
        told = "; ".join(
            f"rated {group} {row['gain']:.1f}, give or take {1.96 * row['error']:.1f} "
            f"({row['size']:.0f} clients)"
            for group, row in table.iterrows()
        )
        lead = f"{name.capitalize()}: over all" if name else "Over all"
        parts.append(f"{lead} clients {facts['overall']:.1f}; {told}.")
    return (
        f"Outcome points by which {facts['first']} is ahead of {facts['second']}, by how clients "
        f"rate agreement on tasks after session 3. {' '.join(parts)}"
    )


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
