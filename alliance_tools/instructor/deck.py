"""What stands on a lesson's slides: headings, ideas, results, questions and their answers.

A deck is made from the lesson's cells. Where a cell carries `slides` in its `alliance` metadata,
these lines stand in place of its text: one that begins with a heading opens a slide, one without
goes on the slide before it. A cell without them is cut where a slide is full.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from alliance_course.data.tables import load_dataset
from alliance_course.questions.bank import question
from alliance_course.questions.judge import solution, values
from alliance_course.show.sources import short_source
from alliance_tools.instructor.pages import plain
from alliance_tools.maintain.notebooks import (
    FOLDED,
    LOCAL_LINK,
    Cell,
    Lesson,
    Section,
    lesson,
    without_references,
)

# letters that fill a slide in type that the last row can read; a table holds somewhat less
_FULL, _TABLE, _ROWS = 620, 620, 8
# rows of published findings that a room can read; longer tables are for reading at home
_FINDINGS = 3
_HEADING = re.compile(r"^#{1,4} (.+)$", flags=re.MULTILINE)
_ITEM = re.compile(r"^(?=(?:\*|-|\d+\.) )", flags=re.MULTILINE)
_NUMBERED = re.compile(r"^(\d+)\. ", flags=re.MULTILINE)
_TABLE_TEXT = re.compile(r"(?:^\|.*\|[ ]*\n?)+", flags=re.MULTILINE)
_CODE_BLOCK = re.compile(r"\n*(?:Lines to start from:\s*)?```.*?```", flags=re.DOTALL)
# a box of the capstone, such as "L12.idea"
_BOX = re.compile(r'"(L\d\d\.[a-z]+)"')
_EXCHANGE = re.compile(r'"(x\d{3})"')
# a drawing that lies beside the lessons: its words and the name of its file
_DRAWING = re.compile(r"!\[([^\]]*)\]\(pictures/([\w-]+\.svg)\)\n*")


class Part(NamedTuple):
    """A piece of a slide: `kind` is text, asked, options, picture, drawing, table or plain."""

    kind: str
    value: Any
    alt: str = ""


@dataclass
class Slide:
    """One slide: `kind` is idea, result, question or answer; `notes` are for whoever speaks."""

    section: str
    heading: str
    kind: str = "idea"
    parts: list[Part] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


# rows of the published findings, as a slide's lines name them: (A01), (E34, E43)
_NAMED_ROWS = re.compile(r"\b[A-N]\d\d\b(?:(?:, | and )[A-N]\d\d\b)*")


def _sources(rows: re.Match[str]) -> str:
    names = (short_source(row) for row in re.findall(r"[A-N]\d\d", rows[0]))
    return "; ".join(dict.fromkeys(names))


class _Deck:
    def __init__(self) -> None:
        self.slides: list[Slide] = []
        self.section = self.heading = ""
        # exchanges that the last cell asked to label: the next one compares them
        self.labelled: list[str] = []

    def begin(self, section: Section) -> None:
        self.section = self.heading = section.heading
        self.open = False

    def new(self, heading: str, kind: str, *parts: Part, notes: str = "") -> Slide:
        slide = Slide(self.section, heading, kind, list(parts), [notes] if notes else [])
        self.slides.append(slide)
        self.open = kind == "idea"
        return slide

    def markdown(self, cell: Cell) -> None:
        text = without_references(cell.source)
        unfolded = LOCAL_LINK.sub(r"\1", FOLDED.sub("", _DRAWING.sub("", text))).strip()
        lines, before, rest = cell.tag.get("slides"), len(self.slides), ""
        if lines != []:
            self.drawings(text, unfolded)
        if lines is not None:
            for line in lines:
                self.line(line)
        elif _NUMBERED.search(unfolded) and "Answer to" in text:
            rest = self.exercise(unfolded)
        else:
            self.prose(unfolded)
        if headings := _HEADING.findall(unfolded):
            self.heading = headings[-1]
        for head, body in FOLDED.findall(text):
            # what is typed is for one's own page
            if lines != [] and "`ac." not in body:
                self.folded(head, body.strip(), unfolded)
        self.prose(rest)
        if unfolded and len(self.slides) > before:
            self.slides[before].notes.append(_HEADING.sub("", unfolded).strip())

    def drawings(self, text: str, unfolded: str) -> None:
        """Each drawing of a cell on a slide of its own, large enough for the last row."""
        headings = _HEADING.findall(unfolded)
        for alt, name in _DRAWING.findall(text):
            self.new(headings[0] if headings else self.heading, "idea", Part("drawing", name, alt))
            self.open = False

    def prose(self, text: str) -> None:
        for heading, body in _pieces(text):
            self.heading = heading or self.heading
            for piece in _cut(body):
                self.new(self.heading, "idea", *_text_parts(piece))

    def line(self, line: str) -> None:
        heading, body = _split_heading(_NAMED_ROWS.sub(_sources, line))
        parts = _text_parts(body)
        if heading:
            self.heading = heading
            self.new(heading, "idea", *parts)
        elif self.slides and self.slides[-1].section == self.section:
            self.slides[-1].parts += parts
            self.open = False
        else:
            self.new(self.heading, "idea", *parts)

    def exercise(self, text: str) -> str:
        """The questions to a picture, as many on a slide as fit; what follows them is returned."""
        items = [item.strip() for item in _NUMBERED.split(text)[1:]]
        listed = [f"{n}. {body}" for n, body in zip(items[::2], items[1::2], strict=True)]
        listed[-1], _, rest = listed[-1].partition("\n### ")
        for piece in _cut("\n".join(map(str.strip, listed))):
            self.new(self.heading, "question", Part("text", piece))
        return f"### {rest}" if rest else ""

    def folded(self, head: str, body: str, text: str) -> None:
        number = re.fullmatch(r"Answer to (\d+)", head)
        asked = number and re.search(
            rf"^{number[1]}\. (.+?)(?=^\d+\. |^#|\Z)", text, flags=re.MULTILINE | re.DOTALL
        )
        for piece in _cut(LOCAL_LINK.sub(r"\1", body)):
            parts = [Part("asked", asked[1].strip())] if asked else []
            self.new(head, "answer", *parts, *_text_parts(piece))

    def code(self, cell: Cell) -> None:
        if cell.source.startswith("ac.show_references") or cell.tag.get("slides") == []:
            return
        if cell.asked:
            for key in cell.asked:
                self.asked(key)
        elif cell.revisited:
            for key in cell.revisited:
                entry = question(key)
                reveal = entry["reveal"].format_map(values(key))
                asked = Part("asked", entry["prompt"])
                self.new(self.heading, "answer", asked, *_text_parts(reveal))
        elif "ac.label_exchanges(" in cell.source:
            self.labelled = _EXCHANGE.findall(cell.source)
            for place, row in enumerate(_exchanges(self.labelled), start=1):
                said = "\n>\n".join(
                    "> **{}:** {}".format(*turn.split(": ", 1)) for turn in row["text"].split(" / ")
                )
                heading = f"{self.heading} ({place} of {len(self.labelled)})"
                self.new(heading, "question", Part("text", said))
        elif "ac.compare_labels(" in cell.source:
            what = re.search(r'what="(\w+)"', cell.source)
            self.key(what[1] if what else "component")
        elif texts := [
            box for box in map(question, _BOX.findall(cell.source)) if box["kind"] == "text"
        ]:
            self.result(Part("text", "\n".join(f"* **{b['prompt']}:** {b['ask']}" for b in texts)))
        elif "ac.check(" in cell.source:
            self.checked(re.findall(r'ac\.check\("(L\d\d\.Q\d+)"', cell.source))
        else:
            for part in _results(cell):
                self.result(part)

    def asked(self, key: str) -> None:
        entry = question(key)
        if entry.get("data") == "capstone":
            # each learner's own number: the slide's heading is there, and no answer follows
            return self.result(Part("text", entry["prompt"]))
        options = [(option["key"], option["text"]) for option in entry.get("option", [])]
        prompt = Part("text", entry["prompt"])
        shown = Part("options", options) if options else Part("text", "*A number. Write it down.*")
        others = [
            f"{o['key']}) {o['feedback']}" for o in entry.get("option", []) if "feedback" in o
        ]
        self.new(self.heading, "question", prompt, shown, notes="\n\n".join([key, *others]))
        if "reveal" not in entry:
            self.answer(key)

    def answer(self, key: str) -> None:
        entry = question(key)
        right = [option for option in entry.get("option", []) if option.get("right")]
        if right:
            text = "\n\n".join(f"**{o['key']}) {o['text']}**  \n{o['feedback']}" for o in right)
            text = "\n\n".join(filter(None, [text, entry.get("solution")]))
        else:
            text = str(solution(key))
        for piece in _cut(text):
            self.new(
                self.heading, "answer", Part("asked", entry["prompt"]), *_text_parts(piece),
                notes=key,
            )  # fmt: skip

    def checked(self, keys: list[str]) -> None:
        for key in keys:
            self.answer(key)

    def key(self, what: str) -> None:
        """The key to the exchanges that were labelled last."""
        lines = [f"{n}. **{row[what]}**: {row['why']}" for n, row in enumerate(
            _exchanges(self.labelled), start=1)]  # fmt: skip
        for piece in _cut("\n".join(lines)):
            self.new("The key", "answer", Part("text", piece))

    def result(self, part: Part) -> None:
        """A result goes under the line that announces it, if there is one."""
        last = self.slides[-1] if self.slides else None
        small = last is not None and all(p.kind == "text" for p in last.parts)
        if last is not None and self.open and last.section == self.section and small:
            last.parts.append(part)
            last.kind = "result"
        else:
            self.new(self.heading, "result", part)
        self.open = False


def _split_heading(text: str) -> tuple[str, str]:
    found = re.match(r"#{1,4} (.+)\n?", text)
    return (found[1].strip(), text[found.end() :].strip()) if found else ("", text.strip())


def _pieces(text: str) -> list[tuple[str, str]]:
    """A text at its headings: each heading ("" before the first) with what follows."""
    parts = re.split(r"^(?=#{1,4} )", text, flags=re.MULTILINE)
    return [_split_heading(part) for part in parts if _split_heading(part)[1]]


def _cut(text: str) -> list[str]:
    """A text in pieces for one slide each; paragraphs and items of a list stay whole."""
    blocks = [
        item.strip("\n")
        for block in re.split(r"\n(?:>\s*)?\n", text.strip())
        for item in _ITEM.split(block)
        if item.strip()
    ]
    # even pieces: no slide with one last line alone
    total = sum(len(plain(block)) for block in blocks)
    room = total / max(1, -(-total // _FULL))
    pieces: list[list[str]] = []
    size = 0.0
    for block in blocks:
        length = len(plain(block))
        if not pieces or (size + length / 2 > room and len(pieces) * room < total):
            pieces.append([])
            size = 0
        pieces[-1].append(block)
        size += length
    return [_joined(piece) for piece in pieces]


def _joined(blocks: list[str]) -> str:
    """Blocks as one Markdown text; neighbours in a list or a quotation stay one."""
    text = ""
    for block in blocks:
        last = text.rsplit("\n", 1)[-1]
        if block.startswith(">") and last.startswith(">"):
            text += f"\n>\n{block}"
        elif _ITEM.match(block) and _ITEM.match(last):
            text += f"\n{block}"
        else:
            text += f"\n\n{block}"
    return text.strip()


def _text_parts(text: str) -> list[Part]:
    """A Markdown text, with its tables apart."""
    parts, end = [], 0
    for found in _TABLE_TEXT.finditer(text):
        if before := text[end : found.start()].strip():
            parts.append(Part("text", before))
        parts += _markdown_table(found[0])
        end = found.end()
    if after := text[end:].strip():
        parts.append(Part("text", after))
    return parts


def _markdown_table(text: str) -> list[Part]:
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in text.strip().splitlines()
    ]
    return _tables([rows[0]], rows[2:], "")


def _tables(head: list[list[str]], rows: list[list[str]], caption: str) -> list[Part]:
    """A table in as many as the room can read, each with the head of the whole."""
    sizes = [sum(map(len, row)) for row in rows]
    count = max(-(-sum(sizes) // _TABLE), -(-len(rows) // _ROWS), 1)
    groups: list[list[list[str]]] = [[] for _ in range(count)]
    done = 0.0
    for row, size in zip(rows, sizes, strict=True):
        # by the middle of a row, so that the parts are about as full
        share = (done + size / 2) / max(1, sum(sizes))
        groups[min(count - 1, int(share * count))].append(row)
        done += size
    groups = [group for group in groups if group]
    return [Part("table", (head, group), caption) for group in groups]


def _html_table(html: str) -> list[Part]:
    from bs4 import BeautifulSoup

    table = BeautifulSoup(html, "html.parser").find("table")
    if table is None:
        return []
    for svg in table.find_all(["svg", "style"]):
        svg.decompose()
    grid: dict[tuple[int, int], str] = {}
    head = 0
    for y, row in enumerate(table.find_all("tr")):
        x = 0
        cells = row.find_all(["th", "td"])
        for cell in cells:
            while (y, x) in grid:
                x += 1
            words = " ".join(cell.get_text(" ").split())
            for down in range(int(str(cell.get("rowspan") or 1))):
                for right in range(int(str(cell.get("colspan") or 1))):
                    grid[y + down, x + right] = words if not (down or right) else ""
        if row.find_parent("thead"):
            head = y + 1
    height, width = (1 + max(place[i] for place in grid) for i in (0, 1))
    lines = [[grid.get((y, x), "") for x in range(width)] for y in range(height)]
    top = [line for line in lines[:head] if any(line)]
    # pandas writes the names of rows in a head line of their own: fold it into the one above
    while len(top) > 1 and all(
        not (a and b and a != b) for a, b in zip(top[-2], top[-1], strict=True)
    ):
        top[-2:] = [[a or b for a, b in zip(top[-2], top[-1], strict=True)]]
    caption = table.find("caption")
    return _tables(top, lines[head:], "" if caption is None else caption.get_text(" ").strip())


def _results(cell: Cell) -> list[Part]:
    """What a cell shows, as far as it can stand on a slide; controls cannot."""
    found: list[Part] = []
    for output in cell.outputs:
        data = {kind: "".join(text) for kind, text in output.get("data", {}).items()
                if kind.startswith(("text/", "image/png"))}  # fmt: skip
        html = re.sub(r"<details.*?</details>", "", data.get("text/html", ""), flags=re.DOTALL)
        if "image/png" in data:
            alt = output.get("metadata", {}).get("image/png", {}).get("alt", "")
            alt = alt or data.get("text/plain", "")
            found.append(Part("picture", data["image/png"].replace("\n", ""), alt))
        elif "<table" in html:
            rows = _html_table(html)
            if "ac.show_evidence(" not in cell.source or (len(rows) == 1 and (
                len(rows[0].value[1]) <= _FINDINGS
            )):  # fmt: skip
                found += rows
        elif html.strip():
            found += [Part("text", piece) for piece in _cut(plain(_without_style(html)))]
        elif "text/markdown" in data:
            # the words beside a picture are for whoever cannot see it
            if not any(part.kind == "picture" for part in found):
                text = _CODE_BLOCK.sub("", FOLDED.sub("", data["text/markdown"]))
                found += [part for piece in _cut(text) for part in _text_parts(piece)]
        else:
            text = "".join(output.get("text", "")) or data.get("text/plain", "")
            if text.strip() and output.get("name") != "stderr":
                found.append(Part("plain", text.strip("\n")))
    return found


def _without_style(html: str) -> str:
    return re.sub(r"<(style|script).*?</\1>", "", html, flags=re.DOTALL)


@cache
def _all_exchanges() -> Any:
    return load_dataset("exchanges").set_index("id")


def _exchanges(ids: list[str]) -> list[dict[str, Any]]:
    return [_all_exchanges().loc[key].to_dict() for key in ids]


def _first(found: Lesson) -> list[Slide]:
    """The title with the care that a class should hear, and what they can do at the end."""
    opening = found.sections[0]
    care = [part for part in found.cells[0].source.split("\n\n") if part.startswith("*All clients")]
    title = Slide("Opening", found.title, "title", [Part("text", text) for text in care])
    title.parts.insert(0, Part("text", f"Lesson {found.number} of the Alliance Course"))
    slides = [title]
    if found.objectives:
        listed = "\n".join(f"* {text}" for text in found.objectives)
        slides.append(Slide("Opening", "At the end you can", "idea", [Part("text", listed)]))
    title.notes.append(opening.note)
    return slides


def _for_you(section: Section) -> str:
    """The facilitator's sentences to a section, as notes to its first slide."""
    least, most = section.in_class
    lines = [f"{least} to {most} minutes." if most > least else f"{most} minutes.", section.note]
    lines += [f"For pairs: {section.pair}"] if section.pair else []
    lines += [f"When late: {section.late}"] if section.skip else []
    return " ".join(filter(None, lines))


