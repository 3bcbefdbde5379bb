"""A picture with the sentences and the table that say the same."""

import base64
import html
import io
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from alliance_course.show.style import FOLLOW_THEME, LIGHT, course_style, themed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NARROW, LARGEST = 4.2, 120_000  # inches of a picture on a phone; bytes of an SVG

_PAGE = """<figure class="ac-figure" style="margin: 0">
<picture>{picture}</picture>
<figcaption><details><summary>In words</summary><p>{words}</p></details></figcaption>
</figure>"""


def image(data: bytes, kind: str, alt: str) -> str:
    """An image that needs no file; an SVG that is `themed` is as light or dark as its page."""
    return (
        f'<img class="ac-image" src="{_address(data, kind)}" alt="{html.escape(alt)}" '
        'style="max-width: 100%; color-scheme: light"/>'
    )


def as_image(figure: "Figure", alt: str) -> tuple[str, str]:
    """A figure as an image for a page, and as a PNG for what shows no page, in base64."""
    png = _bytes(figure, "png")
    return image(*_drawn(figure, png), alt), base64.b64encode(png).decode()


def _address(data: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


# scores come in quarters of a point
_EDGES = [1, 3, 4, 4.5, 5.01]
GROUPS = ["below 3", "3 to 3.75", "4 or 4.25", "4.5 to 5"]


def rated_groups(rating: pd.Series) -> pd.Series:
    """The group of each rating from 1 to 5: one of `GROUPS`, in order."""
    return pd.cut(rating, _EDGES, labels=GROUPS, right=False)


def in_words(table: pd.DataFrame, template: str, between: str = "; ") -> str:
    """Each row of a table in words: the template's {names} are the row's `name` and columns."""
    return between.join(template.format(name=name, **row) for name, row in table.iterrows())


def dot_rows(
    ax: Any, table: pd.DataFrame, value: str, labels: list[str], looks: Any, above: float
) -> None:
    """Draw a dot with its interval and its value above it for each row, from the top down.

    The table has the columns `value`, low and high; `looks` gives each row's colour and marker.
    """
    for place, ((_, row), (colour, marker)) in enumerate(
        zip(table.iterrows(), looks, strict=False)
    ):
        ax.plot([row["low"], row["high"]], [place, place], color=colour, lw=2.5)
        ax.plot(row[value], place, marker, color=colour, ms=9)
        ax.text(row[value], place - above, f"{row[value]:.2f}", ha="center")
    ax.axvline(0, color=LIGHT["rule"], lw=1)
    ax.set_yticks(range(len(table)), labels)
    ax.set_ylim(len(table) - 0.5, -0.7)


class Plot:
    """What a `plot_x` function returns: in a notebook, the picture, with its words to unfold.

    Parameters
    ----------
    draw : callable
        Draws into the axes that it is given (a list of them if there are several panels).
    size : (float, float)
        Width and height in inches.
    words : str
        Sentences that say what the picture shows.
    table : DataFrame
        The numbers behind the picture.
    panels : int
        Side by side, with the same scales; one below the other where the page is narrow.

    Attributes
    ----------
    words, table
        As given.
    """

    def __init__(
        self,
        draw: Callable[[Any], None],
        size: tuple[float, float],
        words: str,
        table: pd.DataFrame,
        panels: int = 1,
    ) -> None:
        self._draw, self._size, self._panels = draw, size, panels
        self.words, self.table = words, table

    def figure(self, width: float | None = None) -> "Figure":
        """The matplotlib figure, drawn anew; `width` in inches, for a narrow page."""
        from matplotlib.figure import Figure

        usual, high = self._size
        across = 1 if width and width < usual / 1.5 else self._panels
        down = -(-self._panels // across)
        with course_style():
            figure = Figure(figsize=(width or usual, high * down), layout="constrained")
            axes = figure.subplots(down, across, sharex=True, sharey=True)
            self._draw(axes)
            if width:
                for one in figure.axes:
                    _narrow(one, int(9.3 * width / across))
        return figure

    def png(self, width: float | None = None) -> bytes:
        """The figure as the bytes of a PNG file, the same each time."""
        with course_style():
            return _bytes(self.figure(width), "png")

    def __repr__(self) -> str:
        return self.words

    def _ipython_display_(self) -> None:
        with course_style():
            _display(self.figure(), self.words, narrow=self.figure(NARROW))


def _narrow(ax: Any, letters: int) -> None:
    """Break what is written round the axes into lines that a narrow page has room for."""
    ax.set_title(textwrap.fill(ax.get_title("left"), letters - 5))
    ax.set_xlabel(textwrap.fill(ax.get_xlabel(), letters))
    names = [label.get_text() for label in ax.get_yticklabels()]
    if max(map(len, names), default=0) > 12:
        # lines that are there stay apart, as a name and its source
        parts = [[textwrap.fill(line, 24) for line in name.split("\n")] for name in names]
        names = ["\n".join(lines) for lines in parts]
        ax.set_yticks(ax.get_yticks(), names, fontsize=8)
        lines = 1.6 + max(name.count("\n") for name in names)
        ax.figure.set_figheight(max(ax.figure.get_figheight(), 0.15 * lines * len(names) + 1.6))


def caption(picture: Any, words: str) -> None:
    """Show a picture of your own, with the sentences that say the same to unfold.

    Parameters
    ----------
    picture : matplotlib axes or figure, or what seaborn returns
        It is shown once, and closed.
    words : str
        What the picture shows, for whoever cannot see it.

    Examples
    --------
    >>> import seaborn as sns
    >>> from alliance_course import load_dataset
    >>> axes = sns.histplot(load_dataset("clients"), x="outcome")
    >>> caption(axes, "Bars count clients by outcome.")  # doctest: +SKIP
    """
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    figure = picture.figure if hasattr(picture, "figure") else picture
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    with mpl.rc_context({"svg.hashsalt": "alliance", "svg.fonttype": "none"}):
        _display(figure, words)
    plt.close(figure)


def _bytes(figure: "Figure", form: str) -> bytes:
    data = io.BytesIO()
    unsaid: Any = {"png": {"Software": None}, "svg": dict.fromkeys(("Date", "Creator"))}[form]
    figure.savefig(data, format=form, bbox_inches="tight", metadata=unsaid)
    return data.getvalue()


def _drawn(figure: "Figure", png: bytes) -> tuple[bytes, str]:
    """The figure as SVG, or as PNG if a cloud of points made the SVG large."""
    svg = themed(_bytes(figure, "svg").decode()).encode()
    return (svg, "svg+xml") if len(svg) <= LARGEST else (png, "png")


def _display(figure: "Figure", words: str, narrow: "Figure | None" = None) -> None:
    from IPython.display import display

    titles = [one.get_title(side) for one in figure.axes for side in ("left", "center")]
    said = " ".join([*(f"{title.rstrip('.')}." for title in titles if title), words])
    picture, png = as_image(figure, " ".join(said.split()))
    if narrow:
        small = _address(*_drawn(narrow, _bytes(narrow, "png")))
        picture = f'<source media="(max-width: 500px)" srcset="{small}"/>{picture}'
    page = FOLLOW_THEME + _PAGE.format(picture=picture, words=html.escape(words))
    data = {"text/html": page, "image/png": png, "text/plain": words}
    display(data, metadata={"image/png": {"alt": words}}, raw=True)
