"""Is this machine set up for the course? One line a check, and what to do where one fails."""

import importlib.util
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from alliance_course.folders import course_folder

START = "00-start-here.ipynb"


class Finding(NamedTuple):
    """One check: what was looked at, whether it is well, and what to do if not."""

    name: str
    well: bool
    advice: str = ""

    def __str__(self) -> str:
        return f"well     {self.name}" if self.well else f"problem  {self.name}: {self.advice}"


def _python() -> str:
    return "" if sys.version_info >= (3, 11) else "install Python 3.11 or newer"


def _packages() -> str:
    needed = ("numpy", "pandas", "matplotlib", "seaborn", "ipywidgets", "anywidget", "jupyterlab")
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    return f"install {', '.join(missing)}: pip install alliance-course" if missing else ""


def _kernel() -> str:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return "run: python -m ipykernel install --user"
    return ""


def _data() -> str:
    from alliance_course.data.tables import load_dataset

    found = len(load_dataset("clients"))
    return "" if found else "the table of clients is empty: install the course again"


def _folder() -> str:
    try:
        with tempfile.TemporaryFile(dir=Path.cwd()):
            return ""
    except OSError:
        return f"nothing can be saved in {Path.cwd().name}: work in a folder of your own"


def _lesson() -> str:
    from alliance_tools.maintain.refresh import execute

    execute(course_folder("notebooks") / START)
    return ""


CHECKS: dict[str, Callable[[], str]] = {
    "Python is new enough": _python,
    "all packages are there": _packages,
    "notebooks find Python": _kernel,
    "the data open": _data,
    "answers can be saved here": _folder,
    "lesson 00 runs from top to bottom": _lesson,
}


def diagnose(checks: Mapping[str, Callable[[], str]] | None = None) -> Iterator[Finding]:
    """Look at one thing after the other; a check that itself fails is a finding too."""
    for name, check in (CHECKS if checks is None else checks).items():
        try:
            advice = check()
        except Exception as error:
            first_line = (str(error).strip() or type(error).__name__).splitlines()[-1]
            advice = f"{first_line}; restart and try again, or ask your instructor"
        yield Finding(name, not advice, advice)