@cache
def deck(number: str) -> list[Slide]:
    """The slides of a lesson, in order.

    Parameters
    ----------
    number : str
        Such as "07".

    Returns
    -------
    list of Slide

    Raises
    ------
    ValueError
        If there is no such lesson.

    Examples
    --------
    >>> [slide.heading for slide in deck("07")][:2]
    ['Does the technique matter less than the alliance?', 'At the end you can']
    """
    found = lesson(number)
    made = _Deck()
    made.slides += _first(found)
    for section in found.sections[1:]:
        if not section.on_slide:
            continue
        before = len(made.slides)
        made.begin(section)
        if section.name == "away":
            for piece in _cut(LOCAL_LINK.sub(r"\1", found.take_away)):
                made.new(section.heading, "idea", *_text_parts(piece))
        else:
            for cell in section.cells:
                if cell.kind == "markdown":
                    made.markdown(cell)
                else:
                    made.code(cell)
        if len(made.slides) > before:
            made.slides[before].notes.insert(0, _for_you(section))
    return made.slides


def first_slides(number: str) -> dict[str, int]:
    """The number of the first slide of each section, by its heading."""
    places: dict[str, int] = {}
    for place, slide in enumerate(deck(number), start=1):
        places.setdefault(slide.section, place)
    return places
