"""Build the whole course as plain pages: one folder that any server, platform or stick carries."""

import inspect
import json
import re
from collections.abc import Callable
from html import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from bs4 import BeautifulSoup

from alliance_course.folders import course_folder
from alliance_course.questions.cards import Cards
from alliance_tools.maintain.notebooks import lessons, notebook_files
from alliance_tools.site.files import APART, Files, short
from alliance_tools.site.frame import COURSE, STATIC, look, policy, templates
from alliance_tools.site.instructor_pages import add_instructor_pages
from alliance_tools.site.lesson_page import Maker, Page, mend_tables
from alliance_tools.site.python import Python
from alliance_tools.site.words import about, anchor, data, page_of
from alliance_tools.start.alive import STATE, alive
from alliance_tools.start.binder import links
from alliance_tools.start.workspace import without_solutions

# everything else is for readers, and kept for those who come back without a network
_NOT_KEPT = ("offline.js", "files.txt", ".nojekyll", "assets/pages.yml")

# where what every page needs ends in the script and the sheet of the cards
_REST = re.compile(r"/\*! (?:what few pages need|in a notebook) \*/")
# what the rest uses of it
_SHARED = "{ CARDS, make, book, prose, own, words, verdict, savedLine, unique, readNumbers }"


class Built(NamedTuple):
    """What was built: pages, files, bytes, bytes as a server sends them compressed; Python's."""

    pages: int
    files: int
    size: int
    packed: int
    python: int

    def __str__(self) -> str:
        return (
            f"{self.pages} pages in {self.files} files, {self.size / 1e6:.1f} MB "
            f"({self.packed / 1e6:.2f} MB compressed)"
            f"{f'; Python beside them, {self.python / 1e6:.0f} MB' if self.python else ''}"
        )


def classic(module: str, name: str) -> str:
    """An ES module as a classic script that leaves its default export in `allianceSite.modules`.

    A page on a disk may load no modules. The module must import nothing, and export one thing.

    >>> classic("const a = 1;\\nexport default { a };", "x").splitlines()[1]
    'const a = 1;'
    """
    if re.search(r"^\s*import\b|\bimport\(", module, flags=re.MULTILINE):
        raise ValueError(f"{name}: a module of a page imports nothing")
    if len(re.findall(r"^export\b", module, flags=re.MULTILINE)) != 1:
        raise ValueError(f"{name}: a module of a page has one export, its default")
    body = re.sub(r"^export default\b", "return", module, flags=re.MULTILINE)
    start = f'((globalThis.allianceSite ??= {{}}).modules ??= {{}})["{name}"] = (() => {{\n'
    return f"{start}{body.rstrip()}\n}})();\n"


def build(
    folder: Path,
    *,
    instructors: bool = True,
    solutions: bool = True,
    repository: str = "",
    python: Path | None = None,
    tell: Callable[[str], None] = print,
) -> Built:
    """Write the course as pages.

    Parameters
    ----------
    folder : Path
        New, empty, or from an earlier build: files of that build are replaced, others refused.
    instructors : bool
        Whether to write the pages for instructors, which hold all answers.
    solutions : bool
        Whether the practice has its worked solutions.
    repository : str
        Address of the copy of the repository, for the link to Binder.
    python : Path, optional
        A Pyodide distribution, of which what the course needs is put beside the pages, so that
        the code in them runs where it stands.
    tell : callable
        Hears how far it is.

    Raises
    ------
    ValueError
        If the folder holds something else, the distribution is not whole, or repository is no
        address of a repository.
    """
    brought = Python(python) if python else None
    site = Site(
        instructors=instructors, solutions=solutions, repository=repository, python=brought,
        tell=tell,
    )  # fmt: skip
    site.make()
    site.files.write(folder)
    pages = sum(path.endswith(".html") for path in site.files.made)
    return Built(pages, *site.files.sizes(), brought.size if brought else 0)


