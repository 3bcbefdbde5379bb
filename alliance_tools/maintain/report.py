"""Write what the calibration found into the pages that show it."""

import re
from pathlib import Path
from typing import Any

import pandas as pd

from alliance_course.simulate.parameters import CONDITIONS, PARAMETERS, TREATMENTS, Parameters
from alliance_tools.maintain.calibrate import plot_calibration, summarise_calibration


def _markdown(rows: list[list[Any]], header: list[str]) -> str:
    lines: list[list[Any]] = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _parameters() -> str:
    numbers = [
        [f"`{e['name']}`", f"{e['value']:g}", e["unit"], e["meaning"], e["source"]]
        for e in Parameters.table()
        if "low" in e
    ]
    thresholds = ", ".join(f"{t:g}" for t in PARAMETERS.thresholds)
    effects = [
        [condition, *(f"{value:g}" for value in row)]
        for condition, row in zip(CONDITIONS, PARAMETERS.technique_effects, strict=True)
    ]
    return "\n\n".join(
        [
            _markdown(numbers, ["name", "value", "unit", "meaning", "source"]),
            f"`thresholds`: {thresholds} (SD; held, bears on T24).",
            "`technique_effects`, in SD of the set-point at a full dose (OCD fitted to T14, the "
            "others held; T10, T12, T14):",
            _markdown(effects, ["condition", *TREATMENTS]),
        ]
    )


def _counts(table: pd.DataFrame) -> str:
    sources = [e["source"] for e in Parameters.table() if "low" in e]
    fitted = sum(source.startswith("fitted") for source in sources)
    held = sum(source.startswith("held") for source in sources) + len(PARAMETERS.thresholds)
    effects = len({value for row in PARAMETERS.technique_effects for value in row} - {0.0})
    return (
        f"{fitted} numbers were fitted, and one technique effect (OCD). {held} more bear on "
        "targets and were held at the first value that was tried, as were the other "
        f"{effects - 1} different technique effects. All are held against {len(table)} "
        f"statistics of {table['target'].nunique()} targets. The other numbers were chosen for "
        "teaching or are settings and switches."
    )


def _targets(table: pd.DataFrame) -> str:
    rows = [
        [
            row.target,
            f"{row.statistic} ({row.finding})",
            row.rows,
            "" if pd.isna(row.published) else f"{row.published:g}",
            f"{row.low:g} to {row.high:g} ({row.interval})",
            f"{row.simulated:.3f} ± {row.mc_error:.3f}",
            "yes" if row.passes else "**no**",
        ]
        for row in table.itertuples()
    ]
    header = ["target", "statistic", "rows", "published", "allowed", "simulated", "inside"]
    return f"{summarise_calibration(table)}\n\n{_markdown(rows, header)}"


def fill(page: str, name: str, text: str) -> str:
    """Put text between a page's markers `<!-- name -->` and `<!-- /name -->`.

    Examples
    --------
    >>> fill("a <!-- b --> c", "b", "x")
    'a <!-- b -->\\n\\nx\\n\\n<!-- /b --> c'
    >>> fill(fill("<!-- b -->", "b", "x"), "b", "y")
    '<!-- b -->\\n\\ny\\n\\n<!-- /b -->'
    """
    pattern = rf"<!-- {name} -->(.*?<!-- /{name} -->)?"
    block = f"<!-- {name} -->\n\n{text}\n\n<!-- /{name} -->"
    return re.sub(pattern, lambda _: block, page, count=1, flags=re.DOTALL)


def model_page(page: str, table: pd.DataFrame) -> str:
    """The model page with its tables filled in from the code and from a calibration."""
    for name, text in (
        ("counts", _counts(table)),
        ("parameters", _parameters()),
        ("targets", _targets(table)),
    ):
        page = fill(page, name, text)
    return page


def write_report(table: pd.DataFrame, folder: Path) -> None:
    """Write calibration.csv, calibration.png and the tables of MODEL.md into a folder of data.

    Parameters
    ----------
    table : DataFrame
        From a full `calibrate`.
    folder : Path
        The course's `datasets` folder.
    """
    import matplotlib.pyplot as plt

    rounded = table.round({"simulated": 4, "mc_error": 4})
    rounded.to_csv(folder / "calibration.csv", index=False, lineterminator="\n")
    figure: Any = plot_calibration(rounded).figure
    figure.savefig(folder / "calibration.png", dpi=100, metadata={"Software": None})
    plt.close(figure)
    page = folder / "MODEL.md"
    page.write_text(model_page(page.read_text(encoding="utf-8"), rounded), encoding="utf-8")
