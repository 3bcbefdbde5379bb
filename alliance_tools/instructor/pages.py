"""Pages that stand alone: one template language, one style for print, no outside resource."""

import base64
import html
import re
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from alliance_course.folders import course_folder
from alliance_tools.maintain.notebooks import LOCAL_LINK

_DRAWING = re.compile(r'src="pictures/([\w-]+\.svg)"')


def to_html(text: str) -> str:
    """Markdown of a cell as HTML; links into the course become plain words, as paper has none."""
    from nbconvert.filters import markdown2html

    made = str(markdown2html(LOCAL_LINK.sub(r"\1", text)))
    # the marks beside headings are for screens, and on one page their ids would clash
    made = re.sub(r'<a class="anchor-link"[^>]*>.*?</a>', "", made)
    made = _DRAWING.sub(lambda found: f'src="{drawing(found[1])}"', made)
    return re.sub(r'(<h\d) id="[^"]*"', r"\1", made)


def drawing(name: str) -> str:
    """A drawing that lies beside the lessons, as an address that holds it: a page is one file."""
    data = (course_folder("notebooks") / "pictures" / name).read_bytes()
    return f"data:image/svg+xml;base64,{base64.b64encode(data).decode()}"


def inline(text: str) -> str:
    """One paragraph of Markdown without the paragraph around it."""
    return to_html(text).strip().removeprefix("<p>").removesuffix("</p>")


@cache
def _templates() -> jinja2.Environment:
    where = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    found = jinja2.Environment(
        loader=where, autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined, keep_trailing_newline=True,
    )  # fmt: skip
    found.filters["md"] = lambda text: _safe(to_html(text))
    found.filters["line"] = lambda text: _safe(inline(text))
    return found


def _safe(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)


def render(template: str, **values: Any) -> str:
    """A template of the folder `templates` here, filled in."""
    return _templates().get_template(template).render(**values)


def plain(text: str) -> str:
    """HTML as plain words, to measure its length."""
    return html.unescape(re.sub(r"<[^>]+>", "", text))
