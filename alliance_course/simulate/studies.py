"""Simulate many small studies at once, as a meta-analyst would find them."""

from typing import Any

import numpy as np
import pandas as pd

from alliance_course.refusals import chance
from alliance_course.simulate.equations import People
from alliance_course.simulate.frames import RATINGS, Frames
from alliance_course.simulate.parameters import CONDITIONS, PARAMETERS, TREATMENTS, Parameters

# The literature's common design: targets, section 1; A01 for the number of clients.
MEDIAN_CLIENTS, MEAN_CLIENTS, FEWEST_CLIENTS = 70, 100, 15
SESSION_PLANS, SESSION_SHARES = (8, 10, 12, 16, 20), (0.2, 0.2, 0.25, 0.2, 0.15)
RATED_SESSIONS = (3, 4, 5)
ORIENTATIONS = ("CBT", "psychodynamic", "integrative", "supportive")
# Share of clients that a study is expected to lose before the end (I01); it plans for them.
EXPECTED_DROPOUT = 0.2


def simulate_studies(
    n_studies: int = 295,
    *,
    median_clients: float = MEDIAN_CLIENTS,
    mean_clients: float = MEAN_CLIENTS,
    parameters: Parameters | None = None,
    seed: Any = None,
) -> pd.DataFrame:
    """Simulate every client of many studies, with what each study would have measured.

    Each study has one treatment, one condition, one length of therapy and its own strength of the
    alliance's effect; the number who finish is lognormal. One row per client: `study`,
    `rated_session` (3, 4 or 5), the ratings of that session (missing if the client had left), and
    the columns of ``Trial.clients``.
    """
    if not 1 <= n_studies <= 100_000:
        raise ValueError(f"n_studies={n_studies!r} is not allowed: give 1 to 100000")
    if not FEWEST_CLIENTS <= median_clients <= mean_clients:
        raise ValueError(
            f"median_clients={median_clients!r} and mean_clients={mean_clients!r} do not fit: "
            f"give {FEWEST_CLIENTS} <= median <= mean"
        )
    p = PARAMETERS if parameters is None else parameters
    rng = chance(seed)
    spread = np.sqrt(2 * np.log(mean_clients / median_clients))
    finish = np.maximum(FEWEST_CLIENTS, rng.lognormal(np.log(median_clients), spread, n_studies))
    n_clients = np.ceil(finish / (1 - EXPECTED_DROPOUT)).astype(int)
    study = np.repeat(np.arange(n_studies), n_clients)
    n_therapists = np.minimum(rng.integers(3, 31, n_studies), n_clients)
    # caseloads are unequal: some therapists of a study see most of its clients
    within = (n_therapists[study] * rng.random(len(study)) ** 1.5).astype(int)
    therapist = np.concatenate([[0], np.cumsum(n_therapists)[:-1]])[study] + within
    orientation = rng.integers(0, len(ORIENTATIONS), n_studies)
    codes = np.array([TREATMENTS.index(name) for name in ORIENTATIONS], dtype=np.int8)
    condition = rng.integers(0, len(CONDITIONS), n_studies).astype(np.int8)
    planned = rng.choice(SESSION_PLANS, n_studies, p=SESSION_SHARES).astype(np.int16)
    factor = (1 + p.study_alliance_sd * rng.standard_normal(n_studies)).astype(np.float32)
    rated = rng.choice(RATED_SESSIONS, n_studies)
    drawn = rng.standard_normal((5, n_therapists.sum()), dtype=np.float32)[:, therapist]
    people = People(
        condition=condition[study],
        treatment=codes[orientation][study],
        planned=planned[study],
        therapist=drawn[:4],
        losing=drawn[4],
        study_factor=factor[study],
    )
    tables = Frames(people, therapist + 1, p, items=False)
    tables.simulate(rng)
    clients, sessions, _ = tables.frames()
    clients.insert(0, "study", study + 1)
    clients.insert(1, "rated_session", rated[study])
    at = sessions["session"].to_numpy() == rated[study][sessions["client"].to_numpy() - 1]
    ratings = sessions.loc[at].set_index("client")[[*RATINGS]]
    return clients.join(ratings, on="client")


def correlate_by_study(
    clients: pd.DataFrame, x: str, y: str = "outcome", *, given: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Each study's own correlation between two columns: one row per study, `n` and `r`.

    Rows with a missing value are left out; the linear part of `given` is taken out of both columns,
    study by study.

    >>> one = pd.DataFrame({"study": [1] * 4, "a": [1, 2, 3, 4], "b": [1, 2, 4, 3]})
    >>> correlate_by_study(one, "a", "b").round(2).to_dict("list")
    {'n': [4], 'r': [0.8]}
    """
    names = [x, y, *given]
    data = clients[["study", *names]].dropna()
    study, first = pd.factorize(data["study"], sort=True)
    values = data[names].to_numpy(dtype=float).T
    n = np.bincount(study)
    centred = [v - (np.bincount(study, v) / n)[study] for v in values]
    k = len(names)
    cross = np.empty((len(n), k, k))
    for i in range(k):
        for j in range(i, k):
            cross[:, i, j] = cross[:, j, i] = np.bincount(study, centred[i] * centred[j])
    inner = cross[:, :2, :2]
    if given:
        between = cross[:, :2, 2:]
        inner = inner - between @ np.linalg.solve(cross[:, 2:, 2:], between.swapaxes(1, 2))
    r = inner[:, 0, 1] / np.sqrt(inner[:, 0, 0] * inner[:, 1, 1])
    return pd.DataFrame({"n": n, "r": r}, index=pd.Index(first, name="study"))


def simulate_literature(
    n_studies: int = 295, *, parameters: Parameters | None = None, seed: Any = None
) -> pd.DataFrame:
    """Simulate a literature: one row per study, with the correlations that it would publish.

    A study rates the alliance once, after session 3, 4 or 5, and correlates it with the outcome
    of the clients who finished.

    Parameters
    ----------
    n_studies : int
        1 to 100,000; 295 is the number in the largest synthesis (row A01).
    parameters : Parameters, optional
        Another world.
    seed : int, Generator or None
        The same seed gives the same literature.

    Returns
    -------
    DataFrame
        `study`, `n` (clients analysed), `r` (client-rated alliance with outcome; high outcome is
        well), `r_bond`, `r_goal`, `r_task`, `r_therapist`, `r_observer`.

    Examples
    --------
    >>> literature = simulate_literature(40, seed=1)
    >>> bool(literature["r"].mean() > 0)
    True
    """
    clients = simulate_studies(n_studies, parameters=parameters, seed=seed)
    stayed = clients[~clients["dropped_out"]]
    table = correlate_by_study(stayed, "alliance_client")
    for name in ("bond_client", "goal_client", "task_client"):
        table[f"r_{name[:4]}"] = correlate_by_study(stayed, name)["r"]
    for rater in ("therapist", "observer"):
        table[f"r_{rater}"] = correlate_by_study(stayed, f"alliance_{rater}")["r"]
    return table.reset_index()
