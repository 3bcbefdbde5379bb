"""Work in chunks: the same bits however it is spread; a killed worker costs one chunk."""

import os
import signal
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from alliance_course.chunks import run_chunks
from alliance_course.power import power
from alliance_course.simulate import simulate_trial

SEEDS = np.random.SeedSequence(4).spawn(12)


def outcomes(seed):
    return (
        simulate_trial(200, n_sessions=4, seed=np.random.default_rng(seed))
        .clients["outcome"]
        .to_numpy()
    )


def dies_once(job):
    path, seed = job
    if seed is SEEDS[5] or seed.spawn_key == SEEDS[5].spawn_key:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            pass
        else:
            os.kill(os.getpid(), signal.SIGKILL)
    return outcomes(seed)


def fails(seed):
    raise ZeroDivisionError("a real mistake")


@pytest.fixture(scope="module")
def alone():
    return run_chunks(outcomes, SEEDS)


def test_two_processes_give_the_same_bits(alone):
    with ProcessPoolExecutor(2) as executor:
        spread = run_chunks(outcomes, SEEDS, executor=executor)
    np.testing.assert_array_equal(spread, alone)


def test_a_dask_cluster_gives_the_same_bits(alone):
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
    design = {"clients": 40, "therapists": 4}
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        executor = client.get_executor()
        np.testing.assert_array_equal(run_chunks(outcomes, SEEDS, executor=executor), alone)
        spread = power(design, n_simulations=20, seed=5, executor=executor)
    assert spread.equals(power(design, n_simulations=20, seed=5))


def test_a_killed_worker_costs_its_chunk_and_nothing_else(alone, tmp_path):
    jobs = [(str(tmp_path / "died"), seed) for seed in SEEDS]
    with ProcessPoolExecutor(2) as executor:
        spread = run_chunks(dies_once, jobs, executor=executor)
    assert (tmp_path / "died").exists(), "no worker was killed"
    np.testing.assert_array_equal(spread, alone)


def test_a_mistake_in_the_work_is_raised():
    with ProcessPoolExecutor(1) as executor, pytest.raises(ZeroDivisionError):
        run_chunks(fails, [1], executor=executor)


def test_progress_is_told():
    told = []
    run_chunks(abs, [-1, -2, -3], progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]
