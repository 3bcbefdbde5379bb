"""Lesson 05: how many items, sessions and raters until a score can be trusted?"""

from dataclasses import replace
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
from alliance_course.measures import COMPONENTS, ITEMS, RATERS, REVERSED_ITEMS
from alliance_course.parameters import PARAMETERS
from alliance_course.simulate import simulate_trial

_CLIENTS, _SESSIONS, _SHOWN = 600, 12, 200
VIEWS = {
    "client": "client",
    "therapist": "therapist",
    "observer": "observer",
    "both": "client and therapist",
    "all": "all three",
}
_WHO = {**{rater: (rater,) for rater in RATERS}, "both": RATERS[:2], "all": RATERS}


@cache
def measurement_picture() -> Picture:
    """Rate the same 600 clients with 3 to 12 items, in 1 to 5 sessions, by 1 to 3 raters.

    Nobody leaves early here, so that the clients stay the same. The true value is a client's mean
    true alliance over twelve sessions. "Again" is the same form in the sessions in between:
    sessions 3, 5, 7, 9, 11 against 4, 6, 8, 10, 12.
    """
    trial = simulate_trial(
        _CLIENTS,
        n_therapists=60,
        n_sessions=_SESSIONS,
        treatments=("CBT",),
        parameters=replace(PARAMETERS, dropout_logit=-9.0),
        items=True,
        seed=1,
    )
    assert trial.items is not None
    stayed = ~trial.clients["dropped_out"].to_numpy()
    true = trial.sessions[list(COMPONENTS)].mean(axis=1).groupby(trial.sessions["client"]).mean()
    true = true.to_numpy()[stayed]
    rows = trial.items[trial.items["client"].isin(trial.clients.loc[stayed, "client"])]
    answers = rows[list(ITEMS)].astype(float)
    answers[list(REVERSED_ITEMS)] = 6 - answers[list(REVERSED_ITEMS)]
    table = answers.to_numpy().reshape(len(true), _SESSIONS, len(RATERS), len(COMPONENTS), 4)
    scores, shares = [], []
    for items, sessions, who in product(range(1, 5), range(1, 6), _WHO.values()):
        chosen = table[:, :, [RATERS.index(rater) for rater in who], :, :items].mean(axis=(2, 3, 4))
        score = chosen[:, 2 : 2 + 2 * sessions : 2].mean(axis=1)
        again = chosen[:, 3 : 3 + 2 * sessions : 2].mean(axis=1)
        scores.append(score[:_SHOWN])
        shares.append([np.corrcoef(score, again)[0, 1], np.corrcoef(score, true)[0, 1] ** 2])
    cloud = Panel(
        "{real} of the spread in scores is the client's alliance",
        Scale("true alliance over the therapy (SD)", -2.5, 2.5, (-2, -1, 0, 1, 2)),
        Scale("score (1 to 5)", 1, 5.1, (1, 2, 3, 4, 5)),
        [Points(true[:_SHOWN], "score", size=2.5)],
        "Each point is one client; 200 of 600.",
    )
    bars = Panel(
        "{again} comes back when the same people rate again",
        Scale("", 0, 1, (0, 0.5, 1), percent=True),
        Scale(labels=("comes back", "client's alliance")),
        [Bars("shares", style=2)],
        "Of the spread in scores: what comes back in other sessions, and what is true.",
    )
    return Picture(
        "How much until a score can be trusted?",
        (
            Axis("items", "Items for each component", "", 1, 4, 1, 4,
                 "how many questions on bond, on goals and on tasks", ("3 in all", "12 in all")),
            Axis("sessions", "Sessions averaged", "", 1, 5, 1, 1,
                 "how often the form is filled in, from session 3 on, every second session"),
            Choice("raters", "Who rates", VIEWS, "client", "whose answers make the score"),
        ),
        {
            "score": np.reshape(scores, (4, 5, 5, _SHOWN)),
            "shares": np.reshape(shares, (4, 5, 5, 2)),
        },
        [cloud, bars],
        "Items for each component: {items}; sessions averaged: {sessions}; rated by: {raters}. Of "
        "the spread between clients' scores {again} comes back when the same people rate other "
        "sessions, and {real} is the alliance as the client lives it.",
        [
            Readout("again", "Comes back", "shares", 0, percent=True),
            Readout("real", "Client's alliance", "shares", 1, percent=True),
        ],
    )  # fmt: skip


def explore_measurement() -> Explorer:
    """Add items, sessions and raters, and see how far a score can be trusted.

    Returns
    -------
    Explorer
        With `items` (1 to 4 for each component), `sessions` (1 to 5) and `raters` ("client",
        "therapist", "observer", "both" or "all").

    Notes
    -----
    The alliance of this model is the one that the client experiences. Whoever means something else
    by the word should expect another answer about raters.

    Examples
    --------
    >>> explore_measurement().describe().startswith("Items for each component: 4;")
    True
    """
    return Explorer(measurement_picture())
