"""Figures in a page: their words, their theme, a narrow screen; and a hundred people."""

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.figure import Figure
from matplotlib.text import Text

from alliance_course import (
    caption,
    load_dataset,
    plot_components,
    plot_people,
    plot_published,
    published_effects,
)
from alliance_course.show.figure import LARGEST, Plot
from alliance_course.show.style import LIGHT, SERIES

SVG = "{http://www.w3.org/2000/svg}"


def shown(picture, monkeypatch) -> dict[str, str]:
    """The forms of the output that a notebook would keep."""
    outputs = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: outputs.append(data))
    picture._ipython_display_() if isinstance(picture, Plot) else caption(*picture)
    assert len(outputs) == 1, "one output: the picture and its words"
    return outputs[0]


def images(page: str) -> list[bytes]:
    return [base64.b64decode(data) for data in re.findall(r"base64,([A-Za-z0-9+/=]+)", page)]


@pytest.fixture
def components() -> Plot:
    return plot_components(load_dataset("sessions", session=3))


def test_a_figure_is_an_image_whose_words_are_its_alternative_and_folded(components, monkeypatch):
    forms = shown(components, monkeypatch)
    assert set(forms) == {"text/html", "image/png", "text/plain"}
    page = ElementTree.fromstring(f"<main>{forms['text/html']}</main>")
    image, words = page.find(".//img"), page.find(".//details/p").text
    assert words == components.words == forms["text/plain"]
    title = components.figure().axes[0].get_title("left")
    assert image.get("alt") == f"{title}. {words}"
    assert page.find(".//details").get("open") is None
    assert page.find(".//summary").text == "In words"


def test_a_figure_is_small_sharp_and_as_light_or_dark_as_its_page(components, monkeypatch):
    narrow, wide = images(shown(components, monkeypatch)["text/html"])
    for svg in (narrow, wide):
        root = ElementTree.fromstring(svg.decode())
        assert len(svg) < 25_000 and len([*root.iter(f"{SVG}text")]) > 10, "letters are letters"
        assert "prefers-color-scheme:dark" in svg.decode()
        # every colour is a token's, or it would stay as it is in the other theme
        drawn = re.sub(r"<style>.*?</style>", "", svg.decode(), flags=re.DOTALL)
        assert not re.findall(r"(?:fill|stroke): #\w+", drawn)
    widths = [
        float(ElementTree.fromstring(svg.decode()).get("width")[:-2]) for svg in (narrow, wide)
    ]
    assert widths[0] < 340 < widths[1]


def test_what_is_written_in_a_figure_is_written_in_its_svg(monkeypatch):
    effects = published_effects().loc[["A01", "A04", "A16"]]
    for svg in images(shown(plot_published(effects), monkeypatch)["text/html"]):
        said = [text.text for text in ElementTree.fromstring(svg.decode()).iter(f"{SVG}text")]
        assert {"0.278", "0.275", "0.156"} <= set(said)


def test_a_figure_is_the_same_each_time(components, monkeypatch):
    assert shown(components, monkeypatch) == shown(components, monkeypatch)


def test_a_cloud_that_would_be_large_is_kept_as_pixels(monkeypatch):
    many = np.random.default_rng(1).normal(size=(4000, 2))
    cloud = Plot(lambda ax: ax.plot(*many.T, "."), (4, 3), "A cloud.", pd.DataFrame())
    forms = shown(cloud, monkeypatch)
    assert forms["text/html"].count("image/png;base64") == 2 and "svg+xml" not in forms["text/html"]
    assert LARGEST < 200_000


def test_a_picture_of_ones_own_has_words_too_and_is_closed(monkeypatch):
    import matplotlib.pyplot as plt

    plt.close("all")
    _, axes = plt.subplots()
    axes.plot([1, 2], color="black")
    forms = shown((axes, "A line that <rises>."), monkeypatch)
    assert 'alt="A line that &lt;rises&gt;."' in forms["text/html"]
    assert not plt.get_fignums()
    svg = images(forms["text/html"])[0].decode()
    assert ": #000000" not in svg and "fill:var(--ink)" in svg, "black is ink, and ink has a theme"
    assert "<text" in svg, "letters take the colour of the page"


def filled(plot: Plot) -> list[int]:
    """How many people are filled in, group by group, as drawn."""
    groups = plot.figure().axes[0].collections
    return [len(group.get_offsets()) for group in groups[::2]]


@pytest.mark.parametrize("above", ["nothing", "ticks", "the power of ten"])
def test_the_title_stands_clear_of_what_is_above_the_picture(monkeypatch, above):
    axes = pd.Series([1, 2] if above != "the power of ten" else [1e7, 2e7]).plot()
    if above == "ticks":
        axes.xaxis.tick_top()
    axes.set_title("It rises")
    shown((axes, "It rises."), monkeypatch)
    axes.figure.draw_without_rendering()
    [title] = [text for text in axes.findobj(Text) if text.get_text() == "It rises"]
    others = [*axes.get_xticklabels(), axes.yaxis.get_offset_text()]
    boxes = [text.get_window_extent() for text in others if text.get_text()]
    assert not any(title.get_window_extent().overlaps(box) for box in boxes)


def test_a_hundred_people_are_drawn_for_each_group_and_filled_by_the_number():
    plot = plot_people({"weak": 29.4, "strong": 15.5}, "leave early")
    assert filled(plot) == [29, 16] == plot.table["of_100"].tolist()
    assert all(
        len(a.get_offsets()) + len(b.get_offsets()) == 100
        for a, b in zip(*[iter(plot.figure().axes[0].collections)] * 2, strict=True)
    )
    assert plot.words == ("Of 100 people, filled in are those who leave early: weak 29, strong 16.")
    assert filled(plot_people(pd.Series({"none": 0, "all": 100}), "stay")) == [0, 100]


def test_those_who_are_filled_in_differ_by_more_than_colour():
    some, rest = plot_people({"all": 24}, "leave").figure().axes[0].collections
    assert some.get_facecolor()[0].tolist() != rest.get_facecolor()[0].tolist()
    paper = tuple(int(LIGHT["paper"][k : k + 2], 16) / 255 for k in (1, 3, 5))
    assert tuple(rest.get_facecolor()[0][:3]) == paper, "the others are outlines"


@pytest.mark.parametrize(
    "counts", ({}, {"a": 101}, {"a": -1}, {"a": float("nan")}, dict.fromkeys("abcde", 5))
)
def test_what_is_no_number_of_people_is_refused(counts):
    with pytest.raises(ValueError, match="give one to four numbers from 0 to 100"):
        plot_people(counts, "leave")


def test_what_is_seen_through_stays_so_in_the_courses_colours(monkeypatch):
    figure = Figure()
    axes = figure.subplots()
    both = [
        axes.bar([0], [1], color=(*to_rgb(f"C{k}"), alpha))[0] for k, alpha in ((0, 0.25), (1, 1))
    ]
    shown((axes, "Two bars."), monkeypatch)
    assert [bar.get_facecolor() for bar in both] == [
        pytest.approx(to_rgba(SERIES[k], alpha)) for k, alpha in ((0, 0.25), (1, 1))
    ]
