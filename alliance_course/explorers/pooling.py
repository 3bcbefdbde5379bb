"""Lesson 06: studies in, studies out, and studies that nobody gets to read."""

from functools import cache

import numpy as np

from alliance_course.explorers.definition import (
    Axis,
    Panel,
    Picture,
    Points,
    Readout,
    Reference,
    Scale,
)
from alliance_course.explorers.explorer import Explorer
from alliance_course.pooling import pool_many

TRUTHS, STUDIES = np.linspace(0, 0.3, 4), np.arange(40, 201, 40)
DRAWERS, SMALLEST = np.linspace(0, 0.8, 5), np.array([0, 50, 100])
TRUE_TAU = 0.10  # SD of true effects in Fisher's z: about what A01's 2% below zero leave room for
_AWAY = 9.0  # outside the picture: a study that is not there


def draw_studies() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Invented studies, 200: clients, deviation from the truth, and luck with the drawer.

    Sizes are those of the course's literature (lognormal, median 70), the whole range in every
    forty. Deviations (in Fisher's z) and luck are balanced in every forty, so that the average of
    all studies stands at the truth, and moves for no other reason than the one shown.
    """
    rng = np.random.default_rng(28)
    size = np.exp(np.log(70) + 0.8 * np.linspace(-1.8, 1.8, 40))
    n = np.round(size * np.exp(0.05 * rng.normal(size=(5, 40))))
    luck = np.empty_like(n)
    for some, row in zip(n, luck, strict=True):
        for group in (some < 100, some >= 100):
            row[group] = rng.permutation(np.arange(group.sum()) + 0.5) / group.sum()
    off = TRUE_TAU * rng.normal(size=n.shape) + rng.normal(size=n.shape) / np.sqrt(n - 3)
    weight = 1 / (TRUE_TAU**2 + 1 / (n - 3))
    off -= (weight * off).sum(axis=1, keepdims=True) / weight.sum(axis=1, keepdims=True)
    return n.ravel(), off.ravel(), luck.ravel()


@cache
def pooling_picture() -> Picture:
    """Pool the same 200 invented studies in 300 selections.

    Chance is drawn once. Only a dull study, not significantly above zero, can go into the drawer;
    small studies are dull more often.
    """
    from scipy.special import stdtrit  # scipy.stats would take a second to load

    n, off, luck = draw_studies()
    grids = np.meshgrid(TRUTHS, STUDIES, DRAWERS, SMALLEST, indexing="ij")
    truth, k, drawer, least = (grid[..., None] for grid in grids)
    z = np.arctanh(truth) + off
    done = np.arange(200) < k
    hidden = done & (z * np.sqrt(n - 3) < 1.96) & (luck < drawer)
    counted = done & ~hidden & (n >= least)
    rows: dict[str, np.ndarray] = {}
    for name, chosen in (("done", done), ("read", done & ~hidden), ("counted", counted)):
        flat = np.broadcast_to(chosen, z.shape).reshape(-1, 200)
        mean, se, tau = pool_many(z.reshape(-1, 200), 1 / (n - 3), flat).T
        wide = stdtrit(flat.sum(axis=1) - 2, 0.975) * np.hypot(se, tau)
        ends = [mean, mean - 1.96 * se, mean + 1.96 * se, mean - wide, mean + wide]
        rows |= {f"{name}_{i}": np.tanh(end).reshape(*k.shape[:4], 1) for i, end in enumerate(ends)}
    r = np.tanh(z)
    surfaces = {
        "in": np.where(counted, r, _AWAY),
        "left": np.where(done & ~hidden & ~counted, r, _AWAY),
        "hidden": np.where(hidden, r, _AWAY),
        "k": counted.sum(axis=4, keepdims=True),
        "truth_line": TRUTHS.reshape(4, 1, 1, 1, 1),
        **rows,
    }
    funnel = Panel(
        "{k} studies are counted",
        Scale("correlation that the study found", -0.6, 0.8, (-0.4, 0, 0.4, 0.8), digits=1),
        Scale("clients", 0, 300, (0, 100, 200, 300)),
        [
            Points("in", n.tolist(), "counted", size=3.5),
            Points("hidden", n.tolist(), "in the drawer", style=1, size=3.5),
            Points("left", n.tolist(), "too small for you", style=3, size=3.5),
            Reference("truth", x="truth_line"),
        ],
        "Each mark is one study. Small ones scatter widely: hence the name funnel.",
    )
    averages = Panel(
        "The diamond stands at {pooled}, the truth at {truth}",
        Scale("correlation", -0.2, 0.6, (-0.2, 0, 0.2, 0.4, 0.6), digits=1),
        Scale(labels=("all that were done", "what you can read", "what you count", "next study")),
        [
            Points("done_0", [0], interval=("done_1", "done_2"), style=2, size=5),
            Points("read_0", [1], interval=("read_1", "read_2"), style=2, size=5),
            Points("counted_0", [2], interval=("counted_1", "counted_2"), style=2, size=5),
            Points("counted_0", [3], interval=("counted_3", "counted_4"), style=1, size=3),
            Reference("truth", x="truth_line"),
        ],
        "Diamond: average with 95% interval. Next study: where its true value may lie.",
    )
    return Picture(
        "Which studies are in the average?",
        (
            Axis("truth", "True average correlation", "", 0, 0.3, 0.1, 0.3,
                 "what all studies together would find; in life nobody knows it"),
            Axis("studies", "Studies done", "", 40, 200, 40, 80, "how many were carried out"),
            Axis("drawer", "Dull studies in the drawer", "%", 0, 80, 20, 0,
                 "how many studies that found nothing clear never appear; most are small"),
            Axis("smallest", "Count studies from", "clients", 0, 100, 50, 0,
                 "a reader's rule: leave out the smaller ones"),
        ),
        surfaces,
        [funnel, averages],
        "The true average is {truth}. Of {studies} studies done, {drawer} of the dull ones stay "
        "in the drawer; you count those from {smallest} up, which are {k}. All that were done "
        "average {all_done}. What you count averages {pooled} (95% interval {low} to {high}); the "
        "next study's true value may lie from {next_low} to {next_high}.",
        [
            Readout("pooled", "Pooled r", "counted_0", digits=2),
            Readout("low", "95% interval from", "counted_1", digits=2),
            Readout("high", "to", "counted_2", digits=2),
            Readout("k", "Studies counted", "k"),
            Readout("all_done", "All that were done", "done_0", digits=2, shown=False),
            Readout("next_low", "Next study from", "counted_3", digits=2, shown=False),
            Readout("next_high", "to", "counted_4", digits=2, shown=False),
        ],
    )  # fmt: skip


def explore_pooling() -> Explorer:
    """Decide which studies are done, published and counted, and watch the average move.

    Returns
    -------
    Explorer
        With `truth` (0 to 0.3), `studies` (40 to 200), `drawer` (0 to 80%) and `smallest` (0 to
        100 clients).

    Notes
    -----
    The studies are invented, so that we can see how far an average is off; their true effects
    differ by an SD of .10 (Fisher's z). Nobody knows how many studies on the alliance stayed
    unpublished.

    Examples
    --------
    >>> explorer = explore_pooling()
    >>> explorer.drawer = 80
    >>> explorer.describe().split(", ")[1]
    '80% of the dull ones stay in the drawer; you count those from 0 clients up'
    """
    return Explorer(pooling_picture())
