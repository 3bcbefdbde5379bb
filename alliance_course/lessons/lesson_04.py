"""Lesson 04: what homework and exposure do with and without an understood why."""

from collections.abc import Mapping
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from alliance_course.lessons import asked
from alliance_course.show.explorer import BOND, Choice, Explorer, Picture, Readout, sd_axis
from alliance_course.show.explorer.parts import bar_panel, session_scale, symptom_scale
from alliance_course.show.explorer.picture import Line, Panel, Points, Scale
from alliance_course.show.figure import GROUPS, Plot, in_words, rated_groups
from alliance_course.show.style import DASHES, MARKERS, PALETTE, SERIES
from alliance_course.simulate.parameters import PARAMETERS
from alliance_course.simulate.trial import Trial, simulate_worlds

TASKS, BONDS, SESSIONS = np.linspace(-2, 2, 9), np.linspace(-2, 2, 5), 12
NEEDS = {
    "course": {},
    "more": {"task_uptake": 1.0, "uptake_logit": 0.0},
    "none": {"task_uptake": 0.0, "homework_share": 0.0},
}
_OURS = {name: getattr(PARAMETERS, name) for world in NEEDS.values() for name in world}
_CLIENTS = 200


@cache
def shared_rationale_picture(seed: int = 1) -> Picture:
    """Give the same 200 clients with OCD exposure in full, and the same therapy without it.

    Agreement on tasks and bond are held at each of 45 combinations, in three worlds that differ by
    how far exposure depends on the why. Clients and chance are the same throughout (common random
    numbers), so that the picture moves only because a control did. Nobody leaves.
    """
    worlds = [
        {**_OURS, **needs, "task": task, "bond": bond, "dose": dose}
        for task, bond, needs, dose in product(TASKS, BONDS, NEEDS.values(), (1.0, 0.0))
    ]
    found = simulate_worlds(
        worlds, _CLIENTS, n_sessions=SESSIONS, condition="OCD", treatment="exposure", seed=seed
    )
    grid = (len(TASKS), len(BONDS), len(NEEDS), 2)
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
        session_scale(SESSIONS, "sessions"), symptom_scale(18, 6),
        [Line("without", range(SESSIONS + 1), "without", style=1),
         Line("with", range(SESSIONS + 1), "with it")],
        "The same clients twice, all with OCD.",
    )  # fmt: skip
    curve = Panel(
        "No why: {least} points; a clear why: {most}",
        Scale("agreement on tasks (SD)", -2, 2, (-2, -1, 0, 1, 2)),
        Scale("points that exposure takes off", 0, 9, (0, 3, 6, 9)),
        [Line("curve", TASKS.tolist()), Points("task_now", "gap", size=6)],
        "The point: where you are.",
    )
    homework = bar_panel(
        "{done} of the homework is done", "parts", ("under 1/3", "1/3 to 2/3", "2/3 or more"),
        "Clients by how much of their homework they do.",
    )  # fmt: skip
    return Picture(
        "What do exposure and homework do, with and without an understood why?",
        (sd_axis("task", "Agreement on tasks",
                 "how far the client sees what it is for, and agrees", ("no why", "clear why")),
         BOND,
         Choice("assumed", "Exposure needs the why",
                {"course": "as in this course", "more": "far more", "none": "not at all"},
                "course", "an assumption, and here you may change it")),
        surfaces, [course, curve, homework],
        "With agreement on tasks at {task} and bond at {bond} (0 is average), clients with OCD end "
        "at {end} symptom points with exposure, and at {without_end} with the same therapy without "
        "it. Exposure takes off {gap} points; it would be {least} with no why and {most} with a "
        "clear one. {done} of the homework is done. Assumed: exposure needs the why {assumed}.",
        [Readout("end", "With exposure", "with", SESSIONS, 1),
         Readout("without_end", "Without it", "without", SESSIONS, 1),
         Readout("gap", "What exposure takes off", "gap", digits=1),
         Readout("done", "Homework done", "done", percent=True),
         Readout("least", "Taken off with no why", "curve", 0, 1),
         Readout("most", "Taken off with a clear why", "curve", len(TASKS) - 1, 1)],
    )  # fmt: skip


