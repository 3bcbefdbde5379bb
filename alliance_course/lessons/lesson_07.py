"""Lesson 07: therapies side by side, and a method that works and does not show.

Lesson 07: a method that works, and whose rating need not go with outcome.

Lesson 07: published findings as shares of variation, marked by the design behind each.
"""

import re
from collections.abc import Mapping
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alliance_course.analyse.association import cohens_d, correlation
from alliance_course.show.explorer.controls import Axis, Choice
from alliance_course.show.explorer.picture import (
    Bars,
    Panel,
    Picture,
    Points,
    Readout,
    Scale,
)
from alliance_course.show.explorer.widget import Explorer
from alliance_course.show.figure import new_axes
from alliance_course.show.style import MARKERS, PALETTE
from alliance_course.simulate.trial import Trial, simulate_worlds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_RECOGNISED = ("CBT", "psychodynamic", "integrative")


def _changes(trial: Trial) -> pd.DataFrame:
    clients = trial.clients
    change = clients["severity_intake"].astype(float) - (27 - clients["outcome"].astype(float))
    treatment = clients["treatment"].cat.remove_unused_categories()
    table = change.groupby(treatment, observed=True).agg(["mean", "sem", "size"])
    half = 1.96 * table["sem"]
    return table.assign(low=table["mean"] - half, high=table["mean"] + half)


def plot_treatments(trial: Trial, *, ax: "Axes | None" = None) -> "Axes":
    """Draw how far symptoms fall on average in each treatment, with 95% intervals.

    Parameters
    ----------
    trial : Trial
        With CBT, psychodynamic and integrative therapy, and others if you like.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    table = _changes(trial)
    ax = new_axes(ax, (7.0, 0.5 * len(table) + 1.2))
    for row, (name, entry) in enumerate(table.iterrows()):
        kind = 0 if name in _RECOGNISED else 1
        ax.plot([entry["low"], entry["high"]], [row, row], color=PALETTE[kind], lw=2.5)
        ax.plot(entry["mean"], row, MARKERS[kind], color=PALETTE[kind], ms=9)
        ax.text(entry["mean"], row - 0.25, f"{entry['mean']:.1f}", ha="center")
    ax.set_yticks(range(len(table)), [str(name) for name in table.index])
    ax.set(xlabel="symptom points fewer at the end (line: 95% interval)")
    ax.set(xlim=(0, table["high"].max() + 0.5), ylim=(len(table) - 0.5, -0.7))
    three = table.loc[list(_RECOGNISED), "mean"]
    ax.set_title(
        "Three recognised therapies bring nearly the same change"
        if three.max() - three.min() < 0.8
        else "Three recognised therapies, and what they bring"
    )
    return ax


def describe_treatments(trial: Trial) -> str:
    """Say what `plot_treatments` shows."""
    parts = [
        f"{name} {row['mean']:.1f} ({row['low']:.1f} to {row['high']:.1f}, {row['size']:.0f} "
        "clients)"
        for name, row in _changes(trial).iterrows()
    ]
    return (
        "How many symptom points fewer clients have at the end than before, on a form from 0 to "
        f"27, with 95% intervals: {'; '.join(parts)}."
    )


def _hidden(worlds: Mapping[str, Trial]) -> pd.DataFrame:
    rows = {}
    for name, trial in worlds.items():
        first, second = trial.clients["treatment"].cat.remove_unused_categories().cat.categories
        fourth = trial.sessions.loc[trial.sessions["session"] == 4, ["client", "alliance_client"]]
        data = trial.clients.merge(fourth, on="client")
        arm = {t: data[data["treatment"] == t] for t in (first, second)}
        seen = {w: correlation(arm[first], c, "outcome") for w, c in
                (("technique", "adherence"), ("alliance", "alliance_client"))}  # fmt: skip
        d = cohens_d(*(trial.clients.loc[trial.clients["treatment"] == t, "outcome"]
                       for t in (first, second)))["d"]  # fmt: skip
        rows[name] = {(w, end): seen[w][end] for w in seen for end in ("r", "low", "high")}
        rows[name][("experiment", "d")] = d
    return pd.DataFrame(rows).T


def plot_hidden_technique(worlds: Mapping[str, Trial], *, ax: "Axes | None" = None) -> "Axes":
    """Draw how closely rated technique and alliance go with outcome, beside the experiment's d.

    Parameters
    ----------
    worlds : mapping of str to Trial
        Trials of two treatments by name; the correlations are those within the first treatment.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    table = _hidden(worlds)
    ax = new_axes(ax, (8.0, 0.75 * len(table) + 1.3))
    for k, what in enumerate(("technique", "alliance")):
        y = [row + (k - 0.5) * 0.24 for row in range(len(table))]
        ax.hlines(y, table[what, "low"], table[what, "high"], color=PALETTE[k], lw=2.2)
        ax.plot(table[what, "r"], y, MARKERS[k], color=PALETTE[k], ms=8, linestyle="", label=what)
    for row, d in enumerate(table["experiment", "d"]):
        ax.text(0.66, row, f"d = {d:.2f}", va="center")
    ax.text(0.66, -0.62, "experiment")
    ax.axvline(0, color="0.5", lw=1)
    ax.set_yticks(range(len(table)), table.index)
    ax.set(xlim=(-0.35, 0.82), ylim=(len(table) - 0.4, -0.8))
    ax.set_xticks([-0.2, 0, 0.2, 0.4, 0.6])
    ax.set_xlabel("correlation with outcome, among clients who had the method")
    ax.legend(loc="upper left")
    r, d = table["technique", "r"], table["experiment", "d"]
    hidden = r.max() - r.min() > 0.2 and d.max() - d.min() < 0.3
    ax.set_title(
        "The method works alike in all of them; its correlation does not stay"
        if hidden
        else "What is seen, and what the experiment finds"
    )
    return ax


