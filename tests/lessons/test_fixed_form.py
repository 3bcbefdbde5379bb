"""A committed notebook stands in one fixed form, so that a change in it is a real change.

That its outputs are what the module gives is nbval's to check.
"""

import nbformat
import pytest

from alliance_course.folders import course_folder
from alliance_tools.maintain.refresh import normalise

NOTEBOOKS = [
    path
    for folder in ("notebooks", "exercises")
    for path in sorted(course_folder(folder).rglob("*.ipynb"))
]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_committed_notebook_is_in_the_fixed_form(path):
    text = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    assert nbformat.writes(normalise(notebook, path.name[:2])) + "\n" == text
    assert all(c.outputs for c in notebook.cells if "nbval-check" in str(c.metadata.get("tags")))


def test_a_lesson_becomes_a_script(tmp_path):
    """`nbconvert --to script` takes the ending from the notebook; without one it wrote .txt."""
    from nbconvert.exporters import ScriptExporter

    for path in NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)
        assert notebook.metadata.language_info.file_extension == ".py", path.name
    _, resources = ScriptExporter().from_notebook_node(notebook)
    assert resources["output_extension"] == ".py"
