"""A picture with the sentences and the table that say the same."""

import base64
import html
import io
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from alliance_course.show.style import FOLLOW_THEME, LIGHT, SERIES, course_style, themed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NARROW, LARGEST = 4.2, 120_000  # inches of a picture on a phone; bytes of an SVG

_PAGE = """<figure class="ac-figure" style="margin: 0">
<picture><source media="(max-width: 500px)" srcset="{small}"/>{picture}</picture>
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
    box = _settled(figure)
    png = _bytes(figure, "png", box)
    return image(*_drawn(figure, box, png), alt), base64.b64encode(png).decode()


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
    ax: Any, table: pd.DataFrame, value: str, labels: list[str], looks: Any, above: float,
    digits: int = 2,
) -> None:  # fmt: skip
    """Draw a dot with its interval and its value above it for each row, from the top down.

    The table has the columns `value`, low and high; `looks` gives each row's colour and marker.
    """
    for place, ((_, row), (colour, marker)) in enumerate(
        zip(table.iterrows(), looks, strict=False)
    ):
        ax.plot([row["low"], row["high"]], [place, place], color=colour, lw=2.5)
        ax.plot(row[value], place, marker, color=colour, ms=9)
        ax.text(row[value], place - above, f"{row[value]:.{digits}f}", ha="center")
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
            self._draw(figure.subplots(down, across, sharex=True, sharey=True))
            return _narrow(figure, across) if width else figure

    def png(self) -> bytes:
        """The figure as the bytes of a PNG file, the same each time."""
        with course_style():
            figure = self.figure()
            return _bytes(figure, "png", _settled(figure))

    def __repr__(self) -> str:
        return self.words

    def _ipython_display_(self) -> None:
        with course_style():
            _display(self.figure(), self.words, lambda: self.figure(NARROW))


def _narrow(figure: "Figure", across: int = 0) -> "Figure":
    """A figure with its words in short lines; made as narrow as a phone, too, if not `across`."""
    if not across:
        figure.set_size_inches(NARROW, 0.8 * NARROW)
        figure.set_layout_engine("tight")
        across = max((getattr(ax.get_gridspec(), "ncols", 1) for ax in figure.axes), default=1)
    for ax in figure.axes:
        letters = int(9.3 * figure.get_figwidth() / across)
        names = [label.get_text().split("\n") for label in ax.get_yticklabels()]
        if max((len(line) for name in names for line in name), default=0) > 12:
            # lines that are there stay apart, as a name and its source; 9.6 is 11 pixels on a phone
            new = ["\n".join(textwrap.fill(line, 20) for line in name) for name in names]
            ax.set_yticks(ax.get_yticks(), new, fontsize=9.6)
            high = 0.18 * (1.6 + max(name.count("\n") for name in new)) * len(new) + 1.6
            figure.set_figheight(max(figure.get_figheight(), high))
            letters -= 9
        for side in ("left", "center"):
            ax.set_title(textwrap.fill(ax.get_title(side), letters - 5), loc=side)
        ax.set_xlabel(textwrap.fill(ax.get_xlabel(), letters))
    return figure


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
        beside = axes.yaxis.get_major_formatter()
        beside.format_ticks(axes.get_yticks())
        # where nothing stands above, to look for the title's place takes a fifth of the time
        y = None if beside.get_offset() or axes.xaxis.get_ticks_position() != "bottom" else 1
        title = axes.get_title() or axes.get_title("left")
        axes.set_title(title, loc="left", weight="bold", y=y)
        axes.set_title("", y=y)
    _as_in_the_course(figure)
    with mpl.rc_context({"svg.hashsalt": "alliance", "svg.fonttype": "none"}):
        _display(figure, words, lambda: _narrow(figure))
    plt.close(figure)


def _as_in_the_course(figure: "Figure") -> None:
    """Colours that matplotlib gives by itself become the course's: bond, goal, task keep theirs."""
    from matplotlib.colors import TABLEAU_COLORS, is_color_like, to_hex, to_rgba

    new = dict(zip(map(to_hex, TABLEAU_COLORS), SERIES, strict=False))
    for artist in figure.findobj():
        for part in ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor"):
            had: Any = getattr(artist, f"get_{part}", lambda: None)()
            had = had[0] if getattr(had, "ndim", 1) == 2 and len(had) else had
            if is_color_like(had) and (colour := new.get(to_hex(had))):
                getattr(artist, f"set_{part}")(to_rgba(colour, to_rgba(had)[3]))


def _settled(figure: "Figure") -> Any:
    """Lay a figure out, for the part of it that is used; left to `savefig` it is drawn twice."""
    if engine := figure.get_layout_engine():
        engine.execute(figure)
        figure.set_layout_engine(None)
    return figure.get_tightbbox().padded(0.1)


def _bytes(figure: "Figure", form: str, box: Any) -> bytes:
    data = io.BytesIO()
    unsaid: Any = {"png": {"Software": None}, "svg": dict.fromkeys(("Date", "Creator"))}[form]
    figure.savefig(data, format=form, bbox_inches=box, metadata=unsaid)
    return data.getvalue()


def _drawn(figure: "Figure", box: Any, png: bytes = b"") -> tuple[bytes, str]:
    """The figure as SVG, or as PNG if a cloud of points makes the SVG large."""
    # a point takes some 70 bytes, so that a large cloud need not be written down to know
    points = sum(len(getattr(one, "get_offsets", tuple)()) for one in figure.findobj())
    svg = b"" if 50 * points > LARGEST else themed(_bytes(figure, "svg", box).decode()).encode()
    fits = 0 < len(svg) <= LARGEST
    return (svg, "svg+xml") if fits else (png or _bytes(figure, "png", box), "png")


def _display(figure: "Figure", words: str, narrow: Callable[[], "Figure"]) -> None:
    from IPython.display import display

    titles = [one.get_title(side) for one in figure.axes for side in ("left", "center")]
    said = " ".join([*(f"{title.rstrip('.')}." for title in titles if title), words])
    picture, png = as_image(figure, " ".join(said.split()))
    thin = narrow()  # last, as it may be the same figure, changed
    small = _address(*_drawn(thin, _settled(thin)))
    page = FOLLOW_THEME + _PAGE.format(picture=picture, small=small, words=html.escape(words))
    data = {"text/html": page, "image/png": png, "text/plain": words}
    display(data, metadata={"image/png": {"alt": words}}, raw=True)
