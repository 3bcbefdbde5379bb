"""The pages in Chromium: from a disk and a server, without a network, a script or a storage."""

import json
import re
import shutil

import nbformat
import pytest
from site_pages import DRAWN, SIGNED, measured, page_names, served, signs_are_right, slow

from alliance_course.questions.bank import registry
from alliance_course.questions.cards import revisit
from alliance_course.questions.judge import judge, values
from alliance_course.questions.progress import export_progress, import_progress, read_progress
from alliance_course.show.explorer import Explorer
from alliance_course.show.style import DARK, LIGHT
from alliance_tools.instructor.class_answers import read_class
from alliance_tools.maintain.notebooks import notebook_files
from alliance_tools.site.frame import policy
from alliance_tools.site.words import page_of
from alliance_tools.start.alive import shown

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LOW = """() => [...document.querySelectorAll(
    "button, summary, textarea, input[type=range], .button, .ac-cards label, "
    + ".bar a, .way a, .path > li > a, .practice a, .foot a")]
  .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 43.5)
  .map((node) => `${node.textContent.slice(0, 30)} ${node.getBoundingClientRect().height}`)"""
ANSWER = """(field, answer) => {
  const text = field.querySelector("input[type=text]");
  if (text) text.value = answer;
  else for (const one of field.querySelectorAll("input")) one.checked = answer.includes(one.value);
  field.querySelector("input").dispatchEvent(new Event("input", { bubbles: true }));
  field.querySelector(".ac-buttons button").click();
  return field.querySelector("[role=status]").className;
}"""
LOOKS = {
    "right": "right",
    "near miss": "partly",
    "misunderstanding": "wrong",
    "not yet": "wrong",
    "kind": "empty",
    "empty": "empty",
}
CACHES = """(async () => {
  const names = await caches.keys();
  return [String(names), (await (await caches.open(names[0] ?? "none")).keys()).length];
})()"""
REFUSED = """() => new Promise((done) => {
  const said = (event) => done(event.violatedDirective);
  addEventListener("securitypolicyviolation", said, { once: true });
  document.body.append(Object.assign(new Image(), { src: "http://127.0.0.1:9/x.png" }));
})"""
FRAME = '<iframe sandbox="allow-scripts" width="390" height="800" src="{}"></iframe>'
SAYS = "([node, words]) => node.textContent === words"
DRAW = f"async () => {{{DRAWN}}}"


@pytest.fixture
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("ALLIANCE_PROGRESS", str(tmp_path / "progress.json"))


@pytest.fixture
def phone(browser):
    context = browser.new_context(**PHONE)
    yield context.new_page()
    context.close()


def watched(page):
    """What goes wrong in a page, and what it asks of others than its own folder."""
    troubles = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda m: m.type == "error" and troubles.append(m.text))
    page.on(
        "request",
        lambda r: (
            r.url.startswith(("file:", "data:", "blob:", "http://127.0.0.1"))
            or troubles.append(r.url)
        ),
    )
    return troubles


def test_every_page_from_a_disk_on_a_phone(site_folder, phone):
    """No error, nothing asked of anybody, every module drawn, nothing wider than the page."""
    troubles, found = watched(phone), {}
    for name in page_names(site_folder):
        phone.goto((site_folder / f"{name}.html").as_uri())
        if not name.startswith(("slides-", "handout-")):  # those are made for a wall, and for paper
            undrawn = phone.evaluate(DRAW)
            wide = phone.evaluate("document.documentElement.scrollWidth")
            if undrawn or wide > 390 or troubles:
                found[name] = (undrawn, wide, troubles.copy())
        troubles.clear()
    assert not found


def test_controls_are_large_enough_for_a_finger(site_folder, phone):
    small = {}
    for name in ("index", "lesson-01", "lesson-03", "lesson-05", "practice-01", "about"):
        phone.goto((site_folder / f"{name}.html").as_uri())
        phone.evaluate(DRAW)
        low = phone.evaluate(LOW)
        if low:
            small[name] = low
    assert not small


def card(page, name):
    return page.locator("fieldset.ac-question", has=page.locator("legend", has_text=name)).first


