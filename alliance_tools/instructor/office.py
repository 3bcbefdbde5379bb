"""A lesson's slides as a file for PowerPoint, Keynote (pptx) or Impress (odp), to change freely."""

import base64
import io
import re
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from alliance_course.folders import course_folder
from alliance_tools.instructor.deck import Part, Slide, deck
from alliance_tools.instructor.guide import headless
from alliance_tools.instructor.pages import drawing
from alliance_tools.maintain.notebooks import lesson

# inches on a slide of 13.33 by 7.5
_WIDE, _HIGH, _EDGE, _TOP, _FOOT = 13.333, 7.5, 0.6, 1.35, 0.35
_BLUE, _GREY = "0A5A8C", "595959"
_RUN = re.compile(r"(\*\*.+?\*\*|\*[^*\s][^*]*\*|`[^`]+`)", flags=re.DOTALL)


def write_pptx(number: str, path: Path) -> None:
    """Write a lesson's slides with headings, texts, tables, pictures and notes.

    Raises
    ------
    ValueError
        If there is no such lesson, or if python-pptx is not installed.
    """
    try:
        from pptx import Presentation
        from pptx.util import Inches
    except ImportError:
        raise ValueError(
            "python-pptx is not installed: it comes with the extra `instructor`, "
            'pip install -e ".[instructor]" in the course\'s folder'
        ) from None
    found = lesson(number)
    show = Presentation()
    show.slide_width, show.slide_height = Inches(_WIDE), Inches(_HIGH)
    show.core_properties.title = found.title
    show.core_properties.author = "Alliance Course"
    for slide in deck(found.number):
        _add(show, slide)
    show.save(str(path))


def _add(show: Any, slide: Slide) -> None:
    from pptx.dml.color import RGBColor
    from pptx.util import Inches, Pt

    page = show.slides.add_slide(show.slide_layouts[5])  # a title and nothing else
    title = page.shapes.title
    title.left, title.top = Inches(_EDGE), Inches(0.3)
    title.width, title.height = Inches(_WIDE - 2 * _EDGE), Inches(_TOP - 0.4)
    frame = title.text_frame
    frame.word_wrap = True
    _runs(frame.paragraphs[0], slide.heading)
    frame.paragraphs[0].alignment = 1
    for run in frame.paragraphs[0].runs:
        run.font.size, run.font.bold = Pt(40 if slide.kind == "title" else 30), True
        run.font.color.rgb = RGBColor.from_string(_BLUE)
    for part, top, height, scale in _placed(slide):
        if part.kind == "picture":
            _picture(page, part, top, height)
        elif part.kind == "table":
            _table(page, part, top, height, scale)
        else:
            _words(page, part, top, height, scale)
    if slide.notes:
        page.notes_slide.notes_text_frame.text = _notes(slide)


def _notes(slide: Slide) -> str:
    return re.sub(r"[*`]", "", "\n\n".join(filter(None, slide.notes)))


def _placed(slide: Slide) -> Iterator[tuple[Part, float, float, float]]:
    """Each part with its upper edge and height in inches, and the scale of its type."""
    room = _HIGH - _TOP - _FOOT
    parts = [_drawn(part) if part.kind == "drawing" else part for part in slide.parts]
    need = [_need(part) for part in parts]
    # a part's height grows with the square of its type
    scale = (room / sum(need)) ** 0.5 if need else 1.0
    pictured = any(part.kind == "picture" for part in parts)
    scale = min(scale, 1.0 if pictured else 1.35)
    top = _TOP
    for part, wanted in zip(parts, need, strict=True):
        height = wanted * scale**2
        if part.kind == "picture":
            height = room - scale**2 * (sum(need) - wanted)
        yield part, top, height, scale
        top += height


