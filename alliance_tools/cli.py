"""The command line: `alliance-course`, or `python -m alliance_course` in a checkout."""

import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import click

from alliance_course.folders import course_folder
from alliance_tools.start.doctor import diagnose
from alliance_tools.start.lab import free_port, serve
from alliance_tools.start.workspace import FolderError, deliver


def _stop(problem: Exception | str) -> click.exceptions.Exit:
    click.echo(f"{problem}.", err=True)
    return click.exceptions.Exit(1)


@click.group(invoke_without_command=True, context_settings={"show_default": True})
@click.pass_context
def app(context: click.Context) -> None:
    """Learn about the therapeutic alliance with simulated clients, in your browser.

    Without a command this starts the course, as `lab` does.
    """
    if context.invoked_subcommand is None:
        context.invoke(lab)


@app.command()
@click.argument("folder", type=click.Path(path_type=Path), default="alliance-course")
@click.option("--browser/--no-browser", default=True, help="Open the browser.")
@click.option(
    "--port",
    type=int,
    default=8888,
    help="Number in the course's address, if 8888 is taken; 0: any free one.",
)
@click.option(
    "--from",
    "source",
    help="Folder of packages (a USB stick), for a first start without a network.",
)
def lab(folder: Path, browser: bool, port: int, source: str | None) -> None:
    """Start the course: put the lessons into a folder and open them in the browser.

    FOLDER: where your lessons, notes and answers are kept.
    """
    folder = folder.expanduser().absolute()
    try:
        port = free_port(port)
        done = deliver(folder)
    except (ValueError, FolderError) as error:
        raise _stop(error) from None
    if done.new:
        click.echo(f"{len(done.new)} files put into {folder}")
    if done.updated:
        click.echo(f"{len(done.updated)} files brought up to date; you had not changed them")
    for yours, new in done.beside:
        click.echo(f"kept your {yours}; the new version is beside it: {new}")

    serve(folder, browser=browser, port=port, tell=click.echo)


@app.command()
def doctor() -> None:
    """Check whether this computer is set up, one line a check. Takes about ten seconds."""
    well = True
    for finding in diagnose():
        click.echo(str(finding))
        well = well and finding.well
    click.echo("You are set up." if well else "Something is not right yet: see the lines above.")
    raise click.exceptions.Exit(0 if well else 1)


@app.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--systems", help="For which computers: windows,macos,macos-intel,linux, or all.")
@click.option("--pythons", help="For which Pythons, for example 3.12,3.13, or all.")
def bundle(folder: Path, systems: str | None, pythons: str | None) -> None:
    """Write the course with all packages into a folder, for a room without a network.

    FOLDER: on a USB stick, or a folder to copy to one. Without options it is for computers like
    this one. About 200 MB for each kind of computer and Python.
    """
    import platform

    from alliance_tools.start.bundle import PYTHONS, SYSTEMS, BundleError
    from alliance_tools.start.bundle import bundle as make

    here = {"Windows": "windows", "Darwin": "macos"}.get(platform.system(), "linux")
    if here == "macos" and platform.machine() == "x86_64":
        here = "macos-intel"
    kinds = list(SYSTEMS) if systems == "all" else _numbers(systems) or [here]
    this = f"{sys.version_info[0]}.{sys.version_info[1]}"
    versions = list(PYTHONS) if pythons == "all" else _numbers(pythons) or [this]
    try:
        size = make(folder.expanduser().absolute(), kinds, versions, tell=click.echo)
    except BundleError as error:
        raise _stop(error) from None
    click.echo(f"{folder}: {size} MB. Copy it to a stick; START-HERE.html in it says how to go on.")


@app.command("start-page")
@click.option("--course", default="", help="Address where students get the course as a ZIP.")
@click.option("--web", default="", help="Address of the course as a page without installation.")
@click.option("--to", type=click.Path(path_type=Path), default="start-here.html")
def start_page_(course: str, web: str, to: Path) -> None:
    """Write one page to send to students: how they start, and what to do when it does not."""
    from alliance_tools.start.start_page import start_page

    try:
        to.write_text(start_page(course, web), encoding="utf-8")
    except OSError as error:
        raise _stop(error) from None
    click.echo(str(to))