class Site:
    """The site while it is made."""

    def __init__(
        self, *, instructors: bool = True, solutions: bool = True, repository: str = "",
        python: Python | None = None, tell: Callable[[str], None] = print,
    ) -> None:  # fmt: skip
        self.files = Files()
        self.python = python
        self.policy = policy(python=python is not None)
        self.tell = tell
        self.instructors, self.solutions, self.repository = instructors, solutions, repository
        # an address that is none is refused before anything is made
        self.binder = links(repository or "https://github.com/OWNER/REPOSITORY").binder
        self.index: list[dict[str, str]] = []
        # the scripts and sheets of the widgets, which all widgets of a kind share
        self._sources: dict[str, str] = {}

    def make(self) -> None:
        """Make all files, in memory."""
        pages = {}
        paths = notebook_files()
        for number, path in enumerate(paths, start=1):
            self.tell(f"{number} of {len(paths)}: {path.name}")
            page = self.page_of(path)
            pages[page.slug] = page
        self._lessons(pages)
        self._front(pages)
        self.tell("pages about the course")
        self._papers()
        self._about()
        learners = set(self.files.made)
        if self.instructors:
            add_instructor_pages(self)
        for_instructors = set(self.files.made) - learners
        self._assets()
        self._platforms()
        self._offline(for_instructors)

    def render(self, path: str, template: str, **values: Any) -> None:
        """Add a page."""
        shared = {
            "course": COURSE, "policy": escape(self.policy, quote=True), "look": look(),
            "page": path.removesuffix(".html"), "instructors": self.instructors,
            "previous": None, "next": None, "python": self.python is not None,
        }  # fmt: skip
        text = templates().get_template(template).render(**{**shared, **values})
        self.files.add(path, text)

    # lessons and practice

    def page_of(self, path: Path) -> Page:
        """A notebook as a page."""
        import nbformat

        brought = path.read_bytes()
        if not self.solutions:
            brought = without_solutions(brought)
        notebook = alive(nbformat.reads(brought.decode("utf-8"), as_version=4))
        for state in notebook.metadata["widgets"][STATE]["state"].values():
            if "_esm" not in state["state"]:
                continue  # a layout, which only a notebook needs
            kind = "explorer" if "_spec" in state["state"] else "questions"
            state["state"].get("spec", {}).pop("terms", None)
            for part in ("_esm", "_css"):
                # a page has the meanings of words, and the path, as its own
                text = _REST.split(state["state"].pop(part))[0]
                if self._sources.setdefault(kind + part, text) != text:
                    raise ValueError(f"{path.name}: two widgets of one kind differ in {part}")
        return Maker(notebook, path.name, self.files, python=self.python is not None).make()

    def _lessons(self, pages: dict[str, Page]) -> None:
        order = [f"lesson-{number}" for number in lessons()]
        for group in (order, [s.replace("lesson", "practice") for s in order]):
            known = [slug for slug in group if slug in pages]
            for place, slug in enumerate(known):
                page, number = pages[slug], slug[-2:]
                other = slug.replace("lesson", "practice")
                word = "Practice"
                if other == slug:
                    other, word = slug.replace("practice", "lesson"), "Lesson"
                beside = pages.get(other)
                self.render(
                    f"{slug}.html",
                    "lesson.html.j2",
                    title=escape(page.title),
                    over=f"{'Practice' if word == 'Lesson' else 'Lesson'} {number}",
                    body=page.body,
                    headings=[(at, escape(text)) for at, text in page.headings],
                    words=data(page.words) if page.words else "",
                    cells=data(page.cells) if any(isinstance(c, int) for c in page.cells) else "",
                    start=f"{self.python.start / 1e6:.0f} MB" if self.python else "",
                    previous=_way(pages, known, place - 1),
                    next=_way(pages, known, place + 1),
                    beside=beside and {
                        "href": f"{other}.html", "title": escape(beside.title), "word": word
                    },
                )  # fmt: skip
                self.note(page.slug, page.title, page.sections)
                for path, (title, html) in page.more.items():
                    back = f'<p><a href="{slug}.html">{escape(page.title)}</a></p>'
                    text = f"{back}<h1>{escape(title)}</h1>{html}{back}"
                    self.text_page(
                        path, f"{title}: {page.title}", BeautifulSoup(text, "html.parser")
                    )

    def note(self, page: str, title: str, sections: list[dict[str, str]]) -> None:
        """Let the search know a page."""
        self.index += [{"page": f"{page}.html", "title": title, **part} for part in sections]

    def _front(self, pages: dict[str, Page]) -> None:
        shown = []
        for number, found in lessons().items():
            page, practice = pages[f"lesson-{number}"], pages.get(f"practice-{number}")
            shown.append(
                {
                    "number": number,
                    "title": escape(page.title),
                    "about": escape(about()[number]),
                    "minutes": found.minutes,
                    "href": f"{page.slug}.html",
                    "page": page.slug,
                    "guesses": " ".join(page.asked["guesses"]),
                    "answers": " ".join(page.asked["answers"]),
                    "practice": practice
                    and {
                        "href": f"{practice.slug}.html",
                        "answers": " ".join(practice.asked["answers"]),
                    },
                }
            )
        street = re.search(r"!\[(.+?)\]\((pictures/linden-street\.svg)\)", lessons()["00"].prose)
        picture = {}
        if street:
            drawn = (course_folder("notebooks") / street[2]).read_bytes()
            picture = self.files.drawing(drawn) | {"alt": escape(street[1])}
        self.render("index.html", "front.html.j2", title=COURSE, lessons=shown, picture=picture)

    # pages about the course

    def text_page(self, path: str, title: str, soup: BeautifulSoup, **more: Any) -> None:
        """Add a page of text."""
        mend_tables(soup)
        self.render(path, "text.html.j2", title=escape(title), body=str(soup), **more)

    def markdown_page(self, path: str, text: str, *, searched: bool = False) -> None:
        """Add a page from Markdown of the repository."""
        from nbconvert.filters import markdown2html

        soup = BeautifulSoup(str(markdown2html(text)), "html.parser")
        for mark in soup.select("a.anchor-link"):
            mark.decompose()
        for heading in soup.find_all(re.compile(r"^h[2-6]$")):
            heading["id"] = anchor(heading.get_text())
        for link in soup.select("a[href]"):
            target = str(link["href"])
            if not target.startswith(("http", "#")) and not self._leads(link, target):
                link.unwrap()
        for image in soup.select("img[src]"):
            found = self.files.picture((course_folder("datasets") / str(image["src"])).read_bytes())
            for name, value in found.items():
                image[name] = str(value)
        title = soup.h1.get_text() if soup.h1 else path
        if searched:
            text = " ".join(soup.get_text(" ").split())
            self.note(path.removesuffix(".html"), title, [{"heading": "", "at": "", "text": text}])
        self.text_page(path, title, soup)

    def _leads(self, link: Any, target: str) -> bool:
        page = page_of(target.removeprefix("../"))
        if target.endswith(("EVIDENCE.md", "MODEL.md")):
            page = "evidence.html" if "EVIDENCE" in target else "model.html"
        link["href"] = page
        return page.partition("#")[0].endswith(".html")

    def _papers(self) -> None:
        folder = course_folder("datasets")
        for path, name in (("evidence.html", "EVIDENCE.md"), ("model.html", "MODEL.md")):
            text = (folder / name).read_text(encoding="utf-8")
            self.markdown_page(path, text, searched=True)

    def _about(self) -> None:
        try:
            number = version("alliance-course")
        except PackageNotFoundError:
            number = "of a checkout"
        cite = (
            f"The Alliance Course authors. Alliance Course: the therapeutic alliance, taught with "
            f"simulated clients (version {number})."
        )
        self.render(
            "about.html", "about.html.j2", title="Licence, accessibility, and what is kept",
            cite=cite, version=number,
        )  # fmt: skip

    def _platforms(self) -> None:
        count, size, packed = self.files.sizes()
        workflow = (STATIC / "pages.yml").read_text(encoding="utf-8")
        self.render(
            "platforms.html",
            "platforms.html.j2",
            title="Put the course on your platform",
            # in round numbers, since this page is one of them
            count=f"about {round(count, -1)}",
            size=f"{size / 1e6:.0f} MB, {packed / 1e6:.1f} MB as a server sends them",
            workflow=escape(workflow),
            binder=self.binder,
            binder_link=self.binder if self.repository else "",
        )

    # what the pages need

    def _assets(self) -> None:
        def read(name: str, folder: Path = STATIC) -> str:
            text = (folder / name).read_text(encoding="utf-8")
            # comments and indents are for whoever reads the source
            if name.endswith("js"):
                return re.sub(r"^ *//.*\n|^ +", "", text, flags=re.M)
            return _packed(text) if name.endswith("css") else text

        # at its first load the questions' module makes the record that the pages share
        questions = self._sources["questions_esm"].replace(
            "export default { render }", f"export default {{ render, shared: {_SHARED} }}"
        )
        scripts = [classic(questions, "questions")]
        for name in ("host.js", "page.js", "answers.js"):
            scripts.append(_alone(read(name)))
        self.files.add("assets/course.js", "\n".join(scripts))
        rest = [f"const {_SHARED} = allianceSite.modules.questions.shared;"]
        for name in ("labels.js", "boxes.js"):
            rest.append(read(name, Path(inspect.getfile(Cards)).parent))
        self.files.add("assets/boxes.js", _alone("\n".join(rest)))
        self.files.add("assets/front.css", read("front.css"))
        for name in ("front.js", "panel.js"):
            self.files.add(f"assets/{name}", _alone(read(name)))
        # colours of what is drawn come with the explorers, which alone draw in a page
        drawn = r"--ac-(?:series-\d|was|other):[^;]+;"
        cards = re.sub(drawn, "", _packed(self._sources["questions_css"]))
        styles = [cards, read("site.css")]
        self.files.add("assets/course.css", "\n".join(styles))
        self.files.add("assets/explorer.css", _packed(self._sources["explorer_css"]))
        self.files.add("assets/explorer.js", classic(self._sources["explorer_esm"], "explorer"))
        search = read("search.js").replace("@INDEX@", data(self.index))
        self.files.add("assets/search.js", _alone(search))
        self.files.add("assets/icon.svg", read("icon.svg"))
        self.files.add("assets/pages.yml", read("pages.yml"))
        self.files.add(".nojekyll", "")
        if self.python:
            self.files.add("assets/python.js", _alone(read("python.js")))
            self.files.add("assets/python.css", read("python.css"))
            self.files.add(f"{APART}worker.js", read("worker.js"))
            for name, content in self.python.files.items():
                self.files.add(APART + name, content)
        icons = []
        for size in (180, 192, 512):
            path = self.files.add(f"assets/icon-{size}.png", _icon(size))
            icons.append({"src": path, "sizes": f"{size}x{size}", "type": "image/png"})
        manifest = {
            "name": COURSE, "short_name": "Alliance", "start_url": "index.html", "scope": "./",
            "display": "standalone", "background_color": "#ffffff", "theme_color": "#ffffff",
            "icons": icons, "lang": "en",
        }  # fmt: skip
        self.files.add("course.webmanifest", json.dumps(manifest, indent=1))

    def _offline(self, for_instructors: set[str]) -> None:
        left = for_instructors | {p for p in self.files.made if p.startswith(APART)}
        later = [p for p in self.files.made if p not in left and p not in _NOT_KEPT]
        first = {"index.html": 0, "assets/course.css": 1, "assets/course.js": 2}
        later.sort(key=lambda path: (first.get(path, 9), path))
        every = "".join(f"{p} {short(d)}\n" for p, d in sorted(self.files.made.items()))
        text = (STATIC / "offline.js").read_text(encoding="utf-8")
        text = text.replace("@VERSION@", short(every.encode()))
        self.files.add("offline.js", text.replace("@FILES@", json.dumps(later, indent=0)))


