"""The command line: `alliance-course`, or `python -m alliance_course` in a checkout."""

import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

from alliance_course.folders import course_folder
from alliance_tools.start.doctor import diagnose
from alliance_tools.start.lab import free_port, serve
from alliance_tools.start.workspace import FolderError, deliver

app = typer.Typer(
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
)


def _stop(problem: Exception | str) -> typer.Exit:
    typer.echo(f"{problem}.", err=True)
    return typer.Exit(1)


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
    try:
        port = free_port(port)
        done = deliver(folder)
    except (ValueError, FolderError) as error:
        raise _stop(error) from None
    if done.new:
        typer.echo(f"{len(done.new)} files put into {folder}")
    if done.updated:
        typer.echo(f"{len(done.updated)} files brought up to date; you had not changed them")
    for yours, new in done.beside:
        typer.echo(f"kept your {yours}; the new version is beside it: {new}")

    serve(folder, browser=browser, port=port, tell=typer.echo)


@app.command()
def doctor() -> None:
    """Check whether this computer is set up, one line a check. Takes about ten seconds."""
    well = True
    for finding in diagnose():
        typer.echo(str(finding))
        well = well and finding.well
    typer.echo("You are set up." if well else "Something is not right yet: see the lines above.")
    raise typer.Exit(0 if well else 1)


