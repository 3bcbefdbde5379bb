"""The pages in Firefox and WebKitGTK: from a disk and from a server, read, answered and kept."""

import pytest
from engines import ENGINES
from site_pages import page_names, served

DRAWN = """
  for (const host of document.querySelectorAll(".host.explorer")) {
    host.scrollIntoView();
    for (let i = 0; i < 200 && !host.hasAttribute("data-drawn"); i++) await new Promise((go) => setTimeout(go, 50));
  }
  const wide = [...document.querySelectorAll("body *")].filter((node) => !node.closest(".table, pre, svg") && node.getBoundingClientRect().right > innerWidth + 1);
  return {
    title: document.querySelector("h1").textContent,
    undrawn: document.querySelectorAll(".host:not([data-drawn])").length,
    troubles: (globalThis.troubles ?? []).length + document.querySelectorAll(".ac-alert, .fail").length,
    sideways: document.documentElement.scrollWidth > innerWidth,
    tools: document.querySelectorAll(".tools button").length,
  };"""
ANSWER = """
  const [guess] = document.querySelectorAll("fieldset.ac-question");
  guess.querySelector("input").click();
  guess.querySelector(".ac-buttons button").click();
  const check = document.querySelectorAll("fieldset.ac-question")[2];
  const option = [...check.querySelectorAll("label")].find((one) => one.textContent.includes("trust each other"));
  option.querySelector("input").click();
  check.querySelector(".ac-buttons button").click();
  return {
    verdict: check.querySelector("[role=status]").className,
    kept: guess.querySelector(".ac-saved").textContent,
    again: document.querySelector("section[aria-label='Your guess, again']").textContent.includes("You did not note a guess this time, and that is fine. In the clinic"),
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
            if name.startswith("slides-"):  # those are made for a wall
                continue
            engine.open(f"{base}/{name}.html")
            found = engine.ask(DRAWN)
            assert found["title"]
            wanted = {"undrawn": 0, "troubles": 0, "sideways": False, "tools": 3}
            assert {key: found[key] for key in wanted} == wanted, name
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
        assert engine.ask("return document.querySelector('.path li:nth-child(2) > .done').textContent") == "2 of 6 done."
        engine.ask("localStorage.clear()")
