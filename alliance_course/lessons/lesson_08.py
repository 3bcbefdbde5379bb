"""Lesson 08: what a rupture costs, one client in your hands, and what paths and repair carry."""

from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from alliance_course.analyse.association import cohens_d, correlation, partial_correlation
from alliance_course.lessons import asked
from alliance_course.measure.form import COMPONENTS, RATERS
from alliance_course.refusals import whole_seed
from alliance_course.show.explorer import Axis, Choice, Explorer, Picture, Readout
from alliance_course.show.explorer.parts import bar_panel, symptom_scale
from alliance_course.show.explorer.picture import Line, Panel, Scale
from alliance_course.show.figure import Plot, dot_rows, in_words
from alliance_course.show.style import BOND, LIGHT, MARKERS, SERIES
from alliance_course.simulate.parameters import PARAMETERS
from alliance_course.simulate.trial import Trial, simulate_trial, simulate_worlds

SESSIONS, WHEN, DEPTHS = 12, np.arange(2, 12), (1.0, 2.0, 3.0)
AFTER = {"repaired": "it is repaired in the same session", "left": "it is left as it is"}
_CLIENTS = 1000
NEVER, ALWAYS = -60.0, 60.0  # as logits


def one_rupture(
    when: np.ndarray, depth: np.ndarray, repaired: np.ndarray, clients: int, *, seed: int
) -> dict[str, np.ndarray]:
    """Follow the same clients through one rupture each: a world for each entry of the arrays.

    The rupture comes in session `when` (0: never), `depth` times as deep as usual; nothing else
    ruptures. Shape (worlds, sessions): mean `alliance` in SD, and `symptoms` on arrival and at the
    end (one more), in points, as if nobody left. Shape (worlds,): the share who `leave`.
    """
    found = simulate_worlds(
        [
            {
                "strain_per_rupture": PARAMETERS.strain_per_rupture * deep,
                "repair_logit": ALWAYS if mended else NEVER,
            }
            for deep, mended in zip(depth, repaired, strict=True)
        ],
        clients,
        n_sessions=SESSIONS,
        each_session=lambda now: [{"rupture_logit": ALWAYS if now == at else NEVER} for at in when],
        seed=seed,
    )
    return {
        "alliance": np.mean([found[component] for component in COMPONENTS], axis=(0, 3)),
        "symptoms": found["symptoms"].mean(axis=2),
        "leave": found["dropped_out"].mean(axis=1),
    }


@cache
def rupture_repair_picture() -> Picture:
    """Put one rupture into the therapy of the same 1000 clients: when, how deep, repaired or not.

    Common random numbers: against the therapy without it, only the rupture is different.
    """
    cases = np.array([(0, 1, 0), *product(WHEN, DEPTHS, (True, False))])  # the first: none at all
    found = one_rupture(cases[:, 0], cases[:, 1], cases[:, 2] > 0, _CLIENTS, seed=1)
    (smooth, alliance), (usual, symptoms), (few, leave) = (
        (values[0], values[1:].reshape(len(WHEN), len(DEPTHS), len(AFTER), -1))
        for values in (found["alliance"], found["symptoms"], found["leave"])
    )
    extra = symptoms - usual
    surfaces = {
        "alliance": alliance,
        "smooth": smooth.reshape(1, 1, 1, -1),
        "gain": alliance[..., -1:] - smooth[-1],
        "extra": extra,
        "worst": extra.max(axis=-1, keepdims=True),
        "burdens": extra.sum(axis=-1)[:, :, None],
        "leave": _CLIENTS * leave,
        "few": np.reshape(_CLIENTS * few, (1, 1, 1, 1)),
    }
    course = Panel(
        "A rupture in session {when}",
        Scale("session", 1, SESSIONS, (1, 4, 8, 12)),
        Scale("alliance (SD, 0 is average)", -1.5, 0.6, (-1.5, -1, -0.5, 0, 0.5), digits=1),
        [Line("smooth", range(1, SESSIONS + 1), "no rupture", style=0),
         Line("alliance", range(1, SESSIONS + 1), "rupture", style=1)],
        "Average of 1,000 clients.", width=3,
    )  # fmt: skip
    cost = Panel(
        "At worst {worst} extra points",
        Scale("session (13: after the last)", 1, SESSIONS + 1, (1, 5, 9, 13)),
        Scale("extra symptom points", -1, 8, (0, 2, 4, 6, 8)),
        [Line("extra", range(1, SESSIONS + 2), style=1)],
        "The same clients with this rupture and without it.",
        width=3,
    )
    both = bar_panel(
        "All weeks added up", "burdens", ("repaired", "left"),
        "This rupture, repaired and left.",
        Scale("extra points", 0, 60, (0, 20, 40, 60), digits=1), style=1, width=2,
    )  # fmt: skip
    return Picture(
        "What does one rupture cost?",
        (Axis("when", "Session of the rupture", "", 2, 11, 1, 5,
              "the session in which something goes wrong between the two", ("early", "late")),
         Axis("depth", "Depth", "", DEPTHS[0], DEPTHS[-1], 0.1, 1,
              "1 is a usual rupture in our clinic", ("as usual", "very deep")),
         Choice("after", "What happens then", AFTER, "left",
                "repaired: noticed and talked through before the session ends")),
        surfaces, [course, cost, both],
        "A rupture {depth} times as deep as usual in session {when}, and {after}. Compared with "
        "the same therapy without it, clients have at worst {worst} extra symptom points. Added up "
        "over all weeks it is {mended} points if the rupture is repaired and {standing} if it is "
        "left. After the last session the alliance differs by {gain}. Of 1,000 clients {leave} "
        "leave early; without the rupture it is {few}.",
        [Readout("worst", "Extra points, at worst", "worst", digits=1),
         Readout("mended", "All weeks, repaired", "burdens", 0, 1),
         Readout("standing", "All weeks, left", "burdens", 1, 1),
         Readout("gain", "Alliance at the end, against none", "gain", 0, 2, "SD", signed=True),
         Readout("leave", "Leave early, of 1,000", "leave"),
         Readout("few", "Leave early without it", "few")],
    )  # fmt: skip


