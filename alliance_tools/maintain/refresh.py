"""Run notebooks and write them back in one fixed form: then a change in them is a real change."""

import copy
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

WIDGET = "application/vnd.jupyter.widget-view+json"
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def normalise(notebook: Any, slug: str) -> Any:
    """A notebook without what differs from run to run: widget models, timings, addresses.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        An executed notebook; it is not changed.
    slug : str
        Start of the cells' ids, for example "01".

    Returns
    -------
    nbformat.NotebookNode
    """
    clean = copy.deepcopy(notebook)
    python = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    # without an ending, nbconvert writes a script as .txt
    language = {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"}
    clean.metadata = {"kernelspec": python, "language_info": language}
    count = 0
    for number, cell in enumerate(clean.cells):
        cell.id = f"{slug}-{number:02d}"
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count = count
        cell.metadata = {
            k: v for k, v in cell.metadata.items() if k in ("alliance", "tags", "nbgrader")
        }
        kept = []
        for output in cell.outputs:
            if output.get("name") == "stderr":
                continue
            if WIDGET in output.get("data", {}):
                continue  # a saved page has no widget model: the still before it says what is there
            if output.get("output_type") == "execute_result":
                output["execution_count"] = count
            if isinstance(output.get("text"), str):
                output["text"] = _ADDRESS.sub("", output["text"])
            kept.append(output)
        cell.outputs = kept
    return clean


def execute(path: Path) -> Any:
    """Run a notebook from the top in a fresh kernel, in a folder of its own.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails.
    """
    import tempfile

    import nbformat
    from nbclient import NotebookClient

    from alliance_tools.start.kernel import OwnKernelManager

    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        client = NotebookClient(
            notebook, timeout=120, resources=resources, kernel_manager_class=OwnKernelManager
        )
        client.execute(stderr=subprocess.DEVNULL)  # what the kernel logs is for no reader
    return notebook


def refreshed(path: Path) -> str:
    """What a notebook's file should hold: run, normalised, as text."""
    import nbformat

    return nbformat.writes(normalise(execute(path), path.name[:2])) + "\n"


def refresh(paths: list[Path], *, tell: Callable[[str], None] = print) -> list[Path]:
    """Run notebooks and write back those that changed; returns them."""
    from alliance_course.folders import write_atomically

    changed = []
    for number, path in enumerate(paths, start=1):
        tell(f"{number} of {len(paths)}: {path.name}")
        text = refreshed(path)
        if text != path.read_text(encoding="utf-8"):
            write_atomically(path, text.encode())
            changed.append(path)
    return changed
