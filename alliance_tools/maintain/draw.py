"""Draw scenes, ideas, and Linden Street as a map of the course, as SVG files beside the lessons.

The lessons show the files and import nothing of this. Colours are those of the course's sheet, so
that a drawing is as light or dark as its page. Nobody has a face: the scene gives them one.
"""

import math
from itertools import product
from pathlib import Path
from typing import NamedTuple

from alliance_course.folders import course_folder, write_atomically
from alliance_course.show.style import LIGHT, themed

_SIZE = (640, 220)
_SKIN = ("#f2cfb3", "#d9a47b", "#b07a50", "#8a5a3b", "#5f3d2a")


class Person(NamedTuple):
    """How somebody looks: `skin` from light to dark, `worn` a colour that means nothing."""

    skin: int
    hair: str
    shade: str
    worn: str
    glasses: bool = False


PEOPLE = {
    "Amina": Person(3, "scarf", "#3f6f8f", "series-3"),
    "Arjun": Person(2, "short", "#4a3c36", "#7a8f5a"),
    "Daniel": Person(0, "beard", "#7a4a24", "series-1", True),
    "Elif": Person(1, "long", "#3a2a22", "series-2"),
    "Grace": Person(4, "curly", "#b9b9b9", "#a65e4e", True),
    "Joana": Person(2, "bun", "#4a3c36", "#4f8a8b"),
    "Kwame": Person(4, "short", "#9a9a9a", "series-3"),
    "Lucia": Person(1, "bun", "#8d8d8d", "#a65e4e"),
    "Mehmet": Person(1, "bald", "#4a3c36", "#4d648f"),
    "Nadia": Person(0, "long", "#a8642f", "#4d648f"),
    "Noor": Person(2, "long", "#46382f", "#4f8a8b"),
    "Ruth": Person(0, "curly", "#c9c4bb", "series-4", True),
    "Samuel": Person(3, "beard", "#453830", "#4d648f"),
    "a student": Person(1, "curly", "#5a3b28", "#7a8f5a"),
    "Tomas": Person(0, "short", "#b5894f", "#7a8f5a"),
}

_HAIR = {
    "short": '<path d="M44 56A23 23 0 0 1 86 40Q74 42 66 42Q54 46 52 62Z"/>',
    "long": '<path d="M43 50A24 24 0 0 1 86 40Q66 42 58 56Q60 80 54 98Q36 94 43 50Z"/>',
    "bun": '<path d="M44 56A23 23 0 0 1 86 40Q70 42 58 48Q52 52 50 62Z"/>'
    '<circle cx="42" cy="34" r="10"/>',
    "curly": "".join(
        f'<circle cx="{x}" cy="{y}" r="10"/>'
        for x, y in ((46, 58), (43, 46), (49, 35), (60, 29), (72, 29), (81, 36))
    ),
    "beard": '<path d="M44 56A23 23 0 0 1 86 40Q70 42 54 48Q52 54 50 62Z"/>'
    '<path d="M54 62Q60 66 70 64L87 62Q84 78 66 76Q56 74 54 62Z"/>',
    "bald": '<path d="M45 60Q42 50 48 44Q52 52 52 62Z"/>',
    "scarf": '<path d="M40 54A27 27 0 0 1 86 36Q72 36 66 44Q62 58 70 72Q78 78 76 90'
    'Q56 100 44 90Q38 76 40 54Z"/>',
}


def _fill(colour: str) -> str:
    return f'style="fill: {LIGHT.get(colour, colour)}"'


def _stroke(colour: str, width: float = 2.5) -> str:
    look = "stroke-linecap: round; stroke-linejoin: round"
    return f'style="fill: none; stroke: {LIGHT.get(colour, colour)}; stroke-width: {width}; {look}"'


