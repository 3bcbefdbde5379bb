"""Until `alive` is there: the widgets of a notebook, from the calls in its cells."""

import ast
import base64
import copy
from typing import Any


def _literals(call: ast.Call, names: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    def value(node: ast.AST) -> Any:
        return names[node.id] if isinstance(node, ast.Name) else ast.literal_eval(node)

    return [value(a) for a in call.args], {k.arg: value(k.value) for k in call.keywords}


def alive(notebook: Any) -> Any:
    import alliance_course as ac
    from alliance_course.questions.bank import question
    from alliance_course.questions.widget import question_widget
    from nbformat import NotebookNode

    made = copy.deepcopy(notebook)
    states: dict[str, Any] = {}
    count = 0
    for cell in made.cells:
        if cell.cell_type != "code":
            continue
        found: list[Any] = []
        for node in ast.walk(ast.parse(cell.source)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            name = node.func.attr
            if name == "mark":
                found.append(question_widget(question(node.args[0].value)))
                cell.outputs = []
            elif name in ("ask", "predict", "play_client") or name.startswith("explore_"):
                args, more = _literals(node, {})
                one = getattr(ac, name)(*args, **more)
                found += one if isinstance(one, list) else [one]
        if not found:
            continue
        outputs: list[Any] = []
        stills = list(cell.outputs)
        for widget in found:
            count += 1
            key = f"m{count}"
            state = widget.get_state()
            buffers = []
            if "_data" in state:
                data = base64.b64encode(bytes(state.pop("_data"))).decode()
                buffers = [{"path": ["_data"], "encoding": "base64", "data": data}]
            states[key] = {"model_name": "AnyModel", "state": state, "buffers": buffers}
            outputs += stills[:1]
            stills = stills[1:]
            data = {"application/vnd.jupyter.widget-view+json": {"model_id": key}}
            outputs.append(NotebookNode(output_type="display_data", data=data, metadata={}))
        cell.outputs = outputs + stills
    made.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": states}}
    return made
