"""The answer key to a learner's capstone, for instructors."""

from alliance_course.questions.bank import question
from alliance_course.questions.capstone import QUESTIONS, WORLD, capstone
from alliance_course.questions.judge import values
from alliance_course.questions.sentence import Sentence
from alliance_course.simulate.parameters import PARAMETERS, Parameters

_ARGUMENT = """\
* **Bond.** The bond acts on what is said. Steady differences between people come on top of that in
  the slope between clients.
* **Goal.** Clients with a weak alliance leave more often, and they leave with less gain.
* **Task.** Therapists with more agreement end with worse outcomes here. That was built in, so that
  the slope between therapists and the one within caseloads point in different directions.
* **Technique.** CBT does much for OCD and little for depression. Clients come to a therapist by
  chance, so this is the only one of the four numbers that rests on a comparison made by chance.
  There are 20 therapists in each treatment, and they differ: the difference that the model would
  give with very many therapists may lie a point or more away.

A good argument claims no more than the learner could know, and the learner could not read this."""


def capstone_key(seed: int) -> Sentence:
    """The answer key to the capstone with this number, for instructors.

    Parameters
    ----------
    seed : int
        The learner's number; it stands in the name of the learner's file.

    Returns
    -------
    str
        Each right number, each usual wrong number with its name, a worked way, and what this
        world was built with; shown as text.

    Raises
    ------
    ValueError
        If `seed` is not a whole number from 0.

    Examples
    --------
    >>> "completers only" in capstone_key(4711)
    True
    """
    chosen = capstone(seed).seed
    parts = [f"# Key to capstone number {chosen}"]
    for name, question_id in QUESTIONS.items():
        entry, found = question(question_id), values(question_id, chosen)
        wrong = [f"* {found['mistake ' + m['name']]:.2f}: {m['name']}" for m in entry["mistake"]]
        parts += [
            f"## {name.capitalize()} ({question_id})",
            entry["prompt"],
            f"**Right: {found['expected']:.2f}** (give or take {entry['tolerance']:g}).",
            "Known slips:",
            "\n".join(wrong),
            f"```python\n{entry['model'].strip()}\n```",
        ]
    meaning = {row["name"]: row["meaning"] for row in Parameters.table()}
    built = [
        f"* `{name}` {value:g} (Linden Street: {getattr(PARAMETERS, name):g}): {meaning[name]}"
        for name, value in WORLD.items()
    ]
    parts += ["## What this world was built with", "\n".join(built), _ARGUMENT]
    return Sentence("\n\n".join(parts))