def seated(person: Person, *, chair: bool = True) -> str:
    """Somebody in a chair who looks to the right, in a frame of 130 by 205."""
    skin = _SKIN[person.skin]
    parts = []
    if chair:
        parts += [
            f'<path d="M26 158V200M100 158V200" {_stroke("rule", 5)}/>',
            f'<rect x="14" y="72" width="18" height="90" rx="9" {_fill("rule")}/>',
            f'<rect x="14" y="142" width="96" height="20" rx="9" {_fill("rule")}/>',
        ]
    parts += [
        f'<rect x="104" y="132" width="20" height="64" rx="10" {_fill("soft")}/>',
        f'<rect x="40" y="124" width="84" height="24" rx="12" {_fill("soft")}/>',
        f'<path d="M104 200Q106 190 120 192Q136 194 136 200Z" {_fill("ink")}/>',
        f'<rect x="56" y="66" width="16" height="26" {_fill(skin)}/>',
        f'<path d="M54 86Q36 92 36 140H84Q88 100 76 86Z" {_fill(person.worn)}/>',
        f'<path d="M60 100L70 124L96 122" {_stroke("paper", 19)}/>',
        f'<path d="M60 100L70 124L96 122" {_stroke(person.worn, 15)}/>',
        f'<circle cx="103" cy="121" r="8" {_fill(skin)}/>',
        f'<circle cx="66" cy="52" r="22" {_fill(skin)}/>',
        f'<path d="M86 46Q94 54 93 58L86 60Z" {_fill(skin)}/>',
        f"<g {_fill(person.shade)}>{_HAIR[person.hair]}</g>",
    ]
    if person.glasses:
        parts.append(
            f'<path d="M60 50H76M76 50a6 6 0 1 1 12 0a6 6 0 1 1 -12 0" {_stroke("ink", 2)}/>'
        )
    return "".join(parts)


def _tram(stops: int) -> str:
    """A tram, and the line with its stops: one is agreed, a second was not."""
    line = f'<path d="M258 178H382" {_stroke("rule", 3)}/>'
    marks = "".join(
        f'<circle cx="{290 + 60 * k}" cy="178" r="7" '
        + (_fill("task") if k == 0 else _stroke("series-2", 3)) + "/>"
        for k in range(stops)
    )  # fmt: skip
    body = f'<rect x="262" y="92" width="116" height="58" rx="12" {_stroke("ink", 3)}/>'
    panes = "".join(
        f'<rect x="{272 + 34 * k}" y="102" width="26" height="22" rx="4" {_stroke("ink")}/>'
        for k in range(3)
    )
    wheels = "".join(f'<circle cx="{x}" cy="152" r="8" {_fill("ink")}/>' for x in (290, 350))
    return (
        line + marks + body + panes + wheels + f'<path d="M320 92V76M304 76H336" {_stroke("ink")}/>'
    )


_SHEETS = "".join(
    f'<g transform="rotate({4 * k - 12} 320 150)"><rect x="290" y="96" width="60" height="78" '
    f'{_fill("paper")}/><rect x="290" y="96" width="60" height="78" {_stroke("ink", 2)}/>'
    f'<path d="M300 112H340M300 126H340M300 140H332" {_stroke("rule", 2)}/></g>'
    for k in range(7)
)
_TABLE = f'<path d="M268 176H372M320 176V202M300 202H340" {_stroke("ink", 3)}/>'

