"""Lesson 06: what a correlation of .28 looks like, in three pictures."""

from functools import cache

import numpy as np

from alliance_course.analysis import binomial_display
from alliance_course.explorers.definition import (
    Axis,
    Bars,
    Panel,
    Picture,
    Points,
    Readout,
    Scale,
    Tiles,
)
from alliance_course.explorers.explorer import Explorer

_CLIENTS, _GRID = 200, np.linspace(0, 0.9, 91)


@cache
def correlation_picture() -> Picture:
    """Draw the same 200 clients at correlations from 0 to .9.

    Rating and the rest of the outcome are drawn once and made exactly unrelated, so that the
    cloud has the very correlation of the slider and moves for no other reason.
    """
    drawn = np.random.default_rng(6).normal(size=(_CLIENTS, 2))
    made_unrelated = np.linalg.qr(np.column_stack([np.ones(_CLIENTS), drawn]))[0]
    rating, rest = made_unrelated.T[1:] * np.sqrt(_CLIENTS)
    r = _GRID[:, None]
    above = np.array([[binomial_display(value)["above"]] for value in _GRID])
    cloud = Panel(
        "Going together: r = {r}",
        Scale("rated alliance (SD from average)", -3.2, 3.2, (-2, 0, 2)),
        Scale("outcome (SD, high is well)", -3.2, 3.2, (-2, 0, 2)),
        [Points(rating, "outcome", size=2.5)],
        "200 clients, the same ones at every r.",
    )
    halves = Panel(
        "{above} of 100 against {below} of 100",
        Scale(labels=("end well", "do not")),
        Scale(labels=("better half", "weaker half")),
        [Tiles("halves", 0, 100)],
        "Binomial display: of 100 clients with a better, of 100 with a weaker alliance.",
    )
    share = Panel(
        "{shared} of the variation is shared",
        Scale("", 0, 1, (0, 0.5, 1), percent=True),
        Scale(labels=("shared", "the rest")),
        [Bars("shares", style=1)],
        "Shared is r times r. The rest is everything else, and error.",
    )
    return Picture(
        "What does r = .28 look like?",
        (
            Axis("r", "Correlation r", "", 0, 0.9, 0.01, 0.28,
                 "how closely the rated alliance and outcome go together",
                 ("not at all", "closely")),
        ),
        {
            "outcome": r * rating + np.sqrt(1 - r**2) * rest,
            "halves": np.hstack([above, 100 - above, 100 - above, above]),
            "shares": np.hstack([r**2, 1 - r**2]),
            "d": 2 * r / np.sqrt(1 - r**2),
        },
        [cloud, halves, share],
        "At r = {r}, {above} of 100 clients in the better half of alliances end well, against "
        "{below} of 100 in the other half. Alliance and outcome share {shared} of their variation.",
        [
            Readout("above", "Better half, end well", "halves", 0, shown=False),
            Readout("below", "Weaker half, end well", "halves", 2, shown=False),
            Readout("shared", "Shared variation", "shares", 0, percent=True),
            Readout("d", "As a difference between groups, d", "d", digits=2),
        ],
    )  # fmt: skip


def explore_correlation() -> Explorer:
    """Move a correlation, and see it as a cloud, as people of 100, and as a share of variation.

    Returns
    -------
    Explorer
        With `r`, 0 to 0.9.

    Examples
    --------
    >>> explorer = explore_correlation()
    >>> explorer.r = 0.5
    >>> explorer.describe().split(". ")[-1]
    'Alliance and outcome share 25% of their variation.'
    """
    return Explorer(correlation_picture())
