"""Explorers in a real browser: every control, the keyboard, accessibility, exports, a kernel."""

import json
import os
import re
import sys
import time
from pathlib import Path

import nbformat
import pytest
from explorer_demo import demo
from test_explorer import HERE, PICTURES
from test_lab_browser import run_all

from alliance_course.explorers.definition import Axis

# Stands in for the notebook: a model with the four methods that the page's half uses.
PAGE = """<!doctype html><html lang="en"><head><title>Explorers</title>
<link rel="stylesheet" href="explorer.css"></head><body {theme}><main></main>
<script type="module">
import explorer from "./explorer.js";
window.models = [];
for (const name of {names}) {{
  const spec = await (await fetch(`${{name}}.json`)).json();
  const data = new DataView(await (await fetch(`${{name}}.bin`)).arrayBuffer());
  const values = {{ _spec: spec, _data: data }}, listeners = {{}};
  for (const control of spec.controls) values[control.name] = control.default;
  const model = {{
    saved: 0, get: (key) => values[key], on: (event, act) => {{ listeners[event] = act; }},
    set: (given) => Object.assign(values, given), save_changes: () => {{ model.saved += 1; }},
    send: (key, value) => {{ values[key] = value; listeners[`change:${{key}}`](); }}, values,
  }};
  window.models.push(model);
  explorer.render({{ model, el: document.querySelector("main") }});
}}
window.ready = true;
</script></body></html>"""
BUILDERS = {build.__name__: build for build in (demo, *PICTURES)}
STATE = """node => [...node.querySelectorAll('svg, output, .ac-numbers, figcaption')]
    .map(n => n.outerHTML).join('')"""


@pytest.fixture
def show(page):
    """Open a page with the named explorers; no request may leave it, no error may appear."""
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: m.type == "error" and problems.append(m.text))

    def answer(route):
        name = route.request.url.removeprefix("http://explorers.test/")
        stem, _, end = name.partition(".")
        if name.startswith("explorer."):
            kind = "text/css" if end == "css" else "text/javascript"
            route.fulfill(body=(HERE / name).read_text(), content_type=kind)
        elif end == "json":
            route.fulfill(json=BUILDERS[stem]().spec())
        elif end == "bin":
            route.fulfill(body=BUILDERS[stem]().data())
        elif name.startswith("page"):
            route.fulfill(body=page.html, content_type="text/html")
        else:
            route.fulfill(status=204)

    def open_page(*names, theme=""):
        page.html = PAGE.format(names=json.dumps(names), theme=theme)
        page.route("**/*", answer)
        page.goto("http://explorers.test/page")
        page.wait_for_function("window.ready")
        page.wait_for_timeout(100)
        return page

    yield open_page
    assert problems == []


def painted(root):
    """Its pixels, painted anew: a part painted over has edges a shade different."""
    for display in ("none", ""):
        root.evaluate("(node, display) => { node.style.display = display; }", display)
    root.page.wait_for_timeout(100)
    return root.screenshot()


@pytest.mark.parametrize("name", BUILDERS)
def test_each_control_moves_the_picture_and_back_to_the_same(show, name):
    root = show(name).locator(".ac-explorer")
    start, pixels = root.evaluate(STATE), painted(root)
    controls = BUILDERS[name]().controls
    for control in controls:
        seen = set()
        for _ in range(3):
            if isinstance(control, Axis):
                slider = root.get_by_label(control.label, exact=True)
                slider.focus()
                for key in ("Home", "End"):
                    slider.press(key)
                    seen.add(root.evaluate(STATE))
                slider.fill(str(control.default))
            else:
                group = root.get_by_role("group", name=control.label, exact=True)
                for words in [*control.options.values(), control.options[control.default]]:
                    group.get_by_label(words, exact=True).check()
                    seen.add(root.evaluate(STATE))
            assert root.evaluate(STATE) == start
        # an end that is also where the control starts shows nothing new
        ends = {control.low, control.high} if isinstance(control, Axis) else {None}
        new = ends - {control.default if isinstance(control, Axis) else ...}
        assert len(seen - {start}) >= len(new), control.name
    root.get_by_role("button", name="Reset").focus()
    root.page.evaluate("document.activeElement.blur()")
    root.page.mouse.move(0, 0)
    # a busy machine may take a moment to fade the focus and the pointer's marks away
    for _ in range(10):
        root.page.wait_for_timeout(700)
        if painted(root) == pixels:
            break
    assert painted(root) == pixels


