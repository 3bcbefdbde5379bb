"""Questions for learning platforms: valid, complete, and the same when they are read back."""

import io
import os
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from platform_files import flat, read_canvas, read_gift, read_moodle, read_qti3

from alliance_course.questions.bank import question, registry
from alliance_course.questions.judge import judge, values
from alliance_tools.cli import app
from alliance_tools.instructor.export import write_export
from alliance_tools.instructor.export.items import all_items, by_category, markup

NODE_MODULES = Path(os.environ.get("NODE_MODULES", "node_modules"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("export")
    for form in ("qti", "qti3", "moodle-xml", "gift"):
        write_export(made, form)
    return made


@pytest.fixture(scope="module")
def items():
    return {item.id: item for item in all_items()}


@pytest.fixture(scope="module", params=["qti", "qti3", "moodle-xml", "gift"])
def read(request, folder):
    if request.param == "gift":
        if not (NODE_MODULES / "gift-pegjs").is_dir():
            pytest.skip("needs gift-pegjs; NODE_MODULES names the folder that holds it")
        return "gift", read_gift(folder / "alliance-course-gift.txt", str(NODE_MODULES))
    name, reader = {
        "qti": ("alliance-course-qti.zip", read_canvas),
        "qti3": ("alliance-course-qti3.zip", read_qti3),
        "moodle-xml": ("alliance-course-moodle.xml", read_moodle),
    }[request.param]
    return request.param, reader((folder / name).read_bytes())


def test_every_check_practice_choice_and_test_item_is_there(items):
    wanted = {
        key
        for key, entry in registry().items()
        if "reveal" not in entry
        and entry.get("data") != "capstone"
        and not (".T" in key and entry["kind"] == "number")
    }
    assert set(items) == wanted and len(wanted) > 130
    assert sum(item.kind == "number" for item in items.values()) >= 9
    categories = {category[1][:2] for category in by_category(list(items.values()))}
    assert categories == {f"{n:02}" for n in range(13)} | {"Te"}


def test_a_round_trip_gives_the_same_items(read, items):
    form, found = read
    assert set(found) == set(items)
    for key, item in items.items():
        back = found[key]
        assert (back.kind, back.text) == (item.kind, flat(item.html)), key
        assert form == "gift" or back.points == item.points
        assert [text for text, _, _ in back.options] == [flat(o.html) for o in item.options]
        assert [said for _, _, said in back.options] == [flat(o.feedback) for o in item.options]
        rights = [share > 0 for _, share, _ in back.options]
        assert rights == [option.right for option in item.options], key
        assert form in ("gift", "qti3", "qti") or item.category[-1] in back.category
        assert form == "gift" or not item.options or back.shuffle == item.shuffle


def test_shares_add_up_and_ticking_everything_does_not_pay(read):
    form, found = read
    for back in found.values():
        shares = [share for _, share, _ in back.options]
        if back.kind == "choices" and form in ("moodle-xml", "gift"):
            assert sum(s for s in shares if s > 0) == pytest.approx(1, abs=1e-4)
            assert sum(shares) < 1
        elif back.kind == "choice":
            assert sorted(shares)[-2:] == [0, 1]


def test_numbers_are_judged_on_the_platform_as_in_the_course(read, items):
    """The first rule that fits a number gives the points that the course would give."""
    form, found = read
    for key, item in items.items():
        if item.kind != "number":
            continue
        computed = values(key)
        tried = [float(computed[name]) for name in computed if name.startswith("mistake ")]
        right = float(computed["expected"])
        tried += [
            right,
            right + 0.8 * item.tolerance,
            right + 0.9 * item.near,
            right + 3 * item.near,
        ]
        for number in tried:
            state = judge(question(key), number)[0].state
            rule = next((r for r in found[key].numbers if abs(r[0] - number) <= r[1] + 1e-9), None)
            share = rule[2] if rule else 0
            wanted = {"right": 1, "near miss": 0 if form == "qti" else 0.5}.get(state, 0)
            assert share == pytest.approx(wanted), (key, number, state)


def test_canvas_counts_no_slip_as_right_and_still_hears_of_all(folder, items):
    """Canvas takes every number range in a file for a right answer."""
    found = read_canvas((folder / "alliance-course-qti.zip").read_bytes())
    for key, item in items.items():
        if item.kind == "number":
            assert len(found[key].numbers) == 1
    archive = zipfile.ZipFile(folder / "alliance-course-qti.zip")
    text = " ".join(archive.read(name).decode() for name in archive.namelist())
    slips = [s for item in items.values() for s in item.slips]
    words = re.sub(r"<[^>]+>|&lt;.*?&gt;", "", text)
    for slip in slips:
        last = re.sub(r"<[^>]+>", "", slip.feedback).split("Look again at: ")[1]
        assert last.replace("&", "&amp;")[:30] in words


def test_qti_1_2_holds_to_the_published_content_models(folder):
    etree = pytest.importorskip("lxml.etree")
    schema = etree.DTD(str(Path(__file__).with_name("qti_1p2_used.dtd")))
    archive = zipfile.ZipFile(folder / "alliance-course-qti.zip")
    checked = 0
    for name in archive.namelist():
        if name == "imsmanifest.xml" or name.endswith("assessment_meta.xml"):
            continue
        root = etree.fromstring(archive.read(name))
        for element in root.iter():
            element.tag = etree.QName(element).localname
        root.attrib.clear()
        etree.cleanup_namespaces(root)
        assert schema.validate(root), schema.error_log.filter_from_errors()[0]
        checked += 1
    assert checked == 27


@pytest.mark.parametrize("lessons", [["01"], ["06", "12"]])
def test_some_lessons_alone(tmp_path, lessons):
    ((path, number),) = write_export(tmp_path, "moodle-xml", lessons=lessons, tests=False)
    found = read_moodle(path.read_bytes())
    assert len(found) == number and {key[1:3] for key in found} == set(lessons)


def test_scenes_stand_with_the_questions_that_are_about_them(items):
    assert "Dunya" in items["L01.T1"].html and "<blockquote>" in items["L01.T1"].html
    assert items["L01.T1"].html.index("Dunya") < items["L01.T1"].html.index("Which part")
    for item in items.values():
        ElementTree.parse(io.StringIO(f"<x>{item.html}</x>"))
        for option in item.options:
            ElementTree.parse(io.StringIO(f"<x>{option.html}{option.feedback}</x>"))


def test_the_same_questions_give_the_same_bytes(folder, tmp_path):
    for form in ("qti", "qti3"):
        ((path, _),) = write_export(tmp_path, form)
        assert path.read_bytes() == (folder / path.name).read_bytes()


def test_markup_makes_html_of_nothing_that_is_none():
    assert markup("5 < 6 & `a*b*c` is *not* 2 * 3 * 4") == (
        "<p>5 &lt; 6 &amp; <code>a*b*c</code> is <em>not</em> 2 * 3 * 4</p>"
    )
    assert markup("> **A:** yes\n>\n> **B:** no") == (
        "<blockquote><p><strong>A:</strong> yes</p><p><strong>B:</strong> no</p></blockquote>"
    )


def test_command_names_file_and_number_and_refuses_in_one_line(tmp_path):
    run = CliRunner()
    done = run.invoke(app, ["export", str(tmp_path), "--to", "gift", "--lessons", "1"])
    assert done.exit_code == 0 and "alliance-course-gift.txt (" in done.output
    for words in (["--to", "gift", "--lessons", "77"], ["--to", "moodle-xml", "--lessons", "x"]):
        refused = run.invoke(app, ["export", str(tmp_path), *words])
        assert refused.exit_code == 1 and len(refused.output.strip().splitlines()) == 1
