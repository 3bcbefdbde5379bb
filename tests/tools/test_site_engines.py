"""The pages in Firefox and WebKitGTK: from a disk and from a server, read, answered and kept."""

import pytest
from engines import ENGINES
from site_pages import DRAWN, page_names, served

STATE = """
  return {
    title: Boolean(document.querySelector("h1").textContent),
    undrawn: document.querySelectorAll(".host:not([data-drawn])").length,
    failed: document.querySelectorAll(".ac-alert, .fail").length,
    sideways: document.documentElement.scrollWidth > innerWidth,
    tools: document.querySelectorAll(".tools button").length > 2,
  };"""
SOUND = {"title": True, "undrawn": 0, "failed": 0, "sideways": False, "tools": True}
ANSWER = """
  const [guess] = document.querySelectorAll("fieldset.ac-question");
  guess.querySelector("input").click();
  guess.querySelector(".ac-buttons button").click();
  const check = document.querySelectorAll("fieldset.ac-question")[2];
  const option = [...check.querySelectorAll("label")]
    .find((one) => one.textContent.includes("trust each other"));
  option.querySelector("input").click();
  check.querySelector(".ac-buttons button").click();
  return {
    verdict: check.querySelector("[role=status]").className,
    kept: guess.querySelector(".ac-saved").textContent,
    again: document.querySelector("section[aria-label='Your guess, again'] p + p").textContent
      .includes("You did not note a guess"),
    count: document.querySelector(".tools .count").textContent,
  };"""
MOVED = """
  const slider = document.querySelector(".ac-explorer input[type=range]");
  const before = document.querySelector(".ac-explorer svg[role=img]").outerHTML;
  slider.value = slider.max;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  await new Promise((go) => setTimeout(go, 300));
  return document.querySelector(".ac-explorer svg[role=img]").outerHTML !== before;"""


@pytest.fixture(scope="module", params=ENGINES)
def engine(request):
    found = ENGINES[request.param]()
    yield found
    found.close()


@pytest.mark.parametrize("way", ["disk", "server"])
def test_every_lesson_is_drawn_answered_and_kept(engine, site_folder, way):
    with served(site_folder) as address:
        base = site_folder.as_uri() if way == "disk" else address
        names = page_names(site_folder) if way == "disk" else ["index", "lesson-01", "lesson-07"]
        for name in names:
            if name.startswith(("slides-", "handout-")):  # those are made for a wall, and for paper
                continue
            engine.open(f"{base}/{name}.html")
            engine.ask(DRAWN)
            assert engine.ask(STATE) == SOUND, name
        engine.open(f"{base}/lesson-01.html")
        assert engine.ask(ANSWER) == {
            "verdict": "ac-verdict ac-is-right",
            "kept": "✓ Saved in this browser.",
            "again": False,
            "count": "2 to save",
        }
        engine.ask(DRAWN)
        assert engine.ask(MOVED)
        # the next page knows it, and so does the front page
        engine.open(f"{base}/index.html")
        done = "return document.querySelector('.path li:nth-child(2) > .done').textContent"
        assert engine.ask(done) == "2 of 6 done."
        engine.ask("localStorage.clear()")
