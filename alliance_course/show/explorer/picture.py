"""What an explorer is made of: controls, answers computed beforehand, and marks that show them.

`Picture` holds it all and refuses what does not fit together. It knows no widget and draws
nothing: `explorer.js` draws it in the page, `still.py` on paper.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

from alliance_course.show.explorer.controls import Axis, Choice, as_text, refuse

Numbers = str | Sequence[float]
MAX_BYTES = 1_100_000


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
        flat = not self.labels and not self.low < self.high
        refuse(f"scale {self.label!r}", (flat, f"low={self.low} must be below {self.high}"))


@dataclass(frozen=True)
class Line:
    """A line through `x` and `y`, named at its end, with a band between two surfaces.

    A pale line stays behind at the starting values, or at those that somebody kept. `style` 0 to 3
    picks colour and dashes of a series; bond, goal and task have those of `show.style`.
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
    height: int = 220


@dataclass(frozen=True)
class Readout:
    """One number out of a surface; `words` maps upper limits to what it means.

    It stands below the panels, unless a title or a bar says it already or it is not to be `shown`.
    """

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
            plain = name.isidentifier() and not name.startswith("_") and names.count(name) == 1
            refuse(repr(name), (not plain, "must be a plain name, and used only once"))
        arrays = {k: np.ascontiguousarray(v, dtype=np.float32) for k, v in self.surfaces.items()}
        object.__setattr__(self, "arrays", arrays)
        size = sum(array.nbytes for array in arrays.values())
        refuse(
            self.title,
            (not self.controls, "give at least one control"),
            (not 1 <= len(self.panels) <= 4, "give one to four panels"),
            (size > MAX_BYTES, f"surfaces hold {size:,} bytes, more than {MAX_BYTES:,}"),
        )
        for name, array in arrays.items():
            self._check_surface(name, array)
        for k, control in enumerate(self.controls):
            along = {name: array.shape[k] for name, array in arrays.items()}
            unlike = len(set(along.values()) - {1}) > 1
            refuse(control.name, (unlike, f"surfaces disagree along it: {along}"))
        for panel in self.panels:
            for mark in panel.marks:
                self._check_mark(panel, mark)
        for readout in self.readouts:
            late = readout.index >= self._count(readout.surface)
            refuse(readout.name, (late, f"{readout.surface!r} ends before index {readout.index}"))
        for template in (self.words, *(panel.title for panel in self.panels)):
            self.fill(template, self.defaults)

    def _check_surface(self, name: str, array: np.ndarray) -> None:
        controls = [control.name for control in self.controls]
        few = f"has {array.ndim} dimensions; give one for each of {', '.join(controls)}"
        refuse(f"surface {name!r}", (array.ndim < len(controls), few))
        for k, control in enumerate(self.controls):
            count = array.shape[k]
            allowed = (1, len(control.options)) if isinstance(control, Choice) else (count,)
            unfit = count == 0 or count not in allowed
            why = f"surface {name!r} has {count} values along it; give one for each grid point or "
            refuse(control.name, (unfit, f"{why}option, or 1 if it does not depend on it"))
        for bad in np.argwhere(~np.isfinite(array)):
            places = zip(controls, bad, array.shape, strict=False)
            where = ", ".join(f"{control} {at + 1} of {count}" for control, at, count in places)
            raise ValueError(f"surface {name!r} has a missing or infinite value at {where}")
        refuse(f"surface {name!r}", (array.size == 0, "it is empty"))

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
        unequal = len(set(counts.values())) > 1, f"unequal: {counts}"
        refuse(f"{type(mark).__name__} in {panel.title!r}", unequal)

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
        named = f"no control or readout named {min(unknown, default='')!r}"
        refuse(repr(template), (bool(unknown), named))
        return re.sub(r"{(\w+)}", lambda match: known[match[1]], template)

    def describe(self, values: Mapping[str, Any] | None = None) -> str:
        """Say what the picture shows at some values of the controls (or at the start)."""
        return self.fill(self.words, {**self.defaults, **(values or {})})

    def spec(self) -> dict[str, Any]:
        """Everything but the surfaces' numbers, as plain JSON for the page."""
        offset, surfaces = 0, {}
        for name, array in self.arrays.items():
            dims, size = array.shape[: len(self.controls)], self._count(name)
            surfaces[name] = {"offset": offset, "dims": dims, "size": size}
            offset += array.size
        plain = {
            "title": self.title,
            "words": self.words,
            "surfaces": surfaces,
            "length": offset,
            # in pairs, since a page may get the keys of an object in another order
            "controls": [
                asdict(c) | ({"options": [*c.options.items()]} if isinstance(c, Choice) else {})
                for c in self.controls
            ],
            "readouts": [asdict(r) | {"shown": self.stands_alone(r)} for r in self.readouts],
            "panels": [
                asdict(panel)
                | {"marks": [asdict(mark) | {"kind": type(mark).__name__} for mark in panel.marks]}
                for panel in self.panels
            ],
        }
        text = json.dumps(plain, default=lambda given: np.asarray(given).tolist())
        return json.loads(text)

    def stands_alone(self, readout: Readout) -> bool:
        """Whether a number is shown that no title, bar or tile says already."""
        titles = " ".join(panel.title for panel in self.panels)
        written = {m.values for p in self.panels for m in p.marks if isinstance(m, Bars | Tiles)}
        said = f"{{{readout.name}}}" in titles or readout.surface in written
        return readout.shown and not readout.words and not said

    def data(self) -> bytes:
        """All surfaces in one row of little-endian float32."""
        return b"".join(array.astype("<f4").tobytes() for array in self.arrays.values())
