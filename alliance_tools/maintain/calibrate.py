"""Hold the model against the literature: published finding, simulated value, pass or not."""

from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from alliance_course.simulate.parameters import PARAMETERS, Parameters
from alliance_tools.maintain.designs import score
from alliance_tools.maintain.targets import TARGETS
from alliance_tools.maintain.work import Progress, work

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# What each target is compared with: the published number (missing where a study states a range, a
# sign or a bound) and what counts as reproduced. `interval` is "CI" for the published 95% interval,
# "range" for a published range, "chosen" for a band that was set for this course.
STATISTICS = pd.read_csv(
    Path(__file__).with_name("statistics.csv"), dtype={"target": str, "rows": str}
)

# Fixed before the first full run and never chosen for its result.
SEED = 20260701


def _run(job: tuple[str, Parameters, list[np.random.SeedSequence]]) -> list[dict[str, float]]:
    name, p, seeds = job
    simulate = TARGETS[name].simulate
    return [simulate(p, np.random.default_rng(seed)) for seed in seeds]


def _jobs(p: Parameters, seed: int, share: float, quick: bool) -> list[tuple[Any, ...]]:
    """Every run of every target, in small batches, each run with a seed of its own."""
    jobs = []
    roots = np.random.SeedSequence(seed).spawn(len(TARGETS))
    for (name, target), root in zip(TARGETS.items(), roots, strict=True):
        repeats = target.quick if quick else max(2, round(target.repeats * share))
        seeds = root.spawn(repeats)
        # a few batches more than workers keep both ends busy until the last
        size = max(1, repeats // 16)
        jobs += [(name, p, seeds[start : start + size]) for start in range(0, repeats, size)]
    return jobs


def calibrate(
    *,
    n_literatures: int = 200,
    parameters: Parameters | None = None,
    quick: bool = False,
    seed: int = SEED,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Simulate every published finding and compare.

    Parameters
    ----------
    n_literatures : int
        How many literatures of 295 studies; the other targets' repeats grow and shrink with it.
        At least 2.
    parameters : Parameters, optional
        Another world than the course's own, for example ``WORLDS["rival"]``.
    quick : bool
        A few repeats of each target, for a first look and for tests. Too short to judge single
        targets: a miss may be chance, and `summarise_calibration` says so.
    seed : int
        Master seed. The answer depends on it and on nothing else: not on the number of workers.
    executor : concurrent.futures.Executor, optional
        Where the work is done; see `work`.
    progress : callable, optional
        Called with (batches done, batches in all).

    Returns
    -------
    DataFrame
        One row per statistic: `target`, `statistic`, `finding`, `rows` (of published_effects),
        `published`, `low`, `high` (allowed), `interval` ("CI": published, "chosen": set for this
        course), `simulated`, `mc_error` (standard error of the simulation), `passes`.

    Raises
    ------
    ValueError
        If `n_literatures` is below 2.

    Examples
    --------
    >>> table = calibrate(quick=True)  # doctest: +SKIP
    >>> table.loc[table["target"] == "T01", ["published", "simulated"]]  # doctest: +SKIP
    """
    if not isinstance(n_literatures, (int, np.integer)) or n_literatures < 2:
        raise ValueError(f"n_literatures={n_literatures!r} is not allowed: give 2 or more")
    p = PARAMETERS if parameters is None else parameters
    jobs = _jobs(p, seed, n_literatures / 200, quick)
    runs: dict[str, list[dict[str, float]]] = {}
    done = work(_run, jobs, executor=executor, progress=progress)
    for job, results in zip(jobs, done, strict=True):
        runs.setdefault(job[0], []).extend(results)
    values = pd.concat([pd.DataFrame(results) for results in runs.values()], axis=1)
    table = STATISTICS.copy()
    score(table, values[[*(table["target"] + " " + table["statistic"])]])
    table.attrs["quick"] = bool(quick)
    return table


# Designs of their own: what is set otherwise than in the one set of numbers (see `targets.py`).
OTHER_SETTINGS = ("T09", "T17", "T27", "T28", "T31", "T37", "T40")
TOO_SHORT = (
    "This was a quick run. It is too short to judge single targets: a miss may be chance. "
    "A full calibration repeats each target many times."
)


def summarise_calibration(table: pd.DataFrame) -> str:
    """Say in a few sentences how many targets are met, and name what is not.

    After a quick run it says first that such a run cannot judge single targets.

    Examples
    --------
    >>> table = pd.DataFrame({"target": ["T01"], "statistic": ["r"], "simulated": [0.3],
    ...                       "low": [0.256], "high": [0.299], "passes": [False]})
    >>> print(summarise_calibration(table))
    0 of 1 published findings are reproduced.
    Not reproduced: T01 r, simulated 0.300 against 0.256 to 0.299.
    """
    met = table.groupby("target")["passes"].all()
    lines = [TOO_SHORT] if table.attrs.get("quick") else []
    lines += [f"{int(met.sum())} of {len(met)} published findings are reproduced."]
    lines += [
        f"Not reproduced: {row.target} {row.statistic}, simulated {row.simulated:.3f} "
        f"against {row.low:g} to {row.high:g}."
        for row in table[~table["passes"]].itertuples()
    ]
    return "\n".join(lines)


def plot_calibration(table: pd.DataFrame) -> "Axes":
    """Draw published beside simulated values, one row per statistic, in the style of a forest plot.

    Every row is scaled to its own allowed range, from 0 to 1, so that unlike statistics can
    stand in one figure; the numbers are printed at the right.

    Parameters
    ----------
    table : DataFrame
        From `calibrate`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    import matplotlib.pyplot as plt

    _, ax = plt.subplots(figsize=(9, 0.24 * len(table) + 1.2), layout="constrained")
    width = table["high"] - table["low"]
    y = np.arange(len(table))

    def scaled(column: str) -> pd.Series:
        return ((table[column] - table["low"]) / width).clip(-0.35, 1.35)

    ax.hlines(y, 0, 1, color="#0072B2", lw=6, alpha=0.25, label="allowed range")
    ax.plot(scaled("published"), y, "D", color="#0072B2", ms=5, label="published")
    inside = table["passes"].to_numpy(dtype=bool)
    half = 1.96 * table["mc_error"] / width
    ax.errorbar(
        scaled("simulated"), y, xerr=half, fmt="none", ecolor="#D55E00", elinewidth=1, zorder=3
    )
    ax.plot(scaled("simulated")[inside], y[inside], "o", color="#D55E00", ms=5, label="simulated")
    ax.plot(
        scaled("simulated")[~inside],
        y[~inside],
        "X",
        color="#D55E00",
        ms=9,
        label="simulated, outside",
    )
    for row, entry in zip(y, table.itertuples(), strict=True):
        label = f"{entry.simulated:.2f}   ({entry.low:g} to {entry.high:g})"
        ax.text(1.42, float(row), label, va="center", fontsize=8)
    ax.set_yticks(y, table["target"] + "  " + table["statistic"], fontsize=8)
    ax.set(xlim=(-0.4, 1.95), ylim=(len(table) - 0.4, -0.6), xticks=[0, 1])
    ax.set_xticklabels(["lowest\nallowed", "highest\nallowed"], fontsize=8)
    met = table.groupby("target")["passes"].all()
    title = f"One model, {int(met.sum())} of {len(met)} published findings reproduced"
    if table.attrs.get("quick"):
        title += " (a quick run: too short to judge single ones)"
    ax.set_title(title)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.02), ncols=4, frameon=False, fontsize=8)
    ax.spines[["top", "right", "left"]].set_visible(False)
    return ax
