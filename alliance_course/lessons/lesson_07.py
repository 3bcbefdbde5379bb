"""Lesson 07: a method that works and does not show, a therapy taken apart, shares of variation."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from alliance_course.analyse.association import cohens_d, correlation
from alliance_course.lessons import asked
from alliance_course.show.citations import scale_of
from alliance_course.show.explorer import Axis, Choice, Explorer, Picture, Readout
from alliance_course.show.explorer.parts import bar_panel
from alliance_course.show.explorer.picture import Panel, Points, Scale
from alliance_course.show.figure import Plot, in_words
from alliance_course.show.sources import short_source
from alliance_course.show.style import LIGHT, MARKERS, SERIES
from alliance_course.simulate.parameters import PARAMETERS
from alliance_course.simulate.trial import simulate_trial, simulate_worlds

WAYS = {
    "all alike": {"dose_sd": 0.05, "dose_session_sd": 0.05, "responsiveness": 0.0},
    "they differ": {"responsiveness": 0.0},
    "they respond to what they see": {"responsiveness": 1.0},
    "they are shown who is stuck": {"responsiveness": 1.0, "progress_knowledge": 0.9},
}


def plot_hidden_technique(ways: Mapping[str, Mapping[str, Any]] = WAYS, *, seed: int = 7) -> Plot:
    """Draw how closely rated technique and alliance go with outcome, beside the experiment's d.

    In each world 6,000 clients with OCD have CBT or support by chance. The correlations are those
    among clients who had CBT; d is the experiment: CBT against support.

    Parameters
    ----------
    ways : mapping of str to mapping
        For each world its name, and which numbers of `PARAMETERS` differ in it. By default all
        therapists carry the method out alike; or they differ; or they differ and do more of it
        with clients who are stuck, as far as they see it; or they are shown who is stuck.
    seed : int
        Chance, the same in each world.

    Returns
    -------
    Plot
        Its table has one row per world. Under `technique` and `alliance` stand the columns of
        `correlation`, under `experiment` stands `d`.

    Raises
    ------
    TypeError
        If `PARAMETERS` has no number of that name.

    Examples
    --------
    >>> plot_hidden_technique(seed=7).table["experiment", "d"].round(1).tolist()
    [0.9, 0.9, 0.9, 0.9]
    """
    arms: Any = {"conditions": ("OCD",), "treatments": ("CBT", "supportive")}
    seen = {"technique": "adherence", "alliance": "alliance_client"}
    rows = {}
    for name, way in ways.items():
        world = replace(PARAMETERS, **way)
        trial = simulate_trial(6000, n_therapists=300, **arms, parameters=world, seed=seed)
        fourth, outcome = trial.at(4), trial.clients.set_index("treatment")["outcome"]
        treated = fourth[fourth["treatment"] == "CBT"]
        found = {what: correlation(treated, column, "outcome") for what, column in seen.items()}
        found["experiment"] = cohens_d(outcome["CBT"], outcome["supportive"])[["d"]]
        rows[name] = pd.concat(found)
    table = pd.DataFrame(rows).T
    r, d = table["technique", "r"], table["experiment", "d"]
    told = pd.DataFrame({"technique": r, "alliance": table["alliance", "r"], "d": d})
    parts = in_words(
        told,
        "{name}: technique {technique:.2f}, alliance {alliance:.2f}, and in the experiment the "
        "method is ahead by d = {d:.2f}",
    )

    def draw(ax: Any) -> None:
        for k, what in enumerate(("technique", "alliance")):
            y = np.arange(len(table)) + (k - 0.5) * 0.24
            ax.hlines(y, table[what, "low"], table[what, "high"], color=SERIES[k], lw=2.2)
            ax.plot(table[what, "r"], y, MARKERS[k], color=SERIES[k], ms=8, label=what)
        for row, ahead in enumerate(d):
            ax.text(0.66, row, f"d = {ahead:.2f}", va="center")
        ax.text(0.66, -0.6, "experiment")
        ax.axvline(0, color=LIGHT["rule"], lw=1)
        ax.set_yticks(range(len(table)), table.index)
        ax.set(xlim=(-0.35, 0.82), ylim=(len(table) - 0.4, -0.9), xticks=[-0.2, 0, 0.2, 0.4, 0.6])
        ax.set_xlabel("correlation with outcome, among clients who had the method")
        ax.figure.legend(loc="outside lower center", ncols=2)
        ax.set_title(
            "The method works alike in all of them; its correlation does not stay"
            if r.max() - r.min() > 0.2 and d.max() - d.min() < 0.3
            else "What is seen, and what the experiment finds"
        )

    words = f"Correlations with outcome among clients who had the method. {parts}."
    return Plot(draw, (8.0, 0.75 * len(table) + 1.3), words, table)


def dismantle(conditions: Sequence[str] = ("depression", "OCD"), *, seed: int = 7) -> pd.DataFrame:
    """Compare one therapy with less and less: part of its technique, support alone, waiting.

    Parameters
    ----------
    conditions : sequence of str
        One or more, as in `simulate_trial`; 3,000 clients of each in each therapy.
    seed : int
        Chance, the same in each comparison.

    Returns
    -------
    DataFrame
        d of outcome, one column per condition. Rows: CBT against two thirds of its technique,
        CBT against support, support against a waiting list.

    Raises
    ------
    ValueError
        If a condition is unknown.

    Examples
    --------
    >>> dismantle(["OCD"], seed=7).loc["whole or support alone"].round(2).tolist()
    [0.99]
    """
    table = {}
    for condition in conditions:
        whole = _outcome(condition, "CBT", seed)
        support = _outcome(condition, "supportive", seed)
        pairs = {
            "whole or two thirds": (whole, _outcome(condition, "CBT", seed, dose=2 / 3)),
            "whole or support alone": (whole, support),
            "support or waiting": (support, _outcome(condition, "waitlist", seed)),
        }
        table[condition] = {name: cohens_d(*pair)["d"] for name, pair in pairs.items()}
    return pd.DataFrame(table)


def _outcome(condition: str, treatment: str, seed: int, dose: float = 1.0) -> pd.Series:
    one: Any = {"conditions": (condition,), "treatments": (treatment,), "dose": dose}
    return simulate_trial(3000, n_therapists=150, **one, seed=seed).clients["outcome"]


def compare_shares(data: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """How much of the variation in outcome each column shares, all added up, and all together.

    Parameters
    ----------
    data : DataFrame
        One row per client: the columns and outcome. Rows with a missing value are left out.
    columns : sequence of str
        Names of numeric columns.

    Returns
    -------
    DataFrame
        Per cent of the variation in outcome. One row per column (its squared correlation), then
        their sum, then what the columns share with outcome together (R squared).

    Raises
    ------
    ValueError
        If a column is missing, has no spread, or too few rows are complete.

    Examples
    --------
    >>> twice = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, 2, 3, 4], "outcome": [1, 3, 2, 4]})
    >>> compare_shares(twice, ["a", "b"])["share of outcome (%)"].round().tolist()
    [64.0, 64.0, 128.0, 64.0]
    """
    known = data.dropna(subset=[*columns, "outcome"])
    alone = [100 * correlation(known, name, "outcome")["r"] ** 2 for name in columns]
    design, outcome = known[list(columns)].assign(constant=1.0), known["outcome"]
    best = design @ np.linalg.lstsq(design, outcome, rcond=None)[0]
    together = 100 * np.corrcoef(best, outcome)[0, 1] ** 2
    return pd.DataFrame(
        {"share of outcome (%)": [*alone, sum(alone), together]},
        index=[*columns, "added up", "together"],
    )


SPREADS, RESPONSES = np.linspace(0, 0.8, 5), np.linspace(0, 1, 5)
METHODS = {"depression": "a little", "OCD": "much"}
KNOWN = {"impression": "their own impression", "scores": "scores each week"}
_SEEN = {"impression": PARAMETERS.progress_knowledge, "scores": 0.9}
_CLIENTS, _DRAWN, _RATED = 1200, 150, 4


def _correlations(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The correlation of two columns in each world; the last axis holds clients."""
    x, y = (v - v.mean(axis=-1, keepdims=True) for v in (x, y))
    return (x * y).sum(axis=-1) / np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1))