@cache
def _drawn(part: Part) -> Part:
    """A drawing as a picture, which every office program shows; its words without Chromium."""
    with tempfile.TemporaryDirectory() as place:
        source, target = Path(place, "page.html"), Path(place, "drawing.png")
        style = "margin: 0; color-scheme: only light"
        source.write_text(f'<body style="{style}"><img src="{drawing(part.value)}">')
        svg = (course_folder("notebooks") / "pictures" / part.value).read_text(encoding="utf-8")
        wide, high = (re.search(rf'<svg[^>]* {side}="(\d+)"', svg) for side in ("width", "height"))
        assert wide and high, part.value
        size = [
            f"--window-size={wide[1]},{high[1]}",
            "--force-device-scale-factor=3",
            "--hide-scrollbars",
        ]
        if headless(place, f"--screenshot={target}", *size, source.as_uri()) and target.is_file():
            return Part("picture", base64.b64encode(target.read_bytes()).decode(), part.alt)
    return Part("text", f"*{part.alt}*")


def _lines(text: str, letters: float) -> int:
    return sum(max(1, -(-len(line) // int(letters))) for line in text.splitlines() if line.strip())


def _size(part: Part) -> float:
    return 16 if part.kind == "asked" else 20 if part.kind == "plain" else 24


def _need(part: Part) -> float:
    """About how many inches a part is high in its full type."""
    if part.kind == "picture":
        return 4.2
    if part.kind == "table":
        head, rows = part.value
        widths = _widths(part)
        high = 0
        for row in [*head, *rows]:
            # letters of 16 points are about 0.115 inches wide
            high += max(_lines(c, w / 0.115) if c else 1 for c, w in zip(row, widths, strict=True))
        return 0.3 * high + 0.12 * len([*head, *rows])
    text = _plain_options(part)
    size = _size(part)
    letters = (_WIDE - 2 * _EDGE) / (size * 0.0072)
    return size / 72 * 1.35 * _lines(text, letters) + 0.1 * text.count("\n") + 0.15


def _plain_options(part: Part) -> str:
    if part.kind == "options":
        return "\n".join(f"{key}   {text}" for key, text in part.value)
    return str(part.value)


def _widths(part: Part) -> list[float]:
    head, rows = part.value
    longest = [
        max(4, *(min(len(row[x]), 60) for row in [*head, *rows])) for x in range(len(rows[0]))
    ]
    wide = min(0.74 * (_WIDE - 2 * _EDGE), 0.14 * sum(longest) + 0.3 * len(longest))
    return [wide * n / sum(longest) for n in longest]


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """A line in pieces, each with the mark around it: ** for bold, * for italic, ` for code."""
    for piece in filter(None, _RUN.split(text)):
        mark = next((m for m in ("**", "*", "`") if piece.startswith(m)), "")
        whole = mark and piece.endswith(mark) and len(piece) > 2 * len(mark)
        yield (piece[len(mark) : -len(mark)], mark) if whole else (piece, "")


def _shown(part: Part) -> Iterator[tuple[str, bool]]:
    """The lines of a part, bullets in place of stars, each with whether it is quoted."""
    for line in _plain_options(part).splitlines():
        if line.strip(" >"):
            text = re.sub(r"^> ?", "", line)
            yield re.sub(r"^(?:\*|-) (?=\S)", "\N{BULLET}  ", text), line.startswith(">")


def _runs(paragraph: Any, text: str) -> None:
    for piece, mark in _pieces(text):
        run = paragraph.add_run()
        run.text = piece
        run.font.bold = True if mark == "**" else None
        run.font.italic = True if mark == "*" else None
        run.font.name = "Consolas" if mark == "`" else None


def _words(page: Any, part: Part, top: float, height: float, scale: float) -> None:
    from pptx.dml.color import RGBColor
    from pptx.util import Inches, Pt

    box = page.shapes.add_textbox(
        Inches(_EDGE), Inches(top), Inches(_WIDE - 2 * _EDGE), Inches(height)
    )
    frame = box.text_frame
    frame.word_wrap = True
    for place, (text, quoted) in enumerate(_shown(part)):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        _runs(paragraph, text)
        paragraph.space_after = Pt(6 * scale)
        for run in paragraph.runs:
            run.font.size = Pt(round(_size(part) * scale, 1))
            if part.kind == "asked":
                run.font.color.rgb = RGBColor.from_string(_GREY)
            if quoted:
                run.font.italic = True if run.font.bold is None else run.font.italic
            if part.kind == "plain":
                run.font.name = "Consolas"


def _picture(page: Any, part: Part, top: float, height: float) -> None:
    from pptx.util import Inches

    image = io.BytesIO(base64.b64decode(part.value))
    shape = page.shapes.add_picture(image, Inches(_EDGE), Inches(top))
    scale = min(Inches(_WIDE - 2 * _EDGE) / shape.width, Inches(height - 0.1) / shape.height)
    shape.width, shape.height = int(shape.width * scale), int(shape.height * scale)
    shape.left = int((Inches(_WIDE) - shape.width) / 2)
    shape._element.nvPicPr.cNvPr.set("descr", part.alt)


def _table(page: Any, part: Part, top: float, height: float, scale: float) -> None:
    from pptx.util import Inches, Pt

    head, rows = part.value
    lines = [*head, *rows]
    widths = _widths(part)
    shape = page.shapes.add_table(
        len(lines), len(lines[0]), Inches(_EDGE), Inches(top), Inches(sum(widths) * scale),
        Inches(max(0.2, height - 0.2)),
    )  # fmt: skip
    for x, wide in enumerate(widths):
        shape.table.columns[x].width = Inches(wide * scale)
    for y, row in enumerate(lines):
        for x, text in enumerate(row):
            cell = shape.table.cell(y, x)
            _runs(cell.text_frame.paragraphs[0], text)
            for run in cell.text_frame.paragraphs[0].runs:
                run.font.size = Pt(round(16 * scale, 1))


def write_odp(number: str, path: Path) -> None:
    """Write a lesson's slides for LibreOffice Impress: texts, tables, pictures and notes.

    Raises
    ------
    ValueError
        If there is no such lesson, or if odfdo is not installed.
    """
    try:
        from odfdo import Document, DrawPage, Element
    except ImportError:
        raise ValueError(
            "odfdo is not installed: it comes with the extra `instructor`, "
            'pip install -e ".[instructor]" in the course\'s folder'
        ) from None
    found = lesson(number)
    show = Document("presentation")
    for layout in show.styles.root.get_elements("//style:page-layout-properties"):
        if layout.get_attribute("style:print-orientation") == "landscape":
            layout.set_attribute("fo:page-width", f"{_WIDE}in")
            layout.set_attribute("fo:page-height", f"{_HIGH}in")
    show.body.clear()
    styles = _Styles(show)
    for place, slide in enumerate(deck(found.number), start=1):
        page = DrawPage(f"page{place}", name=f"{place} {slide.heading}")
        page.set_attribute("draw:master-page-name", "presentation")
        size = 40 if slide.kind == "title" else 30
        heading = styles.paragraph(slide.heading, size, _BLUE, bold=True)
        page.append(_frame([heading], 0.3, _TOP - 0.4, presentation_class="title"))
        for part, top, height, scale in _placed(slide):
            page.append(_odf_part(show, styles, part, top, height, scale))
        if slide.notes:
            notes = Element.from_tag("<presentation:notes/>")
            lines = [styles.paragraph(line, 14, "") for line in _notes(slide).splitlines() if line]
            notes.append(_frame(lines, 5, 4, presentation_class="notes"))
            page.append(notes)
        show.body.append(page)
    show.save(str(path))


_MARKS: dict[str, dict[str, Any]] = {
    "**": {"bold": True}, "*": {"italic": True}, "`": {"font": "Liberation Mono"},
}  # fmt: skip
_PLAIN = """<style:style style:name="plain" style:family="graphic"><style:graphic-properties
draw:fill="none" draw:stroke="none" fo:padding="0in"/></style:style>"""


class _Styles:
    """Styles of a document, each made once."""

    def __init__(self, show: Any) -> None:
        from odfdo import Element

        self.show, self.known = show, set[str]()
        show.insert_style(Element.from_tag(_PLAIN), automatic=True)

    def name(self, family: str, **properties: Any) -> str:
        from odfdo import Style

        given = "-".join(f"{key}{value}" for key, value in properties.items())
        name = re.sub(r"\W+", "-", f"{family}-{given}")
        if name not in self.known:
            self.known.add(name)
            style = Style(family, name=name, area="text", **properties)
            self.show.insert_style(style, automatic=True)
        return name

    def paragraph(self, text: str, size: float, colour: str, bold: bool = False) -> Any:
        from odfdo import Paragraph, Span

        shown = f"#{colour or '1A1A1A'}"
        style = self.name("paragraph", size=f"{size:.1f}pt", color=shown, bold=bold)
        paragraph = Paragraph("", style=style)
        for piece, mark in _pieces(text):
            if mark:
                paragraph.append(Span(piece, style=self.name("text", **_MARKS[mark])))
            else:
                paragraph.append_plain_text(piece)
        return paragraph


def _frame(content: list[Any], top: float, height: float, **more: Any) -> Any:
    from odfdo import Frame

    return Frame.text_frame(
        content, position=(f"{_EDGE}in", f"{top:.2f}in"), layer="layout", style="plain",
        size=(f"{_WIDE - 2 * _EDGE:.2f}in", f"{height:.2f}in"), **more,
    )  # fmt: skip


def _odf_part(
    show: Any, styles: _Styles, part: Part, top: float, height: float, scale: float
) -> Any:
    from odfdo import Cell, Column, Element, Frame, Row, Table

    if part.kind == "picture":
        data = base64.b64decode(part.value)
        across, down = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))  # of a PNG
        fit = min((_WIDE - 2 * _EDGE) / across, (height - 0.1) / down)
        left = (_WIDE - fit * across) / 2
        frame = Frame.image_frame(
            show.add_file(io.BytesIO(data)), layer="layout",
            position=(f"{left:.2f}in", f"{top:.2f}in"), style="plain",
            size=(f"{fit * across:.2f}in", f"{fit * down:.2f}in"),
        )  # fmt: skip
        words = Element.from_tag("<svg:desc/>")
        words.text = part.alt
        frame.append(words)
        return frame
    if part.kind == "table":
        head, rows = part.value
        table = Table("table")
        widths = _widths(part)
        for wide in widths:
            style = f"column{wide * scale:.2f}".replace(".", "-")
            if style not in styles.known:
                styles.known.add(style)
                show.insert_style(Element.from_tag(
                    f'<style:style style:name="{style}" style:family="table-column">'
                    f'<style:table-column-properties style:column-width="{wide * scale:.2f}in"/>'
                    "</style:style>"), automatic=True)  # fmt: skip
            table.append(Column(style=style))
        for place, line in enumerate([*head, *rows]):
            row = Row()
            for text in line:
                cell = Cell()
                cell.append(styles.paragraph(text, 16 * scale, "", bold=place < len(head)))
                row.append_cell(cell)
            table.append(row)
        frame = Frame(
            position=(f"{_EDGE}in", f"{top:.2f}in"), layer="layout", style="plain",
            size=(f"{sum(widths) * scale:.2f}in", f"{height:.2f}in"),
        )  # fmt: skip
        frame.append(table)
        return frame
    colour = _GREY if part.kind == "asked" else ""
    lines = [styles.paragraph(text, _size(part) * scale, colour) for text, _quoted in _shown(part)]
    return _frame(lines, top, height)
