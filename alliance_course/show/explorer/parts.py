"""Parts that recur in the course's explorers: sliders in SD, scales, panels of bars."""

from collections.abc import Sequence
from typing import Any

from alliance_course.show.explorer.controls import Axis
from alliance_course.show.explorer.picture import Bars, Panel, Scale

PER_CENT = Scale("", 0, 1, (0, 0.5, 1), percent=True)


def sd_axis(name: str, label: str, help: str, ends: tuple[str, str] = ("weak", "strong")) -> Axis:
    """A slider from -2 to 2 SD, which starts at the average."""
    return Axis(name, label, "SD", -2, 2, 0.1, 0, help, ends)


BOND = sd_axis("bond", "Bond", "how safe, respected and understood the client feels")


def symptom_scale(high: int, step: int, what: str = "symptoms") -> Scale:
    """Symptom points from 0 to `high`."""
    return Scale(f"{what} (0 to 27, high is ill)", 0, high, range(0, high + 1, step))


def session_scale(last: int, label: str = "session") -> Scale:
    """Sessions from the intake to the last one."""
    return Scale(label, 0, last, range(0, last + 1, 4))


def bar_panel(
    title: str, surface: str, labels: Sequence[str], note: str, scale: Scale = PER_CENT, **look: Any
) -> Panel:
    """A panel of bars, one for each label; `look` has the style of the bars and the size."""
    bars = Bars(surface, look.pop("style", 2))
    return Panel(title, scale, Scale(labels=labels), [bars], note, **look)
