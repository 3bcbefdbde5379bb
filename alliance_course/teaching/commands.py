"""The instructor's commands of `alliance-course`."""

from pathlib import Path
from typing import Annotated

import typer

from alliance_course.resources import course_folder

_Lessons = Annotated[str | None, typer.Option(help="Which lessons, for example 01,06,07.")]


def _stop(problem: Exception | str) -> typer.Exit:
    typer.echo(f"{problem}.", err=True)
    return typer.Exit(1)


def _numbers(lessons: str | None) -> list[str] | None:
    if lessons is None:
        return None
    return [part.strip() for part in lessons.split(",") if part.strip()]


def agenda(
    minutes: Annotated[int, typer.Option(help="Length of the class, with breaks.")] = 90,
    start: Annotated[str, typer.Option(help="Clock time at which it begins.")] = "13:00",
    lessons: _Lessons = None,
    weeks: Annotated[bool, typer.Option(help="Twelve classes of this length instead.")] = False,
) -> None:
    """Print an agenda with clock times, fitted to the minutes that you have."""
    from alliance_course.teaching.agenda import agenda_page, weeks_page

    try:
        if weeks and lessons:
            raise ValueError("--weeks takes a lesson a week: leave out --lessons")
        page = weeks_page(minutes, start) if weeks else None
        typer.echo(page or agenda_page(minutes, start, _numbers(lessons)), nl=False)
    except ValueError as error:
        raise _stop(error) from None


def guide(
    to: Annotated[Path, typer.Option(help="The file to write.")] = Path("guide.html"),
    lessons: _Lessons = None,
    pdf: Annotated[bool, typer.Option(help="A PDF beside it, if Chromium is here.")] = True,
) -> None:
    """Write the facilitator's guide as one page to print: minutes, notes and answers."""
    from alliance_course.teaching.guide import guide_page, print_pdf

    try:
        to.write_text(guide_page(_numbers(lessons)), encoding="utf-8")
    except (ValueError, OSError) as error:
        raise _stop(error) from None
    typer.echo(str(to))
    if pdf:
        made = print_pdf(to)
        typer.echo(str(made) if made else "No PDF: print the page from a browser instead.")


def slides(
    lesson: Annotated[str, typer.Argument(help="Number of a lesson, such as 07.")],
    to: Annotated[Path | None, typer.Option(help="The file to write.")] = None,
) -> None:
    """Write a lesson's slides as one file that needs no network."""
    from alliance_course.teaching.slides import slides_page

    try:
        page = slides_page(lesson)
        path = to or Path(f"slides-{lesson.strip().zfill(2)}.html")
        path.write_text(page, encoding="utf-8")
    except (ValueError, OSError) as error:
        raise _stop(error) from None
    typer.echo(str(path))


def class_(
    folder: Annotated[Path, typer.Argument(help="Where the learners' exported files are.")],
    to: Annotated[Path, typer.Option(help="Folder for the two tables and the picture.")] = Path(),
) -> None:
    """Count what a class has answered: which questions, which misunderstandings, what next."""
    from alliance_course.teaching.class_report import class_page, write_class
    from alliance_course.teaching.classroom import read_class

    try:
        found = read_class(folder)
        typer.echo(class_page(found))
        for path in write_class(found, to):
            typer.echo(str(path))
    except (ValueError, OSError) as error:
        raise _stop(error) from None


def assignment(
    folder: Annotated[Path, typer.Argument(help="Your nbgrader course; made if it is not there.")],
    lessons: Annotated[str, typer.Option(help="Which lessons, for example 01,06,07.")],
    class_number: Annotated[
        int | None, typer.Option(help="Any whole number: a clinic of its own for your class.")
    ] = None,
) -> None:
    """Lay out practice for grading with nbgrader, with numbers that only your class has."""
    from alliance_course.practice import assign, blind_spots

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


def key(
    seed: Annotated[int, typer.Argument(help="The learner's number, from the file's name.")],
) -> None:
    """Print the answer key to the capstone of lesson 12 with this number (for instructors)."""
    from alliance_course.answer_key import capstone_key

    try:
        typer.echo(str(capstone_key(seed)))
    except ValueError as error:
        raise _stop(error) from None


def kit() -> None:
    """Write the ready agendas and the printable tests of `instructor/` (for maintainers)."""
    from alliance_course.teaching.agenda import ready_pages
    from alliance_course.teaching.paper import paper_pages

    folder = course_folder("notebooks").parent / "instructor"
    if not folder.is_dir():
        raise _stop("The pages are written in a checkout of the course only")
    for name, page in (ready_pages() | paper_pages()).items():
        (folder / name).write_text(page, encoding="utf-8")
        typer.echo(str(folder / name))


def register(app: typer.Typer) -> None:
    """Add the commands to the course's command line."""
    app.command()(agenda)
    app.command()(guide)
    app.command()(slides)
    app.command("class")(class_)
    app.command()(assignment)
    app.command()(key)
    app.command()(kit)
