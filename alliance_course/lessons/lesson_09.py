"""Lesson 09: worlds with the same correlation, with and without a cause behind it."""

from functools import cache
from itertools import product

import numpy as np

from alliance_course.lessons import asked
from alliance_course.measure.form import COMPONENTS
from alliance_course.show.explorer import Axis, Explorer, Picture, Readout
from alliance_course.show.explorer.parts import bar_panel
from alliance_course.show.explorer.picture import Bars, Panel, Reference, Scale
from alliance_course.simulate.trial import simulate_worlds

PATHS, BACKS, SHARES = (0.0, 0.5, 1.0, 1.5), (0.0, 0.1, 0.2, 0.3), (0.0, 0.3, 0.6, 0.9)
_CLIENTS, _SESSIONS, _RATED = 1500, 12, 4


def lagged_paths(alliance: np.ndarray, symptoms: np.ndarray) -> np.ndarray:
    """Paths from alliance to the next symptoms and back, within clients, for each world.

    Sessions 1 to 7, as in the lesson's own lagged model, but quick enough for an explorer: each
    level on the levels before, with the last change as instrument. What is stable about a client
    and acts alike in every session drops out of a change; what grows, and what a form misses, does
    not. Shape (worlds, 2), in units of what is given, turned so that a benefit is positive.
    """
    both = np.stack([alliance, symptoms], axis=3)
    both = both - both.mean(axis=2, keepdims=True)
    change = np.diff(both[:, :6], axis=1)

    def shared(later: np.ndarray) -> np.ndarray:
        return np.einsum("wtni,wtnj->wij", later, change)

    path = shared(both[:, 2:7]) @ np.linalg.inv(shared(both[:, 1:6]))
    return -np.stack([path[:, 1, 0], path[:, 0, 1]], axis=1)


@cache
def two_worlds_picture() -> Picture:
    """Put the same 1,500 clients into 64 worlds (common random numbers), and experiment in each.

    The correlation and the lagged paths are those of the forms, as a study has them. The
    experiment uses true values and holds everybody at -1 and at +1 SD.
    """
    names = ("alliance_path", "reverse_path", "readiness_alliance")
    worlds = [dict(zip(names, w, strict=True)) for w in product(PATHS, BACKS, SHARES)]
    found = simulate_worlds(worlds, _CLIENTS, n_sessions=_SESSIONS, seed=5)
    error = np.random.default_rng(1).normal(0, 5 / 3, (_SESSIONS + 1, _CLIENTS))
    forms, rated = found["symptoms"][:, :_SESSIONS] + error[:-1], found["alliance_client"]
    there, fourth = found["present"][:, _RATED - 1], rated[:, _RATED - 1]
    outcome = found["outcome"] + error[-1]
    r = [np.corrcoef(a[t], o[t])[0, 1] for a, o, t in zip(fourth, outcome, there, strict=True)]
    # one SD for all worlds, so that their bars can be compared
    paths = lagged_paths(rated / rated.std(), forms / forms.std())
    held = [
        {"alliance_path": p, **dict.fromkeys(COMPONENTS, level)}
        for p, level in product(PATHS, (-1.0, 1.0))
    ]
    ends = simulate_worlds(held, _CLIENTS, n_sessions=_SESSIONS, seed=5)["symptoms"][:, -1]
    gain = -np.diff(ends.mean(axis=1).reshape(4, 2), axis=1)
    seen = Panel(
        "A study sees",
        Scale("correlation", 0, 0.6, (0, 0.3, 0.6), digits=2),
        Scale(labels=("alliance",)),
        [Bars("r"), Reference("published .278", x=0.278)],
        "Rated alliance at session 4 with outcome.",
        height=150,
    )
    within = bar_panel(
        "A lagged model finds", "paths", ("alliance first", "symptoms first"),
        "Within a client: one better than usual, then the other one?",
        Scale("SD per SD", 0, 0.4, (0, 0.2, 0.4), digits=2), style=1, height=150,
    )  # fmt: skip
    truth = bar_panel(
        "An experiment finds", "gain", ("strong",),
        "Alliance set strong, against set weak: the same people twice.",
        Scale("symptom points", 0, 6, (0, 2, 4, 6), digits=1), height=150,
    )  # fmt: skip
    return Picture(
        "Same correlation, same world?",
        (Axis("path", "Alliance acts on symptoms", "", 0, 1.5, 0.05, 1,
              "how strongly the alliance does anything at all; 1 as in our clinic",
              ("not at all", "strongly")),
         Axis("back", "Symptoms act on alliance", "", 0, 0.3, 0.01, 0.08,
              "how far a bad week lowers the next alliance; 0.08 as in our clinic",
              ("not at all", "strongly")),
         Axis("ready", "Readiness and alliance", "r", 0, 0.9, 0.01, 0.5,
              "how far clients who are ready to change also have a better alliance; 0.5 as in our "
              "clinic",
              ("unrelated", "closely"))),
        {
            "r": np.reshape(r, (4, 4, 4, 1)),
            "paths": paths.reshape(4, 4, 4, 2),
            "gain": gain.reshape(4, 1, 1, 1),
        },
        [seen, within, truth],
        "The correlation of alliance and outcome is {r}. Within clients, a lagged model puts "
        "the path from a better alliance to better symptoms at {forward}, and the path from better "
        "symptoms to a better alliance at {backward} (SD per SD). In the experiment a strong "
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
        With `path` (0 to 1.5), `back` (0 to 0.3) and `ready` (0 to 0.9).

    Examples
    --------
    >>> explorer = explore_two_worlds()
    >>> explorer.path = 0
    >>> "leaves clients 0.0 symptom points better" in explorer.describe()
    True
    """
    return Explorer(two_worlds_picture(), asked(9, "two_worlds"))
