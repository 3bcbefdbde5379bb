"""Lesson 05: where scores pile up, how far raters agree, what a therapist's average is worth.

Lesson 05: the course's form, to be filled in on the page.

Lesson 05: how many items, sessions and raters until a score can be trusted?
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alliance_course.analyse.association import correlation
from alliance_course.measure.form import COMPONENTS, FORM, ITEMS, RATERS, REVERSED_ITEMS
from alliance_course.show.explorer.controls import Axis, Choice
from alliance_course.show.explorer.picture import (
    Bars,
    Panel,
    Picture,
    Points,
    Readout,
    Scale,
)
from alliance_course.show.explorer.widget import Explorer
from alliance_course.show.figure import new_axes
from alliance_course.show.style import DASHES, PALETTE
from alliance_course.simulate.parameters import PARAMETERS
from alliance_course.simulate.trial import simulate_trial

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# where each form starts and ends
_FORMS = {"alliance_client": ("alliance form", 1, 5), "symptoms": ("symptom form", 0, 27)}


def plot_pileup(data: pd.DataFrame, *, ax: "Axes | None" = None) -> "Axes":
    """Draw where clients' scores lie on two forms, each from its lowest to its highest score.

    Parameters
    ----------
    data : DataFrame
        A row a client of one session: alliance_client (1 to 5) and symptoms (0 to 27).
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax, edges = new_axes(ax), np.linspace(0, 100, 10)  # nine bins: whole symptom scores fit
    for k, (name, (label, low, high)) in enumerate(_FORMS.items()):
        place = 100 * (data[name] - low) / (high - low)
        share = 100 * np.histogram(place, edges)[0] / len(place)
        ax.stairs(share, edges, color=PALETTE[k], lw=2.2, linestyle=DASHES[k], label=label)
    skew = data["alliance_client"].skew()
    ax.set(xlabel="where on the form's scale (0 lowest score, 100 highest)", ylabel="% of clients")
    ax.legend(loc="upper left")
    ax.set_title(
        "Alliance scores pile up at the top, symptom scores do not"
        if skew < -0.3 < data["symptoms"].skew()
        else "Where scores lie on the two forms"
    )
    return ax


def describe_pileup(data: pd.DataFrame) -> str:
    """Say what `plot_pileup` shows.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> third = simulate_trial(2000, seed=1).sessions.query("session == 3")
    >>> describe_pileup(third).startswith("Two histograms")
    True
    """
    top = 100 * (data["alliance_client"] >= 4).mean()
    return (
        f"Two histograms of {len(data)} clients. Alliance scores: {top:.0f}% lie at 4 or above on "
        f"the scale from 1 to 5, skew {data['alliance_client'].skew():.1f}. Symptom scores of the "
        f"same clients spread over the middle of their scale, skew {data['symptoms'].skew():.1f} "
        "(0 is even, below 0 is a tail to the left)."
    )


def _gap(data: pd.DataFrame) -> pd.Series:
    pairs = data[["alliance_client", "alliance_therapist"]].dropna()
    apart = pairs["alliance_client"] - pairs["alliance_therapist"]
    found = correlation(pairs, "alliance_client", "alliance_therapist")
    found["gap"] = apart.mean() / np.sqrt(pairs.var().mean())
    found["client_higher"] = (apart > 0).mean()
    return found