@app.command()
@click.argument("name", required=False)
def datasets(name: str | None) -> None:
    """List the data sets, or print the card and the codebook of one.

    NAME: one data set, to read its card.
    """
    from alliance_course.data.tables import describe_dataset, list_datasets

    if name is None:
        for row in list_datasets().itertuples():
            click.echo(f"{row.Index:<18} {row.title}")
        return
    try:
        described = describe_dataset(name)
    except ValueError as error:
        raise _stop(error) from None
    click.echo(str(described))


@app.command()
@click.option("--quick", is_flag=True, help="A first look: few repeats, some seconds.")
@click.option("--workers", type=int, default=0, help="Processes to use; 0 for all cores.")
@click.option("--write", is_flag=True, help="Write table, figure and model page (for maintainers).")
def calibrate(quick: bool, workers: int, write: bool) -> None:
    """Hold the model against 40 published findings. The full run takes some minutes.

    With --write the rival world and the findings that are not fitted to are run too.
    """
    import pandas as pd

    from alliance_tools.maintain.calibrate import calibrate as run
    from alliance_tools.maintain.calibrate import summarise_calibration

    with ProcessPoolExecutor(workers or os.cpu_count()) as executor:
        with click.progressbar(length=1000, label="Simulating") as bar:
            table = run(
                quick=quick,
                executor=executor,
                progress=lambda done, total: bar.update(1000 * done // total - bar.pos),
            )
    if write:
        from alliance_course.simulate.parameters import WORLDS
        from alliance_tools.maintain.not_fitted import compare_not_fitted
        from alliance_tools.maintain.report import write_report

        with ProcessPoolExecutor(workers or os.cpu_count()) as executor:
            rival = run(quick=quick, executor=executor, parameters=WORLDS["rival"])
        folder = course_folder("datasets")
        write_report(table, folder, rival=rival, not_fitted=compare_not_fitted())
    shown = table[["target", "statistic", "published", "low", "high", "simulated", "passes"]]
    with pd.option_context("display.width", 120, "display.max_rows", None):
        click.echo(shown.round(3).to_string(index=False))
    click.echo(summarise_calibration(table))


@app.command()
@click.option("--write", is_flag=True, help="Write instructor/coverage.md (for maintainers).")
def coverage(write: bool) -> None:
    """Say where each statement and each misconception is taught and checked."""
    from alliance_tools.maintain.coverage import coverage_page, write_coverage

    if not write:
        click.echo(coverage_page())
        return
    if not (course_folder("notebooks").parent / "instructor").is_dir():
        raise _stop("The page is written in a checkout of the course only: leave out --write")
    click.echo(str(write_coverage()))


@app.command()
@click.option("--write", is_flag=True, help="Write datasets/EVIDENCE.md (for maintainers).")
def evidence(write: bool) -> None:
    """Say what each main statement of the course rests on, with its best critique."""
    from alliance_tools.maintain.evidence import evidence_page, write_evidence

    click.echo(str(write_evidence()) if write else evidence_page())


@app.command()
@click.argument("only", required=False)
def refresh(only: str | None) -> None:
    """Run all lessons and write them back with fresh results (for maintainers).

    ONLY: start of the names, for example 01.
    """
    from alliance_tools.maintain.notebooks import notebook_files
    from alliance_tools.maintain.practice import update
    from alliance_tools.maintain.refresh import refresh as run

    notebooks = [path for path in notebook_files() if path.name.startswith(only or "")]
    for path in notebooks:
        if path.parent.name == "exercises":
            update(path)
    changed = run(notebooks, tell=click.echo)
    click.echo(f"{len(changed)} of {len(notebooks)} changed")


@app.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Run all tests, in a checkout of the course (for maintainers)."""
    root = course_folder("notebooks").parent
    if not (root / "tests").is_dir():
        raise _stop("Tests are in the repository only: run this in a checkout of the course")
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", *arguments]
    raise click.exceptions.Exit(subprocess.call(command, cwd=root))


_lessons = click.option("--lessons", help="Which lessons, for example 01,06,07.")


def _numbers(lessons: str | None) -> list[str] | None:
    if lessons is None:
        return None
    return [part.strip() for part in lessons.split(",") if part.strip()]


@app.command()
@click.option("--minutes", type=int, default=90, help="Length of the class, with breaks.")
@click.option("--start", default="13:00", help="Clock time at which it begins.")
@_lessons
@click.option("--setup", type=int, default=5, help="Minutes to get all machines running.")
@click.option("--hand-in", type=int, default=3, help="Minutes to save and send answers.")
@click.option("--reserve", type=int, default=0, help="Minutes for what takes longer.")
@click.option("--test", default="", help="before or after: the test of fifteen minutes.")
@click.option("--weeks", type=int, help="A term of so many weeks, with a text for the syllabus.")
@click.option("--first", default="", help="With --weeks: date of the first class (2027-02-01).")
@click.option("--reading", help="With --weeks: weeks without a class, for example 6,7.")
def agenda(
    minutes: int, start: str, lessons: str | None, setup: int, hand_in: int, reserve: int,
    test: str, weeks: int | None, first: str, reading: str | None,
) -> None:  # fmt: skip
    """Print an agenda with clock times, fitted to the minutes that you have; or a term's plan."""
    from alliance_tools.instructor.agenda import agenda_page
    from alliance_tools.instructor.term import term_page

    extras = {"setup": setup, "hand_in": hand_in, "reserve": reserve}
    try:
        if weeks is None:
            if first or reading:
                raise ValueError("--first and --reading belong to a term: give --weeks as well")
            page = agenda_page(minutes, start, _numbers(lessons), test=test, **extras)
        else:
            if lessons or test:
                raise ValueError("--weeks plans lessons and tests: leave out --lessons and --test")
            off = [int(week) for week in _numbers(reading) or []]
            page = term_page(weeks, minutes, start, first=first, reading=off, **extras)
        click.echo(page, nl=False)
    except ValueError as error:
        raise _stop(error) from None


@app.command()
@click.option(
    "--to", type=click.Path(path_type=Path), default="guide.html", help="The file to write."
)
@_lessons
@click.option("--pdf/--no-pdf", default=True, help="A PDF beside it, if Chromium is here.")
def guide(to: Path, lessons: str | None, pdf: bool) -> None:
    """Write the facilitator's guide as one page to print: minutes, notes and answers."""
    from alliance_tools.instructor.guide import write_guide

    try:
        written = write_guide(to, _numbers(lessons), pdf)
    except (ValueError, OSError) as error:
        raise _stop(error) from None
    for path in written:
        click.echo(str(path))
    if pdf and len(written) == 1:
        click.echo("No PDF: print the page from a browser instead.")


@app.command()
@click.argument("lessons")
@click.option(
    "--to",
    default="html",
    help="html; pptx (PowerPoint, Keynote) or odp (Impress) to change them; or the file to write.",
)
def slides(lessons: str, to: str) -> None:
    """Write slides: an idea each, results, questions, and each answer on a slide after it.

    LESSONS: numbers such as 07 or 01,06,07, or the word all.
    """
    from alliance_tools.instructor.office import write_odp, write_pptx
    from alliance_tools.instructor.slides import slides_page
    from alliance_tools.maintain.notebooks import lesson
    from alliance_tools.maintain.notebooks import lessons as every

    kinds = ("html", "pptx", "odp")
    try:
        wanted = list(every()) if lessons == "all" else _numbers(lessons) or []
        numbers = [lesson(number).number for number in wanted]
        kind = to if to in kinds else Path(to).suffix.removeprefix(".")
        if kind not in kinds:
            raise ValueError(
                f"--to {to} is not known: give html, pptx, odp, or a file that ends so"
            )
        if to not in kinds and len(numbers) > 1:
            raise ValueError(f"--to {to} is one file, and you asked for {len(numbers)} lessons")
        for number in numbers:
            path = Path(f"slides-{number}.{to}" if to in kinds else to)
            if kind == "html":
                path.write_text(slides_page(number), encoding="utf-8")
            else:
                (write_pptx if kind == "pptx" else write_odp)(number, path)
            click.echo(str(path))
    except (ValueError, OSError) as error:
        raise _stop(error) from None


@app.command()
@click.argument("lessons")
@click.option("--pdf/--no-pdf", default=True, help="A PDF beside it, if Chromium is here.")
def handout(lessons: str, pdf: bool) -> None:
    """Write a lesson on two sheets, for who has no laptop. It holds no answers.

    LESSONS: numbers such as 07 or 01,06, or the word all.
    """
    from alliance_tools.instructor.guide import print_pdf
    from alliance_tools.instructor.handout import handout_page
    from alliance_tools.maintain.notebooks import lesson
    from alliance_tools.maintain.notebooks import lessons as every

    try:
        wanted = list(every()) if lessons == "all" else _numbers(lessons) or []
        for number in [lesson(number).number for number in wanted]:
            path = Path(f"handout-{number}.html")
            page = handout_page(number)
            path.write_text(page, encoding="utf-8")
            click.echo(str(path))
            if pdf and print_pdf(page, path.with_suffix(".pdf")):
                click.echo(str(path.with_suffix(".pdf")))
    except (ValueError, OSError) as error:
        raise _stop(error) from None


@app.command("class")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    default=".",
    help="Folder for the two tables and the picture.",
)
def class_(folder: Path, to: Path) -> None:
    """Count what a class has answered: which questions, which misunderstandings, what next.

    FOLDER: where the learners' exported files are.
    """
    from alliance_tools.instructor.class_answers import read_class
    from alliance_tools.instructor.class_report import class_page, write_class

    try:
        found = read_class(folder)
        click.echo(class_page(found))
        for path in write_class(found, to):
            click.echo(str(path))
    except (ValueError, OSError) as error:
        raise _stop(error) from None


