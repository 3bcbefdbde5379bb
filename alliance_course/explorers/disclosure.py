"""Lesson 02: what is held back when the bond is weak?"""

from functools import cache

import numpy as np

from alliance_course.explorers.definition import (
    Axis,
    Bars,
    Choice,
    Line,
    Panel,
    Picture,
    Readout,
    Scale,
)
from alliance_course.explorers.explorer import Explorer
from alliance_course.simulate import simulate_worlds

LEVELS = np.linspace(-2, 2, 9)
_CLIENTS, _SESSIONS = 600, 16


@cache
def disclosure_picture() -> Picture:
    """Hold the bond at each of nine levels for the same 600 simulated clients, 16 sessions each.

    Clients and chance are the same at every level (common random numbers), so that only the bond
    moves the picture. Who says little or much by habit is read off the average bond: the lowest
    and the highest third of what is said there. Nobody leaves, so that the clients stay the same.
    """
    found = simulate_worlds(
        [{"bond": level} for level in LEVELS], _CLIENTS, n_sessions=_SESSIONS, seed=1
    )
    share, felt = found["disclosure"], found["symptoms"][:, :_SESSIONS]
    habit = share[len(LEVELS) // 2].mean(axis=0).argsort()
    third = _CLIENTS // 3
    groups = (habit, habit[:third], habit[-third:])
    tables: dict[str, list[np.ndarray]] = {"felt": [], "said": [], "mean": [], "parts": []}
    for group in groups:
        true, heard = felt[:, :, group], (felt * share)[:, :, group]
        own = share[:, :, group].mean(axis=1)
        steps = [own < 0.5, (own >= 0.5) & (own < 0.75), own >= 0.75]
        tables["felt"].append(true.mean(axis=2))
        tables["said"].append(heard.mean(axis=2))
        numbers = [true.mean(axis=(1, 2)), heard.mean(axis=(1, 2)), own.mean(axis=1)]
        tables["mean"].append(np.stack([*numbers, numbers[0] - numbers[1]], axis=1))
        tables["parts"].append(np.stack([step.mean(axis=1) for step in steps], axis=1))
    course = Panel(
        "Of {felt} points of distress, {said} are said",
        Scale("session", 1, _SESSIONS, (1, 4, 8, 12, 16)),
        Scale("distress (0 to 27, high is ill)", 0, 18, (0, 6, 12, 18)),
        [
            Line("felt", range(1, _SESSIONS + 1), "felt", band=("said", "felt")),
            Line("said", range(1, _SESSIONS + 1), "said", style=1),
        ],
        "Shaded: what is held back. Dotted: an average bond. Numbers: means over all sessions.",
    )
    shares = Panel(
        "{most} keep back more than half",
        Scale("", 0, 1, (0, 0.5, 1), percent=True),
        Scale(labels=("under half", "half to 3/4", "3/4 or more")),
        [Bars("parts", style=2)],
        "Clients by how much of what troubles them they say. Dotted: an average bond.",
    )
    return Picture(
        "What is held back when the bond is weak?",
        (
            Axis("bond", "Bond", "SD", -2, 2, 0.1, 0,
                 "how safe, respected and understood the client feels", ("weak", "strong")),
            Choice("who", "Clients",
                   {"all": "everybody", "little": "those who say little by habit",
                    "much": "those who say much by habit"}, "all",
                   "people also differ in how much they tell anybody"),
        ),
        {name: np.stack(table, axis=1) for name, table in tables.items()},
        [course, shares],
        "With bond at {bond} (0 is average), for {who}: the mean distress over 16 sessions is "
        "{felt} points on a scale from 0 to 27. Of it {said} points are said and {held} are held "
        "back. In the average session {share} of what troubles a client is said; {most} of "
        "clients keep back more than half.",
        [
            Readout("felt", "Felt", "mean", 0, 1),
            Readout("said", "Said", "mean", 1, 1),
            Readout("held", "Held back", "mean", 3, 1),
            Readout("share", "Share that is said", "mean", 2, percent=True),
            Readout("most", "Keep back more than half", "parts", 0, percent=True, shown=False),
        ],
    )  # fmt: skip


def explore_disclosure() -> Explorer:
    """Move the bond, and see how much of their distress clients say and how much they hold back.

    Returns
    -------
    Explorer
        With `bond` (-2 to 2 SD) and `who` ("all", "little" or "much": what they say by habit).

    Notes
    -----
    Computed from the course's model with common random numbers. Nobody can see true distress in
    life, and nobody can set a bond: what you see is what the model assumes.

    Examples
    --------
    >>> explorer = explore_disclosure()
    >>> explorer.bond = -2
    >>> explorer.describe().startswith("With bond at \\N{MINUS SIGN}2.0 SD (0 is average)")
    True
    """
    return Explorer(disclosure_picture())
