"""Commands for a course on a learning platform: items to it, marks to it, and two tests scored."""

from pathlib import Path

import click

_FOLDER = click.Path(path_type=Path)


def _stop(problem: Exception) -> click.exceptions.Exit:
    click.echo(f"{problem}.", err=True)
    return click.exceptions.Exit(1)


@click.command()
@click.argument("folder", type=_FOLDER)
@click.option(
    "--to",
    "form",
    type=click.Choice(["qti", "qti3", "moodle-xml", "gift"]),
    required=True,
    help="qti: Canvas and others (QTI 1.2); qti3: QTI 3; moodle-xml or gift: Moodle.",
)
@click.option("--lessons", help="Which lessons, for example 01,06,07; all if left out.")
@click.option(
    "--tests/--no-tests", default=True, help="With both forms of the test before and after."
)
def export(folder: Path, form: str, lessons: str | None, tests: bool) -> None:
    """Write the questions for a learning platform: checks, practice and both tests.

    FOLDER: where the files are written; made if it is not there.
    """
    from alliance_tools.instructor.export import write_export

    wanted = [part.strip().zfill(2) for part in (lessons or "").split(",") if part.strip()]
    try:
        for path, items in write_export(folder, form, lessons=wanted or None, tests=tests):
            click.echo(f"{path} ({items} questions)")
    except (ValueError, OSError) as error:
        raise _stop(error) from None


@click.command()
@click.argument("course", type=_FOLDER)
@click.argument("handed_in", type=_FOLDER, required=False)
@click.option("--lesson", required=True, help="Which practice, for example 01.")
@click.option(
    "--roster",
    type=_FOLDER,
    help="The list of your class from Moodle or Canvas, as a CSV; everybody in it gets a row.",
)
@click.option("--to", "target", type=_FOLDER, default=".", help="Folder for the tables.")
def marks(
    course: Path, handed_in: Path | None, lesson: str, roster: Path | None, target: Path
) -> None:
    """Mark a practice from the answers, and write gradebook files for Moodle and Canvas.

    COURSE: the folder of `assignment`. HANDED_IN: what the platform gave you, folder or zip; if
    left out, nbgrader's `autograded` or `submitted` in COURSE. Nothing that was handed in is run.
    """
    from alliance_tools.instructor.gradebook import marks_page, write_marks
    from alliance_tools.instructor.marking import class_numbers, mark_class

    lesson = lesson.strip().zfill(2)
    try:
        where = handed_in
        if where is None:
            done = [
                course / name for name in ("autograded", "submitted") if (course / name).is_dir()
            ]
            if not done:
                raise ValueError(f"{course} holds no hand-ins: say where they are")
            where = done[0]
        items = course / "items"
        found = mark_class(
            where, lesson, class_numbers(course).get(lesson), items if items.is_dir() else None
        )
        paths, missing = write_marks(found, target, roster)
        click.echo(marks_page(found, missing))
        for path in paths:
            click.echo(str(path))
    except (ValueError, OSError) as error:
        raise _stop(error) from None


@click.command()
@click.argument("letters", type=_FOLDER)
@click.option("--to", "target", type=_FOLDER, default=".", help="Folder for the tables.")
def score(letters: Path, target: Path) -> None:
    """Score the test before and after, with the class's gain and what each item tells.

    LETTERS: a CSV with the columns code, time (before or after), form (A or B), and 1 to 12.
    """
    from alliance_tools.instructor.sheets import read_letters, scores_page, write_scores

    try:
        found = read_letters(letters)
        click.echo(scores_page(found))
        for path in write_scores(found, target):
            click.echo(str(path))
    except (ValueError, OSError) as error:
        raise _stop(error) from None
