"""How the course's pictures look: colours and signs, markers, dash patterns, one resolution."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# tokens.css is the one list of colours: the page's own sheets read it as well
_HERE = Path(__file__).parent
_SHEET = (_HERE / "tokens.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--ac-([\w-]+): (#\w{6});", block))
    for block in re.findall(r"\{([^{}]+)\}", _SHEET)[:2]
)
PALETTE = tuple(LIGHT[name] for name in ("bond", "goal", "task", "other"))
MARKERS = ("o", "s", "D", "^")
DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))
# what is neither bond, goal nor task has colours of its own, so that those three stay theirs
SERIES = tuple(LIGHT[f"series-{number}"] for number in (1, 2, 3, 4))
# what a mark of an explorer may look like: a series, or bond, goal and task
LOOKS = tuple(zip((*SERIES, *PALETTE), MARKERS * 2, DASHES * 2, strict=True))
BOND = len(SERIES)  # goal, task and what stands beside the three come after it
# an image cannot read a page's theme: this tells it where the page is dark
FOLLOW_THEME = f"<style>{(_HERE / 'image.css').read_text(encoding='utf-8')}</style>"
SIGNS = dict(re.findall(r'--ac-(\w+)-sign: "(.)"', _SHEET))


def themed(svg: str) -> str:
    """An SVG by matplotlib that is light or dark as the page says which it stands in.

    As an image it knows nothing of the page but ``color-scheme``, and browsers hand that on.
    """
    svg = svg.replace(": #000000", f": {LIGHT['ink']}")
    used = [name for name, colour in LIGHT.items() if f": {colour}" in svg or name == "ink"]
    for name in used:
        svg = svg.replace(f": {LIGHT[name]}", f": var(--{name})")
    light, dark = (
        ";".join(f"--{name}:{colours[name]}" for name in used) for colours in (LIGHT, DARK)
    )
    # matplotlib does not write black down where it is what SVG would do by itself
    sheet = f":root{{fill:var(--ink);{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"
    svg = svg.replace("'DejaVu Sans', sans-serif", "system-ui, sans-serif")
    # a hundredth of a point is fine enough for places; what is written stays as it is
    svg = re.sub(r"(>[^<>]*<)|(\.\d\d)\d+", r"\1\2", svg)
    # of many marks that look alike the look is said once
    looks = Counter(re.findall(r' style="([^"]*)"', svg)).most_common(9)
    for number, look in enumerate(look for look, times in looks if times > 9):
        svg = svg.replace(f' style="{look}"', f' class="k{number}"')
        sheet += f".k{number}{{{look}}}"
    return svg.replace("<defs>", f"<style>{sheet}</style><defs>", 1)


@contextmanager
def course_style() -> Iterator[None]:
    """Draw with the course's style inside a ``with`` block; outside nothing changes.

    It starts from matplotlib's own defaults, so that a style that the learner has set does not
    show in the course's pictures.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> before = mpl.rcParams["axes.spines.top"]
    >>> with course_style():
    ...     bool(mpl.rcParams["axes.spines.top"])
    False
    >>> mpl.rcParams["axes.spines.top"] == before
    True
    """
    from cycler import cycler
    from matplotlib import style as styles

    colours: Any = {
        **dict.fromkeys(
            ("figure.facecolor", "axes.facecolor", "savefig.facecolor"), LIGHT["paper"]
        ),
        **dict.fromkeys(("text.color", "axes.labelcolor"), LIGHT["ink"]),
        **dict.fromkeys(("xtick.labelcolor", "ytick.labelcolor"), LIGHT["ink"]),
        **dict.fromkeys(("xtick.color", "ytick.color"), LIGHT["soft"]),
        "axes.edgecolor": LIGHT["rule"],
        "grid.color": LIGHT["hair"],
        "axes.prop_cycle": cycler(color=SERIES),
    }
    with styles.context(["default", _HERE / "course.mplstyle", colours]):
        yield
