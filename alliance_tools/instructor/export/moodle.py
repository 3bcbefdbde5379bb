"""Moodle: its own XML, and GIFT."""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from alliance_tools.instructor.export.items import Item, by_category, number_text


def _share(item: Item) -> str:
    """The fraction of one right option. Moodle takes these fractions and no others."""
    rights = sum(option.right for option in item.options)
    return {1: "100", 2: "50", 3: "33.33333", 4: "25", 5: "20"}[rights]


def _text(parent: Element, name: str, html: str, **attributes: str) -> Element:
    made = SubElement(parent, name, attributes | {"format": "html"})
    SubElement(made, "text").text = html
    return made


def _plain(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def moodle_files(items: list[Item]) -> dict[str, bytes]:
    """Everything as one Moodle XML file, with a category for each lesson."""
    quiz = Element("quiz")
    for category, group in by_category(items).items():
        made = SubElement(quiz, "question", type="category")
        path = "/".join(part.replace("/", "//") for part in category)
        SubElement(SubElement(made, "category"), "text").text = f"$course$/top/{path}"
        for item in group:
            _question(quiz, item)
    indent(quiz, " ")
    body = tostring(quiz, encoding="unicode")
    return {
        "alliance-course-moodle.xml": f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'.encode()
    }


def _question(quiz: Element, item: Item) -> None:
    number = item.kind == "number"
    made = SubElement(quiz, "question", type="numerical" if number else "multichoice")
    SubElement(SubElement(made, "name"), "text").text = item.id
    _text(made, "questiontext", item.html)
    _text(made, "generalfeedback", "")
    _plain(made, "defaultgrade", number_text(item.points))
    _plain(made, "penalty", "0.3333333")
    _plain(made, "hidden", "0")
    _plain(made, "idnumber", item.id)
    if number:
        _numbers(made, item)
    else:
        _options(made, item)
    tags = SubElement(made, "tags")
    for tag in item.tags:
        SubElement(SubElement(tags, "tag"), "text").text = tag


def _options(made: Element, item: Item) -> None:
    single = item.kind == "choice"
    _plain(made, "single", str(single).lower())
    _plain(made, "shuffleanswers", str(item.shuffle).lower())
    _plain(made, "answernumbering", "abc")
    share = _share(item)
    for option in item.options:
        # where several fit, ticking everything must not pay
        wrong = "0" if single else f"-{share}"
        answer = _text(made, "answer", option.html, fraction=share if option.right else wrong)
        _text(answer, "feedback", option.feedback)


def _numbers(made: Element, item: Item) -> None:
    # Moodle takes the first that fits, as the course does: right, a known slip, close
    rows = [("100", item.expected, item.tolerance, item.right)]
    rows += [("0", slip.value, item.tolerance, slip.feedback) for slip in item.slips]
    rows.append(("50", item.expected, item.near, "Close. Did you round on the way?"))
    for fraction, value, tolerance, feedback in rows:
        answer = SubElement(made, "answer", fraction=fraction, format="moodle_auto_format")
        SubElement(answer, "text").text = number_text(value)
        _text(answer, "feedback", feedback)
        _plain(answer, "tolerance", number_text(tolerance))
    answer = SubElement(made, "answer", fraction="0", format="moodle_auto_format")
    SubElement(answer, "text").text = "*"
    _text(answer, "feedback", item.wrong)
    _plain(answer, "tolerance", "0")


def _gift(html: str) -> str:
    """Text with GIFT's own signs made harmless, on one line."""
    return re.sub(r"([~=#{}:\\])", r"\\\1", " ".join(html.split()))


def gift_files(items: list[Item]) -> dict[str, bytes]:
    """Everything as one GIFT file, with a category for each lesson."""
    lines = ["// Alliance Course. All clients are simulated.", ""]
    for category, group in by_category(items).items():
        path = "/".join(part.replace("/", "//") for part in category)
        lines += [f"$CATEGORY: $course$/top/{path}", ""]
        for item in group:
            lines += [*_gift_item(item), ""]
    return {"alliance-course-gift.txt": "\n".join(lines).encode()}


def _gift_item(item: Item) -> list[str]:
    tags = " ".join(f"[tag:{tag}]" for tag in item.tags)
    head = f"::{_gift(item.id)}::[html]{_gift(item.html)}"
    lines = [f"// [id:{item.id}] {tags}"]
    if item.kind == "number":
        lines.append(f"{head}{{#")
        rows = [("", item.expected, item.tolerance, item.right)]
        rows += [("%0%", slip.value, item.tolerance, slip.feedback) for slip in item.slips]
        rows.append(("%50%", item.expected, item.near, "Close. Did you round on the way?"))
        lines += [
            f" ={share}{number_text(value)}:{number_text(tolerance)}#{_gift(feedback)}"
            for share, value, tolerance, feedback in rows
        ]
        return [*lines, f" ~#{_gift(item.wrong)}", "}"]
    lines.append(f"{head}{{")
    share = _share(item)
    for option in item.options:
        sign = "=" if option.right else "~"
        if item.kind == "choices":
            sign = f"~%{share if option.right else f'-{share}'}%"
        lines.append(f" {sign}{_gift(option.html)}#{_gift(option.feedback)}")
    return [*lines, "}"]
