"""Lesson 07: a method that works, and whose rating need not go with outcome."""

from functools import cache
from itertools import product

import numpy as np

from alliance_course.explorers.definition import (
    Axis,
    Bars,
    Choice,
    Panel,
    Picture,
    Points,
    Readout,
    Scale,
)
from alliance_course.explorers.explorer import Explorer
from alliance_course.simulate import simulate_worlds

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
