"""The reading room: a lesson opens as a page to read, and all of JupyterLab is a click away."""

import io
import re

import nbformat
import pytest
from site_pages import SIGNED, signs_are_right

from alliance_course.show.style import LIGHT

LESSON = "notebooks/01-what-is-the-alliance.ipynb"
PAGE = ".jp-NotebookPanel:not(.lm-mod-hidden)"
# how many letters stand on each line of the paragraphs that have three lines or more
LINES = """() => {
    const found = [];
    for (const node of document.querySelectorAll('.ac-room .jp-RenderedMarkdown > p')) {
        const lines = new Map(), walk = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
        for (let text = walk.nextNode(); text; text = walk.nextNode())
            for (let k = 0; k < text.length; k++) {
                const range = document.createRange();
                range.setStart(text, k);
                range.setEnd(text, k + 1);
                const box = range.getBoundingClientRect();
                if (!box.height) continue;
                const near = [...lines.keys()].find((y) => Math.abs(y - box.bottom) < 9);
                lines.set(near ?? box.bottom, (lines.get(near) ?? 0) + 1);
            }
        if (lines.size > 2) found.push(...[...lines.values()].slice(0, -1));
    }
    return found;
}"""
LEFT = """() => Object.fromEntries([
    '.jp-RenderedMarkdown > p', '.jp-RenderedMarkdown > h1', '.jp-RenderedMarkdown > h2',
    '.ac-cards', '.ac-explorer', '.ac-figure', '.ac-fold', '.jp-RenderedMarkdown img'
].map((kind) => {
    const seen = [...document.querySelectorAll(`.ac-room ${kind}`)].filter(n => n.offsetWidth);
    return [kind, [...new Set(seen.map(n => Math.round(n.getBoundingClientRect().left)))]];
}))"""
SIDEWAYS = """() => [':root', '.ac-room .jp-WindowedPanel-outer']
    .map(kind => document.querySelector(kind))
    .map(node => node.scrollWidth - node.clientWidth)"""


