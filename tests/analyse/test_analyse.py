"""Statistics: right against answers known beforehand, refused where they mean nothing."""

import sys

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

import alliance_course as ac
from alliance_course.analyse.levels import mixed_model


@pytest.fixture
def data():
    rng = np.random.default_rng(3)
    c = rng.normal(size=300)
    frame = pd.DataFrame({"a": c + rng.normal(size=300), "b": c + rng.normal(size=300), "c": c})
    frame["therapist"] = [f"T{k % 20:02d}" for k in range(300)]
    return frame.assign(flat=1.0, word="x", twice=2 * c)


def test_correlation_agrees_with_scipy_and_leaves_out_what_is_missing(data):
    data.loc[:9, "a"] = np.nan
    found = ac.correlation(data, "a", "b")
    theirs = stats.pearsonr(data["a"][10:], data["b"][10:])
    low, high = theirs.confidence_interval(0.95)
    assert found.tolist() == pytest.approx([theirs.statistic, low, high, 290])


def test_partial_correlation_is_that_of_the_inverse(data):
    inverse = np.linalg.inv(np.corrcoef(data[["a", "b", "c"]].T))
    expected = -inverse[0, 1] / np.sqrt(inverse[0, 0] * inverse[1, 1])
    for given in ("c", ["c"], ("c", "twice")):
        found = ac.partial_correlation(data, "a", "b", given)
        assert found["r"] == pytest.approx(expected)
    assert found["low"] < found["r"] < found["high"]


def test_cohens_d_is_the_t_statistic_on_another_scale(data):
    first, second = data["a"][:100] + 0.5, data["a"][100:]
    t = stats.ttest_ind(first, second).statistic
    found = ac.cohens_d(first, second)
    assert found["d"] == pytest.approx(t * np.sqrt(1 / 100 + 1 / 200))
    assert found["low"] < found["d"] < found["high"]


def likelihood(tau2, y, v):
    w = 1 / (v + tau2)
    mean = (w * y).sum() / w.sum()
    return (np.log(v + tau2).sum() + np.log(w.sum()) + (w * (y - mean) ** 2).sum()) / 2


@pytest.mark.parametrize(("studies", "tau", "unit"), [(3, 0.3, 1), (20, 0, 1), (295, 0.1, 50)])
def test_pooling_finds_the_best_restricted_likelihood(studies, tau, unit):
    rng = np.random.default_rng(studies)
    v = 1 / rng.integers(12, 200, studies)
    y = 0.28 + tau * rng.normal(size=studies) + np.sqrt(v) * rng.normal(size=studies)
    found = ac.pool_effects(unit * y, unit**2 * v)
    best = optimize.minimize_scalar(likelihood, (0, 0.1), bounds=(0, 4), args=(y, v))
    tau2 = best.x if best.fun < likelihood(0, y, v) else 0
    assert found["tau"] / unit == pytest.approx(np.sqrt(tau2), abs=1e-3)
    wider = ac.pool_effects(unit * y, unit**2 * v, level=0.99)
    factor = stats.norm.ppf(0.995) / stats.norm.ppf(0.975)
    widths = [fit["high"] - fit["low"] for fit in (wider, found)]
    assert widths[0] / widths[1] == pytest.approx(factor)
    assert wider["prediction_low"] < found["prediction_low"] < found["low"]


def test_pooled_intervals_hold_what_they_promise():
    """The average lies in 95% of the intervals, the next study in 95% of the predictions."""
    rng = np.random.default_rng(8)
    inside = np.zeros(2)
    for _ in range(400):
        n = rng.integers(40, 160, 60)
        z = 0.3 + 0.1 * rng.normal(size=60) + rng.normal(size=60) / np.sqrt(n - 3)
        found = ac.pool_correlations(np.tanh(z), n)
        following = np.tanh(0.3 + 0.1 * rng.normal())
        inside += [
            found["low"] < np.tanh(0.3) < found["high"],
            found["prediction_low"] < following < found["prediction_high"],
        ]
    assert (np.abs(inside / 400 - 0.95) < 3.3 * np.sqrt(0.95 * 0.05 / 400)).all()


