"""A hundred people for each group: the picture where the message is how many."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from alliance_course.show.figure import Plot
from alliance_course.show.style import LIGHT, SERIES

_ACROSS = 20


def _person() -> Any:
    """A head and shoulders, as a marker."""
    from matplotlib.path import Path

    turn = np.linspace(0, 2 * np.pi, 17)
    head = np.column_stack([0.26 * np.cos(turn), 0.6 + 0.26 * np.sin(turn)])
    half = np.linspace(0, np.pi, 9)
    shoulders = np.column_stack([0.46 * np.cos(half), 0.42 * np.sin(half) - 0.25])
    body = np.vstack([shoulders, [[-0.46, -0.8], [0.46, -0.8], shoulders[0]]])
    return Path.make_compound_path(Path(head, closed=True), Path(body, closed=True))


def plot_people(counts: Mapping[str, float] | pd.Series, do: str, *, title: str = "") -> Plot:
    """Draw a hundred people for each group, and fill in as many as do something.

    Parameters
    ----------
    counts : mapping of str to float, or Series
        For each group its name and how many of 100 (0 to 100); one to four groups. Numbers are
        rounded to whole people.
    do : str
        What those who are filled in do, such as "leave early".
    title : str
        The message; if left out, the counts and `do`.

    Returns
    -------
    Plot
        Its table has a row for each group: `of_100`.

    Raises
    ------
    ValueError
        If there is no group or more than four, or a number is not between 0 and 100.

    Examples
    --------
    >>> plot_people({"weak alliance": 29.4, "strong alliance": 16}, "leave early")
    Of 100 people, filled in are those who leave early: weak alliance 29, strong alliance 16.
    """
    given = {str(name): float(count) for name, count in dict(counts).items()}
    if not (1 <= len(given) <= 4 and all(0 <= count <= 100 for count in given.values())):
        raise ValueError(f"counts={given} is not allowed: give one to four numbers from 0 to 100")
    table = pd.Series(given).add(0.5).astype(int).to_frame("of_100")
    told = ", ".join(f"{name} {count}" for name, count in table["of_100"].items())
    numbers = " or ".join(map(str, table["of_100"]))

    def draw(ax: Any) -> None:
        place = np.arange(100)
        down = 100 // _ACROSS
        for row, (name, count) in enumerate(table["of_100"].items()):
            x, y = place % _ACROSS, row * (down + 1.4) + place // _ACROSS
            look: dict[str, Any] = {"marker": _person(), "s": 190, "linewidths": 0.8}
            ax.scatter(x[:count], y[:count], color=SERIES[1], **look)
            rest = {"color": LIGHT["paper"], "edgecolors": LIGHT["rule"]}
            ax.scatter(x[count:], y[count:], **rest, **look)
            ax.text(-0.6, y[0] - 0.75, f"{name}: {count} of 100", va="bottom")
        ax.set(xlim=(-0.8, _ACROSS - 0.2), ylim=(y[-1] + 0.7, -1.9))
        ax.axis("off")
        ax.set_title(title or f"{numbers} of 100 {do}")

    words = f"Of 100 people, filled in are those who {do}: {told}."
    high = 0.27 * (100 // _ACROSS + 1.4) * len(table) + 0.45
    return Plot(draw, (0.27 * _ACROSS + 0.2, high), words, table)