def explore_rupture_repair() -> Explorer:
    """Put one rupture into a therapy, and see what it costs repaired and left.

    Returns
    -------
    Explorer
        With `when` (session 2 to 11), `depth` (1, as usual, to 3) and `after` ("repaired" or
        "left").

    Notes
    -----
    In this model a repair takes the strain of a rupture away from the next session on, and leaves
    the alliance a little stronger than it was. Strain that is left fades by itself, a quarter each
    session.

    Examples
    --------
    >>> explorer = explore_rupture_repair()
    >>> explorer.describe().startswith("A rupture 1.0 times as deep as usual in session 5")
    True
    """
    return Explorer(rupture_repair_picture(), asked(8, "rupture_repair"))


MOVES = {
    "press": "press on with the technique",
    "goals": "check in on goals",
    "why": "explain the rationale",
    "repair": "repair",
}
_HELPS = {
    4: "your first move: in this session a rupture comes, twice as deep as usual",
    6: "your second move; the notes under the pictures say what each move does",
    8: "your third move; how much a move does was chosen for teaching",
}
DECISIONS = tuple(_HELPS)
_PLAYED = (
    (0, "No move has been played yet"),
    (1, "The first move has been played"),
    (2, "Two moves have been played"),
    (3, "All three moves have been played"),
)
RUPTURE = 4
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
    ways = list(product(MOVES, repeat=len(DECISIONS)))

    def moves(session: int) -> list[dict[str, float]]:
        at = DECISIONS.index(session) if session in DECISIONS else None
        return [_turn("press" if at is None else way[at], session) for way in ways]

    found = simulate_worlds(
        [{"strain_per_rupture": _DEEP * PARAMETERS.strain_per_rupture}] * len(ways),
        1,
        n_sessions=SESSIONS,
        condition="panic",
        each_session=moves,
        seed=seed,
    )
    names = (*COMPONENTS, "disclosure", "strain", "symptoms", "attended")
    return {name: found[name][..., 0] for name in names}


def _turn(move: str, session: int) -> dict[str, float]:
    """What a move changes in its session."""
    mends, now = move == "repair", session == RUPTURE
    # a repair in the session of the rupture is the model's own; a later one ends what still stands
    late = PARAMETERS.repair_path * (mends and not now)
    return {
        "rupture_logit": ALWAYS if now else NEVER,
        "repair_logit": ALWAYS if mends and now else NEVER,
        "strain_inertia": PARAMETERS.strain_inertia * (1 - late),
        "dose": 1.0 if move == "press" else _TALK,
        "goal": _RAISED * (move == "goals"),
        "task": _RAISED * (move == "why"),
    }


