"""Show a figure together with the sentences that say the same."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pandas as pd

from alliance_course.show.style import course_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


# scores come in quarters of a point
_EDGES = [1, 3, 4, 4.5, 5.01]
GROUPS = ["below 3", "3 to 3.75", "4 or 4.25", "4.5 to 5"]


def rated_groups(rating: pd.Series) -> pd.Series:
    """The group of each rating from 1 to 5: one of `GROUPS`, in order."""
    return pd.cut(rating, _EDGES, labels=GROUPS, right=False)


def new_axes(ax: "Axes | None", size: tuple[float, float] = (7.0, 3.6)) -> "Axes":
    """The axes that were given, or those of a new figure of `size` inches."""
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=size, layout="constrained")[1] if ax is None else ax


def show(plot: Callable[..., "Axes"], data: Any, **options: Any) -> None:
    """Show a figure, and under it the sentences that say the same.

    Parameters
    ----------
    plot : callable
        One of the course's `plot_x` functions; its `describe_x` stands beside it.
    data : object
        What both take.
    **options
        Handed to both, for example ``by="treatment"``.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> trial = simulate_trial(200, seed=1)
    >>> third = trial.clients.merge(trial.sessions.query("session == 3"), on="client")
    >>> show(plot_components, third)  # doctest: +SKIP
    """
    import matplotlib.pyplot as plt
    from IPython.display import Markdown, display

    describe = getattr(
        import_module(plot.__module__), plot.__name__.replace("plot_", "describe_", 1)
    )
    text = describe(data, **options)
    with course_style():
        figure: Any = plot(data, **options).figure
        display(figure, metadata={"image/png": {"alt": text}})
        plt.close(figure)
    display(Markdown(f"*In words:* {text}"))
