"""Lesson 03: how even the way is, by how far client and therapist agree on goals."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alliance_course.plots.show import new_axes, rated_groups
from alliance_course.style import MARKERS, PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_RATED = 3


def _unevenness(sessions: pd.DataFrame) -> pd.DataFrame:
    """Standard deviation of the change between sessions, after the third, for each group."""
    change = sessions.sort_values(["client", "session"]).groupby("client")["symptoms"].diff()
    rated = sessions.loc[sessions["session"] == _RATED].set_index("client")["goal_client"]
    later = sessions["session"] > _RATED
    group = rated_groups(sessions["client"].map(rated))
    # each client's own average change is taken out: what is left is how uneven the way is
    own = change[later] - change[later].groupby(sessions["client"]).transform("mean")
    found = own.groupby(group[later], observed=True).agg(spread="std", weeks="size")
    clients = sessions.loc[later, "client"].groupby(group[later], observed=True).nunique()
    error = found["spread"] / np.sqrt(2 * found["weeks"])
    return found.assign(
        clients=clients, low=found["spread"] - 1.96 * error, high=found["spread"] + 1.96 * error
    )


def unevenness(sessions: pd.DataFrame) -> pd.Series:
    """How far symptoms usually move between sessions, for each group of rated agreement on goals.

    Parameters
    ----------
    sessions : DataFrame
        A row a client and session: client, session, symptoms (0 to 27) and goal_client (1 to 5).

    Returns
    -------
    Series
        Indexed by the rating of session 3; the standard deviation, in symptom points, of the
        changes after it around each client's own average change.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> spread = unevenness(simulate_trial(2000, seed=1).sessions)
    >>> bool(spread["below 3"] > spread["4.5 to 5"])
    True
    """
    return _unevenness(sessions)["spread"].rename_axis("goals rated")


def plot_unevenness(sessions: pd.DataFrame, *, ax: "Axes | None" = None) -> "Axes":
    """Draw how far symptoms move from one session to the next, by rated agreement on goals.

    Parameters
    ----------
    sessions : DataFrame
        A row a client and session: client, session, symptoms (0 to 27) and goal_client (1 to 5).
        Clients are grouped by goal_client in session 3; the changes are those after it, as a
        standard deviation around each client's own average change.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax, table = new_axes(ax, (7.0, 3.2)), _unevenness(sessions)
    for place, (_, row) in enumerate(table.iterrows()):
        ax.plot([row["low"], row["high"]], [place, place], color=PALETTE[0], linewidth=2)
        ax.plot(row["spread"], place, MARKERS[0], color=PALETTE[0], markersize=7)
        ax.annotate(
            f"{row['spread']:.1f}", (row["spread"], place), (0, 8), textcoords="offset points",
            ha="center",
        )  # fmt: skip
    names = [f"{name}\n{row['clients']:.0f} clients" for name, row in table.iterrows()]
    ax.set_yticks(range(len(table)), names)
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.set_xlim(0, 1.15 * table["high"].max())
    ax.set(
        xlabel="usual change from session to session, symptom points (line: 95% interval)",
        ylabel="rated agreement on goals\nin session 3 (1 to 5)",
    )
    first, last = table.iloc[0], table.iloc[-1]
    ax.set_title(
        "Where goals are less shared, the way is less even"
        if first["low"] > last["high"]
        else "How uneven the way is, by rated agreement on goals"
    )
    return ax


def describe_unevenness(sessions: pd.DataFrame) -> str:
    """Say what `plot_unevenness` shows.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> describe_unevenness(simulate_trial(600, seed=1).sessions)[:47]
    'How far symptoms usually move from one session '
    """
    parts = [
        f"goals rated {name} ({row['clients']:.0f} clients): {row['spread']:.1f} points "
        f"(95% interval {row['low']:.1f} to {row['high']:.1f})"
        for name, row in _unevenness(sessions).iterrows()
    ]
    return (
        "How far symptoms usually move from one session to the next, up or down around each "
        f"client's own pace, after session 3: {'; '.join(parts)}."
    )
