"""The capstone: a service that only one learner has, its four questions, and the answer key."""

from dataclasses import replace
from functools import cache, lru_cache
from itertools import combinations, count
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from alliance_course.data.tables import rounded
from alliance_course.folders import own_toml
from alliance_course.questions.bank import Tables, compute, question
from alliance_course.questions.sentence import Sentence
from alliance_course.refusals import whole_seed
from alliance_course.simulate.parameters import PARAMETERS
from alliance_course.simulate.trial import at_session, simulate_trial

QUESTIONS = {"bond": "L12.Q1", "goal": "L12.Q2", "task": "L12.Q3", "technique": "L12.Q4"}
DESIGN: dict[str, Any] = {
    "n_clients": 2000,
    "n_therapists": 40,
    "n_sessions": 16,
    "conditions": ("depression", "OCD"),
    "treatments": ("CBT", "supportive"),
}
# What differs from Linden Street, so that the usual slips of analysis show in the numbers:
# therapists with high agreement treat with less success, and weak alliances leave more often.
WORLD: dict[str, Any] = {
    "therapist_correlation": -0.95,
    "therapist_alliance_sd": 0.4,
    "therapist_outcome_sd": 1.0,
    "dropout_slope": 1.3,
    # caseloads stay alike, so that slopes between therapists agree however they are weighted
    "therapist_dropout_sd": 0.0,
}
# What a service can know. The true bond, goal and task stay behind the form.
CLIENTS = (
    "client", "therapist", "condition", "treatment", "severity_intake", "sessions_planned",
    "sessions_attended", "dropped_out", "outcome", "adherence", "competence",
)  # fmt: skip
SESSIONS = (
    "client", "session", "bond_client", "goal_client", "task_client", "alliance_client",
    "alliance_therapist", "disclosure", "homework", "symptoms",
)  # fmt: skip
_KINDS = ("condition", "treatment")
# How far a usual mistake must lie from the right number, and from the next mistake.
_APART, _BETWEEN_MISTAKES = 0.1, 0.05
# A number without a learner, for whoever looks at a question outside the capstone; and the one
# that the lesson shows before a learner has chosen.
_EXAMPLE, EXAMPLE = 1, 4711


class Capstone(NamedTuple):
    """What `capstone` returns: the number and the two tables of its service."""

    seed: int
    clients: pd.DataFrame
    sessions: pd.DataFrame

    def at(self, session: int) -> pd.DataFrame:
        """The rows of one session, each with the columns of its client."""
        return at_session(self.clients, self.sessions, session)

    def question(self, name: str) -> Sentence:
        """What `ask` shows as a card, as text: bond, goal, task, technique or argument."""
        if name == "argument":
            parts = argument_and_rubric()["part"]
            lines = (f"* **{part['prompt']}** (`{part['key']}`): {part['ask']}" for part in parts)
            return Sentence("\n".join(lines))
        entry = question(QUESTIONS[name])
        return Sentence(f"{entry['prompt']}\n\n```python\n{entry['code'].strip()}\n```")

    def rubric(self) -> Sentence:
        """The rubric as a table: 0, 1 or 2 points in each line."""
        lines = argument_and_rubric()["criterion"]
        rows = [
            " | ".join([f"**{one['title']}** (`{one['key']}`)", *one["levels"]]) for one in lines
        ]
        return Sentence(
            "\n".join(f"| {row} |" for row in ["line | 0 | 1 | 2", "--- | --- | --- | ---", *rows])
        )

    def __repr__(self) -> str:
        share = 100 * self.clients["dropped_out"].mean()
        return (
            f"Service number {self.seed}: {len(self.clients)} simulated clients of "
            f"{self.clients['therapist'].nunique()} therapists, "
            f"{len(self.sessions)} sessions. {share:.0f} in 100 clients left early."
        )

    def _repr_markdown_(self) -> str:
        return repr(self)


@cache
def argument_and_rubric() -> dict[str, list[dict[str, Any]]]:
    """`part`: the parts of the argument; `criterion`: the lines of the rubric."""
    return own_toml(Path(__file__).parent / "texts" / "capstone.toml")


def _draw(seed: int, attempt: int) -> dict[str, pd.DataFrame]:
    world = replace(PARAMETERS, **WORLD)
    trial = simulate_trial(**DESIGN, parameters=world, seed=[seed, attempt])
    clients = rounded(trial.clients[[*CLIENTS]])
    kinds = {name: clients[name].cat.remove_unused_categories() for name in _KINDS}
    return {"clients": clients.assign(**kinds), "sessions": rounded(trial.sessions[[*SESSIONS]])}


def _tells_apart(tables: dict[str, pd.DataFrame]) -> bool:
    """Whether each usual mistake shows in the numbers, and in the direction that is taught."""
    found = {}
    for name, question_id in QUESTIONS.items():
        entry = question(question_id)
        computed = compute(entry, Tables(lambda name, seed: tables[name], None))
        right = computed["expected"]
        wrong = [computed[f"mistake {mistake['name']}"] for mistake in entry["mistake"]]
        if min(abs(right - value) for value in wrong) < _APART:
            return False
        if min(abs(a - b) for a, b in combinations(wrong, 2)) < _BETWEEN_MISTAKES:
            return False
        found[name] = right, wrong
    (bond, (between, *_)), (goal, (stayed, *_)) = found["bond"], found["goal"]
    (task, (pooled, turned, *_)), (technique, (averaged, *_)) = found["task"], found["technique"]
    apart = between > 1.5 * bond and stayed > goal and pooled < task
    return apart and turned < 0 and averaged < technique


@lru_cache(maxsize=16)
def _service(seed: int) -> dict[str, pd.DataFrame]:
    # one in some services is drawn again: chance made a wrong analysis give the right number
    return next(t for t in (_draw(seed, attempt) for attempt in count()) if _tells_apart(t))


def capstone_data(name: str, *, seed: int | None = None) -> pd.DataFrame:
    """A table of the service with this number: `clients` or `sessions`."""
    return _service(_EXAMPLE if seed is None else whole_seed(seed))[name].copy()


def capstone(seed: int) -> Capstone:
    """A service of simulated clients that belongs to one number, for the capstone of lesson 12.

    Parameters
    ----------
    seed : int
        Your number, from 0. The same number gives the same service on every computer. Choose one
        that is not your birthday or your student number: it stands in the name of your file.

    Returns
    -------
    Capstone
        `clients` (one row per client) and `sessions` (one row per attended session), with the
        columns of ``describe_dataset("clients")`` and ``describe_dataset("sessions")`` that a
        service can know, and `disclosure`, which only a simulation knows.

    Raises
    ------
    ValueError
        If `seed` is not a whole number from 0.

    Notes
    -----
    Simulated, not clients. The world differs from Linden Street, and services in which a usual
    slip would by chance give nearly the right number are drawn again. No service is evidence for
    anything outside the course.

    Examples
    --------
    >>> capstone(4711).clients["treatment"].nunique()
    2
    >>> capstone(4711).clients.equals(capstone(4712).clients)
    False
    """
    chosen = whole_seed(seed)
    tables = (capstone_data(name, seed=chosen) for name in ("clients", "sessions"))
    return Capstone(chosen, *tables)