@cache
def play_picture(seed: int = 81) -> Picture:
    """Every way through the therapy of one client, up to each session (common random numbers).

    A tree of 64 branches is small, so all of it is in the page: the play needs no kernel, and the
    same seed gives the same client everywhere. Of all seeds from 0 on, 81 is the first whose client
    has less bond and agreement than average before the rupture, comes to all three decisions and
    then leaves if you press on three times, and stays to the end with some other moves.
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
    surfaces["here"] = (attended[:, None] >= np.arange(1, SESSIONS + 1)).reshape(grid)
    surfaces["played"] = (last[..., None] >= DECISIONS).sum(axis=-1).reshape(grid)
    doses = [[_turn(move, 0)["dose"] for move in way] for way in product(MOVES, repeat=3)]
    surfaces["dose"] = np.mean(doses, axis=1).reshape(*grid[:-2], 1, 1)
    alliance = Panel(
        "Bond, goal and task",
        Scale("session", 1, SESSIONS, (1, 4, 6, 8, 12)),
        Scale("SD (0 is average)", -3, 3, (-3, -2, -1, 0, 1, 2, 3)),
        [Line(name, "sessions", name, style=BOND + k) for k, name in enumerate(COMPONENTS)],
        "Checking in raises goal by 0.8 SD, explaining raises task.",
    )
    honesty = Panel(
        "{said} of what troubles is said",
        Scale("session", 1, SESSIONS, (1, 4, 6, 8, 12)),
        Scale("disclosure", 0, 1, (0, 0.5, 1), percent=True),
        [Line("disclosure", "sessions", style=BOND + 3)],
        "A rupture leaves strain, which fades slowly. A repair ends it.",
    )
    symptoms = Panel(
        "At {symptoms}; the client {here_word}",
        Scale("on arrival (13: at the end)", 1, SESSIONS + 1, (1, 5, 9, 13)),
        symptom_scale(27, 9),
        [Line("symptoms", "weeks", style=BOND + 3)],
        "A talk takes half of the technique's place.",
    )
    moves = [
        Choice(f"session_{at}", f"Session {at}", MOVES, "press", text, ("after", at - 1))
        for at, text in _HELPS.items()
    ]
    return Picture(
        "One client, one rupture: what do you do?",
        (*moves,
         Axis("after", "After session", "", 1, SESSIONS, 1, DECISIONS[0] - 1,
              "how far you have come; what follows is not drawn yet", ("first", "last"))),
        surfaces, [alliance, honesty, symptoms],
        "One simulated client with panic. After session {after} the client {here_word}. When they "
        "last met bond was at {bond}, goal at {goal}, task at {task} (SD, 0 is average) and strain "
        "at {strain}; {said} of what troubles the client was said. Symptoms are at {symptoms} on a "
        "scale from 0 to 27. {played_word}. Chosen: session 4 {session_4}; session 6 {session_6}; "
        "session 8 {session_8}.",
        [*(Readout(name, name.capitalize(), name, -1 + SESSIONS, 1, signed=True)
           for name in COMPONENTS),
         Readout("strain", "Strain", "strain", -1 + SESSIONS, 1),
         Readout("said", "Said", "disclosure", -1 + SESSIONS, percent=True),
         Readout("symptoms", "Symptoms", "symptoms", SESSIONS, 1),
         Readout("dose", "Technique given", "dose", percent=True),
         Readout("here", "In therapy", "here", words=((0.5, "has left"), (1, "still comes"))),
         Readout("played", "Moves played", "played", words=_PLAYED)],
    )  # fmt: skip


def play_client(*, seed: int = 81) -> Explorer:
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
    teaching: see `alliance_course.lessons.lesson_08.play_branches`. One client's way is an example
    and no evidence.

    Examples
    --------
    >>> play = play_client(seed=81)
    >>> before = play.describe()
    >>> play.session_4 = "repair"
    >>> play.describe() == before
    False
    """
    return Explorer(play_picture(whole_seed(seed)), asked(8, "play"))


_PATHS = {
    "defensiveness": ("defensiveness_path",),
    "honesty": ("disclosure_path",),
    "engagement": ("engagement_path", "homework_share"),  # by itself, and as technique that is done
    "strain": ("strain_harm",),
}
# Shares of sessions with a rupture as published: clients D04, observers D05
_PUBLISHED = {"client": (19, 42, "D04"), "observer": (41, 100, "D05")}
_GROUPS = {"none": "no rupture", "repaired": "mostly repaired", "left": "mostly left"}


