"""Slides: each has a heading, holds what it talks about, and can be read from the last row."""

import base64
import json
import re
import shutil
from itertools import pairwise

import pytest
from click.testing import CliRunner

from alliance_course.questions.bank import question, registry
from alliance_course.questions.capstone import QUESTIONS, argument_and_rubric
from alliance_course.questions.judge import values
from alliance_tools.cli import app
from alliance_tools.instructor import office
from alliance_tools.instructor.deck import deck, first_slides
from alliance_tools.instructor.slides import slides_page
from alliance_tools.maintain.notebooks import lesson, lessons

RUN = CliRunner()
SCREENS = [(1024, 768), (1280, 720), (1920, 1080)]
# what a slide may not be fuller than, and how small its type may get, in per cent of the screen
SMALLEST = 2.5
MEASURE = """() => slides.map((slide) => {
  const body = slide.querySelector(".body"), edge = slide.getBoundingClientRect();
  const seen = [...slide.querySelectorAll(`h1, h2, .body :is(p, li, td, pre, img)`)];
  const out = seen.some((e) => { const box = e.getBoundingClientRect();
    return box.bottom > edge.bottom + 1 || box.right > edge.right + 1
      || box.top < edge.top - 1 || box.left < edge.left - 1; });
  const type = seen.filter((e) => !/^(IMG|H\\d)$/.test(e.tagName))
    .map((e) => parseFloat(getComputedStyle(e).fontSize));
  const picture = body.querySelector("img");
  return { out: out || body.scrollHeight > body.clientHeight + 1,
    type: 100 * Math.min(...type, innerHeight) / Math.min(innerWidth, innerHeight),
    picture: picture ? picture.clientHeight / innerHeight : 1 };
})"""


def _words(part):
    if part.kind == "table":
        return " ".join(cell for row in [*part.value[0], *part.value[1]] for cell in row)
    if part.kind == "options":
        return " ".join(text for _, text in part.value)
    return part.alt if part.kind in ("picture", "drawing") else str(part.value)


def _text(number, *sections):
    return "\n".join(
        _words(part)
        for slide in deck(number)
        if not sections or slide.section in sections
        for part in slide.parts
    )


@pytest.mark.parametrize("number", lessons())
def test_every_slide_has_a_heading_and_something_under_it(number):
    for slide in deck(number):
        assert slide.heading.strip() and slide.parts, slide
        said = " ".join(str(part.value) for part in slide.parts if part.kind == "text")
        assert not re.search(r"\b[A-N]\d\d\b", said), "a source has a name"
        assert sum(len(_words(part)) for part in slide.parts if part.kind != "picture") < 1000


@pytest.mark.parametrize("number", lessons())
def test_every_result_that_the_lesson_shows_is_on_a_slide(number):
    shown = " ".join(_text(number).split())
    pictures = [part.value for slide in deck(number) for part in slide.parts
                if part.kind == "picture"]  # fmt: skip
    left_out = re.compile(
        r"ac\.(show_evidence|show_references|ask|predict|revisit|check|label_exchanges|"
        r"compare_labels)\("
    )
    for section in lesson(number).sections:
        for cell in section.cells if section.on_slide else []:
            if cell.kind == "markdown" or left_out.search(cell.source):
                continue
            if cell.tag.get("slides") == []:
                continue
            for output in cell.outputs:
                data = output.get("data", {})
                if "image/png" in data:
                    assert "".join(data["image/png"]).replace("\n", "") in pictures
                elif "text/markdown" not in data:
                    # the figures of a printed result or a table
                    text = "".join(output.get("text", "")) or "".join(data.get("text/plain", ""))
                    for number_shown in re.findall(r"-?\d+\.\d+", text):
                        assert number_shown in shown, (cell.source, number_shown)


