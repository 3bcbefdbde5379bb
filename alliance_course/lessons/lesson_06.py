"""Lesson 06: published averages, a forest, a funnel, what r = .28 looks like, and two levels."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from alliance_course.analyse.levels import split_within_between
from alliance_course.analyse.pooling import pool_correlations, pool_many
from alliance_course.lessons import asked
from alliance_course.show.explorer import Axis, Explorer, Picture, Readout
from alliance_course.show.explorer.parts import bar_panel
from alliance_course.show.explorer.picture import Panel, Points, Reference, Scale, Tiles
from alliance_course.show.figure import Plot
from alliance_course.show.sources import short_source
from alliance_course.show.style import LIGHT, MARKERS, SERIES


def _label(name: Any, row: pd.Series) -> str:
    what = str(row["construct"]).partition(", ")[2].partition(" (")[0] or "adults"
    return f"{what}, {short_source(name)}"


def plot_published(effects: pd.DataFrame) -> Plot:
    """Draw published syntheses side by side, with the intervals that were printed.

    Parameters
    ----------
    effects : DataFrame
        Rows of `published_effects()` whose estimate is a correlation, in the order to show.

    Returns
    -------
    Plot
        Its table has one row per synthesis: `label`, `estimate`, `ci_low` and `ci_high`.

    Examples
    --------
    >>> from alliance_course import published_effects
    >>> plot_published(published_effects().loc[["A01"]]).words[-61:]
    'face to face, Flückiger et al., 2018: 0.278 (0.256 to 0.299).'
    """
    table = effects[["estimate", "ci_low", "ci_high"]].copy()
    table.insert(0, "label", [_label(name, row) for name, row in effects.iterrows()])

    def draw(ax: Any) -> None:
        for y, (_, row) in enumerate(table.iterrows()):
            # a hollow mark has no line: its interval was not printed
            face = SERIES[0] if pd.notna(row["ci_low"]) else LIGHT["paper"]
            ax.plot([row["ci_low"], row["ci_high"]], [y, y], color=SERIES[0], lw=2.2)
            ax.plot(row["estimate"], y, "o", ms=8, color=SERIES[0], mfc=face)
            ax.text(0.42, y, f"{row['estimate']:.3g}", va="center")
        ax.axvline(0, color=LIGHT["rule"], lw=1)
        ax.set_yticks(range(len(table)), table["label"])
        ax.set(xlim=(-0.02, 0.48), ylim=(len(table) - 0.4, -0.6))
        ax.set_xticks([0, 0.1, 0.2, 0.3, 0.4])
        ax.set_xlabel("average r (line: 95% interval, where printed)")
        low, high = table["estimate"].min(), table["estimate"].max()
        above = ",\nall above 0" if low > 0 else ""
        ax.set_title(f"{len(table)} averages, from {low:.2f} to {high:.2f}{above}")

    parts = [
        f"{row['label']}: {row['estimate']:.3g}"
        + (f" ({row['ci_low']:.3g} to {row['ci_high']:.3g})" if pd.notna(row["ci_low"]) else "")
        for _, row in table.iterrows()
    ]
    words = f"Average correlations of alliance and outcome, with intervals. {'; '.join(parts)}."
    return Plot(draw, (8.0, 0.36 * len(table) + 1.2), words, table)


def plot_forest(literature: pd.DataFrame, *, shown: int = 25) -> Plot:
    """Draw a forest plot: single studies, their pooled average, and where the next one may lie.

    Parameters
    ----------
    literature : DataFrame
        One row per study: `r` and `n` (clients), as `simulate_literature` gives them.
    shown : int
        How many studies to draw; all of them are pooled.

    Returns
    -------
    Plot
        Its table has one row per study that is drawn, small ones first: `r`, `n`, and the 95%
        interval from `low` to `high`.

    Raises
    ------
    ValueError
        If there are fewer than two studies, or an `r` or `n` is not allowed.

    Examples
    --------
    >>> from alliance_course import simulate_literature
    >>> plot_forest(simulate_literature(60, seed=1)).words[:27]
    'A forest plot of 25 of 60 s'
    """
    pooled = pool_correlations(literature["r"], literature["n"])
    table = literature.head(shown).sort_values("n")[["r", "n"]]
    z, half = np.arctanh(table["r"]), 1.96 / np.sqrt(table["n"] - 3)
    table["low"], table["high"] = np.tanh(z - half), np.tanh(z + half)
    count, at = len(table), len(table) + np.array([1.0, 2.6])

    def draw(ax: Any) -> None:
        ax.hlines(range(count), table["low"], table["high"], color=LIGHT["rule"], lw=1.3)
        ax.scatter(table["r"], range(count), 6 + table["n"] / 6, SERIES[0], marker="s", zorder=3)
        diamond = pooled[["low", "r", "high", "r"]]
        ax.fill(diamond, at[0] + np.array([0, -0.7, 0, 0.7]), color=SERIES[1])
        ends = pooled[["prediction_low", "prediction_high"]]
        ax.plot(ends, at[[1, 1]], color=SERIES[2], lw=5, solid_capstyle="butt")
        ax.axvline(pooled["r"], color=SERIES[1], lw=1, linestyle="--", zorder=0)
        ax.axvline(0, color=LIGHT["rule"], lw=1)
        lines = [f"average of all {len(literature)}", "the next study's\ntrue correlation"]
        ax.set_yticks(at, lines)
        ax.set(xlim=(-0.5, 0.85), ylim=(at[1] + 1.2, -1))
        ax.set_xlabel("correlation of alliance and outcome (grey: 95% interval of one study)")
        ax.set_title(
            f"The average is known well ({pooled['r']:.2f}), the next study is not"
            if pooled["high"] - pooled["low"] < ends.iloc[1] - ends.iloc[0]
            else f"The average is {pooled['r']:.2f}"
        )

    words = (
        f"A forest plot of {count} of {len(literature)} simulated studies, "
        "small ones above with wide intervals, large ones below with narrow ones. The average of "
        f"all is {pooled['r']:.2f} (95% interval {pooled['low']:.2f} to {pooled['high']:.2f}). The "
        f"next study's true correlation may lie from {pooled['prediction_low']:.2f} to "
        f"{pooled['prediction_high']:.2f}. {100 * (literature['r'] < 0).mean():.0f}% of the "
        "studies found a correlation below 0."
    )
    return Plot(draw, (7.0, 0.17 * count + 1.9), words, table)


def plot_funnel(literature: pd.DataFrame) -> Plot:
    """Draw a funnel plot: each study's correlation against its size, published or not.

    Parameters
    ----------
    literature : DataFrame
        One row per study: `r`, `n` (clients) and `published` (bool).

    Returns
    -------
    Plot
        Its table has the rows "all" and "published", with the average `r` of `k` studies.

    Raises
    ------
    ValueError
        If fewer than two studies are published, or an `r` or `n` is not allowed.

    Examples
    --------
    >>> from alliance_course import simulate_literature
    >>> studies = simulate_literature(60, seed=1)
    >>> plot_funnel(studies.assign(published=studies["n"] > 50)).words[:21]
    'A funnel plot of 60 s'
    """
    read = literature[literature["published"]]
    averages = {
        "all": pool_correlations(literature["r"], literature["n"]),
        "published": pool_correlations(read["r"], read["n"]),
    }
    table = pd.DataFrame(averages).T[["k", "r"]]
    every, seen = table["r"]

    def draw(ax: Any) -> None:
        parts = {"published": read, "in the drawer": literature[~literature["published"]]}
        for (kind, part), colour, mark in zip(parts.items(), SERIES, MARKERS, strict=False):
            look = {"color": colour, "marker": mark, "s": 20, "alpha": 0.7, "linewidth": 0}
            ax.scatter(part["r"], part["n"], label=kind, **look)
        n = np.geomspace(literature["n"].min(), literature["n"].max(), 50)
        for side in (-1, 1):
            edge = np.tanh(np.arctanh(every) + side * 1.96 / np.sqrt(n - 3))
            ax.plot(edge, n, color=LIGHT["rule"], lw=1, linestyle=":")
        ax.axvline(every, color=LIGHT["soft"], lw=1.2)
        ax.axvline(seen, color=SERIES[0], lw=1.5, linestyle="--")
        ax.set_yscale("log")
        ticks = [t for t in (15, 30, 60, 120, 250, 500, 1000) if n[0] <= t <= n[-1]]
        ax.set_yticks(ticks, [str(tick) for tick in ticks])
        ax.minorticks_off()
        ax.set(xlabel="correlation that the study found", ylabel="clients in the study")
        ax.legend(loc="upper left")
        ax.set_title(f"All studies average {every:.2f}, the published ones {seen:.2f}")

    words = (
        f"A funnel plot of {len(literature)} simulated studies: small ones below scatter widely, "
        f"large ones above lie close together. {len(literature) - len(read)} unpublished studies "
        f"are missing from the lower left. The average of all is {every:.2f} (solid line), that of "
        f"the published ones {seen:.2f} (dashed line). Dotted lines: where 95% would lie by chance "
        "alone."
    )
    return Plot(draw, (7.0, 3.8), words, table)


_CLIENTS, _GRID = 200, np.linspace(0, 0.9, 91)


@cache
def correlation_picture() -> Picture:
    """Draw the same 200 clients at correlations from 0 to .9.

    Rating and the rest of the outcome are drawn once and made exactly unrelated, so that the
    cloud has the very correlation of the slider and moves for no other reason.
    """
    drawn = np.random.default_rng(6).normal(size=(_CLIENTS, 2))
    made_unrelated = np.linalg.qr(np.column_stack([np.ones(_CLIENTS), drawn]))[0]
    rating, rest = made_unrelated.T[1:] * np.sqrt(_CLIENTS)
    r = _GRID[:, None]
    above = 50 + 100 * np.arcsin(r) / np.pi  # above both middles, where both are normal
    cloud = Panel(
        "Rating and outcome",
        Scale("rated alliance (SD from average)", -3.2, 3.2, (-2, 0, 2)),
        Scale("outcome (SD, high is well)", -3.2, 3.2, (-2, 0, 2)),
        [Points(rating, "outcome", size=2.5)],
        "200 clients, the same ones at every r.",
    )
    halves = Panel(
        "Of 100 clients in each half",
        Scale(labels=("end above", "end below")),
        Scale(labels=("better half", "weaker half")),
        [Tiles("halves", 0, 100)],
        "Halves by the alliance; above or below the middle.",
    )
    share = bar_panel(
        "The variation of outcome", "shares", ("shared", "the rest"),
        "Shared is r times r.", style=1,
    )  # fmt: skip
    return Picture(
        "What does r = .28 look like?",
        (Axis("r", "Correlation r", "", 0, 0.9, 0.01, 0.28,
              "how closely the rated alliance and outcome go together",
              ("not at all", "closely")),),
        {
            "outcome": r * rating + np.sqrt(1 - r**2) * rest,
            "halves": np.hstack([above, 100 - above, 100 - above, above]),
            "shares": np.hstack([r**2, 1 - r**2]),
            "d": 2 * r / np.sqrt(1 - r**2),
            "display": 50 + 50 * r,  # Rosenthal and Rubin's
        },
        [cloud, halves, share],
        "At r = {r}, {above} of 100 clients in the better half of alliances end above the middle, "
        "against {below} of 100 in the other half. Alliance and outcome share {shared} of their "
        "variation.",
        [Readout("above", "Better half, above the middle", "halves", 0),
         Readout("below", "Weaker half, above the middle", "halves", 2),
         Readout("shared", "Shared variation", "shares", 0, percent=True),
         Readout("d", "As a difference between groups, d", "d", digits=2),
         Readout("display", "In the binomial display, better half", "display")],
    )  # fmt: skip


def explore_correlation() -> Explorer:
    """Move a correlation, and see it as a cloud, as people of 100, and as a share of variation.

    Returns
    -------
    Explorer
        With `r`, 0 to 0.9.

    Examples
    --------
    >>> explorer = explore_correlation()
    >>> explorer.r = 0.5
    >>> explorer.describe().split(". ")[-1]
    'Alliance and outcome share 25% of their variation.'
    """
    return Explorer(correlation_picture(), asked(6, "correlation"))


TRUTHS, STUDIES = np.linspace(0, 0.3, 4), np.arange(40, 201, 40)
DRAWERS, SMALLEST = np.linspace(0, 0.8, 5), np.array([0, 50, 100])
TRUE_TAU = 0.10  # SD of true effects in Fisher's z: between the two readings of A01 (0 and .17)
_AWAY = 9.0  # outside the picture: a study that is not there


def draw_studies() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Invented studies, 200: clients, deviation from the truth, and luck with the drawer.

    Sizes are those of the course's literature (lognormal, median 70), the whole range in every
    forty. Deviations (in Fisher's z) and luck are balanced in every forty, so that the average of
    all studies stands at the truth, and moves for no other reason than the one shown.
    """
    rng = np.random.default_rng(28)
    size = np.exp(np.log(70) + 0.8 * np.linspace(-1.8, 1.8, 40))
    n = np.round(size * np.exp(0.05 * rng.normal(size=(5, 40))))
    luck = np.empty_like(n)
    for some, row in zip(n, luck, strict=True):
        for group in (some < 100, some >= 100):
            row[group] = rng.permutation(np.arange(group.sum()) + 0.5) / group.sum()
    off = TRUE_TAU * rng.normal(size=n.shape) + rng.normal(size=n.shape) / np.sqrt(n - 3)
    weight = 1 / (TRUE_TAU**2 + 1 / (n - 3))
    off -= (weight * off).sum(axis=1, keepdims=True) / weight.sum(axis=1, keepdims=True)
    return n.ravel(), off.ravel(), luck.ravel()


