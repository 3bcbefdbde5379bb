"""Alliance Course: learn about the therapeutic alliance with simulated clients.

Everything a lesson uses is reachable from here, and loads only when it is first used::

    import alliance_course as ac
    trial = ac.simulate_trial(n_clients=200, seed=1)

All clients are simulated. Nothing here is evidence about real people.
"""

import ast
from functools import cache
from importlib import import_module
from pathlib import Path

__version__ = "1.0.0rc1"

# the stub beside this file is the one list of public names, so that editors know them too
_HOME_OF = {
    alias.name: f"{__name__}.{line.module}"
    for line in ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8")).body
    if isinstance(line, ast.ImportFrom)
    for alias in line.names
}

__all__ = sorted(_HOME_OF)


@cache
def _public(name):
    from alliance_course.refusals import in_one_sentence

    return in_one_sentence(name, getattr(import_module(_HOME_OF[name]), name))


def __getattr__(name):
    if name in _HOME_OF:
        return _public(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return list(__all__)
