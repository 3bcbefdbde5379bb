"""A picture with every kind of control and mark, from formulas that a test can check."""

import numpy as np

from alliance_course.show.explorer.controls import Axis, Choice
from alliance_course.show.explorer.picture import (
    Bars,
    Line,
    Panel,
    Picture,
    Points,
    Readout,
    Reference,
    Scale,
    Tiles,
)

GRID = np.linspace(-2, 2, 5)
TIMES = np.arange(0, 11)


def demo() -> Picture:
    slope = Axis("slope", "Slope", "SD", -2, 2, 0.1, 0, "tilts the lines", ("falls", "rises"))
    noise = Axis("noise", "Noise", "", 0, 10, 1, 4, "widens everything", ("none", "much"))
    side = Choice("side", "Side", {"left": "left side", "right": "right side"}, "left", "mirrors")
    a, n, s = np.meshgrid(GRID, [0.0, 10.0], [-1.0, 1.0], indexing="ij")
    a, n, s = a[..., None], n[..., None], s[..., None]
    scatter = np.random.default_rng(1).normal(size=(2, 40))
    line = 10 + 0.4 * a * TIMES
    surfaces = {
        "line": line,
        "low": line - 0.5 * n,
        "high": line + 0.5 * n,
        "other": 12 + 0 * a * s + 0 * TIMES,
        "y": scatter[0] * a / 2 + scatter[1] * n / 10,
        "shares": np.concatenate([0.5 + a / 5, 0.1 + n / 20], axis=-1),
        "tiles": (0.5 + np.multiply.outer(a * s, np.arange(6)) / 24)[..., 0, :],
        "mean": (s * 0.5)[:1, :1],
        "mean_low": (s * 0.5 - n / 20)[:1],
        "mean_high": (s * 0.5 + n / 20)[:1],
    }
    panels = [
        Panel(
            "Two lines end {gap_word}",
            Scale("session", 0, 10, (0, 5, 10)),
            Scale("symptoms (0 to 27)", 0, 27, (0, 9, 18, 27)),
            [
                Reference("intake", y=20),
                Line("line", TIMES, "tilted", ("low", "high")),
                Line("other", TIMES, "flat", style=1),
            ],
            "Band: the middle half.",
        ),
        Panel(
            "Points and their mean",
            Scale("x", -3, 3, (-3, 0, 3)),
            Scale("y", -4, 4, (-4, 0, 4)),
            [
                Points(scatter[0], "y", "one client", style=2),
                Points("mean", [-3.5], "mean", ("mean_low", "mean_high"), style=1, size=6),
                Reference("mean", x="mean"),
            ],
        ),
        Panel(
            "Shares",
            Scale("", 0, 1, (0, 0.5, 1), percent=True),
            Scale(labels=("first share", "second share")),
            [Bars("shares", style=3)],
        ),
        Panel(
            "A table",
            Scale(labels=("CBT", "PDT", "wait")),
            Scale(labels=("panic", "OCD")),
            [Tiles("tiles", 0, 1, percent=True)],
        ),
    ]
    words = ((-0.05, "below"), (0.05, "at the same height"), (99, "above"))
    readouts = [
        Readout("end", "At the end", "line", 10, 1),
        Readout("gap", "Mean", "mean", digits=2, signed=True, words=words),
        Readout("share", "Second share", "shares", 1, percent=True),
    ]
    text = "With slope {slope}, noise {noise} on the {side}, the line ends at {end}; {share} share."
    return Picture("What do the marks do?", [slope, noise, side], surfaces, panels, text, readouts)
