"""One line of what a look at a machine has found."""

from typing import NamedTuple


class Finding(NamedTuple):
    """One check: what was looked at, whether it is well, and what to do if not."""

    name: str
    well: bool
    advice: str = ""

    def __str__(self) -> str:
        kind = "problem" if not self.well else "note" if self.advice else "well"
        return f"{kind:<7}  {self.name}" + (f": {self.advice}" if self.advice else "")
