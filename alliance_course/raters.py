"""What raters see: of what is true in a session, what client, therapist and observer tick."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from alliance_course.measures import COMPONENTS, STEPS, draw_steps, response_tables, view_bins
from alliance_course.model import residual
from alliance_course.parameters import Parameters


class Raters:
    """What client, therapist and observer tick, given what is true."""

    def __init__(
        self, p: Parameters, rng: np.random.Generator, n: int, raters: tuple[str, ...]
    ) -> None:
        self.p, self.rng = p, rng
        self.tables = response_tables(p.item_loading, tuple(p.thresholds))
        loading = {
            "bond": p.bond_loading,
            "goal": p.agreement_loading,
            "task": p.agreement_loading,
        }
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
