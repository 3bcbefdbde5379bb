"""Lesson 07: therapies side by side, and a method that works and does not show."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from alliance_course.analysis import cohens_d, correlation
from alliance_course.plots.show import new_axes
from alliance_course.simulate import Trial
from alliance_course.style import MARKERS, PALETTE

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