@pytest.mark.parametrize("number", lessons())
def test_questions_stand_before_their_answers_and_guesses_come_back(number):
    slides = deck(number)
    asked = [key for section in lesson(number).sections if section.on_slide
             for cell in section.cells for key in cell.asked]  # fmt: skip
    for key in asked:
        entry = registry()[key]
        places = [
            place
            for place, slide in enumerate(slides)
            if any(part.value == entry["prompt"] for part in slide.parts)
        ]
        if entry.get("data") == "capstone":  # each learner's own number has no answer to show
            assert slides[places[0]].heading == entry["name"].capitalize(), key
            continue
        assert slides[places[0]].kind == "question", key
        if "reveal" not in entry:
            assert slides[places[0] + 1].kind == "answer", key
        elif number != "00":
            reveal = entry["reveal"].format_map(values(key))
            again = slides[places[-1]]
            assert again.section == "Your guess, again" and reveal[:60] in _words(again.parts[1])


def test_the_capstones_questions_texts_and_rubric_are_on_the_deck_of_lesson_12():
    shown = " ".join(_text("12").split()).replace("*", "")
    texts = argument_and_rubric()
    said = [question(key)["prompt"] for key in QUESTIONS.values()]
    said += [part[word] for part in texts["part"] for word in ("prompt", "ask")]
    said += [level for line in texts["criterion"] for level in line["levels"]]
    for text in said:
        assert " ".join(text.replace("*", "").split()) in shown, text
    assert "split_within_between" not in shown, "lines of code are for one's own page"


@pytest.mark.parametrize("number", lessons())
def test_slide_lines_are_short_and_say_nothing_that_the_lesson_does_not(number):
    path = lesson(number).path
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    whole = "\n".join("".join(cell["source"]) + json.dumps(cell.get("outputs")) for cell in cells)
    for cell in cells:
        source = "".join(cell["source"])
        for line in cell["metadata"].get("alliance", {}).get("slides", []):
            assert len(re.sub(r"^> .*$", "", line, flags=re.M)) <= 430, line
            for quoted in re.findall(r"^> \*\*\w+:\*\* (.+)$", line, flags=re.M):
                assert quoted in source, quoted
            for row in re.findall(r"\b[A-N]\d\d\b", line):
                assert row in whole, (line, row)
            bare = re.sub(r"\b[A-N]\d\d\b|^\d\. ", "", line, flags=re.M)
            for figure in re.findall(r"(?<![\w.])-?\d*\.?\d+(?!\w)", bare):
                assert figure in whole, (line, figure)


def test_sections_begin_where_the_agenda_says():
    places = first_slides("07")
    headings = [section.heading for section in lesson("07").sections]
    assert list(places) == headings
    assert all(a < b for a, b in pairwise(places.values()))


@pytest.mark.parametrize("number", lessons())
def test_no_slide_is_clipped_and_type_grows_with_the_screen(number, browser, tmp_path):
    (tmp_path / "slides.html").write_text(slides_page(number), encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "slides.html").as_uri())
    page.wait_for_function("slides.at(-1).querySelector('.body').style.fontSize !== ''")
    for wide, high in SCREENS:
        page.set_viewport_size({"width": wide, "height": high})
        page.wait_for_function(f"innerWidth === {wide} && innerHeight === {high}")
        # what a change of the window does a moment later
        page.evaluate("fit()")
        for slide, found in zip(deck(number), page.evaluate(MEASURE), strict=True):
            assert not found["out"], (wide, slide.heading)
            assert found["type"] >= SMALLEST, (wide, slide.heading, found)
            assert found["picture"] >= 0.45, (wide, slide.heading, found)
    page.close()


@pytest.mark.parametrize("number", lessons())
def test_every_drawing_is_shown_on_a_slide_of_its_own_before_the_words(number):
    cells = [cell for part in lesson(number).sections for cell in part.cells
             if part.on_slide and cell.kind == "markdown"]  # fmt: skip
    wanted = re.findall(r"!\[(.+?)\]\(pictures/(.+?)\)", "\n".join(c.source for c in cells))
    shown = [slide.parts for slide in deck(number) if slide.parts[0].kind == "drawing"]
    assert wanted == [(part.alt, part.value) for [part] in shown]
    assert not any("](pictures/" in note for slide in deck(number) for note in slide.notes)
    assert slides_page(number).count("data:image/svg+xml") == len(wanted) >= 1


