"""A notebook as the middle of a page: prose, results, and places where something answers."""

import ast
import copy
import re
from dataclasses import dataclass, field
from html import escape
from typing import Any

from bs4 import BeautifulSoup, Tag

from alliance_course.folders import course_folder
from alliance_tools.site.files import Files, short
from alliance_tools.site.words import anchor, as_page, data, glossary, page_of, plain_series, term
from alliance_tools.start.alive import STATE, VIEW
from alliance_tools.start.home import hand_in

_LONG, _LONG_LIST = 8, 20
# cards that few readers come to, whose script a page fetches when somebody is near
_BOXES = ("deck", "comparison", "text", "rubric", "page", "handIn")
# what these cells do is seen in the page; their one line of code would tell a reader nothing
_SEEN = {
    "predict", "ask", "revisit", "check", "mark", "hint", "label_exchanges", "compare_labels",
    "show_evidence", "show_references", "show_codebook", "play_client",
}  # fmt: skip
_WRITE = re.compile(r"^\*(Write|Double-click).*\*$|^\.\.\.$", flags=re.DOTALL)
# state that belongs to the host of a widget, not to what the widget shows
_OF_THE_HOST = re.compile(r"^_(model|view|dom|esm|css|anywidget)|^(layout|tabbable|tooltip|reply)$")


@dataclass
class Page:
    """What a notebook gives to its page."""

    slug: str
    title: str = ""
    parts: list[str] = field(default_factory=list)
    headings: list[tuple[str, str]] = field(default_factory=list)
    terms: set[str] = field(default_factory=set)
    sections: list[dict[str, str]] = field(default_factory=list)
    asked: dict[str, list[str]] = field(default_factory=lambda: {"guesses": [], "answers": []})
    used: set[int] = field(default_factory=set)
    more: dict[str, tuple[str, str]] = field(default_factory=dict)
    # what runs where Python is: code that is not seen, and the numbers of folds
    cells: list[str | int] = field(default_factory=list)

    @property
    def body(self) -> str:
        """The parts in order."""
        return "\n".join(self.parts)

    @property
    def words(self) -> dict[str, dict[str, str]]:
        """The entries of the glossary that the page names."""
        return {key: glossary()[key] for key in sorted(self.terms)}


def _checks(source: str) -> list[str]:
    """The questions that a cell checks, but for those with numbers of each learner's own."""
    return [
        ast.literal_eval(node.args[0])
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") == "check"
        and not node.keywords
    ]


def _is_seen(source: str) -> bool:
    """Whether a cell's code can stay away: imports, open answers, and what the page shows."""
    for line in ast.parse(source).body:
        value = getattr(line, "value", None)
        if isinstance(line, ast.Import | ast.ImportFrom):
            continue
        if isinstance(line, ast.Expr) and isinstance(value, ast.Call):
            name = getattr(value.func, "attr", "")
            if name in _SEEN or name.startswith("explore_"):
                continue
        if isinstance(line, ast.Assign) and _is_literal(line.value):
            continue
        return False
    return True


def _is_literal(node: ast.AST) -> bool:
    try:
        ast.literal_eval(node)  # type: ignore[arg-type]
    except ValueError:
        return False
    return True


