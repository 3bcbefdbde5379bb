"""Cards in a page with no kernel: they say what Python says, keep what was chosen, and show it."""

import base64
import itertools
import json
import random
import re

import pytest
from shared import guess

from alliance_course.data.tables import load_dataset
from alliance_course.measure.agreement import rater_agreement
from alliance_course.questions import progress
from alliance_course.questions.bank import registry
from alliance_course.questions.capstone import QUESTIONS as QUESTIONS_OF
from alliance_course.questions.cards import Cards, ask, predict, revisit, task_card
from alliance_course.questions.judge import judge, values
from alliance_course.questions.labels import LABELS, compare_labels, label_exchanges
from alliance_course.questions.reading import read_numbers
from alliance_tools.instructor.capstones import read_capstones
from alliance_tools.instructor.class_answers import read_class
from alliance_tools.start.home import PathCards, hand_in, points

QUESTIONS = registry()
CHECKED = [q for q, entry in QUESTIONS.items() if "reveal" not in entry]
SCRIPT = str(PathCards._esm)
HOST = """
{script}
Object.assign(globalThis, {{ judge, readNumbers, agreement }});
globalThis.show = (spec) => {{
  const el = document.body.appendChild(document.createElement("div"));
  const none = () => {{}};
  return render({{ model: {{ get: () => spec, on: none, off: none }}, el }});
}};
"""
EMPTY = {"version": 2, "guesses": {}, "answers": {}}


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("ALLIANCE_PROGRESS", str(tmp_path / "progress.json"))


def host(page, *widgets, storage=True):
    """A page as any web server gives it, with some cards in it."""
    refuse = "Object.defineProperty(globalThis, 'localStorage', { get() { throw 0; } });"
    script = HOST.format(script=re.sub(r"export default .*", "", SCRIPT))
    html = f"<html lang=en><title>t</title><style>{Cards._css}</style><body><script type=module>"
    html += ("" if storage else refuse) + script + "globalThis.ready = true;</script>"
    page.route("http://course.test/", lambda r: r.fulfill(body=html, content_type="text/html"))
    page.goto("http://course.test/")
    page.wait_for_function("globalThis.ready")
    for widget in widgets:
        page.evaluate("spec => { show(spec); }", getattr(widget, "cards", widget).spec)
    return page


def given(question_id):
    """What somebody may choose or type for a question."""
    entry = QUESTIONS[question_id]
    if entry["kind"] != "number":
        keys = [option["key"] for option in entry["option"]]
        most = len(keys) if entry["kind"] == "choices" else 1
        sizes = range(1, most + 1)
        return ["".join(part) for size in sizes for part in itertools.combinations(keys, size)]
    computed = values(question_id)
    right, tolerance = float(computed["expected"]), float(entry["tolerance"])
    near = float(entry.get("near", 3 * tolerance))
    numbers = [right, right * 100, right / 100, -right, right + 0.9 * tolerance, right + 7 * near]
    numbers += [right - 0.9 * near, right + 1.1 * tolerance, right + 1e5]
    numbers += [float(computed[f"mistake {m['name']}"]) for m in entry["mistake"]]
    texts = [repr(number) for number in numbers]
    texts += [
        f"{right}%",
        f"{right / 2}%",
        f"{right} of 100",
        "50%",
        f"r = {right}",
        f"{right:.3f}".replace(".", ","),
        "about",
        "3/10",
        "",
    ]
    return [*texts, f"\u2212{abs(right)}", f"\u201c{right}\u201d", f"{100 * right:.6f} per cent"]


def test_each_verdict_and_its_words_are_those_of_python(page):
    host(page)
    for question_id in CHECKED:
        entry = QUESTIONS[question_id]
        # a number of the capstone is judged for a service: number 1 stands for all
        seed = 1 if entry.get("data") == "capstone" else None
        card = (task_card if ".T" in question_id else ask)(question_id, seed=seed).spec["cards"][0]
        answers = given(question_id)
        found = page.evaluate(
            "([card, all]) => all.map((one) => judge(card, one))", [card, answers]
        )
        for answer, said in zip(answers, found, strict=True):
            asked = answer if entry["kind"] == "number" else list(answer)
            result, mistake = judge(entry, asked)
            assert (said["state"], said["text"]) == (result.state, result.message), answer
            assert said.get("mistake", "") == mistake
            typed = result.hint.startswith("For a first hint")
            assert said.get("hint", "") == (card["help"] if typed else result.hint)