@app.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--lessons", required=True, help="Which lessons, for example 01,06,07.")
@click.option(
    "--class-number", type=int, help="Any whole number: a clinic of its own for your class."
)
def assignment(folder: Path, lessons: str, class_number: int | None) -> None:
    """Lay out practice for grading with nbgrader, with numbers that only your class has.

    FOLDER: your nbgrader course; made if it is not there.
    """
    from alliance_tools.instructor.assignment import assign, mistakes_counted_right

    wanted = [number.zfill(2) for number in _numbers(lessons) or []]
    try:
        made = assign(folder.expanduser().absolute(), lessons=wanted, seed=class_number)
    except (ValueError, OSError) as error:
        raise _stop(error) from None
    for path in made:
        click.echo(str(path))
    for task, names in mistakes_counted_right(wanted, class_number).items():
        click.echo(
            f"{task}: with this number the mistake {', '.join(names)} happens to give the right "
            "answer too; another number avoids it."
        )


@app.command()
@click.argument("seed", type=int)
def key(seed: int) -> None:
    """Print the answer key to the capstone of lesson 12 with this number (for instructors).

    SEED: the learner's number, from the file's name.
    """
    from alliance_tools.instructor.answer_key import capstone_key

    try:
        click.echo(str(capstone_key(seed)))
    except ValueError as error:
        raise _stop(error) from None


@app.command()
def kit() -> None:
    """Write the ready agendas and the printable tests of `instructor/` (for maintainers)."""
    from alliance_tools.instructor.kit import kit_pages

    folder = course_folder("notebooks").parent / "instructor"
    if not folder.is_dir():
        raise _stop("The pages are written in a checkout of the course only")
    for name, page in kit_pages().items():
        (folder / name).write_text(page, encoding="utf-8")
        click.echo(str(folder / name))


def main() -> None:
    """Entry point of the `alliance-course` command."""
    app(prog_name="alliance-course")


if __name__ == "__main__":
    main()
