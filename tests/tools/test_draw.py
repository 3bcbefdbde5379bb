"""The drawings of the scenes: who is in them, what is said of them, and whose the files are."""

import re
from xml.etree import ElementTree

import pytest

from alliance_course.folders import course_folder
from alliance_course.show.style import LIGHT
from alliance_tools.maintain.draw import IDEAS, MAP_ALT, PEOPLE, SCENES, alt_text, drawings
from alliance_tools.maintain.notebooks import lessons

FILES = drawings()


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_what_the_code_draws(name):
    path = course_folder("notebooks") / "pictures" / name
    assert path.read_text(encoding="utf-8") == FILES[name], "python -m alliance_tools.maintain.draw"
    assert path.stat().st_size < 8_000
    ElementTree.fromstring(FILES[name])
    assert "prefers-color-scheme:dark" in FILES[name]


def test_no_file_is_left_over():
    found = {path.name for path in (course_folder("notebooks") / "pictures").iterdir()}
    assert found == set(FILES)


@pytest.mark.parametrize("number", lessons())
def test_a_scene_shows_those_who_speak_and_says_so(number):
    cell = next(c.source for c in lessons()[number].cells if c.source.startswith("## A scene"))
    assert f"![{alt_text(number)}](pictures/scene-{number}.svg)" in cell
    speak = set(re.findall(r"^> \*\*(\w+):\*\*", cell, flags=re.MULTILINE))
    drawn = {"Grace", "Mehmet"} if number == "06" else set(SCENES[number][:2])
    assert {"Student" if who == "a student" else who for who in drawn} == speak


@pytest.mark.parametrize("number", IDEAS)
def test_an_idea_is_drawn_where_it_is_explained(number):
    cell = next(c.source for c in lessons()[number].cells if c.source.startswith("## The idea"))
    assert f"![{IDEAS[number][2]}](pictures/idea-{number}.svg)" in cell
    drawn = ElementTree.fromstring(FILES[f"idea-{number}.svg"])
    said = {e.text for e in drawn.iter("{http://www.w3.org/2000/svg}text")}
    assert len(said) >= 5
    # nothing is written in the picture that its words keep back
    heard = IDEAS[number][2].lower()
    assert not {words for words in said if words.lower() not in heard}


def test_the_map_has_a_house_for_each_lesson():
    words = [e.text for e in ElementTree.fromstring(FILES["linden-street.svg"]).iter() if e.text]
    assert [word for word in words if word.isdigit()] == [
        "0", "1", "2", "3", "4", "8", "7", "6", "5", "9", "10", "11", "12",
    ]  # fmt: skip
    assert {int(number) for number in lessons()} == set(range(13))
    assert f"![{MAP_ALT}](pictures/linden-street.svg)" in lessons()["00"].prose


def test_people_look_different_and_wear_no_colour_that_means_something():
    looks = [person[:4] for person in PEOPLE.values()]
    assert len(set(looks)) == len(looks)
    worn = {person.worn for person in PEOPLE.values()}
    assert not worn & {"bond", "goal", "task"}
    assert not worn & {LIGHT[name] for name in ("bond", "goal", "task")}
    clients = {SCENES[n][0] for n in SCENES} - {"a student", "Amina"}
    assert len({PEOPLE[name].skin for name in clients}) == 5, "of every kind"
