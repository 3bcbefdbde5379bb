"""What an explorer is made of: controls, answers computed beforehand, and marks that show them.

`Picture` holds it all and refuses what does not fit together. It knows no widget and draws
nothing: `explorer.js` draws it in the page, `still.py` on paper.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

Numbers = str | Sequence[float]
MAX_BYTES = 1_100_000


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
    return f"{sign}{text}{'%' if percent else ''}{' ' + unit if unit else ''}"


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

    def __post_init__(self) -> None:
        numbers = {k: getattr(self, k) for k in ("low", "high", "step", "default")}
        for what, number in numbers.items():
            if not math.isfinite(number):
                raise ValueError(f"{self.name}: {what}={number} must be a finite number")
        if self.low >= self.high:
            raise ValueError(f"{self.name}: low={self.low} must be below high={self.high}")
        if not 0 < self.step <= self.high - self.low:
            raise ValueError(f"{self.name}: step={self.step} must fit between low and high")
        if not self.low <= self.default <= self.high:
            raise ValueError(
                f"{self.name}: default={self.default} must lie from {self.low} to {self.high}"
            )

    @property
    def digits(self) -> int:
        return max(0, -math.floor(math.log10(self.step) + 1e-9))

    def text(self, value: float) -> str:
        return as_text(value, self.digits, self.unit, signed=self.low < 0)

    def place(self, value: float, count: int) -> tuple[int, float]:
        position = (value - self.low) / (self.high - self.low) * (count - 1)
        below = min(int(position), max(count - 2, 0))
        return below, position - below


@dataclass(frozen=True)
class Choice:
    """A group of radio buttons: `options` maps each value to the words beside its button."""

    name: str
    label: str
    options: Mapping[str, str]
    default: str
    help: str

    def __post_init__(self) -> None:
        if len(self.options) < 2:
            raise ValueError(f"{self.name}: give at least two options")
        if self.default not in self.options:
            raise ValueError(
                f"{self.name}: default={self.default!r} must be one of {', '.join(self.options)}"
            )

    def text(self, value: str) -> str:
        return self.options[value]

    def place(self, value: str, count: int) -> tuple[int, float]:
        return min(list(self.options).index(value), count - 1), 0.0


@dataclass(frozen=True)
class Scale:
    """One side of a panel: numbers from `low` to `high`, or named places (`labels`)."""

    label: str = ""
    low: float = 0.0
    high: float = 1.0
    ticks: Sequence[float] = ()
    labels: Sequence[str] = ()
    digits: int = 0
    percent: bool = False

    def __post_init__(self) -> None:
        if not self.labels and not self.low < self.high:
            raise ValueError(f"scale {self.label!r}: low={self.low} must be below {self.high}")


@dataclass(frozen=True)
class Line:
    """A line through `x` and `y`, named at its end, with a band between two surfaces.

    A thin dotted line stays behind at the starting values. `style` 0 to 3 picks colour and dashes.
    """

    y: Numbers
    x: Numbers
    label: str = ""
    band: tuple[str, str] | None = None
    style: int = 0


@dataclass(frozen=True)
class Points:
    """Points, each with an interval along x or y if given; `size` is a radius in pixels.

    Points that lie outside the panel's scales are not drawn.
    """

    x: Numbers
    y: Numbers
    label: str = ""
    interval: tuple[str, str] | None = None
    along: str = "x"
    style: int = 0
    size: float | str = 4.0


@dataclass(frozen=True)
class Bars:
    """Bars to the right, one for each label of the panel's y scale, with their values."""

    values: Numbers
    style: int = 0


@dataclass(frozen=True)
class Tiles:
    """A table of numbers on two scales of labels, shaded from `low` to `high`."""

    values: Numbers
    low: float
    high: float
    digits: int = 0
    percent: bool = False
    style: int = 0


@dataclass(frozen=True)
class Reference:
    """A straight line across, with its label; at a number or at a surface's."""

    label: str
    x: float | str | None = None
    y: float | str | None = None


Mark = Line | Points | Bars | Tiles | Reference


