"""Is this machine set up for the course? One line a check, and what to do where one fails."""

import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from alliance_course.folders import course_folder
from alliance_tools.start.finding import Finding
from alliance_tools.start.first_page import START

# before what somebody should know and the course can do with
_NOTE = "note: "


def _python() -> str:
    return "" if sys.version_info >= (3, 11) else "install Python 3.11 or newer"


def _packages() -> str:
    needed = ("numpy", "pandas", "matplotlib", "seaborn", "ipywidgets", "anywidget", "jupyterlab")
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    return f"install {', '.join(missing)}: pip install alliance-course" if missing else ""


def _home() -> str:
    from alliance_tools.start.lab import writable_home

    note = writable_home()
    return note and f"{_NOTE}{note}"


def _kernel() -> str:
    import shutil

    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    from alliance_tools.start.kernel import OwnKernels

    own = OwnKernels().get_kernel_spec("python3").argv[0]
    try:
        found = KernelSpecManager().get_kernel_spec("python3")
    except (NoSuchKernel, OSError, ValueError):
        return ""
    theirs = shutil.which(found.argv[0]) if found.argv else None
    if found.argv[:1] in (["python"], ["python3"]) or theirs == own:
        return ""
    return (
        f"{_NOTE}{found.resource_dir} names another Python; `alliance-course lab` does not use it, "
        "other programs may: remove it with jupyter kernelspec remove python3"
    )


def _jupyter() -> str:
    code = "from alliance_tools.start.lab import try_out; try_out()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
    )
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""


def _port() -> str:
    from alliance_tools.start.lab import PORT, free_port

    try:
        free_port(PORT)
    except ValueError as problem:
        return str(problem)
    return ""


def _browser() -> str:
    import webbrowser

    try:
        webbrowser.get()
    except webbrowser.Error:
        return f"{_NOTE}none was found: open the address that `alliance-course lab` shows"
    return ""


def _data() -> str:
    from alliance_tools.start.repair import damaged

    names = ", ".join(damaged())
    return f"{names}: run alliance-course doctor --repair" if names else ""


def _folder() -> str:
    try:
        here = Path.cwd()
    except OSError:
        return "the folder that you work in is gone: go to another one, for example with cd"
    try:
        with tempfile.TemporaryFile(dir=here):
            return ""
    except OSError as error:
        return f"{here} cannot be written to ({error.strerror}): work in a folder of your own"


def _lesson() -> str:
    from alliance_tools.maintain.refresh import execute

    execute(course_folder("notebooks") / START)
    return ""


CHECKS: dict[str, Callable[[], str]] = {
    "Python is new enough": _python,
    "all packages are there": _packages,
    "the course's own files are as they were delivered": _data,
    "answers can be saved here": _folder,
    "JupyterLab can keep its settings": _home,
    "notebooks find Python": _kernel,
    "JupyterLab gets ready": _jupyter,
    "the port of the course is free": _port,
    "a browser opens": _browser,
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
        well = not advice or advice.startswith(_NOTE)
        yield Finding(name, well, advice.removeprefix(_NOTE))
