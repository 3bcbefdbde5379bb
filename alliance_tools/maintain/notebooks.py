"""Read the notebooks: what a lesson or a practice says, shows and asks, and how long it takes.

Everything that looks into a notebook's text is here, so that a new way to write a cell needs a
change in one place.
"""

import json
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from alliance_course.folders import course_folder, own_file

# `answer_3 = ...` as it stands before anybody has answered
UNANSWERED = re.compile(r"^(answer_\d+) = \.\.\.", flags=re.MULTILINE)
MARKED = re.compile(r'ac\.mark\("(L\d\d\.T\d+)", answer_\d+, seed=CLASS\)')
CLASS_NUMBER = re.compile(r"^CLASS = None", flags=re.MULTILINE)
STATED = re.compile(r"\*\*(\d+) to (\d+) minutes\.?\*\*")
# a link to another file of the course: on paper, and in a class's own folder, it leads nowhere
LOCAL_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:)[^)]*\)")
FOLDED = re.compile(r"<details>\s*<summary>(.*?)</summary>(.*?)</details>", flags=re.DOTALL)
_QUESTION = re.compile(r'"(L\d\d\.[PQT]\d+)"')
# one call may name several questions, over several lines
_SHOWN = re.compile(r"ac\.(?:ask|predict)\(([^)]*)\)")
_REVISITED = re.compile(r"ac\.revisit\(([^)]*)\)")
_CALLED = re.compile(r"ac\.(\w+)\(")
_LOADED = re.compile(r'load_dataset\(\s*"(\w+)"')
_HEADING = re.compile(r"^(#+) (.+)$", flags=re.MULTILINE)
_LISTED = re.compile(r"^\* (.+?)[;.]?$", flags=re.MULTILINE)
_REFERENCES = re.compile(r"^## References", flags=re.MULTILINE)
_WAY_ON = re.compile(r"^\*\*Next", flags=re.MULTILINE)
# a row of the published findings, such as A01; a question such as L01.Q1 is none
_ROW = re.compile(r"\b(?!L\d\d\.)([A-N]\d\d)\b")


# minutes, least and most, that a class takes beyond a reader: for a word about a section, and for
# what pairs do together
TALK = {"said": (1, 2), "in pairs": (1, 3)}


class Cell(NamedTuple):
    """One cell: `kind` is markdown or code, `tag` what the course has noted about it."""

    kind: str
    source: str
    tag: dict[str, Any]
    outputs: list[dict[str, Any]]

    @property
    def asked(self) -> list[str]:
        """The questions and predictions that this cell puts to the student, in order."""
        return self._named(_SHOWN)

    @property
    def revisited(self) -> list[str]:
        """The predictions that this cell puts beside what came out."""
        return self._named(_REVISITED)

    def _named(self, call: re.Pattern[str]) -> list[str]:
        if self.kind != "code":
            return []
        return [key for inside in call.findall(self.source) for key in _QUESTION.findall(inside)]


