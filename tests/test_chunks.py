"""Work in chunks: the same bits however it is spread; a killed worker costs one chunk."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import pytest

from alliance_course.chunks import run_chunks
from alliance_course.planning import power
from alliance_course.simulate import simulate_trial

SEEDS = np.random.SeedSequence(4).spawn(12)
FATAL = 5


def outcomes(seed):
    rng = np.random.default_rng(seed)
    return simulate_trial(200, n_sessions=4, seed=rng).clients["outcome"].to_numpy()


def dies_once(job):
    """Note each start; kill the own worker when the fatal chunk comes for the first time."""
    folder, position = job
    with (folder / "started").open("a") as log:
        log.write(f"{position} {os.getpid()}\n")
    if position == FATAL:
        try:
            (folder / "died").touch(exist_ok=False)
        except FileExistsError:
            pass
        else:
            os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.05)
    return outcomes(SEEDS[position])


def dies_always(seed):
    os.kill(os.getpid(), signal.SIGKILL)


def fails(seed):
    raise ZeroDivisionError("a real mistake")


@pytest.fixture(scope="module")
def alone():
    return run_chunks(outcomes, SEEDS)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Executor]:
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as local,
        distributed.Client(local) as client,
    ):
        yield client.get_executor()


def test_two_processes_give_the_same_bits(alone):
    with ProcessPoolExecutor(2) as executor:
        spread = run_chunks(outcomes, SEEDS, executor=executor)
    np.testing.assert_array_equal(spread, alone)


def test_a_dask_cluster_gives_the_same_bits(alone, cluster):
    np.testing.assert_array_equal(run_chunks(outcomes, SEEDS, executor=cluster), alone)
    design = {"clients": 40, "therapists": 4}
    spread = power(design, n_simulations=20, seed=5, executor=cluster)
    assert spread.equals(power(design, n_simulations=20, seed=5))


def starts(folder) -> list[tuple[int, int]]:
    lines = (folder / "started").read_text().split("\n")[:-1]
    return [(int(position), int(worker)) for position, worker in map(str.split, lines)]


def test_a_killed_process_costs_its_chunk_and_nothing_else(alone, tmp_path):
    jobs = [(tmp_path, position) for position in range(len(SEEDS))]
    told = []
    with ProcessPoolExecutor(2) as executor:
        spread = run_chunks(
            dies_once, jobs, executor=executor, progress=lambda *count: told.append(count)
        )
        with pytest.raises(BrokenProcessPool):
            executor.submit(abs, 1)
    np.testing.assert_array_equal(spread, alone)
    begun = starts(tmp_path)
    # only what the two workers had in hand is begun twice, never by the process that asked
    assert len(begun) <= len(SEEDS) + 2
    assert os.getpid() not in {worker for _, worker in begun}
    after = {worker for _, worker in begun[-6:]}
    assert len(after) == 2, "the fresh pool has as many workers as the old one"
    assert told == [(done, len(SEEDS)) for done in range(1, len(SEEDS) + 1)]


def test_a_killed_dask_worker_costs_its_chunk_and_nothing_else(alone, cluster, tmp_path):
    jobs = [(tmp_path, position) for position in range(len(SEEDS))]
    np.testing.assert_array_equal(run_chunks(dies_once, jobs, executor=cluster), alone)
    assert (tmp_path / "died").exists(), "no worker was killed"
    assert os.getpid() not in {worker for _, worker in starts(tmp_path)}


def test_a_pool_that_is_already_broken_is_replaced(alone):
    with ProcessPoolExecutor(1) as executor:
        with pytest.raises(BrokenProcessPool):
            executor.submit(dies_always, 0).result()
        np.testing.assert_array_equal(run_chunks(outcomes, SEEDS, executor=executor), alone)


def test_a_chunk_that_kills_every_worker_ends_in_a_sentence():
    with ProcessPoolExecutor(1) as executor, pytest.raises(RuntimeError, match="fewer workers"):
        run_chunks(dies_always, [1, 2], executor=executor)


def test_a_mistake_in_the_work_is_raised():
    with ProcessPoolExecutor(1) as executor, pytest.raises(ZeroDivisionError):
        run_chunks(fails, [1], executor=executor)


def test_progress_is_told():
    told = []
    run_chunks(abs, [-1, -2, -3], progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]