def plot_paths(n_clients: int = 1500, *, condition: str = "panic", seed: Any = None) -> Plot:
    """Cut each path from alliance to outcome in turn, then all four, and draw what is left.

    Bond, goal and task are held at -1 SD (weak) and at +1 SD (strong) for the same clients, with
    the same luck: the experiment that nobody can do with people. In the last row nobody leaves
    early either.

    Parameters
    ----------
    n_clients : int
        Clients in each world.
    condition : str
        depression, GAD, panic, OCD or PTSD.
    seed : int, Generator or None
        The same seed gives the same clients.

    Returns
    -------
    Plot
        Its table has a row for each cut, and the columns `weak` and `strong` (mean outcome, 0 to
        27, high is well), `ahead` (points between the two), `weak_leave` and `strong_leave`
        (clients of 100 who leave early).

    Raises
    ------
    ValueError
        If the condition is unknown.

    Examples
    --------
    >>> list(plot_paths(100, seed=1).table.index)[:3]
    ['all paths on', 'defensiveness cut', 'honesty cut']
    """
    four = dict.fromkeys(sum(_PATHS.values(), ()), 0.0)
    cuts = {
        "all paths on": {},
        **{f"{name} cut": dict.fromkeys(paths, 0.0) for name, paths in _PATHS.items()},
        "all four cut": four,
        "and nobody leaves": four | {"dropout_logit": NEVER},
    }
    levels = [dict.fromkeys(COMPONENTS, level) for level in (-1.0, 1.0)]
    worlds = [cut | level for cut in cuts.values() for level in levels]
    found = simulate_worlds(worlds, n_clients, condition=condition, seed=seed)
    weak, strong = found["outcome"].mean(axis=1).reshape(-1, 2).T
    weak_leave, strong_leave = 100 * found["dropped_out"].mean(axis=1).reshape(-1, 2).T
    ahead = pd.Series(strong - weak, index=list(cuts))
    single = ahead.iloc[0] - ahead.iloc[1 : 1 + len(_PATHS)]

    def draw(ax: Any) -> None:
        for row, gap in enumerate(ahead):
            kind = {0: 0, len(cuts) - 2: 2, len(cuts) - 1: 3}.get(row, 1)
            ax.hlines(row, 0, gap, color=SERIES[kind], lw=2.5)
            ax.plot(gap, row, MARKERS[kind], color=SERIES[kind], ms=9)
            ax.text(1.04 * ahead.max(), row, f"{gap:.1f}", va="center")
        ax.axvline(ahead.iloc[0], color=SERIES[0], lw=1, linestyle=":")
        ax.set_yticks(range(len(cuts)), ahead.index)
        ax.set(xlim=(0, ahead.max() * 1.15), ylim=(len(cuts) - 0.5, -0.6))
        ax.set_xlabel("outcome points by which a strong alliance is ahead of a weak one")
        ax.set_title(
            "Each path carries a part, none carries it all"
            if 0 < single.min() and single.max() < ahead.iloc[0] / 2
            else "What is left when a path is cut"
        )

    columns = {"weak": weak, "strong": strong, "ahead": ahead}
    table = pd.DataFrame({**columns, "weak_leave": weak_leave, "strong_leave": strong_leave})
    words = (
        "How far clients with a strong alliance end ahead of the same clients with a weak one, in "
        f"outcome points: {in_words(table, '{name} {ahead:.1f}')}. With all paths on, "
        f"{weak_leave[0]:.0f} of 100 leave early with a weak alliance and {strong_leave[0]:.0f} "
        "with a strong one."
    )
    return Plot(draw, (7.0, 0.45 * len(cuts) + 1.2), words, table)


def _trial(n_clients: int, caseload: int, seed: Any, **numbers: Any) -> Trial:
    world, therapists = replace(PARAMETERS, **numbers), n_clients // caseload
    return simulate_trial(
        n_clients, n_therapists=therapists, treatments=("CBT",), parameters=world, seed=seed
    )


