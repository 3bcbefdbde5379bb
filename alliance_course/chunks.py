"""Spread seeded chunks of work over processes or a cluster, with the same answer everywhere."""

from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any


def run_chunks(
    function: Callable[[Any], Any],
    arguments: Iterable[Any],
    *,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Any]:
    """Call a function for each chunk of work and return the results in order.

    Parameters
    ----------
    function : callable
        Takes one chunk. Everything random in it comes from a seed that the chunk carries, so
        that the result does not depend on where or when it is computed.
    arguments : iterable
        The chunks.
    executor : concurrent.futures.Executor, optional
        Where to compute: none is this process, ``ProcessPoolExecutor()`` this machine,
        ``dask.distributed.Client(...).get_executor()`` a cluster.
    progress : callable, optional
        Called with (chunks done, chunks in all).

    Returns
    -------
    list
        One result a chunk, in the order of the chunks.

    Notes
    -----
    When a worker is killed, the chunks that it and its pool had not finished are computed in this
    process: that costs their time and nothing else. An error inside `function` is raised.

    Examples
    --------
    >>> run_chunks(abs, [-1, 2, -3])
    [1, 2, 3]
    """
    chunks = list(arguments)
    report = progress or (lambda done, total: None)
    if executor is None:
        results = []
        for chunk in chunks:
            results.append(function(chunk))
            report(len(results), len(chunks))
        return results

    futures: list[Future | None] = []
    for chunk in chunks:
        try:
            futures.append(executor.submit(function, chunk))
        except BrokenExecutor:
            futures.append(None)
    results = []
    for chunk, future in zip(chunks, futures, strict=True):
        try:
            results.append(function(chunk) if future is None else future.result())
        except BrokenExecutor:
            results.append(function(chunk))
        except Exception as error:
            # a cluster that gives up on a killed worker has an error class of its own
            if type(error).__name__ not in ("KilledWorker", "CancelledError", "CommClosedError"):
                raise
            results.append(function(chunk))
        report(len(results), len(chunks))
    return results