# for each lesson: who sits left and right, what stands between them, and what that is
SCENES = {
    "00": ("a student", "Ruth", _TABLE
           + f'<rect x="286" y="112" width="68" height="50" rx="5" {_stroke("ink", 3)}/>'
           f'<path d="M296 150L310 138L322 144L344 122" {_stroke("series-2", 3)}/>'
           f'<path d="M276 170H364" {_stroke("ink", 3)}/>',
           "a small computer on a table, with a rising line on its screen"),
    "01": ("Tomas", "Amina", _tram(1),
           "a tram, and under it a line with one stop, the one they will test together"),
    "02": ("Lucia", "Elif",
           f'<rect x="268" y="92" width="104" height="96" rx="4" {_stroke("ink", 3)}/>'
           f'<path d="M268 140H372M310 116H330M310 164H330" {_stroke("ink", 3)}/>'
           f'<path d="M286 92V80H326V92M316 92V72H354V92" {_stroke("bond", 3)}/>',
           "a drawer that is shut, with letters showing at its edge"),
    "03": ("Kwame", "Daniel",
           f'<path d="M300 196V84" {_stroke("ink", 4)}/>'
           f'<circle cx="300" cy="76" r="20" {_stroke("goal", 4)}/>'
           f'<path d="M292 76H308M300 68V84" {_stroke("goal", 3)}/>'
           f'<path d="M336 168H366L362 194H340ZM366 174q12 2 0 14" {_stroke("ink", 3)}/>'
           f'<path d="M344 158q4 -6 0 -12M356 158q4 -6 0 -12" {_stroke("rule", 2)}/>',
           "the bus stop at the hospital, and a cup of tea"),
    "04": ("Nadia", "Ruth", _SHEETS, "seven sheets that were filled in, fanned out"),
    "05": ("Joana", "Daniel",
           f'<circle cx="320" cy="130" r="46" {_stroke("ink", 4)}/>'
           f'<path d="M320 130V164M320 130L313 155" {_stroke("series-2", 4)}/>'
           f'<path d="M320 90V96M320 164V170M280 130H286M354 130H360" {_stroke("rule", 3)}/>',
           "a clock at half past six, when the half hour for worries begins"),
    "07": ("Arjun", "Ruth",
           f'<path d="M286 120H330V158H286ZM330 132L362 112M286 126Q266 130 286 150" '
           f'{_stroke("ink", 3)}/><path d="M366 120V132M374 118V136M358 124V130" '
           f'{_stroke("series-1", 3)}/><path d="M262 196H312M332 196H388" {_stroke("rule", 4)}/>'
           f'<path d="M274 196V176M286 196V172M298 196V178" {_stroke("#7a8f5a", 4)}/>'
           f'<path d="M352 196Q350 184 344 182M368 196Q370 186 378 184" {_stroke("series-3", 4)}/>',
           "a watering can that waters the dry bed and not the green one"),
    "08": ("Tomas", "Amina", _tram(2),
           "a tram, and a line with two stops: one was agreed, the second was asked for"),
    "09": ("Amina", "Ruth", _TABLE
           + f'<rect x="298" y="84" width="44" height="54" {_stroke("ink", 2.5)}/>'
           f'<path d="M306 98H334M306 110H334M306 122H326" {_stroke("rule", 2)}/>'
           f'<path d="M276 152H292L290 172H278ZM348 152H364L362 172H350Z" {_stroke("ink", 2.5)}/>',
           "a table with two cups of tea and one form"),
    "10": ("Samuel", "Elif",
           f'<path d="M286 156A40 40 0 1 1 352 158" {_stroke("series-2", 4)}/>'
           f'<path d="M344 150L352 160L361 148" {_stroke("series-2", 4)}/>'
           f'<path d="M320 96V132M304 132H336M320 132V150" {_stroke("ink", 4)}/>'
           f'<path d="M302 92H338" {_stroke("ink", 6)}/>',
           "a gas tap, and round it the circle of checking and doubt"),
    "11": ("Noor", "Ruth",
           f'<path d="M268 190H296V164H324V138H352V112H380" {_stroke("task", 4)}/>'
           f'<path d="M276 104A20 20 0 0 1 316 104M262 104H330M296 74V66M274 82L268 76" '
           f'{_stroke("series-3", 3)}/>',
           "a rising sun, and small steps up from the morning"),
    "12": ("Tomas", "Amina",
           f'<path d="M262 196H292V180H322V164H352V148H384" {_stroke("rule", 4)}/>'
           f'<g transform="rotate(-28 320 110)"><rect x="276" y="84" width="88" height="50" rx="3" '
           f'{_stroke("ink", 4)}/><path d="M320 84V134M314 109H314.1M326 109H326.1" '
           f'{_stroke("ink", 4)}/></g>',
           "a wardrobe on its way up the stairs, which takes two"),
}  # fmt: skip


def _page(shapes: str, size: tuple[int, int] = _SIZE) -> str:
    wide, high = size
    return themed(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" '
        f'viewBox="0 0 {wide} {high}" font-family="system-ui, sans-serif"><defs></defs>'
        f'<rect width="{wide}" height="{high}" {_fill("paper")}/>{shapes}</svg>\n'
    )


def scene(number: str) -> str:
    """The two people of a lesson's scene as SVG."""
    if number == "06":
        return _page(_video())
    left, right, between, _ = SCENES[number]
    return _page(
        f'<g transform="translate(70 10)">{seated(PEOPLE[left])}</g>'
        f'<g transform="translate(570 10) scale(-1 1)">{seated(PEOPLE[right])}</g>{between}'
    )


