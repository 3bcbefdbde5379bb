"""A page on what the course's main statements rest on, made from the table of published findings.

The statements, each at full strength and with its best critique, stand in `statements.toml`; rows,
grades and years come from the table, so that a new row or grade changes the page.
"""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from alliance_course.data.published import published_effects
from alliance_course.folders import course_folder
from alliance_course.show.citations import size_in_words

STRENGTH = {
    "well supported": "design, consistency, bias and directness leave no serious doubt",
    "fairly supported": "one serious doubt about design, consistency, bias or directness",
    "thinly supported": "two or more serious doubts about them, or one that decides",
    "worked out, not observed": "computed from other published numbers with doubts of their own",
    "not graded": "the number was seen, but nobody judged what it rests on",
    "not verified": "the number was not seen in a source, so it is not stated as fact",
}
PAGE = "EVIDENCE.md"
_WHY = ("design", "consistency", "bias", "directness")
_ROW = re.compile(r"\b[A-N]\d\d\b")


@cache
def statements() -> list[dict[str, Any]]:
    """The statements in order: `says`, `supported`, `but`, `believer`, `sceptic`."""
    path = Path(__file__).with_name("statements.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))["statement"]


def cited_rows(text: str) -> list[str]:
    """The rows of the table that a text names, each once, in order."""
    return list(dict.fromkeys(_ROW.findall(text)))


def newest_year(rows: list[str]) -> int:
    """The year of the newest source among some rows; sources without a year do not count."""
    years = published_effects().loc[rows, "citation"].str.extract(r"\b((?:19|20)\d\d)\b")[0]
    return int(years.dropna().astype(int).max())


def _cell(value: object) -> str:
    return "" if pd.isna(value) else str(value).replace("|", "/")


def _findings(rows: list[str]) -> str:
    effects = published_effects()
    lines = ["| row | finding | size | studies | how well supported | why |", "|" + "---|" * 6]
    for row_id in rows:
        row = effects.loc[row_id]
        sure = row["strength"]
        if row["verified"] == "secondary":
            sure += ", second hand"
        why = ". ".join(f"{name}: {row[name]}" for name in _WHY)
        cells = [row_id, row["finding"], size_in_words(row), row["k_studies"], sure, why]
        lines.append("| " + " | ".join(map(_cell, cells)) + " |")
    return "\n".join(lines)


def _section(statement: dict[str, Any]) -> str:
    believer, sceptic = statement["believer"].strip(), statement["sceptic"].strip()
    rows = cited_rows(f"{believer} {sceptic}")
    return f"""## {statement["says"]}

**{statement["supported"].capitalize()}**: {statement["but"]}. Newest source: {newest_year(rows)}.

**At full strength.** {believer}

**Its best critique.** {sceptic}

<details><summary>The {len(rows)} findings behind it</summary>

{_findings(sorted(rows))}

</details>
"""


def evidence_page() -> str:
    """The page as it stands in the folder `datasets`."""
    words = "\n".join(f"* **{word}**: {meaning}." for word, meaning in STRENGTH.items())
    sections = "\n".join(_section(statement) for statement in statements())
    return f"""# What the course's statements rest on

Written by `alliance-course evidence --write` from [published_effects.csv](published_effects.csv)
and `alliance_tools/maintain/statements.toml`; change those, and not this page. Each statement
stands once as somebody who holds it would sign it, and once as a sceptic would. A01 is a row of
the table; every number is from a row cited in its sentence, unless it is marked as own arithmetic.

{words}

The words at a statement judge the statement. Those at a row judge the row's own sentence, and can
be better: that the alliance predicts outcome is well supported, and says little on what causes it.

{sections}"""


def write_evidence() -> Path:
    """Write the page into the checkout's folder `datasets`."""
    path = course_folder("datasets") / PAGE
    path.write_text(evidence_page(), encoding="utf-8", newline="\n")
    return path
