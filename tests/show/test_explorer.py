"""The explorer's definition, look-ups, refusals and still; the page is tested in a browser."""

import base64
import dataclasses
import importlib
import itertools
import math
import pkgutil
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import numpy as np
import pytest
from explorer_demo import GRID, TIMES, demo

from alliance_course import lessons
from alliance_course.lessons import asked
from alliance_course.lessons.lesson_01 import components_picture, explore_components
from alliance_course.lessons.lesson_08 import MOVES, play_branches, play_client, play_picture
from alliance_course.measure.form import COMPONENTS
from alliance_course.show.explorer import picture as definition
from alliance_course.show.explorer.controls import Axis, Choice, as_text
from alliance_course.show.explorer.picture import Picture, Scale
from alliance_course.show.explorer.still import draw_still
from alliance_course.show.explorer.widget import Explorer
from alliance_course.show.style import BOND
from alliance_course.simulate.trial import simulate_worlds

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "alliance_course" / "show" / "explorer"


def changed(**parts):
    return dataclasses.replace(demo(), **parts)


def without(picture, name):
    return {k: v for k, v in picture.surfaces.items() if k != name}


@pytest.mark.parametrize(("slope", "noise"), [(-2, 0), (2, 10), (0.3, 4), (-1.99, 7), (1.0, 3.3)])
def test_between_grid_points_it_interpolates(slope, noise):
    values = {"slope": slope, "noise": noise, "side": "left"}
    line = demo().at("line", values)
    np.testing.assert_allclose(line, 10 + 0.4 * slope * TIMES, atol=1e-5)
    np.testing.assert_allclose(line - demo().at("low", values), noise / 2, atol=1e-5)


def test_a_choice_picks_and_a_length_of_one_does_not_depend():
    picture = demo()
    for side, mean in (("left", -0.5), ("right", 0.5)):
        for slope in GRID:
            values = {"slope": slope, "noise": 3.7, "side": side}
            assert picture.at("mean", values) == pytest.approx([mean])


def test_the_words_follow_the_values():
    picture = demo()
    assert (
        "slope \N{MINUS SIGN}1.5 SD, noise 7 on the right side, the line ends at 4.0"
        in picture.describe({"slope": -1.5, "noise": 7, "side": "right"})
    )
    assert picture.fill(picture.panels[0].title, picture.defaults) == "Two lines end below"
    assert as_text(-0.004, 1) == "0.0" and as_text(0.295, percent=True) in ("29%", "30%")


