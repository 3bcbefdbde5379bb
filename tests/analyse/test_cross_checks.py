"""Others' software on the same data: R's lme4, metafor, lavaan and psych agree with the course."""

import shutil
import subprocess
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

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
from alliance_course.analyse.levels import mixed_model
from alliance_course.measure.form import forward_answers

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
        "border": border(),
        "items": answers,
        "waves": waves,
        "studies": simulate_literature(80, seed=23),
    }


def border():
    """A small study in which therapists do not differ at all, as small studies often find."""
    for seed in range(50):
        trial = simulate_trial(80, n_therapists=8, n_sessions=6, treatments=("CBT",), seed=seed)
        fourth = trial.clients.merge(trial.sessions.query("session == 4"), on="client")
        x = fourth[["alliance_client"]].astype(float)
        if mixed_model(fourth["outcome"], x, fourth["therapist"])[1] < 1e-6:
            return fourth
    raise AssertionError("no small study without differences between therapists in 50")


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
    data["border"].to_csv(folder / "border.csv", index=False)
    data["studies"].to_csv(folder / "studies.csv", index=False)
    wide = data["waves"].pivot(
        index="client", columns="session", values=["alliance_client", "symptoms"]
    )
    wide.columns = [f"{'x' if name == 'alliance_client' else 'y'}{wave}" for name, wave in wide]
    wide.dropna().to_csv(folder / "waves.csv", index=False)
    forward_answers(data["items"]).to_csv(folder / "items.csv", index=False)
    done = subprocess.run(["Rscript", str(SCRIPT), str(folder)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return {k: float(v) for k, v in (line.split("=") for line in done.stdout.split())}


def test_lme4_gives_the_same_shares_and_slopes(r, data):
    share = variance_share(data["clients"], "outcome", "therapist", given="severity_intake")
    assert share["share"] == pytest.approx(r["share"], abs=1e-5)
    slopes = multilevel_slopes(data["clients"], "outcome", "alliance_client", "therapist")
    for name in ("between", "within"):
        assert slopes.loc[name, "slope"] == pytest.approx(r[name], abs=1e-4), name
        assert slopes.loc[name, "se"] == pytest.approx(r[f"{name}_se"], rel=1e-3), name


def test_lme4_gives_the_same_errors_where_therapists_do_not_differ(r, data):
    small = data["border"]
    x = small[["alliance_client"]].astype(float)
    table, between, _ = mixed_model(small["outcome"], x, small["therapist"])
    assert between == pytest.approx(r["border_variance"], abs=1e-4)
    assert table.loc["alliance_client", "slope"] == pytest.approx(r["border"], abs=1e-4)
    assert table.loc["alliance_client", "se"] == pytest.approx(r["border_se"], rel=1e-3)


def test_metafor_pools_to_the_same(r, data):
    pooled = pool_correlations(data["studies"]["r"], data["studies"]["n"])
    for name in ("r", "low", "high", "tau", "prediction_low", "prediction_high"):
        assert pooled[name] == pytest.approx(r[name], abs=1e-4), name
    assert pooled["i2"] == pytest.approx(r["i2"], abs=0.1)


@pytest.mark.parametrize("k", (80, 3))
def test_metafor_gives_the_same_knapp_hartung_intervals(r, data, k):
    studies = data["studies"].head(k)
    pooled = pool_correlations(studies["r"], studies["n"], interval="knapp-hartung")
    for name in ("r", "low", "high", "prediction_low", "prediction_high"):
        assert pooled[name] == pytest.approx(r[f"{name}_knha{k}"], abs=1e-4), name


def test_lavaan_fits_the_same_lagged_paths(r, data):
    paths = cross_lagged(data["waves"], x="alliance_client", y="symptoms", waves=range(1, 8))
    for name, theirs in {"x_to_x": "a", "y_to_x": "b", "x_to_y": "c", "y_to_y": "d"}.items():
        assert paths[name] == pytest.approx(r[theirs], abs=5e-4), name
    assert paths["x_to_y_se"] == pytest.approx(r["c_se"], rel=5e-3)
    assert paths["y_to_x_se"] == pytest.approx(r["b_se"], rel=5e-3)


def test_lavaan_fits_the_same_factors(r, data):
    models = factor_models(data["items"])
    for factors in (1, 2, 3):
        assert models.loc[factors, "cfi"] == pytest.approx(r[f"cfi{factors}"], abs=1e-3)
        assert models.loc[factors, "rmsea"] == pytest.approx(r[f"rmsea{factors}"], abs=1e-3)
        assert models.loc[factors, "bic"] == pytest.approx(r[f"bic{factors}"], abs=0.1)
    for pair in ("goal_task", "bond_goal", "bond_task"):
        assert models.loc[3, pair] == pytest.approx(r[pair], abs=1e-3), pair
    assert models.loc[2, "agreement_bond"] == pytest.approx(r["agreement_bond"], abs=1e-3)


def test_psych_finds_the_same_alphas(r, data):
    alphas = reliability(data["items"])["alpha"]
    for scale in alphas.index:
        assert alphas[scale] == pytest.approx(r[f"alpha_{scale}"], abs=1e-6), scale


NOTHING = replace(
    PARAMETERS, alliance_path=0.0, reverse_path=0.0, readiness_alliance=0.0, same_rater=0.0,
    therapist_correlation=0.0, dropout_slope=0.0, dropout_rupture=0.0, alliance_learning=0.0,
)  # fmt: skip


def false_alarms(seeds):
    """Which tests are below 5% in studies where nothing is there: a row a study."""
    rows = []
    for seed in seeds:
        trial = simulate_trial(
            345, n_therapists=30, n_sessions=8, treatments=("CBT",), parameters=NOTHING, seed=seed
        )
        fourth = trial.clients.merge(trial.sessions.query("session == 4"), on="client")
        r = correlation(fourth, "alliance_client", "outcome")
        slopes = multilevel_slopes(fourth, "outcome", "alliance_client", "therapist")
        paths = cross_lagged(trial.sessions, x="alliance_client", y="symptoms", waves=range(1, 8))
        rows.append(
            {
                "correlation": not r["low"] < 0 < r["high"],
                "slope between": slopes.loc["between", "p"] < 0.05,
                "slope within": slopes.loc["within", "p"] < 0.05,
                "alliance to symptoms": abs(paths["x_to_y"]) > 1.96 * paths["x_to_y_se"],
                "symptoms to alliance": abs(paths["y_to_x"]) > 1.96 * paths["y_to_x_se"],
            }
        )
    return rows


def test_a_world_without_paths_shows_nothing():
    """False alarms come in 5% of 240 studies, give or take 3 Monte-Carlo errors of 1.4%."""
    jobs = [range(start, start + 20) for start in range(0, 240, 20)]
    with ProcessPoolExecutor(2) as executor:
        done = list(executor.map(false_alarms, jobs))
    rates = pd.DataFrame([row for batch in done for row in batch]).mean()
    error = np.sqrt(0.05 * 0.95 / 240)
    assert ((rates - 0.05).abs() < 3 * error).all(), rates
