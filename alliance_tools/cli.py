"""The command line: `alliance-course`, or `python -m alliance_course` in a checkout."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import click

from alliance_course import __version__
from alliance_course.folders import CourseFileError, course_folder
from alliance_tools.instructor.commands import export, marks, score
from alliance_tools.start.doctor import diagnose
from alliance_tools.start.lab import PORT, free_port, serve
from alliance_tools.start.workspace import FolderError, deliver


def _stop(problem: Exception | str) -> click.exceptions.Exit:
    click.echo(f"{problem}.", err=True)
    return click.exceptions.Exit(1)


class _Commands(click.Group):
    """Commands that answer in one line, also where a file or a disk is in the way."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (CourseFileError, FolderError) as error:
            raise _stop(error) from None
        except OSError as error:
            if error.errno == errno.EPIPE or not error.strerror:
                raise
            place = f"{os.fsdecode(error.filename)}: " if error.filename else ""
            raise _stop(f"{place}{error.strerror}; nothing of yours was changed") from None


def _folder(given: Path) -> Path:
    try:
        return given.expanduser().absolute()
    except FileNotFoundError:
        raise _stop(
            "The folder that you work in is gone: go to another one, for example with cd"
        ) from None
    except RuntimeError:
        raise _stop(f"{given} names nobody on this computer: write the folder in full") from None


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"show_default": True})
@click.version_option(__version__, message="%(version)s")
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
    default=PORT,
    help="Number in the course's address, if 8888 is taken; 0: any free one.",
)
@click.option(
    "--solutions/--no-solutions",
    default=None,
    show_default="as at the last start",
    help="Leave the worked solutions out of the practice.",
)
@click.option("--plain", is_flag=True, help="Leave out your own Jupyter settings.")
@click.option(
    "--from",
    "source",
    help="Folder of packages (a USB stick), for a first start without a network.",
)
@click.option("--pages", is_flag=True, help="Open the course as pages, without cells.")
def lab(
    folder: Path,
    browser: bool,
    port: int,
    solutions: bool | None,
    plain: bool,
    source: str | None,
    pages: bool,
) -> None:
    """Start the course: put the lessons into a folder and open them in the browser.

    FOLDER: where your lessons, notes and answers are kept.
    """
    from alliance_tools.start.repair import damaged

    folder = _folder(folder)
    if plain:
        os.environ["JUPYTER_NO_CONFIG"] = "1"
    for path in damaged().values():
        raise CourseFileError(path)
    try:
        port = free_port(port)
    except ValueError as error:
        raise _stop(error) from None
    done = deliver(folder, solutions=solutions)
    if done.new:
        click.echo(f"{len(done.new)} files put into {folder}")
    if done.updated:
        click.echo(f"{len(done.updated)} files brought up to date; you had not changed them")
    for yours, new in done.beside:
        click.echo(f"kept your {yours}; the new version is beside it: {new}")

    try:
        if pages:
            from alliance_tools.start.pages import made_pages

            click.echo("The pages are made, which takes half a minute the first time ...")
            made_pages(folder, tell=lambda text: None)
        serve(folder, browser=browser, port=port, tell=click.echo, pages=pages)
    except ValueError as error:
        raise _stop(error) from None


@app.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--instructors/--no-instructors",
    default=True,
    help="Pages for instructors too; they hold all answers.",
)
@click.option(
    "--solutions/--no-solutions",
    default=True,
    help="Leave the worked solutions out of the practice.",
)
@click.option("--repository", default="", help="Address of your copy, for a link to Binder.")
@click.option(
    "--python",
    type=click.Path(path_type=Path),
    help="Folder of a Pyodide distribution, to run code in the pages; nothing is fetched.",
)
def site(
    folder: Path, instructors: bool, solutions: bool, repository: str, python: Path | None
) -> None:
    """Write the whole course as plain pages, for any web server, platform or memory stick.

    FOLDER: where to write them; new, empty, or from an earlier time.
    """
    from alliance_tools.site.build import build

    folder = folder.expanduser().absolute()
    try:
        built = build(
            folder, instructors=instructors, solutions=solutions, repository=repository,
            python=python and python.expanduser().absolute(), tell=click.echo,
        )  # fmt: skip
    except (ValueError, OSError) as error:
        raise _stop(error) from None
    click.echo(f"{built}\nOpen {folder / 'index.html'}")


