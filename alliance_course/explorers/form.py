"""Lesson 05: the course's form, to be filled in on the page."""

from functools import cache

import numpy as np

from alliance_course.explorers.definition import Axis, Panel, Picture, Points, Readout, Scale
from alliance_course.explorers.explorer import Explorer
from alliance_course.measures import COMPONENTS, FORM, ITEMS

# what each sentence is about, beside its slider; the sentences themselves stand in the legend
_ABOUT = {
    "bond_1": "could say something awkward",
    "bond_2": "was followed closely",
    "bond_3": "was taken seriously",
    "bond_4": "could have named a problem",
    "goal_1": "could name our aim",
    "goal_2": "time pointed my way",
    "goal_3": "how we would notice",
    "goal_4": "the aims are mine too",
    "task_1": "knew why",
    "task_2": "makes sense at home",
    "task_3": "fits my problem",
    "task_4": "beside the point",
}


@cache
def form_picture() -> Picture:
    """Score the twelve answers of the Course Alliance Form as `score_form` does.

    A score is a mean, so the two ends of each answer are all that the page needs: what lies
    between them is found exactly by interpolation.
    """
    ends = np.stack(np.meshgrid(*[[1.0, 5.0]] * 4, indexing="ij"))
    scores = {}
    for place, component in enumerate(COMPONENTS):
        names = [name for name in ITEMS if name.startswith(component)]
        turned = np.reshape(FORM.loc[names, "reversed"].to_numpy(), (4, 1, 1, 1, 1))
        own = np.where(turned, 6 - ends, ends).mean(axis=0)
        scores[component] = own.reshape((1,) * 4 * place + (2,) * 4 + (1,) * 4 * (2 - place) + (1,))
    scores["alliance"] = sum(scores.values()) / 3
    panel = Panel(
        "Bond {bond}, goals {goal}, tasks {task}: alliance {alliance}",
        Scale("score (1 to 5)", 1, 5, (1, 2, 3, 4, 5)),
        Scale(labels=("bond", "goals", "tasks", "alliance")),
        [Points(name, [row], style=row, size=6) for row, name in enumerate(scores)],
        "Each score is the mean of four answers; the alliance is the mean of the three.",
        height=170,
    )
    return Picture(
        "The Course Alliance Form, for a client",
        tuple(
            Axis(name, f"{name[:4].capitalize()} {name[-1]}: {about}", "", 1, 5, 1, 3,
                 FORM.loc[name, "client"]
                 + (" (Turned round: 5 counts as 1.)" if FORM.loc[name, "reversed"] else ""),
                 ("not at all", "fully"))
            for name, about in _ABOUT.items()
        ),
        scores,
        [panel],
        "".join(
            f"{name.capitalize()}: answers {{{name}_1}}, {{{name}_2}}, {{{name}_3}}, {{{name}_4}}, "
            f"score {{{name}}}. "
            for name in COMPONENTS
        )
        + "The alliance as a whole: {alliance} on a scale from 1 to 5.",
        [Readout(name, name.capitalize(), name, digits=2) for name in scores],
    )  # fmt: skip


def explore_form() -> Explorer:
    """Fill in the course's alliance form and see it scored.

    Returns
    -------
    Explorer
        With one attribute for each item, `bond_1` to `task_4`, from 1 to 5. Nothing is stored.

    Notes
    -----
    The Course Alliance Form is a teaching form: no norms, no cut-offs, no verdict on anybody.

    Examples
    --------
    >>> form = explore_form()
    >>> form.task_4 = 5
    >>> form.describe().split(". ")[2]
    'Task: answers 3, 3, 3, 5, score 2.50'
    """
    return Explorer(form_picture())
