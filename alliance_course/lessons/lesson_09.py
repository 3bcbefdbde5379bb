"""Lesson 09: worlds with the same correlation, with and without a cause behind it."""

from functools import cache
from itertools import product

import numpy as np

from alliance_course.measure.form import COMPONENTS
from alliance_course.show.explorer import Axis, Explorer, Picture, Readout
from alliance_course.show.explorer.parts import bar_panel
from alliance_course.show.explorer.picture import Bars, Panel, Reference, Scale
from alliance_course.simulate.trial import simulate_worlds

PATHS, BACKS, SHARES = (0.0, 0.5, 1.0, 1.5), (0.0, 0.1, 0.2, 0.3), (0.0, 0.2, 0.4, 0.6)
_CLIENTS, _SESSIONS, _RATED = 800, 12, 4


def _instrumented(change: np.ndarray, moved: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Two-stage least squares in every world at once; the slopes, shape (worlds, columns)."""
    crossed = before.swapaxes(1, 2)
    fitted = np.linalg.solve(crossed @ before, crossed @ moved)
    left = (crossed @ moved).swapaxes(1, 2)
    slopes = np.linalg.solve(left @ fitted, fitted.swapaxes(1, 2) @ crossed @ change[..., None])
    return slopes[..., 0]


def lagged_paths(alliance: np.ndarray, symptoms: np.ndarray) -> np.ndarray:
    """Paths from alliance to the next symptoms and back, within clients, for each world.

    From changes between sessions, so that whatever is stable about a client drops out, with
    earlier levels as instruments (Arellano and Bond's idea): with no path the answer is about 0.
    Shape (worlds, 2), in SD per SD, turned so that a benefit is positive.
    """

    def rows(values: np.ndarray, shift: int, changes: bool = False) -> np.ndarray:
        part = np.stack(
            [values[:, t + shift] - changes * values[:, t + shift - 1] for t in range(3, 11)]
        )
        return part.swapaxes(0, 1).reshape(len(values), -1)

    one = np.ones_like(rows(symptoms, 0))
    moved = np.stack([rows(alliance, 0, True), rows(symptoms, 0, True), one], axis=2)
    levels = [rows(v, -k) for v in (alliance, symptoms) for k in (1, 2, 3)]
    before = np.stack([*levels, one], axis=2)
    forward = _instrumented(rows(symptoms, 1, True), moved, before)[:, 0]
    back = _instrumented(rows(alliance, 1, True), moved, before)[:, 1]
    return -np.stack([forward, back], axis=1)


@cache
def two_worlds_picture() -> Picture:
    """Put the same 800 clients into 64 worlds (common random numbers), and experiment in each.

    The correlation is that of rated alliance and outcome form; the lagged paths and the experiment
    use true values. The experiment holds everybody at -1 and at +1 SD.
    """
    names = ("alliance_path", "reverse_path", "readiness_alliance")
    worlds = [dict(zip(names, w, strict=True)) for w in product(PATHS, BACKS, SHARES)]
    found = simulate_worlds(worlds, _CLIENTS, n_sessions=_SESSIONS, seed=1)
    error = np.random.default_rng(1).normal(0, 5 / 3, _CLIENTS)
    outcome, rated = found["outcome"] + error, found["alliance_client"][:, _RATED - 1]
    there = found["present"][:, _RATED - 1]
    r = [np.corrcoef(a[t], o[t])[0, 1] for a, o, t in zip(rated, outcome, there, strict=True)]
    alliance = (found["bond"] + found["goal"] + found["task"]) / 3
    paths = lagged_paths(alliance, found["symptoms"][:, :_SESSIONS] / 5)
    # where neither acts, both paths are 0 by construction: what shows there is luck, and all
    # worlds share it
    paths = paths - paths[0]
    held = [
        {"alliance_path": p, **dict.fromkeys(COMPONENTS, level)}
        for p, level in product(PATHS, (-1.0, 1.0))
    ]
    ends = simulate_worlds(held, _CLIENTS, n_sessions=_SESSIONS, seed=1)["symptoms"][:, -1]
    gain = -np.diff(ends.mean(axis=1).reshape(4, 2), axis=1)
    seen = Panel(
        "A study sees r = {r}",
        Scale("correlation", 0, 0.6, (0, 0.3, 0.6), digits=2),
        Scale(labels=("alliance",)),
        [Bars("r"), Reference("published .278", x=0.278)],
        "Rated alliance at session 4 with outcome.",
        height=150,
    )
    within = bar_panel(
        "A week later, same client", "paths", ("alliance first", "symptoms first"),
        "Better than usual, then the other one better?",
        Scale("SD per SD", 0, 0.3, (0, 0.15, 0.3), digits=2), style=1, height=150,
    )  # fmt: skip
    truth = bar_panel(
        "Experiment: {gain} points", "gain", ("strong",),
        "Alliance set strong, against set weak: the same people twice.",
        Scale("symptom points", 0, 6, (0, 2, 4, 6), digits=1), height=150,
    )  # fmt: skip
    return Picture(
        "Same correlation, same world?",
        (Axis("path", "Alliance acts on symptoms", "", 0, 1.5, 0.05, 1,
              "how strongly the alliance does anything at all; 1 as in our clinic",
              ("not at all", "strongly")),
         Axis("back", "Symptoms act on alliance", "", 0, 0.3, 0.01, 0.1,
              "how far a bad week lowers the next alliance; 0.1 as in our clinic",
              ("not at all", "strongly")),
         Axis("ready", "Readiness and alliance", "r", 0, 0.6, 0.01, 0.02,
              "how far clients who are ready to change also start with a better alliance",
              ("unrelated", "closely"))),
        {
            "r": np.reshape(r, (4, 4, 4, 1)),
            "paths": paths.reshape(4, 4, 4, 2),
            "gain": gain.reshape(4, 1, 1, 1),
        },
        [seen, within, truth],
        "The correlation of alliance and outcome is {r}. Within clients, a better alliance than "
        "usual goes with better symptoms a week later by {forward}, and better symptoms with a "
        "better alliance a week later by {backward} (SD per SD). In the experiment a strong "
        "alliance leaves clients {gain} symptom points better than a weak one.",
        [Readout("r", "Correlation", "r", digits=2),
         Readout("forward", "Alliance, then symptoms", "paths", 0, 2),
         Readout("backward", "Symptoms, then alliance", "paths", 1, 2),
         Readout("gain", "Points in the experiment", "gain", digits=1)],
    )  # fmt: skip


def explore_two_worlds() -> Explorer:
    """Build worlds with the same correlation, and see whether the alliance is a cause in them.

    Returns
    -------
    Explorer
        With `path` (0 to 1.5), `back` (0 to 0.3) and `ready` (0 to 0.6).

    Examples
    --------
    >>> explorer = explore_two_worlds()
    >>> explorer.path = 0
    >>> "leaves clients 0.0 symptom points better" in explorer.describe()
    True
    """
    return Explorer(two_worlds_picture())
