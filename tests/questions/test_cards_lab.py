"""Lessons in JupyterLab: alive with nothing run, with a kernel, and after it was killed."""

import json
import re

import pytest
from lab_page import open_lesson, run_all

from alliance_course.questions.bank import registry
from alliance_course.questions.judge import values
from alliance_tools.instructor.capstones import read_capstones
from alliance_tools.instructor.class_answers import read_class

FIRST = "notebooks/01-what-is-the-alliance.ipynb"
SECOND = "notebooks/02-the-bond.ipynb"
RECORD = "**/alliance-course/record*"
QUESTIONS = registry()


def record(lab):
    path = lab.folder / "progress.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


@pytest.fixture
def nothing_kept(lab_server):
    (lab_server.folder / "progress.json").unlink(missing_ok=True)
    return lab_server


def alive(page):
    page.locator(".ac-cards:visible").first.wait_for(timeout=60_000)
    page.wait_for_function("globalThis.allianceCourse")


def card(page, question_id):
    start = QUESTIONS[question_id]["prompt"][:40]
    return page.locator("fieldset.ac-question:visible").filter(has_text=start)


def guess(page, question_id, option=0):
    one = card(page, question_id)
    one.get_by_label(QUESTIONS[question_id]["option"][option]["text"]).check()
    one.get_by_role("button", name="Note my guess").click()
    return one


def answer(page, question_id):
    one = card(page, question_id)
    right = next(o for o in QUESTIONS[question_id]["option"] if o.get("right"))
    one.get_by_label(right["text"]).check()
    one.get_by_role("button", name="Check").click()
    return one


def executed(page):
    return page.evaluate(
        "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(n => n.textContent)"
    )


def test_opened_and_never_run_everything_answers_is_kept_and_comes_back(page, nothing_kept):
    lab = nothing_kept
    open_lesson(page, lab, FIRST)
    alive(page)
    noted = guess(page, "L01.P1")
    noted.get_by_text("Saved.").wait_for()
    again = page.get_by_label("Your guess, again")
    assert QUESTIONS["L01.P1"]["option"][0]["guessed"] in again.inner_text()
    answer(page, "L01.Q1").get_by_text("Saved.").wait_for()
    explorer = page.locator(".ac-explorer").first
    before = explorer.locator("svg[viewBox]").first.inner_html()
    explorer.locator("input[type=range]").first.press("End")
    assert explorer.locator("svg[viewBox]").first.inner_html() != before
    kept = record(lab)
    assert kept["guesses"]["L01.P1"]["guess"] == "a"
    assert kept["answers"]["L01.Q1"]["state"] == "right"
    assert page.locator(".jp-OutputArea-child:has(.ac-still):visible").count() == 0
    page.evaluate("localStorage.clear()")
    page.reload()
    alive(page)
    one = card(page, "L01.Q1")
    one.get_by_role("status").get_by_text("Right").wait_for()
    assert card(page, "L01.P1").get_by_role("status").inner_text().startswith("\u270eNoted")


def test_labels_and_their_comparison_live_with_nothing_run(page, nothing_kept):
    open_lesson(page, nothing_kept, SECOND)
    alive(page)
    compared = page.get_by_label("Your labels and the key")
    assert "0 of 6" in compared.inner_text()
    deck = page.locator(".ac-deck").first
    for number in range(1, 7):
        here = deck.get_by_text(f"Exchange {number} of 6")
        here.wait_for()
        deck.get_by_label(re.compile("^bond: ")).check()
        deck.get_by_role("button", name="Note my label").click()
        compared.get_by_text(re.compile(f"labelled {number} of 6|agree on . of 6")).wait_for()
        # a deck that is drawn again while the page settles begins at the next one by itself
        if here.is_visible():
            deck.get_by_role("button", name="Next").dispatch_event("click")
    compared.get_by_text(re.compile("You and the key agree on . of 6")).wait_for()
    assert len(record(nothing_kept)["guesses"]) == 6


def test_without_the_courses_server_a_kernel_keeps_the_record(page, nothing_kept):
    lab = nothing_kept
    page.route(RECORD, lambda route: route.fulfill(status=404))
    open_lesson(page, lab, FIRST)
    alive(page)
    one = guess(page, "L01.P1")
    assert "Not saved in your folder yet" in one.inner_text(), "nobody has it but this browser"
    assert record(lab) == {}
    run_all(page)
    card(page, "L01.P1").get_by_text("Saved.").wait_for(timeout=30_000)
    assert record(lab)["guesses"]["L01.P1"]["guess"] == "a"
    answer(page, "L01.Q1").get_by_text("Saved.").wait_for(timeout=30_000)
    for session in page.request.get(f"{lab.url}/api/sessions?token={lab.token}").json():
        kernel = f"{lab.url}/api/kernels/{session['kernel']['id']}?token={lab.token}"
        page.request.delete(kernel)
    page.wait_for_timeout(1500)
    late = answer(page, "L01.Q2")
    late.get_by_text("Not saved in your folder yet").wait_for(timeout=15_000)
    assert "L01.Q2" not in record(lab)["answers"]
    page.unroute(RECORD)
    page.reload()
    alive(page)
    card(page, "L01.Q2").get_by_text("Saved.").wait_for(timeout=30_000)
    assert record(lab)["answers"]["L01.Q2"]["state"] == "right", "kept meanwhile, and brought"


