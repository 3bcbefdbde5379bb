"""Tables of pandas as everybody can read them: no empty heading, and wide ones scroll by key."""

import sys
from typing import Any

_WIDE = 7
_REGION = '<div tabindex="0" role="region" aria-label="A wide table" style="overflow-x: auto">'


def table_html(frame: Any) -> str | None:
    """What a notebook shows of a DataFrame.

    Examples
    --------
    >>> import pandas as pd
    >>> "<th></th>" in table_html(pd.DataFrame({"a": [1]}))
    False
    """
    page = frame._repr_html_()
    if page is None:
        return None
    page = page.replace("<th></th>", "<td></td>")
    return page.replace("<div>", _REGION, 1) if frame.shape[1] > _WIDE else page


def register() -> None:
    """Show tables so in the notebook that imports the course; elsewhere nothing happens."""
    get_shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)
    if formatter := (shell := get_shell()) and shell.display_formatter.formatters.get("text/html"):
        for module in ("pandas", "pandas.core.frame"):  # its home since pandas 3, and before
            formatter.for_type_by_name(module, "DataFrame", table_html)
