"""The lessons as an instructor sees them: sections with their minutes, notes and cells."""

import json
import re
from functools import cache
from typing import Any, NamedTuple

from alliance_course.folders import course_folder


class Section(NamedTuple):
    """One section of a lesson; `minutes` is (least, most), and `skip` says what to do when late."""

    name: str
    heading: str
    minutes: tuple[int, int]
    note: str
    skip: str
    pair: str
    on_slide: bool
    cells: list[dict[str, Any]]

    @property
    def shortest(self) -> int:
        """Minutes when late: none for homework, half of the least where something is left out."""
        if not self.skip:
            return self.minutes[0]
        return 0 if "leave this as homework" in self.skip else -(-self.minutes[0] // 2)

    @property
    def late(self) -> str:
        """What to do when late, without the words `When late`."""
        return self.skip.removeprefix("When late:").strip()


class Lesson(NamedTuple):
    """A lesson's number, such as "07", its title and its sections in order."""

    number: str
    title: str
    sections: list[Section]


def _heading(cell: dict[str, Any], default: str) -> str:
    found = re.search(r"^#+ (.+)$", "".join(cell["source"]), flags=re.MULTILINE)
    return found[1].strip() if found else default


@cache
def lessons() -> dict[str, Lesson]:
    """All lessons by their number, read from the notebooks' cell metadata."""
    found = {}
    for path in sorted(course_folder("notebooks").glob("[0-9][0-9]-*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sections: list[Section] = []
        for cell in cells:
            tag = cell["metadata"].get("alliance")
            if tag:
                first = "Opening" if not sections else _heading(cell, tag["section"])
                least, most = tag["minutes"]
                note, skip, pair = (tag.get(name, "") for name in ("note", "skip", "pair"))
                shown = tag.get("slide") != "skip"
                minutes = (least, most)
                sections.append(
                    Section(tag["section"], first, minutes, note, skip, pair, shown, [])
                )
            if sections:
                sections[-1].cells.append(cell)
        found[path.name[:2]] = Lesson(path.name[:2], _heading(cells[0], path.stem), sections)
    return found


def lesson(number: str) -> Lesson:
    """One lesson by its number, such as "07" or "7"; ValueError names those there are."""
    wanted = str(number).strip().zfill(2)
    if wanted not in lessons():
        raise ValueError(f"lesson {number!r} is not there: choose from {', '.join(lessons())}")
    return lessons()[wanted]