def _packed(sheet: str) -> str:
    """A sheet without comments, line ends and indents."""
    return re.sub(r"/\*.*?\*/|(?<=[{;,}])\s+|\s+(?=[{}])|^\s+", "", sheet, flags=re.S)


def _alone(script: str) -> str:
    """A script whose names are its own."""
    return f"(() => {{\n{script.rstrip()}\n}})();\n"


def _way(pages: dict[str, Page], known: list[str], place: int) -> dict[str, str] | None:
    if not 0 <= place < len(known):
        return None
    return {"href": f"{known[place]}.html", "title": escape(pages[known[place]].title)}


def _icon(size: int) -> bytes:
    """The icon as PNG: three rings that hold each other."""
    import io

    from PIL import Image, ImageDraw

    big = 4 * size
    image = Image.new("RGB", (big, big), "white")
    pen = ImageDraw.Draw(image)
    for x, y, colour in ((32, 23, "#0072b2"), (22, 40, "#d55e00"), (42, 40, "#009e73")):
        box = [v * big / 64 for v in (x - 18, y - 18, x + 18, y + 18)]
        pen.ellipse(box, outline=colour, width=6 * big // 64)
    out = io.BytesIO()
    small = image.resize((size, size), Image.Resampling.LANCZOS)
    small.quantize(32, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()
