"""The instructor's kit as pages, from the commands that write it."""

import re
from typing import Any

from bs4 import BeautifulSoup

from alliance_tools.instructor.agenda import ready_pages
from alliance_tools.instructor.guide import guide_page
from alliance_tools.instructor.handout import handout_page
from alliance_tools.instructor.paper_tests import paper_pages
from alliance_tools.instructor.slides import slides_page
from alliance_tools.maintain.coverage import coverage_page
from alliance_tools.maintain.notebooks import lessons


def add_instructor_pages(site: Any) -> None:
    """Add guide, slides, agendas, tests and coverage to a site, and the page that leads to them."""
    groups = []

    def group(at: str, title: str, pages: list[tuple[str, str, str]]) -> None:
        listed = [{"href": href, "title": name, "about": about} for href, name, about in pages]
        groups.append({"at": at, "title": title, "pages": listed})

    _own(site, "guide.html", guide_page())
    site.markdown_page("coverage.html", coverage_page())
    group("teach", "Read how a lesson is taught", [
        ("guide.html", "The facilitator's guide", "minutes, notes, pairs, debrief, answers"),
        ("coverage.html", "What is taught where", "statements, misconceptions and their checks"),
    ])  # fmt: skip
    agendas = []
    for name, page in ready_pages().items():
        path = name.replace(".md", ".html")
        site.markdown_page(path, page)
        minutes = re.sub(r"\D", "", name)
        title = "Twelve weeks" if "weeks" in name else f"{minutes} minutes"
        agendas.append((path, title, ""))
    group("agendas", "Agendas with clock times", agendas)
    for one, name, make in (
        ("slides", "Slides, one page for each lesson", slides_page),
        ("handout", "Two sheets for who has no screen", handout_page),
    ):
        pages = []
        for number, found in lessons().items():
            path = f"{one}-{number}.html"
            _alone(site, path, make(number))
            pages.append((path, f"{number} {found.title}", ""))
        group(f"{one.removesuffix('s')}s", name, pages)
    tests = []
    for path, page in paper_pages().items():
        _own(site, path, page)
        title = "The key" if "key" in path else f"Form {path[5].upper()}"
        tests.append((path, title, "for you only" if "key" in path else "to print"))
    group("tests", "The test before and after", tests)
    site.render("instructors.html", "instructors.html.j2", title="For instructors", groups=groups)


def _own(site: Any, path: str, page: str) -> None:
    """A page that stands alone, put into the frame of the site."""
    soup = BeautifulSoup(page, "html.parser")
    body, title = soup.body, soup.title
    assert body is not None and title is not None
    inner = BeautifulSoup(body.decode_contents(), "html.parser")
    _pictures(site, inner)
    site.text_page(path, title.get_text(), inner, wide=True)


def _alone(site: Any, path: str, page: str) -> None:
    """A page that keeps its own form; its pictures and its script are files of the site."""
    soup = BeautifulSoup(page, "html.parser")
    _pictures(site, soup)
    for script in soup.find_all("script"):
        site.files.add("assets/slides.js", script.get_text().strip() + "\n")
        script.string = ""
        script["src"] = "assets/slides.js"
    assert soup.head is not None and soup.html is not None
    rule = soup.new_tag("meta", content=site.policy)
    rule["http-equiv"] = "Content-Security-Policy"
    soup.head.insert(1, rule)
    soup.head.append(soup.new_tag("link", rel="icon", href="assets/icon.svg", type="image/svg+xml"))
    site.files.add(path, f"<!doctype html>\n{soup.html}\n")


def _pictures(site: Any, soup: BeautifulSoup) -> None:
    for image in soup.select('img[src^="data:"]'):
        image["src"] = site.files.address(str(image["src"]))["src"]
    for source in soup.select('source[srcset^="data:"]'):
        source["srcset"] = site.files.address(str(source["srcset"]))["src"]