@cache
def pooling_picture() -> Picture:
    """Pool the same 200 invented studies in 300 selections.

    Chance is drawn once. Only a dull study, not significantly above zero, can go into the drawer;
    small studies are dull more often.
    """
    from scipy.special import stdtrit  # scipy.stats would take a second to load

    n, off, luck = draw_studies()
    grids = np.meshgrid(TRUTHS, STUDIES, DRAWERS, SMALLEST, indexing="ij")
    truth, k, drawer, least = (grid[..., None] for grid in grids)
    z = np.arctanh(truth) + off
    done = np.arange(200) < k
    hidden = done & (z * np.sqrt(n - 3) < 1.96) & (luck < drawer)
    counted = done & ~hidden & (n >= least)
    rows: dict[str, np.ndarray] = {}
    chosen = {"done": done, "read": done & ~hidden, "counted": counted}
    for name, those in chosen.items():
        flat = np.broadcast_to(those, z.shape).reshape(-1, 200)
        mean, se, tau = pool_many(z.reshape(-1, 200), 1 / (n - 3), flat).T
        wide = stdtrit(flat.sum(axis=1) - 2, 0.975) * np.hypot(se, tau)
        ends = [mean, mean - 1.96 * se, mean + 1.96 * se, mean - wide, mean + wide]
        rows |= {f"{name}_{i}": np.tanh(end).reshape(*k.shape[:4], 1) for i, end in enumerate(ends)}
    r = np.tanh(z)
    surfaces = {
        "in": np.where(counted, r, _AWAY),
        "left": np.where(done & ~hidden & ~counted, r, _AWAY),
        "hidden": np.where(hidden, r, _AWAY),
        "k": counted.sum(axis=4, keepdims=True),
        "truth_line": TRUTHS.reshape(4, 1, 1, 1, 1),
        **rows,
    }
    funnel = Panel(
        "{k} studies are counted",
        Scale("correlation that the study found", -0.6, 0.8, (-0.4, 0, 0.4, 0.8), digits=1),
        Scale("clients", 0, 300, (0, 100, 200, 300)),
        [
            Points("in", n.tolist(), "counted", size=3.5),
            Points("hidden", n.tolist(), "in the drawer", style=1, size=3.5),
            Points("left", n.tolist(), "too small for you", style=3, size=3.5),
            Reference("truth", x="truth_line"),
        ],
        "Each mark is one study. Small ones scatter widely: hence the name funnel.",
    )
    averages = Panel(
        "The diamond stands at {pooled}, the truth at {truth}",
        Scale("correlation", -0.2, 0.6, (-0.2, 0, 0.2, 0.4, 0.6), digits=1),
        Scale(labels=("all that were done", "what you can read", "what you count", "next study")),
        [
            *(
                Points(f"{name}_0", [row], interval=(f"{name}_1", f"{name}_2"), style=2, size=5)
                for row, name in enumerate(chosen)
            ),
            Points("counted_0", [3], interval=("counted_3", "counted_4"), style=1, size=3),
            Reference("truth", x="truth_line"),
        ],
        "Diamond: average with 95% interval. Next study: where its true value may lie.",
    )
    return Picture(
        "Which studies are in the average?",
        (Axis("truth", "True average correlation", "", 0, 0.3, 0.1, 0.3,
              "what all studies together would find; in life nobody knows it"),
         Axis("studies", "Studies done", "", 40, 200, 40, 80, "how many were carried out"),
         Axis("drawer", "Dull studies in the drawer", "%", 0, 80, 20, 0,
              "how many studies that found nothing clear never appear; most are small"),
         Axis("smallest", "Count studies from", "clients", 0, 100, 50, 0,
              "a reader's rule: leave out the smaller ones")),
        surfaces, [funnel, averages],
        "The true average is {truth}. Of {studies} studies done, {drawer} of the dull ones stay "
        "in the drawer; you count those from {smallest} up, which are {k}. All that were done "
        "average {all_done}. What you count averages {pooled} (95% interval {low} to {high}); the "
        "next study's true value may lie from {next_low} to {next_high}.",
        [Readout("pooled", "Pooled r", "counted_0", digits=2),
         Readout("low", "95% interval from", "counted_1", digits=2, shown=False),
         Readout("high", "to", "counted_2", digits=2, shown=False),
         Readout("k", "Studies counted", "k"),
         Readout("all_done", "All that were done", "done_0", digits=2, shown=False),
         Readout("next_low", "Next study from", "counted_3", digits=2, shown=False),
         Readout("next_high", "to", "counted_4", digits=2, shown=False)],
    )  # fmt: skip


