"""Spread seeded chunks of work over processes or a cluster, with the same answer everywhere."""

from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from typing import Any

_ROUNDS = 3


def _is_lost(error: Exception) -> bool:
    # the second is what a Dask cluster says when it gives up on a chunk
    return isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker"


def _submit(executor: Executor, function: Callable[[Any], Any], chunk: Any) -> Future:
    try:
        return executor.submit(function, chunk)
    except BrokenExecutor as error:
        future: Future = Future()
        future.set_exception(error)
        return future


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

    Raises
    ------
    RuntimeError
        If workers are killed three times over with no chunk finished in between.

    Notes
    -----
    When a worker is killed, results that are in stay, and the chunks that were lost are sent out
    again. A process pool cannot be used after that, so a fresh one of the same size takes over;
    lost chunks never run in this process, where what killed a worker would end the notebook too.
    An error inside `function` is raised as it is, and what has not begun is cancelled.

    Examples
    --------
    >>> run_chunks(abs, [-1, 2, -3])
    [1, 2, 3]
    """
    chunks = list(arguments)
    report = progress or (lambda done, total: None)
    results: dict[int, Any] = {}

    def keep(position: int, result: Any) -> None:
        results[position] = result
        report(len(results), len(chunks))

    if executor is None:
        for position, chunk in enumerate(chunks):
            keep(position, function(chunk))
        return list(results.values())

    own: ProcessPoolExecutor | None = None
    futures: dict[int, Future] = {}
    try:
        barren = 0
        while len(results) < len(chunks):
            before, lost = len(results), None
            waiting = [position for position in range(len(chunks)) if position not in results]
            for position in waiting:
                futures[position] = _submit(own or executor, function, chunks[position])
            for position in waiting:
                try:
                    keep(position, futures[position].result())
                except Exception as error:
                    if not _is_lost(error):
                        raise
                    lost = error
            barren = 0 if len(results) > before else barren + 1
            if barren == _ROUNDS:
                raise RuntimeError(
                    f"workers were killed {_ROUNDS} times with no chunk finished: they may lack "
                    "memory, so try fewer workers or none"
                ) from lost
            if lost is not None and isinstance(executor, ProcessPoolExecutor):
                if own is not None:
                    own.shutdown()
                # a pool keeps its size and its way of starting only to itself
                own = ProcessPoolExecutor(
                    getattr(executor, "_max_workers", None),
                    mp_context=getattr(executor, "_mp_context", None),
                    initializer=getattr(executor, "_initializer", None),
                    initargs=getattr(executor, "_initargs", ()),
                )
    finally:
        for future in futures.values():
            future.cancel()
        if own is not None:
            own.shutdown()
    return [results[position] for position in range(len(chunks))]
