"""Calibration: every target runs, the committed table is true of the code, switches act alone."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from alliance_course.data.tables import load_dataset
from alliance_course.folders import course_folder
from alliance_course.simulate.parameters import PARAMETERS, WORLDS, Parameters
from alliance_course.simulate.studies import (
    correlate_by_study,
    simulate_literature,
    simulate_studies,
)
from alliance_tools.maintain.calibrate import (
    STATISTICS,
    calibrate,
    plot_calibration,
    summarise_calibration,
)
from alliance_tools.maintain.not_fitted import NOT_FITTED
from alliance_tools.maintain.report import model_page
from alliance_tools.maintain.targets import TARGETS

COMMITTED = pd.read_csv(course_folder("datasets") / "calibration.csv")
BOTH = pd.read_csv(course_folder("datasets") / "worlds.csv")
UNFITTED = load_dataset("not_fitted")
# What the model does not meet, told on the page and counted as missed: it may not grow in silence.
MISSES = {
    "T08 early change raises it",
    "T27 half are improved",
    "T31 leavers behind",
    "T34 task minus total",
    "T38 width of the interval",
    "T39 pairs, client",
    "T39 pairs, therapist",
}


@pytest.fixture(scope="module")
def quick() -> pd.DataFrame:
    with ProcessPoolExecutor(2) as executor:
        return calibrate(quick=True, executor=executor)


def test_all_targets_are_there():
    assert set(STATISTICS["target"]) == {f"T{k:02d}" for k in range(1, 41)}
    for row in STATISTICS.itertuples():
        assert row.low < row.high and row.interval in ("CI", "range", "chosen"), row
        assert np.isnan(row.published) or row.low <= row.published <= row.high, row


def test_a_quick_run_agrees_with_the_committed_table(quick):
    """The committed values are what this code gives, up to the Monte-Carlo error of both."""
    both = quick.merge(COMMITTED, on=["target", "statistic"], suffixes=("", "_committed"))
    assert len(both) == len(STATISTICS) == len(COMMITTED)
    spread = COMMITTED["mc_error"] * np.sqrt(100)
    error = np.hypot(both["mc_error"].fillna(0), both["mc_error_committed"]) + 0.15 * spread + 0.004
    distance = (both["simulated"] - both["simulated_committed"]).abs() / error
    assert (distance < 5).all(), both.loc[distance >= 5, ["target", "statistic", "simulated"]]


def test_the_answer_does_not_depend_on_the_workers(quick):
    pd.testing.assert_frame_equal(calibrate(quick=True), quick)


def test_the_committed_table_misses_what_the_page_says_and_no_more():
    missed = COMMITTED[~COMMITTED["passes"]]
    assert set(missed["target"] + " " + missed["statistic"]) <= MISSES


def test_fewer_numbers_are_fitted_than_statistics_held():
    fitted = [e for e in Parameters.table() if e["source"].startswith("fitted")]
    assert len(fitted) + 3 <= 0.75 * len(STATISTICS)


def test_a_quick_run_says_that_it_is_too_short(quick):
    assert "too short to judge single targets" in summarise_calibration(quick)
    assert "too short" not in summarise_calibration(COMMITTED)


def test_in_the_rival_world_the_alliance_does_nothing_and_its_score_is_true():
    assert WORLDS["course"] is PARAMETERS
    assert WORLDS["rival"].alliance_path == 0
    assert (BOTH["course"].to_numpy() == COMMITTED["simulated"].to_numpy()).all()
    inside = BOTH["rival"].between(BOTH["low"], BOTH["high"])
    assert (inside == BOTH["rival_passes"]).all()
    told = BOTH.set_index(BOTH["target"] + " " + BOTH["statistic"])["rival"]
    runs = [
        TARGETS["goals"].simulate(WORLDS["rival"], np.random.default_rng(seed)) for seed in range(3)
    ]
    for name, value in pd.DataFrame(runs).mean().items():
        assert value == pytest.approx(told[name], abs=0.03), name


def test_what_was_not_fitted_keeps_its_rules():
    assert len(NOT_FITTED) >= 10
    assert list(UNFITTED["name"]) == [row.name for row in NOT_FITTED]
    for row, kept in zip(NOT_FITTED, UNFITTED.itertuples(), strict=True):
        high = np.inf if np.isnan(kept.high) else kept.high
        assert (row.low, row.high) == (kept.low, high)
        assert kept.passes == (row.low <= kept.simulated <= row.high)


def test_the_model_page_shows_the_code_and_the_committed_table():
    page = (course_folder("datasets") / "MODEL.md").read_text(encoding="utf-8")
    assert model_page(page, COMMITTED, worlds=BOTH, not_fitted=UNFITTED) == page
    for entry in PARAMETERS.table():
        assert f"`{entry['name']}`" in page
    for number in range(1, 41):
        assert f"T{number:02d}" in page


def test_the_figure_shows_every_statistic():
    ax = plot_calibration(COMMITTED)
    assert len(ax.get_yticks()) == len(COMMITTED)
    met = COMMITTED.groupby("target")["passes"].all().sum()
    assert f"{met} of 40" in ax.get_title()


def test_a_world_without_paths_fails_the_targets_that_need_them():
    """A calibration that could not fail would be worth nothing."""
    nothing = replace(PARAMETERS, alliance_path=0.0, reverse_path=0.0)
    simulated = TARGETS["goals"].simulate(nothing, np.random.default_rng(1))
    assert simulated["T04 goal"] < 0.19
    paths = TARGETS["reciprocity"].simulate(nothing, np.random.default_rng(1))
    assert abs(paths["T06 alliance to symptoms"]) < 0.04
    assert abs(paths["T06 symptoms to alliance"]) < 0.04


# Each switch, the finding that goes with it, and how small it must get.
SWITCHES = {
    # not to 0: strain shows in symptoms and, with error, in ratings, and the lagged model takes
    # that for a path from symptoms to alliance
    "reverse_path": ("reciprocity", "T06 symptoms to alliance", 0.22),
    "competence_effect": ("adherence", "T09 competence, practice", 0.04),
    "targeted_gain": ("dismantling", "T11 additive, targeted problem", 0.1),
    "dropout_slope": ("leavers", "T22 stayers minus leavers", 0.15),
    "expectation_readiness": ("neighbours", "T25 expectation, outcome", 0.04),
    "therapist_alliance_sd": ("therapists", "T16 alliance", 0.8),
}
# Findings that none of these switches carries. (The gap between raters is not among them: without
# the reverse path ratings rise less over therapy, and it falls to the edge of its band.)
UNTOUCHED = ("T12 supportive, full therapy", "T18 client", "T18 observer", "T23 agreement")


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_switch_removes_its_finding_and_leaves_the_others(switch):
    target, statistic, limit = SWITCHES[switch]
    world = replace(PARAMETERS, **{switch: 0.0})
    off = TARGETS[target].simulate(world, np.random.default_rng(3))[statistic]
    on = TARGETS[target].simulate(PARAMETERS, np.random.default_rng(3))[statistic]
    assert abs(off) < limit < abs(on)
    runs = [
        {
            name: value
            for other in ("support_and_size", "ruptures", "raters")
            for name, value in TARGETS[other].simulate(world, np.random.default_rng(seed)).items()
        }
        for seed in range(3)
    ]
    means = pd.DataFrame(runs).mean()
    bands = {f"{row.target} {row.statistic}": row for row in STATISTICS.itertuples()}
    for name in UNTOUCHED:
        assert bands[name].low <= means[name] <= bands[name].high, name


def test_partialling_by_study_agrees_with_doing_it_study_by_study():
    clients = simulate_studies(6, seed=3).query("~dropped_out")
    own = correlate_by_study(clients, "alliance_client", given=("severity_intake", "adherence"))
    for study, part in clients.groupby("study"):
        part = part[["alliance_client", "outcome", "severity_intake", "adherence"]].dropna()
        inverse = np.linalg.inv(np.corrcoef(part.to_numpy(dtype=float).T))
        partial = -inverse[0, 1] / np.sqrt(inverse[0, 0] * inverse[1, 1])
        assert own.loc[study, "r"] == pytest.approx(partial, abs=1e-9)
        assert own.loc[study, "n"] == len(part)


def test_literatures_are_reproducible_and_refuse_nonsense():
    pd.testing.assert_frame_equal(simulate_literature(8, seed=2), simulate_literature(8, seed=2))
    with pytest.raises(ValueError, match="n_studies"):
        simulate_literature(0)
    with pytest.raises(ValueError, match="median_clients"):
        simulate_studies(2, median_clients=5)
    with pytest.raises(ValueError, match="n_literatures"):
        calibrate(n_literatures=1)
