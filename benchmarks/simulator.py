"""How fast is the simulator, beside numpy drawing as many normal numbers in the same run?

    python benchmarks/simulator.py [--largest 1000000]

Prints the time per client from a thousand clients up, its ratio to numpy's own draws, the peak of
memory beside the size of the tables, and what a second process saves in the calibration.
"""

import argparse
import resource
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np


def one(n_clients: int) -> None:
    """One size in a process of its own, so that its peak of memory is its own."""
    from alliance_course import simulate_trial

    simulate_trial(2000, seed=1)
    rest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    start = time.perf_counter()
    trial = simulate_trial(n_clients, n_therapists=max(2, n_clients // 25), n_sessions=12, seed=1)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3 - rest
    numbers = trial.clients.size + trial.sessions.size
    size = sum(frame.memory_usage(deep=True).sum() for frame in trial[:2]) / 1e6
    rng, left = np.random.default_rng(1), numbers
    start = time.perf_counter()
    while left > 0:
        rng.standard_normal(min(left, 1_000_000))
        left -= 1_000_000
    drawn = time.perf_counter() - start
    memory = f"{peak / size:6.2f}" if size > 20 else "     -"
    print(
        f"{n_clients:>9,} {1e6 * seconds / n_clients:14.1f} {seconds:9.2f} {drawn:9.2f} "
        f"{seconds / drawn:7.2f} {size:10.0f} {memory}",
        flush=True,
    )


def workers() -> None:
    from alliance_tools.maintain.calibrate import calibrate

    times = []
    for count in (1, 2):
        with ProcessPoolExecutor(count) as executor:
            executor.submit(abs, -1).result()
            calibrate(quick=True, executor=executor)
            start = time.perf_counter()
            calibrate(n_literatures=20, executor=executor)
            times.append(time.perf_counter() - start)
    print(
        f"\na tenth of the calibration: one worker {times[0]:.1f} s, two {times[1]:.1f} s, "
        f"{times[0] / times[1]:.2f} times as fast"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=1_000_000)
    parser.add_argument("--one", type=int)
    given = parser.parse_args()
    if given.one:
        one(given.one)
        return
    print("  clients   us per client   seconds     numpy   ratio  tables MB   peak")
    size = 1000
    while size <= given.largest:
        subprocess.run([sys.executable, __file__, "--one", str(size)], check=True)
        size *= 10
    workers()


if __name__ == "__main__":
    main()
