"""Lesson 11: what an early rating says about the end, and what it does not."""

from functools import cache
from itertools import product

import numpy as np

from alliance_course.lessons import asked
from alliance_course.show.explorer import Axis, Choice, Explorer, Picture, Readout
from alliance_course.show.explorer.parts import bar_panel
from alliance_course.show.explorer.picture import Panel, Points, Reference, Scale
from alliance_course.simulate.trial import simulate_worlds

CUTS, _CLIENTS, _SESSIONS = np.linspace(3, 4.75, 8), 4000, 12


@cache
def first_sessions_picture() -> Picture:
    """Ask 4,000 clients once, after session 1, 3 or 5, and follow all of them to the end.

    Clients are the same wherever the sliders stand; only who counts as rating low changes. A client
    does well who ends at least 5 points (one SD) below the intake, on the true scale.
    """
    found = simulate_worlds([{}], _CLIENTS, n_sessions=_SESSIONS, seed=1)
    rated, present = found["alliance_client"][0], found["present"][0]
    symptoms, outcome = found["symptoms"][0], found["outcome"][0]
    well, left = symptoms[0] - (27 - outcome) >= 5, found["dropped_out"][0]
    shares, counts, r = [], [], []
    for session in (1, 3, 5):
        score, there = rated[session - 1], present[session - 1]
        r.append(np.corrcoef(score[there], outcome[there])[0, 1])
        for cut in CUTS:
            low, high = there & (score < cut), there & (score >= cut)
            halves = product((well, left), (low, high))
            shares.append([(group & fate).sum() / group.sum() for fate, group in halves])
            counts.append([low.sum() / there.sum()])
    show = np.flatnonzero(present[4])[:250]
    jitter = np.random.default_rng(1).uniform(-0.06, 0.06, len(show))
    dots = np.stack([rated[s - 1][show] + jitter for s in (1, 3, 5)])[:, None]
    cloud = Panel(
        "One early score, and the end: r = {r}",
        Scale("rated alliance (1 to 5)", 1, 5.1, (1, 2, 3, 4, 5)),
        Scale("outcome (0 to 27, high is well)", 0, 27, (0, 9, 18, 27)),
        [Points("score", outcome[show], size=2.5), Reference("your line", x="cut_line")],
        "Each point is one client; 250 of 4,000.",
    )
    fates = bar_panel(
        "What becomes of low and of high", "shares",
        ("low: do well", "high: do well", "low: leave", "high: leave"),
        "Doing well: at least 5 points fewer symptoms than at the start.",
    )  # fmt: skip
    return Picture(
        "What does an early rating say about the end?",
        (Choice("session", "Asked after",
                {"1": "session 1", "3": "session 3", "5": "session 5"}, "3",
                "when clients fill in the form"),
         Axis("cut", "A rating counts as low below", "", 3, 4.75, 0.05, 4,
              "where you draw the line; the form has no such line of its own")),
        {
            "shares": np.reshape(shares, (3, len(CUTS), 4)),
            "low": np.reshape(counts, (3, len(CUTS), 1)),
            "r": np.reshape(r, (3, 1, 1)),
            "score": dots,
            "cut_line": CUTS.reshape(1, -1, 1),
        },
        [cloud, fates],
        "Asked after {session}, {low_share} of clients rate below {cut}. Of them {low_well} do "
        "well in the end and {low_left} leave early; of the others {high_well} do well and "
        "{high_left} leave early. The correlation with outcome is {r}.",
        [Readout("low_share", "Rated low", "low", percent=True),
         Readout("low_well", "Low, and do well", "shares", 0, percent=True),
         Readout("high_well", "High, and do well", "shares", 1, percent=True),
         Readout("low_left", "Low, and leave", "shares", 2, percent=True),
         Readout("high_left", "High, and leave", "shares", 3, percent=True),
         Readout("r", "Correlation", "r", digits=2)],
    )  # fmt: skip


def explore_first_sessions() -> Explorer:
    """Draw a line through an early rating, and see what becomes of those below and above it.

    Returns
    -------
    Explorer
        With `session` ("1", "3" or "5") and `cut` (3 to 4.75 on the form's scale of 1 to 5).

    Examples
    --------
    >>> explore_first_sessions().describe().startswith("Asked after session 3")
    True
    """
    return Explorer(first_sessions_picture(), asked(11, "first_sessions"))
