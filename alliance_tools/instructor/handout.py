"""A lesson on two sheets of paper, for a room without laptops or for whoever has none."""

import base64
import io
import re
from typing import Any

from alliance_course.questions.bank import question
from alliance_tools.instructor.pages import plain, render
from alliance_tools.maintain.notebooks import FOLDED, LOCAL_LINK, Lesson, Section, lesson

_SETTINGS = 3
# letters that two pages hold in the usual type
_ROOM = 7800
_LISTED = re.compile(r"^(\d+\. .+?)(?=^\d+\. |^#|\Z)", flags=re.MULTILINE | re.DOTALL)


def _section(found: Lesson, name: str) -> Section | None:
    return next((section for section in found.sections if section.name == name), None)


def _text(section: Section | None) -> str:
    """The first cell of a section without its heading, its links and what is folded in it."""
    if section is None:
        return ""
    return LOCAL_LINK.sub(r"\1", FOLDED.sub("", section.cells[0].source)).split("\n", 1)[-1].strip()


def _asked(found: Lesson, name: str) -> list[dict[str, Any]]:
    section = _section(found, name)
    keys = [key for cell in section.cells for key in cell.asked] if section else []
    return [question(key) for key in keys]


def _shown(picture: Any) -> Any:
    """The control that is set: the first slider, or the first choice where there is none."""
    sliders = [control for control in picture.controls if not hasattr(control, "options")]
    return (sliders or list(picture.controls))[0]


def settings(picture: Any) -> list[dict[str, Any]]:
    """Settings of one control, all else as it starts: a slider's ends and start, or choices.

    Parameters
    ----------
    picture : Picture

    Returns
    -------
    list of dict
        Values of all controls, one dict for each still; three where there is a slider.
    """
    first = _shown(picture)
    if hasattr(first, "options"):
        options = list(first.options)
        chosen = options if len(options) <= _SETTINGS else [options[0], options[len(options) // 2],
                                                             options[-1]]  # fmt: skip
    else:
        chosen = sorted({first.low, first.default, first.high})
        if len(chosen) < _SETTINGS:
            half = (first.high - first.low) / first.step // 2
            chosen = [first.low, first.low + half * first.step, first.high]
    return [{**picture.defaults, first.name: value} for value in chosen]


def _stills(found: Lesson) -> list[dict[str, Any]]:
    """The lesson's first explorer at three settings, each with its sentence."""
    from matplotlib.figure import Figure

    import alliance_course
    from alliance_course.show.explorer.still import draw_still

    section = _section(found, "try")
    source = "\n".join(c.source for c in section.cells if c.kind == "code") if section else ""
    called = re.search(r"ac\.(explore_\w+)\((?:(\w+)=(\d+))?\)", source)
    if called is None:
        return []
    given = {called[2]: int(called[3])} if called[2] else {}
    picture = getattr(alliance_course, called[1])(**given).picture
    first, stills = _shown(picture), []
    for values in settings(picture):
        figure: Figure = draw_still(picture, values)
        # smaller than on a screen, so that its words can be read in print
        wide, high = figure.get_size_inches()
        figure.set_size_inches(0.72 * wide, 0.72 * high)
        buffer = io.BytesIO()
        figure.savefig(
            buffer, format="png", dpi=110, bbox_inches="tight", metadata={"Software": None}
        )
        stills.append({
            "set": f"{first.label}: {first.text(values[first.name])}",
            "words": picture.describe(values),
            "data": base64.b64encode(buffer.getvalue()).decode(),
        })  # fmt: skip
    return stills


def handout_page(number: str) -> str:
    """A lesson's guesses, scene, explorer at three settings and questions, as one page to print.

    It holds no answers.

    Raises
    ------
    ValueError
        If there is no such lesson.
    """
    found = lesson(number)
    tried = _section(found, "try")
    asked = (
        "\n".join(cell.source for cell in tried.cells if cell.kind == "markdown") if tried else ""
    )
    given = {
        "number": found.number,
        "title": found.title,
        "guesses": _asked(found, "believe"),
        "scene": _text(_section(found, "scene")),
        "stills": _stills(found),
        "tries": "\n".join(_LISTED.findall(LOCAL_LINK.sub(r"\1", FOLDED.sub("", asked)))),
        # lesson 00 asks where one tries
        "checks": [*_asked(found, "try"), *_asked(found, "check")],
        "away": found.take_away,
    }
    page = render("handout.html.j2", tight=False, **given)
    body = page.partition("<body>")[2]
    if len(" ".join(plain(body).split())) <= _ROOM:
        return page
    return render("handout.html.j2", tight=True, **given)
