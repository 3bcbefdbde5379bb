"""What client, therapist and observer tick, and what a symptom form shows, given what is true."""

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from alliance_course.measure.form import COMPONENTS
from alliance_course.simulate.equations import SYMPTOM_INTAKE, SYMPTOM_MAX, SYMPTOM_PER_SD, residual
from alliance_course.simulate.parameters import Parameters

# Items of one component differ a little in how easily they are endorsed (SD of the latent answer).
ITEM_OFFSETS = (-0.15, -0.05, 0.05, 0.15)

# Views of the alliance are sorted into this many bins from -VIEW_LIMIT to VIEW_LIMIT, and each
# bin's distribution of scores into as many equally likely steps: exact enough that a score's
# mean is right to 0.01, and small enough to stay in the processor's cache.
VIEW_BINS, VIEW_LIMIT, STEPS = 256, 5.0, 1024


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
    """Four answers (1 to 5) a client, one row an item, drawn so that they add up to `sums`.

    `bins` and `sums` are as `Raters.sums` gives them (each answer counts 0 to 4 in a sum).
    """
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


class Raters:
    """What client, therapist and observer tick, given what is true."""

    def __init__(
        self, p: Parameters, rng: np.random.Generator, n: int, raters: tuple[str, ...]
    ) -> None:
        self.p, self.rng = p, rng
        self.tables = response_tables(p.item_loading, tuple(p.thresholds))
        loading = {"bond": p.bond_loading, "goal": p.agreement_loading, "task": p.agreement_loading}
        # each other rater has an own, stable view, shaped like the alliance itself
        self.own: dict[str, dict[str, Any]] = {}
        for rater in raters:
            if rater == "client":
                continue
            general = rng.standard_normal(n, dtype=np.float32)
            self.own[rater] = {
                c: loading[c] * general
                + residual(loading[c]) * rng.standard_normal(n, dtype=np.float32)
                for c in COMPONENTS
            }

    def view(self, rater: str, component: str, now: Mapping[str, Any]) -> np.ndarray:
        """A rater's view of one component, in SD."""
        seen = now[component] + self.p.same_rater * now["halo"]
        if rater == "client":
            return seen
        share = self.p.observer_view
        if rater == "therapist":
            # the therapist comes to know the client: the view sharpens with the sessions
            share = self.p.therapist_view * (1 - math.exp(-now["session"] / self.p.view_sharpens))
        return (
            share * seen
            + residual(share) * self.own[rater][component]
            - self.p.rater_gap
            - self.p.symptom_mirror * (now["symptoms"] + self.p.mirror_level)
        )

    def sums(
        self, rater: str, now: Mapping[str, Any], steps: np.ndarray | None = None
    ) -> dict[str, tuple[Any, Any]]:
        """For each component the view's bin and the sum of the four answers (0 to 16).

        `steps` are the chances to use, whole numbers below STEPS of shape (3, n); new ones if None.
        """
        answers = {}
        for row, component in enumerate(COMPONENTS):
            bins = view_bins(self.view(rater, component, now))
            chance = draw_steps(self.rng, len(bins)) if steps is None else steps[row]
            answers[component] = (bins, self.tables.sums.take(bins * STEPS + chance))
        return answers


def true_score(symptoms: np.ndarray) -> np.ndarray:
    """True symptoms in SD on the form's scale, 0 to 27, without error and without rounding."""
    return np.clip(SYMPTOM_INTAKE + SYMPTOM_PER_SD * symptoms, 0, SYMPTOM_MAX)


def symptom_score(true: np.ndarray, error: np.ndarray | float, p: Parameters) -> np.ndarray:
    """A symptom form's score, 0 to 27, from true symptoms in SD and standard normal error."""
    noise = np.sqrt(1 / p.symptom_reliability - 1)
    score = SYMPTOM_INTAKE + SYMPTOM_PER_SD * (true + noise * error)
    return np.clip(np.rint(score), 0, SYMPTOM_MAX)
