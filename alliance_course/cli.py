"""The command line: `alliance-course`, or `python -m alliance_course` in a checkout."""

import os
import secrets
import socket
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

from alliance_course.doctor import START, findings
from alliance_course.resources import course_folder
from alliance_course.teaching.commands import register
from alliance_course.workspace import FolderError, deliver

app = typer.Typer(
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
)

# The course asks nothing of the outside: no news, no look for updates. Lessons are short enough to
# be in the page as a whole, so that pictures stay where they are while one scrolls.
_SETTINGS = Path(__file__).parent / "lab_settings"


def _stop(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(1)


def _free_port(wanted: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OverflowError:
            raise _stop(f"Port {wanted} does not exist: choose one from 1024 to 65535.") from None
        except OSError:
            raise _stop(
                f"Port {wanted} is in use, perhaps by this course in another window: "
                f"try --port {wanted + 1}, or --port 0 for any free one."
            ) from None
        return int(probe.getsockname()[1])


@app.callback(invoke_without_command=True)
def main_command(context: typer.Context) -> None:
    """Learn about the therapeutic alliance with simulated clients, in your browser.

    Without a command this starts the course, as `lab` does.
    """
    if context.invoked_subcommand is None:
        lab()


@app.command()
def lab(
    folder: Annotated[
        Path, typer.Argument(help="Where your lessons, notes and answers are kept.")
    ] = Path("alliance-course"),
    browser: Annotated[bool, typer.Option(help="Open the browser.")] = True,
    port: Annotated[
        int, typer.Option(help="Number in the course's address, if 8888 is taken; 0: any free one.")
    ] = 8888,
) -> None:
    """Start the course: put the lessons into a folder and open them in the browser."""
    folder = folder.expanduser().absolute()
    port = _free_port(port)
    try:
        done = deliver(folder)
    except FolderError as error:
        raise _stop(f"{error}.") from None
    if done.new:
        typer.echo(f"{len(done.new)} files put into {folder}")
    if done.updated:
        typer.echo(f"{len(done.updated)} files brought up to date; you had not changed them")
    for yours, new in done.beside:
        typer.echo(f"kept your {yours}; the new version is beside it: {new}")

    _serve(folder, browser=browser, port=port)


def _serve(folder: Path, *, browser: bool, port: int) -> None:
    """Run JupyterLab in this very process: it ends when the command ends, however that happens."""
    typer.echo("JupyterLab starts ...")
    import zmq
    from jupyterlab.labapp import LabApp

    options = {
        "ServerApp.root_dir": folder,
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.base_url": "/",
        "ServerApp.open_browser": browser,
        "ServerApp.answer_yes": True,
        "ServerApp.allow_root": hasattr(os, "geteuid") and os.geteuid() == 0,
        "ServerApp.log_level": "ERROR",
        "LabApp.log_level": "ERROR",
        "LabApp.app_settings_dir": _SETTINGS,
        "LabApp.default_url": f"/lab/tree/notebooks/{START}",
        "LabApp.news_url": "",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.extension_manager": "readonly",
    }
    if zmq.has("curve"):
        # other people on this computer cannot listen in, and JupyterLab does not warn of it
        options["KernelManager.transport_encryption"] = "auto"
    os.chdir(folder)
    server = LabApp.initialize_server(argv=[f"--{name}={value}" for name, value in options.items()])
    # whatever somebody's own settings say of tokens, the course has one, new each time
    token = secrets.token_hex(24)
    server.identity_provider.token = token
    server.identity_provider.token_generated = False  # then JupyterLab leaves the address to us

    def say_where() -> None:
        typer.echo(
            "The course is in your browser; if not, go to" if browser else "The course is at"
        )
        typer.echo(f"\n    {server.connection_url.rstrip('/')}{server.default_url}?token={token}\n")
        typer.echo("To stop the course, press Ctrl and C here.")

    server.io_loop.add_callback(say_where)  # runs once the server listens
    server.start()


@app.command()
def doctor() -> None:
    """Check whether this computer is set up, one line a check. Takes about ten seconds."""
    well = True
    for finding in findings(run_lesson=True):
        typer.echo(str(finding))
        well = well and finding.well
    typer.echo("You are set up." if well else "Something is not right yet: see the lines above.")
    raise typer.Exit(0 if well else 1)


@app.command()
def datasets(
    name: Annotated[str | None, typer.Argument(help="One data set, to read its card.")] = None,
) -> None:
    """List the data sets, or print the card and the codebook of one."""
    from alliance_course.datasets import describe_dataset, list_datasets

    if name is None:
        for row in list_datasets().itertuples():
            typer.echo(f"{row.Index:<18} {row.title}")
        return
    try:
        described = describe_dataset(name)
    except ValueError as error:
        raise _stop(f"{error}.") from None
    typer.echo(str(described))


@app.command()
def calibrate(
    quick: Annotated[bool, typer.Option(help="A first look: few repeats, some seconds.")] = False,
    workers: Annotated[int, typer.Option(help="Processes to use; 0 for all cores.")] = 0,
    write: Annotated[
        bool, typer.Option(help="Write table, figure and model page (for maintainers).")
    ] = False,
) -> None:
    """Hold the model against 26 published findings. The full run takes some minutes."""
    import pandas as pd

    from alliance_course.calibration import calibrate as run
    from alliance_course.calibration import summarise_calibration

    with ProcessPoolExecutor(workers or os.cpu_count()) as executor:
        with typer.progressbar(length=1000, label="Simulating") as bar:
            table = run(
                quick=quick,
                executor=executor,
                progress=lambda done, total: bar.update(1000 * done // total - bar.pos),
            )
    if write:
        from alliance_course.report import write_report

        write_report(table, course_folder("datasets"))
    shown = table[["target", "statistic", "published", "low", "high", "simulated", "passes"]]
    with pd.option_context("display.width", 120, "display.max_rows", None):
        typer.echo(shown.round(3).to_string(index=False))
    typer.echo(summarise_calibration(table))


@app.command()
def coverage(
    write: Annotated[
        bool, typer.Option(help="Write instructor/coverage.md (for maintainers).")
    ] = False,
) -> None:
    """Say where each statement and each misconception is taught and checked."""
    from alliance_course.coverage import coverage_page, write_coverage

    if not write:
        typer.echo(coverage_page())
        return
    if not (course_folder("notebooks").parent / "instructor").is_dir():
        raise _stop("The page is written in a checkout of the course only: leave out --write.")
    typer.echo(str(write_coverage()))


@app.command()
def refresh(
    only: Annotated[str | None, typer.Argument(help="Start of the names, for example 01.")] = None,
) -> None:
    """Run all lessons and write them back with fresh results (for maintainers)."""
    from alliance_course.practice import practice_files, update
    from alliance_course.refresh import refresh as run

    for path in practice_files():
        if path.name.startswith(only or ""):
            update(path)
    notebooks = [
        path
        for folder in ("notebooks", "exercises")
        for path in sorted(course_folder(folder).rglob("*.ipynb"))
        if path.name.startswith(only or "")
    ]
    changed = run(notebooks, tell=typer.echo)
    typer.echo(f"{len(changed)} of {len(notebooks)} changed")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Run all tests, in a checkout of the course (for maintainers)."""
    root = course_folder("notebooks").parent
    if not (root / "tests").is_dir():
        raise _stop("Tests are in the repository only: run this in a checkout of the course.")
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", *context.args]
    raise typer.Exit(subprocess.call(command, cwd=root))


register(app)


def main() -> None:
    """Entry point of the `alliance-course` command."""
    app(prog_name="alliance-course")


if __name__ == "__main__":
    main()