@app.command()
def datasets(
    name: Annotated[str | None, typer.Argument(help="One data set, to read its card.")] = None,
) -> None:
    """List the data sets, or print the card and the codebook of one."""
    from alliance_course.data.tables import describe_dataset, list_datasets

    if name is None:
        for row in list_datasets().itertuples():
            typer.echo(f"{row.Index:<18} {row.title}")
        return
    try:
        described = describe_dataset(name)
    except ValueError as error:
        raise _stop(error) from None
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

    from alliance_tools.maintain.calibrate import calibrate as run
    from alliance_tools.maintain.calibrate import summarise_calibration

    with ProcessPoolExecutor(workers or os.cpu_count()) as executor:
        with typer.progressbar(length=1000, label="Simulating") as bar:
            table = run(
                quick=quick,
                executor=executor,
                progress=lambda done, total: bar.update(1000 * done // total - bar.pos),
            )
    if write:
        from alliance_tools.maintain.report import write_report

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
    from alliance_tools.maintain.coverage import coverage_page, write_coverage

    if not write:
        typer.echo(coverage_page())
        return
    if not (course_folder("notebooks").parent / "instructor").is_dir():
        raise _stop("The page is written in a checkout of the course only: leave out --write")
    typer.echo(str(write_coverage()))


@app.command()
def evidence(
    write: Annotated[
        bool, typer.Option(help="Write datasets/EVIDENCE.md (for maintainers).")
    ] = False,
) -> None:
    """Say what each main statement of the course rests on, with its best critique."""
    from alliance_tools.maintain.evidence import evidence_page, write_evidence

    typer.echo(str(write_evidence()) if write else evidence_page())


@app.command()
def refresh(
    only: Annotated[str | None, typer.Argument(help="Start of the names, for example 01.")] = None,
) -> None:
    """Run all lessons and write them back with fresh results (for maintainers)."""
    from alliance_tools.maintain.practice import practice_files, update
    from alliance_tools.maintain.refresh import refresh as run

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
        raise _stop("Tests are in the repository only: run this in a checkout of the course")
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", *context.args]
    raise typer.Exit(subprocess.call(command, cwd=root))


_Lessons = Annotated[str | None, typer.Option(help="Which lessons, for example 01,06,07.")]


def _numbers(lessons: str | None) -> list[str] | None:
    if lessons is None:
        return None
    return [part.strip() for part in lessons.split(",") if part.strip()]


@app.command()
def agenda(
    minutes: Annotated[int, typer.Option(help="Length of the class, with breaks.")] = 90,
    start: Annotated[str, typer.Option(help="Clock time at which it begins.")] = "13:00",
    lessons: _Lessons = None,
    weeks: Annotated[bool, typer.Option(help="Twelve classes of this length instead.")] = False,
) -> None:
    """Print an agenda with clock times, fitted to the minutes that you have."""
    from alliance_tools.instructor.agenda import agenda_page, weeks_page

    try:
        if weeks and lessons:
            raise ValueError("--weeks takes a lesson a week: leave out --lessons")
        page = weeks_page(minutes, start) if weeks else None
        typer.echo(page or agenda_page(minutes, start, _numbers(lessons)), nl=False)
    except ValueError as error:
        raise _stop(error) from None


@app.command()
def guide(
    to: Annotated[Path, typer.Option(help="The file to write.")] = Path("guide.html"),
    lessons: _Lessons = None,
    pdf: Annotated[bool, typer.Option(help="A PDF beside it, if Chromium is here.")] = True,
) -> None:
    """Write the facilitator's guide as one page to print: minutes, notes and answers."""
    from alliance_tools.instructor.guide import guide_page, print_pdf

    try:
        to.write_text(guide_page(_numbers(lessons)), encoding="utf-8")
    except (ValueError, OSError) as error:
        raise _stop(error) from None
    typer.echo(str(to))
    if pdf:
        made = print_pdf(to)
        typer.echo(str(made) if made else "No PDF: print the page from a browser instead.")


@app.command()
def slides(
    lesson: Annotated[str, typer.Argument(help="Number of a lesson, such as 07.")],
    to: Annotated[Path | None, typer.Option(help="The file to write.")] = None,
) -> None:
    """Write a lesson's slides as one file that needs no network."""
    from alliance_tools.instructor.slides import slides_page

    try:
        page = slides_page(lesson)
        path = to or Path(f"slides-{lesson.strip().zfill(2)}.html")
        path.write_text(page, encoding="utf-8")
    except (ValueError, OSError) as error:
        raise _stop(error) from None
    typer.echo(str(path))


@app.command("class")
def class_(
    folder: Annotated[Path, typer.Argument(help="Where the learners' exported files are.")],
    to: Annotated[Path, typer.Option(help="Folder for the two tables and the picture.")] = Path(),
) -> None:
    """Count what a class has answered: which questions, which misunderstandings, what next."""
    from alliance_tools.instructor.class_answers import read_class
    from alliance_tools.instructor.class_report import class_page, write_class

    try:
        found = read_class(folder)
        typer.echo(class_page(found))
        for path in write_class(found, to):
            typer.echo(str(path))
    except (ValueError, OSError) as error:
        raise _stop(error) from None


@app.command()
def assignment(
    folder: Annotated[Path, typer.Argument(help="Your nbgrader course; made if it is not there.")],
    lessons: Annotated[str, typer.Option(help="Which lessons, for example 01,06,07.")],
    class_number: Annotated[
        int | None, typer.Option(help="Any whole number: a clinic of its own for your class.")
    ] = None,
) -> None:
    """Lay out practice for grading with nbgrader, with numbers that only your class has."""
    from alliance_tools.maintain.practice import assign, blind_spots

    wanted = [number.zfill(2) for number in _numbers(lessons) or []]
    try:
        made = assign(folder.expanduser().absolute(), lessons=wanted, seed=class_number)
    except (ValueError, OSError) as error:
        raise _stop(error) from None
    for path in made:
        typer.echo(str(path))
    for task, names in blind_spots(wanted, class_number).items():
        typer.echo(
            f"{task}: with this number the mistake {', '.join(names)} happens to give the right "
            "answer too; another number avoids it."
        )


@app.command()
def key(
    seed: Annotated[int, typer.Argument(help="The learner's number, from the file's name.")],
) -> None:
    """Print the answer key to the capstone of lesson 12 with this number (for instructors)."""
    from alliance_tools.instructor.answer_key import capstone_key

    try:
        typer.echo(str(capstone_key(seed)))
    except ValueError as error:
        raise _stop(error) from None


@app.command()
def kit() -> None:
    """Write the ready agendas and the printable tests of `instructor/` (for maintainers)."""
    from alliance_tools.instructor.agenda import ready_pages
    from alliance_tools.instructor.paper_tests import paper_pages

    folder = course_folder("notebooks").parent / "instructor"
    if not folder.is_dir():
        raise _stop("The pages are written in a checkout of the course only")
    for name, page in (ready_pages() | paper_pages()).items():
        (folder / name).write_text(page, encoding="utf-8")
        typer.echo(str(folder / name))


def main() -> None:
    """Entry point of the `alliance-course` command."""
    app(prog_name="alliance-course")


if __name__ == "__main__":
    main()
