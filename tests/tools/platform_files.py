"""Readers for the files that are exported: written from what the platforms read, not from how the
course writes, so that a round trip says something."""

import io
import json
import os
import re
import subprocess
import zipfile
from collections import defaultdict
from html import escape
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

PARSE_GIFT = """
const {parse} = require("gift-pegjs"), fs = require("fs");
process.stdout.write(JSON.stringify(parse(fs.readFileSync(process.argv[1], "utf8"))));
"""


class Read(NamedTuple):
    """An item as a platform would know it; `options` are (text, share of the points, feedback)."""

    id: str
    kind: str
    category: str
    text: str
    points: float
    options: list[tuple[str, float, str]]
    numbers: list[tuple[float, float, float, str]]
    shuffle: bool


def _without_namespaces(data: bytes) -> ElementTree.Element:
    root = ElementTree.fromstring(data)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def _html(element: ElementTree.Element) -> str:
    inner = escape(element.text or "", quote=False) + "".join(
        ElementTree.tostring(child, encoding="unicode") for child in element
    )
    return flat(inner)


def flat(text: str) -> str:
    """Without the white space that formats do not keep."""
    return re.sub(r"\s+", " ", re.sub(r"\s*(</?(?:p|blockquote)>)\s*", r"\1", text)).strip()


def read_moodle(data: bytes) -> dict[str, Read]:
    found, category = {}, ""
    for question in ElementTree.fromstring(data):
        if question.get("type") == "category":
            category = question.findtext("category/text", "")
            continue
        said = {
            "multichoice": "choice" if question.findtext("single") == "true" else "choices",
            "numerical": "number",
        }
        kind = said[question.get("type", "")]
        options, numbers = [], []
        for answer in question.findall("answer"):
            share = float(answer.get("fraction", "nan")) / 100
            text, feedback = answer.findtext("text", ""), answer.findtext("feedback/text", "")
            if kind != "number":
                options.append((flat(text), share, flat(feedback)))
            elif text != "*":
                tolerance = float(answer.findtext("tolerance", "nan"))
                numbers.append((float(text), tolerance, share, flat(feedback)))
        key = question.findtext("idnumber", "")
        found[key] = Read(
            key, kind, category, flat(question.findtext("questiontext/text", "")),
            float(question.findtext("defaultgrade", "nan")), options, numbers,
            question.findtext("shuffleanswers") == "true",
        )  # fmt: skip
    return found


def read_gift(path: Path, modules: str) -> dict[str, Read]:
    """With gift-pegjs, a parser that others have written."""
    environment = {**os.environ, "NODE_PATH": modules}
    done = subprocess.run(
        ["node", "-e", PARSE_GIFT, str(path)], env=environment, capture_output=True, check=True
    )
    found, category = {}, ""
    for question in json.loads(done.stdout):
        if question["type"] == "Category":
            category = question["title"]
            continue
        number = question["type"] == "Numerical"
        options, numbers = [], []
        for choice in question["choices"]:
            feedback = flat((choice["feedback"] or {}).get("text", ""))
            weight = choice["weight"]
            share = weight / 100 if weight is not None else float(choice["isCorrect"])
            if not number:
                options.append((flat(choice["text"]["text"]), share, feedback))
            elif choice["text"].get("type") == "range":
                value, spread = choice["text"]["number"], choice["text"]["range"]
                numbers.append((value, spread, share, feedback))
        many = any(choice["weight"] for choice in question["choices"])
        kind = "number" if number else "choices" if many else "choice"
        found[question["title"]] = Read(
            question["title"], kind, category, flat(question["stem"]["text"]), 0, options, numbers,
            True,
        )  # fmt: skip
    return found


def _fields(element: ElementTree.Element) -> dict[str, str]:
    return {
        field.findtext("fieldlabel", ""): field.findtext("fieldentry", "")
        for field in element.iter("qtimetadatafield")
    }


