"""Explorers beside a kernel, after it, and in an exported page that never had one."""

import os
import re
import sys
from pathlib import Path

import nbformat
import pytest
from lab_page import open_lesson, run_all
from test_explorer import PICTURES
from test_explorer_browser import STATE

HERE = Path(__file__).parent
ALL = f"""from importlib import import_module
from IPython.display import display
from alliance_course.show.explorer.widget import Explorer
for module, name in {[(build.__module__, build.__name__) for build in PICTURES]}:
    display(Explorer(getattr(import_module(module), name)()))"""
DEMO = f"""import sys
sys.path.insert(0, {str(HERE)!r})
from explorer_demo import demo
from alliance_course.show.explorer.widget import Explorer
explorer = Explorer(demo())
explorer"""


def notebook_of(*cells):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = [nbformat.v4.new_code_cell(cell) for cell in cells]
    return nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel})


def moves(root):
    """Work the first control by keyboard; whether the picture answers at once."""
    control, start = root.locator("input").first, root.evaluate(STATE)
    control.focus()
    seen = []
    for key in ("Home", "End", "ArrowDown", "ArrowDown"):
        root.page.keyboard.press(key)
        seen.append(root.evaluate(STATE))
    return len({start, *seen}) > 1


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Every explorer of the lessons, run and exported as one HTML page."""
    nbclient = pytest.importorskip("nbclient")
    nbconvert = pytest.importorskip("nbconvert")
    notebook = notebook_of(ALL)
    nbclient.NotebookClient(notebook, store_widget_state=True).execute()
    path = tmp_path_factory.mktemp("export") / "page.html"
    path.write_text(nbconvert.HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
    return path


def test_exported_and_read_offline_each_shows_its_still_and_words(exported, page):
    page.route("http*://**/*", lambda route: route.abort())
    page.goto(exported.as_uri())
    figures = page.locator("figure:has(img)")
    assert figures.count() == len(PICTURES) >= 13
    for figure, build in zip(figures.all(), PICTURES, strict=True):
        assert figure.is_visible() and build().describe() in figure.inner_text()
        assert figure.locator("img").evaluate("node => node.naturalWidth") > 500
        assert all(control.help in figure.inner_text() for control in build().controls)
    assert page.locator(".ac-explorer").count() == 0


def test_exported_with_a_local_widget_manager_each_works_without_a_kernel(exported, page):
    modules = Path(os.environ.get("NODE_MODULES", ""))
    manager = modules / "@jupyter-widgets/html-manager/dist"
    if not (manager / "embed-amd.js").is_file():
        pytest.skip("NODE_MODULES names no folder with @jupyter-widgets/html-manager, requirejs")
    anywidget = Path(sys.prefix) / "share/jupyter/nbextensions/anywidget/index.js"
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))

    def answer(route):
        url = route.request.url
        local = {
            "require.min.js": modules / "requirejs/require.js",
            "anywidget": anywidget,
            "html-manager": manager / Path(url.partition("?")[0]).name,
            "@jupyter-js-widgets": manager / "embed-amd.js",
        }
        found = next((path for part, path in local.items() if part in url), None)
        if found is None:
            route.abort()
        else:
            route.fulfill(body=found.read_bytes(), content_type="text/javascript")

    page.route("http*://**/*", answer)
    page.goto(exported.as_uri())
    roots = page.locator(".ac-explorer")
    roots.nth(len(PICTURES) - 1).locator("svg[viewBox]").first.wait_for(timeout=30_000)
    assert roots.count() == len(PICTURES)
    assert page.locator("figure:has(img):visible").count() == 0, "the still would stand there twice"
    for root, build in zip(roots.all(), PICTURES, strict=True):
        assert build().title in root.inner_text() and moves(root), build
    assert problems == []


def open_and_run(page, lab, name, notebook):
    nbformat.write(notebook, lab.folder / name)
    open_lesson(page, lab, name)
    run_all(page)


def test_in_jupyterlab_shift_enter_goes_through_and_letters_and_arrows_do_not(page, lab_server):
    notebook = notebook_of(DEMO, "print('it ran')")
    open_and_run(page, lab_server, "explorer-keys.ipynb", notebook)
    slider = page.get_by_label("Slope")
    slider.wait_for(timeout=20_000)
    active = (
        "[...document.querySelectorAll('.jp-Cell')].findIndex(n => n.matches('.jp-mod-active'))"
    )
    slider.focus()
    cells = page.locator(".jp-Cell").count()
    for pressed in ("b", "d", "d", "ArrowDown", "Enter"):
        page.keyboard.press(pressed)
    assert page.locator(".jp-Cell").count() == cells, "no cell was added or deleted"
    assert page.evaluate(active) == 0
    page.keyboard.press("Shift+Enter")
    page.wait_for_function(f"{active} === 1", timeout=10_000)
    page.get_by_label("Slope").wait_for(timeout=20_000)
    page.get_by_label("Slope").focus()
    assert page.get_by_label("Slope").get_attribute("data-lm-suppress-shortcuts") == "true"


def test_in_jupyterlab_a_notebook_that_was_not_run_keeps_its_still(page, lab_server):
    notebook = notebook_of(DEMO)
    pytest.importorskip("nbclient").NotebookClient(notebook).execute()
    del notebook.metadata["widgets"]
    nbformat.write(notebook, lab_server.folder / "explorer-not-run.ipynb")
    open_and_run(page, lab_server, "explorer-run.ipynb", notebook_of(DEMO))
    assert page.locator(".ac-explorer").is_visible()
    still = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) figure.ac-still")
    assert still.count() == 1 and not still.is_visible()
    page.locator(".jp-DirListing-item", has_text="explorer-not-run.ipynb").dblclick()
    page.wait_for_function(
        "document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden) figure.ac-still').length"
    )
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) figure.ac-still").wait_for(timeout=20_000)
    assert still.is_visible()
    assert page.locator(".ac-explorer:visible").count() == 0


def test_in_jupyterlab_on_a_phone_the_controls_stay_in_sight(page, lab_server):
    page.set_viewport_size({"width": 800, "height": 700})
    open_and_run(page, lab_server, "explorer-phone.ipynb", notebook_of(ALL))
    page.locator(".ac-explorer").nth(len(PICTURES) - 1).wait_for(timeout=30_000)
    root = page.locator(".ac-explorer").first
    root.locator("svg[viewBox]").nth(1).scroll_into_view_if_needed()
    root.locator(".ac-buttons").first.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    if root.bounding_box()["width"] <= 512:
        place = root.locator(".ac-controls").bounding_box()
        panel = page.locator(".jp-WindowedPanel-outer").first.bounding_box()
        assert place["y"] >= panel["y"] - 1


def stop_kernel(page, lab, name):
    """Shut the notebook's kernel down, as a server does that runs out of memory or patience."""
    for session in page.request.get(f"{lab.url}/api/sessions?token={lab.token}").json():
        if session["path"] == name:
            kernel = f"{lab.url}/api/kernels/{session['kernel']['id']}"
            page.request.delete(f"{kernel}?token={lab.token}")
    page.wait_for_timeout(1500)