def test_answers_are_kept_taken_along_and_read_by_the_course(
    site_folder, browser, tmp_path, own_progress
):
    with served(site_folder) as base:
        context = browser.new_context(accept_downloads=True)
        page = context.new_page()
        page.goto(f"{base}/lesson-01.html")
        guess = page.locator("fieldset.ac-question").first
        guess.get_by_label("The bond").click()
        guess.get_by_role("button", name="Note my guess").click()
        # what was guessed is put beside the result at once
        assert "bond" in page.get_by_label("Your guess, again").inner_text().lower()
        check = page.locator("fieldset.ac-question").nth(2)
        wrong, right = ("likes the therapist", "trust each other")
        for words in (wrong, right):
            check.get_by_label(words).click()
            check.get_by_role("button", name="Check").click()
        assert check.locator("[role=status]").inner_text().startswith("✓")
        page.goto(f"{base}/lesson-02.html")
        near(page)
        deck = page.locator(".ac-deck")
        for number in range(6):
            deck.locator("input").nth(number % 3).click()
            deck.get_by_role("button", name="Note my label").click()
            if number < 5:
                deck.get_by_role("button", name="Next").click()
        kappa = page.get_by_label("Your labels and the key").inner_text()
        assert re.search(r"You and the key agree on \d of 6", kappa)
        page.goto(f"{base}/practice-01.html")
        page.locator("main textarea").last.fill("Trust and agreement go with outcome.")
        page.reload()
        assert (
            page.locator("main textarea").last.input_value()
            == "Trust and agreement go with outcome."
        )
        assert page.get_by_role("button", name="Your answers 9 to save").count() == 1
        page.get_by_role("button", name="Your answers").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Save as a file").click()
        file = tmp_path / "class" / "anna.json"
        download.value.save_as(file)
        assert page.get_by_role("button", name="Your answers saved").count() == 1
        context.close()

        kept = json.loads(file.read_text(encoding="utf-8"))
        assert (
            kept["answers"]["L01.Q1"]["tries"] == 2
            and kept["answers"]["L01.Q1"]["state"] == "right"
        )
        assert import_progress(file).startswith("8 guesses and answers were added")
        assert read_progress()["guesses"]["L01.P1"]["guess"] == "a"
        counted = read_class(file.parent)
        assert counted.answers["learner"].nunique() == 1 and not counted.left_out
        sentence = str(revisit("L01.P1"))

        # and back: a browser that has seen nothing takes the course's own record
        own = export_progress(tmp_path / "own.json")
        fresh = browser.new_context()
        page = fresh.new_page()
        page.goto(f"{base}/lesson-01.html")
        bring(page, own.read_bytes())
        assert "8 answers were added" in page.locator("dialog[open]").inner_text()
        page.get_by_role("button", name="Close").click()
        assert sentence in page.get_by_label("Your guess, again").inner_text().replace("\n", " ")
        page.goto(f"{base}/index.html")
        # the front page knows what was done, and where one was
        assert (
            page.locator(".path li").nth(1).locator(":scope > .done").inner_text() == "2 of 6 done."
        )
        assert page.locator("#go-on").get_attribute("href").startswith("lesson-01.html")
        # somebody else sits down here
        page.goto(f"{base}/about.html")
        page.on("dialog", lambda asked: asked.accept())
        page.locator("#forget").click()
        page.wait_for_timeout(900)
        assert page.evaluate("allianceCourse.all().guesses") == {}
        fresh.close()


def near(page, place=0):
    """Come near a card whose script the page fetches then."""
    host = page.locator(".host[data-load=boxes]").nth(place)
    for _ in range(100):  # what is fetched on the way moves the page
        host.evaluate("(one) => one.scrollIntoView({ block: 'center' })")
        if host.locator(".ac-cards").count():
            return
        page.wait_for_timeout(100)
    pytest.fail("the card was not drawn")


