"""The explorer in the notebook: the only Python that knows widgets."""

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from alliance_course.show.explorer.controls import Axis
from alliance_course.show.explorer.picture import Picture
from alliance_course.show.explorer.still import draw_still
from alliance_course.show.figure import as_image
from alliance_course.show.page import NO_ERROR, display_after, whole
from alliance_course.show.style import FOLLOW_THEME, course_style

_HERE = Path(__file__).parent

_STILL = """{no_error}
<figure class="ac-still ac-still-explorer" style="margin: 0; max-width: 60em;">
<p><strong>{title}</strong></p>{image}
<figcaption><p>{words}</p><p>{helps}</p>
<p><em>A still of the starting values. Run this cell in Jupyter, and it moves.</em></p>
<ol class="ac-asked">{asked}</ol></figcaption></figure>"""
_ASKED = """<li value="{number}">{question}<details><summary>Answer to {number}</summary>
{answer}</details></li>"""


class Explorer(anywidget.AnyWidget):
    """A picture that moves with its controls, drawn wholly in the page.

    All answers are computed beforehand and handed over once; the page looks them up. So it
    answers within a frame however far the kernel is, after the kernel has stopped, and in an
    exported page. Every control is also an attribute: read it, set it, or ``observe`` it.

    Displaying it gives two outputs: first a still with a description, then the explorer, which
    hides that still once it has been drawn. Two, because an output shows only one of its forms:
    where a page cannot load widgets (a code host, a page exported and read offline), a still
    beside the explorer in the same output would not be seen.

    Parameters
    ----------
    picture : Picture
        What to show.
    asked : sequence of mappings
        Questions to answer with it, `number`, `question` and `answer` (HTML), as
        `alliance_course.lessons.asked` reads them. They stand in it one at a time.

    Raises
    ------
    ValueError
        If a control has the name of something that every widget has.

    Examples
    --------
    >>> explorer = Explorer(picture)  # doctest: +SKIP
    >>> explorer.bond = 1.5           # doctest: +SKIP
    """

    _esm = whole(_HERE / "explorer.js")
    _css = whole(_HERE / "explorer.css")
    _spec = traitlets.Dict().tag(sync=True)
    _data = traitlets.Bytes().tag(sync=True)

    def __init__(self, picture: Picture, asked: Sequence[Mapping[str, Any]] = ()) -> None:
        for control in picture.controls:
            if hasattr(type(self), control.name):
                raise ValueError(f"{control.name}: every widget has this name; use another")
        self.picture = picture
        self.add_traits(
            **{
                control.name: (
                    traitlets.CFloat(control.default, min=control.low, max=control.high)
                    if isinstance(control, Axis)
                    else traitlets.Enum(list(control.options), control.default)
                ).tag(sync=True)
                for control in picture.controls
            }
        )
        super().__init__(_spec=picture.spec() | {"asked": [*asked]}, _data=picture.data())

    def __repr__(self) -> str:
        return f"Explorer: {self.picture.title}"

    def values(self) -> dict[str, Any]:
        """The present value of each control."""
        return {control.name: getattr(self, control.name) for control in self.picture.controls}

    def describe(self) -> str:
        """Say what the picture shows at the present values of the controls."""
        return self.picture.describe(self.values())

    def still(self) -> dict[str, str]:
        """The starting values as a picture and in words, for pages without widgets."""
        picture, words = self.picture, self.picture.describe()
        with course_style():
            image, png = as_image(draw_still(picture), words)
        page = _STILL.format(
            no_error=NO_ERROR + FOLLOW_THEME,
            title=html.escape(picture.title),
            image=image,
            words=html.escape(words),
            helps="<br>".join(
                f"<strong>{html.escape(c.label)}:</strong> {html.escape(c.help)}"
                for c in picture.controls
            ),
            asked="".join(map(_ASKED.format_map, self._spec["asked"])),
        )
        return {"text/html": page, "image/png": png, "text/plain": f"{picture.title} {words}"}

    def _ipython_display_(self) -> None:
        display_after(self.still(), self)
