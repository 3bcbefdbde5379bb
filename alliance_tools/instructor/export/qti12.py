"""QTI 1.2 in the form that Canvas takes: a zip with one quiz for each category.

Canvas counts every number range that a file names as right, so that usual wrong numbers cannot have
feedback of their own there: they stand together in the feedback to what is not right.
"""

import io
import zipfile
import zlib
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from alliance_tools.instructor.export.items import Item, by_category, number_text

_QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_CANVAS = "http://canvas.instructure.com/xsd/cccv1p0"
_PACKAGE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
_TIME = (2026, 1, 1, 0, 0, 0)  # of all files in the zip, so that the same questions give the same


def document(root: Element) -> bytes:
    """An XML document as bytes."""
    indent(root, " ")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="utf-8") + b"\n"


def packed(files: dict[str, bytes]) -> bytes:
    """Files as a zip that depends on nothing but them."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _TIME), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _number_of(text: str) -> str:
    """A number for an option: Canvas keeps whole numbers as ids of answers."""
    return str(zlib.crc32(text.encode()) % 90_000 + 10_000)


def _field(parent: Element, label: str, entry: str) -> None:
    made = SubElement(parent, "qtimetadatafield")
    SubElement(made, "fieldlabel").text = label
    SubElement(made, "fieldentry").text = entry


def _material(parent: Element, html: str) -> None:
    text = SubElement(SubElement(parent, "material"), "mattext", texttype="text/html")
    text.text = html


def qti12_files(items: list[Item]) -> dict[str, bytes]:
    """All categories as quizzes in one zip."""
    files: dict[str, bytes] = {}
    quizzes = []
    for category, group in by_category(items).items():
        title = ": ".join(category[1:])
        ident = f"alliance_{zlib.crc32('/'.join(category).encode()):08x}"
        quizzes.append(ident)
        files[f"{ident}/{ident}.xml"] = document(_assessment(ident, title, group))
        files[f"{ident}/assessment_meta.xml"] = document(_meta(ident, title, group))
    return {"alliance-course-qti.zip": packed({"imsmanifest.xml": _manifest(quizzes), **files})}


def _assessment(ident: str, title: str, group: list[Item]) -> Element:
    root = Element(
        "questestinterop",
        {
            "xmlns": _QTI,
            "xmlns:xsi": _XSI,
            "xsi:schemaLocation": f"{_QTI} http://www.imsglobal.org/xsd/ims_qtiasiv1p2p1.xsd",
        },
    )
    made = SubElement(root, "assessment", ident=ident, title=title)
    _field(SubElement(made, "qtimetadata"), "cc_maxattempts", "unlimited")
    section = SubElement(made, "section", ident="root_section")
    for item in group:
        _item(section, item)
    return root


def _item(section: Element, item: Item) -> None:
    ident = item.id.replace(".", "_")
    made = SubElement(section, "item", ident=ident, title=item.id)
    kinds = {
        "choice": "multiple_choice_question",
        "choices": "multiple_answers_question",
        "number": "numerical_question",
    }
    idents = {option.key: _number_of(f"{item.id} {option.key}") for option in item.options}
    data = SubElement(SubElement(made, "itemmetadata"), "qtimetadata")
    _field(data, "question_type", kinds[item.kind])
    _field(data, "points_possible", number_text(item.points))
    _field(data, "original_answer_ids", ",".join(idents.values()))
    _field(data, "assessment_question_identifierref", f"{ident}_bank")
    shown = SubElement(made, "presentation")
    _material(shown, item.html)
    if item.kind == "number":
        _number(made, shown, item)
    else:
        _choice(made, shown, item, idents)


def _choice(made: Element, shown: Element, item: Item, idents: dict[str, str]) -> None:
    many = item.kind == "choices"
    asked = SubElement(
        shown, "response_lid", ident="response1", rcardinality="Multiple" if many else "Single"
    )
    choices = SubElement(asked, "render_choice", shuffle="Yes" if item.shuffle else "No")
    for option in item.options:
        label = SubElement(choices, "response_label", ident=idents[option.key])
        _material(label, option.html)
    marks = _marks(made)
    for option in item.options:
        given = _when(marks, "Yes")
        _equal(SubElement(given, "conditionvar"), idents[option.key])
        _show(given, f"{idents[option.key]}_fb")
    right = _when(marks, "No")
    holds = SubElement(right, "conditionvar")
    if many:
        holds = SubElement(holds, "and")
    for option in item.options:
        if option.right:
            _equal(holds, idents[option.key])
        elif many:
            _equal(SubElement(holds, "not"), idents[option.key])
    SubElement(right, "setvar", action="Set", varname="SCORE").text = "100"
    for option in item.options:
        _feedback(made, f"{idents[option.key]}_fb", option.feedback)


def _number(made: Element, shown: Element, item: Item) -> None:
    asked = SubElement(shown, "response_str", ident="response1", rcardinality="Single")
    box = SubElement(asked, "render_fib", fibtype="Decimal")
    SubElement(box, "response_label", ident="answer1")
    marks = _marks(made)
    right = _when(marks, "No")
    either = SubElement(SubElement(right, "conditionvar"), "or")
    _equal(either, number_text(item.expected))
    between = SubElement(either, "and")
    for name, edge in (("vargte", -item.tolerance), ("varlte", item.tolerance)):
        SubElement(between, name, respident="response1").text = number_text(item.expected + edge)
    SubElement(right, "setvar", action="Set", varname="SCORE").text = "100"
    _show(right, "correct_fb")
    other = _when(marks, "Yes")
    SubElement(SubElement(other, "conditionvar"), "other")
    _show(other, "general_incorrect_fb")
    _feedback(made, "correct_fb", item.right)
    slips = "".join(f"<li>{slip.feedback.removeprefix('Not yet. ')}</li>" for slip in item.slips)
    usual = f"<p>Usual slips:</p><ul>{slips}</ul>" if slips else ""
    _feedback(made, "general_incorrect_fb", f"<p>Not yet.</p>{usual}")


def _marks(made: Element) -> Element:
    marks = SubElement(made, "resprocessing")
    SubElement(
        SubElement(marks, "outcomes"), "decvar",
        maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal",
    )  # fmt: skip
    return marks


def _when(marks: Element, go_on: str) -> Element:
    return SubElement(marks, "respcondition", {"continue": go_on})


def _equal(parent: Element, value: str) -> None:
    SubElement(parent, "varequal", respident="response1").text = value


def _show(parent: Element, ident: str) -> None:
    SubElement(parent, "displayfeedback", feedbacktype="Response", linkrefid=ident)


def _feedback(made: Element, ident: str, html: str) -> None:
    _material(SubElement(SubElement(made, "itemfeedback", ident=ident), "flow_mat"), html)


def _meta(ident: str, title: str, group: list[Item]) -> Element:
    root = Element(
        "quiz",
        {
            "identifier": ident,
            "xmlns": _CANVAS,
            "xmlns:xsi": _XSI,
            "xsi:schemaLocation": f"{_CANVAS} https://canvas.instructure.com/xsd/cccv1p0.xsd",
        },
    )
    test = group[0].category[-1].startswith("Form")
    said = {
        "title": title,
        "description": "<p>All clients are simulated.</p>",
        # Canvas shuffles a whole quiz or nothing of it
        "shuffle_answers": str(all(i.shuffle for i in group if i.options)).lower(),
        "scoring_policy": "keep_highest",
        # the test before must not teach what the test after asks
        "hide_results": "always" if test else "",
        "quiz_type": "assignment" if group[0].category[-1] == "Practice" else "practice_quiz",
        "points_possible": number_text(sum(item.points for item in group)),
        "show_correct_answers": "false",
        "allowed_attempts": "1" if test else "-1",
    }
    for name, text in said.items():
        SubElement(root, name).text = text
    return root


def _manifest(quizzes: list[str]) -> bytes:
    root = Element(
        "manifest", {"identifier": "alliance_course", "xmlns": _PACKAGE, "xmlns:xsi": _XSI}
    )
    data = SubElement(root, "metadata")
    SubElement(data, "schema").text = "IMS Content"
    SubElement(data, "schemaversion").text = "1.1.3"
    SubElement(root, "organizations")
    resources = SubElement(root, "resources")
    for ident in quizzes:
        quiz = SubElement(resources, "resource", identifier=ident, type="imsqti_xmlv1p2")
        SubElement(quiz, "file", href=f"{ident}/{ident}.xml")
        SubElement(quiz, "dependency", identifierref=f"{ident}_meta")
        meta = SubElement(
            resources,
            "resource",
            identifier=f"{ident}_meta",
            type="associatedcontent/imscc_xmlv1p1/learning-application-resource",
            href=f"{ident}/assessment_meta.xml",
        )
        SubElement(meta, "file", href=f"{ident}/assessment_meta.xml")
    return document(root)