def take_out_homework(n_clients: int = 6000, *, seed: Any = None) -> pd.DataFrame:
    """Correlate alliance and outcome, as it is and with homework taken out, in two worlds.

    In the first world homework works as in the clinic. In the second nothing comes of it: it lowers
    no symptoms, carries no technique and builds no alliance.

    Parameters
    ----------
    n_clients : int
        Clients in each world, 20 of each therapist.
    seed : int, Generator or None
        The same seed gives the same clients.

    Returns
    -------
    DataFrame
        A column for each world; rows "as it is" and "homework taken out". Alliance is as clients
        rated it after session 4.

    Raises
    ------
    ValueError
        If there are fewer than 20 clients.

    Examples
    --------
    >>> list(take_out_homework(200, seed=1).columns)
    ['homework works', 'homework does nothing']
    """
    nothing = dict.fromkeys(("engagement_path", "homework_share", "alliance_learning"), 0.0)
    table = {}
    for name, changed in {"homework works": {}, "homework does nothing": nothing}.items():
        pair = _trial(n_clients, 20, seed, **changed).at(4), "alliance_client", "outcome"
        left = partial_correlation(*pair, "homework_mean")["r"]
        table[name] = {"as it is": correlation(*pair)["r"], "homework taken out": left}
    return pd.DataFrame(table)


def take_out_early_alliance(n_clients: int = 4000, *, seed: Any = None) -> pd.DataFrame:
    """Correlate repair and outcome, as it is and with the early alliance taken out, in two worlds.

    Clients with at least one rupture in twelve sessions; repair is 1 for those of whom at least
    half of the ruptures were repaired. In the second world a repair takes no strain away, so that
    what is left is nearly all selection: repairs succeed in stronger alliances.

    Parameters
    ----------
    n_clients : int
        Clients in each world, 20 of each therapist.
    seed : int, Generator or None
        The same seed gives the same clients.

    Returns
    -------
    DataFrame
        A column for each world; rows "as it is" and "early alliance taken out": the mean of what
        clients rated in sessions 1 to 3.

    Raises
    ------
    ValueError
        If there are fewer than 20 clients.

    Examples
    --------
    >>> list(take_out_early_alliance(200, seed=1).columns)
    ['repair works', 'repair path off']
    """
    table = {}
    for name, changed in {"repair works": {}, "repair path off": {"repair_path": 0.0}}.items():
        trial = _trial(n_clients, 20, seed, **changed)
        counts = trial.sessions.groupby("client")[["rupture", "repaired"]].sum()
        early = trial.sessions.query("session <= 3").groupby("client")["alliance_client"].mean()
        clients = trial.clients.merge(counts, on="client").merge(early, on="client")
        clients = clients.query("rupture > 0")
        clients = clients.assign(repair=clients["repaired"] >= clients["rupture"] / 2)
        pair = clients, "repair", "outcome"
        left = partial_correlation(*pair, "alliance_client")["r"]
        table[name] = {"as it is": correlation(*pair)["r"], "early alliance taken out": left}
    return pd.DataFrame(table)


def train_repair(n_clients: int = 4000, *, seed: Any = None) -> pd.DataFrame:
    """Compare usual therapists with trained ones, whose odds of a repair are 2.7 times as high.

    Parameters
    ----------
    n_clients : int
        Clients in each group, 10 of each therapist.
    seed : int, Generator or None
        The same seed gives the same clients.

    Returns
    -------
    DataFrame
        Rows "untrained" and "trained"; columns: ruptures repaired (of 100), mean outcome (0 to
        27, high is well), and Cohen's d of the outcome against untrained.

    Raises
    ------
    ValueError
        If there are fewer than 10 clients.

    Examples
    --------
    >>> table = train_repair(400, seed=1)
    >>> bool(table.loc["trained"].iloc[0] > table.loc["untrained"].iloc[0])
    True
    """
    usual = _trial(n_clients, 10, seed)
    better = _trial(n_clients, 10, seed, repair_logit=PARAMETERS.repair_logit + 1)
    table = {}
    for name, trial in {"untrained": usual, "trained": better}.items():
        ruptures, outcome = trial.sessions.query("rupture"), trial.clients["outcome"]
        table[name] = {
            "ruptures repaired, of 100": 100 * ruptures["repaired"].mean(),
            "mean outcome": outcome.mean(),
            "d against untrained": cohens_d(outcome, usual.clients["outcome"])["d"],
        }
    return pd.DataFrame(table).T