def test_keys_and_clicks_go_on_and_back(browser, tmp_path):
    (tmp_path / "slides.html").write_text(slides_page("01"), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto((tmp_path / "slides.html").as_uri())

    def shown():
        page.wait_for_timeout(60)
        return page.evaluate("here()")

    page.mouse.click(900, 400)
    assert shown() == 1
    page.mouse.click(900, 400)
    page.mouse.click(60, 400)
    assert shown() == 1
    page.keyboard.press("ArrowRight")
    assert shown() == 2
    page.keyboard.press("End")
    assert shown() == len(deck("01")) - 1
    page.keyboard.press("o")
    page.click("#overview li:nth-child(5) a")
    assert shown() == 4
    page.keyboard.press("b")
    assert page.is_visible("#black")
    page.keyboard.press("b")
    with page.expect_popup() as opened:
        page.keyboard.press("n")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(60)
    assert deck("01")[5].heading in opened.value.inner_text("body")
    page.close()


def test_a_drawing_comes_whole_into_a_file_for_office_and_as_words_without_chromium(monkeypatch):
    part = next(slide.parts[0] for slide in deck("00") if slide.parts[0].kind == "drawing")
    if shutil.which("chromium"):
        found = office._drawn.__wrapped__(part)
        data = base64.b64decode(found.value)
        wide, high = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
        assert (wide, high) == (3 * 640, 3 * 290) and found.alt == part.alt
    monkeypatch.setattr("alliance_tools.instructor.guide.shutil.which", lambda name: None)
    without = office._drawn.__wrapped__(part)
    assert without.kind == "text" and part.alt in without.value


def test_powerpoint_has_headings_results_and_notes(tmp_path):
    pptx = pytest.importorskip("pptx")
    target = tmp_path / "seven.pptx"
    result = RUN.invoke(app, ["slides", "07", "--to", str(target)])
    assert result.exit_code == 0, result.output
    show = pptx.Presentation(str(target))
    pages = list(show.slides)
    assert len(pages) == len(deck("07"))
    edge, bottom = show.slide_width, show.slide_height
    for page, slide in zip(pages, deck("07"), strict=True):
        assert page.shapes.title.text_frame.text == re.sub(r"[*`]", "", slide.heading)
        assert bool(slide.notes) == page.has_notes_slide
        for shape in page.shapes:
            assert 0 <= shape.left and shape.left + shape.width <= edge
            assert shape.top + shape.height <= bottom * 1.01
        tables = [part for part in slide.parts if part.kind == "table"]
        assert sum(shape.has_table for shape in page.shapes) == len(tables)
        for shape in page.shapes:
            if shape.shape_type == 13:
                assert shape._element.nvPicPr.cNvPr.get("descr")


def test_impress_has_headings_results_and_notes(tmp_path):
    odfdo = pytest.importorskip("odfdo")
    target = tmp_path / "ten.odp"
    result = RUN.invoke(app, ["slides", "10", "--to", str(target)])
    assert result.exit_code == 0, result.output
    pages = odfdo.Document(str(target)).body.get_elements("draw:page")
    assert len(pages) == len(deck("10"))
    for page, slide in zip(pages, deck("10"), strict=True):
        frames = page.get_elements("draw:frame")
        assert frames[0].inner_text.strip() == re.sub(r"[*`]", "", slide.heading)
        kinds = [office._drawn(part).kind if part.kind == "drawing" else part.kind
                 for part in slide.parts]  # fmt: skip
        assert len(page.get_elements("draw:frame/table:table")) == kinds.count("table")
        assert len(page.get_elements("draw:frame/draw:image")) == kinds.count("picture")
        assert len(page.get_elements("draw:frame/svg:desc")) == kinds.count("picture")
        assert bool(slide.notes) == bool(page.get_elements("presentation:notes"))


@pytest.mark.parametrize(
    "options", [["77"], ["07", "--to", "deck.key"], ["01,06", "--to", "both.html"]]
)
def test_slides_that_cannot_be_are_refused_in_one_line(options):
    result = RUN.invoke(app, ["slides", *options])
    assert result.exit_code == 1 and len(result.output.strip().splitlines()) == 1


def test_several_decks_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = RUN.invoke(app, ["slides", "1,06"])
    assert result.exit_code == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["slides-01.html", "slides-06.html"]
