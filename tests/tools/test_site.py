"""The pages: the same bytes twice, small, true as pages, and nothing of anybody else's touched."""

import ast
import gzip
import json
import re
import subprocess
import sys

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from site_pages import SITE, page_names

from alliance_course.questions.bank import registry
from alliance_tools.cli import app
from alliance_tools.maintain.notebooks import lessons, notebook_files, practices
from alliance_tools.site import words
from alliance_tools.site.build import Site, build, classic
from alliance_tools.site.files import Files
from alliance_tools.site.frame import policy
from alliance_tools.start import binder

AS_A_NOTEBOOK = re.compile(
    r"Shift|Double-click|The cell|next cell|this cell|that cell|\bcells\b|\.ipynb|\bhint\(|"
    r"Jupyter|[Kk]ernel|progress\.json|export_progress|three dots|beside this notebook|run it\b"
)
LIMIT = 1_500_000


def soup(folder, name):
    return BeautifulSoup((folder / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def read_aloud(page):
    """What a page says to its reader: no scripts, and no code."""
    for part in page.select("script, pre, .code"):
        part.decompose()
    return " ".join(page.main.get_text(" ").split())


def packed(folder, *paths):
    return sum(len(gzip.compress((folder / path).read_bytes(), 9)) for path in paths)


def kept_for_later(folder):
    """All that learners need, as the service worker lists it."""
    script = (folder / "offline.js").read_text(encoding="utf-8")
    return json.loads(re.search(r"FILES = (\[.*?\]);", script, flags=re.DOTALL)[1])


def test_what_is_kept_for_later_is_all_that_learners_need(site_folder):
    kept = kept_for_later(site_folder)
    assert len(kept) == len(set(kept)) and all((site_folder / path).is_file() for path in kept)
    needed = {f"{name}.html" for name in page_names(site_folder, "lesson", "practice", "index")}
    needed |= {p.relative_to(site_folder).as_posix() for p in site_folder.glob("assets/*.*s")}
    assert needed - {"assets/slides.js"} <= set(kept)
    # answers for instructors need not be on every phone
    assert not [
        path for path in kept if path.startswith(("guide", "slides", "test-", "assets/slides"))
    ]


def test_every_lesson_and_practice_is_a_page_with_all_that_it_asks(site_folder):
    for kind, group in (("lesson", lessons()), ("practice", practices())):
        for number, found in group.items():
            page = soup(site_folder, f"{kind}-{number}")
            assert page.h1.get_text() == found.title
            specs = [json.loads(s.get_text()) for s in page.select(".host script") if s.get_text()]
            cards = [card for spec in specs for card in spec["spec"]["cards"]]
            asked = {card["id"] for card in cards if "id" in card}
            own = {key for key in found.questions if registry()[key].get("data") == "capstone"}
            assert asked >= set(found.questions) - own, f"{kind} {number}"
            assert len(page.select(".host.explorer")) == sum(
                len(re.findall(r"ac\.(?:explore|play)_\w+\(", cell.source))
                for cell in found.cells
                if cell.kind == "code"
            )


def test_a_page_speaks_as_a_page(site_folder):
    found = {}
    for name in page_names(site_folder, "lesson-", "practice-", "index", "about"):
        text = read_aloud(soup(site_folder, name))
        if said := [text[m.start() - 40 : m.end() + 30] for m in AS_A_NOTEBOOK.finditer(text)]:
            found[name] = said
    assert not found


def test_no_rule_of_words_is_idle():
    site = Site(instructors=False, repository="", tell=lambda text: None)
    used = set()
    for path in notebook_files():
        used |= site.page_of(path).used
    idle = [rule.find for place, rule in enumerate(words.rules()) if place not in used]
    assert not idle


def test_binder_link_of_a_copy(tmp_path):
    """The same address that `alliance-course links` prints, and none that is no repository."""
    for address in ("https://github.com/you/course", "https://gitlab.com/group/sub/course"):
        site = Site(instructors=False, repository=address, tell=lambda text: None)
        site._platforms()
        page = BeautifulSoup(site.files.made["platforms.html"], "html.parser")
        found = [a["href"] for a in page.select("a[href*=mybinder]")]
        assert found == [binder.links(address).binder]
    done = CliRunner().invoke(app, ["site", str(tmp_path / "out"), "--repository", "my course"])
    assert done.exit_code == 1 and "give the address of your copy" in done.output
    assert not (tmp_path / "out").exists()


def test_links_lead_somewhere_and_nothing_is_fetched_from_elsewhere(site_folder):
    ids = {}
    for name in page_names(site_folder):
        ids[name] = {part["id"] for part in soup(site_folder, name).select("[id]")}
    for name in ids:
        page = soup(site_folder, name)
        for link in page.select("a[href]"):
            target = str(link["href"])
            if target.startswith("http"):
                continue
            path, _, at = target.partition("#")
            assert not path or (site_folder / path).is_file(), f"{name}: {target}"
            if at:
                assert at in ids[path.removesuffix(".html") or name], f"{name}: {target}"
        for part in page.select("[src], [srcset], link[href]"):
            target = part.get("src") or part.get("srcset") or part.get("href")
            assert (site_folder / target).is_file(), f"{name}: {target}"


def test_terms_of_the_glossary_are_explained_where_they_stand(site_folder):
    page = soup(site_folder, "lesson-01")
    known = json.loads(page.select_one("#terms").get_text())
    assert {link["data-term"] for link in page.select("a.term")} == set(known)
    assert (
        known["bond"]["says"]
        == "being understood rather than judged; being able to say the difficult thing."
    )


def test_the_same_bytes_twice(site_folder, tmp_path):
    build(tmp_path / "again", tell=lambda text: None)
    first, again = (
        {p.relative_to(f).as_posix(): p.read_bytes() for p in f.rglob("*") if p.is_file()}
        for f in (site_folder, tmp_path / "again")
    )
    assert first.keys() == again.keys()
    assert [path for path in first if first[path] != again[path]] == []


def test_it_is_small(site_folder):
    assert sum(packed(site_folder, path) for path in kept_for_later(site_folder)) <= LIMIT
    shared = packed(site_folder, "assets/course.js", "assets/course.css")
    large = {
        name: size
        for name in page_names(site_folder, "lesson-", "practice-", "index")
        if (size := shared + packed(site_folder, f"{name}.html")) > 40 * 1024
    }
    assert not large
    # lesson 01 with its explorer, which comes when it is near
    explorer = soup(site_folder, "lesson-01").select_one(".explorer")["data-load"]
    extra = ["assets/explorer.js", "assets/explorer.css", f"assets/e-{explorer}.js"]
    assert shared + packed(site_folder, "lesson-01.html", *extra) <= 70 * 1024


def test_it_says_what_it_does_and_where_the_pages_are(tmp_path):
    target = tmp_path / "mes pages"
    command = [sys.executable, "-m", "alliance_tools.cli", "site", str(target), "--no-instructors"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=300)
    assert done.returncode == 0, done.stderr
    assert "1 of 25: 00-start-here.ipynb" in done.stdout
    assert re.search(r"\d+ pages in \d+ files, \d\.\d MB \(\d\.\d\d MB compressed\)", done.stdout)
    assert f"Open {target / 'index.html'}" in done.stdout
    # whoever leaves out what instructors get has none of it, and no link to it
    assert (
        not list(target.glob("guide*")) + list(target.glob("slides*")) + list(target.glob("test-*"))
    )
    assert "instructors.html" not in (target / "index.html").read_text(encoding="utf-8")


def test_it_touches_nothing_that_it_has_not_written(tmp_path):
    files = Files()
    files.add("a/page.html", "one")
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(ValueError, match="holds other files: choose a folder"):
        files.write(folder)
    assert [p.name for p in folder.iterdir()] == ["thesis.txt"]

    earlier, later = tmp_path / "pages", Files()
    files.write(earlier)
    (earlier / "notes.txt").write_text("mine")
    later.add("b.html", "two")
    later.write(earlier)
    assert {p.name for p in earlier.rglob("*") if p.is_file()} == {
        "b.html",
        "files.txt",
        "notes.txt",
    }
    taken = Files()
    taken.add("notes.txt", "not mine")
    with pytest.raises(ValueError, match=r"notes\.txt is not from this command"):
        taken.write(earlier)
    assert (earlier / "notes.txt").read_text() == "mine"


def test_a_module_becomes_a_classic_script():
    assert "return { render };" in classic("export default { render };", "x")
    for wrong in (
        "import a from 'b';\nexport default a;",
        "export const a = 1;\nexport default a;",
        "1;",
    ):
        with pytest.raises(ValueError):
            classic(wrong, "x")


def test_every_page_carries_the_policy_and_no_script_of_its_own(site_folder):
    for name in page_names(site_folder):
        page = soup(site_folder, name)
        found = page.select_one('meta[http-equiv="Content-Security-Policy"]')
        assert found and found["content"] == policy(), name
        inline = [s for s in page.find_all("script") if not s.get("src") and not s.get("type")]
        assert len(inline) <= 1, name  # the look, whose hash the policy names
        assert not page.select("[onclick], [onload]")


def test_the_workflow_builds_with_the_real_command(site_folder):
    text = (site_folder / "assets/pages.yml").read_text(encoding="utf-8")
    assert (SITE.parents[1] / ".github/workflows/pages.yml").read_text(encoding="utf-8") == text
    yaml = pytest.importorskip("yaml")
    found = yaml.safe_load(text)
    steps = [step.get("run", "") for step in found["jobs"]["build"]["steps"]]
    run = next(step for step in steps if "alliance-course site" in step)
    options = re.findall(r"--\w+", run)
    shown = subprocess.run(
        [sys.executable, "-m", "alliance_tools.cli", "site", "--help"],
        capture_output=True,
        text=True,
    ).stdout
    assert all(option in shown for option in options)
    assert found["permissions"] == {"contents": "read", "pages": "write", "id-token": "write"}


def test_about_says_what_the_readme_says():
    readme = (SITE.parents[1] / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d\d) \| \[.*?\]\(.*?\) \| (.*?) \|$", readme, flags=re.MULTILINE)
    assert dict(rows) == words.about()


def test_what_is_written_has_its_place(site_folder):
    text = (site_folder / "lesson-12.html").read_text(encoding="utf-8")
    for box in ("idea", "claim", "evidence", "otherwise", "limits", "points", "page"):
        assert f'"id":"L12.{box}"' in text.replace('": "', '":"'), box
    assert soup(site_folder, "practice-01").select("textarea[data-words='L01.T7']")


def test_every_lesson_and_practice_ends_with_a_way_to_hand_in(site_folder):
    for path in [*site_folder.glob("lesson-??.html"), *site_folder.glob("practice-??.html")]:
        page = soup(site_folder, path.stem)
        last = page.select(".host script")[-1]
        assert '"handIn"' in last.get_text(), path.name
        assert page.select("h2#hand-in") and page.select(".toc a[href='#hand-in']"), path.name


def test_code_is_folded_and_still_python(site_folder):
    page = soup(site_folder, "lesson-01")
    code = [part.get_text() for part in page.select("details.code code")]
    assert any("ac.plot_components(third)" in part for part in code)
    assert not any(part.startswith("ac.predict") for part in code)
    for part in code:
        ast.parse(part)


def smallest_letters(path):
    """The height in pixels of the smallest letters of a drawing on a phone, 358 pixels wide."""
    drawing = path.read_text(encoding="utf-8")
    head = drawing[drawing.index("<svg") : drawing.index(">", drawing.index("<svg"))]
    inner = float(re.search(r'viewBox="[\d.-]+ [\d.-]+ ([\d.]+)', head)[1])
    given = re.search(r'\bwidth="([\d.]+)(pt)?', head)
    natural = float(given[1]) * (4 / 3 if given[2] else 1) if given else inner
    sizes = re.findall(r'font(?:-size)?[:=]\s*"?([\d.]+)', drawing)
    return min(map(float, sizes), default=99) * min(358, natural) / inner


def test_what_is_written_in_a_picture_can_be_read_on_a_phone(site_folder):
    small, seen = {}, 0
    for name in page_names(site_folder, "lesson-", "practice-", "index"):
        for picture in soup(site_folder, name).select("main picture, main > p > img"):
            drawn = picture.source["srcset"] if picture.name == "picture" else picture["src"]
            if drawn.endswith(".svg"):
                seen += 1
                if (letters := smallest_letters(site_folder / drawn)) < 11:
                    small[f"{name}: {drawn}"] = round(letters, 1)
    assert seen > 30 and not small


def test_every_figure_has_a_form_for_a_narrow_page(site_folder):
    for name in page_names(site_folder, "lesson-", "practice-"):
        for image in soup(site_folder, name).select("figure.ac-figure img"):
            assert image.find_parent("picture").source["media"] == "(max-width: 500px)", name