def test_numbers_are_read_alike(page):
    host(page)
    draw = random.Random(3)
    parts = [
        "1",
        "12",
        "345",
        "0",
        ".",
        ",",
        " ",
        "\u00a0",
        "-",
        "\u2212",
        "%",
        "e",
        "E3",
        "r =",
        "a",
    ]
    parts += ["per cent", "'", "\u201d", "<", "/", "minus ", "+", "000", "x"]
    parts += [" of 100", " out of 100", "/100", " in a hundred"]
    texts = ["".join(draw.choices(parts, k=draw.randint(1, 6))) for _ in range(4000)]
    found = page.evaluate("all => all.map(readNumbers)", texts)
    for text, said in zip(texts, found, strict=True):
        meant, problem = read_numbers(text)
        assert (said.get("meant", []), said.get("problem", "")) == (meant, problem), text


def test_agreement_is_counted_as_rater_agreement_counts_it(page):
    host(page)
    draw = random.Random(5)
    for _ in range(60):
        kinds = list(draw.choice(list(LABELS.values())))
        size = draw.randint(1, 12)
        pairs = [[draw.choice(kinds), draw.choice(kinds)] for _ in range(size)]
        found = page.evaluate("([pairs, kinds]) => agreement(pairs, kinds)", [pairs, kinds])
        want = rater_agreement(*zip(*pairs, strict=True))
        assert found["same"] == round(want["agreed"] * size)
        assert found["chance"] == pytest.approx(want["by_chance"] * size)


def entry(draw):
    states = ["right", "near miss", "misunderstanding", "not yet"]
    counts = {name: draw.randint(1, 3) for name in draw.sample("abc", draw.randint(0, 2))}
    made = {
        "state": draw.choice(states),
        "tries": draw.randint(1, 4),
        "at": f"2026-0{draw.randint(1, 4)}",
    }
    return made | ({draw.choice(["wrong", "explored"]): counts} if counts else {})


def test_records_are_joined_alike_in_any_order_and_however_often(page):
    host(page)
    draw = random.Random(7)
    for _ in range(80):
        one, other = (
            {
                "version": 2,
                "guesses": {
                    q: {"guess": draw.randint(0, 9), "at": f"2026-0{draw.randint(1, 9)}{q}"}
                    for q in draw.sample("pqr", 2)
                },
                "answers": {q: entry(draw) for q in draw.sample("xyz", 2)},
            }
            for _ in range(2)
        )
        page.evaluate("localStorage.clear()")
        host(page)
        page.evaluate("all => all.forEach((it) => allianceCourse.merge(it))", [one, other, one])
        joined = json.loads(json.dumps(EMPTY))
        for found in (one, other, one):
            progress.join(joined, found)
        assert page.evaluate("allianceCourse.all()") == joined


def test_a_guess_is_followed_at_once_kept_and_changed_until_its_result_was_seen(page):
    first = [predict("L01.P1", "L00.P1"), *[task_card("L01.T1")] * 8, revisit("L01.P1", "L00.P1")]
    host(page, *first)
    card = page.locator(".ac-question").first
    later = page.get_by_label("Your guess, again")
    assert later.inner_text().count("You did not note a guess") == 2
    card.get_by_role("button", name="Note my guess").click()
    assert "Choose one answer first" in card.get_by_role("status").inner_text()
    card.get_by_label("The bond").check()
    card.get_by_role("button", name="Note my guess").click()
    assert "Noted" in card.get_by_role("status").inner_text()
    assert "Saved in this browser" in card.inner_text()
    assert later.inner_text().count("You did not note a guess") == 1
    assert QUESTIONS["L01.P1"]["option"][0]["guessed"] in later.inner_text()
    page.evaluate("scrollTo(0, 0)")
    card.get_by_role("button", name="Change my guess").click()
    card.get_by_label("Agreement on goals").check()
    card.get_by_role("button", name="Note my guess").click()
    assert QUESTIONS["L01.P1"]["option"][1]["guessed"] in later.inner_text()
    host(page, *first)
    assert card.get_by_label("Agreement on goals").is_checked()
    later.scroll_into_view_if_needed()
    page.wait_for_function("allianceCourse.get('guesses', 'L01.P1').seen")
    card.scroll_into_view_if_needed()
    assert not card.get_by_role("button", name="Change my guess").is_visible()
    card.get_by_label("The bond").click(force=True)
    assert card.get_by_label("Agreement on goals").is_checked(), "its result was seen"


