"""The step of nbgrader's marking that gives the points: here, and not in the learner's notebook."""

from pathlib import Path
from typing import Any

from nbgrader.preprocessors import NbGraderPreprocessor

from alliance_tools.instructor.marking import class_numbers, remarked


class MarkAnswers(NbGraderPreprocessor):
    """Judge the answers that the cells show, and put points and sentences into the cells."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Mark one notebook; a practice without a class number keeps its own marks."""
        name = str(resources["nbgrader"]["notebook"])
        course = Path(str(resources["nbgrader"]["db_url"]).removeprefix("sqlite:///")).parent
        number = class_numbers(course).get(name[:2])
        if number is not None:
            items = course / "items"
            list(remarked(nb, name[:2], number, items if items.is_dir() else None))
        return nb, resources
