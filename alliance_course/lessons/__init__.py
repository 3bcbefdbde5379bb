"""The figures and the explorers of each lesson, by its number."""

import tomllib
from pathlib import Path
from typing import Any

from alliance_course.questions.bank import as_html


def asked(lesson: int, explorer: str) -> list[dict[str, Any]]:
    """The questions that stand in one of a lesson's explorers, from `lesson_NN.toml`, as HTML.

    They are numbered through the whole lesson, in the order of the file.
    """
    text = (Path(__file__).parent / f"lesson_{lesson:02}.toml").read_text(encoding="utf-8")
    every = [(name, entry) for name, part in tomllib.loads(text).items() for entry in part]
    return [
        {part: f"<p>{as_html(words.strip())}</p>" for part, words in entry.items()} | {"number": n}
        for n, (name, entry) in enumerate(every, 1)
        if name == explorer
    ]