def explore_shared_rationale() -> Explorer:
    """Move agreement on tasks, and see what exposure and homework do with and without a why.

    Returns
    -------
    Explorer
        With `task` and `bond` (-2 to 2 SD) and `assumed` ("course", "more" or "none": how far
        exposure depends on the why).

    Notes
    -----
    That exposure helps in OCD was tuned to published findings, and how far it depends on agreement
    to a few small studies; `assumed` shows the picture with another choice. Nobody leaves.

    Examples
    --------
    >>> explorer = explore_shared_rationale()
    >>> explorer.task = -2
    >>> explorer.describe().startswith("With agreement on tasks at \\N{MINUS SIGN}2.0 SD")
    True
    """
    return Explorer(shared_rationale_picture(), asked(4, "shared_rationale"))


_BONDS = {"bond 4 or more": PALETTE[0], "bond below 4": SERIES[3]}


def plot_homework(data: pd.DataFrame) -> Plot:
    """Draw how much homework clients do, by how they rate agreement on tasks and the bond.

    Parameters
    ----------
    data : DataFrame
        One row per client, all from the same session: task_client and bond_client (1 to 5) and
        homework (the share done after that session, 0 to 1).

    Returns
    -------
    Plot
        Its table has one row per group of the rated bond and tasks: `homework` (the mean, in per
        cent), `give_or_take` (half of its 95% interval) and how many clients. Groups of fewer
        than five are in the table only: the mean of one or two clients would be noise.

    Examples
    --------
    >>> from alliance_course import load_dataset
    >>> plot_homework(load_dataset("sessions", session=3)).table.round(1)
                                homework  give_or_take  clients
    bond           tasks rated
    bond 4 or more below 3          52.5          12.4        9
                   3 to 3.75        54.3           4.1       76
                   4 or 4.25        57.4           4.0       87
                   4.5 to 5         67.2           3.0      154
    bond below 4   below 3          46.9           5.3       61
                   3 to 3.75        53.2           3.9      100
                   4 or 4.25        58.0           6.1       45
                   4.5 to 5         64.7           5.8       35
    """
    rows = pd.DataFrame(
        {
            "bond": np.where(data["bond_client"] >= 4, *_BONDS),
            "tasks rated": rated_groups(data["task_client"]),
            "homework": 100 * data["homework"],
        }
    )
    groups = rows.groupby(["bond", "tasks rated"], observed=False)["homework"]
    table = groups.agg(homework="mean", give_or_take="sem", clients="size")
    table["give_or_take"] *= 1.96
    seen = table[table["clients"] >= 5]

    def draw(ax: Any) -> None:
        for k, (bond, colour) in enumerate(_BONDS.items()):
            part = seen.query("bond == @bond").droplevel("bond")
            ax.errorbar(
                np.array([*map(GROUPS.index, part.index)]) + 0.08 * (k - 0.5),
                part["homework"], part["give_or_take"], color=colour, marker=MARKERS[k],
                linestyle=DASHES[k], ms=8, lw=2, capsize=4, label=bond,
            )  # fmt: skip
        ax.set_xticks(range(len(GROUPS)), GROUPS)
        ax.legend(loc="lower right")
        ax.set(
            xlabel="the client's rating of agreement on tasks (1 to 5)",
            ylabel="homework done, in per cent",
            ylim=(0, 100),
        )
        means = seen["homework"].groupby("bond")
        ax.set_title(
            "Where tasks are agreed more is done, whatever the bond"
            if (means.last() - means.first()).min() > 10
            else "Homework, by agreement on tasks and by the bond"
        )

    template = "{homework:.0f}% where tasks are rated {name} ({clients:.0f} clients)"
    parts = [
        f"{str(name).capitalize()}: {in_words(part.droplevel('bond'), template, ', ')}"
        for name, part in seen.groupby("bond")
    ]
    words = (
        "Two lines of mean homework, in per cent, over four groups of clients by how they rate "
        f"agreement on tasks, with 95% intervals. {'. '.join(parts)}."
    )
    return Plot(draw, (7.0, 3.8), words, table)


