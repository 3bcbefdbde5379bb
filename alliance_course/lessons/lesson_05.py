"""Lesson 05: what a therapist's average is worth, polite answers, the form, how much is enough."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from alliance_course.lessons import asked
from alliance_course.measure.form import COMPONENTS, FORM, ITEMS, RATERS, forward_answers
from alliance_course.measure.reliability import reliability
from alliance_course.show.explorer import Axis, Choice, Explorer, Picture, Readout
from alliance_course.show.explorer.parts import bar_panel
from alliance_course.show.explorer.picture import Panel, Points, Scale
from alliance_course.show.figure import Plot, in_words
from alliance_course.show.style import BOND, DASHES, LIGHT, SERIES
from alliance_course.simulate.parameters import PARAMETERS
from alliance_course.simulate.trial import simulate_trial


def plot_caseload(shares: Mapping[str, float], *, caseload: int = 15) -> Plot:
    """Draw how far a therapist's average rating is the therapist's, by number of clients.

    Parameters
    ----------
    shares : mapping of str to float
        The therapists' share of the variance of single ratings (0 to 1), by name; at most four.
    caseload : int
        Where to put the mark.

    Returns
    -------
    Plot
        Its table has one row per name: `share`, `worth` (of the spread of averages over
        `caseload` clients, the part that is the therapists', 0 to 1) and `clients_for_80`
        (clients that it takes until this part is 0.8).

    Raises
    ------
    ValueError
        If there are no shares or more than four, or one of them is not between 0 and 1.

    Notes
    -----
    The reliability of a mean (Spearman and Brown): n s / (1 + (n - 1) s).

    Examples
    --------
    >>> plot_caseload({"high": 0.0693}).words[-75:]
    'high: 53% with 15 clients; 80% would take 54 clients of the same therapist.'
    """
    if not (1 <= len(shares) <= 4 and all(0 < share < 1 for share in shares.values())):
        raise ValueError(f"shares={shares!r} is not allowed: give one to four between 0 and 1")
    table = pd.DataFrame({"share": pd.Series(shares, dtype=float)})
    share = table["share"]
    table["worth"] = _worth(share, caseload)
    table["clients_for_80"] = np.ceil((4 * (1 - share) / share).round(6))

    def draw(ax: Any) -> None:
        n = np.arange(1, 101)
        for (name, one), colour, dash in zip(shares.items(), SERIES, DASHES, strict=False):
            worth = 100 * _worth(one, n)
            ax.plot(n, worth, color=colour, linestyle=dash)
            ax.text(101, worth[-1], f"{name} ({100 * one:.1f}%)", va="center", color=colour)
        ax.axvline(caseload, color=LIGHT["rule"], lw=1)
        ax.set(xlabel="clients of the therapist who filled in the form", ylim=(0, 100))
        ax.set(xlim=(0, 140), ylabel="% of averages' spread\nthat is the therapist")
        ax.set_xticks(range(0, 101, 20))
        low, high = 100 * table["worth"].min(), 100 * table["worth"].max()
        part = f"{low:.0f} to {high:.0f}%"
        ax.set_title(f"{caseload} clients: {part} of the averages' spread is the therapist")

    template = (
        f"{{name}}: {{worth:.0%}} with {caseload} clients; 80% would take "
        "{clients_for_80:.0f} clients of the same therapist"
    )
    words = (
        "Rising curves: the more clients rate a therapist, the more of the spread between "
        f"therapists' averages is due to the therapists. {in_words(table, template, '. ')}."
    )
    return Plot(draw, (7.0, 3.6), words, table)


def _worth(share: Any, clients: Any) -> Any:
    """Reliability of a mean over `clients` when `share` of single ratings is the therapist's."""
    return clients * share / (1 + (clients - 1) * share)


def compare_politeness(same_rater: float = 0.8, *, seed: int = 5) -> pd.DataFrame:
    """Two clinics of the same model: one as it is, one where clients answer more or less kindly.

    Parameters
    ----------
    same_rater : float
        In the polite clinic: by how many SD clients differ in how kindly they answer, whatever
        the question (0 to 1; 0.05 in the other clinic).
    seed : int
        The same seed gives the same clients.

    Returns
    -------
    DataFrame
        Rows "as in the clinic" and "polite"; columns "alpha" (of the client's twelve items in
        session 3) and "r with the truth" (of score and true alliance).

    Raises
    ------
    ValueError
        If `same_rater` is not from 0 to 1.

    Examples
    --------
    >>> list(compare_politeness().round(2)["alpha"])
    [0.92, 0.95]
    """
    rows = {}
    polite = replace(PARAMETERS, same_rater=same_rater)
    for name, world in {"as in the clinic": PARAMETERS, "polite": polite}.items():
        trial = simulate_trial(1000, n_sessions=3, items=True, parameters=world, seed=seed)
        assert trial.items is not None
        third, forms = trial.at(3), trial.items.query("session == 3 and rater == 'client'")
        rows[name] = {
            "alpha": reliability(forms).loc["alliance", "alpha"],
            "r with the truth": third[list(COMPONENTS)].mean(axis=1).corr(third["alliance_client"]),
        }
    return pd.DataFrame(rows).T


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
        [Points(name, [row], style=(BOND + row) % 7, size=6) for row, name in enumerate(scores)],
        "From 1, not at all, to 5, fully. A score is the mean of four answers.",
        height=150,
    )
    return Picture(
        "The Course Alliance Form, for a client",
        tuple(
            Axis(name, f"{name[:4].capitalize()} {name[-1]}", "", 1, 5, 1, 3,
                 sentence, ("not at all", "fully"))
            for name, sentence in FORM["client"].items()
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
    return Explorer(form_picture(), asked(5, "form"))


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
def measurement_picture(seed: int = 1) -> Picture:
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
        seed=seed,
    )
    assert trial.items is not None
    stayed = ~trial.clients["dropped_out"].to_numpy()
    true = trial.sessions[list(COMPONENTS)].mean(axis=1).groupby(trial.sessions["client"]).mean()
    true = true.to_numpy()[stayed]
    rows = trial.items[trial.items["client"].isin(trial.clients.loc[stayed, "client"])]
    answers = forward_answers(rows)
    table = answers.to_numpy().reshape(len(true), _SESSIONS, len(RATERS), len(COMPONENTS), 4)
    scores, shares = [], []
    for items, sessions, who in product(range(1, 5), range(1, 6), _WHO.values()):
        chosen = table[:, :, [RATERS.index(rater) for rater in who], :, :items].mean(axis=(2, 3, 4))
        score = chosen[:, 2 : 2 + 2 * sessions : 2].mean(axis=1)
        again = chosen[:, 3 : 3 + 2 * sessions : 2].mean(axis=1)
        scores.append(score[:_SHOWN])
        shares.append([np.corrcoef(score, again)[0, 1], np.corrcoef(score, true)[0, 1] ** 2])
    cloud = Panel(
        "Score and true alliance",
        Scale("true alliance over the therapy (SD)", -3, 3, (-3, -2, -1, 0, 1, 2, 3)),
        Scale("score (1 to 5)", 1, 5.1, (1, 2, 3, 4, 5)),
        [Points(true[:_SHOWN], "score", size=2.5)],
        "Each point is one client; 200 of 600.",
    )
    bars = bar_panel(
        "Of the spread in scores", "shares",
        ("comes back", "client's alliance"),
        "Comes back: the same people rate other sessions.",
    )  # fmt: skip
    return Picture(
        "How much until a score can be trusted?",
        (Axis("items", "Items for each component", "", 1, 4, 1, 4,
              "how many questions on bond, on goals and on tasks", ("3 in all", "12 in all")),
         Axis("sessions", "Sessions averaged", "", 1, 5, 1, 1,
              "how often the form is filled in, from session 3 on, every second session"),
         Choice("raters", "Who rates", VIEWS, "client", "whose answers make the score")),
        {"score": np.reshape(scores, (4, 5, 5, -1)), "shares": np.reshape(shares, (4, 5, 5, -1))},
        [cloud, bars],
        "Items for each component: {items}; sessions averaged: {sessions}; rated by: {raters}. Of "
        "the spread between clients' scores {again} comes back when the same people rate other "
        "sessions, and {real} is the alliance as the client lives it.",
        [Readout("again", "Comes back", "shares", 0, percent=True),
         Readout("real", "Client's alliance", "shares", 1, percent=True)],
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
    return Explorer(measurement_picture(), asked(5, "measurement"))
