"""The two controls of an explorer, a slider and a group of radio buttons, and numbers as text."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


def as_text(
    value: float, digits: int = 0, unit: str = "", percent: bool = False, signed: bool = False
) -> str:
    """Write a number as the page writes it.

    Examples
    --------
    >>> as_text(0.287, percent=True), as_text(1, 1, "SD", signed=True)
    ('29%', '+1.0 SD')
    """
    text = f"{abs(value) * (100 if percent else 1):.{digits}f}"
    sign = "" if float(text) == 0 else "\N{MINUS SIGN}" if value < 0 else "+" if signed else ""
    after = "%" if percent or unit == "%" else f" {unit}" if unit else ""
    return f"{sign}{text}{after}"


def refuse(who: str, *rules: tuple[bool, str]) -> None:
    """Raise a ValueError about `who` with the reason of the first rule that is broken."""
    for broken, why in rules:
        if broken:
            raise ValueError(f"{who}: {why}")


@dataclass(frozen=True)
class Axis:
    """A slider.

    `unit`, `low`, `high`, `step` and `default` are on one scale; `help` says in one line what it
    does; `ends` puts a word to each end.
    """

    name: str
    label: str
    unit: str
    low: float
    high: float
    step: float
    default: float
    help: str
    ends: tuple[str, str] = ("", "")
    digits: int = field(init=False)
    signed: bool = field(init=False)

    def __post_init__(self) -> None:
        low, high, step, default = self.low, self.high, self.step, self.default
        refuse(
            self.name,
            *(
                (not math.isfinite(number), f"{what}={number} must be a finite number")
                for what, number in vars(self).items()
                if what in ("low", "high", "step", "default")
            ),
            (low >= high, f"{low=} must be below {high=}"),
            (not 0 < step <= high - low, f"{step=} must fit between low and high"),
            (not low <= default <= high, f"{default=} must lie from {low} to {high}"),
        )
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        object.__setattr__(self, "digits", digits)
        object.__setattr__(self, "signed", low < 0)

    def text(self, value: float) -> str:
        return as_text(value, self.digits, self.unit, signed=self.signed)

    def place(self, value: float, count: int) -> tuple[int, float]:
        position = (value - self.low) / (self.high - self.low) * (count - 1)
        below = min(int(position), max(count - 2, 0))
        return below, position - below


@dataclass(frozen=True)
class Choice:
    """A group of radio buttons: `options` maps each value to the words beside its button.

    `opens` makes it one of several turns, of which one is seen at a time: the last one whose
    slider, named first, stands at least at the number.
    """

    name: str
    label: str
    options: Mapping[str, str]
    default: str
    help: str
    opens: tuple[str, float] | None = None

    def __post_init__(self) -> None:
        known = f"default={self.default!r} must be one of {', '.join(self.options)}"
        few, strange = len(self.options) < 2, self.default not in self.options
        refuse(self.name, (few, "give at least two options"), (strange, known))

    def text(self, value: str) -> str:
        return self.options[value]

    def place(self, value: str, count: int) -> tuple[int, float]:
        return min(list(self.options).index(value), count - 1), 0.0