@pytest.fixture(scope="module")
def room(browser, lab_server):
    """Lesson 01 as the course opens it; read by all tests here, so that it is opened once."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    enter(page, lab_server, LESSON)
    yield page
    context.close()
    assert problems == []


def enter(page, lab, path):
    page.goto(lab.page(path).replace("/lab/", "/doc/"))
    settled(page)


def settled(page):
    page.locator(".ac-room .ac-fold:visible").first.wait_for(timeout=60_000)
    page.locator(".ac-cards:visible").first.wait_for(timeout=60_000)
    page.locator(".ac-explorer:visible svg[viewBox]").first.wait_for(timeout=60_000)


def editors(page):
    """How many code editors are in sight, and how many there are."""
    every = page.locator(f"{PAGE} .jp-CodeCell .jp-InputArea-editor")
    return every.filter(visible=True).count(), page.locator(f"{PAGE} .jp-CodeCell").count()


def mode(page):
    return page.locator(".jp-LabShell").get_attribute("data-shell-mode")


def test_it_is_one_page_and_all_of_jupyterlab_is_a_click_away(room):
    assert mode(room) == "single-document"
    bars = room.locator(".jp-SideBar, .jp-FileBrowser")
    assert bars.filter(visible=True).count() == 0
    room.get_by_role("button", name="All of JupyterLab").click()
    room.locator(".jp-SideBar.jp-mod-left").wait_for()
    assert mode(room) == "multiple-document"
    room.get_by_role("button", name="Reading room").click()
    room.locator(".jp-SideBar.jp-mod-left").wait_for(state="hidden")
    assert mode(room) == "single-document"


@pytest.mark.parametrize("width", (1280, 1000))
def test_a_line_is_as_long_as_in_a_book_and_there_is_one_left_edge(room, width):
    room.set_viewport_size({"width": width, "height": 900})
    room.wait_for_timeout(300)
    lines = room.evaluate(LINES)
    assert len(lines) > 20
    assert 60 <= sum(lines) / len(lines) <= 80 and max(lines) <= 85
    size = "getComputedStyle(document.querySelector('.ac-room .jp-RenderedMarkdown > p')).fontSize"
    assert room.evaluate(size) == "17px"
    found = room.evaluate(LEFT)
    assert all(found.values()), found
    edges = {edge for kind in found.values() for edge in kind}
    assert max(edges) - min(edges) <= 1, found


def test_code_is_folded_behind_a_line_and_one_switch_that_is_remembered_shows_it(room):
    room.set_viewport_size({"width": 1280, "height": 900})
    seen, cells = editors(room)
    assert seen == 0 and cells >= 8
    lines = room.locator(f"{PAGE} .ac-fold")
    assert lines.count() == cells
    assert all(re.match("Code|Answer in code", text) for text in lines.all_inner_texts())
    lines.nth(1).press("Enter")
    assert editors(room)[0] == 1 and lines.nth(1).get_attribute("aria-expanded") == "true"
    lines.nth(1).press(" ")
    assert editors(room)[0] == 0
    switch = room.get_by_role("button", name="Show all code")
    switch.click()
    assert editors(room)[0] == cells and switch.get_attribute("aria-pressed") == "true"
    room.reload()
    settled(room)
    assert editors(room)[0] == cells
    switch.click()
    assert editors(room)[0] == 0 and switch.get_attribute("aria-pressed") == "false"


def test_shift_and_enter_on_a_folded_line_runs_the_cell_and_goes_on(room):
    room.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=60_000)
    line = room.locator(f"{PAGE} .ac-fold").first
    line.press("Shift+Enter")
    cells = room.locator(f"{PAGE} .jp-Cell").filter(visible=True)
    assert cells.nth(2).get_attribute("class").count("jp-mod-active") == 1
    assert editors(room)[0] == 0, "running a folded cell leaves it folded"
    line.press("Enter")
    room.locator(f"{PAGE} .jp-InputPrompt").get_by_text("[1]:").wait_for(timeout=30_000)
    line.press("Enter")


def test_enlarged_four_times_it_can_be_read_without_moving_sideways(room):
    room.set_viewport_size({"width": 320, "height": 256})
    room.wait_for_timeout(500)
    assert room.evaluate(SIDEWAYS) == [0, 0]
    for part in ("h1", ".jp-RenderedMarkdown > p", ".ac-question", ".ac-explorer"):
        one = room.locator(f".ac-room {part}").filter(visible=True).first
        one.scroll_into_view_if_needed()
        box = one.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 320, part
        assert box["width"] > 240, f"{part}: the window is for the text"
    room.set_viewport_size({"width": 1280, "height": 900})


def test_on_paper_it_is_whole_and_only_the_page(room):
    assert room.get_by_role("button", name="Print").is_visible()
    pypdf = pytest.importorskip("pypdf", reason="pypdf, which reads the paper, is not installed")
    pages = pypdf.PdfReader(io.BytesIO(room.pdf(format="A4"))).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert len(pages) >= 5
    for part in ("What is the therapeutic alliance?", "What does each of the three do?", "doi.org"):
        assert part in text, f"{part}: from the first cell to the folded list at the end"
    for part in ("Show all code", "Kernel", "Code that", "import ", "Note my guess", "Copy"):
        assert part not in text, f"{part}: of no use on paper"


def test_axe_finds_nothing_with_code_folded_or_shown(room, axe):
    switch = room.get_by_role("button", name="Show all code")
    room.evaluate(axe)
    for _ in range(2):
        switch.click()
        room.wait_for_timeout(500)
        # a feed whose cells are no articles is JupyterLab's own
        rules = "{rules: {'aria-required-children': {enabled: false}}}"
        found = room.evaluate(f"axe.run('.ac-room', {rules})")["violations"]
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []
    assert editors(room)[0] == 0


def test_the_three_parts_have_their_signs(room):
    assert room.locator(f"{PAGE} :is(.jp-RenderedMarkdown, .ac-explorer) .ac-part").count() > 3
    assert signs_are_right(room.evaluate(SIGNED, PAGE), LIGHT)


def test_a_citation_says_its_source_where_it_stands(room):
    link = room.locator(f"{PAGE} a", has_text="Flückiger et al., 2018").first
    link.click()
    note = room.get_by_role("note").last
    assert "10.1037/pst0000172" in note.inner_text()
    room.keyboard.press("Escape")
    assert room.get_by_role("note").count() == 0
    assert link.evaluate("node => node === document.activeElement")


def test_who_comes_back_is_led_to_the_section_where_they_were(room, lab_server):
    heading = room.locator(f"{PAGE} h2", has_text=re.compile("^Take away"))
    assert room.get_by_role("button", name=re.compile("^Go on at")).count() == 0
    heading.scroll_into_view_if_needed()
    room.mouse.wheel(0, 600)
    room.wait_for_timeout(1000)
    enter(room, lab_server, LESSON)
    back = room.get_by_role("button", name=re.compile("^Go on at .Take away.$"))
    back.click()
    heading.wait_for()
    room.wait_for_timeout(500)
    box = heading.bounding_box()
    assert 0 < box["y"] < 900 and not back.is_visible()


def test_lessons_lead_to_each_other_and_home(room):
    room.locator(f"{PAGE} a", has_text=re.compile("^next$")).click()
    room.locator(f"{PAGE} h1", has_text="What can be said here?").wait_for(timeout=30_000)
    settled(room)
    assert editors(room)[0] == 0 and "/doc/" in room.url and "02-the-bond" in room.url
    room.locator(f"{PAGE} a", has_text=re.compile("^Home$")).click()
    room.get_by_label("Your way through the course").wait_for(timeout=30_000)
    assert "/doc/" in room.url and "Home.ipynb" in room.url
    assert room.locator(f"{PAGE}.ac-room").count() == 1


def test_a_notebook_of_ones_own_looks_as_ever(page, lab_server):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("1 + 1")],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, lab_server.folder / "my own.ipynb")
    page.goto(lab_server.page("my own.ipynb"))
    page.locator(".jp-Notebook .jp-InputArea-editor").wait_for(timeout=60_000)
    page.wait_for_timeout(300)
    assert page.locator(".ac-room, .ac-fold, .ac-tool").count() == 0
    assert mode(page) == "multiple-document"