def test_a_slider_that_was_not_moved_is_no_guess(page):
    host(page, predict("L00.P1"), revisit("L00.P1"))
    page.get_by_role("button", name="Note my guess").click()
    assert page.evaluate("allianceCourse.get('guesses', 'L00.P1')") is None
    page.locator("input[type=range]").press("ArrowRight")
    page.get_by_role("button", name="Note my guess").click()
    kept = page.evaluate("allianceCourse.get('guesses', 'L00.P1').guess")
    shown = page.get_by_label("Your guess, again").inner_text()
    assert f"You guessed {kept} of 100." in shown
    guess("L00.P1", kept)
    assert str(revisit("L00.P1")) in shown


def test_an_answer_comes_back_the_best_try_counts_and_curiosity_is_kept_apart(page):
    card = ask("L01.Q1")
    host(page, card)
    right = next(o for o in QUESTIONS["L01.Q1"]["option"] if o.get("right"))
    others = [o for o in QUESTIONS["L01.Q1"]["option"] if not o.get("right")]
    status = page.get_by_role("status")
    for option in (others[0], right, others[1]):
        page.get_by_label(option["text"]).check()
        assert status.inner_text() == "", "an old verdict is not about a new choice"
        page.get_by_role("button", name="Check").click()
        assert option["feedback"] in status.inner_text()
    kept = page.evaluate("allianceCourse.get('answers', 'L01.Q1')")
    assert (kept["state"], kept["answer"], kept["tries"]) == ("right", right["key"], 3)
    assert kept["wrong"] == {others[0]["key"]: 1} and kept["explored"] == {others[1]["key"]: 1}
    host(page, card)
    assert page.get_by_label(right["text"]).is_checked()
    assert (
        status.inner_text().startswith("\u2713Right.") and right["feedback"] in status.inner_text()
    )
    for option in (others[0], right, others[1]):
        state, mistake = ("right", "") if option is right else ("misunderstanding", option["key"])
        progress.record_answer("L01.Q1", state, mistake, option["key"])
    of_python = progress.read_progress()["answers"]["L01.Q1"]
    assert {**of_python, "at": ""} == {**kept, "at": ""}


def test_a_number_is_checked_without_a_kernel_and_hints_come_one_by_one(page):
    host(page, ask("L01.Q4"))
    page.get_by_label("Your answer").fill("29")
    page.keyboard.press("Enter")
    assert "hundred times too large" in page.get_by_role("status").inner_text() or (
        "Look again" in page.get_by_role("status").inner_text()
    )
    page.get_by_label("Your answer").fill(f"{values('L01.Q4')['expected']:.3f}".replace(".", ","))
    page.get_by_role("button", name="Check").click()
    assert "Right" in page.get_by_role("status").inner_text()
    hints = QUESTIONS["L01.Q4"]["hints"]
    for number in range(1, len(hints) + 1):
        page.get_by_role("button", name=f"Hint {number} of {len(hints)}").click()
        assert page.locator(".ac-hints li").count() == number


def test_labels_go_one_by_one_and_the_comparison_follows(page):
    exchanges = load_dataset("exchanges").set_index("id")
    six = list(exchanges.index[:6])
    host(page, label_exchanges(six), compare_labels(six))
    compared = page.get_by_label("Your labels and the key")
    assert "You have labelled 0 of 6." in compared.inner_text()
    given = []
    for place, name in enumerate(six):
        key = exchanges.loc[name, "component"]
        mine = key if place % 2 else next(label for label in LABELS["component"] if label != key)
        given.append(mine)
        deck = page.locator(".ac-deck")
        assert f"Exchange {place + 1} of 6" in deck.inner_text()
        deck.get_by_label(re.compile(f"^{mine}: ")).check()
        deck.get_by_role("button", name="Note my label").click()
        assert exchanges.loc[name, "why"] in deck.get_by_role("status").inner_text()
        deck.get_by_role("button", name="Next").dispatch_event("click")
    text = compared.inner_text()
    for name, mine in zip(six, given, strict=True):
        guess(f"{name}.component", mine)
    assert str(compare_labels(six)).splitlines()[0] in text
    assert compared.locator("td.ac-same").all_inner_texts() != []
    counts = [int(cell) for cell in compared.locator("tbody td").all_inner_texts()]
    assert sum(counts) == 6


