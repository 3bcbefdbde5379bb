"""Notebooks whose cards and explorers are there on opening, before anything was run."""

import ast
import copy
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

import alliance_course

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"


def alive(notebook: Any) -> Any:
    """A copy of a notebook with the state of what its cells would show, made without running it.

    A cell counts if it ends in a call of the course with plain values, such as
    ``ac.predict("L01.P1")``. Its text stays as it is.

    Parameters
    ----------
    notebook : nbformat.NotebookNode

    Returns
    -------
    nbformat.NotebookNode
        After each still there is the output of a widget, and the notebook's metadata hold the
        state of all of them. The same notebook always gives the same bytes.
    """
    from nbformat.v4 import new_output

    made = copy.deepcopy(notebook)
    known: dict[str, Any] = {}
    state: dict[str, Any] = {}
    for cell in made.cells:
        if cell.cell_type != "code":
            continue
        if widget := shown(cell.source, known):
            name = hashlib.sha256(f"a card of {cell.get('id')}".encode()).hexdigest()[:32]
            state |= _state(widget, name)
            view = {VIEW: {"model_id": name, "version_major": 2, "version_minor": 0}}
            outputs = [output for output in cell.outputs if VIEW not in output.get("data", {})]
            place = next((i for i, output in enumerate(outputs, 1) if _is_still(output)), 0)
            if not place:
                outputs.insert(0, new_output("display_data", still_of(widget)))
                place = 1
            outputs.insert(place, new_output("display_data", view))
            cell.outputs = outputs
    if state:
        first = next(entry for entry in state.values() if "spec" in entry["state"])
        first["state"]["spec"]["terms"] = _terms(made)
    widgets = {"version_major": 2, "version_minor": 0, "state": state}
    made.metadata["widgets"] = {STATE: widgets}
    return made


def is_alive(notebook: Any) -> bool:
    """Whether the state of each widget that the notebook shows is there: not after it was run."""
    known = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    shown = (
        output["data"][VIEW]["model_id"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if VIEW in output.get("data", {})
    )
    return set(shown) <= set(known)


def without_state(notebook: Any) -> Any:
    """A notebook as it was before `alive`, if all its stills were there already.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Changed in place.
    """
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if VIEW not in output.get("data", {})]
    return notebook


def _terms(notebook: Any) -> dict[str, dict[str, str]]:
    """What the words mean that the notebook links to the glossary, as they are written there."""
    from alliance_tools.site.words import GLOSSARY, glossary, term

    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    words = {found.lower() for found in re.findall(rf"\[([^\]]+)\]\({re.escape(GLOSSARY)}", text)}
    named = {word: term(word) for word in sorted(words)}
    return {word: glossary()[key] for word, key in named.items() if key}


def _is_still(output: Any) -> bool:
    return "ac-still" in "".join(output.get("data", {}).get("text/html", ""))


def still_of(widget: Any) -> dict[str, str]:
    """What stands in a page without scripts; explorers draw theirs, cards have it ready."""
    return widget.still() if callable(widget.still) else widget.still


def shown(source: str, known: dict[str, Any]) -> Any:
    """The widget that a cell shows, or None; `known` keeps the plain values of names."""
    try:
        lines = ast.parse(source).body
    except SyntaxError:
        return None
    for line in lines:
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            known.pop(line.targets[0].id, None)
            if (value := _plain(line.value, known)) is not None:
                known[line.targets[0].id] = value[0]
    last = lines[-1].value if lines and isinstance(lines[-1], ast.Expr) else None
    if last and (
        found := re.fullmatch(r"(home|hand_in|points)\((?:'(\d\d)')?\)", ast.unparse(last))
    ):
        from alliance_tools.start import home

        return getattr(home, found[1])(*filter(None, [found[2]]))
    return _widget(last, known) if isinstance(last, ast.Call) else None


def _widget(call: ast.Call, known: dict[str, Any]) -> Any:
    name = ast.unparse(call.func).removeprefix("ac.")
    if not name.startswith(("explore_", "play_", "label_", "compare_labels")) and name not in (
        "ask", "predict", "revisit", "mark",
    ):  # fmt: skip
        return None
    given = [_plain(node, known) for node in call.args]
    named = {word.arg: _plain(word.value, known) for word in call.keywords}
    if None in given or None in named.values():
        return None
    values = [value[0] for value in given if value]
    words = {str(word): value[0] for word, value in named.items() if value}
    if name == "mark":
        from alliance_course.questions.cards import task_card

        answered = len(values) > 1 and values[1] is not ...
        return None if answered else task_card(values[0], words.get("seed"))
    if name == "ask" and "seed" in words:
        from alliance_course.questions.capstone import EXAMPLE

        if words["seed"] == EXAMPLE:
            del words["seed"]  # whose service it will be is known when the cell with it has run
    found = getattr(alliance_course, name)(*values, **words)
    return getattr(found, "cards", found)


def _plain(node: ast.expr, known: dict[str, Any]) -> tuple[Any] | None:
    if isinstance(node, ast.Name):
        return (known[node.id],) if node.id in known else None
    try:
        return (ast.literal_eval(node),)
    except (ValueError, TypeError, SyntaxError):
        return None


def _state(widget: Any, name: str) -> dict[str, Any]:
    from ipywidgets import Widget

    inner = f"{name[:-1]}l"
    ids = {widget.model_id: name, widget.layout.model_id: inner}
    found = Widget.get_manager_state(widgets=[widget, widget.layout])["state"]
    state = {ids[old]: entry for old, entry in found.items()}
    state[name]["state"]["layout"] = f"IPY_MODEL_{inner}"
    widget.close()
    widget.layout.close()
    return state


@cache
def fingerprint() -> str:
    """Changes whenever what cards and explorers send to a page may have changed."""
    roots = (Path(alliance_course.__file__).parent, Path(__file__).parent)
    kinds = ("py", "js", "css", "toml")
    files = [path for root in roots for kind in kinds for path in root.rglob(f"*.{kind}")]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()
