"""A folder for a USB stick: the course and every package, so that a room starts without a network.

Packages are looked up and fetched by uv and pip, as whoever runs this has set them up.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from alliance_course.folders import course_folder

# what a learner needs of a checkout; the instructor's folder holds answers
_TAKEN = (
    "alliance_course", "alliance_tools", "notebooks", "exercises", "datasets", "pyproject.toml",
    "README.md", "LICENSE", "LICENSE-CONTENT",
)  # fmt: skip
_LEFT = shutil.ignore_patterns("__pycache__", ".*", "progress.json*", "capstone-*.html")
# what installing the course from its folder needs besides, and the fast installer
_BUILDING = ("hatchling", "editables", "uv")
PAGE = "START-HERE.html"
WHEELS = "wheels"  # the first start looks for packages in a folder of this name


class System(NamedTuple):
    """One kind of computer: as uv calls it, and the tags of wheels that run there."""

    uv: str
    tags: tuple[str, ...]


SYSTEMS = {
    "windows": System("x86_64-pc-windows-msvc", ("win_amd64",)),
    "macos": System("aarch64-apple-darwin", ("macosx_14_0_arm64",)),
    "macos-intel": System("x86_64-apple-darwin", ("macosx_14_0_x86_64",)),
    "linux": System(
        "x86_64-unknown-linux-gnu",
        ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    ),
}
PYTHONS = ("3.11", "3.12", "3.13")


class BundleError(Exception):
    """The folder cannot be made; the message says why and what to do, in one line."""


def bundle(
    folder: Path, systems: list[str], pythons: list[str], tell: Callable[[str], None] = print
) -> int:
    """Put the course and its packages into a folder.

    Parameters
    ----------
    folder : Path
        Made if it is not there; it must be empty, or a bundle that was made before.
    systems : list of str
        Which computers: windows, macos, macos-intel, linux.
    pythons : list of str
        Which Pythons, such as "3.12".
    tell : callable
        Is told what is being done, a line each time.

    Returns
    -------
    int
        The size in megabytes.

    Raises
    ------
    BundleError
        If something is not allowed, or if a package cannot be fetched.
    """
    for given, known, what in ((systems, SYSTEMS, "system"), (pythons, PYTHONS, "Python")):
        if wrong := [name for name in given if name not in known] or ([] if given else ["none"]):
            raise BundleError(f"{what} {wrong[0]!r} is not known: choose from {', '.join(known)}")
    root = course_folder("notebooks").parent
    if not (root / "pyproject.toml").is_file():
        raise BundleError("A bundle is made from the course's own folder: run this in a checkout")
    if folder.exists() and any(folder.iterdir()) and not (folder / PAGE).is_file():
        raise BundleError(f"{folder} is not empty: choose an empty or a new folder")
    wheels = folder / WHEELS
    try:
        for name in _TAKEN:
            source, target = root / name, folder / name
            if source.is_dir():
                shutil.rmtree(target, ignore_errors=True)
                shutil.copytree(source, target, ignore=_LEFT)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
        wheels.mkdir(exist_ok=True)
    except OSError as error:
        raise BundleError(f"{folder} cannot be written to ({error.strerror})") from None
    with _tools() as (uv, pip):
        for name in systems:
            for python in pythons:
                tell(f"packages for {name} with Python {python} ...")
                _fetch(root, wheels, SYSTEMS[name], python, uv, pip)
    from alliance_tools.start.start_page import start_page

    page = start_page(offline=[(name, python) for name in systems for python in pythons])
    (folder / PAGE).write_text(page, encoding="utf-8")
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 10**6


@contextmanager
def _tools() -> Iterator[tuple[list[str], list[str]]]:
    """The commands uv and pip; the course's own environment has neither."""
    base = getattr(sys, "_base_executable", sys.executable) or sys.executable
    pip = next(
        (
            [python, "-m", "pip", "--disable-pip-version-check"]
            for python in (sys.executable, base)
            if subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode
            == 0
        ),
        None,
    )
    if pip is None:
        raise BundleError("This Python has no pip: install it, or use another Python")
    with tempfile.TemporaryDirectory() as place:
        uv = shutil.which("uv")
        if uv is None:
            _run([*pip, "install", "--quiet", "--target", place, "uv"])
            uv = str(Path(place, "bin", "uv.exe" if os.name == "nt" else "uv"))
        yield [uv], pip


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no reason given"]
        said = next((line for line in lines if line.startswith(("ERROR", "error"))), lines[-1])
        raise BundleError(f"A package could not be fetched ({said.strip()}): is there a network?")


def _fetch(
    root: Path, wheels: Path, system: System, python: str, uv: list[str], pip: list[str]
) -> None:
    """The wheels of one kind of computer; which ones is worked out for it and not for this one."""
    with tempfile.TemporaryDirectory() as place:
        wanted, exact = Path(place, "wanted.in"), Path(place, "exact.txt")
        wanted.write_text("\n".join([f"{root.as_posix()}", *_BUILDING]), encoding="utf-8")
        _run([
            *uv, "pip", "compile", "--quiet", "--python-platform", system.uv, "--python-version",
            python, "--no-header", "--no-annotate", "--output-file", str(exact), str(wanted),
        ])  # fmt: skip
        # the course itself goes along as its folder
        lines = [line for line in exact.read_text(encoding="utf-8").splitlines() if "==" in line]
        exact.write_text("\n".join(lines), encoding="utf-8")
        tags = [part for tag in system.tags for part in ("--platform", tag)]
        abis = [part for abi in (f"cp{python.replace('.', '')}", "abi3", "none")
                for part in ("--abi", abi)]  # fmt: skip
        _run([
            *pip, "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest",
            str(wheels), "--implementation", "cp", "--python-version", python, *tags, *abis,
            "--requirement", str(exact),
        ])  # fmt: skip
