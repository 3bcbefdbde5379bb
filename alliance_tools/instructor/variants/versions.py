"""Which version of a practice task a class has, decided by the class's number alone."""

import copy
import random
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from alliance_course.questions.bank import add_question, question, written_tasks
from alliance_course.questions.judge import Result, judge, values
from alliance_tools.maintain.practice import tasks

_ORDINALS = dict(
    enumerate(
        "second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(),
        start=2,
    )
)
_SHARES = {"right": 1.0, "near miss": 0.5}
# what letters copied from the published solutions may get, of all points that a program gives
_MOST_COPIED = 0.2
# options that name others' letters, or all of the others, must stay where they are
_FIXED = re.compile(r"\b(?:all|none|both) of (?:these|the above|them)\b|\b[a-e]\) and\b", re.I)


class Version(NamedTuple):
    """A task as a class has it: its question, what replaces the scene, and words to swap.

    `public` says that it is the published item, with its options in another order at most.
    """

    entry: dict[str, Any]
    scene: str
    words: dict[str, str]
    public: bool


@cache
def _numbers() -> dict[str, list[dict[str, Any]]]:
    path = Path(__file__).with_name("numbers.toml")
    return {
        task["id"]: task["version"]
        for task in tomllib.loads(path.read_text(encoding="utf-8"))["task"]
    }


def _read_choices(path: Path) -> list[dict[str, Any]]:
    found = tomllib.loads(path.read_text(encoding="utf-8")).get("question", [])
    for entry in found:
        public = question(str(entry.get("id")))
        rights = sum(bool(option.get("right")) for option in entry.get("option", []))
        if "option" not in public or not rights or (public["kind"] == "choice" and rights != 1):
            raise ValueError(
                f"{path.name}: {entry['id']} must be a choice task with as many right options as "
                "its kind wants"
            )
    return found


@cache
def _choices(items: Path | None) -> dict[str, list[dict[str, Any]]]:
    """The new items by task: the course's own, or an instructor's in their place."""
    own = sorted(items.glob("*.toml")) if items else []
    entries = [entry for path in own for entry in _read_choices(path)]
    theirs = {entry["id"] for entry in entries}
    ours = _read_choices(Path(__file__).with_name("choices.toml"))
    entries += [entry for entry in ours if entry["id"] not in theirs]
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        found.setdefault(entry["id"], []).append(entry)
    return found


def class_task(task: str, number: int | None, items: Path | None = None) -> Version:
    """A task of the practice as the class with this number has it.

    Parameters
    ----------
    task : str
        Its id, such as "L01.T1".
    number : int or None
        The number of the class; None for the public practice.
    items : path, optional
        A folder of an instructor's own items, which stand in place of the course's.

    Returns
    -------
    Version
        The same for the same number, on every computer.
    """
    if number is None:
        return Version(question(task), "", {}, True)
    return _class_task(task, number, items)


@cache
def _class_task(task: str, number: int, items: Path | None) -> Version:
    # seeding with a text gives the same order in every Python
    rng = random.Random(f"{number} {task}")
    public = question(task)
    if "option" in public:
        new = _choices(items).get(task, [])
        chosen = copy.deepcopy(rng.choice(new) if new else public)
        entry = {**public, "hints": [], **chosen} if new else chosen
        entry["option"] = _turned(entry["option"], rng)
        version = Version(entry, chosen.get("scene", ""), {}, not new)
    else:
        version = _number_version(task, public, number, rng)
    version.entry["id"] = f"{task} of class {number}"
    add_question(version.entry)
    return version


def stays_in_order(options: list[dict[str, Any]]) -> bool:
    """Whether options speak of each other, so that another order would make them wrong."""
    return any(_FIXED.search(option["text"]) for option in options)


def _turned(options: list[dict[str, Any]], rng: random.Random) -> list[dict[str, Any]]:
    """The options in another order, with letters in order."""
    turned = list(options)
    if not stays_in_order(options):
        rng.shuffle(turned)
    return [{**option, "key": key} for option, key in zip(turned, "abcdefgh", strict=False)]


