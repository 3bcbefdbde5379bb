"""What lesson 06 concludes holds on at least nineteen of twenty seeds."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from shared import CLINIC

from alliance_course import (
    PARAMETERS,
    load_dataset,
    plot_forest,
    plot_funnel,
    plot_levels,
    plot_published,
    pool_correlations,
    pool_effects,
    published_effects,
    simulate_literature,
    simulate_trial,
)
from alliance_course.analyse.pooling import pool_many
from alliance_course.lessons import lesson_06
from alliance_course.lessons.lesson_06 import correlation_picture, draw_studies, pooling_picture

EVERY = ["r", "r_bond", "r_goal", "r_task", "r_therapist", "r_observer"]
PARTED = replace(
    PARAMETERS, therapist_correlation=-0.9, therapist_alliance_sd=0.6, therapist_outcome_sd=0.9
)
BLIND = replace(PARAMETERS, symptom_mirror=0.0)


@cache
def literature(seed: int) -> dict[str, float]:
    table = simulate_literature(295, seed=seed)
    dull = table["r"] * table["n"] ** 0.5 < 1.96
    table["published"] = ~(dull & (table["n"] < 80))
    every = pool_correlations(table["r"], table["n"])

    def pooled(rows, r="r"):
        return pool_correlations(rows[r], rows["n"])["r"]

    table["all ratings"] = table[EVERY].mean(axis=1)
    small = table[table["n"] < 60]
    return {
        "r": every["r"],
        "width": every["high"] - every["low"],
        "prediction low": every["prediction_low"] / every["r"],
        "prediction high": every["prediction_high"] / every["r"],
        "negative": (table["r"] < 0).mean(),
        "all ratings": pooled(table, "all ratings"),
        "therapist": pooled(table, "r_therapist"),
        "bond": pooled(table, "r_bond"),
        "published": pooled(table[table["published"]]),
        "small": pooled(small),
        "small published": pooled(small[small["published"]]),
        "large": pooled(table[table["n"] >= 80]),
    }


@cache
def blind(seed: int) -> float:
    """The average of therapists' ratings where they do not see how well somebody is doing."""
    table = simulate_literature(295, parameters=BLIND, seed=seed)
    return pool_correlations(table["r_therapist"], table["n"])["r"]


@cache
def clinic(seed: int, session: int = 3) -> tuple[float, float]:
    """Of 100 clients in the better and in the weaker half, how many end above the middle."""
    then = simulate_trial(**CLINIC, seed=seed).at(session)
    better = then["alliance_client"] > then["alliance_client"].median()
    well = then["outcome"] > then["outcome"].median()
    return 100 * well[better].mean(), 100 * well[~better].mean()


@cache
def between_therapists(seed: int) -> float:
    third = simulate_trial(**CLINIC, seed=seed).at(3)
    means = third.groupby("therapist")[["alliance_client", "outcome"]].mean()
    return means["alliance_client"].corr(means["outcome"])


def parted(seed: int, **changed: float) -> pd.DataFrame:
    world = replace(PARTED, **changed)
    return simulate_trial(
        1200, n_therapists=8, treatments=("CBT",), parameters=world, seed=seed
    ).at(4)


@cache
def weaker(seed: int) -> float:
    """By how many points the caseload that loses least ends worse with weaker alliances."""
    both = [
        parted(seed, alliance_mean=PARTED.alliance_mean - less).groupby("therapist")["outcome"]
        for less in (0, 1)
    ]
    return (both[0].mean() - both[1].mean()).min()


@cache
def levels(seed: int) -> tuple[float, float, float]:
    fourth = parted(seed)
    own = [
        np.polyfit(g["alliance_client"], g["outcome"], 1)[0] for _, g in fourth.groupby("therapist")
    ]
    slope = plot_levels(fourth).table["slope"]
    return slope["between"], slope["within"], min(own)


CLAIMS = {
    "more of the better half end well": lambda s: clinic(s)[0] - clinic(s)[1] > 8,
    "many in the weaker half do too": lambda s: clinic(s)[1] > 25 and clinic(s)[0] < 75,
    "in session 5 as well": lambda s: clinic(s, 5)[0] - clinic(s, 5)[1] > 8,
    "the literature averages nearly .278": lambda s: 0.245 < literature(s)["r"] < 0.285,
    "the average is known better than the published one": lambda s: (
        literature(s)["width"] < 0.8 * (0.299 - 0.256)
    ),
    "the next study is not": lambda s: (
        0.45 < literature(s)["prediction low"] < 0.72
        and 1.25 < literature(s)["prediction high"] < 1.52
    ),
    "a few single studies fall below zero": lambda s: 0.02 < literature(s)["negative"] < 0.07,
    "the averages come in this order": lambda s: (
        literature(s)["therapist"] > literature(s)["r"] > literature(s)["bond"] + 0.05
        and literature(s)["therapist"] > literature(s)["all ratings"] > literature(s)["bond"] + 0.05
    ),
    "a therapist's rating owes most of it to what the therapist sees": lambda s: (
        blind(s) < 0.15 < literature(s)["therapist"] - 0.1
    ),
    "the drawer raises the average a little": lambda s: (
        0.01 < literature(s)["published"] - literature(s)["r"] < 0.04
    ),
    "and small studies a lot": lambda s: (
        literature(s)["small published"] - literature(s)["small"] > 0.08
        and literature(s)["small published"] - literature(s)["large"] > 0.08
    ),
    "within rises, between falls": lambda s: levels(s)[0] < 0 < levels(s)[1],
    "within rises in every caseload": lambda s: levels(s)[2] > 0,
    "every caseload ends worse with weaker alliances": lambda s: weaker(s) > 0,
}


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_claim_holds_on_nineteen_of_twenty_seeds(claim):
    assert sum(bool(CLAIMS[claim](seed)) for seed in range(20)) >= 19