def _ratings(condition: str, known: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """For each world: adherence and alliance as rated, outcome, and what the experiment finds."""
    seen = {"progress_knowledge": _SEEN[known]}
    worlds = [{**seen, "dose_sd": s, "responsiveness": r} for s, r in product(SPREADS, RESPONSES)]
    found = simulate_worlds(worlds, _CLIENTS, n_sessions=12, condition=condition, seed=1)
    noise = 0.15 * np.random.default_rng(1).standard_normal(_CLIENTS)
    adherence = 4 + 1.5 * (found["technique"].mean(axis=1) - 1 + noise)
    alike = {**seen, "dose_sd": 0.0, "dose_session_sd": 0.0, "responsiveness": 0.0}
    arms = [{**alike, "dose": dose} for dose in (0.0, 1.0)]
    ends = simulate_worlds(arms, _CLIENTS, n_sessions=12, condition=condition, seed=1)["outcome"]
    gain = ends[1].mean() - ends[0].mean()
    return adherence, found["alliance_client"][:, _RATED - 1], found["outcome"], gain


@cache
def alliance_and_technique_picture() -> Picture:
    """Rate technique and alliance in 100 worlds (common random numbers), and experiment in four.

    Worlds differ by what the method does, by what therapists know of progress, by how differently
    they carry the method out, and by how far they do more of it with clients who are stuck. The
    experiment gives everybody the method exactly as planned, or not at all.
    """
    runs = [_ratings(*pair) for pair in product(METHODS, KNOWN)]
    adherence, alliance, outcome = (np.stack([run[k] for run in runs]) for k in range(3))
    r = [_correlations(rated, outcome) for rated in (adherence, alliance)]
    grid = (len(METHODS), len(KNOWN), len(SPREADS), len(RESPONSES), -1)
    surfaces = {
        "adherence": np.clip(adherence[..., :_DRAWN], 1, 7).reshape(grid),
        "outcome": outcome[..., :_DRAWN].reshape(grid),
        "r": np.stack(r, axis=-1).reshape(grid),
        "gain": np.reshape([run[3] for run in runs], (len(METHODS), len(KNOWN), 1, 1, 1)),
    }
    cloud = Panel(
        "What a study sees",
        Scale("adherence, how closely it was followed", 1, 7, range(1, 8)),
        Scale("outcome (0 to 27, high is well)", 0, 27, (0, 9, 18, 27)),
        [Points("adherence", "outcome")],
        "150 of 1,200 clients.",
        width=3,
    )
    seen = bar_panel(
        "Raters' scores, with outcome", "r", ("technique", "alliance"),
        "As raters saw the two.",
        Scale("correlation with outcome", -0.4, 0.6, (-0.4, 0, 0.4), digits=2), style=1, width=2,
    )  # fmt: skip
    truth = bar_panel(
        "What an experiment finds", "gain", ("method",),
        "The same people, with it and without.",
        Scale("outcome points", 0, 8, (0, 2, 4, 6, 8), digits=1), width=2,
    )  # fmt: skip
    return Picture(
        "Can a method work and not show?",
        (Choice("method", "What the method does", METHODS, "OCD",
                "a little, as in depression; much, as in OCD"),
         Choice("known", "Therapists judge progress by", KNOWN, "impression",
                "own impression: they see three tenths of it, as in our clinic; scores: nine "
                "tenths"),
         Axis("spread", "How differently it is carried out", "", 0, 0.8, 0.05, 0.8,
              "spread of the dose between clients; 0.3 as in our clinic", ("alike", "widely")),
         Axis("respond", "More of it when a client is stuck", "", 0, 1, 0.05, 0,
              "how far therapists do more where they see a stall; 0.3 as in our clinic",
              ("not at all", "a lot more"))),
        surfaces, [cloud, seen, truth],
        "The method does {method}: in an experiment, clients with it end {gain} points better than "
        "the same clients without it. How closely it was followed correlates with outcome at "
        "{technique}, the rated alliance at {alliance}. Therapists judge progress by {known}. "
        "Spread of the dose: {spread}. More of it when a client is stuck: {respond}.",
        [Readout("technique", "Correlation of technique", "r", 0, 2),
         Readout("alliance", "Correlation of alliance", "r", 1, 2),
         Readout("gain", "Points in the experiment", "gain", digits=1)],
    )  # fmt: skip


def explore_alliance_and_technique() -> Explorer:
    """Make a working method's correlation vanish, by its range and by responsive therapists.

    Returns
    -------
    Explorer
        With `method` (depression or OCD), `known` (impression or scores), `spread` (0 to 0.8)
        and `respond` (0 to 1).

    Notes
    -----
    Only the alliance's and the method's *ratings* are correlated; what the method does is the same
    at every setting of `spread` and `respond`.

    Examples
    --------
    >>> explorer = explore_alliance_and_technique()
    >>> before = explorer.describe().split(" points better")[0]
    >>> explorer.respond = 1
    >>> explorer.describe().split(" points better")[0] == before
    True
    """
    return Explorer(alliance_and_technique_picture(), asked(7, "alliance_and_technique"))


_DESIGNS = {
    "client": "among clients in treatment",
    "between-therapist": "between therapists",
    "between-treatment": "between treatments",
}


def _share(name: Any, row: pd.Series) -> dict[str, Any]:
    number = re.match(r"-?\d+(\.\d+)?", str(row["reported"]))
    kind = scale_of(str(row["effect_type"]))
    design = next((d for d in _DESIGNS if str(row["level"]).startswith(d)), None)
    if number is None or design is None or kind is None:
        raise ValueError(f"row {name} gives no share of variation: leave it out")
    limits = re.search(r"range (\d*\.?\d+) to (\d*\.?\d+)", str(row["reported"]))
    low, high = map(float, limits.groups() if limits else (row["ci_low"], row["ci_high"]))
    if "upper bound" in row["effect_type"]:
        low, high = 0.0, float(number[0])

    def share(size: float) -> float:
        if kind == "percent":
            return size
        return 100 * (size**2 if kind == "r" else size**2 / (size**2 + 4))

    what = re.sub(r" \(.*\)|therapist effect on |-outcome", "", str(row["construct"]))
    return {
        "share": share(float(number[0])),
        # squared, an interval across zero begins at it
        "low": 0.0 if low < 0 < high else share(low),
        "high": max(share(low), share(high)) if pd.notna(low) else np.nan,
        "design": _DESIGNS[design],
        "what": "one therapist or another" if what == "outcome" else what,
        "source": short_source(str(name)),
    }


def plot_shares(effects: pd.DataFrame) -> Plot:
    """Draw published findings as shares of the variation in outcome, marked by their design.

    A correlation is squared; a difference d between two groups of the same size is
    d squared / (d squared + 4); a percentage of variance stays as it is.

    Parameters
    ----------
    effects : DataFrame
        Rows of `published_effects()` whose estimate is r, d, g, SMD or a percentage of variance.

    Returns
    -------
    Plot
        Its table has one row per finding: `share` (per cent), `low` and `high` (its 95% interval,
        or the range over studies, where one was printed), `design`, `what` and `source`.

    Raises
    ------
    ValueError
        If a row is of another kind; the message names it.

    Examples
    --------
    >>> from alliance_course import published_effects
    >>> plot_shares(published_effects().loc[["A01"]])
    Shares of the variation in outcome: alliance, adults face to face 7.7% (6.6 to 8.9; among \
clients in treatment; Flückiger et al., 2018).
    """
    table = pd.DataFrame({name: _share(name, row) for name, row in effects.iterrows()}).T
    treatments = table.loc[table["design"] == _DESIGNS["between-treatment"], "share"]
    spans = [
        f"{low:.1f} to {high:.1f}; " if pd.notna(high) else ""
        for low, high in zip(table["low"], table["high"], strict=True)
    ]
    parts = in_words(table.assign(span=spans), "{what} {share:.1f}% ({span}{design}; {source})")

    def draw(ax: Any) -> None:
        places = np.arange(len(table))
        ends = table[["low", "high"]].astype(float)
        for k, design in enumerate(_DESIGNS.values()):
            here = (table["design"] == design).to_numpy()
            if here.any():
                ax.hlines(places[here], ends.loc[here, "low"], ends.loc[here, "high"],
                          color=SERIES[k], lw=2)  # fmt: skip
                ax.plot(table.loc[here, "share"], places[here], MARKERS[k], color=SERIES[k],
                        ms=8, label=design)  # fmt: skip
        for y, end, x in zip(places, ends["high"].fillna(0), table["share"], strict=True):
            ax.annotate(f"{x:.1f}%", (max(end, x), y), (7, 0), "data", "offset points", va="center")
        ax.axvline(0, color=LIGHT["rule"], lw=1)
        names = [f"{textwrap.fill(r['what'], 40)}\n({r['source']})" for _, r in table.iterrows()]
        ax.set_yticks(places, names, fontsize=9)
        ax.set(xlim=(-0.5, table[["share", "high"]].max(axis=None) + 6))
        ax.set_ylim(len(table) - 0.4, -0.6)
        ax.set_xlabel("share of the variation in outcome, % (line: 95% interval or range)")
        ax.figure.legend(loc="outside lower center", ncols=1 + (ax.figure.get_figwidth() > 6))
        ax.set_title(
            f"For treatments the share runs from {treatments.min():.1f}% to "
            f"{treatments.max():.0f}%,\nby what they are compared with"
            if len(treatments) > 1
            else "Shares from different designs"
        )

    words = f"Shares of the variation in outcome: {parts}."
    return Plot(draw, (8.0, 0.5 * len(table) + 1.4), words, table)
