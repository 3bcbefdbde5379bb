"""Guide, handouts and the pages about the kit: what is asked stands before what is answered."""

import re
import shutil
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from alliance_course.folders import course_folder
from alliance_course.questions.bank import registry, written_tasks
from alliance_tools.cli import app
from alliance_tools.instructor.guide import guide_page, write_guide
from alliance_tools.instructor.handout import handout_page, settings
from alliance_tools.instructor.kit import kit_pages
from alliance_tools.maintain.notebooks import lesson, lessons

INSTRUCTOR = course_folder("notebooks").parent / "instructor"
RUN = CliRunner()
in_the_repository = pytest.mark.skipif(
    not INSTRUCTOR.is_dir(), reason="the folder is in the repository only"
)
chromium = pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not here")


def bare(text):
    """A text without spaces and marks, which stand differently in Markdown and on a page."""
    return re.sub(r"[\s*`]", "", text)


@pytest.fixture(scope="module")
def chapters():
    soup = BeautifulSoup(guide_page(), "html.parser")
    return {found["id"][-2:]: found for found in soup.find_all("section")}


@pytest.mark.parametrize("number", lessons())
def test_each_answer_stands_under_its_question(chapters, number):
    found = lesson(number)
    items = {
        item.find("strong").get_text().strip("."): item
        for item in chapters[number].find_all(class_="item")
    }
    for key in found.questions:
        entry, item = registry()[key], items[key]
        said = bare(item.get_text())
        assert bare(entry["prompt"]) in said
        for option in entry.get("option", []):
            assert bare(option["text"]) in said
    for head, text in found.folded:
        if re.fullmatch(r"Answer to \d+", head):
            item = items[head]
            # several lists may count from one: it is enough that a question stands there
            assert len(item.find("p").get_text().split(".", 1)[1].strip()) > 10, head
        assert text


@pytest.mark.parametrize("number", lessons())
def test_options_and_what_is_said_to_them_are_told_apart(chapters, number):
    right = 0
    for row in chapters[number].select("table.options tr"):
        cells = row.find_all(["th", "td"])
        assert len(cells) == 3 and all(cell.get_text(strip=True) for cell in cells)
        if "right" in row.get("class", []):
            right += 1
            assert cells[1].find("strong") and cells[1].find(class_="mark")
    keys = [key for key in registry() if re.match(rf"L{number}\.[QT]", key)]
    shown = [key for key in keys if key in chapters[number].get_text()]
    assert right == sum(
        bool(option.get("right")) for key in shown for option in registry()[key].get("option", [])
    )


def test_the_guide_has_practice_and_pictures(chapters):
    for number, chapter in chapters.items():
        text = chapter.get_text()
        practice = [
            key for key in [*registry(), *written_tasks()] if key.startswith(f"L{number}.T")
        ]
        assert all(key in text for key in practice)
        assert number == "00" or len(chapter.find_all("img")) >= 1, number
        assert all(image.get("alt") for image in chapter.find_all("img"))
        levels = [int(tag.name[1]) for tag in chapter.find_all(re.compile(r"^h\d$"))]
        assert levels[0] == 2 and all(level in (3, 4) for level in levels[1:])


@chromium
def test_the_pdf_has_page_numbers_running_heads_bookmarks_and_pages_in_its_contents(tmp_path):
    pypdf = pytest.importorskip("pypdf")
    written = write_guide(tmp_path / "guide.html", ["01", "11"])
    assert [path.suffix for path in written] == [".html", ".pdf"]
    reader = pypdf.PdfReader(str(written[1]))
    texts = [page.extract_text() for page in reader.pages]
    assert all(f"{place} / {len(texts)}" in text for place, text in enumerate(texts, start=1))
    marks = [entry for entry in _flat(reader.outline) if re.match(r"\d\d ", entry.title)]
    assert [mark.title[:2] for mark in marks] == ["01", "11"]
    for mark in marks:
        place = reader.get_destination_page_number(mark)
        assert lesson(mark.title[:2]).title in texts[place]
        assert re.search(rf"{re.escape(mark.title)}\s[\d to]+\s\d+\s{place + 1}\b", texts[0])
        assert mark.title in texts[place + 1], "the running head names the chapter"


