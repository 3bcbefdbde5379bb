"""Lesson 08: one simulated client, one rupture, and three moves that are yours."""

from functools import cache
from itertools import product

import numpy as np

from alliance_course.explorers.definition import (
    Axis,
    Choice,
    Line,
    Panel,
    Picture,
    Readout,
    Reference,
    Scale,
)
from alliance_course.explorers.explorer import Explorer
from alliance_course.explorers.rupture_repair import ALWAYS, NEVER
from alliance_course.model import Draws, People, follow, true_score
from alliance_course.parameters import CONDITIONS, PARAMETERS, TREATMENTS

MOVES = {
    "press": "press on with the technique",
    "goals": "check in on goals",
    "why": "explain the rationale",
    "repair": "repair",
}
DECISIONS = (4, 6, 8)
SESSIONS, RUPTURE = 12, 4
_RAISED, _TALK, _DEEP = 0.8, 0.5, 2.0  # chosen for teaching


def play_branches(seed: int) -> dict[str, np.ndarray]:
    """Follow one client through all 64 ways to choose three moves, with the same luck in each.

    In session 4 a rupture comes, twice as deep as usual; nothing else ruptures. A session that is
    used for talking holds half of the technique. Checking in raises agreement on goals, explaining
    the rationale agreement on tasks, by 0.8 SD from that session on. A repair undoes what the
    model's repairs undo, of the strain that stands. Everything else is the model's equations.

    Returns
    -------
    dict of ndarray
        Shape (64, 12): bond, goal and task (SD), disclosure (0 to 1) and strain (SD) after each
        session. Shape (64, 13): symptoms on arrival and at the end (0 to 27). Shape (64,):
        `attended`, the last session that the client came to. Branches are in the order of
        `itertools.product`.
    """
    ways = np.array(list(product(range(len(MOVES)), repeat=len(DECISIONS))))
    names, count = list(MOVES), len(ways)
    rng = np.random.default_rng(seed)
    usual = np.full(count, PARAMETERS.strain_inertia, dtype=np.float32)
    plan = {
        "strain_per_rupture": np.float32(_DEEP * PARAMETERS.strain_per_rupture),
        "rupture_logit": np.float32(NEVER),
        "repair_logit": np.full(count, NEVER, dtype=np.float32),
        "strain_inertia": usual,
    }
    raised = {name: np.zeros(count, dtype=np.float32) for name in ("goal", "task")}
    people = People(
        condition=np.full(count, CONDITIONS.index("panic"), dtype=np.int8),
        treatment=np.full(count, TREATMENTS.index("CBT"), dtype=np.int8),
        planned=np.full(count, SESSIONS, dtype=np.int16),
        therapist=np.tile(rng.standard_normal((4, 1), dtype=np.float32), count),
        dose=np.ones(count, dtype=np.float32),
        overrides=plan,
        raised=raised,
    )
    kept: dict[str, list[np.ndarray]] = {}
    for now in follow(people, PARAMETERS, Draws(rng, count, count)):
        kept.setdefault("symptoms", []).append(true_score(now["symptoms"]))
        if "outcome" in now:
            break
        for name in ("bond", "goal", "task", "disclosure", "strain"):
            kept.setdefault(name, []).append(now[name])
        # what is decided for the next session, before it is computed
        coming = now["session"] + 1
        plan["rupture_logit"] = np.float32(ALWAYS if coming == RUPTURE else NEVER)
        plan["strain_inertia"] = usual
        people.dose = np.ones(count, dtype=np.float32)
        if coming in DECISIONS:
            move = ways[:, DECISIONS.index(coming)]
            people.dose = np.where(move == names.index("press"), 1, _TALK).astype(np.float32)
            raised["goal"] = raised["goal"] + _RAISED * (move == names.index("goals"))
            raised["task"] = raised["task"] + _RAISED * (move == names.index("why"))
            mends = move == names.index("repair")
            plan["repair_logit"] = np.where(mends & (coming == RUPTURE), ALWAYS, NEVER)
            if coming != RUPTURE:
                plan["strain_inertia"] = usual * (1 - PARAMETERS.repair_path * mends)
    branches = {name: np.stack(rows, axis=1) for name, rows in kept.items()}
    return {**branches, "attended": now["attended"]}