def test_where_nothing_can_be_kept_it_is_said_with_what_to_do(page):
    host(page, ask("L01.Q1"), storage=False)
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Check").click()
    line = page.locator(".ac-saved")
    assert line.inner_text().startswith("! Not saved") and "to a file" in line.inner_text()
    assert "ac-is-failed" in line.get_attribute("class")


@pytest.mark.parametrize(
    "found",
    [
        None,
        3,
        [],
        {},
        {"version": 3, "guesses": {}, "answers": {}},
        {"version": 2, "guesses": [], "answers": {}},
        {"version": 2, "guesses": {}, "answers": {"x": 1}},
        {"version": 2, "guesses": {}, "answers": {"x": {"tries": "many"}}},
    ],
)
def test_a_damaged_or_newer_record_is_refused_in_words_and_changes_nothing(page, found):
    host(page)
    before = page.evaluate("allianceCourse.all()")
    said = page.evaluate("found => allianceCourse.merge(found)", found)
    assert said["added"] == 0 and said["error"].endswith((".", "there."))
    assert page.evaluate("allianceCourse.all()") == before == EMPTY


def test_axe_finds_nothing(page, axe):
    six = list(load_dataset("exchanges")["id"].iloc[:2])
    host(page, predict("L01.P1", "L00.P1"), ask("L01.Q1", "L01.Q3", "L01.Q4"), task_card("L01.T2"),
         label_exchanges(six), compare_labels(six), revisit("L01.P1"))  # fmt: skip
    for button in page.get_by_role("button", name="Check").all():
        button.click()
    page.evaluate(axe)
    found = page.evaluate("axe.run('.ac-cards')")["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []


def test_the_points_of_a_practice_are_summed_up_and_follow(page):
    host(page, task_card("L01.T1"), points("01"))
    summed = page.get_by_label("Your points")
    tasks = [QUESTIONS[q] for q in QUESTIONS if q.startswith("L01.T")]
    most = sum(task["points"] for task in tasks)
    assert summed.inner_text().startswith(f"Your points: 0 of {most}")
    assert summed.inner_text().count("not tried yet") == len(tasks)
    (right,) = [o["key"] for o in QUESTIONS["L01.T1"]["option"] if o.get("right")]
    page.get_by_role("radio").nth("abcd".index(right)).check()
    page.get_by_role("button", name="Check").click()
    assert summed.inner_text().startswith(f"Your points: 1 of {most}")
    assert "Task 1: 1 of 1" in summed.inner_text()


BOXES = ("L12.idea", "L12.claim", "L12.evidence", "L12.otherwise", "L12.limits")


def saved(page, button, folder):
    """What a button leaves among the downloads."""
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    path = folder / download.value.suggested_filename
    path.parent.mkdir(parents=True, exist_ok=True)
    download.value.save_as(path)
    return path


def test_a_capstone_of_boxes_and_buttons_is_read_by_the_key(page, tmp_path):
    seed = 3
    cards = [ask(*QUESTIONS_OF.values(), seed=seed), ask(*BOXES), ask("L12.points")]
    host(page, *cards, ask("L12.page", seed=seed))
    export = page.get_by_role("button", name="Export my page")
    said = page.locator("section.ac-question").last.get_by_role("status")
    export.click()
    assert "all four numbers and all five texts are open" in said.inner_text()
    goal = page.locator("fieldset.ac-question").filter(has_text="Goal.")
    goal.get_by_role("button", name="Copy").click()
    assert "One place is still open" in goal.get_by_role("status").inner_text()
    goal.get_by_role("combobox").select_option("gain.mean()")
    found = {name: values(key, seed) for name, key in QUESTIONS_OF.items()}
    typed = {
        "bond": f"{found['bond']['expected']:.2f}".replace(".", ","),
        "goal": f"{found['goal']['mistake completers only']:.2f}",
        "technique": "2 or 3",
    }
    states = {"bond": "Right", "goal": "Not yet", "technique": "Nothing to check"}
    for name, number in typed.items():
        one = page.locator("fieldset.ac-question").filter(has_text=f"{name.capitalize()}.")
        one.get_by_label("Your answer").fill(number)
        one.get_by_role("button", name="Check").click()
        assert states[name] in one.get_by_role("status").inner_text()
    text = 'A wardrobe: "left", says one </script><b>and waits</b>. [[claim]] $& \u017dofia & I'
    for title in ("The core idea", "My claim"):
        page.get_by_label(title).fill(text)
    page.get_by_label("What it cannot show").fill("...")
    page.get_by_role("group", name="Limits").get_by_label("2: ").check()
    path = saved(page, "Export my page", tmp_path / "Ada_1_assignsubmission_file_")
    assert path.name == "capstone-3.html"
    line = "Still open: task, technique, evidence, otherwise, limits."
    assert line in said.inner_text()
    capstones = read_capstones(tmp_path)
    assert not capstones.left_out
    row = capstones.table.iloc[0]
    assert (row["learner"], row["number"], row["right"], row["look"]) == ("Ada", seed, 1, "")
    assert row["goal"] == "completers only" and row["own_points"] == 2
    assert row["words"] == 2 * len(re.findall(r"\w+", text))
    page.set_content(path.read_text(encoding="utf-8"))
    assert page.locator(".written").first.inner_text() == text
    assert page.locator("b").count() == 0 and "[[" not in page.locator("table").first.inner_text()
    link = page.get_by_role("link").get_attribute("href")
    data = json.loads(base64.b64decode(link.split("base64,")[1]))
    assert data == json.loads(page.locator("#capstone").text_content())
    assert data["argument"]["idea"] == text and data["argument"]["limits"] == ""


def test_boxes_keep_what_was_written_and_a_number_without_its_service_is_kept(page):
    host(page, ask("L12.Q1"), ask("L12.idea"), ask("L12.points"), ask("L12.page"))
    one = page.locator("fieldset.ac-question")
    one.first.get_by_label("Your answer").fill("6.42")
    one.first.get_by_role("button", name="Check").click()
    assert "kept for your page" in one.first.get_by_role("status").inner_text()
    page.get_by_label("The core idea").fill("mine")
    page.get_by_label("The core idea").blur()
    page.get_by_role("group", name="Claim").get_by_label("0: ").check()
    page.get_by_role("button", name="Export my page").click()
    assert "Type the number of your service first" in page.locator("body").inner_text()
    page.get_by_label("The number of your service").fill("271828")
    page.get_by_label("The number of your service").blur()
    kept = page.evaluate("allianceCourse.all()")
    assert kept["guesses"]["L12.idea"]["guess"] == "mine" and kept["answers"] == {}
    assert progress.current(kept) is not None
    host(page, ask("L12.Q1"), ask("L12.idea"), ask("L12.points"), ask("L12.page"))
    assert page.get_by_label("The core idea").input_value() == "mine"
    assert page.get_by_label("Your answer").input_value() == "6.42"
    assert page.get_by_role("group", name="Claim").get_by_label("0: ").is_checked()
    assert page.get_by_label("The number of your service").input_value() == "271828"


@pytest.mark.parametrize("storage", [True, False])
def test_a_record_is_handed_in_under_a_code_and_counted_once(page, tmp_path, storage):
    widget = hand_in()
    host(page, predict("L01.P1"), ask("L01.Q1"), widget, storage=storage)
    card = page.locator("section.ac-question").last
    button = "Save my answers to hand in"
    card.get_by_role("button", name=button).click()
    assert "nothing to hand in yet" in card.get_by_role("status").inner_text()
    code = card.get_by_label("Your code").input_value()
    assert re.fullmatch(r"[A-Z3-9]{5}", code)
    page.evaluate("allianceCourse.put('guesses', 'L01.P1', { guess: 'a' })")
    page.evaluate("allianceCourse.answer('L01.Q1', { state: 'right' }, 'c')")
    assert saved(page, button, tmp_path / "in").name == f"answers-{code}.json"
    page.evaluate("allianceCourse.answer('L01.Q2', { state: 'right' }, 'b')")
    path = saved(page, button, tmp_path / "later")
    path.rename(tmp_path / "in" / f"answers-{code} (1).json")
    card.get_by_label("Your code").fill(" blue/Owl 7 ")
    assert saved(page, button, tmp_path / "in").name == "answers-blue-Owl-7.json"
    found = read_class(tmp_path / "in")
    assert len(found.learners) == 1 and len(found.left_out) + len(found.together) == 2
    (tmp_path / "in" / "answers-blue-Owl-7.json").unlink()
    found = read_class(tmp_path / "in")
    assert list(found.learners["learner"]) == [code] and found.learners["answered"][0] == 2
