"""A picture with the sentences and the table that say the same."""

import base64
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from alliance_course.show.style import course_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
    ax.axvline(0, color="0.5", lw=1)
    ax.set_yticks(range(len(table)), labels)
    ax.set_ylim(len(table) - 0.5, -0.7)


class Plot:
    """What a `plot_x` function returns: in a notebook, the picture with its words under it.

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
        Side by side, with the same scales.

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
        with course_style():
            figure = Figure(figsize=(width or usual, high), layout="constrained")
            axes = figure.subplots(1, self._panels, sharex=True, sharey=True)
            self._draw(axes)
        return figure

    def png(self, width: float | None = None) -> bytes:
        """The figure as the bytes of a PNG file, the same each time."""
        with course_style():
            return _png(self.figure(width))

    def __repr__(self) -> str:
        return self.words

    def _ipython_display_(self) -> None:
        _display(self.png(), self.words)


def caption(picture: Any, words: str) -> None:
    """Show a picture of your own, and under it the sentences that say the same.

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
    import matplotlib.pyplot as plt

    figure = picture.figure if hasattr(picture, "figure") else picture
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    png = _png(figure)
    plt.close(figure)
    _display(png, words)


def _png(figure: "Figure") -> bytes:
    data = io.BytesIO()
    figure.savefig(data, format="png", bbox_inches="tight", metadata={"Software": None})
    return data.getvalue()


def _display(png: bytes, words: str) -> None:
    from IPython.display import Markdown, display

    data = {"image/png": base64.b64encode(png).decode(), "text/plain": words}
    display(data, metadata={"image/png": {"alt": words}}, raw=True)
    display(Markdown(f"*In words:* {words}"))
