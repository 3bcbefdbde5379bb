"""Many independent pieces of work, here or elsewhere: any `concurrent.futures.Executor` does."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import Any, TypeVar

Job = TypeVar("Job")
Answer = TypeVar("Answer")
Progress = Callable[[int, int], Any]


def work(
    function: Callable[[Job], Answer],
    jobs: Iterable[Job],
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> list[Answer]:
    """What the function gives for each job, in the order of the jobs, wherever it was computed.

    Parameters
    ----------
    function : callable
        It must be importable where the work is done, and depend on its job alone.
    jobs : iterable
        Each with a seed of its own, if chance is in it.
    executor : concurrent.futures.Executor, optional
        None is this process, ``ProcessPoolExecutor()`` this machine,
        ``dask.distributed.Client(...).get_executor()`` a cluster.
    progress : callable, optional
        Called with (jobs done, jobs in all).

    Examples
    --------
    >>> work(abs, [-2, 1], progress=lambda done, total: print(done, "of", total))
    1 of 2
    2 of 2
    [2, 1]
    """
    queue, done = list(jobs), []
    for answer in (executor.map if executor else map)(function, queue):
        done.append(answer)
        if progress:
            progress(len(done), len(queue))
    return done