class Maker:
    """Makes the page of one notebook; pictures and explorers go to the site's files."""

    def __init__(self, notebook: Any, name: str, files: Files, *, python: bool = False) -> None:
        self.notebook, self.name, self.files, self.python = notebook, name, files, python
        number = name[:2]
        self.page = Page(f"practice-{number}" if "practice" in name else f"lesson-{number}")
        widgets = notebook.metadata.get("widgets", {}).get(STATE, {})
        self.states: dict[str, Any] = widgets.get("state", {})

    def make(self) -> Page:
        """The page."""
        for number, cell in enumerate(self.notebook.cells):
            if cell.cell_type == "markdown":
                self._markdown(cell, number)
            elif cell.cell_type == "code":
                self._code(cell)
        self.page.headings.append(("hand-in", "Hand in"))
        self.page.parts.append('<h2 id="hand-in">Hand in</h2>')
        self.page.parts.append(
            '<p class="still">The button to hand in needs this page\'s scripts.</p>'
        )
        self._cards({"spec": hand_in().spec})
        return self.page

    # prose

    def _html(self, source: str) -> BeautifulSoup:
        """Markdown as HTML, with the links and the words of a page."""
        from nbconvert.filters import markdown2html

        text = as_page(source, self.name, self.page.used, python=self.python)
        soup = BeautifulSoup(str(markdown2html(text)), "html.parser")
        for image in soup.select('img[src^="pictures/"]'):
            drawn = (course_folder("notebooks") / str(image["src"])).read_bytes()
            for name, value in self.files.drawing(drawn).items():
                image[name] = str(value)
            image["loading"] = "lazy"
        return self._linked(soup)

    def _linked(self, soup: BeautifulSoup) -> BeautifulSoup:
        for link in soup.select("a.anchor-link"):
            link.decompose()
        for link in soup.select("a[href]"):
            target = page_of(str(link["href"]))
            if target.endswith(".html#Glossary"):
                key = term(link.get_text())
                if key is None:
                    raise ValueError(f"{self.name}: the glossary has no {link.get_text()!r}")
                self.page.terms.add(key)
                link["class"], link["data-term"] = "term", key
                target = f"lesson-00.html#term-{key}"
            elif "#" in target and not target.startswith("http"):
                path, _, at = target.partition("#")
                target = f"{path}#{anchor(at)}"
                if target == "#references" and link.attrs.pop("title", ""):
                    link["class"] = "cite"
            link["href"] = target
        return soup

    def _markdown(self, cell: Any, number: int) -> None:
        tag = cell.metadata.get("alliance", {})
        if "answer" in tag or _WRITE.match(cell.source.strip()):
            self.page.parts.append(_written(tag.get("answer") or f"{self.page.slug}.{number}"))
            return
        soup = self._html(cell.source)
        for heading in soup.find_all(re.compile(r"^h\d$")):
            text = heading.get_text()
            if heading.name == "h1":
                self.page.title = text
                del heading["id"]
            else:
                heading["id"] = self._unique(anchor(text))
            if heading.name == "h2":
                self.page.headings.append((str(heading["id"]), text))
            self._open(text, str(heading.get("id", "")))
        if "Glossary" in {h.get_text() for h in soup.select("h2")}:
            for item in soup.select("li"):
                if name := item.find("strong"):
                    item["id"] = f"term-{anchor(name.get_text())}"
        if "worked" not in tag:
            self._note(soup)
        mend_tables(soup)
        self.page.parts.append(f'<div class="task">{soup}</div>' if "task" in tag else str(soup))

    def _unique(self, wanted: str) -> str:
        taken = {part["at"] for part in self.page.sections}
        return next(
            key for key in (wanted, *(f"{wanted}-{n}" for n in range(2, 99))) if key not in taken
        )

    def _open(self, heading: str, at: str) -> None:
        self.page.sections.append({"heading": heading, "at": at, "text": ""})

    def _note(self, soup: BeautifulSoup | str) -> None:
        """Keep the words for the search; lists of references would only be in its way."""
        if not self.page.sections:
            self._open("", "")
        if self.page.sections[-1]["heading"] == "References":
            return
        text = soup if isinstance(soup, str) else soup.get_text(" ")
        known = self.page.sections[-1]
        known["text"] = " ".join(f"{known['text']} {text}".split())

    # code and what it shows

    def _code(self, cell: Any) -> None:
        # a cell that waits for lines is of use only where they can run
        waits = not ast.parse(cell.source).body
        if (waits and self.python) or not _is_seen(cell.source):
            number = sum(isinstance(one, int) for one in self.page.cells) + 1
            self.page.cells.append(number)
            self.page.parts.append(_folded(cell.source, number if self.python else None))
        elif unseen := _unseen(cell.source):
            self.page.cells.append(unseen)
        outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        asked = [] if any(VIEW in o.get("data", {}) for o in outputs) else _checks(cell.source)
        for key in (key for key in asked if key not in self.page.asked["answers"]):
            from alliance_course.questions.cards import ask

            self._cards({"spec": ask(key).spec})
        if any(VIEW in output.get("data", {}) for output in outputs):
            # beside a widget only its still counts: other lines tell what the widget tells
            outputs = [o for o in outputs if VIEW in o["data"] or "text/html" in o["data"]]
        for place, output in enumerate(outputs):
            following = outputs[place + 1] if place + 1 < len(outputs) else {}
            alive = VIEW in following.get("data", {})
            self._output(output, cell.source, alive)

    def _output(self, output: Any, source: str, alive: bool) -> None:
        shown = output.get("data", {})
        if VIEW in shown:
            self._host(shown[VIEW]["model_id"])
        elif re.search(r"ac\.(check|mark)\(", source):
            return  # it speaks of a cell that nobody has filled in; a task's text stands above
        elif "image/png" in shown and "text/html" not in shown:
            self._figure(shown, output.get("metadata", {}))
        elif "text/html" in shown:
            soup = BeautifulSoup("".join(shown["text/html"]), "html.parser")
            self._shown(soup, alive)
        elif "text/markdown" in shown:
            self._said("".join(shown["text/markdown"]), alive)
        else:
            self._printed("".join(output.get("text", shown.get("text/plain", ""))))

    def _said(self, text: str, alive: bool) -> None:
        soup = self._html(text)
        mend_tables(soup)
        self._note(soup)
        words = soup.find("em")
        if words and words.get_text() == "In words:" and "</figure>" in self.page.parts[-1]:
            return  # the figure has them already
        self.page.parts.append(f'<div class="{_still(alive)}">{self._apart(str(soup))}</div>')

    def _shown(self, soup: BeautifulSoup, alive: bool) -> None:
        for style in soup.find_all("style"):
            style.decompose()
        for source in soup.select("source[srcset]"):
            drawn = self.files.address(str(source["srcset"]))
            source["srcset"] = drawn.pop("src")
            for name, value in drawn.items():
                source[name] = str(value)
        for image in soup.select('img[src^="data:"]'):
            for name, value in self.files.address(str(image["src"])).items():
                image[name] = str(value)
            del image["style"]
            image["loading"] = "lazy"
            if alive:  # a page that runs scripts draws it instead, and need not load it
                whole = image.find_parent("picture") or image
                whole.wrap(soup.new_tag("noscript"))
        for figure in soup.select("figure[style], table svg[style]"):
            del figure["style"]
        self._linked(soup)
        mend_tables(soup)
        text = as_page(str(soup), self.name, self.page.used, python=self.python)
        seen = BeautifulSoup(text, "html.parser")
        text = self._apart(text)
        for answers in seen.find_all("details") if alive else []:
            answers.decompose()  # whoever searches is not told the answers
        self._note(seen)
        self.page.parts.append(f'<div class="{_still(alive)}">{text}</div>' if alive else text)

    def _apart(self, text: str) -> str:
        """What is long and stands folded gets a page of its own, so that the lesson stays light."""
        soup = BeautifulSoup(text, "html.parser")
        for fold in soup.find_all("details"):
            rows, lines = len(fold.select("tbody tr")), len(fold.select("li"))
            if fold.summary is None or (rows < _LONG and lines < _LONG_LIST):
                continue
            title = fold.summary.get_text()
            fold.summary.decompose()
            words = "-".join(anchor(title).split("-")[:5])
            name = f"{self.page.slug}-{words}.html"
            self.page.more[name] = (title, fold.decode_contents())
            link = soup.new_tag("a", href=name)
            link.string = title
            fold.replace_with(link)
            link.wrap(soup.new_tag("p"))
        return str(soup)

    def _figure(self, shown: Any, metadata: Any) -> None:
        words = metadata.get("image/png", {}).get("alt") or "".join(shown["text/plain"])
        found = self.files.address(f"data:image/png;base64,{shown['image/png']}")
        size = f'width="{found["width"]}" height="{found["height"]}"'
        self._note(words)
        self.page.parts.append(
            f'<figure class="plot"><img src="{found["src"]}" {size} loading="lazy" '
            f'alt="{escape(words)}"><figcaption><em>In words:</em> {escape(words)}</figcaption>'
            "</figure>"
        )

    def _printed(self, text: str) -> None:
        rows = plain_series(text)
        if rows is None:
            self.page.parts.append(f'<pre class="said" tabindex="0">{escape(text.strip())}</pre>')
            return
        cells = "".join(
            f'<tr><th scope="row">{escape(k)}</th><td>{escape(v)}</td></tr>' for k, v in rows
        )
        self.page.parts.append(f'<div class="table"><table><tbody>{cells}</tbody></table></div>')

    # what answers

    def _host(self, model_id: str) -> None:
        found = copy.deepcopy(self.states[model_id])
        state = found["state"]
        kept = {k: v for k, v in state.items() if not _OF_THE_HOST.match(k) or k == "_spec"}
        if "_spec" in state:
            self.page.parts.append(self._explorer(found, kept))
            return
        self._cards(kept)

    def _cards(self, kept: dict[str, Any]) -> None:
        for card in kept["spec"]["cards"]:
            for part, key in _asked(card):
                if key not in self.page.asked[part]:
                    self.page.asked[part].append(key)
        kinds = {card["kind"] for card in kept["spec"]["cards"]}
        load = " data-load=boxes" if kinds & {*_BOXES} else ""
        self.page.parts.append(
            f'<div class="host" data-module="questions"{load}>'
            f'<script type="application/json">{data(kept)}</script></div>'
        )

    def _explorer(self, found: Any, kept: dict[str, Any]) -> str:
        numbers = next(b for b in found["buffers"] if b["path"] == ["_data"])["data"]
        content = data({**kept, "_data": numbers})
        key = short(content.encode())
        self.files.add(f"assets/e-{key}.js", f'allianceSite.data["{key}"]={content};\n')
        return f'<div class="host explorer" data-module="explorer" data-load="{key}"></div>'