def test_what_is_written_in_boxes_is_kept_and_handed_in_by_a_button(site_folder, page, tmp_path):
    # in an earlier version these words stood beside the record
    words = {"lesson-12.idea": {"text": "A wardrobe.", "at": "2026-01-02T00:00:00.000Z"}}
    page.add_init_script(
        "localStorage['alliance-course-words'] ??= " + json.dumps(json.dumps(words))
    )
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto((site_folder / "lesson-12.html").as_uri())
    near(page)
    idea = page.get_by_label("The core idea in my own words")
    assert idea.input_value() == "A wardrobe."
    idea.fill("A wardrobe on the stairs.")
    idea.blur()
    near(page, -1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("Your code").fill("K7")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save my answers to hand in").click()
    file = tmp_path / "class" / download.value.suggested_filename
    download.value.save_as(file)
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert kept["guesses"]["L12.idea"]["guess"] == "A wardrobe on the stairs."
    assert file.name == "answers-K7.json" and read_class(file.parent).left_out == {}
    assert page.get_by_role("button", name="Your answers saved").count() == 1
    near(page, -2)
    page.get_by_label("The number of your service").fill("31")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export my page").click()
    assert download.value.suggested_filename == "capstone-31.html"


def bring(page, data, name="mine.json"):
    if not page.locator("dialog[open]").count():
        page.get_by_role("button", name="Your answers").click()
    page.locator("dialog[open] input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/json", "buffer": data}
    )
    page.wait_for_timeout(150)


def test_what_is_brought_is_read_or_refused_in_words(site_folder, page):
    page.goto((site_folder / "lesson-01.html").as_uri())
    record = {
        "version": 2,
        "guesses": {"L01.P1": {"guess": "b", "at": "2026-01-02T00:00:00.000Z"}},
        "answers": {},
    }
    bring(page, ("\ufeff" + json.dumps(record)).encode())  # a byte order mark, as Notepad leaves it
    said = page.locator("dialog[open] [role=status]").nth(1)
    assert said.inner_text().startswith("1 answer was added")
    before = page.evaluate("allianceCourse.all()")
    older = {**record, "guesses": {"L01.P1": {"guess": "c", "at": "2025-01-02T00:00:00.000Z"}}}
    bring(page, json.dumps(older).encode("utf-16"))
    assert said.inner_text().startswith("0 answers were added")
    for wrong, why in (
        (b'{"version": 2, "guess', "damaged"),
        (b'{"version": 2}', "damaged"),
        (b"[1]", "damaged"),
        (json.dumps({**record, "version": 3}).encode(), "newer version"),
    ):
        bring(page, wrong)
        assert why in said.inner_text(), wrong
    assert page.evaluate("allianceCourse.all()") == before
    newer = {**record, "guesses": {"L01.P1": {"guess": "c", "at": "2999-01-02T00:00:00.000Z"}}}
    bring(page, json.dumps(newer).encode())
    assert page.evaluate("allianceCourse.all().guesses['L01.P1'].guess") == "c"


def test_every_option_and_every_known_slip_is_judged_as_python_judges_it(site_folder, page):
    asked = 0
    for name in ("lesson-01", "practice-01", "practice-03", "practice-06"):
        page.goto((site_folder / f"{name}.html").as_uri())
        specs = page.evaluate("""() => [...document.querySelectorAll('.host script')]
            .flatMap((one) => JSON.parse(one.textContent).spec.cards)""")
        fields = page.locator("fieldset.ac-question")
        keys = [card for card in specs if card["kind"] in ("choice", "choices", "number", "slider")]
        assert fields.count() == len(keys)
        for place, key in enumerate(keys):
            if key.get("guess"):
                continue
            entry = registry()[key["id"]]
            if key["kind"] == "number":
                known = values(key["id"])
                numbers = [
                    known["expected"],
                    *(known[f"mistake {m['name']}"] for m in entry.get("mistake", [])),
                ]
                given = [repr(float(n)) for n in numbers] + ["", "no idea", "123456"]
            else:
                given = [o["key"] for o in entry["option"]] + [
                    "".join(o["key"] for o in entry["option"] if o.get("right"))
                ]
            for answer in given:
                verdict = fields.nth(place).evaluate(ANSWER, answer)
                state = judge(entry, answer)[0].state if answer else "empty"
                assert verdict == f"ac-verdict ac-is-{LOOKS[state]}", (key["id"], answer)
                asked += 1
    assert asked > 100


