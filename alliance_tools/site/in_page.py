"""Runs the code of a page in the browser, where stand-ins take the place of IPython and widgets.

It travels in the course's wheel under the name `alliance_in_page`, and imports nothing of the
course: what a page needs of it comes with the cells.
"""

import base64
import contextlib
import io
import json
import linecache
import os
import sys
import traceback
import types
from pathlib import Path
from typing import Any

_PROGRESS = "progress.json"
# what the running cell has shown so far, in order
_shown: list[dict[str, str]] = []


class _Trait:
    """Stands for a trait: what it starts with is all that a page needs of it."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self.default = named.get("default_value", given[-1] if given else None)

    def tag(self, **_: Any) -> "_Trait":
        return self


class _Widget:
    """Stands for a widget: the page has its own, so that nothing of it is shown here."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    def add_traits(self, **traits: _Trait) -> None:
        self.__dict__.update({name: trait.default for name, trait in traits.items()})

    def on_msg(self, *_: Any) -> None: ...

    def send(self, *_: Any, **__: Any) -> None: ...

    def _repr_mimebundle_(self, **_: Any) -> None: ...


class _Lock:
    """Stands for a lock: nobody else writes in a page's own files."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def acquire(self) -> None: ...

    def release(self) -> None: ...


class _Text(io.TextIOBase):
    """Takes what is printed, between what is shown."""

    def write(self, text: str) -> int:
        if _shown and "text" in _shown[-1]:
            _shown[-1]["text"] += text
        elif text:
            _shown.append({"text": text})
        return len(text)


class _Html:
    def __init__(self, data: str) -> None:
        self.data = data

    def _repr_html_(self) -> str:
        return self.data


class _Markdown:
    def __init__(self, data: str) -> None:
        self.data = data

    def _repr_markdown_(self) -> str:
        return self.data


def prepare(folder: str) -> None:
    """Put the stand-ins in place, and work in a folder of one's own.

    Parameters
    ----------
    folder : str
        Made if it is not there.
    """
    inner = {"display": display, "HTML": _Html, "Markdown": _Markdown}
    stand_ins: dict[str, dict[str, Any]] = {
        # matplotlib asks which version it is, and then for its shell, which is none
        "IPython": {
            "get_ipython": lambda: None,
            "version_info": (9, 0, 0),
            "display": types.SimpleNamespace(**inner),
        },
        "IPython.display": inner,
        "anywidget": {"AnyWidget": _Widget},
        "traitlets": dict.fromkeys(("Dict", "Bytes", "CFloat", "Enum"), _Trait),
        "filelock": {"FileLock": _Lock, "Timeout": TimeoutError},
    }
    for name, content in stand_ins.items():
        module = types.ModuleType(name)
        module.__dict__.update(content)
        sys.modules[name] = module
    place = Path(folder).absolute()
    place.mkdir(parents=True, exist_ok=True)
    os.chdir(place)
    os.environ["ALLIANCE_PROGRESS"] = str(place / _PROGRESS)
    os.environ["MPLBACKEND"] = "agg"


def display(*values: Any, raw: bool = False, **_: Any) -> None:
    """Show values, as IPython's function of this name does."""
    for value in values:
        if raw:
            _shown.append(_as_shown(value))
        elif hasattr(value, "_ipython_display_"):
            value._ipython_display_()
        else:
            _shown.append(_as_shown(_forms(value)))


def _forms(value: Any) -> dict[str, str]:
    """The forms that a value has of itself, by kind."""
    for kind, name in (("text/html", "_repr_html_"), ("text/markdown", "_repr_markdown_")):
        form = getattr(value, name, None)
        if callable(form) and not isinstance(value, type) and (text := form()) is not None:
            return {kind: text}
    if hasattr(value, "savefig"):
        return {"image/png": _png(value)}
    return {"text/plain": repr(value)}


def _png(figure: Any) -> str:
    data = io.BytesIO()
    figure.savefig(data, format="png", bbox_inches="tight")
    return base64.b64encode(data.getvalue()).decode()