def explore_pooling() -> Explorer:
    """Decide which studies are done, published and counted, and watch the average move.

    Returns
    -------
    Explorer
        With `truth` (0 to 0.3), `studies` (40 to 200), `drawer` (0 to 80%) and `smallest` (0 to
        100 clients).

    Notes
    -----
    The studies are invented, so that we can see how far an average is off; their true effects
    differ by an SD of .10 (Fisher's z). Nobody knows how many studies on the alliance stayed
    unpublished.

    Examples
    --------
    >>> explorer = explore_pooling()
    >>> explorer.drawer = 80
    >>> explorer.describe().split(", ")[1]
    '80% of the dull ones stay in the drawer; you count those from 0 clients up'
    """
    return Explorer(pooling_picture(), asked(6, "pooling"))


def plot_levels(data: pd.DataFrame) -> Plot:
    """Draw one association at two levels: between therapists, and within each one's caseload.

    Parameters
    ----------
    data : DataFrame
        One row per client: therapist, alliance_client (1 to 5), outcome (0 to 27, high is well).

    Returns
    -------
    Plot
        Its table has the rows "between" (therapists' averages) and "within" (clients of one
        therapist), with the `slope`: points of outcome per point of rating.

    Raises
    ------
    ValueError
        If a column is missing, or does not hold numbers.

    Examples
    --------
    >>> from alliance_course import simulate_trial
    >>> trial = simulate_trial(400, n_therapists=8, treatments=("CBT",), seed=1)
    >>> list(plot_levels(trial.at(3)).table.index)
    ['between', 'within']
    """
    rating, outcome = (
        split_within_between(data, name, "therapist") for name in ("alliance_client", "outcome")
    )
    x, y = rating["alliance_client_within"], outcome["outcome_within"]
    means = data.groupby("therapist")[["alliance_client", "outcome"]].mean()
    between, start_between = np.polyfit(means["alliance_client"], means["outcome"], 1)
    within = (x * y).sum() / (x**2).sum()
    table = pd.DataFrame({"slope": {"between": between, "within": within}})

    def draw(ax: Any) -> None:
        cloud = data.groupby("therapist").head(40)
        ax.plot(
            cloud["alliance_client"], cloud["outcome"], ".", ms=4, color=LIGHT["hair"], zorder=0
        )
        for place, (_, own) in enumerate(data.groupby("therapist")):
            slope, start = np.polyfit(own["alliance_client"], own["outcome"], 1)
            # the middle of the caseload: beyond it a line would rest on a few clients
            ends = own["alliance_client"].quantile([0.1, 0.9])
            # all lines are alike, so the legend names one: it leaves out what starts with _
            label = "_" * bool(place) + "clients of one therapist"
            ax.plot(ends, start + slope * ends, color=SERIES[0], lw=2, label=label)
        ends = means["alliance_client"].agg(["min", "max"])
        ax.plot(ends, start_between + between * ends, color=SERIES[1], lw=2, linestyle="--")
        look = {"color": SERIES[1], "marker": "D", "s": 64, "zorder": 3}
        ax.scatter(*means.to_numpy().T, label="a therapist's average", **look)
        ax.set(xlabel="client-rated alliance (1 to 5)", ylabel="outcome (0 to 27, high is well)")
        ax.legend(loc="lower left")
        ax.set_title(
            "Within each therapist the line rises, between therapists it falls"
            if between < 0 < within
            else "The line within therapists, and the line between them"
        )

    words = (
        f"Clients of {len(means)} therapists. Among the clients of one therapist, a rating higher "
        f"by one point goes with {within:+.1f} points of outcome. Between therapists, an average "
        f"rating higher by one point goes with {between:+.1f} points."
    )
    return Plot(draw, (7.0, 4.0), words, table)
