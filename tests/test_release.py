"""What a release consists of: two archives that say the same, and a wheel that stands alone."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
import yaml
from PIL import Image

from alliance_course.data.published import published_effects
from alliance_course.questions.progress import record_answer
from alliance_tools.cli import app

ROOT = Path(__file__).resolve().parent.parent
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
# What the wheel alone must give: a command, its arguments, and a file that it then has written.
COMMANDS = {
    "lab": (["--help"], ""),
    "class": (["answers", "--to", "report"], "report"),
    "guide": (["--to", "guide.html", "--no-pdf", "--lessons", "01"], "guide.html"),
    "site": (["--help"], ""),
    "export": (["--help"], ""),
}
WORKFLOW = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")


def run(*command, **options) -> subprocess.CompletedProcess:
    return subprocess.run([*map(str, command)], capture_output=True, text=True, **options)


@pytest.fixture(scope="module")
def archives(tmp_path_factory) -> Path:
    """A source archive with the wheel that is built from it, and the wheel of the checkout."""
    pytest.importorskip("build", reason="the package build is not installed")
    folder = tmp_path_factory.mktemp("release")
    for kinds, place in (([], "from-source"), (["--wheel"], "from-checkout")):
        done = run(sys.executable, "-m", "build", *kinds, "--outdir", folder / place, ROOT)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return folder


def test_the_source_archive_builds_the_same_wheel(archives):
    [one] = (archives / "from-source").glob("*.whl")
    [other] = (archives / "from-checkout").glob("*.whl")
    assert one.name == other.name == f"alliance_course-{VERSION}-py3-none-any.whl"
    assert one.read_bytes() == other.read_bytes()
    [source] = (archives / "from-source").glob("*.tar.gz")
    assert source.stat().st_size < 20e6


def test_twine_finds_nothing(archives):
    pytest.importorskip("twine", reason="twine is not installed")
    found = [path for path in (archives / "from-source").iterdir() if path.is_file()]
    done = run(sys.executable, "-m", "twine", "check", "--strict", *found)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASSED") == 2


@pytest.fixture(scope="module")
def alone(archives, tmp_path_factory) -> Path:
    """The wheel in an environment that holds nothing else: the path of its programs."""
    folder = tmp_path_factory.mktemp("alone")
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    [wheel] = (archives / "from-source").glob("*.whl")
    python = programs / "python"
    fast = shutil.which("uv")
    tries = [[fast, "pip", "install", "--python", python, wheel]] if fast else []
    tries.append([python, "-m", "pip", "install", "--quiet", "--no-compile", wheel])
    for command in tries:
        done = run(*command, cwd=folder)
        if done.returncode == 0:
            return programs
    if re.search(r"connection|resolve|No matching distribution", done.stderr, re.IGNORECASE):
        pytest.skip("the packages that the wheel needs cannot be fetched here")
    raise AssertionError(done.stderr[-2000:])


def clean(folder: Path) -> dict[str, str]:
    left = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "ALLIANCE"))}
    return {**left, "HOME": str(folder)}


def test_the_wheel_alone_is_whole(alone, tmp_path):
    environment = clean(tmp_path)
    done = run(alone / "python", "-m", "pip", "check", env=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    said = run(alone / "alliance-course", "--version", env=environment, cwd=tmp_path)
    assert said.stdout.strip() == VERSION
    code = "import alliance_course as ac; print(len(ac.load_dataset('clients')), ac.__file__)"
    said = run(alone / "python", "-c", code, env=environment, cwd=tmp_path)
    clients, place = said.stdout.split(maxsplit=1)
    assert int(clients) == 600 and Path(place.strip()).is_relative_to(alone.parent)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_wheel_alone_gives_the_command(alone, tmp_path, name):
    if name not in app.commands:
        pytest.skip(f"this version has no command {name}")
    arguments, written = COMMANDS[name]
    (tmp_path / "answers").mkdir()
    record_answer("L01.Q1", "right", path=tmp_path / "answers" / "code-1.json")
    record_answer("L01.Q2", "right", path=tmp_path / "answers" / "code-1.json")
    (tmp_path / "report").mkdir()
    done = run(
        alone / "alliance-course", name, *arguments, env=clean(tmp_path), cwd=tmp_path, timeout=300
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]
    if written:
        place = tmp_path / written
        assert place.exists() and (place.is_file() or any(place.iterdir()))


def test_the_paper_keeps_the_journals_form():
    paper = (ROOT / "paper" / "paper.md").read_text(encoding="utf-8")
    _, head, body = paper.split("---\n", 2)
    fields = yaml.safe_load(head)
    assert {"title", "tags", "authors", "affiliations", "date", "bibliography"} <= fields.keys()
    assert {a["affiliation"] for a in fields["authors"]} <= {
        a["index"] for a in fields["affiliations"]
    }
    headings = re.findall(r"^# (.+)$", body, flags=re.MULTILINE)
    assert headings[:2] == ["Summary", "Statement of need"] and headings[-1] == "References"
    assert 500 <= len(body.split()) <= 1100, len(body.split())
    cited = set(re.findall(r"@(\w+)", body))
    listed = set(re.findall(r"^@\w+\{(\w+),", bibliography(), flags=re.MULTILINE))
    assert cited == listed


def bibliography() -> str:
    return (ROOT / "paper" / "paper.bib").read_text(encoding="utf-8")


def test_every_reference_of_the_paper_is_a_row_of_the_table():
    known = set(published_effects()["doi"].dropna())
    found = re.findall(r"doi\s*=\s*\{(.+?)\}", bibliography())
    assert len(found) == bibliography().count("@article") and set(found) <= known


def test_the_numbers_of_the_paper_are_the_tables():
    paper = (ROOT / "paper" / "paper.md").read_text(encoding="utf-8")
    assert f"table of {len(published_effects())} published findings" in paper
    from alliance_course.data.tables import load_dataset

    both = load_dataset("worlds")
    for name, words in (("course", "meets {} of them"), ("rival", "meets {} of the 40")):
        met = int(both.groupby("target")[f"{name}_passes"].all().sum())
        assert words.format(met) in paper
    fitted_to_nothing = load_dataset("not_fitted")
    assert f"{len(fitted_to_nothing)} findings that nothing was fitted to" in paper
    assert f"(it meets {int(fitted_to_nothing['passes'].sum())})" in paper


def test_the_readme_shows_it_moving():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first = text.partition("## Start")[0]
    [name] = re.findall(r"!\[.{80,}\]\((.+?)\)", first)
    with Image.open(ROOT / name) as picture:
        assert picture.n_frames >= 20
    assert (ROOT / name).stat().st_size < 500_000
    for reader in ("a student", "an instructor", "checks or builds"):
        assert reader in first
    for target in re.findall(r"\]\(([\w./-]+)\)", first):
        assert (ROOT / target).exists(), target


def test_every_line_of_the_checklist_has_its_state_and_its_place():
    text = (ROOT / "paper" / "JOSE.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")]
    rows = [row for row in rows if row[0] != "| line"]
    assert len(rows) >= 20
    for row in rows:
        assert len(row) == 3 and re.search(r"met|open|outside", row[1]), row[0]
        for name in re.findall(r"`([\w./-]+/[\w.-]*|[A-Z_]+(?:-[A-Z]+)?\.?\w*)`", row[2]):
            assert (ROOT / name).exists() or "." not in name, name


def test_a_release_is_drafted_and_never_published():
    steps = yaml.safe_load(WORKFLOW)
    assert steps["permissions"] == {"contents": "read"}
    said = [
        step.get("run", "") + step.get("uses", "")
        for job in steps["jobs"].values()
        for step in job["steps"]
    ]
    assert not [one for one in said if re.search(r"pypi|twine upload|gh-pages|deploy", one)]
    [drafts] = [one for one in said if "gh release create" in one]
    assert "--draft" in drafts
    assert steps["jobs"]["draft"]["needs"] == "build"


def test_the_forms_can_be_read():
    for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"):
        form = yaml.safe_load(path.read_text(encoding="utf-8"))
        if path.name != "config.yml":
            assert {"name", "description", "body"} <= form.keys()
            for part in form["body"]:
                assert part["type"] in ("textarea", "input", "dropdown") and part["id"]


def test_the_archives_and_the_citation_name_no_invented_person():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    archive = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    assert citation["authors"] == archive["creators"] == [{"name": "Alliance Course contributors"}]
    assert citation["title"] == archive["title"]
    assert "doi" not in citation and "doi" not in archive


def test_the_wheel_says_who_and_what(archives):
    [wheel] = (archives / "from-source").glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        [name] = [n for n in opened.namelist() if n.endswith("METADATA")]
        about = opened.read(name).decode()
    assert f"Version: {VERSION}" in about and "Author: Alliance Course contributors" in about
