"""The page that a learner sees first: the course as a path, what is done, and where to go on."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from alliance_course.questions.bank import registry
from alliance_course.questions.cards import Cards, still_page
from alliance_tools.maintain.notebooks import lessons, practices
from alliance_tools.start.first_page import HOME


class PathCards(Cards):
    """Cards of the way through the course, which lessons do not carry."""

    _esm = Cards._esm + "\n" + Path(__file__).with_name("home.js").read_text(encoding="utf-8")


@cache
def _steps() -> list[dict[str, Any]]:
    steps = []
    for number, one in lessons().items():
        practice = practices().get(number)
        guesses = [q for q in one.questions if "reveal" in registry()[q]]
        step = {
            "title": f"{number} {one.title}",
            "minutes": one.minutes,
            "guesses": guesses,
            "answers": [q for q in one.questions if q not in guesses],
            "tasks": [q for q in registry() if q.startswith(f"L{number}.T")] if practice else [],
            "practice": f"practice {number}" if practice else "",
        }
        steps.append(step)
    return steps


def home() -> PathCards:
    """The path with what is done, which follows the record also while nothing was run."""
    rows = "".join(f"<li>{step['title']}: {step['minutes']}</li>" for step in _steps())
    still = {
        "text/html": still_page(f"<ul>{rows}</ul>"),
        "text/plain": "\n".join(step["title"] for step in _steps()),
    }
    return PathCards([{"kind": "home", "steps": _steps()}], still)


def points(number: str) -> PathCards:
    """What a practice has brought so far, task by task; it follows the record."""
    tasks = [
        {"id": name, "title": f"Task {name.split('.T')[1]}", "points": entry["points"]}
        for name, entry in registry().items()
        if name.startswith(f"L{number}.T")
    ]
    text = "What you answer above is summed up here."
    still = {"text/html": still_page(f"<p>{text}</p>"), "text/plain": text}
    return PathCards([{"kind": "sum", "tasks": tasks}], still)


def hand_in() -> Cards:
    """A button that saves the record of the whole folder as a file, under a code of one's own."""
    text = (
        "For your class: one file with all your guesses and answers, and what you wrote in boxes. "
        "It holds no name. By your code your class counts you once: keep it, or type your own."
    )
    still = {"text/html": still_page(f"<p>{text}</p>"), "text/plain": text}
    return Cards([{"kind": "handIn", "prompt": text}], still)


def home_notebook() -> Any:
    """Home as a notebook: links that the page of the notebook opens itself, and the path."""
    from nbformat import v4

    lines = []
    for number, one in lessons().items():
        also = ""
        if number in practices():
            also = f" · [practice {number}](exercises/{practices()[number].path.name})"
        path = f"notebooks/{one.path.name}"
        lines.append(f"* [{number} {one.title}]({path}){also}")
    text = (
        "# The therapeutic alliance\n\n"
        "What happens between two people who want to change something? Thirteen lessons with "
        "simulated clients, whose truth you can look up. Click on a lesson. Guesses, questions "
        "and pictures answer at once: nothing has to be run.\n\n"
        "*All clients here are simulated. This is teaching about therapy, not therapy.*"
    )
    code = "from alliance_tools.start.home import home\n\nhome()"
    notebook = v4.new_notebook()
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    }
    notebook.cells = [
        v4.new_markdown_cell(text, id="home-text"),
        v4.new_code_cell(code, id="home-path", metadata={"jupyter": {"source_hidden": True}}),
        v4.new_markdown_cell("## All lessons\n\n" + "\n".join(lines), id="home-links"),
    ]
    return notebook


def with_bar(notebook: Any, name: str) -> Any:
    """A lesson or practice with a line above that leads on, back and home, and a way to hand in.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Changed in place.
    name : str
        Its path in a learner's folder, such as "notebooks/02-the-bond.ipynb".
    """
    from nbformat.v4 import new_code_cell, new_markdown_cell

    found = re.match(r"(notebooks|exercises)/(\d\d)-", name)
    if not found or notebook.cells[0].cell_type != "markdown":
        return notebook
    folder, number = found.groups()
    numbers = list(lessons())
    place = numbers.index(number)

    def link(words: str, to: Path) -> str:
        here = to.parent.name == folder
        return f"[{words}]({'' if here else f'../{to.parent.name}/'}{to.name})"

    parts = [f"[Home](../{HOME})", f"lesson {int(number)} of {int(numbers[-1])}"]
    if folder == "exercises":
        parts.append(link("its lesson", lessons()[number].path))
    elif place:
        parts.append(link("back", lessons()[numbers[place - 1]].path))
    if folder == "notebooks" and place + 1 < len(numbers):
        parts.append(link("next", lessons()[numbers[place + 1]].path))
    if folder == "notebooks" and number in practices():
        parts.append(link("practice", practices()[number].path))
    parts.append(link("glossary", lessons()["00"].path).replace(".ipynb)", ".ipynb#Glossary)"))
    hidden = {"jupyter": {"source_hidden": True}}
    if folder == "exercises":
        code = f'from alliance_tools.start.home import points\n\npoints("{number}")'
        notebook.cells.append(new_code_cell(code, id="sum", metadata=hidden))
    parts.append("[hand in](#Hand-in)")
    code = "from alliance_tools.start.home import hand_in\n\nhand_in()"
    notebook.cells.append(new_markdown_cell("## Hand in", id="hand-in-text"))
    notebook.cells.append(new_code_cell(code, id="hand-in", metadata=hidden))
    text = notebook.cells[0].source
    for alone, delivered in _ALIVE.items():
        text = text.replace(alone, delivered)
    notebook.cells[0].source = " · ".join(parts) + "\n\n" + text
    return notebook


_ADDED = ("sum", "hand-in-text", "hand-in")
# what a notebook says by itself, and what it says once its cards are there on opening
_ALIVE = {
    "You need no programming: run the cells from the top with **Shift + Enter**.": (
        "You need no programming, and nothing has to be run: guesses, questions and pictures "
        "answer as they stand. Code is folded behind a line that says what it does: open it to "
        "read it, and press **Shift + Enter** there to run it."
    ),
    "Put your answer in place of the three dots, then run": (
        "Answer in the card under each task. Or put your answer in place of the three dots, "
        "then run"
    ),
}


def without_bar(notebook: Any) -> Any:
    """A notebook, changed in place, without what `with_bar` has put above and below it."""
    first = notebook.cells[0]
    notebook.cells = [cell for cell in notebook.cells if cell.get("id") not in _ADDED]
    if first.source.startswith(f"[Home](../{HOME})"):
        text = first.source.partition("\n\n")[2]
        for alone, delivered in _ALIVE.items():
            text = text.replace(delivered, alone)
        first.source = text
    return notebook