def read_canvas(data: bytes) -> dict[str, Read]:
    """As Canvas's importer reads: every range of numbers that a condition names counts as right."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    manifest = _without_namespaces(archive.read("imsmanifest.xml"))
    named = {file.get("href") for file in manifest.iter("file")}
    assert named | {"imsmanifest.xml"} == set(archive.namelist())
    found = {}
    for resource in manifest.iter("resource"):
        if resource.get("type") != "imsqti_xmlv1p2":
            continue
        root = _without_namespaces(archive.read(resource.find("file").get("href")))
        title = root.find("assessment").get("title")
        for item in root.iter("item"):
            read = _canvas_item(item, title)
            found[read.id] = read
    return found


def _canvas_item(item: ElementTree.Element, category: str) -> Read:
    fields = _fields(item)
    kinds = {
        "multiple_choice_question": "choice",
        "multiple_answers_question": "choices",
        "numerical_question": "number",
    }
    kind = kinds[fields["question_type"]]
    said = {
        feedback.get("ident"): flat(feedback.findtext(".//mattext", ""))
        for feedback in item.iter("itemfeedback")
    }
    shown, right, numbers = {}, set(), []
    for condition in item.iter("respcondition"):
        feedback = condition.find("displayfeedback")
        inside = condition.find("conditionvar")
        scored = condition.findtext("setvar") == "100"
        if kind == "number":
            if between := inside.find(".//and"):
                low, high = (float(between.findtext(n)) for n in ("vargte", "varlte"))
                exact = float(inside.findtext(".//varequal"))
                words = said[feedback.get("linkrefid")]
                numbers.append((exact, (high - low) / 2, 1.0, words))
        elif scored:
            right = {e.text for e in inside.findall("varequal")}
            right |= {e.text for e in inside.findall("and/varequal")}
            if kind == "choices":
                wrong = {e.text for e in inside.findall("and/not/varequal")}
                assert not wrong & right
        else:
            shown[inside.findtext("varequal")] = said[feedback.get("linkrefid")]
    labels = item.findall(".//render_choice/response_label")
    options = [
        (
            flat(label.findtext(".//mattext", "")),
            float(label.get("ident") in right),
            shown[label.get("ident")],
        )
        for label in labels
    ]
    idents = [label.get("ident") for label in labels]
    assert len(set(idents)) == len(idents) and all(ident.isdecimal() for ident in idents)
    assert fields["original_answer_ids"] == ",".join(idents)
    choice = item.find(".//render_choice")
    return Read(
        item.get("title"), kind, category, flat(item.findtext("presentation/material/mattext", "")),
        float(fields["points_possible"]), options, numbers,
        choice is not None and choice.get("shuffle") == "Yes",
    )  # fmt: skip


def read_qti3(data: bytes) -> dict[str, Read]:
    archive = zipfile.ZipFile(io.BytesIO(data))
    manifest = _without_namespaces(archive.read("imsmanifest.xml"))
    named = {file.get("href") for file in manifest.iter("file")}
    assert named | {"imsmanifest.xml"} == set(archive.namelist())
    categories = defaultdict(str)
    for name in (n for n in named if n.startswith("tests/")):
        test = _without_namespaces(archive.read(name))
        for reference in test.iter("qti-assessment-item-ref"):
            categories[reference.get("href").removeprefix("../")] = test.get("title")
    return {
        read.id: read
        for name in named
        if name.startswith("items/")
        for read in [_qti3_item(_without_namespaces(archive.read(name)), categories[name])]
    }


def _qti3_item(item: ElementTree.Element, category: str) -> Read:
    declared = item.find("qti-response-declaration")
    right = {value.text for value in declared.findall("qti-correct-response/qti-value")}
    said = {
        feedback.get("identifier"): _html(feedback.find("qti-content-body/p"))
        for feedback in item.findall("qti-modal-feedback")
    }
    score = item.find("qti-outcome-declaration[@identifier='SCORE']")
    points = float(score.get("normal-maximum"))
    body = item.find("qti-item-body")
    choice = body.find("qti-choice-interaction")
    options, numbers = [], []
    if choice is not None:
        kind = "choice" if declared.get("cardinality") == "single" else "choices"
        assert choice.get("max-choices") == ("1" if kind == "choice" else "0")
        options = [
            (_html(o), float(o.get("identifier") in right), said[o.get("identifier")])
            for o in choice.findall("qti-simple-choice")
        ]
        body.remove(choice)
    else:
        kind = "number"
        body.remove(next(p for p in body if p.find("qti-text-entry-interaction") is not None))
        for branch in item.find("qti-response-processing/qti-response-condition"):
            same = branch.find("qti-equal")
            if same is None:
                continue
            low, high = map(float, same.get("tolerance").split())
            assert low == high
            outcome = {
                o.get("identifier"): o.findtext("qti-base-value")
                for o in branch.findall("qti-set-outcome-value")
            }
            value = float(same.findtext("qti-base-value"))
            share = float(outcome["SCORE"]) / points
            numbers.append((value, low, share, said[outcome["FEEDBACK"]]))
    shuffle = choice is not None and choice.get("shuffle") == "true"
    return Read(item.get("title"), kind, category, _html(body), points, options, numbers, shuffle)
