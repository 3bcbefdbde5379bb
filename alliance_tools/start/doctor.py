"""The whole check of a machine: what `check_setup` looks at, and a lesson from top to bottom."""

from collections.abc import Iterator

from alliance_course.folders import course_folder
from alliance_course.machine import CHECKS, Finding, findings

START = "00-start-here.ipynb"


def _lesson() -> str:
    from alliance_tools.maintain.refresh import execute

    execute(course_folder("notebooks") / START)
    return ""


def diagnose() -> Iterator[Finding]:
    """Each finding as soon as it is there; the lesson takes most of the ten seconds."""
    return findings({**CHECKS, "lesson 00 runs from top to bottom": _lesson})
