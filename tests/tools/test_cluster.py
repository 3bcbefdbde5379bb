"""The same work on one process, on this machine's processes and on a Dask cluster."""

import os
import signal
from concurrent.futures import ProcessPoolExecutor

import pandas as pd
import pytest

from alliance_course.data.tables import load_dataset
from alliance_course.folders import course_folder
from alliance_tools.maintain import calibrate as calibration
from alliance_tools.maintain.report import fill, grid_words
from alliance_tools.maintain.two_assumptions import (
    LITERATURES,
    PATHS,
    SHARES,
    inside,
    literature_grid,
    plot_two_assumptions,
)

COMMITTED = load_dataset("two_assumptions")
SMALL = {"paths": [0, 1], "shares": [0.2, 0.6], "n_literatures": 6, "n_studies": 80}


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip(
        "distributed", reason="Dask is not installed: pip install 'alliance-course[dask]'"
    )
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as two,
        distributed.Client(two) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def here() -> pd.DataFrame:
    return literature_grid(**SMALL)


def written(table: pd.DataFrame, path) -> bytes:
    table.to_csv(path, index=False)
    return path.read_bytes()


def test_a_cluster_gives_the_same_bytes_and_shows_progress(cluster, here, tmp_path):
    seen = []
    there = literature_grid(
        **SMALL, executor=cluster.get_executor(), progress=lambda *now: seen.append(now)
    )
    assert written(there, tmp_path / "there.csv") == written(here, tmp_path / "here.csv")
    assert seen == [(done, 24) for done in range(1, 25)]


def test_the_processes_of_this_machine_give_the_same_bytes(here, tmp_path):
    with ProcessPoolExecutor(2) as executor:
        there = literature_grid(**SMALL, executor=executor)
    assert written(there, tmp_path / "there.csv") == written(here, tmp_path / "here.csv")


def test_a_killed_worker_costs_time_and_nothing_else(cluster, here, tmp_path):
    killed = []

    def kill_one(done: int, total: int) -> None:
        if not killed:
            pids = cluster.run(os.getpid)
            killed.append(next(iter(pids.values())))
            os.kill(killed[0], signal.SIGKILL)

    there = literature_grid(**SMALL, executor=cluster.get_executor(), progress=kill_one)
    assert killed
    assert written(there, tmp_path / "there.csv") == written(here, tmp_path / "here.csv")
    cluster.wait_for_workers(2, timeout=60)
    assert killed[0] not in cluster.run(os.getpid).values()


def test_a_calibration_on_a_cluster_gives_the_same_values(cluster, monkeypatch):
    """Two targets of it: the way to the workers is the same for all, and all take a minute."""
    chosen = {name: calibration.TARGETS[name] for name in ("goals", "components")}
    monkeypatch.setattr(calibration, "TARGETS", chosen)
    wanted = calibration.STATISTICS["target"].isin(["T03", "T04"])
    monkeypatch.setattr(
        calibration, "STATISTICS", calibration.STATISTICS[wanted].reset_index(drop=True)
    )
    seen = []
    there = calibration.calibrate(
        quick=True, executor=cluster.get_executor(), progress=lambda *now: seen.append(now)
    )
    pd.testing.assert_frame_equal(there, calibration.calibrate(quick=True), check_exact=True)
    assert seen[-1][0] == seen[-1][1] == len(seen)


def test_the_committed_grid_is_what_the_code_gives():
    """Some of its worlds anew, with other seeds: the same up to chance."""
    assert len(COMMITTED) == len(PATHS) * len(SHARES)
    again = literature_grid(PATHS[::7], SHARES[::9], n_literatures=3, seed=5)
    assert len(again) == 6
    both = again.merge(COMMITTED, on=["alliance_path", "readiness_alliance"])
    assert len(both) == len(again)
    error = COMMITTED["sd"].mean() * (1 / 3 + 1 / LITERATURES) ** 0.5
    assert ((both["r_x"] - both["r_y"]).abs() < 5 * error).all()


def test_the_page_says_what_the_grid_says():
    page = (course_folder("datasets") / "MODEL.md").read_text(encoding="utf-8")
    assert fill(page, "two assumptions", grid_words(COMMITTED)) == page


def test_the_band_crosses_the_grid_and_the_course_lies_near_it():
    """The question has an answer only if both assumptions matter."""
    band = inside(COMMITTED)
    assert 3 <= len(band) < len(COMMITTED) / 2
    assert band["alliance_path"].nunique() >= 2 and band["readiness_alliance"].nunique() >= 2
    assert COMMITTED.loc[COMMITTED["alliance_path"] == 0, "r"].max() < 0.25


def test_the_picture_shows_the_band():
    ax = plot_two_assumptions(COMMITTED)
    assert "0.278" in ax.get_title() and "0.256 to 0.299" in ax.get_title()


def test_too_few_literatures_are_refused():
    with pytest.raises(ValueError, match="n_literatures=1 is not allowed"):
        literature_grid(n_literatures=1)