def plot_raters(data: pd.DataFrame, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the therapist's rating against the client's, and the line on which they would agree.

    Parameters
    ----------
    data : DataFrame
        A row a client of one session: alliance_client and alliance_therapist (1 to 5).
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax, found = new_axes(ax, (6.4, 4.6)), _gap(data)
    # scores come in steps, so that points would hide each other
    x, y = np.random.default_rng(0).uniform(-0.04, 0.04, (2, len(data)))
    ax.plot(
        data["alliance_client"] + x, data["alliance_therapist"] + y, "o", ms=3, alpha=0.5,
        color=PALETTE[0],
    )  # fmt: skip
    ax.plot([1, 5], [1, 5], color=PALETTE[1], linestyle=DASHES[1])
    ax.text(1.5, 1.15, "on this line both see the same", color=PALETTE[1])
    ax.set(xlabel="client's rating (1 to 5)", ylabel="therapist's rating (1 to 5)")
    ax.set(xlim=(0.9, 5.1), ylim=(0.9, 5.1), aspect="equal")
    more = ", clients rate higher" if found["gap"] > 0.1 else ""
    ax.set_title(f"One hour, two views: r = {found['r']:.2f}{more}")
    return ax


def describe_raters(data: pd.DataFrame) -> str:
    """Say what `plot_raters` shows."""
    found = _gap(data)
    return (
        f"A point for each of {found['n']:.0f} clients: the client's rating against the "
        f"therapist's. The cloud is wide: r = {found['r']:.2f} (95% interval {found['low']:.2f} to "
        f"{found['high']:.2f}). Clients rate {found['gap']:.2f} SD higher on average; "
        f"{100 * found['client_higher']:.0f}% of the points lie below the line of agreement."
    )


def _worth(share: float, clients: "int | np.ndarray") -> "float | np.ndarray":
    """Reliability of a mean over `clients` when `share` of single ratings is the therapist's."""
    return clients * share / (1 + (clients - 1) * share)


def plot_caseload(
    shares: Mapping[str, float], *, caseload: int = 15, ax: "Axes | None" = None
) -> "Axes":
    """Draw how far a therapist's average rating is the therapist's, by number of clients.

    Parameters
    ----------
    shares : mapping of str to float
        The therapists' share of the variance of single ratings (0 to 1), by name; at most four.
    caseload : int
        Where to put the mark.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib.axes.Axes

    Notes
    -----
    The reliability of a mean (Spearman and Brown): n s / (1 + (n - 1) s).
    """
    ax, n = new_axes(ax), np.arange(1, 101)
    for k, (name, share) in enumerate(shares.items()):
        worth = 100 * np.asarray(_worth(share, n))
        ax.plot(n, worth, color=PALETTE[k], linestyle=DASHES[k])
        ax.text(101, worth[-1], f"{name} ({100 * share:.1f}%)", va="center", color=PALETTE[k])
    ax.axvline(caseload, color="0.5", lw=1)
    ax.set(xlabel="clients of the therapist who filled in the form", ylim=(0, 100), xlim=(0, 140))
    ax.set_xticks(range(0, 101, 20))
    ax.set_ylabel("% of averages' spread\nthat is the therapist")
    ends = sorted(100 * float(_worth(share, caseload)) for share in shares.values())
    part = f"{ends[0]:.0f} to {ends[-1]:.0f}%"
    ax.set_title(f"{caseload} clients: {part} of the averages' spread is the therapist")
    return ax


def describe_caseload(shares: Mapping[str, float], *, caseload: int = 15) -> str:
    """Say what `plot_caseload` shows.

    Examples
    --------
    >>> describe_caseload({"high": 0.0693})[-75:]
    'high: 53% with 15 clients; 80% would take 54 clients of the same therapist.'
    """
    parts = [
        f"{name}: {100 * float(_worth(share, caseload)):.0f}% with {caseload} clients; 80% would "
        f"take {np.ceil(round(4 * (1 - share) / share, 6)):.0f} clients of the same therapist"
        for name, share in shares.items()
    ]
    return (
        "Rising curves: the more clients rate a therapist, the more of the spread between "
        f"therapists' averages is due to the therapists. {'. '.join(parts)}."
    )


# what each sentence is about, beside its slider; the sentences themselves stand in the legend
_ABOUT = {
    "bond_1": "could say something awkward",
    "bond_2": "was followed closely",
    "bond_3": "was taken seriously",
    "bond_4": "could have named a problem",
    "goal_1": "could name our aim",
    "goal_2": "time pointed my way",
    "goal_3": "how we would notice",
    "goal_4": "the aims are mine too",
    "task_1": "knew why",
    "task_2": "makes sense at home",
    "task_3": "fits my problem",
    "task_4": "beside the point",
}


@cache
def form_picture() -> Picture:
    """Score the twelve answers of the Course Alliance Form as `score_form` does.

    A score is a mean, so the two ends of each answer are all that the page needs: what lies
    between them is found exactly by interpolation.
    """
    ends = np.stack(np.meshgrid(*[[1.0, 5.0]] * 4, indexing="ij"))
    scores = {}
    for place, component in enumerate(COMPONENTS):
        names = [name for name in ITEMS if name.startswith(component)]
        turned = np.reshape(FORM.loc[names, "reversed"].to_numpy(), (4, 1, 1, 1, 1))
        own = np.where(turned, 6 - ends, ends).mean(axis=0)
        scores[component] = own.reshape((1,) * 4 * place + (2,) * 4 + (1,) * 4 * (2 - place) + (1,))
    scores["alliance"] = sum(scores.values()) / 3
    panel = Panel(
        "Bond {bond}, goals {goal}, tasks {task}: alliance {alliance}",
        Scale("score (1 to 5)", 1, 5, (1, 2, 3, 4, 5)),
        Scale(labels=("bond", "goals", "tasks", "alliance")),
        [Points(name, [row], style=row, size=6) for row, name in enumerate(scores)],
        "Each score is the mean of four answers; the alliance is the mean of the three.",
        height=170,
    )
    return Picture(
        "The Course Alliance Form, for a client",
        tuple(
            Axis(name, f"{name[:4].capitalize()} {name[-1]}: {about}", "", 1, 5, 1, 3,
                 FORM.loc[name, "client"]
                 + (" (Turned round: 5 counts as 1.)" if FORM.loc[name, "reversed"] else ""),
                 ("not at all", "fully"))
            for name, about in _ABOUT.items()
        ),
        scores,
        [panel],
        "".join(
            f"{name.capitalize()}: answers {{{name}_1}}, {{{name}_2}}, {{{name}_3}}, {{{name}_4}}, "
            f"score {{{name}}}. "
            for name in COMPONENTS
        )
        + "The alliance as a whole: {alliance} on a scale from 1 to 5.",
        [Readout(name, name.capitalize(), name, digits=2) for name in scores],
    )  # fmt: skip


def explore_form() -> Explorer:
    """Fill in the course's alliance form and see it scored.

    Returns
    -------
    Explorer
        With one attribute for each item, `bond_1` to `task_4`, from 1 to 5. Nothing is stored.

    Notes
    -----
    The Course Alliance Form is a teaching form: no norms, no cut-offs, no verdict on anybody.

    Examples
    --------
    >>> form = explore_form()
    >>> form.task_4 = 5
    >>> form.describe().split(". ")[2]
    'Task: answers 3, 3, 3, 5, score 2.50'
    """
    return Explorer(form_picture())


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