def _video() -> str:
    """Two people at two screens: the clinic's stairs are hard on a hip."""
    screen = f'<rect x="196" y="108" width="66" height="50" rx="5" {_stroke("ink", 3)}/>'
    screen += f'<path d="M186 166H272" {_stroke("ink", 3)}/>'
    halves = [
        f'<g transform="translate(50 10)">{seated(PEOPLE[name])}</g>{screen}'
        for name in ("Grace", "Mehmet")
    ]
    line = f'<path d="M276 132Q320 108 364 132" stroke-dasharray="2 8" {_stroke("bond", 3)}/>'
    return f'{halves[0]}<g transform="translate(640 0) scale(-1 1)">{halves[1]}</g>{line}'


def alt_text(number: str) -> str:
    """What a scene's drawing shows, for whoever does not see it."""
    if number == "06":
        return "Grace and Mehmet sit in two rooms, each before a screen; a dotted line joins them."
    left, right, _, thing = SCENES[number]
    first = f"{left[0].upper()}{left[1:]}"
    return f"{first} and {right} sit facing each other. Between them {thing}."


_LETTERS = 20  # on a phone, where a drawing has little more than half its width, still 11 pixels
_STOPS = {
    "00": "how it works", "01": "alliance", "02": "bond", "03": "goals", "04": "tasks",
    "05": "measuring", "06": "outcome", "07": "technique", "08": "why", "09": "cause",
    "10": "which problem", "11": "choosing", "12": "your own",
}  # fmt: skip
_SIGNED = {"02": "bond", "03": "goal", "04": "task"}
MAP_ALT = (
    "Linden Street as a map: a street with thirteen houses, one for each lesson. Start, alliance, "
    "bond, goals, tasks; measuring, outcome, technique, why; cause, which problem, choosing, "
    "and your own."
)


def street_map() -> str:
    """The course as a street: a house for each lesson, bond, goals and tasks in their colours."""
    rows = [["00", "01", "02", "03", "04"], ["08", "07", "06", "05"], ["09", "10", "11", "12"]]
    places = {}
    for row, numbers in enumerate(rows):
        for column, number in enumerate(numbers):
            places[number] = (
                70 + (125 if row == 0 else 150) * column + 20 * (row > 0),
                50 + 95 * row,
            )
    road = "M70 50H570Q610 50 610 97Q610 145 540 145H90Q40 145 40 192Q40 240 90 240H560"
    parts = [f'<path d="{road}" {_stroke("hair", 22)}/>',
             f'<path d="{road}" stroke-dasharray="1 9" {_stroke("rule", 2)}/>']  # fmt: skip
    for number, (x, y) in places.items():
        colour = _SIGNED.get(number, "series-1")
        parts += [
            f'<path d="M{x - 17} {y + 14}V{y - 12}L{x} {y - 28}L{x + 17} {y - 12}V{y + 14}Z" '
            f"{_fill(colour)}/>",
            _text(x, y + 2, str(int(number)), colour="paper", bold=True),
            _text(x, y + 30, _STOPS[number]),
        ]
    return _page("".join(parts), (640, 290))


def _text(x: float, y: float, words: str, *, colour: str = "ink", bold: bool = False) -> str:
    """Words in the middle of a place; a line break starts a new line."""
    lines = words.split("\n")
    weight = ' font-weight="bold"' if bold else ""
    return "".join(
        f'<text x="{x}" y="{y + 7 + 22 * (k - (len(lines) - 1) / 2):.0f}" text-anchor="middle" '
        f'font-size="{_LETTERS}"{weight} {_fill(colour)}>{line}</text>'
        for k, line in enumerate(lines)
    )


def _box(x: float, y: float, words: str, wide: float = 110) -> str:
    high = 52 if "\n" in words else 42
    frame = f'<rect x="{x - wide / 2}" y="{y - high / 2}" width="{wide}" height="{high}" rx="8" '
    return f"{frame}{_fill('paper')}/>{frame}{_stroke('ink', 2)}/>{_text(x, y, words)}"


