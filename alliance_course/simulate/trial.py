"""Simulate clients in therapy: a design goes in, tidy tables come out.

Clients belong to therapists, therapists to treatments. From session to session each client has
a bond and an agreement on goals and on tasks; these act on symptoms, and symptoms act back. The
truth stands beside every rating, so that a lesson can reveal it. The equations are in
`equations.py`; every number is in `parameters.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from alliance_course.measure.form import COMPONENTS
from alliance_course.refusals import chance
from alliance_course.simulate.equations import SYMPTOM_MAX, Draws, People, follow, split
from alliance_course.simulate.frames import TRUE, Frames
from alliance_course.simulate.parameters import CONDITIONS, PARAMETERS, TREATMENTS, Parameters
from alliance_course.simulate.ratings import STEPS, Raters, true_score

MAX_SESSIONS = 60
_FOLLOWED = (*TRUE, "rupture", "repaired", "present", "alliance_client")


class Trial(NamedTuple):
    """What `simulate_trial` returns: three tidy tables (`items` is None unless asked for)."""

    clients: pd.DataFrame
    sessions: pd.DataFrame
    items: pd.DataFrame | None = None

    def at(self, session: int) -> pd.DataFrame:
        """The rows of one session, each with the columns of its client.

        Parameters
        ----------
        session : int
            From 1 to the last session of the trial. Clients who had left are not in it.

        Returns
        -------
        DataFrame
            The columns of `sessions`, then those of `clients`; in the order of `client`.

        Raises
        ------
        ValueError
            If nobody had a session with this number.

        Examples
        --------
        >>> third = simulate_trial(n_clients=50, seed=1).at(3)
        >>> bool((third["session"] == 3).all() and third["outcome"].notna().all())
        True
        """
        return at_session(self.clients, self.sessions, session)


def at_session(clients: pd.DataFrame, sessions: pd.DataFrame, session: int) -> pd.DataFrame:
    """The rows of one session, each with the columns of its client."""
    _whole("session", session, 1, int(sessions["session"].max()))
    return sessions[sessions["session"] == session].merge(clients, on="client")


def _whole(name: str, given: Any, low: int, high: int) -> int:
    number = isinstance(given, (int, np.integer)) and not isinstance(given, bool)
    if not (number and low <= given <= high):
        raise ValueError(
            f"{name}={given!r} is not allowed: give a whole number from {low} to {high}"
        )
    return int(given)


def _names(name: str, given: Any, allowed: Sequence[str]) -> list[int]:
    chosen = [given] if isinstance(given, str) else list(given)
    unknown = [entry for entry in chosen if entry not in allowed]
    if unknown or not chosen or len(set(chosen)) != len(chosen):
        what = f"{unknown[0]!r} is unknown" if unknown else f"{chosen!r} is empty or repeats itself"
        raise ValueError(f"{name}: {what}; use different ones of {', '.join(allowed)}")
    return [allowed.index(entry) for entry in chosen]


def _parameters(given: Parameters | None) -> Parameters:
    if given is None:
        return PARAMETERS
    if not isinstance(given, Parameters):
        raise ValueError(
            f"parameters={given!r} is not allowed: use dataclasses.replace(PARAMETERS, ...)"
        )
    return given


def _held(given: Mapping[str, float] | None) -> dict[str, float]:
    held = dict(given or {})
    for component, level in held.items():
        if component not in COMPONENTS:
            raise ValueError(f"hold: {component!r} is unknown; use {', '.join(COMPONENTS)}")
        if not isinstance(level, (int, float, np.floating)) or not -4 <= level <= 4:
            raise ValueError(f"hold: {component}={level!r} is not allowed: give SD from -4 to 4")
    return held


def simulate_trial(
    n_clients: int = 200,
    *,
    n_therapists: int = 20,
    n_sessions: int = 12,
    conditions: Sequence[str] = ("depression",),
    treatments: Sequence[str] = ("CBT", "psychodynamic"),
    parameters: Parameters | None = None,
    items: bool = False,
    dose: float = 1.0,
    favoured: str | None = None,
    hold: Mapping[str, float] | None = None,
    seed: Any = None,
) -> Trial:
    """Simulate a trial: clients of therapists who each give one treatment, session by session.

    Parameters
    ----------
    n_clients : int
        1 to 10,000,000. They are spread over conditions and therapists as evenly as possible, in
        random order.
    n_therapists : int
        At least one for each treatment; each gives one treatment.
    n_sessions : int
        Weekly sessions planned, 1 to 60. Clients who leave early have fewer.
    conditions : sequence of str
        From depression, GAD, panic, OCD, PTSD.
    treatments : sequence of str
        From CBT, psychodynamic, integrative, supportive, exposure, behavioural activation,
        relaxation, waitlist.
    parameters : Parameters, optional
        Another world, made by ``dataclasses.replace(PARAMETERS, ...)``.
    items : bool
        Whether to build the answers to each item of the alliance form (many rows).
    dose : float
        Share of the planned technique that is given, 0 to 3; below 1 a dismantled treatment.
    favoured : str, optional
        The treatment that the trial's authors believe in (researcher allegiance).
    hold : mapping, optional
        Fix true bond, goal or task for everybody, in SD (-4 to 4): the experiment that nobody
        can do, for example ``hold={"bond": 1.0}``.
    seed : int, Generator or None
        The same seed gives the same clients, to the last bit.

    Returns
    -------
    Trial
        `clients` (one row per client), `sessions` (one row per attended session) and `items` (one
        row per session and rater, or None). ``describe_dataset("clients")`` explains every column.
        `outcome` runs from 0 to 27 and high is well; `symptoms` run from 0 to 27 and high is ill.

    Raises
    ------
    ValueError
        If an argument is not allowed; the message names it.

    Notes
    -----
    Simulated, not clients: the model was tuned to the findings of ``published_effects()``, so
    what it shows about them is no evidence for them.

    Examples
    --------
    >>> trial = simulate_trial(n_clients=100, seed=1)
    >>> trial.clients["client"].nunique()
    100
    >>> bool(trial.sessions["alliance_client"].between(1, 5).all())
    True
    """
    n_clients = _whole("n_clients", n_clients, 1, 10_000_000)
    n_sessions = _whole("n_sessions", n_sessions, 1, MAX_SESSIONS)
    condition_ids = _names("conditions", conditions, CONDITIONS)
    treatment_ids = _names("treatments", treatments, TREATMENTS)
    n_therapists = _whole("n_therapists", n_therapists, len(treatment_ids), 1_000_000)
    p, held = _parameters(parameters), _held(hold)
    if not isinstance(dose, (int, float)) or not 0 <= dose <= 3:
        raise ValueError(f"dose={dose!r} is not allowed: give a number from 0 to 3")
    favoured_ids = [] if favoured is None else _names("favoured", favoured, TREATMENTS)
    rng = chance(seed)

    order = rng.permutation(n_clients).astype(np.int32)
    therapist = order % n_therapists
    treatment = np.asarray(treatment_ids, dtype=np.int8)[therapist % len(treatment_ids)]
    drawn = rng.standard_normal((5, n_therapists), dtype=np.float32)[:, therapist]
    people = People(
        condition=np.asarray(condition_ids, dtype=np.int8)[
            order // n_therapists % len(condition_ids)
        ],
        treatment=treatment,
        planned=np.full(n_clients, n_sessions, dtype=np.int16),
        therapist=drawn[:4],
        losing=drawn[4],
        lift=(p.allegiance * np.isin(treatment, favoured_ids)).astype(np.float32),
        dose=float(dose),
        hold=held,
    )
    tables = Frames(people, therapist + 1, p, bool(items))
    tables.simulate(rng)
    return Trial(*tables.frames())


def simulate_worlds(
    worlds: Sequence[Mapping[str, float]],
    n_clients: int = 300,
    *,
    n_sessions: int = 16,
    condition: str = "depression",
    treatment: str = "CBT",
    each_session: Callable[[int], Sequence[Mapping[str, float]]] | None = None,
    parameters: Parameters | None = None,
    seed: Any = None,
) -> dict[str, np.ndarray]:
    """Put the very same clients into several worlds at once (common random numbers).

    Chance is the same in every world, so that two worlds differ only by what was changed.
    Explorers build their surfaces with this.

    Parameters
    ----------
    worlds : sequence of mappings
        Each names what is different: bond, goal or task (fixed level in SD), `dose`, or any
        number of `Parameters`.
    n_clients : int
        Clients in each world.
    each_session : callable, optional
        Takes the number of the session that comes next and gives a mapping for each world: what
        is different in this one session (`dose`, or numbers of `Parameters`), and bond, goal or
        task, which are raised by so many SD from this session on.
    n_sessions, condition, treatment, parameters, seed
        As in `simulate_trial`, for all worlds.

    Returns
    -------
    dict of ndarray
        Shape (worlds, sessions + 1, clients): `symptoms` on arrival (0 to 27, true, high is ill),
        the last row after the last planned session, as if nobody left. Shape (worlds, sessions,
        clients): `present`, bond, goal, task, strain, technique, defensiveness, disclosure,
        homework, rupture, repaired, alliance_client. Shape (worlds, clients): `outcome` (0 to
        27, true, high is well), `attended` (sessions) and `dropped_out`.

    Raises
    ------
    ValueError
        If a name in a world is unknown, or `each_session` does not give a mapping for each world.

    Examples
    --------
    >>> two = simulate_worlds([{"bond": -1.0}, {"bond": 1.0}], 50, seed=3)
    >>> two["disclosure"].shape
    (2, 16, 50)
    >>> bool((two["disclosure"][1] > two["disclosure"][0]).all())
    True
    """
    p = _parameters(parameters)
    condition_id, treatment_id = (
        _names("condition", condition, CONDITIONS)[0],
        _names("treatment", treatment, TREATMENTS)[0],
    )
    known = {*COMPONENTS, "dose", *Parameters.of_the_model()}
    count, total = len(worlds), len(worlds) * n_clients

    def spread(name: str, usual: Any, some: Sequence[Mapping[str, float]]) -> np.ndarray:
        levels = [float(world.get(name, usual)) for world in some]
        return np.repeat(np.asarray(levels, dtype=np.float32), n_clients)

    def named(some: Sequence[Mapping[str, float]]) -> set[str]:
        names = {name for world in some for name in world}
        for unknown in sorted(names - known):
            raise ValueError(f"worlds: {unknown!r} is unknown; use bond, goal, task or a parameter")
        return names

    changed = named(worlds)
    part_held = [c for c in COMPONENTS if c in changed and not all(c in w for w in worlds)]
    if part_held:
        raise ValueError(f"worlds: fix {part_held[0]!r} in every world or in none")
    rng = chance(seed)
    path_rng, rating_rng = split(rng, 2)
    drawn = np.tile(rng.standard_normal((5, n_clients), dtype=np.float32), count)
    people = People(
        condition=np.full(total, condition_id, dtype=np.int8),
        treatment=np.full(total, treatment_id, dtype=np.int8),
        planned=np.full(total, n_sessions, dtype=np.int16),
        therapist=drawn[:4],
        losing=drawn[4],
        dose=spread("dose", 1.0, worlds),
        hold={c: spread(c, 0.0, worlds) for c in COMPONENTS if c in changed},
        overrides={
            name: spread(name, getattr(p, name), worlds) for name in changed - {*COMPONENTS, "dose"}
        },
    )
    always, usual_dose, raised = people.overrides, people.dose, dict[str, Any]()

    def prepare(session: int) -> None:
        """Put what is different in this session where the equations look their numbers up."""
        now = [{}] * count if each_session is None else each_session(session)
        if len(now) != count:
            raise ValueError(f"each_session gives {len(now)} mappings: give one for each world")
        both = [{**world, **change} for world, change in zip(worlds, now, strict=True)]
        names = named(now)
        numbers = names - {*COMPONENTS, "dose"}
        people.overrides = {**always, **{n: spread(n, getattr(p, n), both) for n in numbers}}
        people.dose = spread("dose", 1.0, both) if "dose" in names else usual_dose
        for c in names & {*COMPONENTS}:
            raised[c] = raised.get(c, 0) + spread(c, 0.0, now)
        people.raised = raised

    prepare(1)
    raters = Raters(p, rating_rng, total, ("client",))
    shape = (n_sessions, len(COMPONENTS), n_clients)
    steps = np.tile(rating_rng.integers(0, STEPS, shape, dtype=np.uint16), count)
    kept: dict[str, list[np.ndarray]] = {}
    for now in follow(people, p, Draws(path_rng, total, count)):
        kept.setdefault("symptoms", []).append(true_score(now["symptoms"]))
        if "outcome" in now:
            break
        ticked = raters.sums("client", now, steps[now["session"] - 1])
        now["alliance_client"] = 1 + sum(sums for _, sums in ticked.values()) / np.float32(12)
        for name in _FOLLOWED:
            kept.setdefault(name, []).append(now[name])
        prepare(now["session"] + 1)
    result: dict[str, Any] = {
        name: np.stack(rows).reshape(len(rows), count, n_clients).swapaxes(0, 1)
        for name, rows in kept.items()
    }
    result["outcome"] = SYMPTOM_MAX - true_score(now["outcome"]).reshape(count, n_clients)
    for name in ("attended", "dropped_out"):
        result[name] = now[name].reshape(count, n_clients)
    return result
