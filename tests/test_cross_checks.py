"""Others' software on the same data: R's lme4, metafor, lavaan and psych agree with the course."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from alliance_course import (
    PARAMETERS,
    correlation,
    cross_lagged,
    factor_models,
    multilevel_slopes,
    pool_correlations,
    reliability,
    simulate_literature,
    simulate_trial,
    split_within_between,
    variance_share,
)
from alliance_course.measures import _forward

SCRIPT = Path(__file__).parent / "r" / "check.R"


@pytest.fixture(scope="module")
def data():
    trial = simulate_trial(3000, n_therapists=150, treatments=("CBT",), seed=21)
    fourth = trial.clients.merge(trial.sessions.query("session == 4"), on="client")
    items = simulate_trial(1500, n_sessions=4, treatments=("CBT",), items=True, seed=22).items
    answers = items.query("rater == 'client' and session == 4")
    waves = trial.sessions[trial.sessions["session"] <= 7]
    return {
        "clients": fourth,
        "items": answers,
        "waves": waves,
        "studies": simulate_literature(80, seed=23),
    }


@pytest.fixture(scope="module")
def r(data, tmp_path_factory) -> dict[str, float]:
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    packages = "lme4 metafor lavaan psych".split()
    code = f"q(status = !all(c({str(packages)[1:-1]}) %in% rownames(installed.packages())))"
    if subprocess.run(["Rscript", "-e", code], capture_output=True).returncode:
        pytest.skip(f"R lacks one of {', '.join(packages)}")
    folder = tmp_path_factory.mktemp("r")
    split = split_within_between(data["clients"], "alliance_client", "therapist")
    split.columns = ["between", "within"]
    data["clients"].join(split).to_csv(folder / "clients.csv", index=False)
    data["studies"].to_csv(folder / "studies.csv", index=False)
    wide = data["waves"].pivot(
        index="client", columns="session", values=["alliance_client", "symptoms"]
    )
    wide.columns = [f"{'x' if name == 'alliance_client' else 'y'}{wave}" for name, wave in wide]
    wide.dropna().to_csv(folder / "waves.csv", index=False)
    _forward(data["items"]).to_csv(folder / "items.csv", index=False)
    done = subprocess.run(["Rscript", str(SCRIPT), str(folder)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return {k: float(v) for k, v in (line.split("=") for line in done.stdout.split())}


def test_lme4_gives_the_same_shares_and_slopes(r, data):
    share = variance_share(data["clients"], "outcome", "therapist", given=["severity_intake"])
    assert share["share"] == pytest.approx(r["share"], abs=2e-4)
    slopes = multilevel_slopes(data["clients"], "outcome", "alliance_client", "therapist")
    assert slopes.loc["between", "slope"] == pytest.approx(r["between"], abs=5e-3)
    assert slopes.loc["within", "slope"] == pytest.approx(r["within"], abs=1e-3)


def test_metafor_pools_to_the_same(r, data):
    pooled = pool_correlations(data["studies"]["r"], data["studies"]["n"])
    for name in ("r", "low", "high", "tau"):
        assert pooled[name] == pytest.approx(r[name], abs=1e-4), name
    for name in ("prediction_low", "prediction_high"):
        assert pooled[name] == pytest.approx(r[name], abs=3e-3), name
    assert pooled["i2"] == pytest.approx(r["i2"], abs=0.1)


def test_lavaan_fits_the_same_lagged_paths(r, data):
    paths = cross_lagged(data["waves"], x="alliance_client", y="symptoms", waves=range(1, 8))
    for name, theirs in {"x_to_x": "a", "y_to_x": "b", "x_to_y": "c", "y_to_y": "d"}.items():
        assert paths[name] == pytest.approx(r[theirs], abs=1e-3), name
    assert paths["x_to_y_se"] == pytest.approx(r["c_se"], rel=0.1)
    assert paths["y_to_x_se"] == pytest.approx(r["b_se"], rel=0.1)


def test_lavaan_fits_the_same_factors(r, data):
    models = factor_models(data["items"])
    assert models.loc[3, "cfi"] == pytest.approx(r["cfi3"], abs=2e-3)
    assert models.loc[2, "cfi"] == pytest.approx(r["cfi2"], abs=2e-3)
    assert models.loc[2, "rmsea"] == pytest.approx(r["rmsea2"], abs=3e-3)
    assert models.loc[2, "bic"] == pytest.approx(r["bic2"], abs=2)
    assert models.loc[3, "goal_task"] == pytest.approx(r["goal_task"], abs=2e-3)
    assert reliability(data["items"]).loc["bond", "alpha"] == pytest.approx(
        r["alpha_bond"], abs=1e-6
    )


NOTHING = replace(
    PARAMETERS, alliance_path=0.0, reverse_path=0.0, readiness_alliance=0.0, same_rater=0.0,
    therapist_correlation=0.0, dropout_slope=0.0,
)  # fmt: skip


def test_a_world_without_paths_shows_nothing():
    """False positives come at their nominal rate of 5%: 400 studies, 3.3 standard errors."""
    hits = {"correlation": 0, "within": 0, "x to y": 0, "y to x": 0}
    runs = 400
    for seed in range(runs):
        trial = simulate_trial(
            120, n_therapists=12, n_sessions=6, treatments=("CBT",), parameters=NOTHING, seed=seed
        )
        fourth = trial.clients.merge(trial.sessions.query("session == 4"), on="client")
        found = correlation(fourth, "alliance_client", "outcome")
        hits["correlation"] += not found["low"] < 0 < found["high"]
        within = split_within_between(fourth, "alliance_client", "therapist").iloc[:, 1]
        outcome = split_within_between(fourth, "outcome", "therapist").iloc[:, 1]
        r = np.corrcoef(within, outcome)[0, 1]
        free = len(fourth) - fourth["therapist"].nunique() - 1
        hits["within"] += 2 * stats.t.sf(abs(r) * np.sqrt(free / (1 - r**2)), free) < 0.05
        if seed < 100:
            paths = cross_lagged(
                trial.sessions, x="alliance_client", y="symptoms", waves=range(1, 5)
            )
            hits["x to y"] += abs(paths["x_to_y"]) > 1.96 * paths["x_to_y_se"]
            hits["y to x"] += abs(paths["y_to_x"]) > 1.96 * paths["y_to_x_se"]
    for name, count in hits.items():
        n = 100 if " to " in name else runs
        assert abs(count / n - 0.05) < 3.3 * np.sqrt(0.05 * 0.95 / n), (name, count, n)