def _flat(outline):
    for entry in outline:
        yield from _flat(entry) if isinstance(entry, list) else [entry]


def test_without_chromium_the_page_is_written_and_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("alliance_tools.instructor.guide.shutil.which", lambda name: None)
    result = RUN.invoke(app, ["guide", "--lessons", "00", "--to", str(tmp_path / "guide.html")])
    assert result.exit_code == 0 and "No PDF" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["guide.html"]


@pytest.mark.parametrize("number", ["00", "01", "06", "08", "11", "12"])
def test_a_handout_asks_and_does_not_answer(number):
    page = handout_page(number)
    assert not re.findall(r'src="(?!data:)|url\(|@import', page)
    soup = BeautifulSoup(page, "html.parser")
    text = bare(soup.get_text())
    found = lesson(number)
    for section in found.sections:
        for key in [key for cell in section.cells for key in cell.asked]:
            entry = registry()[key]
            if entry.get("data") == "capstone":
                continue  # to be computed: not for paper
            assert bare(entry["prompt"]) in text
            for option in entry.get("option", []):
                assert option.get("feedback", "\0") not in page
            assert "reveal" not in entry or bare(entry["reveal"])[:50] not in text
    for head, body in found.folded:
        assert bare(body)[:80] not in text, head
    stills = soup.select(".stills figure")
    assert len(stills) == (3 if found.explorers else 0)
    assert len({figure.find("img")["src"] for figure in stills}) == len(stills)
    assert all(figure.find("img")["alt"] for figure in stills)


@chromium
@pytest.mark.parametrize("number", ["01", "04", "06", "07", "08"])
def test_a_handout_has_two_pages_at_most(number, tmp_path):
    pypdf = pytest.importorskip("pypdf")
    from alliance_tools.instructor.guide import print_pdf

    assert print_pdf(handout_page(number), tmp_path / "handout.pdf")
    assert len(pypdf.PdfReader(str(tmp_path / "handout.pdf")).pages) <= 2


def test_settings_are_the_ends_and_the_start():
    import alliance_course as ac

    picture = ac.explore_components().picture
    first = picture.controls[0]
    assert [values[first.name] for values in settings(picture)] == [
        first.low, first.default, first.high]  # fmt: skip


@in_the_repository
def test_the_map_of_outcomes_names_objectives_that_there_are_and_leaves_none_out():
    page = (INSTRUCTOR / "outcomes.md").read_text(encoding="utf-8")
    page = re.sub(
        r"(L\d\d)\.O(\d) to \1\.O(\d)",
        lambda m: " ".join(f"{m[1]}.O{n}" for n in range(int(m[2]), int(m[3]) + 1)),
        page,
    )
    named = set(re.findall(r"L\d\d\.O\d", page))
    there = {key for found in lessons().values() for key in found.cells[0].tag["objectives"]}
    assert named <= there, named - there
    assert there <= named, there - named


@in_the_repository
def test_the_accessibility_page_names_tests_that_there_are():
    page = (INSTRUCTOR / "accessibility.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)`", page)
    assert len(named) >= 6
    assert all((INSTRUCTOR.parent / name).is_file() for name in named)


@in_the_repository
def test_pages_of_the_kit_are_well_formed():
    for name, page in kit_pages().items():
        if not name.endswith(".html"):
            continue
        soup = BeautifulSoup(page, "html.parser")
        assert soup.find("html")["lang"] == "en" and soup.title.get_text(strip=True)
        levels = [int(tag.name[1]) for tag in soup.find_all(re.compile(r"^h\d$"))]
        assert levels.count(1) == 1 and all(b - a <= 1 for a, b in pairwise(levels))
        assert all(image.get("alt") for image in soup.find_all("img"))
