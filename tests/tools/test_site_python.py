"""Python in the pages: what of a Pyodide distribution goes along, and code that runs in place."""

import ast
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from site_pages import SITE, page_names, served

from alliance_tools.maintain.notebooks import notebook_files
from alliance_tools.site.build import Site, build
from alliance_tools.site.files import Files
from alliance_tools.site.frame import policy
from alliance_tools.site.lesson_page import Maker
from alliance_tools.site.python import COURSE, LOCK, NEEDED, Python

DEPENDS = {
    "numpy": [],
    "pandas": ["numpy", "python-dateutil"],
    "python-dateutil": ["six"],
    "six": [],
    "matplotlib": ["numpy", "pillow"],
    "pillow": [],
    "scipy": ["numpy"],
    "jinja2": ["markupsafe"],
    "markupsafe": [],
    "sympy": [],
}
CORE = ("pyodide.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide.asm.mjs")


def wheel(name):
    """The bytes of a package that holds one number."""
    out, module = io.BytesIO(), name.replace("-", "_")
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(f"{module}/__init__.py", "ANSWER = 42\n")
        made.writestr(f"{module}-1.0.dist-info/METADATA", f"Name: {name}\nVersion: 1.0\n")
        made.writestr(f"{module}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        made.writestr(f"{module}-1.0.dist-info/RECORD", "")
    return out.getvalue()


def distribution(folder, core=None):
    """A small distribution, made here; `core` names the folder of a real core."""
    folder.mkdir()
    info = {"python": "3.12.7", "version": "0.27.7", "arch": "wasm32"}
    if core:
        info = json.loads((core / LOCK).read_text(encoding="utf-8"))["info"]
        for path in core.iterdir():
            if path.suffix in (".mjs", ".js", ".wasm", ".zip"):
                shutil.copy(path, folder)
    else:
        for name in CORE:
            (folder / name).write_bytes(name.encode())
    packages = {}
    for name, depends in DEPENDS.items():
        file, data = f"{name}-1.0-py3-none-any.whl", wheel(name)
        (folder / file).write_bytes(data)
        packages[name] = {
            "name": name,
            "version": "1.0",
            # a lock may name where a file came from
            "file_name": f"https://example.org/{file}" if name == "six" else file,
            "install_dir": "site",
            "package_type": "package",
            "sha256": hashlib.sha256(data).hexdigest(),
            "imports": [name.replace("-", "_")],
            "depends": depends,
            "unvendored_tests": False,
        }
    lock = {"info": info, "packages": packages, "tool": {}}
    (folder / LOCK).write_text(json.dumps(lock), encoding="utf-8")
    return folder


@pytest.fixture
def small(tmp_path):
    return distribution(tmp_path / "pyodide")


def change_lock(folder, change):
    lock = json.loads((folder / LOCK).read_text(encoding="utf-8"))
    change(lock)
    (folder / LOCK).write_text(json.dumps(lock), encoding="utf-8")


def test_only_what_the_course_needs_goes_along_and_the_lock_says_so(small):
    made = Python(small)
    lock = json.loads(made.files[LOCK])
    assert {*NEEDED, COURSE, "six", "pillow", "markupsafe", "seaborn", "mistune"} <= set(
        lock["packages"]
    )
    assert "sympy" not in lock["packages"] and not any("sympy" in name for name in made.files)
    for entry in lock["packages"].values():
        assert hashlib.sha256(made.files[entry["file_name"]]).hexdigest() == entry["sha256"]
        assert set(entry["depends"]) <= set(lock["packages"])
        assert "/" not in entry["file_name"]
    assert set(made.files) == {*CORE, LOCK, *(e["file_name"] for e in lock["packages"].values())}
    assert lock["info"]["version"] == "0.27.7" and lock["tool"] == {}
    assert made.size == sum(map(len, made.files.values())) > made.start
    assert Python(small).files == made.files


def test_the_course_goes_along_without_its_lessons(small, tmp_path):
    made = Python(small)
    name = json.loads(made.files[LOCK])["packages"][COURSE]["file_name"]
    with zipfile.ZipFile(io.BytesIO(made.files[name])) as course:
        names = course.namelist()
        course.extractall(tmp_path / "there")
    assert not [n for n in names if n.endswith((".ipynb", ".pyc", ".png"))]
    assert len(made.files[name]) < 1_000_000
    # it stands by itself: the data are its own, in a place where there is no checkout
    code = (
        "import alliance_course as ac, alliance_in_page;"
        "print(ac.__file__, len(ac.load_dataset('clients')), len(ac.list_datasets()))"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "there")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    place, clients, tables = done.stdout.rsplit(maxsplit=2)
    assert str(tmp_path / "there") in place and int(clients) == 600 and int(tables) >= 8, done


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: (f / LOCK).unlink(), "holds no pyodide-lock.json: give the folder"),
        (lambda f: (f / LOCK).write_text("{"), "is no lock of a Pyodide distribution, or damaged"),
        (lambda f: (f / "pyodide.mjs").unlink(), "holds no pyodide.mjs: give a whole"),
        (lambda f: (f / "pyodide.asm.mjs").unlink(), "holds no pyodide.asm.js: give a whole"),
        (
            lambda f: (f / "scipy-1.0-py3-none-any.whl").write_bytes(b"another"),
            "scipy-1.0-py3-none-any.whl is not the file that pyodide-lock.json names: its sha256",
        ),
        (
            lambda f: (f / "pillow-1.0-py3-none-any.whl").unlink(),
            "holds no pillow-1.0-py3-none-any.whl, in which pillow is",
        ),
        (
            lambda f: change_lock(f, lambda lock: lock["packages"].pop("matplotlib")),
            "has no matplotlib, which the course needs",
        ),
        (
            lambda f: change_lock(f, lambda lock: lock["info"].update(python="3.10.2")),
            "has Python 3.10.2, and the course needs 3.11 or newer",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(small, spoil, said):
    spoil(small)
    with pytest.raises(ValueError, match=re.escape(said)) as refused:
        Python(small)
    assert "\n" not in str(refused.value) and not str(refused.value).endswith(".")


def test_the_command_refuses_before_it_writes(tmp_path):
    (tmp_path / "empty").mkdir()
    command = [sys.executable, "-m", "alliance_tools.cli", "site", str(tmp_path / "pages")]
    done = subprocess.run(
        [*command, "--python", str(tmp_path / "empty")], capture_output=True, text=True
    )
    assert done.returncode == 1 and not (tmp_path / "pages").exists()
    assert done.stderr.count("\n") == 1 and "holds no pyodide-lock.json" in done.stderr


CORE_AT = Path(os.environ.get("PYODIDE_CORE", "none"))
REAL = (CORE_AT / "pyodide.asm.wasm").is_file()


@pytest.fixture(scope="module")
def with_python(tmp_path_factory):
    """The pages with Python beside them: the real core, where npm has brought it."""
    place = tmp_path_factory.mktemp("python")
    given = distribution(place / "pyodide", CORE_AT if REAL else None)
    built = build(place / "pages", python=given, tell=lambda text: None)
    assert f"Python beside them, {built.python / 1e6:.0f} MB" in str(built)
    return place / "pages"


def test_a_page_without_python_knows_nothing_of_it(site_folder, with_python):
    there = {p.relative_to(with_python).as_posix() for p in with_python.rglob("*.*")}
    assert {"py/worker.js", f"py/{LOCK}", "py/pyodide.mjs", "assets/python.js"} <= there
    open_policy = policy(python=True)
    assert open_policy.replace(" 'wasm-unsafe-eval'", "") == policy()
    for name in page_names(site_folder):
        plain = (site_folder / f"{name}.html").read_text(encoding="utf-8")
        assert "wasm-unsafe-eval" not in plain and "assets/python" not in plain, name
        assert "data-code" not in plain and 'id="cells"' not in plain, name
        other = (with_python / f"{name}.html").read_text(encoding="utf-8")
        assert "wasm-unsafe-eval" in other, name
        if not name.startswith(("lesson-", "practice-", "about", "platforms")):
            # its names of pictures and all else are the same
            assert re.sub(" (&#x27;|')wasm-unsafe-eval(&#x27;|')", "", other) == plain, name
    shared = {p.name for p in (site_folder / "assets").iterdir()}
    for name in shared - {"search.js"}:
        ours, theirs = (f / "assets" / name for f in (site_folder, with_python))
        assert ours.read_bytes() == theirs.read_bytes(), name
    # on a phone nothing of Python is kept unasked
    kept = (with_python / "offline.js").read_text(encoding="utf-8")
    assert '"py/' not in kept


def pages():
    """Each notebook's page where Python is, and its code in order."""
    site = Site(instructors=False, tell=lambda text: None)
    for path in notebook_files():
        notebook = nbformat.read(path, as_version=4)
        yield path, notebook, Maker(notebook, path.name, Files(), python=True).make()
    assert site.python is None


def folds(page):
    found = BeautifulSoup(page.body, "html.parser").select("details.code[data-code]")
    return {int(one["data-code"]): one.code.get_text() for one in found}


def test_each_fold_of_code_has_its_place_among_all_code():
    for path, notebook, page in pages():
        shown = folds(page)
        assert [c for c in page.cells if isinstance(c, int)] == sorted(shown), path.name
        sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        for code in shown.values():
            assert code in sources
        for code in page.cells:
            if isinstance(code, str):
                ast.parse(code)
    # what only Python can fill in is there to be filled in
    last = next(page for path, _, page in pages() if path.name.startswith("12-b"))
    assert sum("Put the copied lines here" in code for code in folds(last).values()) == 4


RUN = """
import json, sys
sys.path.insert(0, {there!r})
import alliance_in_page as inside
inside.prepare({work!r})
course = inside.Course()
course.take('{{"version": 2, "guesses": {{}}, "answers": {{}}}}')
for name, code in json.load(open({cells!r}, encoding="utf-8")):
    print(json.dumps([name, json.loads(course.run(name, code))]))
print(json.dumps(["record", json.loads(course.give())]))
"""


def run_all(tmp_path, cells):
    """What the page's own Python shows of some cells, in a process of its own; and the record."""
    there = tmp_path / "there"
    there.mkdir(exist_ok=True)
    shutil.copy(SITE / "in_page.py", there / "alliance_in_page.py")
    (tmp_path / "cells.json").write_text(json.dumps(cells), encoding="utf-8")
    code = RUN.format(
        there=str(there), work=str(tmp_path / "work"), cells=str(tmp_path / "cells.json"),
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(SITE.parents[1])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(map(json.loads, done.stdout.splitlines()))


def said_of(cell):
    """What is saved under a cell in a notebook, one entry an output."""
    for output in cell.outputs:
        if output.get("name") == "stdout":
            yield {"text": output["text"]}
        shown = output.get("data", {})
        if "text/html" in shown or "text/markdown" in shown or "text/plain" in shown:
            yield shown


def tables(html):
    if "<table" not in html:
        return []
    found = pd.read_html(io.StringIO(html), keep_default_na=False)  # nothing equals no number
    return [table.to_dict() for table in found]


# all lessons, and two practices, which are alike
RUNS = [path for path in notebook_files() if "practice" not in path.name or path.name < "03"]


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.name[:-6])
def test_each_fold_runs_without_ipython_and_shows_what_is_saved(path, tmp_path):
    notebook = nbformat.read(path, as_version=4)
    page = Maker(notebook, path.name, Files(), python=True).make()
    shown = folds(page)
    cells = [
        (f"Code {one}", shown[one]) if isinstance(one, int) else (f"before {place}", one)
        for place, one in enumerate(page.cells)
    ]
    found = run_all(tmp_path, cells)
    assert [name for name, one in found.items() if name != "record" and one["error"]] == []
    saved = {
        cell.source: list(said_of(cell)) for cell in notebook.cells if cell.cell_type == "code"
    }
    compared = 0
    for number, code in shown.items():
        now = [one.get("html", one.get("text", "")) for one in found[f"Code {number}"]["shown"]]
        for before, after in zip(saved[code], now, strict=True):
            if "text/html" in before and tables(before["text/html"]):
                assert tables(before["text/html"]) == tables(after), code
                compared += 1
            elif "text" in before:
                assert after == before["text"]
            elif "image/png" in before:
                # a figure is compared by its words, which say its numbers
                assert (
                    BeautifulSoup(after, "html.parser")
                    .img["alt"]
                    .endswith(before["text/plain"].split(". ")[-1])
                )
                compared += 1
    assert compared or not shown or path.name.startswith("12-build")


def test_an_error_is_told_in_words_and_the_rest_goes_on(tmp_path):
    cells = [
        ("Code 1", "x = 2\nprint('before')\n1 / 0\nprint('never')"),
        ("Code 2", "x +"),
        ("Code 3", "print(x)\nx + 1"),
        ("Code 4", "import not_here"),
        ("Code 5", "import alliance_course as ac\nac.load_dataset('client')"),
        ("Code 6", "open('mine.txt', 'w').write('kept')\n3;"),
        ("Code 7", "raise SystemExit"),
    ]
    found = run_all(tmp_path, cells)
    assert found["Code 1"]["error"] == {
        "name": "Code 1",
        "line": 3,
        "said": "ZeroDivisionError: division by zero",
    }
    assert found["Code 1"]["shown"] == [{"text": "before\n"}]
    assert found["Code 2"]["error"]["line"] == 1
    assert found["Code 2"]["error"]["said"].startswith("SyntaxError")
    assert found["Code 3"]["shown"] == [{"text": "2\n"}, {"text": "3\n"}]
    assert found["Code 4"]["missing"] == "not_here"
    assert found["Code 5"]["error"]["line"] == 2
    assert re.search(r"did you mean 'clients'", found["Code 5"]["error"]["said"])
    assert found["Code 6"]["files"] == {"mine.txt": "a2VwdA=="} and not found["Code 6"]["shown"]
    assert found["Code 7"]["error"]["said"] == "SystemExit"


def test_an_answer_given_in_code_comes_back_with_the_record(tmp_path):
    code = "import alliance_course as ac\nac.check('L12.Q1', 99, seed=4711)"
    found = run_all(tmp_path, [("Code 1", code)])
    assert found["record"]["answers"]["L12.Q1"]["tries"] == 1
    assert "Not yet" in found["Code 1"]["shown"][0]["html"]


# with the real core, in a browser


def fold(page, number):
    found = page.locator(f"details.code[data-code='{number}']")
    if found.get_attribute("open") is None:
        found.locator("summary").click()
    return found


def run(page, number, code=None, seconds=120):
    """Run a fold; returns what it says and what it shows."""
    found = fold(page, number)
    if code is not None:
        found.locator("textarea").fill(code)
    found.get_by_role("button", name="Run this here").click()
    found.locator("button:enabled", has_text="Run this here").wait_for(timeout=1000 * seconds)
    return found.get_by_role("status").inner_text(), found.locator(".out").inner_text()


@pytest.mark.skipif(
    not REAL, reason="PYODIDE_CORE names no Pyodide: npm install pyodide@0.27.7, then set it"
)
def test_code_runs_in_the_page_and_the_page_stays_usable(with_python, browser):
    """The real core from a server, under the policy; the packages are made here, so no numpy."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(60_000)
    troubles = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda r: r.url.startswith(("http://127.0.0.1", "data:", "blob:"))
            or troubles.append(r.url))  # fmt: skip
    with served(with_python, policy=policy(python=True)) as base:
        page.goto(f"{base}/lesson-01.html")
        first = fold(page, 1)
        assert "fetches Python, about" in first.get_by_role("status").inner_text()
        # what stands before it has run unseen: `pd` and `ac` are there
        first.locator("textarea").fill("print(ac.__version__)\nthird = [3] * 14\npd.ANSWER")
        first.get_by_role("button", name="Run this here").click()
        # meanwhile the page answers a question, though Python is still starting
        guess = page.locator("fieldset.ac-question").first
        guess.get_by_label("The bond").click()
        guess.get_by_role("button", name="Note my guess").click()
        assert page.evaluate("allianceCourse.all().guesses['L01.P1'].guess") == "a"
        assert first.get_by_role("button", name="Run this here").is_disabled()
        first.locator("button:enabled", has_text="Run this here").wait_for(timeout=120_000)
        shown = first.locator(".out").inner_text().split()
        assert shown[-1] == "42" and re.match(r"\d+\.\d+", shown[0])
        # the second runs after the first: its names are there
        assert run(page, 2, "len(third)") == ("This is what it shows:", "14")
        said, shown = run(page, 2, "third.append(1)\nunknown + 1")
        assert said == "It stopped in line 2. NameError: name 'unknown' is not defined"
        # the first is changed, and stops: the second says so
        fold(page, 1).locator("textarea").fill("third = 1 / 0")
        said, shown = run(page, 2)
        assert said == "Code 1 runs before this one, and stopped in line 1. " + (
            "ZeroDivisionError: division by zero"
        )
        assert shown == ""
        # a record goes in with the guess, and comes back with an answer
        fold(page, 1).get_by_role("button", name="As it was").click()
        answer = (
            "from alliance_course.questions.progress import read_progress, record_answer\n"
            "record_answer('L01.Q1', 'right', answer='b')\n"
            "sorted(read_progress()['guesses'])"
        )
        fold(page, 1).locator("textarea").fill("third = 3")
        assert run(page, 2, answer) == ("This is what it shows:", "['L01.P1']")
        assert page.evaluate("allianceCourse.all().answers['L01.Q1'].state") == "right"
        # a package that only a function asks for is fetched then
        assert run(page, 2, "import scipy\nscipy.ANSWER")[1] == "42"
        said, _ = run(page, 2, "import sympy")
        assert said.startswith("It stopped in line 1. ModuleNotFoundError")
        # what never ends is stopped, and Python starts anew
        second = fold(page, 2)
        second.locator("textarea").fill("while True: pass")
        second.get_by_role("button", name="Run this here").click()
        page.wait_for_timeout(1500)
        second.get_by_role("button", name="Stop").click()
        assert second.get_by_role("status").inner_text().startswith("Stopped.")
        assert run(page, 2, "6 * 7")[1] == "42"
    assert troubles == []
    # from a disk it says why not
    page.goto((with_python / "lesson-01.html").as_uri())
    page.locator("details.code summary").first.click()
    assert "Opened from a disk" in page.locator("details.code").first.inner_text()
    assert page.locator("details.code button").count() == 0
    context.close()
