"""The course's own teaching form for the alliance: twelve items, their scoring, their reliability.

The Course Alliance Form was written for this course. It is a teaching form, not a validated
instrument: it has no norms and no cut-offs, and it says nothing about a real therapist.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

COMPONENTS = ("bond", "goal", "task")
RATERS = ("client", "therapist", "observer")
ITEMS = tuple(f"{component}_{number}" for component in COMPONENTS for number in range(1, 5))
REVERSED_ITEMS = ("task_4",)
SCALE = (1, 2, 3, 4, 5)

# Items of one component differ a little in how easily they are endorsed (SD of the latent answer).
ITEM_OFFSETS = (-0.15, -0.05, 0.05, 0.15)

# Views of the alliance are sorted into this many bins from -VIEW_LIMIT to VIEW_LIMIT, and each
# bin's distribution of scores into as many equally likely steps: exact enough that a score's
# mean is right to 0.01, and small enough to stay in the processor's cache.
VIEW_BINS, VIEW_LIMIT, STEPS = 256, 5.0, 1024

_WORDING = {
    "bond_1": (
        "I could say something awkward today without bracing myself.",
        "The client could say something awkward today without bracing.",
        "The client says awkward things without visible bracing.",
    ),
    "bond_2": (
        "While I was talking I had the sense of being followed closely.",
        "I followed closely while the client was talking.",
        "The therapist's replies show close following.",
    ),
    "bond_3": (
        "I was taken seriously, also where I was unsure of myself.",
        "I took the client seriously, also where he or she was unsure.",
        "The client is taken seriously, also when unsure.",
    ),
    "bond_4": (
        "If something had gone wrong between us today, I could have said so.",
        "If something had gone wrong between us today, the client could have said so.",
        "It looks as if the client could name a problem between the two.",
    ),
    "goal_1": (
        "I could put into one sentence what we are aiming for.",
        "The client could put into one sentence what we are aiming for.",
        "The two talk as if they could put the aim into one sentence.",
    ),
    "goal_2": (
        "What took up our time today pointed where I want to go.",
        "What took up our time today pointed where the client wants to go.",
        "The session's time goes where the client wants to go.",
    ),
    "goal_3": (
        "Today it was clear between us how we would notice that things are improving.",
        "Today it was clear between us how we would notice that things are improving.",
        "The two share a way to notice that things are improving.",
    ),
    "goal_4": (
        "The aims in this room are mine as much as the therapist's.",
        "The aims in this room are the client's as much as mine.",
        "The aims belong to both people in the room.",
    ),
    "task_1": (
        "I knew why we did what we did today.",
        "The client knew why we did what we did today.",
        "The client shows an understanding of why they do what they do.",
    ),
    "task_2": (
        "What I am trying out between sessions makes sense to me.",
        "What the client is trying out between sessions makes sense to the client.",
        "What is to be tried between sessions makes sense to the client.",
    ),
    "task_3": (
        "This way of working fits the problem that I brought.",
        "This way of working fits the problem that the client brought.",
        "The way of working fits the problem that the client brought.",
    ),
    "task_4": (
        "Some of what we did today seemed beside the point.",
        "Some of what we did today seemed beside the point to the client.",
        "Some of what is done seems beside the point to the client.",
    ),
}

FORM = pd.DataFrame(
    [(item, item[:4], item in REVERSED_ITEMS, *_WORDING[item]) for item in ITEMS],
    columns=["item", "component", "reversed", *RATERS],
).set_index("item")
"""The Course Alliance Form: one row an item, with its wording for each rater (1 not at all to
5 fully)."""


def _forward(items: pd.DataFrame) -> pd.DataFrame:
    """The twelve answers as floats, reversed items turned round, checked to be 1 to 5."""
    missing = [item for item in ITEMS if item not in items.columns]
    if missing:
        raise ValueError(
            f"items lacks the column {missing[0]!r}: give all twelve, {ITEMS[0]} to {ITEMS[-1]}"
        )
    answers = items[list(ITEMS)].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    bad = ~np.isnan(answers) & ~np.isin(answers, SCALE)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise ValueError(
            f"{ITEMS[column]}={answers[row, column]:g} in row {row} is not allowed: "
            "answers are 1, 2, 3, 4, 5 or missing"
        )
    frame = pd.DataFrame(answers, columns=list(ITEMS), index=items.index)
    frame[list(REVERSED_ITEMS)] = 6 - frame[list(REVERSED_ITEMS)]
    return frame


def score_form(items: pd.DataFrame) -> pd.DataFrame:
    """Score the Course Alliance Form: bond, goal, task and the alliance as a whole.

    A component's score is the mean of its answered items, if at least three of the four are
    answered; the alliance is the mean of the three components, if all three have a score.

    Parameters
    ----------
    items : DataFrame
        Columns bond_1 to task_4, each 1 to 5 or missing, as they were ticked: `task_4` is worded
        the other way round and is turned here.

    Returns
    -------
    DataFrame
        Columns bond, goal, task, alliance: 1 (weak) to 5 (strong), one row for each row given.

    Raises
    ------
    ValueError
        If a column is missing or an answer is not 1, 2, 3, 4 or 5.

    Examples
    --------
    >>> answers = pd.DataFrame([[4] * 11 + [2]], columns=list(ITEMS))
    >>> score_form(answers).to_dict("records")
    [{'bond': 4.0, 'goal': 4.0, 'task': 4.0, 'alliance': 4.0}]
    """
    forward = _forward(items)
    scores = pd.DataFrame(index=items.index)
    for component in COMPONENTS:
        own = forward[[item for item in ITEMS if item.startswith(component)]]
        scores[component] = own.mean(axis=1).where(own.notna().sum(axis=1) >= 3)
    scores["alliance"] = scores[list(COMPONENTS)].mean(axis=1, skipna=False)
    return scores


def reliability(items: pd.DataFrame) -> pd.DataFrame:
    """How consistently the items of each scale measure one thing.

    Parameters
    ----------
    items : DataFrame
        Columns bond_1 to task_4, 1 to 5 or missing; rows with a missing answer are left out.

    Returns
    -------
    DataFrame
        One row a scale (bond, goal, task, alliance), columns `n_items` and `alpha` (Cronbach's,
        at most 1; higher means that the items agree more).

    Raises
    ------
    ValueError
        If fewer than three complete forms are given, or an answer is not 1, 2, 3, 4 or 5.

    References
    ----------
    Published alphas of a 12-item alliance form are above .80 for each component (row H06).

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> items = simulate_trial(400, items=True, n_sessions=3, seed=2).items
    >>> alphas = reliability(items.query("rater == 'client' and session == 3"))["alpha"]
    >>> bool(alphas["bond"] > 0.8)
    True
    """
    complete = _forward(items).dropna()
    if len(complete) < 3:
        raise ValueError(f"{len(complete)} complete forms are too few: give at least 3")
    rows = {}
    for scale in (*COMPONENTS, "alliance"):
        own = complete if scale == "alliance" else complete.filter(like=f"{scale}_")
        k, total = own.shape[1], own.sum(axis=1).var()
        alpha = k / (k - 1) * (1 - own.var().sum() / total) if total > 0 else math.nan
        rows[scale] = {"n_items": k, "alpha": alpha}
    return pd.DataFrame.from_dict(rows, orient="index")


class ResponseTables(NamedTuple):
    """How a rater's view of one component becomes answers on its four items.

    sums : uint8, (VIEW_BINS * STEPS,): the sum of the four answers, each 0 to 4, for a bin and
    an equally likely step; items : float, (4, VIEW_BINS, 5): each item's answer probabilities;
    rest : float, (4, VIEW_BINS, 17): probabilities of the sum of the items that come after.
    """

    sums: np.ndarray
    items: np.ndarray
    rest: np.ndarray


@lru_cache(maxsize=16)
def response_tables(loading: float, thresholds: tuple[float, ...]) -> ResponseTables:
    """Tables of a graded response model with normal ogives, exact up to their grid.

    An answer is the number of thresholds that `loading * view + noise` exceeds, where the
    noise makes the latent answer's variance 1 at a view of variance 1.

    Parameters
    ----------
    loading : float
        Loading of each item on its component, 0 to 1.
    thresholds : tuple of 4 floats
        Where the latent answer moves from 1 to 2, 3, 4, 5, in SD.

    Returns
    -------
    ResponseTables

    Examples
    --------
    >>> response_tables(0.8, (-2.0, -1.0, 0.0, 1.0)).sums.shape
    (262144,)
    """
    noise = math.sqrt(1 - loading**2)
    view = (np.arange(VIEW_BINS) + 0.5) * (2 * VIEW_LIMIT / VIEW_BINS) - VIEW_LIMIT
    cuts = np.asarray(thresholds)[None, :] + np.asarray(ITEM_OFFSETS)[:, None]
    erf = np.vectorize(math.erf, otypes=[float])
    above = 0.5 + 0.5 * erf(
        (loading * view[None, :, None] - cuts[:, None, :]) / noise / math.sqrt(2)
    )
    edges = np.concatenate([np.ones((4, VIEW_BINS, 1)), above, np.zeros((4, VIEW_BINS, 1))], axis=2)
    items = edges[:, :, :-1] - edges[:, :, 1:]
    rest = np.zeros((4, VIEW_BINS, 17))
    rest[3, :, 0] = 1.0
    for item in (3, 2, 1):
        for answer in range(5):
            rest[item - 1, :, answer:] += (
                items[item, :, answer, None] * rest[item, :, : 17 - answer]
            )
    whole = np.zeros((VIEW_BINS, 17))
    for answer in range(5):
        whole[:, answer:] += items[0, :, answer, None] * rest[0, :, : 17 - answer]
    steps = (np.arange(STEPS) + 0.5) / STEPS
    sums = np.array([np.searchsorted(row, steps) for row in np.cumsum(whole, axis=1)])
    return ResponseTables(np.minimum(sums, 16).astype(np.uint8).ravel(), items, rest)


def view_bins(view: np.ndarray) -> np.ndarray:
    """The bin (0 to VIEW_BINS - 1) of each view, in SD."""
    scaled = (view + VIEW_LIMIT) * (VIEW_BINS / (2 * VIEW_LIMIT))
    return np.clip(scaled, 0, VIEW_BINS - 1, out=scaled).astype(np.intp)


def draw_steps(rng: np.random.Generator, n: int) -> np.ndarray:
    """`n` equally likely whole numbers below STEPS, each to pick one sum from the tables."""
    return rng.integers(0, 65536, n, dtype=np.uint16) >> 6


def draw_items(
    tables: ResponseTables, bins: np.ndarray, sums: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Four answers (1 to 5, shape (4, n)) that add up to each drawn sum, as the model has them."""
    left, answers = sums.astype(np.intp), np.empty((4, len(sums)), dtype=np.int8)
    for item in range(4):
        after = left[:, None] - np.arange(5)
        weight = tables.items[item][bins] * np.where(
            after >= 0, np.take_along_axis(tables.rest[item][bins], np.maximum(after, 0), 1), 0
        )
        edges = np.cumsum(weight, axis=1)
        picks = (rng.random(len(sums))[:, None] * edges[:, -1:] >= edges).sum(axis=1)
        answers[item] = np.minimum(picks, 4)
        left = left - answers[item]
    return answers + 1
