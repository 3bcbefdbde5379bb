"""What cards and explorers do alike with the page around them: their script, and their stills."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from IPython.display import display

# An output shows only one of its forms, so that a still and its widget are two. In a notebook that
# is opened without the widget, JupyterLab writes an error in its place, which is needless there.
NO_ERROR = """<style>
.jp-OutputArea-child:has(.ac-still) + .jp-OutputArea-child >
  .jp-OutputArea-output.lm-Panel:not(:has(.ac-cards, .ac-explorer)) { display: none; }
</style>"""


def whole(*files: Path) -> str:
    """One script or sheet: what all widgets have of it alike, then these files."""
    shared = Path(__file__).with_name({".js": "page.js", ".css": "tokens.css"}[files[0].suffix])
    text = "\n".join(path.read_text(encoding="utf-8") for path in (shared, *files))
    # each saved widget carries it: leave out indents, and comments that are no mark (/*! ... */)
    return re.sub(r"^ *//.*\n|^/\*(?!!)[^*]*\*/\n|^ +", "", text, flags=re.M)


def display_after(still: Mapping[str, str], widget: Any) -> None:
    """Show a widget as two outputs: its still, which says the same in words, and then itself."""
    display(dict(still), raw=True)
    if bundle := widget._repr_mimebundle_():
        data = {kind: value for kind, value in bundle[0].items() if kind != "text/plain"}
        display(data, raw=True)