def _arrow(x1: float, y1: float, x2: float, y2: float, colour: str = "series-2") -> str:
    long = math.hypot(x2 - x1, y2 - y1)
    dx, dy = 9 * (x2 - x1) / long, 9 * (y2 - y1) / long
    back = (x2 - dx, y2 - dy)
    head = f"M{x2} {y2}L{back[0] - dy / 2:.1f} {back[1] + dx / 2:.1f}"
    head += f"L{back[0] + dy / 2:.1f} {back[1] - dx / 2:.1f}Z"
    line = f"M{x1} {y1}L{back[0]:.1f} {back[1]:.1f}"
    return f'<path d="{line}" {_stroke(colour, 3)}/><path d="{head}" {_fill(colour)}/>'


def _three_parts() -> str:
    """Client and therapist, and what lies between them: three things in their colours and signs."""
    parts = [_box(66, 110, "client"), _box(574, 110, "therapist")]
    said = {
        "bond": "bond: I can say it here",
        "goal": "goals: that is what we are after",
        "task": "tasks: I see why we do this",
    }
    signs = {
        "bond": '<circle cx="{x}" cy="{y}" r="9" {fill}/>',
        "goal": '<rect x="{left}" y="{top}" width="17" height="17" {fill}/>',
        "task": '<path d="M{x} {up}l11 11l-11 11l-11 -11Z" {fill}/>',
    }
    for y, (name, words) in zip((40, 110, 180), said.items(), strict=True):
        bend = (
            f"M120 {110 + (y - 110) / 5:.0f}Q200 {y} 320 {y}Q440 {y} 520 {110 + (y - 110) / 5:.0f}"
        )
        place = {"x": 320, "y": y, "left": 311.5, "top": y - 8.5, "up": y - 11}
        parts.append(f'<path d="{bend}" {_stroke(name, 3)}/>')
        parts.append(signs[name].format(**place, fill=_fill(name)) + _text(320, y + 25, words))
    return "".join(parts)


def _directions() -> str:
    """Two who pull in two directions go zigzag; two with one direction go straight."""
    parts = []
    for left, words in ((20, "two directions"), (350, "one direction")):
        parts.append(_text(left + 120, 18, words, bold=True))
    parts += [
        _arrow(110, 140, 30, 60), _arrow(150, 140, 230, 60),
        f'<path d="M130 200L116 182L142 166L122 150L134 138" {_stroke("goal", 4)}/>',
        _text(46, 46, "your aim"), _text(222, 46, "my aim"),
        f'<path d="M470 200L474 182L466 166L472 150L470 138" {_stroke("goal", 4)}/>',
        _arrow(460, 138, 466, 66), _arrow(480, 138, 474, 66),
        _text(470, 46, "an aim both could name"),
        _text(214, 182, "uneven weeks"), _text(558, 182, "steadier weeks"),
    ]  # fmt: skip
    return "".join(parts)


def _paths() -> str:
    """From alliance to change by four paths, each of which can be asked about."""
    parts = [_box(70, 115, "alliance"), _box(570, 115, "change")]
    ways = ("less guarding", "more honesty", "more engagement", "repair")
    for y, way in zip((30, 87, 143, 200), ways, strict=True):
        parts += [_arrow(125, 115, 220, y), _arrow(420, y, 514, 115), _box(320, y, way, 200)]
    return "".join(parts)


def _five_ways() -> str:
    """One correlation of alliance and outcome, and five ways in which it can come about."""
    names = ("as\nclaimed", "backwards", "a third\nthing", "one pen", "missing")
    parts = []
    for k, name in enumerate(names):
        x = 64 + 128 * k
        parts.append(_text(x, 22, name, bold=True))
        if k < 3:
            parts += [_box(x, 160, "alliance", 98), _box(x, 250, "outcome", 98)]
        if k == 0:
            parts.append(_arrow(x, 182, x, 228))
        elif k == 1:
            parts.append(_arrow(x, 228, x, 182))
        elif k == 2:
            parts += [_box(x, 80, "ready to\nchange", 98), *_both(x)]
        elif k == 3:
            parts += [_box(x, 80, "a rosy\nview", 98), _box(x, 160, "one form", 98),
                      _box(x, 250, "other\nform", 98), *_both(x)]  # fmt: skip
        else:
            for row, column in product(range(6), range(6)):
                place = f'cx="{x - 40 + 16 * column}" cy="{230 - 22 * row - 2 * column}" r="5"'
                gone = row + column < 4
                parts.append(f"<circle {place} {_stroke('rule', 1.5) if gone else _fill('ink')}/>")
            parts.append(_text(x, 262, "they left\nearly"))
    return "".join(parts)


