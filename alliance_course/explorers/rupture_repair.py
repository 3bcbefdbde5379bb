"""Lesson 08: one rupture in a therapy, repaired or left as it is."""

from functools import cache
from itertools import product

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
from alliance_course.model import Draws, People, follow
from alliance_course.parameters import CONDITIONS, PARAMETERS, TREATMENTS

SESSIONS, WHEN, DEPTHS = 12, np.arange(2, 12), (0.0, 1.0, 2.0, 3.0)
AFTER = {"repaired": "it is repaired in the same session", "left": "it is left as it is"}
_CLIENTS = 1000
NEVER, ALWAYS = -60.0, 60.0  # as logits


def one_rupture(
    when: np.ndarray, depth: np.ndarray, repaired: np.ndarray, clients: int, *, seed: int
) -> dict[str, np.ndarray]:
    """Follow the same clients through one rupture each: a world for each entry of the arrays.

    The rupture comes in session `when`, `depth` times as deep as usual; nothing else ruptures.
    Shape (worlds, sessions): mean `alliance` in SD, `symptoms` on arrival and at the end (one
    more), in points, as if nobody left. Shape (worlds,): the share who `stay`.
    """
    worlds = len(when)

    def spread(values: np.ndarray) -> np.ndarray:
        return np.repeat(np.asarray(values, dtype=np.float32), clients)

    def world_means(values: np.ndarray) -> np.ndarray:
        return np.asarray(values, dtype=float).reshape(worlds, clients).mean(axis=1)

    total, rng = worlds * clients, np.random.default_rng(seed)
    depression, cbt = CONDITIONS.index("depression"), TREATMENTS.index("CBT")
    # `follow` looks its numbers up anew in every session, so the plan can change as it goes along
    plan = {
        "strain_per_rupture": spread(PARAMETERS.strain_per_rupture * np.asarray(depth)),
        "rupture_logit": spread(np.where(when == 1, ALWAYS, NEVER)),
        "repair_logit": spread(np.where(repaired, ALWAYS, NEVER)),
    }
    people = People(
        condition=np.full(total, depression, dtype=np.int8),
        treatment=np.full(total, cbt, dtype=np.int8),
        planned=np.full(total, SESSIONS, dtype=np.int16),
        therapist=np.tile(rng.standard_normal((4, clients), dtype=np.float32), worlds),
        overrides=plan,
    )
    alliance, symptoms, stay = [], [], np.ones(worlds)
    for now in follow(people, PARAMETERS, Draws(rng, total, worlds)):
        symptoms.append(world_means(now["symptoms"]) * 5)
        if "outcome" in now:
            stay = 1 - world_means(now["dropped_out"])
            break
        alliance.append(world_means((now["bond"] + now["goal"] + now["task"]) / 3))
        next_one = now["session"] + 1
        plan["rupture_logit"] = spread(np.where(when == next_one, ALWAYS, NEVER))
    return {
        "alliance": np.stack(alliance, axis=1),
        "symptoms": np.stack(symptoms, axis=1),
        "stay": stay,
    }


@cache
def rupture_repair_picture() -> Picture:
    """Put one rupture into the therapy of the same 1000 clients: when, how deep, repaired or not.

    Common random numbers: against the therapy without it, only the rupture is different.
    """
    cases = np.array(list(product(WHEN, DEPTHS, (True, False))))
    found = one_rupture(cases[:, 0], cases[:, 1], cases[:, 2] > 0, _CLIENTS, seed=1)
    smooth = found["symptoms"][1]
    grid = (len(WHEN), len(DEPTHS), len(AFTER), -1)
    extra = found["symptoms"] - smooth
    surfaces = {
        "alliance": found["alliance"].reshape(grid),
        "smooth": found["alliance"][1].reshape(1, 1, 1, -1),
        "extra": extra.reshape(grid),
        "worst": extra.max(axis=1).reshape(grid),
        "burdens": extra.sum(axis=1).reshape(len(WHEN), len(DEPTHS), 1, len(AFTER)),
        "lost": 1000 * (found["stay"][1] - found["stay"]).reshape(grid),
    }
    sessions = Scale("session", 1, SESSIONS, (1, 4, 8, 12))
    course = Panel(
        "A rupture in session {when}: {after}",
        sessions,
        Scale("alliance (SD, 0 is average)", -1.5, 0.5, (-1.5, -1, -0.5, 0, 0.5), digits=1),
        [
            Line("smooth", range(1, SESSIONS + 1), "no rupture", style=2),
            Line("alliance", range(1, SESSIONS + 1), "rupture", style=1),
        ],
        "Average of 1,000 clients. Dotted: where the controls start.",
        width=3,
    )
    cost = Panel(
        "At worst {worst} extra points",
        Scale("session (13: after the last)", 1, SESSIONS + 1, (1, 5, 9, 13)),
        Scale("extra symptom points", 0, 4, (0, 1, 2, 3, 4)),
        [Line("extra", range(1, SESSIONS + 2), style=1)],
        "The same clients with and without this one rupture.",
        width=3,
    )
    both = Panel(
        "In all: {mended} or {standing}",
        Scale("extra points", 0, 24, (0, 8, 16, 24), digits=1),
        Scale(labels=("repaired", "left")),
        [Bars("burdens")],
        "Extra points of all weeks added up: this rupture, repaired and left.",
        width=2,
    )
    return Picture(
        "What does one rupture cost?",
        (
            Axis("when", "Session of the rupture", "", 2, 11, 1, 5,
                 "the session in which something goes wrong between the two", ("early", "late")),
            Axis("depth", "Depth", "", 0, 3, 0.1, 1,
                 "1 is a usual rupture in our clinic, 0 none at all", ("none", "very deep")),
            Choice("after", "What happens then", AFTER, "left",
                   "repaired: noticed and talked through before the session ends"),
        ),
        surfaces,
        [course, cost, both],
        "A rupture {depth} times as deep as usual in session {when}, and {after}. Compared with "
        "the same therapy without it, clients have at worst {worst} extra symptom points. Added up "
        "over all weeks it is {mended} points if the rupture is repaired and {standing} if it is "
        "left. Of 1,000 clients, {lost} more leave early.",
        [
            Readout("worst", "Extra points, at worst", "worst", digits=1),
            Readout("mended", "All weeks, repaired", "burdens", 0, 1),
            Readout("standing", "All weeks, left", "burdens", 1, 1),
            Readout("lost", "More clients leave, of 1,000", "lost"),
        ],
    )  # fmt: skip


def explore_rupture_repair() -> Explorer:
    """Put one rupture into a therapy, and see what it costs repaired and left.

    Returns
    -------
    Explorer
        With `when` (session 2 to 11), `depth` (0 to 3, 1 as usual) and `after` ("repaired" or
        "left").

    Notes
    -----
    In this model a repair takes the strain of a rupture away, no more: it cannot leave an alliance
    stronger than it was. Strain that is left fades by itself, a quarter each session.

    Examples
    --------
    >>> explorer = explore_rupture_repair()
    >>> explorer.describe().startswith("A rupture 1.0 times as deep as usual in session 5")
    True
    """
    return Explorer(rupture_repair_picture())