def _asked(card: dict[str, Any]) -> list[tuple[str, str]]:
    """Which entries of the record a card fills, each with its part of the record."""
    if card["kind"] == "deck":
        return [("guesses", item["id"]) for item in card["items"]]
    # a number of the capstone is judged where the service is made, and so never done here
    if card["kind"] in ("again", *_BOXES) or "service" in card:
        return []
    return [("guesses" if card.get("guess") else "answers", card["id"])]


def _still(alive: bool) -> str:
    return "still" if alive else "said"


def _written(key: str) -> str:
    """A place to write; what is written stays with the answers."""
    return (
        f'<p class="write"><label for="w-{anchor(key)}">Your words</label>'
        f'<textarea id="w-{anchor(key)}" data-words="{escape(key)}" rows="4"></textarea></p>'
    )


def _unseen(source: str) -> str:
    """What later code needs of a cell whose code is not shown: imports, and plain values."""
    kept = [
        line
        for line in ast.parse(source).body
        if isinstance(line, ast.Import | ast.ImportFrom)
        or (
            isinstance(line, ast.Assign)
            and _is_literal(line.value)
            and ast.unparse(line.value) != "..."
        )
    ]
    return "\n".join(map(ast.unparse, kept))


def _folded(source: str, number: int | None = None) -> str:
    lines = f"{source.count(chr(10)) + 1} lines" if "\n" in source else "1 line"
    if number:
        return (
            f'<details class="code" data-code="{number}"><summary>Code {number} ({lines})</summary>'
            f'<pre tabindex="0"><code>{escape(source)}</code></pre></details>'
        )
    return (
        f'<details class="code"><summary>Code ({lines})</summary>'
        f'<pre tabindex="0"><code>{escape(source)}</code></pre></details>'
    )