@cache
def play_picture(seed: int = 6) -> Picture:
    """Every way through the therapy of one client, up to each session (common random numbers).

    A tree of 64 branches is small, so all of it is in the page: the play needs no kernel, and the
    same seed gives the same client everywhere.
    """
    branches = play_branches(seed)
    attended = branches.pop("attended").astype(int)
    last = np.minimum(np.arange(1, SESSIONS + 1), attended[:, None])  # (branches, sessions)
    grid = (len(MOVES),) * len(DECISIONS) + (SESSIONS, -1)
    surfaces: dict[str, np.ndarray] = {}
    for name, course in branches.items():
        ahead = int(name == "symptoms")
        places = np.minimum(np.arange(SESSIONS + ahead), last[..., None] - 1 + ahead)
        drawn = np.take_along_axis(course[:, None, :], places, axis=2)
        surfaces[name] = drawn.reshape(grid)
        surfaces["weeks" if ahead else "sessions"] = (places + 1).reshape(grid)
    here = (attended[:, None] >= np.arange(1, SESSIONS + 1)).astype(float)
    surfaces["here"] = here.reshape(grid)
    alliance = Panel(
        "Bond {bond}, goal {goal}, task {task}",
        Scale("session", 1, SESSIONS, (1, 4, 6, 8, 12)),
        Scale("SD (0 is average)", -3, 3, (-3, -2, -1, 0, 1, 2, 3)),
        [
            Reference("average", y=0.0),
            Line("bond", "sessions", "bond"),
            Line("goal", "sessions", "goal", style=1),
            Line("task", "sessions", "task", style=2),
        ],
        "Checking in raises goal by 0.8 SD, explaining task. Dotted: where the controls start.",
    )
    honesty = Panel(
        "{said} of what troubles is said",
        Scale("session", 1, SESSIONS, (1, 4, 6, 8, 12)),
        Scale("disclosure", 0, 1, (0, 0.5, 1), percent=True),
        [Line("disclosure", "sessions", style=3)],
        "A rupture leaves strain, which fades slowly. A repair undoes most of it.",
    )
    symptoms = Panel(
        "Symptoms are at {symptoms}",
        Scale("on arrival (13: at the end)", 1, SESSIONS + 1, (1, 5, 9, 13)),
        Scale("symptoms (0 to 27, high is ill)", 0, 27, (0, 9, 18, 27)),
        [Line("symptoms", "weeks")],
        "Any move but pressing on takes half of the technique out of its session.",
    )
    asked = [
        Choice(f"session_{number}", f"Session {number}", MOVES, "press", text)
        for number, text in zip(
            DECISIONS,
            ("your first move: a rupture has just come, twice as deep as usual",
             "your second move; the notes under the pictures say what each move does",
             "your third move; how much a move does was chosen for teaching"),
            strict=True,
        )
    ]  # fmt: skip
    return Picture(
        "One client, one rupture: what do you do?",
        (
            *asked,
            Axis("after", "After session", "", 1, SESSIONS, 1, DECISIONS[-1],
                 "how far you have come; what follows is not drawn yet", ("first", "last")),
        ),
        surfaces,
        [alliance, honesty, symptoms],
        "One simulated client with panic. After session {after} bond is at {bond}, goal at {goal}, "
        "task at {task} (SD, 0 is average) and strain at {strain}; {said} of what troubles the "
        "client is said, symptoms are at {symptoms} on a scale from 0 to 27, and the client "
        "{here_word}. Moves: session 4 {session_4}; session 6 {session_6}; session 8 {session_8}.",
        [
            Readout("bond", "Bond", "bond", -1 + SESSIONS, 1, signed=True),
            Readout("goal", "Goal", "goal", -1 + SESSIONS, 1, signed=True),
            Readout("task", "Task", "task", -1 + SESSIONS, 1, signed=True),
            Readout("strain", "Strain", "strain", -1 + SESSIONS, 1),
            Readout("said", "Said", "disclosure", -1 + SESSIONS, percent=True),
            Readout("symptoms", "Symptoms", "symptoms", SESSIONS, 1),
            Readout("here", "In therapy", "here", words=((0.5, "has left"), (1, "still comes")),
                    shown=False),
        ],
    )  # fmt: skip


def play_client(*, seed: int = 6) -> Explorer:
    """Take one simulated client through a rupture: choose a move in sessions 4, 6 and 8.

    Parameters
    ----------
    seed : int
        Which client, and which luck. The same seed gives the same client.

    Returns
    -------
    Explorer
        With `session_4`, `session_6` and `session_8` ("press", "goals", "why" or "repair"), and
        `after`, the session up to which the therapy is drawn (1 to 12).

    Raises
    ------
    ValueError
        If seed is not a whole number from 0 on.

    Notes
    -----
    All 64 ways come from the model's equations, with the same chance in each; they are computed
    once and held in the page. What a move does to the equations, and how much, was chosen for
    teaching: see `alliance_course.explorers.play.play_branches`. One client's way is an example
    and no evidence.

    Examples
    --------
    >>> play = play_client(seed=6)
    >>> before = play.describe()
    >>> play.session_4 = "repair"
    >>> play.describe() == before
    False
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ValueError(f"seed={seed!r} is not allowed: give a whole number from 0 on, as 6")
    return Explorer(play_picture(seed))