def test_with_three_studies_only_knapp_and_hartung_keep_the_promise():
    rng = np.random.default_rng(9)
    n = np.array([60, 90, 150])
    inside = dict.fromkeys(("normal", "knapp-hartung"), 0)
    for _ in range(400):
        z = 0.3 + 0.15 * rng.normal(size=3) + rng.normal(size=3) / np.sqrt(n - 3)
        for interval in inside:
            found = ac.pool_correlations(np.tanh(z), n, interval=interval)
            inside[interval] += found["low"] < np.tanh(0.3) < found["high"]
    assert inside["normal"] / 400 < 0.9 < 0.92 < inside["knapp-hartung"] / 400 < 0.98


def test_variance_share_is_the_balanced_textbook_answer():
    rng = np.random.default_rng(5)
    group = np.repeat(np.arange(60), 8)
    y = 0.6 * rng.normal(size=60)[group] + rng.normal(size=480)
    data = pd.DataFrame({"outcome": y, "therapist": [f"T{k}" for k in group]})
    means = y.reshape(60, 8).mean(axis=1)
    within = y.reshape(60, 8).var(axis=1, ddof=1).mean()
    between = means.var(ddof=1) - within / 8  # for equal groups REML is the analysis of variance
    found = ac.variance_share(data, "outcome", "therapist")
    assert found["share"] == pytest.approx(between / (between + within), abs=1e-4)
    assert (found["groups"], found["n"]) == (60, 480)


@pytest.mark.parametrize("differ", [True, False])
def test_errors_of_a_mixed_model_are_those_of_weighted_least_squares(data, differ):
    """Also where therapists do not differ: there the library's own errors are wrong."""
    y = data["a"] - data.groupby("therapist")["a"].transform("mean")
    if differ:
        y += data["therapist"].str[1:].astype(float) / 10
    table, between, within = mixed_model(y.rename("y"), data[["b"]], data["therapist"])
    assert (between > 0.1) == differ and (between < 1e-6) != differ
    x = np.column_stack([np.ones(300), data["b"]])
    same = (data["therapist"].to_numpy()[:, None] == data["therapist"].to_numpy()).astype(float)
    weight = np.linalg.inv(between * same + within * np.eye(300))
    se = np.sqrt(np.diag(np.linalg.inv(x.T @ weight @ x)))
    np.testing.assert_allclose(table["se"], se, rtol=1e-8)
    np.testing.assert_allclose(table["p"], 2 * stats.norm.sf(np.abs(table["slope"] / se)))


def test_slopes_between_and_within_are_told_apart():
    rng = np.random.default_rng(6)
    level = rng.normal(size=200)[np.repeat(np.arange(200), 20)]
    own = rng.normal(size=4000)
    data = pd.DataFrame({"alliance": level + own, "therapist": np.repeat(np.arange(200), 20)})
    data["outcome"] = 2 * level - 1 * own + rng.normal(size=4000)
    slopes = ac.multilevel_slopes(data, "outcome", "alliance", "therapist")
    assert slopes.loc["within", "slope"] == pytest.approx(-1, abs=4 * slopes.loc["within", "se"])
    assert slopes.loc["between", "low"] > 1.5
    parts = ac.split_within_between(data, "alliance", "therapist")
    np.testing.assert_allclose(parts.sum(axis=1), data["alliance"])


def panel(people, to_y, to_x, seed, waves=6):
    rng = np.random.default_rng(seed)
    stable = rng.multivariate_normal([3, 12], [[0.4, -0.5], [-0.5, 9]], people)
    x, y = rng.normal(size=(2, people))
    rows = []
    for wave in range(1, waves + 1):
        if wave > 1:
            x, y = (
                0.3 * x + to_x * y + 0.9 * rng.normal(size=people),
                to_y * x + 0.4 * y + 0.9 * rng.normal(size=people),
            )
        both = {"x": stable[:, 0] + x, "y": stable[:, 1] + 2 * y}
        rows.append(pd.DataFrame({"client": np.arange(people), "session": wave, **both}))
    return pd.concat(rows, ignore_index=True)


@pytest.mark.parametrize(("to_y", "to_x"), [(-0.25, 0.0), (0.0, -0.15), (-0.2, -0.1)])
def test_the_lagged_model_finds_the_paths_that_made_the_data(to_y, to_x):
    data = panel(4000, to_y, to_x, seed=2)
    found = ac.cross_lagged(data, x="x", y="y", waves=range(1, 7))
    truth = {"x_to_y": 2 * to_y, "y_to_x": to_x / 2}  # y is recorded in units of one half
    for name, path in truth.items():
        assert found[name] == pytest.approx(path, abs=4 * found[f"{name}_se"]), name
    assert found["x_to_x"] == pytest.approx(0.3, abs=0.05)
    assert found["y_to_y"] == pytest.approx(0.4, abs=0.05)
    assert found["x_to_y_standardised"] == pytest.approx(to_y, abs=0.04)