def _compared() -> str:
    """One treatment, looked at beside three things: the less is left in them, the more it shows."""
    beside = (("without a part", 50), ("support alone", 120), ("a waiting list", 230))
    parts = [_text(172, 18, "the same treatment, against", bold=True)]
    for y, (name, wide) in zip((62, 122, 182), beside, strict=True):
        parts += [
            _box(105, y, name, 190),
            f'<path d="M214 {y}H{214 + wide}" {_stroke("series-1", 14)}/>',
        ]
    return "".join([*parts, _text(350, 62, "looks small"), _text(530, 182, "looks large")])


def _corners() -> str:
    """What one would expect of a method and of an alliance, in four corners."""
    parts = [
        _text(300, 20, "weak alliance", bold=True),
        _text(510, 20, "strong alliance", bold=True),
    ]
    expected = (("no specific method", ("little", "some")), ("specific method", ("some", "most")))
    size = {"little": 14, "some": 28, "most": 44}
    for y, (method, corners) in zip((75, 175), expected, strict=True):
        parts.append(_text(116, y, method, bold=True))
        for x, word in zip((290, 500), corners, strict=True):
            parts += [f'<circle cx="{x}" cy="{y}" r="{size[word]}" {_fill("rule")}/>',
                      _text(x + 80, y, word)]  # fmt: skip
    return "".join(parts)


def _both(x: float) -> list[str]:
    """From what stands on top to the two below it."""
    bend = f"M{x + 40} 106Q{x + 86} 170 {x + 64} 238"
    return [_arrow(x - 20, 106, x - 20, 138), f'<path d="{bend}" {_stroke("series-2", 3)}/>',
            _arrow(x + 65, 236, x + 50, 250)]  # fmt: skip


# what a lesson's idea looks like: what is drawn, how high, and what that is in words
IDEAS = {
    "01": (_three_parts, 220,
           "Client and therapist, joined by three lines. Bond: I can say it here. Goals: "
           "that is what we are after. Tasks: I see why we do this."),
    "03": (_directions, 220,
           "Two directions: your aim and my aim lie apart, and uneven weeks lead up to "
           "them. One direction: an aim both could name, and steadier weeks."),
    "07": (_compared, 215,
           "The same treatment, against three things. Without a part: looks "
           "small. Support alone. A waiting list: looks large."),
    "08": (_paths, 230,
           "From alliance to change by four paths: less guarding, more honesty, more "
           "engagement, repair."),
    "09": (_five_ways, 290,
           "Five ways to one link of alliance and outcome. As claimed: from alliance to "
           "outcome. Backwards: from outcome to alliance. A third thing: being ready to "
           "change leads to both. One pen: a rosy view colours one form and the other "
           "form. Missing: they left early."),
    "10": (_corners, 225,
           "Four corners. No specific method: little in a weak alliance, some in a strong "
           "alliance. Specific method: some in a weak alliance, most in a strong alliance."),
}  # fmt: skip


def drawings() -> dict[str, str]:
    """All drawings by the name of their file."""
    numbers = sorted({*SCENES, "06"})
    ideas = {f"idea-{n}.svg": _page(draw(), (640, high)) for n, (draw, high, _) in IDEAS.items()}
    scenes = {f"scene-{n}.svg": scene(n) for n in numbers}
    return {"linden-street.svg": street_map(), **scenes, **ideas}


def write_drawings() -> list[Path]:
    """Write the drawings beside the lessons; returns their paths."""
    folder = course_folder("notebooks") / "pictures"
    folder.mkdir(exist_ok=True)
    paths = []
    for name, svg in drawings().items():
        write_atomically(folder / name, svg.encode())
        paths.append(folder / name)
    return paths


if __name__ == "__main__":
    write_drawings()
