"""What copying earns: a student of another class, with the published solutions and nothing else.

    python benchmarks/copied_answers.py [--numbers 2031 2032 ...]

Each way of copying is tried on all practices; nobody in it understands a question. Prints the
automatic points of each, of those that there are.
"""

import argparse
import sys
from collections.abc import Callable
from difflib import SequenceMatcher
from typing import Any

from alliance_course.questions.bank import question, written_tasks
from alliance_course.questions.judge import values
from alliance_tools.instructor.variants.versions import choose_number, class_task, points_for
from alliance_tools.maintain.notebooks import practices
from alliance_tools.maintain.practice import tasks

Way = Callable[[dict[str, Any], dict[str, Any], int], Any]


def _rights(entry: dict[str, Any]) -> list[dict[str, Any]]:
    return [option for option in entry["option"] if option.get("right")]


def letters(public: dict[str, Any], own: dict[str, Any], number: int) -> Any:
    """The published letters, and the published number."""
    if "option" in public:
        return "".join(option["key"] for option in _rights(public))
    return float(values(public["id"])["expected"])


def lines(public: dict[str, Any], own: dict[str, Any], number: int) -> Any:
    """The options that are most like the published ones, and the published lines of code."""
    if "option" not in public:
        # the lines are pasted as they are, with the class's own number in the first cell
        return float(values(public["id"], number)["expected"])
    fits = [
        (max(_alike(option["text"], right["text"]) for right in _rights(public)), option["key"])
        for option in own["option"]
    ]
    fits.sort(reverse=True)
    return "".join(key for _, key in fits[: len(_rights(public))])


def explained(public: dict[str, Any], own: dict[str, Any], number: int) -> Any:
    """As `lines`, but never an option that is like one that was published as wrong."""
    if "option" not in public:
        return float(values(public["id"], number)["expected"])
    wrong = [option for option in public["option"] if not option.get("right")]
    fits = sorted(
        (
            max(_alike(option["text"], right["text"]) for right in _rights(public))
            - max(_alike(option["text"], other["text"]) for other in wrong),
            option["key"],
        )
        for option in own["option"]
    )
    return "".join(key for _, key in fits[::-1][: len(_rights(public))])


def longest(public: dict[str, Any], own: dict[str, Any], number: int) -> Any:
    """The longest options, as many as fitted in public, and the published lines of code."""
    if "option" not in public:
        return float(values(public["id"], number)["expected"])
    by_length = sorted(own["option"], key=lambda option: -len(option["text"]))
    return "".join(option["key"] for option in by_length[: len(_rights(public))])


def always_a(public: dict[str, Any], own: dict[str, Any], number: int) -> Any:
    """The first option, and the published lines of code."""
    if "option" not in public:
        return float(values(public["id"], number)["expected"])
    return "abcdef"[: len(_rights(public))]


WAYS: tuple[Way, ...] = (letters, lines, explained, longest, always_a)


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one.lower(), other.lower()).ratio()


def copied_points(lesson: str, number: int) -> tuple[dict[str, float], float]:
    """The points that each way of copying earns in one practice, and those that there are."""
    earned = dict.fromkeys((way.__name__ for way in WAYS), 0.0)
    most = 0.0
    for task in tasks(lesson):
        if task in written_tasks():
            continue
        own = class_task(task, number).entry
        most += own["points"]
        for way in WAYS:
            answer = (
                list(given) if isinstance(given := way(question(task), own, number), str) else given
            )
            if own["kind"] == "choice" and isinstance(answer, list):
                answer = answer[0]
            earned[way.__name__] += points_for(own, answer, number)[0]
    return earned, most


def main() -> None:
    """Try all ways on all practices for some classes, each practice with a number of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--numbers", type=int, nargs="*", default=[2031, 77_000, 123_456])
    parser.add_argument("--lessons", nargs="*", default=list(practices()))
    options = parser.parse_args()
    worst = 0.0
    for start in options.numbers:
        every, most = dict.fromkeys((way.__name__ for way in WAYS), 0.0), 0.0
        for lesson in options.lessons:
            earned, there = copied_points(lesson, choose_number([lesson], start))
            most += there
            every = {name: points + earned[name] for name, points in every.items()}
        said = ", ".join(f"{name} {points:g}" for name, points in every.items())
        print(f"classes from {start}, of {most:g} automatic points: {said}", flush=True)
        worst = max(worst, max(every.values()) / most)
    print(f"the best way of copying earns {100 * worst:.0f}%")
    sys.exit(1 if worst > 0.2 else 0)


if __name__ == "__main__":
    main()