def test_units_and_order_of_rows_do_not_matter():
    data = panel(300, -0.2, -0.1, seed=4)
    first = ac.cross_lagged(data, x="x", y="y", waves=range(1, 7))
    scaled = data.assign(x=1000 * data["x"], y=data["y"] / 100).sample(frac=1, random_state=1)
    again = ac.cross_lagged(scaled, x="x", y="y", waves=range(1, 7))
    assert again["x_to_y"] * 1e5 == pytest.approx(first["x_to_y"], rel=1e-3)
    assert again["x_to_y_se"] * 1e5 == pytest.approx(first["x_to_y_se"], rel=1e-2)
    standardised = ["x_to_y_standardised", "y_to_x_standardised"]
    np.testing.assert_allclose(again[standardised], first[standardised], rtol=1e-3)


NONSENSE = {
    "no column 'z'": lambda d: ac.correlation(d, "a", "z"),
    "'word' does not hold numbers": lambda d: ac.correlation(d, "a", "word"),
    "'flat' has no spread": lambda d: ac.correlation(d, "a", "flat"),
    "3 complete rows are too few": lambda d: ac.correlation(d[:3], "a", "b"),
    "infinite": lambda d: ac.correlation(d.replace(d["a"][0], np.inf), "a", "b"),
    "give a DataFrame": lambda d: ac.correlation([1, 2], "a", "b"),
    "nothing of 'c' is left": lambda d: ac.partial_correlation(d, "a", "c", "twice"),
    "values in a group": lambda d: ac.cohens_d([1], [1, 2]),
    "no spread, so": lambda d: ac.cohens_d([1, 1], [2, 2]),
    "r or n": lambda d: ac.pool_correlations([0.1, 1.0], [20, 20]),
    "r has 2 entries and n has 1": lambda d: ac.pool_correlations([0.1, 0.2], [20]),
    "variances above 0": lambda d: ac.pool_effects([0.1, 0.2], [0.1, 0]),
    "studies are too few": lambda d: ac.pool_effects([0.1], [0.1]),
    "did you mean 'knapp-hartung'": lambda d: ac.pool_effects(
        [0.1, 0.2], [0.1, 0.1], interval="hartung"
    ),
    "level=95": lambda d: ac.pool_effects([0.1, 0.2], [0.1, 0.1], level=95),
    "every group has one row": lambda d: ac.variance_share(
        d.assign(therapist=range(300)), "a", "therapist"
    ),
    "1 groups": lambda d: ac.variance_share(d, "a", "flat"),
    "'flat' has no spread: every": lambda d: ac.variance_share(d, "flat", "therapist"),
    "'twice' adds nothing": lambda d: ac.multilevel_slopes(
        d, "a", "b", "therapist", given=["c", "twice"]
    ),
    "does not hold numbers: choose": lambda d: ac.split_within_between(d, "word", "therapist"),
    "at least 3 sessions": lambda d: ac.cross_lagged(
        panel(50, 0, 0, 1), x="x", y="y", waves=[1, 2, 2]
    ),
    "session twice": lambda d: ac.cross_lagged(
        pd.concat([panel(50, 0, 0, 1)] * 2), x="x", y="y", waves=[1, 2, 3]
    ),
    "too few: 30 needed": lambda d: ac.cross_lagged(
        panel(20, 0, 0, 1), x="x", y="y", waves=[1, 2, 3]
    ),
    "'y' has no spread in one": lambda d: ac.cross_lagged(
        panel(50, 0, 0, 1).assign(y=1.0), x="x", y="y", waves=[1, 2, 3]
    ),
    "x and y are both 'x'": lambda d: ac.cross_lagged(
        panel(50, 0, 0, 1), x="x", y="x", waves=[1, 2, 3]
    ),
}


@pytest.mark.parametrize("message", NONSENSE)
def test_what_means_nothing_is_refused_by_name(message, data):
    with pytest.raises(ValueError, match=message):
        NONSENSE[message](data)


def test_a_missing_library_is_named_with_what_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "scipy"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "scipy", None)  # what Python itself takes for "not there"
    with pytest.raises(ImportError, match="pip install scipy"):
        ac.pool_effects([0.1, 0.2], [0.1, 0.1])