def test_shift_and_enter_go_on_from_every_kind_of_control(page, nothing_kept):
    open_lesson(page, nothing_kept, FIRST)
    alive(page)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    cells = (
        "[...document.querySelectorAll('.jp-Cell')].findIndex((n) => n.matches('.jp-mod-active'))"
    )
    places = [
        card(page, "L01.P1").get_by_role("radio").first,
        card(page, "L01.P1").get_by_role("button", name="Note my guess"),
        page.locator(".ac-explorer input[type=range]").first,
        card(page, "L01.Q1").get_by_role("radio").first,
        card(page, "L01.Q1").get_by_role("button", name=re.compile("Hint")),
        card(page, "L01.Q4").get_by_label("Your answer"),
    ]
    for control in places:
        control.scroll_into_view_if_needed()
        control.focus()
        control.press("b")  # in command mode this would add a cell
        before, count = page.evaluate(cells), page.locator(".jp-Cell").count()
        page.keyboard.press("Shift+Enter")
        page.wait_for_function(f"{cells} === {before + 1}", timeout=10_000)
        assert page.locator(".jp-Cell").count() == count
        alive(page)


def test_home_shows_what_is_done_and_leads_on(page, nothing_kept):
    lab = nothing_kept
    open_lesson(page, lab, "Home.ipynb")
    alive(page)
    home = page.get_by_label("Your way through the course")
    assert "Begin: 00" in home.inner_text()
    page.evaluate("allianceCourse.answer('L01.Q1', { state: 'right' }, 'c')")
    assert "Go on: 01" in home.inner_text() and "1 of" in home.inner_text()
    home.get_by_role("button", name=re.compile("Go on: 01")).click()
    page.get_by_role("heading", name="What is the therapeutic alliance?").wait_for(timeout=30_000)


def test_a_word_says_its_meaning_where_it_stands(page, nothing_kept):
    open_lesson(page, nothing_kept, FIRST)
    alive(page)
    word = page.locator('.jp-RenderedMarkdown a:text-is("therapeutic alliance")').first
    word.click()
    page.get_by_role("note").get_by_text("the working relationship").wait_for()
    page.keyboard.press("Escape")
    assert page.get_by_role("note").count() == 0
    assert page.evaluate("document.activeElement.textContent") == "therapeutic alliance"


def test_saved_cards_that_were_asked_for_too_early_are_drawn_again(page, nothing_kept):
    open_lesson(page, nothing_kept, FIRST)
    alive(page)
    card(page, "L01.P1").wait_for()
    edge = card(page, "L01.P1").bounding_box()["x"]
    # what JupyterLab does when its kernel answers before the notebook's own widgets are read
    page.evaluate(
        """() => {
            const output = document.querySelector('.ac-cards').closest('.jp-OutputArea-output');
            output.textContent = 'Error displaying widget: model not found';
            output.classList.add('jupyter-widgets');
        }"""
    )
    card(page, "L01.P1").wait_for(state="detached")
    guess(page, "L01.P1").get_by_text("Saved.").wait_for(timeout=15_000)
    assert page.get_by_text("Error displaying widget").count() == 0
    assert card(page, "L01.P1").bounding_box()["x"] == edge


def test_two_lessons_in_one_window_one_run_and_one_not(page, nothing_kept):
    lab = nothing_kept
    open_lesson(page, lab, "Home.ipynb")
    alive(page)
    home = page.get_by_label("Your way through the course")
    home.get_by_role("button", name=re.compile("^01 ")).click()
    card(page, "L01.P1").wait_for(timeout=60_000)
    run_all(page)
    answer(page, "L01.Q1").get_by_text("Saved.").wait_for(timeout=30_000)
    page.get_by_role("tab", name=re.compile("Home")).click()
    home.get_by_role("button", name=re.compile("^02 ")).click()
    one = card(page, "L02.P1")
    one.wait_for(timeout=60_000)
    guess(page, "L02.P1").get_by_text("Saved.").wait_for(timeout=30_000)
    again = page.get_by_label("Your guess, again").locator("visible=true")
    assert QUESTIONS["L02.P1"]["option"][0]["guessed"] in again.inner_text()
    assert page.locator(".ac-cards:visible").count() >= 4
    kept = record(lab)
    assert "L02.P1" in kept["guesses"] and kept["answers"]["L01.Q1"]["state"] == "right"
    page.get_by_role("tab", name=re.compile("01-what")).click()
    card(page, "L01.Q1").wait_for()
    assert page.locator(".ac-still:visible").count() == 0


