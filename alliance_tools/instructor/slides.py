"""A lesson as slides: the same cells, cut where a slide is full, in one file without a network."""

import re
from typing import Any

from alliance_course.questions.bank import registry
from alliance_tools.instructor.pages import plain, render, to_html
from alliance_tools.maintain.notebooks import FOLDED, Section, lesson, without_references

# about how many letters fill a slide of 1280 by 720; what is still too long is set smaller
_FULL = 900
_ROWS = 8


def _blocks(text: str) -> list[str]:
    """Markdown in pieces that stay together: headings with what follows, lines of a list apart."""
    text = FOLDED.sub("", text)
    pieces: list[str] = []
    for part in re.split(r"\n(?:>\s*)?\n", text.strip()):
        lines = [part]
        if re.match(r"(\*|-|\d+\.) ", part):
            lines = re.split(r"\n(?=(?:\*|-|\d+\.) )", part)
        pieces += [line for line in lines if line.strip()]
    return pieces


def _joined(blocks: list[str]) -> str:
    """Blocks as one Markdown text; neighbours in a list or a quotation stay one."""
    text = ""
    for block in blocks:
        last = text.rsplit("\n", 1)[-1]
        if block.startswith(">") and last.startswith(">"):
            text += f"\n>\n{block}"
        elif re.match(r"(\*|\d+\.) ", block) and re.match(r"(\*|\d+\.) ", last):
            text += f"\n{block}"
        else:
            text += f"\n\n{block}"
    return text.strip()


def _prose(text: str) -> list[str]:
    """A Markdown text as slides, none fuller than `_FULL` unless one piece is."""
    slides: list[list[str]] = []
    size = 0
    for block in _blocks(text):
        heading = bool(re.match(r"#{1,3} ", block))
        length = len(plain(block)) + 60
        alone = bool(slides) and all(re.match(r"#{1,3} ", b) for b in slides[-1])
        if not slides or (not alone and (size + length > _FULL or heading)):
            slides.append([])
            size = 0
        slides[-1].append(block)
        size += length
    return [to_html(_joined(blocks)) for blocks in slides]


def _question(key: str) -> str:
    entry = registry()[key]
    options = "".join(f"<li>{to_html(o['text'])}</li>" for o in entry.get("option", []))
    listed = f'<ol type="a">{options}</ol>' if options else "<p>A number. Write it down.</p>"
    return to_html(entry["prompt"]) + listed


def _output(output: dict[str, Any]) -> list[str]:
    """What a cell shows, as far as it can stand on a slide; controls cannot."""
    data = output.get("data", {})
    # what is folded in the lesson is for reading at home
    html = re.sub(r"<details.*?</details>", "", "".join(data.get("text/html", "")), flags=re.DOTALL)
    if "image/png" in data:
        alt = output.get("metadata", {}).get("image/png", {}).get("alt", "")
        asked = re.findall(r'<ol class="ac-asked">.*?</ol>', html, flags=re.DOTALL)
        return [
            render("picture.html.j2", data="".join(data["image/png"]).replace("\n", ""), alt=alt),
            *asked,
        ]
    if "<table" in html:
        return [f'<div class="made">{part}</div>' for part in _parts(html)]
    return []


def _parts(table: str) -> list[str]:
    """A long table in several of at most `_ROWS` rows, each with the head of the whole."""
    start, body, end = table.partition("<tbody>")[0], *_body(table)
    rows = re.findall(r"<tr.*?</tr>", body, flags=re.DOTALL)
    if len(rows) <= _ROWS or "rowspan" in body:
        return [table]
    cut = -(-len(rows) // -(-len(rows) // _ROWS))
    return [
        f"{start}<tbody>{''.join(rows[place : place + cut])}</tbody>{end}"
        for place in range(0, len(rows), cut)
    ]


def _body(table: str) -> tuple[str, str]:
    body, _, end = table.partition("<tbody>")[2].partition("</tbody>")
    return body, end


def _section(section: Section) -> list[str]:
    found: list[str] = []
    for cell in section.cells:
        if cell.kind == "markdown":
            # sources are for reading at home
            text = without_references(cell.source)
            found += _prose(text) if text.strip() else []
        elif cell.asked:
            found += map(_question, cell.asked)
        elif not cell.source.startswith("ac.show_references"):
            found += [part for output in cell.outputs for part in _output(output)]
    whole: list[str] = []
    for slide in found:
        # a heading stands over what follows, not on a slide alone
        if whole and re.fullmatch(r"\s*(<h\d[^>]*>.*?</h\d>\s*)+", whole[-1]):
            slide = whole.pop() + slide
        whole.append(slide)
    return whole


def slides_page(number: str) -> str:
    """The slides of a lesson as one HTML file that asks nothing of the network.

    Raises
    ------
    ValueError
        If there is no such lesson.
    """
    found = lesson(number)
    slides = [
        {"html": html, "label": f"{section.heading}, {place}"}
        for section in found.sections
        if section.on_slide
        for place, html in enumerate(_section(section), start=1)
    ]
    return render("slides.html.j2", title=found.title, slides=slides)
