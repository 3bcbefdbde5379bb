"""A lesson's slides as a file for PowerPoint, Keynote or Impress, to change as one likes."""

import base64
import io
import re
from pathlib import Path
from typing import Any

from alliance_tools.instructor.deck import Part, Slide, deck
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
    room = _HIGH - _TOP - _FOOT
    need = [_need(part) for part in slide.parts]
    # a part's height grows with the square of its type
    scale = (room / sum(need)) ** 0.5 if need else 1.0
    pictured = any(part.kind == "picture" for part in slide.parts)
    scale = min(scale, 1.0 if pictured else 1.35)
    top = _TOP
    for part, wanted in zip(slide.parts, need, strict=True):
        height = wanted * scale**2
        if part.kind == "picture":
            height = room - scale**2 * (sum(need) - wanted)
            _picture(page, part, top, height)
        elif part.kind == "table":
            _table(page, part, top, height, scale)
        else:
            _words(page, part, top, height, scale)
        top += height
    if slide.notes:
        page.notes_slide.notes_text_frame.text = re.sub(
            r"[*`]", "", "\n\n".join(filter(None, slide.notes))
        )


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


def _runs(paragraph: Any, text: str) -> None:
    for piece in _RUN.split(text):
        if not piece:
            continue
        run = paragraph.add_run()
        marks = next((m for m in ("**", "*", "`") if piece.startswith(m)), "")
        whole = marks and piece.endswith(marks) and len(piece) > 2 * len(marks)
        run.text = piece[len(marks) : -len(marks)] if whole else piece
        if whole:
            run.font.bold = True if marks == "**" else None
            run.font.italic = True if marks == "*" else None
            run.font.name = "Consolas" if marks == "`" else None


def _words(page: Any, part: Part, top: float, height: float, scale: float) -> None:
    from pptx.dml.color import RGBColor
    from pptx.util import Inches, Pt

    box = page.shapes.add_textbox(
        Inches(_EDGE), Inches(top), Inches(_WIDE - 2 * _EDGE), Inches(height)
    )
    frame = box.text_frame
    frame.word_wrap = True
    lines = [line for line in _plain_options(part).splitlines() if line.strip(" >")]
    for place, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        quoted = line.startswith(">")
        bullet = re.match(r"(?:\*|-) (?=\S)", line)
        text = re.sub(r"^> ?", "", line)
        _runs(paragraph, f"•  {text[bullet.end() :]}" if bullet else text)
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