def test_another_years_clients_would_change_the_line_between_therapists():
    drawn = [between_therapists(seed) for seed in range(20)]
    assert max(drawn) - min(drawn) > 0.3 and np.std(drawn) > 0.1


def test_a_rival_without_any_effect_gives_the_same_average():
    score = load_dataset("worlds").set_index(["target", "statistic"]).loc[("T01", "r")]
    assert score["course_passes"] and score["rival_passes"]


def test_one_review_has_two_readings():
    low, mean, high = np.arctanh(published_effects().loc["A01", ["ci_low", "estimate", "ci_high"]])
    spread = (high - low) / 3.92 * 295**0.5
    real = (spread**2 - 0.11**2) ** 0.5
    assert round(real, 2) == 0.17
    assert np.tanh([mean - 1.96 * real, mean + 1.96 * real]).round(2).tolist() == [-0.05, 0.55]
    assert 0.07 < norm.cdf(-mean / spread) < 0.09
    # the usual size of a study; with luck alone as many results fall below zero as A01 counted
    n = simulate_literature(295, seed=6)["n"]
    assert n.median() < 1 / 0.11**2 + 3 < n.mean()
    luck = norm.cdf(-mean * (n - 3) ** 0.5).mean()
    assert 0.02 < luck < 0.035


def test_the_numbers_worked_out_by_hand():
    r = published_effects().loc["A01", "estimate"]
    assert round(100 * r**2, 1) == 7.7
    rng = np.random.default_rng(1)
    rating, rest = rng.normal(size=(2, 200_000))
    above = ((0.3 * rating + 0.91**0.5 * rest) > 0)[rating > 0].mean()
    assert correlation_picture().at("halves", {"r": 0.3})[0] == pytest.approx(100 * above, abs=0.5)
    assert correlation_picture().at("halves", {"r": 0.14})[0] == pytest.approx(54.5, abs=0.1)
    display = correlation_picture().at("display", {"r": 0.3})[0] / 100
    table = np.array([[display, 1 - display], [1 - display, display]])
    assert np.linalg.det(table) == pytest.approx(0.3)  # phi of this table
    assert round(50 + 50 * r) == 64
    assert round(100 * (0.5 + np.arcsin(r) / np.pi)) == 59
    three = published_effects().loc[["A01", "A03", "A08"], ["estimate", "ci_low", "ci_high"]]
    z = np.arctanh(three)
    weight = 1 / ((z["ci_high"] - z["ci_low"]) / 3.92) ** 2
    share = weight / weight.sum()
    assert share.round(2).tolist() == [0.79, 0.10, 0.11]
    assert round((share.round(2) * three["estimate"]).sum(), 2) == 0.27
    wide = np.tanh(pool_effects(z["estimate"], 1 / weight, interval="knapp-hartung"))
    narrow = np.tanh(pool_effects(z["estimate"], 1 / weight))
    assert narrow[["estimate", "low", "high"]].round(2).tolist() == [0.25, 0.19, 0.3]
    assert wide[["estimate", "low", "high"]].round(2).tolist() == [0.25, 0.13, 0.35]
    many = simulate_literature(295, seed=6)
    rules = ("normal", "knapp-hartung")
    ends = [pool_correlations(many["r"], many["n"], interval=rule)["low"] for rule in rules]
    assert abs(ends[0] - ends[1]) < 0.002


def test_the_cloud_has_the_correlation_of_its_slider():
    picture = correlation_picture()
    rating = np.asarray(picture.panels[0].marks[0].x)
    for r in (0.0, 0.28, 0.9):
        outcome = picture.at("outcome", {"r": r})
        assert np.corrcoef(rating, outcome)[0, 1] == pytest.approx(r, abs=1e-4)
        assert outcome.std() == pytest.approx(1, abs=1e-3)
    assert "share 28% of" in picture.describe({"r": 0.53})


def test_pooling_many_selections_agrees_with_pooling_one():
    n, off, _ = draw_studies()
    z, chosen = np.arctanh(0.3) + off, np.zeros((3, len(n)), dtype=bool)
    chosen[0, :40] = chosen[1, 50:] = chosen[2, ::9] = True
    found = pool_many(np.tile(z, (3, 1)), 1 / (n - 3), chosen)
    for (mean, _, tau), some in zip(found, chosen, strict=True):
        one = pool_correlations(np.tanh(z[some]), n[some])
        assert np.tanh(mean) == pytest.approx(one["r"], abs=0.001)
        assert tau == pytest.approx(one["tau"], abs=0.01)