@dataclass(frozen=True)
class Panel:
    """One picture: its message, two scales, its marks, and a line on how to read them.

    The title may hold ``{names}`` as `Picture.words` does. `width` is a share of the row.
    """

    title: str
    x: Scale
    y: Scale
    marks: Sequence[Mark]
    note: str = ""
    width: int = 1
    height: int = 250


@dataclass(frozen=True)
class Readout:
    """One number out of a surface, written large; `words` maps upper limits to what it means."""

    name: str
    label: str
    surface: str
    index: int = 0
    digits: int = 0
    unit: str = ""
    percent: bool = False
    signed: bool = False
    words: Sequence[tuple[float, str]] = ()
    shown: bool = True

    def text(self, value: float) -> str:
        return as_text(value, self.digits, self.unit, self.percent, self.signed)

    def word(self, value: float) -> str:
        return next((word for limit, word in self.words if value <= limit), "")


@dataclass(frozen=True)
class Picture:
    """A question, the controls that answer it, and every answer computed beforehand.

    Parameters
    ----------
    title : str
        The question.
    controls : sequence of Axis or Choice
    surfaces : mapping of str to array
        One leading dimension for each control, in their order, then the numbers of a mark.
        Along a slider the grid runs evenly from low to high and may be coarser than the steps:
        between grid points everything is interpolated linearly. A length of 1 says that a
        surface does not depend on that control.
    panels : sequence of Panel
        One to four.
    readouts : sequence of Readout
    words : str
        What the picture shows, with ``{name}`` for a control's or readout's value and
        ``{name_word}`` for its word. The page and the still use the same sentence.

    Raises
    ------
    ValueError
        If the parts disagree; the message names the control or surface.
    """

    title: str
    controls: Sequence[Axis | Choice]
    surfaces: Mapping[str, Any]
    panels: Sequence[Panel]
    words: str
    readouts: Sequence[Readout] = ()
    arrays: dict[str, np.ndarray] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        names = [entry.name for entry in (*self.controls, *self.readouts)]
        for name in names:
            if not name.isidentifier() or name.startswith("_") or names.count(name) > 1:
                raise ValueError(f"{name!r} must be a plain name, and used only once")
        if not self.controls or not 1 <= len(self.panels) <= 4:
            raise ValueError(f"{self.title}: give at least one control and one to four panels")
        arrays = {name: self._array(name, given) for name, given in self.surfaces.items()}
        object.__setattr__(self, "arrays", arrays)
        if (size := sum(array.nbytes for array in arrays.values())) > MAX_BYTES:
            raise ValueError(f"surfaces hold {size:,} bytes, more than {MAX_BYTES:,}")
        for panel in self.panels:
            for mark in panel.marks:
                self._check_mark(panel, mark)
        for readout in self.readouts:
            if readout.index >= self._count(readout.surface):
                raise ValueError(
                    f"{readout.name}: {readout.surface!r} ends before index {readout.index}"
                )
        for template in (self.words, *(panel.title for panel in self.panels)):
            self.fill(template, self.defaults)

    def _array(self, name: str, given: Any) -> np.ndarray:
        array = np.ascontiguousarray(given, dtype=np.float32)
        if array.ndim < len(self.controls):
            raise ValueError(
                f"surface {name!r} has {array.ndim} dimensions; give one for each of "
                f"{', '.join(control.name for control in self.controls)}"
            )
        for k, control in enumerate(self.controls):
            count = array.shape[k]
            if count == 0 or (
                isinstance(control, Choice) and count not in (1, len(control.options))
            ):
                raise ValueError(
                    f"{control.name}: surface {name!r} has {count} values along it; give one for "
                    f"each grid point or option, or 1 if it does not depend on it"
                )
            others = {n: np.shape(a)[k] for n, a in self.surfaces.items() if np.ndim(a) > k}
            if len(set(others.values()) - {1}) > 1:
                raise ValueError(f"{control.name}: surfaces disagree along it: {others}")
        if array.size == 0:
            raise ValueError(f"surface {name!r} is empty")
        bad = np.argwhere(~np.isfinite(array))
        if len(bad):
            where = ", ".join(
                f"{control.name} {at + 1} of {count}"
                for control, at, count in zip(self.controls, bad[0], array.shape, strict=False)
            )
            raise ValueError(f"surface {name!r} has a missing or infinite value at {where}")
        return array

    def _count(self, given: Any) -> int:
        if not isinstance(given, str):
            return len(given)
        if given not in self.arrays:
            raise ValueError(f"no surface {given!r}; there are {', '.join(self.arrays)}")
        return math.prod(self.arrays[given].shape[len(self.controls) :])

    def _check_mark(self, panel: Panel, mark: Mark) -> None:
        counts = {}
        for part in fields(mark):
            given = getattr(mark, part.name)
            if part.name in ("label", "along") or isinstance(given, (int, float, type(None))):
                continue
            for n, entry in enumerate(given if part.name in ("band", "interval") else [given]):
                counts[f"{part.name} {n + 1}"] = self._count(entry)
        if isinstance(mark, Bars):
            counts["labels of y"] = len(panel.y.labels)
        elif isinstance(mark, Tiles):
            counts["labels of x and y"] = len(panel.x.labels) * len(panel.y.labels)
        if len(set(counts.values())) > 1:
            raise ValueError(f"{type(mark).__name__} in {panel.title!r}: unequal: {counts}")

    @property
    def defaults(self) -> dict[str, Any]:
        """The starting value of each control."""
        return {control.name: control.default for control in self.controls}

    def at(self, name: str, values: Mapping[str, Any]) -> np.ndarray:
        """Look a surface up at any values of the controls, as the page does."""
        found = self.arrays[name].astype(float)
        for control in self.controls:
            below, share = control.place(values[control.name], len(found))
            above = min(below + 1, len(found) - 1)
            found = found[below] * (1 - share) + found[above] * share if share else found[below]
        return found.ravel()

    def fill(self, template: str, values: Mapping[str, Any]) -> str:
        """Put values and their words in the place of ``{names}``."""
        known = {control.name: control.text(values[control.name]) for control in self.controls}
        for readout in self.readouts:
            number = self.at(readout.surface, values)[readout.index]
            known[readout.name] = readout.text(number)
            known[f"{readout.name}_word"] = readout.word(number)
        unknown = set(re.findall(r"{(\w*)}", template)) - set(known)
        if unknown:
            raise ValueError(f"{template!r}: no control or readout named {min(unknown)!r}")
        return re.sub(r"{(\w+)}", lambda match: known[match[1]], template)

    def describe(self, values: Mapping[str, Any] | None = None) -> str:
        """Say what the picture shows at some values of the controls (or at the start)."""
        return self.fill(self.words, {**self.defaults, **(values or {})})

    def spec(self) -> dict[str, Any]:
        """Everything but the surfaces' numbers, as plain JSON for the page."""
        offset, surfaces = 0, {}
        for name, array in self.arrays.items():
            split = len(self.controls)
            size = math.prod(array.shape[split:])
            surfaces[name] = {"offset": offset, "dims": array.shape[:split], "size": size}
            offset += array.size
        plain = {
            "title": self.title,
            "words": self.words,
            "surfaces": surfaces,
            "length": offset,
            "readouts": [asdict(readout) for readout in self.readouts],
            "controls": [
                {**asdict(c), "digits": c.digits, "kind": "slider"}
                if isinstance(c, Axis)
                else {**asdict(c), "options": list(c.options.items()), "kind": "choice"}
                for c in self.controls
            ],
            "panels": [
                asdict(panel)
                | {"marks": [asdict(m) | {"kind": type(m).__name__} for m in panel.marks]}
                for panel in self.panels
            ],
        }
        text = json.dumps(plain, default=lambda given: np.asarray(given).tolist())
        digest = hashlib.sha256(text.encode() + self.data()).hexdigest()
        # not random: a notebook that is run again must be the same file
        return {**json.loads(text), "id": f"ac-still-{digest[:10]}"}

    def data(self) -> bytes:
        """All surfaces in one row of little-endian float32."""
        return b"".join(array.astype("<f4").tobytes() for array in self.arrays.values())
