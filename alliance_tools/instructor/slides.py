"""A lesson's slides as one page that asks nothing of the network."""

from alliance_tools.instructor.deck import Part, deck
from alliance_tools.instructor.pages import drawing, render, to_html
from alliance_tools.maintain.notebooks import lesson

_PNG = "data:image/png;base64,"


def _shown(part: Part) -> dict[str, object]:
    if part.kind in ("text", "asked"):
        return {"kind": part.kind, "value": to_html(part.value)}
    if part.kind in ("picture", "drawing"):
        source = drawing(part.value) if part.kind == "drawing" else _PNG + part.value
        return {"kind": "picture", "value": source, "alt": part.alt}
    return part._asdict()


def slides_page(number: str) -> str:
    """The slides of a lesson as one HTML file that asks nothing of the network.

    Raises
    ------
    ValueError
        If there is no such lesson.
    """
    slides = [
        {
            "kind": slide.kind,
            "section": slide.section,
            "heading": slide.heading,
            "parts": [_shown(part) for part in slide.parts],
            "notes": to_html("\n\n".join(slide.notes)),
        }
        for slide in deck(lesson(number).number)
    ]
    return render("slides.html.j2", title=lesson(number).title, slides=slides)