def test_the_page_says_what_python_says(show):
    page = show("demo")
    root = page.locator(".ac-explorer")
    for _ in range(13):
        root.get_by_label("Slope").press("ArrowLeft")
    root.get_by_label("right side").check()
    words = root.locator(".ac-words")
    page.wait_for_function("document.querySelector('.ac-words').textContent.includes('right')")
    values = {"slope": -1.3, "noise": 4, "side": "right"}
    assert words.inner_text() == demo().describe(values)
    assert root.locator("figcaption").first.inner_text() == "Two lines end above"
    drawn = root.locator("path.ac-line").first.get_attribute("d")
    heights = [float(y) for y in re.findall(r",([\d.]+)", drawn)]
    line = demo().at("line", values)
    assert (heights[-1] - heights[0]) * (line[-1] - line[0]) < 0, "lower is further down"
    root.get_by_role("button", name="Reset").click()
    page.wait_for_timeout(700)
    assert words.inner_text() == demo().describe()


def test_the_kernel_hears_the_last_move_and_an_echo_does_not_pull_back(show):
    page = show("demo")
    slider, start = page.get_by_label("Slope"), time.monotonic()
    for _ in range(8):
        slider.press("ArrowRight")
    # one more move, and in the same breath the echo of an older one
    slider.evaluate("""input => {
        input.stepUp();
        input.dispatchEvent(new Event('input', { bubbles: true }));
        models[0].send('slope', 0.2);
    }""")
    assert float(slider.input_value()) == pytest.approx(0.9)
    page.wait_for_function("models[0].saved > 0 && models[0].values.slope === 0.9")
    # at most ten times a second, however long a busy machine takes
    assert page.evaluate("models[0].saved") <= 10 * (time.monotonic() - start) + 1
    page.evaluate("models[0].send('slope', -1)")
    assert float(slider.input_value()) == -1
    assert "\N{MINUS SIGN}1.0 SD" in page.locator("output").first.inner_text()


@pytest.mark.parametrize("theme", ["", 'data-jp-theme-light="false"'])
def test_axe_finds_nothing(show, axe, theme):
    page = show(*BUILDERS, theme=theme)
    if theme:
        page.add_style_tag(content=":root { --jp-layout-color0: #111; --jp-ui-font-color0: #fff }")
    page.evaluate(axe)
    found = page.evaluate("axe.run('.ac-explorer')")
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []
    assert len(found["passes"]) > 10


def test_each_control_and_picture_is_announced(show):
    page = show("demo")
    slider = page.get_by_role("slider", name="Slope", exact=True)
    slider.press("End")
    assert slider.get_attribute("aria-valuetext") == "+2.0 SD, rises"
    described = "node => document.getElementById(node.getAttribute('aria-describedby')).textContent"
    assert slider.evaluate(described) == "tilts the lines"
    assert page.get_by_role("group", name="Side").count() == 1
    page.wait_for_timeout(700)
    picture = page.get_by_role("img", name="Two lines end below")
    assert "the line ends at 18.0" in picture.evaluate(described)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.type") == "range"