class Section(NamedTuple):
    """One section of a lesson; `minutes` is (least, most) alone, `skip` what to do when late."""

    name: str
    heading: str
    minutes: tuple[int, int]
    note: str
    skip: str
    pair: str
    on_slide: bool
    cells: list[Cell]

    @property
    def in_class(self) -> tuple[int, int]:
        """Minutes, least and most, with a word said about it, and with the task for pairs."""
        if not self.minutes[1]:
            return (0, 0)
        talk = [TALK["said"]] * bool(self.note) + [TALK["in pairs"]] * bool(self.pair)
        least, most = (sum(each) for each in zip(self.minutes, *talk, strict=True))
        return least, most

    @property
    def shortest(self) -> int:
        """Class minutes when late: none for homework, half of the least if a part is left out."""
        least = self.in_class[0]
        if not self.skip:
            return least
        return 0 if "leave this as homework" in self.skip else -(-least // 2)

    @property
    def late(self) -> str:
        """What to do when late, without the words `When late`."""
        return self.skip.removeprefix("When late:").strip()


@dataclass(frozen=True)
class Lesson:
    """A notebook of the course, a lesson or a practice, as far as others ask about it."""

    path: Path
    cells: list[Cell]

    @property
    def number(self) -> str:
        """Two digits, such as "07"."""
        return self.path.name[:2]

    @cached_property
    def title(self) -> str:
        """The first heading."""
        return _heading(self.cells[0].source, self.path.stem)

    @property
    def minutes(self) -> str:
        """What a lesson says of its length, such as "20 to 35 minutes"; "" in a practice."""
        stated = STATED.search(self.prose)
        return f"{stated[1]} to {stated[2]} minutes" if stated else ""

    @cached_property
    def prose(self) -> str:
        """All Markdown."""
        return "\n\n".join(cell.source for cell in self.cells if cell.kind == "markdown")

    @cached_property
    def code(self) -> str:
        """All code."""
        return "\n\n".join(cell.source for cell in self.cells if cell.kind == "code")

    @cached_property
    def headings(self) -> list[str]:
        """The headings below the title."""
        return [text.strip() for marks, text in _HEADING.findall(self.prose) if len(marks) > 1]

    @cached_property
    def calls(self) -> list[str]:
        """The functions of the course that the code calls, each once."""
        return _once(_CALLED.findall(self.code))

    @cached_property
    def explorers(self) -> list[str]:
        """The explorers among them."""
        return [name for name in self.calls if name.startswith("explore_")]

    @cached_property
    def datasets(self) -> list[str]:
        """The data sets that the code loads, each once."""
        return _once(_LOADED.findall(self.code))

    @cached_property
    def questions(self) -> list[str]:
        """The ids of all questions that the code shows, checks or marks, each once."""
        return _once(_QUESTION.findall(self.code))

    @cached_property
    def rows(self) -> set[str]:
        """The published rows that the text cites."""
        return set(_ROW.findall(self.prose))

    @cached_property
    def objectives(self) -> list[str]:
        """What students can do at the end, as the lesson's first cell says it."""
        return _LISTED.findall(self.cells[0].source) if self.cells[0].tag.get("objectives") else []

    @cached_property
    def sections(self) -> list[Section]:
        """The parts of a lesson, each with the minutes and notes in the tag of its first cell."""
        found: list[Section] = []
        for cell in self.cells:
            if "section" in (tag := cell.tag):
                heading = _heading(cell.source, tag["section"]) if found else "Opening"
                note, skip, pair = (tag.get(name, "") for name in ("note", "skip", "pair"))
                minutes = (tag["minutes"][0], tag["minutes"][1])
                on_slide = tag.get("slide") != "skip"
                found.append(
                    Section(tag["section"], heading, minutes, note, skip, pair, on_slide, [])
                )
            if found:
                found[-1].cells.append(cell)
        return found

    @cached_property
    def take_away(self) -> str:
        """The lesson's own summary, without the way on to the next lesson and the references."""
        away = next((s for s in self.sections if s.name == "away"), self.sections[-1])
        text = away.cells[0].source.split("\n", 1)[-1]
        return _WAY_ON.split(without_references(text))[0].strip()

    @cached_property
    def folded(self) -> list[tuple[str, str]]:
        """What the text keeps folded: the words to click on, and what is under them."""
        return [(head, text.strip()) for head, text in FOLDED.findall(self.prose)]


def without_references(text: str) -> str:
    """A text up to its list of references."""
    return _REFERENCES.split(text)[0]


def _once(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _heading(source: str, default: str) -> str:
    found = _HEADING.search(source)
    return found[2].strip() if found else default


def _read(path: Path) -> Lesson:
    with own_file(path):
        cells = [
            Cell(
                cell["cell_type"],
                "".join(cell["source"]),
                cell["metadata"].get("alliance", {}),
                cell.get("outputs", []),
            )
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        ]
    return Lesson(path, cells)


def notebook_files(*folders: str) -> list[Path]:
    """The course's notebooks in `notebooks` and `exercises`, or in one of them, in order."""
    return [
        path
        for folder in folders or ("notebooks", "exercises")
        for path in sorted(course_folder(folder).glob("[0-9][0-9]-*.ipynb"))
    ]


@cache
def lessons() -> dict[str, Lesson]:
    """All lessons by their number, such as "07"."""
    return {path.name[:2]: _read(path) for path in notebook_files("notebooks")}


@cache
def practices() -> dict[str, Lesson]:
    """The practice of each lesson, by the lesson's number."""
    return {path.name[:2]: _read(path) for path in notebook_files("exercises")}


def lesson(number: str) -> Lesson:
    """One lesson by its number, such as "07" or "7"; ValueError names those there are."""
    wanted = str(number).strip().zfill(2)
    if wanted not in lessons():
        raise ValueError(f"lesson {number!r} is not there: choose from {', '.join(lessons())}")
    return lessons()[wanted]