def saved(page, button, path):
    """What a button leaves among the downloads, under its own name."""
    one = page.get_by_role("button", name=button)
    one.scroll_into_view_if_needed()
    with page.expect_download() as download:
        one.click()
    file = path / download.value.suggested_filename
    path.mkdir(parents=True, exist_ok=True)
    download.value.save_as(file)
    return file


def test_answers_of_all_lessons_are_handed_in_with_nothing_run(page, nothing_kept, tmp_path):
    open_lesson(page, nothing_kept, SECOND)
    alive(page)
    page.evaluate("allianceCourse.put('guesses', 'L02.P1', { guess: 'b' })")
    open_lesson(page, nothing_kept, FIRST)
    alive(page)
    before = executed(page)
    guess(page, "L01.P1").get_by_text("Saved.").wait_for()
    answer(page, "L01.Q1").get_by_text("Saved.").wait_for()
    page.get_by_role("link", name="hand in").first.click()
    page.get_by_label("Your code").fill("K7")
    file = saved(page, "Save my answers to hand in", tmp_path / "class")
    assert file.name == "answers-K7.json"
    assert executed(page) == before, "nothing was run"
    found = read_class(file.parent)
    row = found.learners.iloc[0]
    assert (row["learner"], row["lessons"], row["guesses"], row["answered"]) == ("K7", 2, 2, 1)
    assert file.name not in found.left_out
    open_lesson(page, nothing_kept, SECOND)
    alive(page)
    assert page.get_by_label("Your code").input_value() == "K7", "the code is kept"


def test_the_capstone_is_written_and_exported_with_nothing_run(page, nothing_kept, tmp_path):
    open_lesson(page, nothing_kept, "notebooks/12-build-it-together.ipynb")
    alive(page)
    page.get_by_label("The core idea in my own words").fill("Two people carry a wardrobe.")
    page.get_by_label("The core idea in my own words").blur()
    claim = page.get_by_label("My claim")
    claim.fill("Where the same client trusts more, more is said.")
    claim.press("Shift+Enter")
    page.get_by_role("group", name="Limits").get_by_label("1: ").check()
    bond = page.locator("fieldset.ac-question:visible").filter(has_text="Bond.")
    bond.get_by_label("Your answer").fill("6.1")
    bond.get_by_role("button", name="Check").click()
    assert "kept for your page" in bond.get_by_role("status").inner_text()
    page.get_by_label("The number of your service").fill("31")
    file = saved(page, "Export my page", tmp_path / "in")
    assert file.name == "capstone-31.html"
    row = read_capstones(file.parent).table.iloc[0]
    assert (row["number"], row["look"], row["own_points"], row["words"]) == (31, "", 1, 14)
    page.wait_for_function("allianceCourse.status().text === 'Saved.'")
    kept = record(nothing_kept)["guesses"]
    assert kept["L12.claim"]["guess"].startswith("Where the same client")
    page.evaluate("localStorage.clear()")
    page.reload()
    alive(page)
    assert page.get_by_label("My claim").input_value().startswith("Where the same client")


def test_with_a_kernel_the_capstones_numbers_are_judged_for_ones_own_service(page, nothing_kept):
    open_lesson(page, nothing_kept, "notebooks/12-build-it-together.ipynb")
    alive(page)
    run_all(page)
    goal = page.locator("fieldset.ac-question:visible").filter(has_text="Goal.")
    goal.get_by_label("Your answer for service 4711").fill(
        f"{values('L12.Q2', 4711)['mistake completers only']:.2f}"
    )
    goal.get_by_role("button", name="Check").click()
    said = goal.get_by_role("status").inner_text()
    assert "Not yet" in said and "stayed" in said
    goal.get_by_label("Your answer").fill(f"{values('L12.Q2', 4711)['expected']:.2f}")
    goal.get_by_role("button", name="Check").click()
    assert "Right" in goal.get_by_role("status").inner_text()
    page.get_by_label("The number of your service").wait_for()
    assert page.get_by_label("The number of your service").input_value() == "4711"
    number = f"goal {values('L12.Q2', 4711)['expected']:.2f}"
    assert number in page.get_by_text("On your page:").inner_text()