def mend_tables(soup: BeautifulSoup) -> None:
    """Tables that fit a phone: wide ones of words become cards there, others scroll in a frame."""
    for code in soup.select("pre"):
        code["tabindex"] = "0"
    for table in soup.find_all("table"):
        del table["border"]
        # the sheet of the site says how tables look; sources stand under References
        for part in [table, *table.find_all(["caption", "tr", "th", "td"])]:
            del part["style"], part["title"]
        head = [cell.get_text(" ").strip() for cell in _head(table)]
        for cell in table.find_all(["th", "td"]):
            if not cell.get_text().strip() and cell.name == "th":
                cell.name = "td"  # an empty heading heads nothing
        texts = [len(cell.get_text()) for cell in table.select("tbody td, tbody th")]
        wordy = bool(texts) and len(head) > 1 and max(texts) > 40
        if wordy and not table.select("[rowspan], [colspan]"):
            table["class"] = f"{' '.join(table.get_attribute_list('class') or [])} cards".strip()
            for row in table.select("tbody tr"):
                for cell, name in zip(
                    row.find_all(["th", "td"], recursive=False), head, strict=False
                ):
                    cell["data-head"] = name
        frame = table
        if table.parent is not None and table.parent.name == "div":
            frame = table.parent
        else:
            frame = table.wrap(soup.new_tag("div"))
        frame["class"] = "table"


def _head(table: Tag) -> list[Tag]:
    row = table.select_one("thead tr:last-of-type")
    return row.find_all(["th", "td"]) if row else []
