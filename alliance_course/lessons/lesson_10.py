"""Lesson 10: where the method matters, and in which alliance.

Lesson 10: what a method adds, by problem and alliance.
"""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alliance_course.analyse.association import cohens_d
from alliance_course.show.explorer.controls import Axis, Choice
from alliance_course.show.explorer.picture import (
    Line,
    Panel,
    Picture,
    Readout,
    Scale,
    Tiles,
)
from alliance_course.show.explorer.widget import Explorer
from alliance_course.show.figure import new_axes
from alliance_course.show.style import PALETTE
from alliance_course.simulate.parameters import CONDITIONS
from alliance_course.simulate.trial import Trial, simulate_worlds

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _by_condition(trial: Trial) -> pd.DataFrame:
    clients = trial.clients
    first, second = clients["treatment"].cat.remove_unused_categories().cat.categories
    groups = {"all": clients, **dict(list(clients.groupby("condition", observed=True)))}
    rows = {
        name: cohens_d(
            g.loc[g["treatment"] == first, "outcome"], g.loc[g["treatment"] == second, "outcome"]
        )
        for name, g in groups.items()
    }
    table = pd.DataFrame(rows).T
    table.attrs = {"first": first, "second": second}
    return table


def plot_by_condition(trial: Trial, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the difference between two treatments, over all clients and problem by problem.

    Parameters
    ----------
    trial : Trial
        Two treatments, one or more conditions.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    table = _by_condition(trial)
    ax = new_axes(ax, (7.0, 0.55 * len(table) + 1.2))
    for row, (name, entry) in enumerate(table.iterrows()):
        colour, marker = (PALETTE[1], "D") if name == "all" else (PALETTE[0], "o")
        ax.plot([entry["low"], entry["high"]], [row, row], color=colour, lw=2.5)
        ax.plot(entry["d"], row, marker, color=colour, ms=9)
        ax.text(entry["d"], row - 0.25, f"{entry['d']:.2f}", ha="center")
    ax.axvline(0, color="0.5", lw=1)
    ax.set_yticks(
        range(len(table)), [f"{name} clients" if name == "all" else name for name in table.index]
    )
    first, second = table.attrs["first"], table.attrs["second"]
    ax.set(xlabel=f"d: {first} minus {second} (line: 95% interval)", ylim=(len(table) - 0.5, -0.7))
    spread = table["d"].drop("all").max() - table["d"].drop("all").min()
    ax.set_title(
        "One average, different answers problem by problem"
        if spread > 0.3
        else "The difference is much the same in each problem"
    )
    return ax


def describe_by_condition(trial: Trial) -> str:
    """Say what `plot_by_condition` shows."""
    table = _by_condition(trial)
    parts = [
        f"{name} {row['d']:.2f} (95% interval {row['low']:.2f} to {row['high']:.2f})"
        for name, row in table.iterrows()
    ]
    first, second = table.attrs["first"], table.attrs["second"]
    message = f"The difference {first} minus {second} in standard deviations of outcome"
    return f"{message}: {'; '.join(parts)}."


def _corners(trial: Trial) -> pd.DataFrame:
    third = trial.sessions.loc[trial.sessions["session"] == 3, ["client", "alliance_client"]]
    data = trial.clients.merge(third, on="client")
    strong = data["alliance_client"] > data["alliance_client"].median()
    half = np.where(strong, "rated strong", "rated weak")
    return (
        data.groupby([data["treatment"].cat.remove_unused_categories(), half], observed=True)[
            "outcome"
        ]
        .agg(["mean", "sem", "size"])
        .unstack()[["mean", "sem", "size"]]
    )


def plot_corners(trial: Trial, *, ax: "Axes | None" = None) -> "Axes":
    """Draw mean outcome in weak and strong rated alliances, a line for each of two treatments.

    Parameters
    ----------
    trial : Trial
        Two treatments; the alliance is rated by clients after session 3 and split at its middle.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    table, ax = _corners(trial), new_axes(ax, (6.0, 3.8))
    for k, (name, row) in enumerate(table.iterrows()):
        means = [row["mean", "rated weak"], row["mean", "rated strong"]]
        errors = [1.96 * row["sem", "rated weak"], 1.96 * row["sem", "rated strong"]]
        ax.errorbar(
            [0, 1], means, errors, color=PALETTE[k], marker="os"[k % 2], ms=8, lw=2,
            linestyle=["-", "--"][k % 2], capsize=4,
        )  # fmt: skip
        ax.text(1.06, means[1], str(name), va="center", color=PALETTE[k])
    ax.set_xticks([0, 1], ["alliance rated weak", "alliance rated strong"])
    ax.set(xlim=(-0.3, 1.6), ylabel="mean outcome (0 to 27, high is well)")
    first, second = (table["mean"].loc[name] for name in table.index)
    gaps = (first - second).abs()
    grows = gaps["rated strong"] > gaps["rated weak"]
    ax.set_title(
        "The two lie further apart in strong alliances"
        if grows
        else "The two lie about as far apart"
    )
    return ax


def describe_corners(trial: Trial) -> str:
    """Say what `plot_corners` shows."""
    table = _corners(trial)
    parts = [
        f"{name}: {row['mean', 'rated weak']:.1f} where the alliance was rated weak, "
        f"{row['mean', 'rated strong']:.1f} where it was rated strong"
        for name, row in table.iterrows()
    ]
    return (
        f"Mean outcome (0 to 27, high is well) of {int(table['size'].sum().sum())} clients. "
        f"{'; '.join(parts)}."
    )


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
