"""A page speaks as a page: what the notebooks say of notebooks, turned; and the glossary."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from alliance_tools.maintain.notebooks import lesson

GLOSSARY = "00-start-here.ipynb#Glossary"
_ENTRY = re.compile(r"^\* \*\*(.+?)\*\*(?: \((.+?)\))?: (.+)$", flags=re.MULTILINE)
# where a link in a notebook leads in the pages
_PAGES = (
    (re.compile(r"^(?:\.\./notebooks/)?(\d\d)-[\w-]+\.ipynb(#.*)?$"), r"lesson-\1.html\2"),
    (re.compile(r"^(?:\.\./exercises/)?(\d\d)-practice\.ipynb(#.*)?$"), r"practice-\1.html\2"),
    (re.compile(r"^(?:\.\./)?datasets/MODEL\.md$"), "model.html"),
    (re.compile(r"^(?:\.\./)?datasets/EVIDENCE\.md$"), "evidence.html"),
)


class Rule(NamedTuple):
    """Text of the notebooks that is untrue in a page, and what the page says instead.

    `where` is the start of a notebook's name; `whole` means that the cell's whole text goes;
    `python` is what stands there instead of `put` where Python can be started in the page.
    """

    where: str
    find: str
    put: str
    whole: bool
    python: str


@cache
def _written() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


@cache
def rules() -> list[Rule]:
    """All rules, in the order in which they are applied."""
    return [
        Rule(
            one.get("where", ""),
            one["find"],
            one["put"].strip("\n"),
            one.get("whole", False),
            one.get("python", one["put"]).strip("\n"),
        )
        for one in _written()["rule"]
    ]


def about() -> dict[str, str]:
    """What each lesson is about, in a few words, by its number."""
    return _written()["about"]


def as_page(text: str, where: str, used: set[int] | None = None, *, python: bool = False) -> str:
    """A text of a notebook as a page says it.

    Parameters
    ----------
    text : str
        Markdown or HTML.
    where : str
        The notebook's file name.
    used : set of int, optional
        Takes the places of the rules that found something, so that a test sees idle ones.
    python : bool
        Whether Python can be started in the page.
    """
    for place, rule in enumerate(rules()):
        if rule.find in text and where.startswith(rule.where):
            put = rule.python if python else rule.put
            text = put if rule.whole else text.replace(rule.find, put)
            if used is not None:
                used.add(place)
    return text


def page_of(link: str) -> str:
    """Where a link of a notebook leads in the pages; a link to elsewhere stays as it is.

    >>> page_of("../notebooks/02-the-bond.ipynb"), page_of("https://doi.org/1")
    ('lesson-02.html', 'https://doi.org/1')
    """
    for pattern, page in _PAGES:
        if pattern.match(link):
            return pattern.sub(page, link)
    return link


@cache
def glossary() -> dict[str, dict[str, str]]:
    """The glossary of lesson 00 by an id: the `term` and what it `says`."""
    cell = next(s for s in lesson("00").sections if s.name == "glossary").cells[0]
    return {
        anchor(name): {"term": f"{name} ({more})" if more else name, "says": says}
        for name, more, says in _ENTRY.findall(cell.source)
    }


@cache
def _forms() -> dict[str, str]:
    found = {}
    for key, entry in glossary().items():
        for form in re.findall(r"[^()/,;]+", entry["term"]):
            found[form.strip().lower()] = key
    return found


def term(words: str) -> str | None:
    """The id of the glossary's entry for the words of a link, or None.

    >>> term("Ruptures"), term("standard deviations")
    ('rupture', 'standard-deviation-sd')
    """
    said = " ".join(words.lower().split())
    forms = _forms()
    stem = said[:-2]
    for form in (said, said.removesuffix("s"), stem, f"{stem}is"):
        if form in forms:
            return forms[form]
    last = said.rsplit(" ", 1)[-1]
    return term(last) if last != said else None


def anchor(text: str) -> str:
    """Words as the part of an address after its #.

    >>> anchor("What do you believe?")
    'what-do-you-believe'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def plain_series(text: str) -> list[tuple[str, str]] | None:
    """The rows of a printed pandas Series, or None if the text is none."""
    lines = text.rstrip().split("\n")
    if not re.match(r"(Name: .+, )?(Length: \d+, )?dtype: \w+$", lines[-1]):
        return None
    rows = [re.split(r"\s{2,}", line.rstrip(), maxsplit=1) for line in lines[:-1]]
    pairs = [(row[0], row[1]) for row in rows if len(row) == 2]
    return pairs if len(pairs) == len(rows) else None


def data(values: Any) -> str:
    """Values as JSON that may stand inside a page's script element."""
    import json

    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.replace("<", "\\u003c")