def plot_rupture_counts(sessions: pd.DataFrame) -> Plot:
    """Draw in which share of sessions each rater noted a rupture, with the published ranges.

    Parameters
    ----------
    sessions : DataFrame
        One row per session: rupture_client, rupture_therapist, rupture_observer.

    Returns
    -------
    Plot
        Its table has a row for each rater: `share` (sessions of 100), and the published range
        (`low`, `high`, and its `row` in ``published_effects()``) where there is one.

    Raises
    ------
    KeyError
        If a column is missing.

    Examples
    --------
    >>> from alliance_course import load_dataset
    >>> plot_rupture_counts(load_dataset("sessions")).words[:45]
    'Of 100 sessions, the client noted one in 29, '
    """
    share = pd.Series({rater: 100 * sessions[f"rupture_{rater}"].mean() for rater in RATERS})

    def draw(ax: Any) -> None:
        for row, (rater, value) in enumerate(share.items()):
            if rater in _PUBLISHED:
                low, high, _ = _PUBLISHED[rater]
                ax.barh(row, high - low, left=low, height=0.5, color=LIGHT["hair"], zorder=0)
                ax.text(high - 1, row + 0.27, f"published: {low} to {high}", ha="right",
                        va="top", color=LIGHT["soft"])  # fmt: skip
            ax.plot(value, row, MARKERS[row], color=SERIES[row], ms=10)
            ax.text(value, row - 0.3, f"{value:.0f}", ha="center")
        ax.set_yticks(range(len(share)), [f"{rater} says so" for rater in share.index])
        ax.set(xlim=(0, 102), ylim=(len(share) - 0.4, -0.7))
        ax.set_xlabel("sessions with a rupture, of 100")
        counts = f"{share['client']:.0f} or {share['observer']:.0f} of 100 sessions"
        ax.set_title(f"Two rules, two counts: {counts}")

    parts = [f"the {rater} noted one in {value:.0f}" for rater, value in share.items()]
    ranges = [f"{low} to {high} for {r}s" for r, (low, high, _) in _PUBLISHED.items()]
    words = (
        f"Of 100 sessions, {', '.join(parts)}. The published ranges are {' and '.join(ranges)}, "
        "both from a secondary source (S. D. Miller)."
    )
    published = pd.DataFrame(_PUBLISHED, index=["low", "high", "row"]).T
    return Plot(draw, (7.0, 3.4), words, share.to_frame("share").join(published))


def plot_repair_groups(clients: pd.DataFrame) -> Plot:
    """Draw mean outcome of clients without ruptures, with repaired ones and with ones left.

    Parameters
    ----------
    clients : DataFrame
        One row per client: outcome (0 to 27, high is well) and `group` ("none", "repaired",
        "left").

    Returns
    -------
    Plot
        Its table has a row for each group: `mean`, `low` and `high` (95% interval), `size`.

    Raises
    ------
    KeyError
        If a column is missing.

    Examples
    --------
    >>> four = pd.DataFrame({"group": ["none", "none", "left", "left"], "outcome": [18, 20, 9, 11]})
    >>> plot_repair_groups(four).words[:65]
    'Mean outcome from 0 to 27, high is well: no rupture 19.0 (95% int'
    """
    table = clients.groupby("group")["outcome"].agg(["mean", "sem", "size"])
    table = table.reindex([name for name in _GROUPS if name in table.index])
    half = 1.96 * table.pop("sem")
    table = table.assign(low=table["mean"] - half, high=table["mean"] + half)

    def draw(ax: Any) -> None:
        labels = [f"{_GROUPS[n]}\n({size} clients)" for n, size in table["size"].items()]
        dot_rows(ax, table, "mean", labels, zip(SERIES, MARKERS, strict=True), 0.25, 1)
        ax.set_xlabel("outcome (0 to 27, high is well)")
        ax.set_xlim(table["mean"].min() - 1.5, table["mean"].max() + 1.5)
        ax.set_title(
            "Repaired ends above left, and below no rupture"
            if (np.diff(table["mean"].reindex(list(_GROUPS))) < 0).all()
            else "Outcome by what became of the ruptures"
        )

    template = "{name} {mean:.1f} (95% interval {low:.1f} to {high:.1f}, {size:.0f} clients)"
    parts = in_words(table.rename(_GROUPS), template)
    words = f"Mean outcome from 0 to 27, high is well: {parts}."
    return Plot(draw, (7.0, 0.6 * len(table) + 1.2), words, table)