AXIS = {"name": "dose", "label": "Dose", "unit": "", "step": 0.1, "default": 0, "help": "x"}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Axis(**AXIS, low=1, high=1), "dose: low=1 must be below high=1"),
        (lambda: Axis(**AXIS, low=1, high=2), "dose: default=0 must lie from 1 to 2"),
        (lambda: Axis(**AXIS, low=float("nan"), high=2), "dose: low=nan must be a finite"),
        (lambda: Axis(**{**AXIS, "step": 9}, low=-1, high=2), "dose: step=9 must fit"),
        (lambda: Choice("side", "Side", {}, "left", ""), "side: give at least two options"),
        (lambda: Choice("side", "Side", {"a": "A", "b": "B"}, "c", ""), "side: default='c'"),
        (lambda: Scale("x", 1, 1), "scale 'x': low=1 must be below"),
        (lambda: changed(controls=[*demo().controls, demo().controls[0]]), "'slope': must be"),
        (lambda: changed(panels=[]), "one to four panels"),
        (
            lambda: changed(surfaces={**demo().surfaces, "line": np.zeros((5, 3, 2, 11))}),
            "noise: surfaces disagree",
        ),
        (
            lambda: changed(surfaces={**demo().surfaces, "line": np.zeros((5, 2, 3, 11))}),
            "side: surface 'line' has 3 values along it; give one",
        ),
        (
            lambda: changed(surfaces={**demo().surfaces, "line": np.zeros((0, 2, 2, 11))}),
            "slope: surface 'line' has 0 values",
        ),
        (
            lambda: changed(surfaces={**demo().surfaces, "line": np.zeros((5, 2, 2, 0))}),
            "surface 'line': it is empty",
        ),
        (lambda: changed(surfaces={**demo().surfaces, "line": [1, 2]}), "has 1 dimensions"),
        (lambda: changed(surfaces=without(demo(), "line")), "no surface 'line'"),
        (
            lambda: changed(surfaces={**demo().surfaces, "other": np.zeros((1, 1, 1, 9))}),
            "Line in 'Two lines end {gap_word}': unequal",
        ),
        (
            lambda: changed(surfaces={**demo().surfaces, "more": np.zeros((5, 2, 2, 99999))}),
            "more than 1,100,000",
        ),
        (lambda: changed(words="{nobody}"), "no control or readout named 'nobody'"),
    ],
)
def test_a_definition_that_does_not_fit_is_refused_by_name(make, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        make()


def test_a_missing_value_is_refused_with_its_place():
    surfaces = {name: np.array(table) for name, table in demo().surfaces.items()}
    surfaces["line"][3, 1, 0, 4] = np.nan
    with pytest.raises(ValueError, match=r"'line' .* slope 4 of 5, noise 2 of 2, side 1 of 2"):
        changed(surfaces=surfaces)


def test_python_reads_sets_and_observes_each_control():
    explorer, seen = Explorer(demo()), []
    explorer.observe(lambda change: seen.append(change.new), "slope")
    explorer.slope = 1.5
    assert seen == [1.5] and explorer.values() == {"slope": 1.5, "noise": 4.0, "side": "left"}
    assert "slope +1.5 SD" in explorer.describe()
    for name, bad in (("slope", 3), ("side", "middle")):
        with pytest.raises(Exception, match=name):
            setattr(explorer, name, bad)


def test_a_name_that_every_widget_has_is_refused():
    axis = dataclasses.replace(demo().controls[0], name="layout")
    words = demo().words.replace("{slope}", "{layout}")
    with pytest.raises(ValueError, match="layout: every widget has this name"):
        Explorer(changed(controls=[axis, *demo().controls[1:]], words=words))


def test_the_still_says_the_same_in_every_form():
    explorer = Explorer(demo())
    explorer.slope = 2
    still = explorer.still()
    assert base64.b64decode(still["image/png"]).startswith(b"\x89PNG")
    assert still["text/plain"].endswith(demo().describe())
    assert f'alt="{demo().describe()}"' in still["text/html"]
    assert 'class="ac-still ac-still-explorer"' in still["text/html"]
    assert still == Explorer(demo()).still(), "a notebook run again is the same file"


@pytest.mark.parametrize("values", [{}, {"slope": 2, "side": "right"}])
def test_the_still_draws_what_the_surfaces_hold(values):
    figure = draw_still(demo(), values)
    first, _, bars, tiles = figure.axes
    drawn = [line.get_ydata() for line in first.lines if len(line.get_ydata()) == len(TIMES)]
    np.testing.assert_allclose(drawn[0], 10 + 0.4 * values.get("slope", 0) * TIMES, atol=1e-5)
    widths = [patch.get_width() for patch in bars.patches]
    np.testing.assert_allclose(widths, [0.5 + values.get("slope", 0) / 5, 0.3], atol=1e-6)
    assert len(tiles.texts) == 6


def test_displaying_gives_a_still_first_and_the_explorer_second(capsys, monkeypatch):
    shown = []
    monkeypatch.setattr("alliance_course.show.page.display", lambda data, raw: shown.append(data))
    Explorer(demo())._ipython_display_()
    assert [sorted(data) for data in shown] == [
        ["image/png", "text/html", "text/plain"],
        ["application/vnd.jupyter.widget-view+json"],
    ]


def every_picture():
    """What each of the lessons' explorers shows: every `x_picture` of a lesson."""
    for info in pkgutil.iter_modules(lessons.__path__, f"{lessons.__name__}."):
        for name, build in vars(importlib.import_module(info.name)).items():
            if name.endswith("_picture") and not name.startswith("_"):
                yield build


PICTURES = list(every_picture())


def every_explorer():
    """The explorer of each picture, as its lesson gives it; one that stands in two has two sets."""
    for build in PICTURES:
        stem = build.__name__.removesuffix("_picture")
        module = sys.modules[build.__module__]
        make = getattr(module, f"explore_{stem}", None) or module.play_client
        yield build.__name__, make


EXPLORERS = dict(every_explorer())


@pytest.mark.parametrize("build", PICTURES, ids=lambda build: build.__name__)
def test_each_picture_is_small_quick_and_says_something_at_every_corner(build):
    code = f"import time; from {build.__module__} import {build.__name__} as build; " + (
        "start = time.process_time(); build(); print(time.process_time() - start)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    # half a second is the promise on an idle machine. Processor time, since what else a machine
    # does says nothing about the picture; slow processors and threads that wait get twice that
    assert float(run.stdout) < 1.0
    start = time.perf_counter()
    picture = build()
    assert build() is picture and time.perf_counter() - start < 5
    ends = [list(c.options) if isinstance(c, Choice) else [c.low, c.high] for c in picture.controls]
    names = [control.name for control in picture.controls]
    said = {
        picture.describe(dict(zip(names, corner, strict=True)))
        for corner in itertools.product(*ends)
    }
    assert len(said) == np.prod([len(end) for end in ends])
    assert isinstance(picture, Picture)


@pytest.mark.parametrize("build", PICTURES)
def test_a_still_is_as_light_or_dark_as_its_page(build):
    page = Explorer(build()).still()["text/html"]
    [svg] = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    drawn = re.sub(r"<style>.*?</style>", "", base64.b64decode(svg).decode(), flags=re.DOTALL)
    assert not re.findall(r"(?:fill|stroke): #\w+", drawn), "every colour is a token's"
    assert "ac-image" in page and "color-scheme: dark" in page


def test_bond_goals_and_tasks_keep_their_looks_for_themselves():
    """Whatever else an explorer draws looks like a series, or like what stands beside the three."""
    found = set()
    for mark in (mark for build in PICTURES for panel in build().panels for mark in panel.marks):
        if (place := getattr(mark, "style", 0) - BOND) in (0, 1, 2):
            found.add(place)
            drawn = [name for name in (mark.x, mark.y) if isinstance(name, str)]
            assert COMPONENTS[place] in drawn, mark
    assert found == {0, 1, 2}


def test_the_instrument_stays_small():
    names = ("controls.py", "picture.py", "widget.py", "still.py", "explorer.js")
    texts = [(HERE / name).read_text(encoding="utf-8") for name in names]
    assert sum(bool(line.strip()) for text in texts for line in text.splitlines()) < 1070


def test_the_thirteenth_explorer_of_the_guide_works_and_is_short():
    guide = ROOT / "CONTRIBUTING.md"
    if not guide.exists():
        pytest.skip("CONTRIBUTING.md is in the repository only")
    [code] = re.findall(r"```python\n(.*?)```", guide.read_text(encoding="utf-8"), flags=re.DOTALL)
    names = {**vars(definition), "np": np, "Explorer": Explorer, "simulate_worlds": simulate_worlds}
    exec(code, names)  # the guide's own text
    explorer = names["explore_dose"]()
    full = explorer.describe()
    explorer.dose = 0
    assert len(code.splitlines()) < 40 and explorer.describe() != full


def test_each_component_does_what_lesson_01_says():
    picture = components_picture()

    def end(name, **values):
        return picture.at(name, {**picture.defaults, **values})

    for name in ("bond", "goal", "task"):
        assert end("symptoms", **{name: 2})[-1] < end("symptoms", **{name: -2})[-1]
        assert end("shares", **{name: 2})[0] > end("shares", **{name: -2})[0]
    assert end("shares", bond=2)[2] - end("shares", bond=-2)[2] > 0.3
    assert end("shares", task=2)[1] - end("shares", task=-2)[1] > 0.2
    assert end("width", goal=2)[0] < end("width", goal=-2)[0]
    assert explore_components().bond == 0


def test_a_play_branches_only_where_a_move_was_chosen():
    branches = play_branches(6)
    ways = list(itertools.product(MOVES, repeat=3))
    press = ways.index(("press",) * 3)
    for name in ("bond", "goal", "task", "disclosure", "strain", "symptoms"):
        # until the first decision every branch is the same client with the same luck
        assert (branches[name][:, :3] == branches[name][press, :3]).all()
        for other in (("press", "press", "why"), ("press", "press", "goals")):
            assert (branches[name][ways.index(other), :7] == branches[name][press, :7]).all()
    for move, component in (("goals", "goal"), ("why", "task")):
        way = ways.index((move, "press", "press"))
        raised = branches[component][way, 3] - branches[component][press, 3]
        assert raised == pytest.approx(0.8, abs=1e-5)
    repaired = ways.index(("repair", "press", "press"))
    assert branches["strain"][repaired, 3] == branches["strain"][press, 3]
    assert branches["strain"][repaired, 4] < 0.5 * branches["strain"][press, 4]
    late = ways.index(("press", "repair", "press"))
    assert branches["strain"][late, 5] < 0.5 * branches["strain"][press, 5]


def test_a_play_is_the_same_client_for_the_same_seed_and_shows_nothing_ahead():
    assert play_client(seed=3).describe() == play_client(seed=3).describe()
    assert play_client(seed=3).describe() != play_client(seed=4).describe()
    picture = play_picture(6)
    early = {**picture.defaults, "after": 3}
    assert picture.at("sessions", early).max() == 3 and picture.at("weeks", early).max() == 4
    with pytest.raises(ValueError, match="seed=-1 is not allowed"):
        play_client(seed=-1)


def test_no_move_is_best_for_every_client():
    best = {}
    for seed in range(20):
        ends = play_branches(seed)["symptoms"][:, -1]
        best[seed] = list(itertools.product(MOVES, repeat=3))[int(ends.argmin())]
    assert len(set(best.values())) >= 3


def every_setting(picture, at_most=700):
    """All settings of its controls on a grid with both ends and the middle; at random if many."""
    grids = [
        list(c.options)
        if isinstance(c, Choice)
        else [c.low, c.default, c.high, (c.low + c.high) / 2]
        for c in picture.controls
    ]
    names = [control.name for control in picture.controls]
    if math.prod(map(len, grids)) <= at_most:
        corners = itertools.product(*grids)
    else:
        rng = np.random.default_rng(1)
        corners = ([grid[rng.integers(len(grid))] for grid in grids] for _ in range(at_most))
    return (dict(zip(names, corner, strict=True)) for corner in corners)


IMPOSSIBLE = (
    r"nan|inf\b|[{}]|\b0\.0 times|\N{MINUS SIGN}0(\.0+)?(?![\d.]*\d)|\b1(?!00%)\d\d%|[2-9]\d\d%"
    r"|\N{MINUS SIGN}\d+%|(adds|takes off|better symptoms by|clients|worst) \N{MINUS SIGN}"
)


@pytest.mark.parametrize("build", PICTURES, ids=lambda build: build.__name__)
def test_no_setting_makes_an_impossible_sentence(build):
    picture = build()
    said = {}
    for values in every_setting(picture):
        titles = [picture.fill(panel.title, values) for panel in picture.panels]
        for text in (picture.describe(values), *titles):
            said.setdefault(text, values)
    wrong = {text: values for text, values in said.items() if re.search(IMPOSSIBLE, text)}
    assert not wrong, next(iter(wrong.items()))
    for text in said:
        if fall := re.search(r"fall from ([\d.]+) to ([\d.]+)", text):
            assert float(fall[1]) > float(fall[2]), text


@pytest.mark.parametrize("build", PICTURES, ids=lambda build: build.__name__)
def test_a_number_is_said_once(build):
    picture = build()
    shown = {r["name"] for r in picture.spec()["readouts"] if r["shown"]}
    titles = " ".join(panel.title for panel in picture.panels)
    drawn = [m.values for p in picture.panels for m in p.marks if hasattr(m, "values")]
    for readout in picture.readouts:
        in_title = f"{{{readout.name}}}" in titles
        assert in_title + (readout.surface in drawn) + (readout.name in shown) <= 1, readout


@pytest.mark.parametrize("name", EXPLORERS)
def test_each_explorer_has_its_questions_with_the_still(name):
    explorer = EXPLORERS[name]()
    asked, page = explorer._spec["asked"], explorer.still()["text/html"]
    assert len(asked) >= 3
    for entry in asked:
        assert entry["question"] in page and f"Answer to {entry['number']}</summary>" in page
        assert entry["answer"] in page and len(entry["answer"]) > 40
        # neither Markdown nor a link, which would lead nowhere from a widget
        assert not re.search(r"\]\(|\*|`", entry["question"] + entry["answer"])


def test_every_question_of_a_lesson_belongs_to_an_explorer():
    for path in Path(lessons.__file__).parent.glob("*.toml"):
        number = int(path.stem.removeprefix("lesson_"))
        parts = tomllib.loads(path.read_text(encoding="utf-8"))
        found = [entry["number"] for name in parts for entry in asked(number, name)]
        assert found == list(range(1, len(found) + 1))
        stems = {name.removesuffix("_picture") for name in EXPLORERS}
        assert set(parts) <= stems, parts
    assert [entry["number"] for entry in asked(12, "technique_fit")] == [1, 2, 3, 4]
    with pytest.raises(ValueError, match="lesson=3 has no questions"):
        EXPLORERS["technique_fit_picture"](lesson=3)


def test_a_play_begins_with_nothing_played_and_ends_where_the_client_left():
    picture = play_picture(81)
    assert picture.defaults["after"] == 3
    assert "No move has been played yet" in picture.describe()
    opens = [c.opens for c in picture.controls if isinstance(c, Choice)]
    assert opens == [("after", 3), ("after", 5), ("after", 7)]
    assert "has left" in picture.describe({"after": 12})
    assert picture.at("sessions", {**picture.defaults, "after": 12}).max() == 11