def describe_hidden_technique(worlds: Mapping[str, Trial]) -> str:
    """Say what `plot_hidden_technique` shows."""
    parts = [
        f"{name}: technique {row['technique', 'r']:.2f}, alliance {row['alliance', 'r']:.2f}, and "
        f"in the experiment the method is ahead by d = {row['experiment', 'd']:.2f}"
        for name, row in _hidden(worlds).iterrows()
    ]
    first = "Correlations with outcome among clients who had the method"
    return f"{first}. {'; '.join(parts)}."


SPREADS, RESPONSES = np.linspace(0, 0.8, 5), np.linspace(0, 1, 5)
METHODS = {"depression": "a little", "panic": "something", "OCD": "much"}
_CLIENTS, _DRAWN, _RATED = 1200, 150, 4


def _correlations(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The correlation of two columns in each world; the last axis holds clients."""
    x, y = (v - v.mean(axis=-1, keepdims=True) for v in (x, y))
    return (x * y).sum(axis=-1) / np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1))


def _ratings(condition: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """For each world: adherence and alliance as rated, outcome, and what the experiment finds."""
    worlds = [{"dose_sd": s, "responsiveness": r} for s, r in product(SPREADS, RESPONSES)]
    found = simulate_worlds(worlds, _CLIENTS, n_sessions=12, condition=condition, seed=1)
    noise = 0.15 * np.random.default_rng(1).standard_normal(_CLIENTS)
    adherence = 4 + 1.5 * (found["technique"].mean(axis=1) - 1 + noise)
    alike = {"dose_sd": 0.0, "dose_session_sd": 0.0, "responsiveness": 0.0}
    arms = [{**alike, "dose": dose} for dose in (0.0, 1.0)]
    ends = simulate_worlds(arms, _CLIENTS, n_sessions=12, condition=condition, seed=1)["outcome"]
    gain = ends[1].mean() - ends[0].mean()
    return adherence, found["alliance_client"][:, _RATED - 1], found["outcome"], gain


@cache
def alliance_and_technique_picture() -> Picture:
    """Rate technique and alliance in 75 worlds (common random numbers), and experiment in three.

    Worlds differ by what the method does, by how differently therapists carry it out, and by how
    far they do more of it with clients who are stuck. The experiment gives everybody the method
    exactly as planned, or not at all.
    """
    runs = [_ratings(condition) for condition in METHODS]
    adherence, alliance, outcome = (np.stack([run[k] for run in runs]) for k in range(3))
    r = [_correlations(rated, outcome) for rated in (adherence, alliance)]
    grid = (len(METHODS), len(SPREADS), len(RESPONSES), -1)
    surfaces = {
        "adherence": np.clip(adherence[..., :_DRAWN], 1, 7).reshape(grid),
        "outcome": outcome[..., :_DRAWN].reshape(grid),
        "r": np.stack(r, axis=-1).reshape(grid),
        "gain": np.reshape([run[3] for run in runs], (-1, 1, 1, 1)),
    }
    cloud = Panel(
        "In a study: r = {technique}",
        Scale("adherence (1 to 7)", 1, 7, range(1, 8)),
        Scale("outcome (0 to 27, high is well)", 0, 27, (0, 9, 18, 27)),
        [Points("adherence", "outcome")],
        "150 of 1,200 clients, all treated with it. Adherence: how closely it was followed.",
        width=3,
    )
    seen = Panel(
        "Technique {technique}, alliance {alliance}",
        Scale("correlation with outcome", -0.4, 0.6, (-0.4, 0, 0.4), digits=2),
        Scale(labels=("technique", "alliance")),
        [Bars("r", style=1)],
        "What raters saw, and how the same clients ended.",
        width=2,
    )
    truth = Panel(
        "Experiment: {gain} points",
        Scale("outcome points", 0, 6, (0, 2, 4, 6), digits=1),
        Scale(labels=("method",)),
        [Bars("gain", style=2)],
        "With the method as planned, against an equally friendly therapy without it: the same "
        "people twice.",
        width=2,
    )
    return Picture(
        "Can a method work and not show?",
        (
            Choice("method", "What the method does", METHODS, "OCD",
                   "a little, as in depression; something, as in panic; much, as in OCD"),
            Axis("spread", "How differently it is carried out", "", 0, 0.8, 0.05, 0.8,
                 "spread of the dose between clients; 0.3 as in our clinic", ("alike", "widely")),
            Axis("respond", "More of it when a client is stuck", "", 0, 1, 0.05, 0,
                 "how far therapists do more when progress stalls; 0.3 as in our clinic",
                 ("not at all", "a lot more")),
        ),
        surfaces,
        [cloud, seen, truth],
        "The method does {method}: in an experiment, clients with it end {gain} points better than "
        "the same clients without it. How closely it was followed correlates with outcome at "
        "{technique}, the rated alliance at {alliance}. Spread of the dose: {spread}. More of it "
        "when a client is stuck: {respond}.",
        [
            Readout("technique", "Correlation of technique", "r", 0, 2),
            Readout("alliance", "Correlation of alliance", "r", 1, 2),
            Readout("gain", "Points in the experiment", "gain", digits=1),
        ],
    )  # fmt: skip


def explore_alliance_and_technique() -> Explorer:
    """Make a working method's correlation vanish, by its range and by responsive therapists.

    Returns
    -------
    Explorer
        With `method` (depression, panic or OCD), `spread` (0 to 0.8) and `respond` (0 to 1).

    Notes
    -----
    Only the alliance's and the method's *ratings* are correlated; what the method does is the same
    at every setting of `spread` and `respond`.

    Examples
    --------
    >>> explorer = explore_alliance_and_technique()
    >>> before = explorer.describe().split(" points better")[0]
    >>> explorer.respond = 1
    >>> explorer.describe().split(" points better")[0] == before
    True
    """
    return Explorer(alliance_and_technique_picture())


_DESIGNS = {
    "client": "among clients in treatment",
    "between-therapist": "between therapists",
    "between-treatment": "between treatments",
}


def _shares(effects: pd.DataFrame) -> pd.DataFrame:
    rows = {}
    for name, row in effects.iterrows():
        number = re.match(r"-?\d+(\.\d+)?", str(row["reported"]))
        kind = str(row["effect_type"]).split()[0].rstrip(",")
        design = next((d for d in _DESIGNS if str(row["level"]).startswith(d)), None)
        if number is None or design is None or kind not in ("r", "d", "g", "SMD", "percent"):
            raise ValueError(f"row {name} gives no share of variation: leave it out")
        size = float(number[0])
        shared = size**2 if kind == "r" else size**2 / (size**2 + 4)
        what = re.sub(r" \(.*\)|therapist effect on |-outcome", "", str(row["construct"]))
        what = "one therapist or another" if what == "outcome" else what
        share = size if kind == "percent" else 100 * shared
        rows[name] = {"share": share, "design": _DESIGNS[design], "what": what}
    return pd.DataFrame(rows).T


def plot_shares(effects: pd.DataFrame, *, ax: "Axes | None" = None) -> "Axes":
    """Draw published findings as shares of the variation in outcome, marked by their design.

    A correlation is squared; a difference d between two groups of the same size is
    d squared / (d squared + 4); a percentage of variance stays as it is.

    Parameters
    ----------
    effects : DataFrame
        Rows of `published_effects()` whose estimate is r, d, g, SMD or a percentage of variance.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a row is of another kind; the message names it.
    """
    table = _shares(effects)
    ax = new_axes(ax, (8.0, 0.36 * len(table) + 1.4))
    for k, design in enumerate(_DESIGNS.values()):
        some = [(y, row["share"]) for y, (_, row) in enumerate(table.iterrows())
                if row["design"] == design]  # fmt: skip
        if some:
            places, share = zip(*some, strict=True)
            ax.hlines(places, 0, share, color=PALETTE[k], lw=2)
            ax.plot(share, places, MARKERS[k], color=PALETTE[k], ms=8, linestyle="", label=design)
    for y, (name, row) in enumerate(table.iterrows()):
        ax.text(row["share"] + 0.6, y, f"{row['share']:.1f}% ({name})", va="center")
    ax.set_yticks(range(len(table)), table["what"])
    ax.set(xlim=(0, table["share"].max() + 7), ylim=(len(table) - 0.4, -0.6))
    ax.set_xlabel("share of the variation in outcome, %")
    ax.legend(loc="upper right")
    treatments = table.loc[table["design"] == _DESIGNS["between-treatment"], "share"]
    ax.set_title(
        f"For treatments the share runs from {treatments.min():.0f}% to {treatments.max():.0f}%,\n"
        "by what they are compared with"
        if len(treatments) > 1
        else "Shares from different designs"
    )
    return ax


def describe_shares(effects: pd.DataFrame) -> str:
    """Say what `plot_shares` shows.

    Examples
    --------
    >>> from alliance_course import published_effects
    >>> describe_shares(published_effects().loc[["A01"]])
    'Shares of the variation in outcome: alliance, adults face to face 7.7% (A01, among clients \
in treatment).'
    """
    parts = [
        f"{row['what']} {row['share']:.1f}% ({name}, {row['design']})"
        for name, row in _shares(effects).iterrows()
    ]
    return f"Shares of the variation in outcome: {'; '.join(parts)}."