@pytest.mark.parametrize("width", [320, 480, 800, 1600])
@pytest.mark.parametrize("name", BUILDERS)
def test_nothing_is_cut_off_at_any_width(show, name, width):
    page = show(name)
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_timeout(100)
    outside = page.evaluate("""() => {
        const box = document.querySelector('.ac-explorer').getBoundingClientRect();
        return [...document.querySelectorAll('.ac-explorer *')].filter(n => {
            const at = n.getBoundingClientRect();
            return at.width && (at.left < box.left - 1 || at.right > box.right + 1);
        }).map(n => n.outerHTML.slice(0, 90));
    }""")
    assert outside == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_failure_in_the_page_is_a_sentence(page):
    page.route("**/*", lambda route: route.fulfill(body="<main></main>", content_type="text/html"))
    page.goto("http://explorers.test/")
    source = json.dumps((HERE / "explorer.js").read_text())
    spec = json.dumps(demo().spec())
    page.evaluate(f"""async () => {{
        const source = new Blob([{source}], {{ type: 'text/javascript' }});
        const explorer = (await import(URL.createObjectURL(source))).default;
        const values = {{ _spec: {spec}, _data: new DataView(new ArrayBuffer(4)) }};
        const model = {{ get: key => values[key], on() {{}} }};
        explorer.render({{ model, el: document.querySelector('main') }});
    }}""")
    alert = page.get_by_role("alert").inner_text()
    assert alert.startswith("This explorer cannot be drawn: its numbers did not arrive complete.")


def notebook_with_demo():
    cell = f"""import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from explorer_demo import demo
from alliance_course.explorers.explorer import Explorer
explorer = Explorer(demo())
explorer"""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(cell)]
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The demo, run and exported as one HTML page."""
    nbclient = pytest.importorskip("nbclient")
    nbconvert = pytest.importorskip("nbconvert")
    notebook = notebook_with_demo()
    nbclient.NotebookClient(notebook, store_widget_state=True).execute()
    path = tmp_path_factory.mktemp("export") / "page.html"
    path.write_text(nbconvert.HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
    return path


def test_exported_and_read_offline_it_shows_the_still_and_the_words(exported, page):
    page.route("http*://**/*", lambda route: route.abort())
    page.goto(exported.as_uri())
    figure = page.locator("figure:has(img)")
    assert figure.is_visible() and demo().describe() in figure.inner_text()
    assert page.locator("figure img").evaluate("node => node.naturalWidth") > 500
    assert page.locator(".ac-explorer").count() == 0


def test_exported_with_a_local_widget_manager_it_works_without_a_kernel(exported, page):
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
    slider = page.get_by_label("Slope")
    slider.wait_for(timeout=20_000)
    assert not page.locator("figure:has(img)").is_visible(), "the still would stand there twice"
    line = page.locator("path.ac-line").first
    before = line.get_attribute("d")
    slider.press("End")
    assert line.get_attribute("d") != before
    assert problems == []


def test_in_jupyterlab_it_talks_to_the_kernel_and_outlives_it(page, lab_server):
    notebook = notebook_with_demo()
    notebook.cells.append(nbformat.v4.new_code_cell("explorer.slope, explorer.describe()"))
    notebook.cells.append(nbformat.v4.new_code_cell("explorer.slope = -1.0"))
    nbformat.write(notebook, lab_server.folder / "explorer-demo.ipynb")
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(lab_server.page("explorer-demo.ipynb"))
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    # before the kernel's name stands there, JupyterLab answers "Run All" by asking for a kernel
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    run_all(page)
    slider = page.get_by_label("Slope")
    slider.wait_for(timeout=20_000)
    assert not page.locator("figure:has(img)").is_visible(), "the still would stand there twice"
    assert float(slider.input_value()) == -1, "Python moved it"
    for _ in range(15):
        slider.press("ArrowRight")
    assert float(slider.input_value()) == pytest.approx(0.5), "JupyterLab left the arrow keys alone"
    page.wait_for_timeout(500)
    page.locator(".jp-InputArea-editor").nth(1).click()
    page.keyboard.press("Control+Enter")
    output = page.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea-output")
    output.get_by_text("(0.5, 'With slope +0.5 SD").wait_for(timeout=10_000)

    sessions = page.request.get(f"{lab_server.url}/api/sessions?token={lab_server.token}").json()
    for session in sessions:
        if session["path"] == "explorer-demo.ipynb":
            kernel = f"{lab_server.url}/api/kernels/{session['kernel']['id']}"
            page.request.delete(f"{kernel}?token={lab_server.token}")
    page.wait_for_timeout(1500)
    line = page.locator("path.ac-line").first
    before = line.get_attribute("d")
    slider.press("End")
    assert line.get_attribute("d") != before
    page.wait_for_timeout(300)
    assert problems == []
