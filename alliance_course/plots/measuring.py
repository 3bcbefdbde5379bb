"""Lesson 05: where scores pile up, how far raters agree, what a therapist's average is worth."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alliance_course.analysis import correlation
from alliance_course.plots.show import new_axes
from alliance_course.style import DASHES, PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# where each form starts and ends
_FORMS = {"alliance_client": ("alliance form", 1, 5), "symptoms": ("symptom form", 0, 27)}


def plot_pileup(data: pd.DataFrame, *, ax: "Axes | None" = None) -> "Axes":
    """Draw where clients' scores lie on two forms, each from its lowest to its highest score.

    Parameters
    ----------
    data : DataFrame
        A row a client of one session: alliance_client (1 to 5) and symptoms (0 to 27).
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax, edges = new_axes(ax), np.linspace(0, 100, 10)  # nine bins: whole symptom scores fit
    for k, (name, (label, low, high)) in enumerate(_FORMS.items()):
        place = 100 * (data[name] - low) / (high - low)
        share = 100 * np.histogram(place, edges)[0] / len(place)
        ax.stairs(share, edges, color=PALETTE[k], lw=2.2, linestyle=DASHES[k], label=label)
    skew = data["alliance_client"].skew()
    ax.set(xlabel="where on the form's scale (0 lowest score, 100 highest)", ylabel="% of clients")
    ax.legend(loc="upper left")
    ax.set_title(
        "Alliance scores pile up at the top, symptom scores do not"
        if skew < -0.3 < data["symptoms"].skew()
        else "Where scores lie on the two forms"
    )
    return ax


def describe_pileup(data: pd.DataFrame) -> str:
    """Say what `plot_pileup` shows.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> third = simulate_trial(2000, seed=1).sessions.query("session == 3")
    >>> describe_pileup(third).startswith("Two histograms")
    True
    """
    top = 100 * (data["alliance_client"] >= 4).mean()
    return (
        f"Two histograms of {len(data)} clients. Alliance scores: {top:.0f}% lie at 4 or above on "
        f"the scale from 1 to 5, skew {data['alliance_client'].skew():.1f}. Symptom scores of the "
        f"same clients spread over the middle of their scale, skew {data['symptoms'].skew():.1f} "
        "(0 is even, below 0 is a tail to the left)."
    )


def _gap(data: pd.DataFrame) -> pd.Series:
    pairs = data[["alliance_client", "alliance_therapist"]].dropna()
    apart = pairs["alliance_client"] - pairs["alliance_therapist"]
    found = correlation(pairs, "alliance_client", "alliance_therapist")
    found["gap"] = apart.mean() / np.sqrt(pairs.var().mean())
    found["client_higher"] = (apart > 0).mean()
    return found


def plot_raters(data: pd.DataFrame, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the therapist's rating against the client's, and the line on which they would agree.

    Parameters
    ----------
    data : DataFrame
        A row a client of one session: alliance_client and alliance_therapist (1 to 5).
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax, found = new_axes(ax, (6.4, 4.6)), _gap(data)
    # scores come in steps, so that points would hide each other
    x, y = np.random.default_rng(0).uniform(-0.04, 0.04, (2, len(data)))
    ax.plot(
        data["alliance_client"] + x, data["alliance_therapist"] + y, "o", ms=3, alpha=0.5,
        color=PALETTE[0],
    )  # fmt: skip
    ax.plot([1, 5], [1, 5], color=PALETTE[1], linestyle=DASHES[1])
    ax.text(1.5, 1.15, "on this line both see the same", color=PALETTE[1])
    ax.set(xlabel="client's rating (1 to 5)", ylabel="therapist's rating (1 to 5)")
    ax.set(xlim=(0.9, 5.1), ylim=(0.9, 5.1), aspect="equal")
    more = ", clients rate higher" if found["gap"] > 0.1 else ""
    ax.set_title(f"One hour, two views: r = {found['r']:.2f}{more}")
    return ax


def describe_raters(data: pd.DataFrame) -> str:
    """Say what `plot_raters` shows."""
    found = _gap(data)
    return (
        f"A point for each of {found['n']:.0f} clients: the client's rating against the "
        f"therapist's. The cloud is wide: r = {found['r']:.2f} (95% interval {found['low']:.2f} to "
        f"{found['high']:.2f}). Clients rate {found['gap']:.2f} SD higher on average; "
        f"{100 * found['client_higher']:.0f}% of the points lie below the line of agreement."
    )


def _worth(share: float, clients: "int | np.ndarray") -> "float | np.ndarray":
    """Reliability of a mean over `clients` when `share` of single ratings is the therapist's."""
    return clients * share / (1 + (clients - 1) * share)


def plot_caseload(
    shares: Mapping[str, float], *, caseload: int = 15, ax: "Axes | None" = None
) -> "Axes":
    """Draw how far a therapist's average rating is the therapist's, by number of clients.

    Parameters
    ----------
    shares : mapping of str to float
        The therapists' share of the variance of single ratings (0 to 1), by name; at most four.
    caseload : int
        Where to put the mark.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes

    Notes
    -----
    The reliability of a mean (Spearman and Brown): n s / (1 + (n - 1) s).
    """
    ax, n = new_axes(ax), np.arange(1, 101)
    for k, (name, share) in enumerate(shares.items()):
        worth = 100 * np.asarray(_worth(share, n))
        ax.plot(n, worth, color=PALETTE[k], linestyle=DASHES[k])
        ax.text(101, worth[-1], f"{name} ({100 * share:.1f}%)", va="center", color=PALETTE[k])
    ax.axvline(caseload, color="0.5", lw=1)
    ax.set(xlabel="clients of the therapist who filled in the form", ylim=(0, 100), xlim=(0, 140))
    ax.set_xticks(range(0, 101, 20))
    ax.set_ylabel("% of averages' spread\nthat is the therapist")
    ends = sorted(100 * float(_worth(share, caseload)) for share in shares.values())
    part = f"{ends[0]:.0f} to {ends[-1]:.0f}%"
    ax.set_title(f"{caseload} clients: {part} of the averages' spread is the therapist")
    return ax


def describe_caseload(shares: Mapping[str, float], *, caseload: int = 15) -> str:
    """Say what `plot_caseload` shows.

    Examples
    --------
    >>> describe_caseload({"high": 0.0693})[-75:]
    'high: 53% with 15 clients; 80% would take 54 clients of the same therapist.'
    """
    parts = [
        f"{name}: {100 * float(_worth(share, caseload)):.0f}% with {caseload} clients; 80% would "
        f"take {np.ceil(round(4 * (1 - share) / share, 6)):.0f} clients of the same therapist"
        for name, share in shares.items()
    ]
    return (
        "Rising curves: the more clients rate a therapist, the more of the spread between "
        f"therapists' averages is due to the therapists. {'. '.join(parts)}."
    )
