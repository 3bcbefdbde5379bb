"""Many learners on one machine: kernels at once, each runs a lesson and answers its questions.

    python benchmarks/kernels.py [--kernels 20] [--lesson 01] [--seconds 900]

Prints for each kernel its memory at the end, the seconds to its first answer, and what failed. It
ends by itself: a kernel that takes longer than `--seconds` counts as failed.
"""

import argparse
import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import psutil

from alliance_course.folders import course_folder, read_json
from alliance_course.questions.bank import registry
from alliance_tools.start.kernel import OwnKernelManager


class Learner(NamedTuple):
    """How it went for one kernel: seconds, memory in MB, and what failed."""

    started: float
    first_answer: float
    done: float
    memory: float
    answered: int
    errors: list[str]


def questions(lesson: str) -> list[str]:
    """The questions of a lesson that have a right answer among choices."""
    return [
        key
        for key, entry in registry().items()
        if key.startswith(f"L{lesson}.Q") and entry["kind"] == "choice"
    ]


def answers(lesson: str) -> list[str]:
    """Lines that answer each of them, rightly."""
    lines = ["import alliance_course as ac"]
    for key in questions(lesson):
        right = next(o["key"] for o in registry()[key]["option"] if o.get("right"))
        lines.append(f"assert ac.check({key!r}, {right!r}).state == 'right'")
    return lines


def memory(process: int) -> float:
    """What a process holds in memory, in MB."""
    return psutil.Process(process).memory_info().rss / 1e6


async def run(client: Any, source: str, seconds: float) -> str:
    """Run a cell; the first line of what went wrong, or "" if nothing did."""
    found = ""

    def watch(message: dict[str, Any]) -> None:
        nonlocal found
        if message["msg_type"] == "error":
            found = f"{message['content']['ename']}: {message['content']['evalue']}"[:200]

    await client.execute_interactive(source, timeout=seconds, output_hook=watch)
    return found


async def learner(cells: list[str], lesson: str, folder: Path, seconds: float) -> Learner:
    """One learner: start a kernel, run the lesson from top to bottom, answer, look at memory."""
    folder.mkdir()
    begin, errors = time.perf_counter(), []
    manager = OwnKernelManager()
    environment = {**os.environ, "ALLIANCE_PROGRESS": str(folder / "progress.json")}
    started = first = done = held = float("nan")
    try:
        await manager.start_kernel(cwd=str(folder), env=environment)
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=seconds)
        started = time.perf_counter() - begin
        for number, source in enumerate(cells):
            if problem := await run(client, source, seconds):
                errors.append(f"cell {number}: {problem}")
            if number == 0:
                first = time.perf_counter() - begin
        for line in answers(lesson):
            if problem := await run(client, line, seconds):
                errors.append(f"{line}: {problem}")
        done = time.perf_counter() - begin
        held = memory(manager.provisioner.pid)  # type: ignore[union-attr]
        client.stop_channels()
    except Exception as error:  # what stops one learner must not stop the measuring
        errors.append(f"{type(error).__name__}: {error}")
    finally:
        if manager.has_kernel:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(manager.shutdown_kernel(now=True), 20)
    record = folder / "progress.json"
    kept = read_json(record)["answers"] if record.exists() else {}
    right = sum(kept.get(key, {}).get("state") == "right" for key in questions(lesson))
    return Learner(started, first, done, held, right, errors)


async def class_of(count: int, lesson: str, seconds: float) -> list[Learner]:
    """So many learners at once."""
    (path,) = course_folder("notebooks").glob(f"{lesson}-*.ipynb")
    notebook = nbformat.read(path, as_version=4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    with tempfile.TemporaryDirectory() as place:
        jobs = (learner(cells, lesson, Path(place, str(n)), seconds) for n in range(count))
        return await asyncio.gather(*jobs)


def main() -> None:
    """Run a class and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernels", type=int, default=20)
    parser.add_argument("--lesson", default="01")
    parser.add_argument("--seconds", type=float, default=900)
    options = parser.parse_args()
    found = asyncio.run(class_of(options.kernels, options.lesson, options.seconds))
    wanted = len(questions(options.lesson))
    for name in ("started", "first_answer", "done", "memory"):
        values = [getattr(one, name) for one in found]
        print(f"{name:<14} median {statistics.median(values):7.1f}  most {max(values):7.1f}")
    errors = [error for one in found for error in one.errors]
    kept = sum(one.answered for one in found)
    print(f"{kept} of {wanted * len(found)} answers kept, {len(errors)} errors on {os.cpu_count()} "
          f"cores, load {os.getloadavg()[0]:.1f}")  # fmt: skip
    print(*errors[:10], sep="\n")
    sys.exit(bool(errors) or kept != wanted * len(found))


if __name__ == "__main__":
    main()
