"""A still of an explorer, drawn by matplotlib from the same picture that the page draws."""

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from alliance_course.show.explorer import picture as marks
from alliance_course.show.explorer.controls import as_text
from alliance_course.show.explorer.picture import Panel, Picture, Scale
from alliance_course.show.style import LIGHT, LOOKS, course_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_still(picture: Picture, values: Mapping[str, Any] | None = None) -> "Figure":
    """Draw a picture at some values of its controls (or at the start).

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot, so that it never shows up on its own.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    values = {**picture.defaults, **(values or {})}
    widths = [panel.width for panel in picture.panels]
    rows = 1 + (len(widths) > 3)
    with course_style():
        figure = Figure(figsize=(9, 3.3 * rows), layout=ConstrainedLayoutEngine(w_pad=0.12))
        ratios = widths if rows == 1 else None
        places = figure.subplots(rows, len(widths) // rows, width_ratios=ratios, squeeze=False)
        for ax, panel in zip(places.flat, picture.panels, strict=True):
            _draw_panel(ax, picture, panel, values)
    return figure


def _draw_panel(ax: "Axes", picture: Picture, panel: Panel, values: Mapping[str, Any]) -> None:
    def numbers(given: Any) -> np.ndarray:
        if isinstance(given, str):
            return picture.at(given, values)
        return np.asarray(given, dtype=float)

    title = picture.fill(panel.title, values)
    above = any(isinstance(m, marks.Reference) and m.x is not None for m in panel.marks)
    width = int(0.9 * ax.get_position().width * 100)
    ax.set_title(textwrap.fill(title, width), pad=20 if above else None)
    _scale(ax.xaxis, panel.x)
    _scale(ax.yaxis, panel.y)
    ax.grid(axis="x" if panel.y.labels else "y", visible=not panel.x.labels)
    if panel.y.labels:
        ax.invert_yaxis()
        ax.tick_params(axis="y", length=0)
    for mark in panel.marks:
        _DRAW[type(mark)](ax, panel, mark, numbers)
    lines = [mark for mark in panel.marks if isinstance(mark, marks.Line) and mark.label]
    height, gap = -np.inf, (panel.y.high - panel.y.low) / 14
    for line in sorted(lines, key=lambda line: numbers(line.y)[-1]):
        height = max(height + gap, numbers(line.y)[-1])
        look: dict[str, Any] = {"color": LOOKS[line.style][0], "fontweight": "bold", "va": "center"}
        end = (numbers(line.x)[-1], height)
        ax.annotate(line.label, end, (6, 0), textcoords="offset points", **look)


def _scale(axis: Any, scale: Scale) -> None:
    if scale.labels:
        axis.set_ticks(range(len(scale.labels)), scale.labels)
        axis.axes.set(**{f"{axis.axis_name}lim": (-0.5, len(scale.labels) - 0.5)})
    else:
        ticks = scale.ticks or np.linspace(scale.low, scale.high, 5)
        # no more decimals than the ticks themselves have
        digits = max(len(f"{tick:.4f}".rstrip("0").partition(".")[2]) for tick in ticks)
        digits = min(scale.digits, digits)
        axis.set_ticks(ticks, [as_text(t, digits, percent=scale.percent) for t in ticks])
        axis.axes.set(**{f"{axis.axis_name}lim": (scale.low, scale.high)})
    axis.set_label_text(scale.label)


def _line(ax: "Axes", panel: Panel, mark: marks.Line, numbers: Any) -> None:
    if mark.band:
        low, high = map(numbers, mark.band)
        ax.fill_between(numbers(mark.x), low, high, color=LOOKS[mark.style][0], alpha=0.18, lw=0)
    colour, _, dashes = LOOKS[mark.style]
    ax.plot(numbers(mark.x), numbers(mark.y), color=colour, linestyle=dashes)


def _points(ax: "Axes", panel: Panel, mark: marks.Points, numbers: Any) -> None:
    x, y, (colour, marker, _) = numbers(mark.x), numbers(mark.y), LOOKS[mark.style]
    if mark.interval:
        low, high = map(numbers, mark.interval)
        lines = ax.hlines if mark.along == "x" else ax.vlines
        lines(y if mark.along == "x" else x, low, high, color=colour)
    size = numbers(mark.size) if isinstance(mark.size, str) else mark.size
    ax.scatter(x, y, 2 * np.square(size), colour, marker=marker, label=mark.label)
    if mark.label:
        ax.legend(loc="best")


def _bars(ax: "Axes", panel: Panel, mark: marks.Bars, numbers: Any) -> None:
    values = numbers(mark.values)
    bars = ax.barh(range(len(values)), values, height=0.5, color=LOOKS[mark.style][0])
    texts = [as_text(value, panel.x.digits, percent=panel.x.percent) for value in values]
    ax.bar_label(bars, texts, padding=5)
    ax.axvline(0, color=LIGHT["soft"], lw=1.5)


def _tiles(ax: "Axes", panel: Panel, mark: marks.Tiles, numbers: Any) -> None:
    table = numbers(mark.values).reshape(len(panel.y.labels), len(panel.x.labels))
    for (row, column), value in np.ndenumerate(table):
        share = float(np.clip((value - mark.low) / (mark.high - mark.low), 0, 1))
        place: dict[str, Any] = {"color": LOOKS[mark.style][0], "alpha": 0.06 + 0.5 * share}
        ax.fill_between([column - 0.48, column + 0.48], row - 0.47, row + 0.47, lw=0, **place)
        text = as_text(value, mark.digits, percent=mark.percent)
        ax.text(column, row, text, ha="center", va="center")


def _reference(ax: "Axes", panel: Panel, mark: marks.Reference, numbers: Any) -> None:
    given: Any = mark.x if mark.x is not None else mark.y
    at = float(numbers(given)[0]) if isinstance(given, str) else float(given)
    upright = mark.x is not None
    (ax.axvline if upright else ax.axhline)(at, color=LIGHT["soft"], lw=1.2, ls="--")
    coords: Any = ("data", "axes fraction") if upright else ("axes fraction", "data")
    label: dict[str, Any] = {"color": LIGHT["soft"], "fontsize": 9, "textcoords": "offset points"}
    # an upright one is named above the picture, where no mark is
    label |= {"xycoords": coords, "ha": "center" if upright else "right"}
    end, beside = ((at, 1), (0, 4)) if upright else ((1, at), (-4, 4))
    ax.annotate(mark.label, end, beside, **label)


_DRAW: dict[type[marks.Mark], Any] = {
    marks.Line: _line,
    marks.Points: _points,
    marks.Bars: _bars,
    marks.Tiles: _tiles,
    marks.Reference: _reference,
}
