"""How much of the published correlation could be something else? A grid over two assumptions.

How strongly the alliance acts, and how much of it is what clients bring, cannot be read off the
literature's one number. Each cell of the grid is a world; in each, literatures of 295 studies are
simulated and pooled. A laptop does this grid; a cluster can ask for more (MODEL.md).
"""

import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from alliance_course.data.published import published_effects
from alliance_course.simulate.parameters import PARAMETERS, Parameters
from alliance_course.simulate.studies import simulate_studies
from alliance_tools.maintain.designs import pooled_r
from alliance_tools.maintain.work import Progress, work

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ACROSS, DOWN = "alliance_path", "readiness_alliance"
# from about 1.5 on, a client in some millions runs away: each week's alliance feeds the next
PATHS = tuple(tenths / 10 for tenths in range(15))
SHARES = tuple(tenths / 10 for tenths in range(10))
# fixed before the first run
SEED, LITERATURES = 20261126, 4

Cell = tuple[Parameters, int, np.random.SeedSequence]


def _literature(cell: Cell) -> tuple[float, float, float]:
    """One literature's pooled correlation, the same without readiness, and processor seconds."""
    begun = time.process_time()
    world, n_studies, seed = cell
    try:
        with np.errstate(over="raise", invalid="raise"):
            clients = simulate_studies(
                n_studies, parameters=world, seed=np.random.default_rng(seed)
            )
    except FloatingPointError:
        raise ValueError(
            f"{ACROSS}={getattr(world, ACROSS):g} is not allowed here: with {DOWN}="
            f"{getattr(world, DOWN):g} a client's symptoms run away; try a smaller value"
        ) from None
    stayed = clients[~clients["dropped_out"]]
    plain = pooled_r(stayed, "alliance_client")["r"]
    left = pooled_r(stayed, "alliance_client", given=("readiness",))["r"]
    return float(plain), float(left), time.process_time() - begun


def literature_grid(
    paths: Sequence[float] = PATHS,
    shares: Sequence[float] = SHARES,
    *,
    n_literatures: int = LITERATURES,
    n_studies: int = 295,
    seed: int = SEED,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Pool simulated literatures in every world of a grid over two assumptions.

    Parameters
    ----------
    paths : sequence of float
        How strongly the alliance acts (`alliance_path`): 0 is not at all, 1 as in the course.
    shares : sequence of float
        How much of the alliance is what clients bring: the correlation of readiness with the
        stable alliance (`readiness_alliance`).
    n_literatures : int
        Literatures in each world, 2 or more.
    n_studies : int
        Studies in each literature.
    seed : int
        The table depends on it and on nothing else: not on where the work is done.
    executor : concurrent.futures.Executor, optional
        See `work`.
    progress : callable, optional
        Called with (literatures done, literatures in all).

    Returns
    -------
    DataFrame
        One row per world: `alliance_path`, `readiness_alliance`, `r` (pooled, mean over the
        literatures), `sd` (between literatures), `r_without` (readiness taken out). Its
        ``attrs["core_hours"]`` are the processor hours that it took.

    Raises
    ------
    ValueError
        If `n_literatures` is below 2, or a world is not allowed, or a client in it runs away.

    Examples
    --------
    >>> table = literature_grid([0, 1], [0.5], n_literatures=2, n_studies=40)
    >>> bool(table["r"].is_monotonic_increasing)
    True
    """
    if not isinstance(n_literatures, (int, np.integer)) or n_literatures < 2:
        raise ValueError(f"n_literatures={n_literatures!r} is not allowed: give 2 or more")
    cells = [(path, share) for share in shares for path in paths]
    seeds = np.random.SeedSequence(seed).spawn(len(cells))
    jobs = [
        (replace(PARAMETERS, **dict[str, Any]({ACROSS: path, DOWN: share})), n_studies, one)
        for (path, share), root in zip(cells, seeds, strict=True)
        for one in root.spawn(n_literatures)
    ]
    found = work(_literature, jobs, executor=executor, progress=progress)
    runs = np.array(found).reshape(len(cells), n_literatures, 3)
    table = pd.DataFrame(cells, columns=[ACROSS, DOWN], dtype=float)
    table["r"] = runs[:, :, 0].mean(axis=1)
    table["sd"] = runs[:, :, 0].std(axis=1, ddof=1)
    table["r_without"] = runs[:, :, 1].mean(axis=1)
    table = table.round(4)
    table.attrs["core_hours"] = float(runs[:, :, 2].sum() / 3600)
    return table


def published_band() -> tuple[float, float, float]:
    """The literature's pooled correlation with its 95% interval (row A01)."""
    row = published_effects().loc["A01"]
    return float(row["estimate"]), float(row["ci_low"]), float(row["ci_high"])


def inside(table: pd.DataFrame) -> pd.DataFrame:
    """The worlds whose literature has a pooled correlation inside the published interval."""
    _, low, high = published_band()
    return table[table["r"].between(low, high)]


def plot_two_assumptions(table: pd.DataFrame) -> "Axes":
    """Draw the pooled correlation over the two assumptions, with the published interval on it.

    Parameters
    ----------
    table : DataFrame
        From `literature_grid`, over a whole grid.

    Returns
    -------
    matplotlib.axes.Axes
    """
    import matplotlib.pyplot as plt

    grid = table.pivot(index=DOWN, columns=ACROSS, values="r")
    without = table.pivot(index=DOWN, columns=ACROSS, values="r_without")
    x, y = grid.columns.to_numpy(), grid.index.to_numpy()
    r, low, high = published_band()
    _, ax = plt.subplots(figsize=(7.5, 5.2), layout="constrained")
    filled: Any = ax.contourf(x, y, grid, levels=np.arange(0, 0.401, 0.025), cmap="Greys")
    ax.contourf(x, y, grid, levels=[low, high], colors=["#0072B2"], alpha=0.45)
    ax.contour(x, y, grid, levels=[r], colors=["#0072B2"], linewidths=2)
    lines = ax.contour(
        x, y, without, levels=[0.1, 0.15, 0.2], colors=["#D55E00"], linestyles="dashed"
    )
    ax.clabel(lines, fmt="%.2f", fontsize=9)
    ax.plot(PARAMETERS.alliance_path, PARAMETERS.readiness_alliance, "o", color="black", ms=7)
    ax.annotate(
        "the course",
        (PARAMETERS.alliance_path, PARAMETERS.readiness_alliance),
        xytext=(-8, 6),
        textcoords="offset points",
        ha="right",
        bbox={"boxstyle": "round", "color": "white"},
    )
    ax.set(
        xlabel="how strongly the alliance acts (0: not at all)",
        ylabel="how much of it is what clients bring (correlation)",
        title=f"Worlds along the blue band publish the same: r = {r:g} ({low:g} to {high:g})",
    )
    ax.title.set_fontsize(10.5)
    bar = ax.figure.colorbar(filled, ax=ax, label="pooled correlation of 295 simulated studies")
    bar.ax.axhline(r, color="#0072B2", lw=2)
    return ax