def test_without_a_network_after_one_visit_and_a_new_build_replaces_the_old(
    site_folder, browser, tmp_path
):
    folder = tmp_path / "site"
    shutil.copytree(site_folder, folder)
    context = browser.new_context()
    page = context.new_page()
    with served(folder) as base:
        page.goto(f"{base}/index.html")
        count = len(
            json.loads(
                re.search(r"FILES = (\[.*?\]);", (folder / "offline.js").read_text(), re.S)[1]
            )
        )
        until(page, "Boolean(navigator.serviceWorker.controller)", True)
        old = page.evaluate(CACHES)
        assert old[1] == count
    # the server is gone
    page.goto(f"{base}/lesson-07.html")
    assert page.evaluate(DRAW) == 0
    page.goto(f"{base}/")
    assert page.locator(".path li").count() == 13
    script = (folder / "offline.js").read_text()
    (folder / "offline.js").write_text(re.sub(r'VERSION = "\w+"', 'VERSION = "another"', script))
    with served(folder, port=int(base.rsplit(":", 1)[1])) as base:
        page.goto(f"{base}/lesson-01.html")
        page.evaluate("navigator.serviceWorker.getRegistration().then((r) => r.update())")
        until(page, CACHES, ["alliance-course-another", count])
    context.close()


def until(page, script, wanted):
    """Wait for a value; the page's policy lets nothing else evaluate a text in it."""
    for _ in range(300):
        if page.evaluate(script) == wanted:
            return
        page.wait_for_timeout(100)
    assert page.evaluate(script) == wanted


def test_the_policy_as_a_header_and_a_frame_without_storage(site_folder, browser, tmp_path):
    context = browser.new_context()
    page = context.new_page()
    troubles = watched(page)
    with served(site_folder, policy=policy()) as base:
        for name in ("index", "lesson-01", "lesson-07", "slides-01"):
            page.goto(f"{base}/{name}.html")
            assert page.evaluate(DRAW) == 0
        assert troubles == []
        # and it is a policy: it refuses what is foreign
        refused = page.evaluate(REFUSED)
        assert refused == "img-src"
    with served(site_folder) as base:
        page = context.new_page()
        page.set_content(FRAME.format(f"{base}/lesson-01.html"))
        frame = page.frame_locator("iframe")
        guess = frame.locator("fieldset.ac-question").first
        guess.get_by_label("The bond").click()
        guess.get_by_role("button", name="Note my guess").click()
        assert "Not saved" in guess.inner_text()
        assert frame.get_by_role("button", name="Your answers not kept: save them").count() == 1
        # the answer is there as text, where downloads are refused as well
        frame.get_by_role("button", name="Your answers").click()
        frame.get_by_text("As text, where files are refused").click()
        assert '"L01.P1"' in frame.get_by_label("Your answers as text").input_value()
    context.close()


def test_everything_can_be_read_without_scripts(site_folder, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site_folder / "lesson-01.html").as_uri())
    text = page.locator("main").inner_text()
    for said in (
        "Which rating goes most closely",
        "a) The bond",
        "You did not note a guess",
        "What each answer says",
    ):
        assert said in text
    page.locator("summary", has_text="What each answer says").first.click()
    assert "Fits." in page.locator("main").inner_text()
    images = page.locator("main figure img").all()
    assert len(images) >= 2
    for image in images:
        image.scroll_into_view_if_needed()
        assert image.bounding_box()["height"] > 50 and image.get_attribute("alt")
    assert page.locator("button:visible").count() == 0
    page.goto((site_folder / "practice-01.html").as_uri())
    text = page.locator("main").inner_text()
    assert "a) The bond" in text and "Hint 1" in text and "Worked solution" in text
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_that_a_machine_can_find(site_folder, browser, axe, scheme):
    context = browser.new_context(color_scheme=scheme, **PHONE)
    page = context.new_page()
    found = {}
    # one page of each kind; the lessons with most kinds of cards and tables
    names = ["index", "lesson-01", "lesson-03", "practice-01", "about"]
    if scheme == "light":
        names += ["lesson-07", "platforms", "instructors", "guide", "coverage", "slides-05"]
        names += [page_names(site_folder, "lesson-07-")[0], "test-key", "handout-05"]
    for name in names:
        page.goto((site_folder / f"{name}.html").as_uri())
        page.evaluate(DRAW)
        page.evaluate(axe + "; 0")
        result = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        if result["violations"]:
            found[name] = [(v["id"], v["nodes"][0]["target"]) for v in result["violations"]]
    context.close()
    assert not found