def _number_version(task: str, public: dict[str, Any], number: int, rng: random.Random) -> Version:
    """The first version, in an order of chance, in which no slip gives the right number."""
    every = list(enumerate(_numbers().get(task, [{}])))
    rng.shuffle(every)
    made = []
    for place, version in every:
        words = _words(version)
        entry = _swapped(public, words)
        entry |= {k: v for k, v in version.items() if k not in ("session", "swap")}
        entry["id"] = f"{task} version {place}"
        add_question(entry)
        made.append(Version(entry, "", words, not version))
        if not _given_away(task, entry, number):
            return made[-1]
    return made[0]


def _words(version: Mapping[str, Any]) -> dict[str, str]:
    words = dict(version.get("swap", {}))
    if "session" in version:
        old, new = version["session"]
        words |= {
            f"session {old}": f"session {new}",
            f"session_{old}": f"session_{new}",
            f"session={old}": f"session={new}",
            f'["session"] == {old}': f'["session"] == {new}',
        }
        if old in _ORDINALS:  # names of variables; "first" is too usual a word
            words[_ORDINALS[old]] = _ORDINALS.get(new, "first_rows")
    return words


def swap_words(text: str, words: Mapping[str, str]) -> str:
    """Replace all words at once, so that two may change places; parts of numbers stay."""
    if not words:
        return text
    longest = sorted(words, key=len, reverse=True)
    pattern = "|".join(
        (r"(?<!\w)" if word[0].isalnum() else "")
        + re.escape(word)
        + (r"(?![\w]|\.\d)" if word[-1].isalnum() else "")
        for word in longest
    )
    return re.sub(pattern, lambda found: words[found[0]], text)


def _swapped(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return swap_words(value, words)
    if isinstance(value, list):
        return [_swapped(part, words) for part in value]
    if isinstance(value, dict):
        return {swap_words(key, words): _swapped(part, words) for key, part in value.items()}
    return value


def _given_away(task: str, entry: dict[str, Any], number: int) -> list[str]:
    """The slips, and the public solution's way, that would get points in this class."""
    found = values(entry["id"], number)
    ways = {m["name"]: found[f"mistake {m['name']}"] for m in entry.get("mistake", [])}
    lucky = [
        name for name, way in ways.items() if judge(entry, way, seed=number)[0].state == "right"
    ]
    public = {
        "the public solution's lines": values(task, number)["expected"],
        "the public solution's number": values(task)["expected"],
    }
    return lucky + [
        name for name, way in public.items() if judge(entry, way, seed=number)[0].state in _SHARES
    ]


def given_away(lessons: list[str], number: int, items: Path | None = None) -> dict[str, list[str]]:
    """Number tasks of these lessons that a known slip, or the public solution, gets points for."""
    found = {}
    for lesson in lessons:
        for task in tasks(lesson):
            if task not in written_tasks() and question(task)["kind"] == "number":
                if lucky := _given_away(task, class_task(task, number, items).entry, number):
                    found[task] = lucky
    return found


def letters_earn(lessons: list[str], number: int, items: Path | None = None) -> float:
    """The share of these lessons' points that the published letters get in this class, by chance.

    Numbers count among all points: `given_away` says what is published of them.
    """
    earned = most = 0.0
    for task in (task for lesson in lessons for task in tasks(lesson)):
        if task in written_tasks():
            continue
        entry = class_task(task, number, items).entry
        most += float(entry["points"])
        if "option" in entry:
            rights = [o["key"] for o in question(task)["option"] if o.get("right")]
            given = rights if entry["kind"] == "choices" else rights[0]
            earned += points_for(entry, given, number)[0]
    return earned / most


def choose_number(lessons: list[str], start: int, items: Path | None = None) -> int:
    """The first class number from `start` on for which nothing is given away.

    Nor do the published letters get more than a fifth of the points in such a class.

    Raises
    ------
    ValueError
        If two hundred numbers in a row give something away.
    """
    for number in range(start, start + 200):
        # the letters first: they need no clinic
        if letters_earn(lessons, number, items) <= _MOST_COPIED:
            if not given_away(lessons, number, items):
                return number
    raise ValueError(f"no number from {start} to {start + 199} will do: set fewer lessons at once")


def points_for(entry: Mapping[str, Any], answer: Any, number: int | None) -> tuple[float, Result]:
    """The points for an answer, judged here and not where it was given; records nothing."""
    result, _ = judge(entry, answer, seed=number)
    return _SHARES.get(result.state, 0.0) * float(entry["points"]), result
