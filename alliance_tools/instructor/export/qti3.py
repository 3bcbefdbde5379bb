"""QTI 3: a package with one file for each item and one test for each category."""

import zlib
from xml.etree.ElementTree import Element, SubElement, fromstring

from alliance_tools.instructor.export.items import Item, by_category, number_text
from alliance_tools.instructor.export.qti12 import document, packed

_QTI = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
_PACKAGE = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMAS = "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd"


def _root(name: str, **attributes: str) -> Element:
    space = {
        "xmlns": _QTI,
        "xmlns:xsi": _XSI,
        "xsi:schemaLocation": f"{_QTI} {_SCHEMAS}/imsqti_asiv3p0_v1p0.xsd",
    }
    return Element(name, space | _dashed(attributes))


def _dashed(attributes: dict[str, str]) -> dict[str, str]:
    return {key.replace("_", "-"): value for key, value in attributes.items()}


def _add(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    made = SubElement(parent, name, _dashed(attributes))
    if text:
        made.text = text
    return made


def _fill(parent: Element, html: str) -> None:
    """Put XHTML into an element; the course's texts are well formed."""
    inner = fromstring(f"<x>{html}</x>")
    parent.text = inner.text
    parent.extend(list(inner))


def qti3_files(items: list[Item]) -> dict[str, bytes]:
    """All items and tests as one zip."""
    files: dict[str, bytes] = {}
    tests: dict[str, list[str]] = {}
    for category, group in by_category(items).items():
        ident = f"test_{zlib.crc32('/'.join(category).encode()):08x}"
        names = [item.id.replace(".", "_") for item in group]
        for name, item in zip(names, group, strict=True):
            files[f"items/{name}.xml"] = document(_item(name, item))
        files[f"tests/{ident}.xml"] = document(_test(ident, ": ".join(category[1:]), names))
        tests[ident] = names
    return {"alliance-course-qti3.zip": packed({"imsmanifest.xml": _manifest(tests), **files})}


def _item(name: str, item: Item) -> Element:
    root = _root(
        "qti-assessment-item", identifier=name, title=item.id, time_dependent="false",
        adaptive="false",
    )  # fmt: skip
    many, number = item.kind == "choices", item.kind == "number"
    asked = _add(
        root, "qti-response-declaration", identifier="RESPONSE",
        cardinality="multiple" if many else "single",
        base_type="float" if number else "identifier",
    )  # fmt: skip
    right = _add(asked, "qti-correct-response")
    if number:
        _add(right, "qti-value", number_text(item.expected))
    for option in item.options:
        if option.right:
            _add(right, "qti-value", option.key)
    score = _add(
        root, "qti-outcome-declaration", identifier="SCORE", cardinality="single",
        base_type="float", normal_maximum=number_text(item.points),
    )  # fmt: skip
    _add(_add(score, "qti-default-value"), "qti-value", "0")
    _add(
        root, "qti-outcome-declaration", identifier="FEEDBACK",
        cardinality="multiple" if many else "single", base_type="identifier",
    )  # fmt: skip
    body = _add(root, "qti-item-body")
    _fill(body, item.html)
    if number:
        paragraph = _add(body, "p")
        _add(paragraph, "qti-text-entry-interaction", response_identifier="RESPONSE")
        said = _number_marks(root, item)
    else:
        choice = _add(
            body, "qti-choice-interaction", response_identifier="RESPONSE",
            shuffle=str(item.shuffle).lower(), max_choices="0" if many else "1",
        )  # fmt: skip
        for option in item.options:
            _fill(_add(choice, "qti-simple-choice", identifier=option.key), option.html)
        said = _choice_marks(root, item)
    for ident, html in said.items():
        shown = _add(
            root, "qti-modal-feedback", outcome_identifier="FEEDBACK", identifier=ident,
            show_hide="show",
        )  # fmt: skip
        _fill(_add(_add(shown, "qti-content-body"), "p"), html)
    return root


def _set(parent: Element, outcome: str, kind: str, value: str) -> None:
    made = _add(parent, "qti-set-outcome-value", identifier=outcome)
    _add(made, "qti-base-value", value, base_type=kind)


def _choice_marks(root: Element, item: Item) -> dict[str, str]:
    marks = _add(root, "qti-response-processing")
    first = _add(_add(marks, "qti-response-condition"), "qti-response-if")
    same = _add(first, "qti-match")
    _add(same, "qti-variable", identifier="RESPONSE")
    _add(same, "qti-correct", identifier="RESPONSE")
    _set(first, "SCORE", "float", number_text(item.points))
    chosen = _add(marks, "qti-set-outcome-value", identifier="FEEDBACK")
    _add(chosen, "qti-variable", identifier="RESPONSE")
    return {option.key: option.feedback for option in item.options}


def _number_marks(root: Element, item: Item) -> dict[str, str]:
    # the first that fits: right, a known slip, close
    rows = [("right", item.expected, item.tolerance, item.points, item.right)]
    rows += [
        (f"slip_{place}", slip.value, item.tolerance, 0.0, slip.feedback)
        for place, slip in enumerate(item.slips, start=1)
    ]
    close = "Close. Did you round on the way?"
    rows.append(("close", item.expected, item.near, item.points / 2, close))
    condition = _add(_add(root, "qti-response-processing"), "qti-response-condition")
    for place, (ident, value, tolerance, points, _) in enumerate(rows):
        branch = _add(condition, "qti-response-else-if" if place else "qti-response-if")
        allowed = number_text(tolerance)
        same = _add(
            branch, "qti-equal", tolerance_mode="absolute", tolerance=f"{allowed} {allowed}"
        )
        _add(same, "qti-variable", identifier="RESPONSE")
        _add(same, "qti-base-value", number_text(value), base_type="float")
        _set(branch, "SCORE", "float", number_text(points))
        _set(branch, "FEEDBACK", "identifier", ident)
    _set(_add(condition, "qti-response-else"), "FEEDBACK", "identifier", "other")
    return {ident: html for ident, _, _, _, html in rows} | {"other": item.wrong}


def _test(ident: str, title: str, names: list[str]) -> Element:
    root = _root("qti-assessment-test", identifier=ident, title=title)
    part = _add(
        root, "qti-test-part", identifier="part", navigation_mode="nonlinear",
        submission_mode="individual",
    )  # fmt: skip
    section = _add(
        part, "qti-assessment-section", identifier="section", title=title, visible="true"
    )
    for name in names:
        _add(section, "qti-assessment-item-ref", identifier=name, href=f"../items/{name}.xml")
    return root


def _manifest(tests: dict[str, list[str]]) -> bytes:
    root = Element(
        "manifest",
        {
            "identifier": "alliance_course",
            "xmlns": _PACKAGE,
            "xmlns:xsi": _XSI,
            "xsi:schemaLocation": f"{_PACKAGE} {_SCHEMAS}/imsqtiv3p0_imscpv1p2_v1p0.xsd",
        },
    )
    data = SubElement(root, "metadata")
    SubElement(data, "schema").text = "QTI Package"
    SubElement(data, "schemaversion").text = "3.0.0"
    SubElement(root, "organizations")
    resources = SubElement(root, "resources")
    for ident, names in tests.items():
        test = SubElement(
            resources, "resource", identifier=ident, type="imsqti_test_xmlv3p0",
            href=f"tests/{ident}.xml",
        )  # fmt: skip
        SubElement(test, "file", href=f"tests/{ident}.xml")
        for name in names:
            SubElement(test, "dependency", identifierref=name)
        for name in names:
            item = SubElement(
                resources, "resource", identifier=name, type="imsqti_item_xmlv3p0",
                href=f"items/{name}.xml",
            )  # fmt: skip
            SubElement(item, "file", href=f"items/{name}.xml")
    return document(root)