def test_search_glossary_and_keys(site_folder, page):
    page.goto((site_folder / "lesson-01.html").as_uri())
    page.keyboard.press("Control+k")
    page.get_by_label("Search the course").last.fill("rupture repair")
    first = page.locator(".found a").first
    assert "08" in first.get_attribute("href") or "rupture" in first.inner_text().lower()
    page.keyboard.press("Escape")
    term = page.locator("a.term").first
    term.click()
    card = page.get_by_role("dialog")
    assert "working relationship" in card.inner_text() or "understood" in card.inner_text()
    page.keyboard.press("Escape")
    assert card.count() == 0 and term.evaluate("node => node === document.activeElement")
    page.locator("h1").click()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/lesson-02.html")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/lesson-01.html")
    # whoever moves a slider stays
    page.evaluate(DRAW)
    page.locator(".ac-explorer input[type=range]").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(200)
    assert page.url.endswith("lesson-01.html")


@pytest.mark.parametrize(("scheme", "theme"), [("light", LIGHT), ("dark", DARK)])
def test_the_three_parts_have_their_signs(site_folder, browser, scheme, theme):
    """In tables, labels, explorers and where a word is linked or stressed; never twice."""
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    for name, places in {
        "lesson-00": ["main li strong"],
        "lesson-01": [".ac-explorer label"],
        "lesson-02": ["main a.term", ".ac-deck label strong", ".ac-explorer label"],
        "lesson-05": ["main table th"],
    }.items():
        page.goto((site_folder / f"{name}.html").as_uri())
        assert page.evaluate(DRAW) == 0
        for place in places:
            assert page.locator(f"{place}.ac-part").count(), (name, place)
        assert signs_are_right(page.evaluate(SIGNED, "main"), theme), name
    # the table of lesson 01 has them in its text, for whoever reads it where no sheet is
    page.goto((site_folder / "lesson-01.html").as_uri())
    page.evaluate(DRAW)
    assert page.locator("td", has_text="●").count()
    assert page.locator("td .ac-part").count() == 0
    context.close()


def test_a_citation_says_its_source_where_it_stands(site_folder, page):
    for name in page_names(site_folder, "lesson-"):
        page.goto((site_folder / f"{name}.html").as_uri())
        found = page.evaluate("""[...document.querySelectorAll("a.cite")].map((link) =>
            [link.textContent, link.title, allianceSources(link).length])""")
        for text, title, sources in found:
            assert sources and not title, (name, text)
    page.goto((site_folder / "lesson-01.html").as_uri())
    link = page.locator("a.cite", has_text="Flückiger et al., 2018").first
    link.click()
    card = page.get_by_role("dialog")
    assert "10.1037/pst0000172" in card.inner_text()
    assert card.locator("p").count() == 1 and "2020" not in card.inner_text()
    page.keyboard.press("Escape")
    assert card.count() == 0 and link.evaluate("node => node === document.activeElement")
    link.click()
    card.get_by_role("link", name="All references").click()
    assert page.url.endswith("#references")


def test_the_chosen_look_holds_on_every_page(site_folder, page):
    page.goto((site_folder / "lesson-01.html").as_uri())
    dark = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(dark)
    button = page.get_by_role("button", name=re.compile("^Look"))
    button.click()
    button.click()
    assert page.evaluate(dark) != light
    page.goto((site_folder / "lesson-02.html").as_uri())
    assert page.evaluate(dark) != light
    assert page.evaluate("document.body.dataset.jpThemeLight") == "false"


def test_printed_it_has_all_that_is_folded(site_folder, page):
    page.goto((site_folder / "lesson-01.html").as_uri())
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("main details:not(.code)").count() > 5
    assert page.locator("main details:not([open], .code)").count() == 0
    assert not page.locator(".tools").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("main details[open]:not(.code)").count() == 0