def pooled(**values: float) -> dict[str, float]:
    values = {"truth": 0.3, "studies": 80, "drawer": 0, "smallest": 0, **values}
    names = ("r", "low", "high", "next_low", "next_high")
    return {name: pooling_picture().at(f"counted_{k}", values)[0] for k, name in enumerate(names)}


def test_the_explorer_says_what_the_lesson_says():
    few, many = pooled(studies=40), pooled(studies=200)
    assert many["high"] - many["low"] < 0.6 * (few["high"] - few["low"])
    assert many["next_high"] - many["next_low"] > 0.3
    assert all(abs(pooled(studies=k)["r"] - 0.3) < 0.01 for k in (40, 80, 120, 160, 200))
    assert pooled(studies=200, drawer=80)["low"] > 0.3
    for studies in (40, 200):
        assert 0.16 < pooled(truth=0.1, studies=studies, drawer=80)["r"] < 0.2
    assert pooled(truth=0.1, studies=200, drawer=80)["low"] > 0.14
    assert all(0.05 < pooled(truth=0, studies=k, drawer=80)["r"] < 0.1 for k in (80, 200))
    n, off, _ = draw_studies()
    clear = off * np.sqrt(n - 3) >= 1.96
    assert 0.15 < np.tanh(pool_many(off[None], 1 / (n - 3), clear[None])[0, 0]) < 0.25


def test_a_drawer_makes_more_where_studies_differ_more(monkeypatch):
    monkeypatch.setattr(lesson_06, "TRUE_TAU", 0.17)
    n, off, _ = draw_studies()
    clear = off * np.sqrt(n - 3) >= 1.96
    assert 0.26 < np.tanh(pool_many(off[None], 1 / (n - 3), clear[None])[0, 0]) < 0.3
    assert round((200 - clear.sum()) / clear.sum()) == 6


def test_published_averages_are_drawn_with_the_intervals_that_were_printed():
    rows = ["A07", "A01", "A08"]
    plot = plot_published(published_effects().loc[rows])
    assert plot.table.index.tolist() == rows
    assert plot.table.loc["A01", "label"] == "adults face to face, Flückiger et al., 2018"
    assert "adults, Horvath & Bedi, 2002: 0.21; adults face" in plot.words, (
        "no interval was printed"
    )
    assert "0.278 (0.256 to 0.299)" in plot.words
    title = plot.figure().axes[0].get_title(loc="left")
    assert title == "3 averages, from 0.19 to 0.28,\nall above 0"
    below = published_effects().loc[rows].assign(estimate=[-0.1, 0.2, 0.3])
    assert "above 0" not in plot_published(below).figure().axes[0].get_title(loc="left")


def test_the_forest_shows_some_studies_and_pools_all():
    studies = simulate_literature(60, seed=1)
    plot, found = plot_forest(studies, shown=10), pool_correlations(studies["r"], studies["n"])
    assert plot.words.startswith("A forest plot of 10 of 60 simulated studies")
    assert f"is {found['r']:.2f} (95% interval {found['low']:.2f} to" in plot.words
    assert plot.table["n"].is_monotonic_increasing and len(plot.table) == 10
    assert plot.table.index.sort_values().tolist() == studies.index[:10].tolist()
    assert plot.table["r"].between(plot.table["low"], plot.table["high"]).all()
    title = plot.figure().axes[0].get_title(loc="left")
    assert title == f"The average is known well ({found['r']:.2f}), the next study is not"


def test_the_funnel_marks_what_is_missing():
    studies = simulate_literature(60, seed=1)
    studies["published"] = studies["n"] > 50
    plot, seen = plot_funnel(studies), studies[studies["published"]]
    assert plot.table["k"].tolist() == [60, len(seen)]
    assert plot.table.loc["published", "r"] == pool_correlations(seen["r"], seen["n"])["r"]
    assert f"{60 - len(seen)} unpublished studies" in plot.words
    ax, (every, some) = plot.figure().axes[0], plot.table["r"]
    assert (
        ax.get_title(loc="left")
        == f"All studies average {every:.2f}, the published ones {some:.2f}"
    )
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "published",
        "in the drawer",
    ]


def test_the_title_of_the_two_levels_cannot_lie():
    same = simulate_trial(400, n_therapists=8, treatments=("CBT",), seed=1).at(3)
    for data in (parted(6), same):
        plot = plot_levels(data)
        between, within = plot.table.loc[["between", "within"], "slope"]
        assert f"goes with {within:+.1f} points of outcome" in plot.words
        assert plot.words.endswith(f"goes with {between:+.1f} points.")
        falls = "between therapists it falls" in plot.figure().axes[0].get_title(loc="left")
        assert falls == (between < 0 < within)