def test_in_jupyterlab_it_talks_to_the_kernel_and_outlives_it(page, lab_server):
    notebook = notebook_of(DEMO, "explorer.slope, explorer.describe()", "explorer.slope = -1.0")
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    open_and_run(page, lab_server, "explorer-demo.ipynb", notebook)
    slider = page.get_by_label("Slope")
    slider.wait_for(timeout=20_000)
    assert not page.locator("figure:has(img)").is_visible(), "the still would stand there twice"
    assert float(slider.input_value()) == -1, "Python moved it"
    for _ in range(15):
        slider.press("ArrowRight")
    assert float(slider.input_value()) == pytest.approx(0.5), "JupyterLab left the arrow keys alone"
    # at once: leaving the slider is enough for the kernel to know
    page.locator(".jp-InputArea-editor").nth(1).click()
    page.keyboard.press("Control+Enter")
    output = page.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea-output")
    output.get_by_text("(0.5, 'With slope +0.5 SD").wait_for(timeout=10_000)

    stop_kernel(page, lab_server, "explorer-demo.ipynb")
    line = page.locator("path.ac-line").first
    before = line.get_attribute("d")
    slider.press("End")
    assert line.get_attribute("d") != before
    page.wait_for_timeout(1200)
    assert problems == []


def test_in_jupyterlab_axe_finds_nothing(page, lab_server, axe):
    open_and_run(page, lab_server, "explorers-axe.ipynb", notebook_of(ALL))
    page.locator(".ac-explorer").nth(len(PICTURES) - 1).wait_for(timeout=30_000)
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        page.get_by_role("menuitem", name="Settings", exact=True).click()
        page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Theme$")).hover()
        page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{theme}$")).click()
        page.wait_for_function(f"document.body.dataset.jpThemeName === '{theme}'")
        page.wait_for_timeout(500)
        page.evaluate(axe)
        found = page.evaluate("axe.run('.ac-explorer')")
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []


def test_in_jupyterlab_each_works_after_its_kernel_was_shut_down(page, lab_server):
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    open_and_run(page, lab_server, "explorers.ipynb", notebook_of(ALL))
    roots = page.locator(".ac-explorer")
    roots.nth(len(PICTURES) - 1).locator("svg[viewBox]").first.wait_for(timeout=30_000)
    stop_kernel(page, lab_server, "explorers.ipynb")
    assert roots.count() == len(PICTURES)
    for root, build in zip(roots.all(), PICTURES, strict=True):
        assert moves(root), build
    page.wait_for_timeout(1200)
    assert problems == []