@app.command()
@click.option("--repair", is_flag=True, help="Bring damaged files of the course back first.")
@click.argument("folder", type=click.Path(path_type=Path), default="alliance-course")
def doctor(repair: bool, folder: Path) -> None:
    """Check whether this computer is set up, one line a check. Takes about fifteen seconds.

    FOLDER: your folder, for --repair. A notebook of yours is never changed, and what else is put
    in order there is kept under another name.
    """
    from alliance_tools.start.repair import repair as bring_back

    well = True
    for finding in chain(bring_back(_folder(folder)) if repair else (), diagnose()):
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
@click.option("--record", is_flag=True, help="Write down how they are now (for maintainers).")
def datasets(name: str | None, record: bool) -> None:
    """List the data sets, or print the card and the codebook of one.

    NAME: one data set, to read its card.
    """
    if record:
        from alliance_tools.maintain.clinic import record_tables

        for changed in record_tables():
            click.echo(changed)
        return
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


def _where(command: Callable) -> Callable:
    scheduler = click.option(
        "--scheduler", help="Address of a Dask scheduler, such as tcp://10.0.0.7:8786: work there."
    )
    workers = click.option("--workers", type=int, default=0, help="Processes; 0 for all cores.")
    return scheduler(workers(command))


@contextmanager
def _workers(workers: int, scheduler: str | None) -> Iterator[Executor]:
    """Processes of this machine, or the workers of a cluster."""
    if not scheduler:
        with ProcessPoolExecutor(workers or os.cpu_count()) as executor:
            yield executor
        return
    try:
        from distributed import Client
    except ImportError:
        raise _stop("Dask is not here: pip install 'alliance-course[dask]'") from None
    try:
        client = Client(scheduler, timeout="20s")
    except (OSError, ValueError) as error:
        raise _stop(f"{scheduler} does not answer ({error})") from None
    with client:
        yield client.get_executor()


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    with click.progressbar(length=1000, label="Simulating") as bar:
        yield lambda done, total: bar.update(1000 * done // total - bar.pos)


@app.command()
@click.option("--quick", is_flag=True, help="A first look: few repeats, some seconds.")
@_where
@click.option("--write", is_flag=True, help="Write table, figure and model page (for maintainers).")
def calibrate(quick: bool, workers: int, scheduler: str | None, write: bool) -> None:
    """Hold the model against 40 published findings. The full run takes some minutes.

    With --write the rival world and the findings that are not fitted to are run too.
    """
    import pandas as pd

    from alliance_tools.maintain.calibrate import calibrate as run
    from alliance_tools.maintain.calibrate import summarise_calibration

    with _workers(workers, scheduler) as executor:
        with _bar() as progress:
            table = run(quick=quick, executor=executor, progress=progress)
        if write:
            from alliance_course.simulate.parameters import WORLDS
            from alliance_tools.maintain.not_fitted import compare_not_fitted
            from alliance_tools.maintain.report import write_report

            rival = run(quick=quick, executor=executor, parameters=WORLDS["rival"])
            folder = course_folder("datasets")
            write_report(table, folder, rival=rival, not_fitted=compare_not_fitted())
    shown = table[["target", "statistic", "published", "low", "high", "simulated", "passes"]]
    with pd.option_context("display.width", 120, "display.max_rows", None):
        click.echo(shown.round(3).to_string(index=False))
    click.echo(summarise_calibration(table))


@app.command()
@_where
@click.option("--literatures", type=int, default=4, help="Literatures in each world.")
@click.option("--write", is_flag=True, help="Write table, picture and page (for maintainers).")
def grid(workers: int, scheduler: str | None, literatures: int, write: bool) -> None:
    """Ask how much of the published correlation could be what clients bring.

    Simulates literatures over a grid of two assumptions of the model. Some minutes here; a cluster
    can ask for a finer grid, or more literatures in each world.
    """
    from alliance_tools.maintain.report import write_grid
    from alliance_tools.maintain.two_assumptions import literature_grid

    try:
        with _workers(workers, scheduler) as executor, _bar() as progress:
            table = literature_grid(n_literatures=literatures, executor=executor, progress=progress)
    except ValueError as error:
        raise _stop(error) from None
    click.echo(table.pivot(index="readiness_alliance", columns="alliance_path", values="r"))
    click.echo(f"{table.attrs['core_hours']:.3f} processor hours")
    if write:
        write_grid(table, course_folder("datasets"))


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
@click.option("--write", is_flag=True, help="State them in the lessons (for maintainers).")
def minutes(write: bool) -> None:
    """Say how long each lesson takes, by the formula, and how many pictures it has."""
    from alliance_tools.maintain.minutes import minutes_page, write_minutes

    click.echo("\n".join(map(str, write_minutes())) if write else minutes_page())


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
@click.argument("homes", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
def collect(homes: Path, folder: Path) -> None:
    """Copy what learners of a hub have put into `for-my-class`, for the command `class`.

    HOMES: the folder with the learners' homes. FOLDER: where the copies go.
    """
    from alliance_tools.instructor.collect import collect as run

    try:
        done = run(homes, folder)
    except (ValueError, OSError) as error:
        raise _stop(error) from None
    for name, why in done.left:
        click.echo(f"left out {name}: {why}")
    click.echo(f"{len(done.files)} records from {done.homes} homes are in {folder}")


@app.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--lessons", required=True, help="Which lessons, for example 01,06,07.")
@click.option(
    "--class-number",
    type=int,
    help="Any whole number from 0; without it, one is chosen in which no known slip is right.",
)
@click.option(
    "--items",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder of your own choice items, kept to yourself.",
)
def assignment(folder: Path, lessons: str, class_number: int | None, items: Path | None) -> None:
    """Lay out practice to be marked, with items and numbers that only your class has.

    FOLDER: your course; made if it is not there. It can be nbgrader's.
    """
    import secrets

    from alliance_tools.instructor.assignment import assign
    from alliance_tools.instructor.marking import class_numbers
    from alliance_tools.instructor.variants.versions import choose_number, given_away

    folder = folder.expanduser().absolute()
    wanted = [number.zfill(2) for number in _numbers(lessons) or []]
    try:
        for lesson in wanted:
            number = class_number
            if number is None:
                number = class_numbers(folder).get(lesson)
            if number is None:
                # a number that nobody can guess from the year
                number = choose_number([lesson], 1000 + secrets.randbelow(1_000_000), items)
            (path,) = assign(folder, lessons=[lesson], seed=number, items=items)
            click.echo(f"{path} (class number {number})")
            for task, ways in given_away([lesson], number, items).items():
                click.echo(
                    f"{task}: with this number {', '.join(ways)} would get points too; leave out "
                    "--class-number, and one is chosen that avoids it."
                )
    except (ValueError, OSError) as error:
        raise _stop(error) from None


@app.command()
@click.argument("repository")
@click.option("--ref", default="HEAD", help="Branch, tag or commit of your copy.")
@click.option("--page", default="", help="Address of the built pages of your copy.")
def links(repository: str, ref: str, page: str) -> None:
    """Print the links that open your copy of the course: on Binder, and as a page.

    REPOSITORY: the address of your copy, or its Zenodo DOI.
    """
    from alliance_tools.start.binder import links as build

    try:
        click.echo(str(build(repository, ref=ref, page=page)))
    except ValueError as error:
        raise _stop(error) from None


@app.command()
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path), default=".")
def submitted(name: str, folder: Path) -> None:
    """Look through what was handed in before nbgrader marks it, and name what cannot be read.

    NAME: the assignment, such as 01-practice. FOLDER: your nbgrader course.
    """
    from alliance_tools.instructor.submitted import NOT_READ, prepare

    try:
        done = prepare(_folder(folder), name)
    except ValueError as error:
        raise _stop(error) from None
    click.echo(f"{len(done.ready) + len(done.mended)} notebooks can be marked")
    for student, what in done.mended.items():
        click.echo(f"{student}: {what}")
    for student, why in done.not_read.items():
        click.echo(f"not read, and now in {NOT_READ}: {student}: {why}")


@app.command()
@click.argument("which")
@click.option(
    "--to", type=click.Path(path_type=Path), help="A CSV file for the table of all pages."
)
def key(which: str, to: Path | None) -> None:
    """Print the answer key to a capstone of lesson 12, or a table of all that were handed in.

    WHICH: a learner's number, from the file's name, or the folder or zip of all pages.
    """
    try:
        if not Path(which).expanduser().exists():
            if not which.isdecimal():
                raise ValueError(
                    f"{which!r} is neither a number nor a folder: give a whole number from 0, or "
                    "the folder or zip that the platform gave you"
                )
            from alliance_tools.instructor.answer_key import capstone_key

            click.echo(str(capstone_key(int(which))))
            return
        from alliance_tools.instructor.capstones import capstones_page, read_capstones

        found = read_capstones(which)
        click.echo(capstones_page(found))
        if to:
            found.table.to_csv(to, index=False, encoding="utf-8-sig")
            click.echo(str(to))
    except (ValueError, OSError) as error:
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


for _command in (export, marks, score):
    app.add_command(_command)


def main() -> None:
    """Entry point of the `alliance-course` command."""
    app(prog_name="alliance-course")


if __name__ == "__main__":
    main()