def _as_shown(forms: dict[str, str]) -> dict[str, str]:
    """What a page shows of several forms of one thing: HTML, or else text."""
    if "text/html" in forms:
        return {"html": forms["text/html"]}
    if "text/markdown" in forms:
        import mistune

        as_html = mistune.create_markdown(escape=False, plugins=["table"])
        return {"html": str(as_html(forms["text/markdown"]))}
    if "image/png" in forms:
        words = forms.get("text/plain", "A figure that this code has drawn")
        image = f'<img src="data:image/png;base64,{forms["image/png"]}"'
        return {"html": f"{image} alt={json.dumps(words)}>"}
    return {"text": f"{forms.get('text/plain', '')}\n"}


class Course:
    """The names that the cells of one page share."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__", "display": display}

    def take(self, record: str) -> None:
        """Let the page's record be the one that the course reads and adds to."""
        Path(os.environ["ALLIANCE_PROGRESS"]).write_text(record, encoding="utf-8")

    def give(self) -> str:
        """The record as it is now."""
        return Path(os.environ["ALLIANCE_PROGRESS"]).read_text(encoding="utf-8")

    def run(self, name: str, code: str) -> str:
        """Run one cell.

        Parameters
        ----------
        name : str
            What the page calls it.
        code : str
            Its source.

        Returns
        -------
        str
            JSON: `shown`, a list of entries with `html` or `text`; `error`, None or what the last
            line says (`said`) and in which line of which cell; `missing`, the module that is not
            there, in which case no name has changed; `files`, what the cell has written, in base64.
        """
        _shown.clear()
        before, there = dict(self.names), _files()
        error, missing = None, ""
        # tracebacks of the course's own functions look the lines up
        linecache.cache[name] = (len(code), None, code.splitlines(True), name)
        with contextlib.redirect_stdout(_Text()), contextlib.redirect_stderr(_Text()):
            try:
                self._execute(name, code)
                _draw_open_figures()
            except BaseException as problem:
                error, missing = _in_words(problem, name), _missing(problem)
        if missing:
            self.names.clear()
            self.names.update(before)
        written = {path: data for path, data in _files().items() if there.get(path) != data}
        files = {path: base64.b64encode(data).decode() for path, data in written.items()}
        found = {"shown": list(_shown), "error": error, "missing": missing, "files": files}
        return json.dumps(found)

    def _execute(self, name: str, code: str) -> None:
        import ast

        lines = ast.parse(code, name)
        last = lines.body[-1] if lines.body else None
        value = None
        if isinstance(last, ast.Expr):
            lines.body.pop()
            exec(compile(lines, name, "exec"), self.names)
            value = eval(compile(ast.Expression(last.value), name, "eval"), self.names)
        else:
            exec(compile(lines, name, "exec"), self.names)
        if value is not None and not code.rstrip().endswith(";"):
            display(value)


def _files() -> dict[str, bytes]:
    """The files in the working folder, but for the record."""
    found = [path for path in Path().iterdir() if path.is_file()]
    return {p.name: p.read_bytes() for p in found if not p.name.startswith((".", _PROGRESS))}


def _draw_open_figures() -> None:
    """Show what was drawn with pyplot and not shown, as notebooks do."""
    if plt := sys.modules.get("matplotlib.pyplot"):
        for number in plt.get_fignums():
            display(plt.figure(number))
        plt.close("all")


def _in_words(problem: BaseException, name: str) -> dict[str, Any]:
    frames = [frame.lineno for frame in traceback.extract_tb(problem.__traceback__)
              if frame.filename == name]  # fmt: skip
    line = frames[-1] if frames else None
    text = str(problem)
    if isinstance(problem, SyntaxError) and problem.filename == name:
        line, text = problem.lineno, problem.msg
    text = " ".join(text.split())
    said = f"{type(problem).__name__}: {text[:400]}" if text else type(problem).__name__
    return {"name": name, "line": line, "said": said}


def _missing(problem: BaseException | None) -> str:
    """The module that was looked for in vain, if that is what lies behind a problem."""
    while problem is not None:
        if isinstance(problem, ModuleNotFoundError) and problem.name:
            return problem.name.partition(".")[0]
        problem = problem.__cause__ or problem.__context__
    return ""