def _gains(trial: Trial, of: str) -> tuple[pd.DataFrame, str]:
    """How far treatment `of` is ahead, for each group of the rated tasks; and ahead of which."""
    data = trial.at(3)
    names = list(data["treatment"].cat.remove_unused_categories().cat.categories)
    if of not in names or len(names) != 2:
        raise ValueError(
            f"of={of!r}: give a trial with exactly two treatments, and one of them; "
            f"this one has {', '.join(names)}"
        )
    other = names[1 - names.index(of)]
    groups = data.groupby(rated_groups(data["task_client"]), observed=False)
    rows = {}
    for group, part in [*groups, ("all clients", data)]:
        ours, theirs = (part.loc[part["treatment"] == name, "outcome"] for name in (of, other))
        rows[group] = {
            "gain": ours.mean() - theirs.mean(),
            "give_or_take": 1.96 * np.hypot(ours.sem(), theirs.sem()),
            "clients": len(part),
        }
    return pd.DataFrame.from_dict(rows, orient="index"), other


def plot_gain_by_task(trials: Trial | Mapping[str, Trial], *, of: str) -> Plot:
    """Draw how far one treatment is ahead of the other, by how clients rate tasks after session 3.

    Parameters
    ----------
    trials : Trial or mapping of str to Trial
        Each with two treatments; several with their names give a line each.
    of : str
        The treatment whose lead is meant; the other's outcome is taken off.

    Returns
    -------
    Plot
        Its table has one row per group of the rated tasks, and one for all clients: `gain` (in
        outcome points), `give_or_take` (half of its 95% interval) and how many clients. Several
        trials stand under one another, each with its name.

    Raises
    ------
    ValueError
        If a trial has not exactly two treatments, or `of` is none of them.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> arms = ("exposure", "supportive")
    >>> trial = simulate_trial(900, conditions=("OCD",), treatments=arms, seed=1)
    >>> plot_gain_by_task(trial, of="exposure").table.round(1)
                 gain  give_or_take  clients
    tasks rated
    below 3       7.4           2.8       88
    3 to 3.75     6.6           1.7      258
    4 or 4.25     7.7           1.9      214
    4.5 to 5      7.7           1.5      295
    all clients   7.3           0.9      855
    """
    named = {"": trials} if isinstance(trials, Trial) else trials
    tables: dict[str, pd.DataFrame] = {}
    parts, other = [], ""
    template = "rated {name} {gain:.1f}, give or take {give_or_take:.1f} ({clients:.0f} clients)"
    for name, trial in named.items():
        tables[name], other = _gains(trial, of)
        told = in_words(tables[name].loc[GROUPS], template)
        lead = f"{name.capitalize()}: over all" if name else "Over all"
        parts.append(f"{lead} clients {tables[name].loc['all clients', 'gain']:.1f}; {told}.")
    table = pd.concat(tables, names=["world", "tasks rated"])
    gains = table["gain"].unstack("tasks rated")
    errors = table["give_or_take"].unstack("tasks rated")
    rises, overall = gains[GROUPS[-1]] - gains[GROUPS[0]], gains["all clients"]
    if len(tables) == 1 and (rises > np.hypot(errors[GROUPS[-1]], errors[GROUPS[0]])).all():
        title = f"{of.capitalize()} is further ahead where tasks are agreed"
    elif len(tables) == 1:
        title = f"{of.capitalize()} is ahead by about as much in each group"
    elif np.ptp(overall) < 0.6 and np.ptp(rises) > 1:
        title = "The same average in each world, and different slopes"
    else:
        title = "The same trial in several worlds"

    def draw(ax: Any) -> None:
        for k, name in enumerate(tables):
            groups = tables[name].loc[GROUPS]
            ax.errorbar(
                np.arange(len(GROUPS)) + 0.07 * (k - (len(tables) - 1) / 2),
                groups["gain"], groups["give_or_take"], color=SERIES[k], marker=MARKERS[k],
                linestyle=DASHES[k], ms=8, lw=2, capsize=4, label=name or None,
            )  # fmt: skip
        ax.set_xticks(range(len(GROUPS)), GROUPS)
        ax.set(
            xlabel="the client's rating of agreement on tasks after session 3 (1 to 5)",
            ylabel=f"outcome points: {of}\nminus {other}",
            ylim=(min(0.0, ax.get_ylim()[0]), None),
            title=title,
        )
        if len(tables) > 1:
            ax.legend(loc="lower right")

    words = (
        f"Outcome points by which {of} is ahead of {other}, by how clients "
        f"rate agreement on tasks after session 3. {' '.join(parts)}"
    )
    if isinstance(trials, Trial):
        table = table.droplevel("world")
    return Plot(draw, (7.0, 3.8), words, table)
