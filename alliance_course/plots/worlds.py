"""Lesson 09: two worlds with the same correlation."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alliance_course.analysis import correlation
from alliance_course.simulate import Trial
from alliance_course.style import PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _fourth(trial: Trial) -> pd.DataFrame:
    rows = trial.sessions[trial.sessions["session"] == 4]
    return trial.clients.merge(rows[["client", "alliance_client"]], on="client")


def plot_two_worlds(worlds: Mapping[str, Trial], *, ax: "Axes | None" = None) -> "Axes":
    """Draw rated alliance at session 4 against outcome, one cloud and line for each world.

    Parameters
    ----------
    worlds : mapping of str to Trial
        Two worlds by name; 200 clients of each are drawn as points, the line is that of all.
    ax : Axes, optional
        Axes to draw both worlds into; a new figure with a panel for each if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    import matplotlib.pyplot as plt

    if ax is None:
        _, panels = plt.subplots(
            1, len(worlds), figsize=(8.0, 3.6), sharex=True, sharey=True, layout="constrained"
        )
    else:
        panels = np.array([ax] * len(worlds))
    values = [
        correlation(_fourth(trial), "alliance_client", "outcome")["r"] for trial in worlds.values()
    ]
    for k, (name, trial) in enumerate(worlds.items()):
        data, panel = _fourth(trial), panels[k]
        shown = data.head(200)
        jitter = np.random.default_rng(k).uniform(-0.04, 0.04, len(shown))
        panel.plot(
            shown["alliance_client"] + jitter, shown["outcome"], "os"[k % 2], ms=3.5, alpha=0.5,
            color=PALETTE[k % 4],
        )  # fmt: skip
        slope, start = np.polyfit(data["alliance_client"], data["outcome"], 1)
        ends = np.array([1.5, 5.0])
        panel.plot(ends, start + slope * ends, ["-", "--"][k % 2], color="black", lw=2)
        panel.set_title(f"World {name}, r = {values[k]:.2f}", fontsize=11)
        panel.set_xlabel("rated alliance, session 4")
    panels[0].set_ylabel("outcome (0 to 27, high is well)")
    alike = max(values) - min(values) < 0.08
    message = "Two worlds, one correlation" if alike else "Two worlds, two correlations"
    panels[0].figure.suptitle(message, fontweight="bold")
    return panels[0]


def describe_two_worlds(worlds: Mapping[str, Trial]) -> str:
    """Say what `plot_two_worlds` shows.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> one = simulate_trial(300, seed=1)
    >>> describe_two_worlds({"A": one, "B": one}).startswith("A point for each of 200 clients")
    True
    """
    found = {
        name: correlation(_fourth(trial), "alliance_client", "outcome")
        for name, trial in worlds.items()
    }
    parts = [
        f"in world {name} r = {row['r']:.2f} (95% interval {row['low']:.2f} to {row['high']:.2f})"
        for name, row in found.items()
    ]
    return (
        "A point for each of 200 clients: the alliance rated at session 4 against outcome. Both "
        f"clouds are wide and rise gently: {'; '.join(parts)}."
    )