def explorers_of(path):
    """The explorers that the cells of a notebook show, in Python."""
    known = {}
    cells = nbformat.read(path, as_version=4).cells
    found = [shown(cell.source, known) for cell in cells if cell.cell_type == "code"]
    return [widget for widget in found if isinstance(widget, Explorer)]


WITH_EXPLORERS = [
    path for path in notebook_files() if re.search(r"(explore|play)_", path.read_text("utf-8"))
]


@pytest.mark.parametrize("path", WITH_EXPLORERS, ids=lambda path: path.stem[:11])
def test_a_page_shows_what_python_computes(site_folder, page, path):
    """At the start, and with each button of each group of buttons pressed."""
    explorers = explorers_of(path)
    page.goto((site_folder / page_of(f"../{path.parent.name}/{path.name}")).as_uri())
    page.evaluate(DRAW)
    drawn = page.locator(".ac-explorer:has(.ac-words)")
    assert drawn.count() == len(explorers)
    for node, explorer in zip(drawn.all(), explorers, strict=True):
        words = node.locator(".ac-words")
        assert words.text_content() == explorer.describe()
        for button in node.locator("input[type=radio]").all():
            # one of several turns is out of sight until a slider comes to it
            button.evaluate("node => node.click()")
            name = button.get_attribute("name").rpartition("-")[2]
            setattr(explorer, name, button.get_attribute("value"))
            page.wait_for_function(SAYS, arg=[words.element_handle(), explorer.describe()])


HEIGHTS = """node => {
  const [questions, seen] = [[...node.querySelectorAll(".ac-asked article")], []];
  for (const question of questions) {
    for (const one of questions) one.hidden = one !== question;
    question.querySelector("details").open = true;
    seen.push(Math.round(node.getBoundingClientRect().height));
  }
  return Math.max(...seen);
}"""


def test_an_explorer_fits_one_screen_with_any_answer_open(site_folder, page):
    found = {}
    for name in page_names(site_folder, "lesson-"):
        page.goto((site_folder / f"{name}.html").as_uri())
        if page.locator(".explorer").count():
            page.evaluate(DRAW)
            for place, node in enumerate(page.locator(".ac-explorer").all(), 1):
                found[name, place] = node.evaluate(HEIGHTS)
    assert len(found) == 15 and max(found.values()) <= 560, found


def test_an_explorer_that_cannot_be_fetched_leaves_its_still(site_folder, page):
    page.route("**/e-*.js", lambda route: route.abort())
    with served(site_folder) as base:
        page.goto(f"{base}/lesson-01.html")
        page.locator(".explorer").scroll_into_view_if_needed()
        page.get_by_text("The moving picture could not be fetched").wait_for()
        assert page.locator(".still img").first.is_visible()
        page.unroute("**/e-*.js")
        page.get_by_role("button", name="Try again").click()
        page.locator(".ac-explorer").wait_for()
        assert not page.locator(".still img").first.is_visible()


def test_on_a_slow_line_and_a_slow_phone(site_folder, browser):
    """400 ms, 400 kbit/s, a quarter of the processor: read, answer and move within seconds."""
    page = slow(browser)
    with served(site_folder, packed=True) as base:
        heading, card, explorer = measured(page, f"{base}/lesson-01.html")
    page.context.close()
    assert heading <= 2.5 and card <= 3 and explorer <= 4


def test_a_task_shows_its_options_and_its_hints_beside_its_card(site_folder, phone):
    phone.goto((site_folder / "practice-01.html").as_uri())
    text = phone.locator("main").inner_text()
    task = text[text.index("Task 1") : text.index("Your answer to task 1")]
    # the card has the letters alone
    for said in ("a) The bond", "b) ", "c) ", "d) ", "Hint 1"):
        assert said in task, task[-300:]


def test_lesson_00_says_again_what_was_guessed_beside_its_figure(site_folder, page):
    page.goto((site_folder / "lesson-00.html").as_uri())
    again = page.get_by_label("Your guess, again")
    assert "did not note a guess" in again.inner_text()
    slider = page.locator("fieldset.ac-question input[type=range]").first
    slider.fill("30")
    page.get_by_role("button", name="Note my guess").click()
    assert "30" in again.inner_text()
    # in the column of the text, as everything else
    assert again.bounding_box()["width"] <= 704
