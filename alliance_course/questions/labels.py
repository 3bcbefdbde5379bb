"""Label the exchanges as raters do, and compare with the key."""

from collections.abc import Iterable, Sequence
from html import escape

import pandas as pd

from alliance_course.data.tables import load_dataset
from alliance_course.measure.agreement import rater_agreement
from alliance_course.questions.progress import read_progress
from alliance_course.questions.sentence import Sentence
from alliance_course.questions.widget import prediction_widget
from alliance_course.refusals import nearest

LABELS = {
    "component": {
        "bond": "understood rather than judged, safe to speak, listened to",
        "goal": "what we are here for, and how we would know",
        "task": "how we work, at what pace, and what it is good for",
    },
    "happens": {
        "built": "more is there at the end, and nothing was strained",
        "strained": "a distance or a disagreement stands at the end",
        "repaired": "a strain was noticed, and both did something about it",
    },
    "movement": {
        "withdraws": "the client moves away, or agrees in order to be done with it",
        "confronts": "the client objects, demands or criticises",
    },
}
_PROMPTS = {
    "component": "What does it turn on?",
    "happens": "What happens to it?",
    "movement": "Which way does the client move?",
}


def _chosen(ids: Iterable[str] | str, what: str) -> pd.DataFrame:
    """The exchanges named by `ids`, in that order; refuses what cannot be labelled."""
    if what not in LABELS:
        raise ValueError(f"what={what!r} is unknown: {nearest(what, LABELS)}")
    names = [ids] if isinstance(ids, str) else list(ids)
    exchanges = load_dataset("exchanges").set_index("id")
    unknown = [name for name in names if name not in exchanges.index]
    if unknown or not names or len(set(names)) != len(names):
        problem = (
            f"{unknown[0]!r} is no exchange: {nearest(unknown[0], exchanges.index)}"
            if unknown
            else "name at least one exchange, and each only once"
        )
        raise ValueError(f"ids: {problem}")
    found = exchanges.loc[names]
    if found[what].isna().any():
        without = found.index[found[what].isna()][0]
        raise ValueError(f"ids: {without} is not strained, so that nobody can say which movement")
    return found


def label_exchanges(ids: Sequence[str] | str, *, what: str = "component") -> None:
    """Show exchanges with buttons for a label each. `compare_labels` shows yours beside the key.

    Parameters
    ----------
    ids : sequence of str
        Exchanges, such as ``["x001", "x002"]``; ``load_dataset("exchanges")`` has all of them.
    what : str
        "component" (bond, goal or task), "happens" (built, strained or repaired) or "movement"
        (withdraws or confronts; only where something is strained).

    Raises
    ------
    ValueError
        If an exchange or `what` is unknown.

    Notes
    -----
    The first label stays, as it does with raters who must not look at the key.

    Examples
    --------
    >>> label_exchanges("x001")  # doctest: +SKIP
    """
    from IPython.display import HTML, display

    found = _chosen(ids, what)
    options = [{"key": key, "text": text} for key, text in LABELS[what].items()]
    for place, (name, text) in enumerate(found["text"].items(), 1):
        turns = "<br>".join(
            f"<strong>{who}:</strong> {said}"
            for who, _, said in (
                turn.partition(": ") for turn in escape(text, quote=False).split(" / ")
            )
        )
        count = f"{place} of {len(found)}"
        display(HTML(f"<blockquote><p><em>{count}</em><br>{turns}</p></blockquote>"))
        entry = {
            "id": f"{name}.{what}",
            "kind": "choice",
            "prompt": f"{count}: {_PROMPTS[what]}",
            "option": options,
            "reveal": "",
        }
        widget = prediction_widget(entry)
        widget.spec = {**widget.spec, "button": "Note my label"}
        display(widget)


def compare_labels(ids: Sequence[str] | str, *, what: str = "component") -> Sentence:
    """Put your labels beside the key, with reasons, and say how far you agree.

    Parameters
    ----------
    ids, what
        As in `label_exchanges`.

    Returns
    -------
    str
        For each exchange that you labelled your label, the key and what it rests on; then how
        many agree, how many chance alone would give, and Cohen's kappa. Where labels are still
        missing it says so, and keeps the key folded.

    Raises
    ------
    ValueError
        If an exchange or `what` is unknown.

    Examples
    --------
    >>> print(compare_labels(["x001", "x002"]).splitlines()[0])
    You have labelled 0 of 2. Choose above, then run this cell again.
    """
    found = _chosen(ids, what)
    guesses = read_progress()["guesses"]
    yours = pd.Series(
        [guesses.get(f"{name}.{what}", {}).get("guess") for name in found.index], found.index
    )
    lines, key = [], found[what].astype(str)
    for place, name in enumerate(found.index, 1):
        own = yours[name]
        said = "" if own is None else f"You: {own}. " + ("Same. " if own == key[name] else "")
        lines.append(f"{place}. {said}Key: **{key[name]}**. {found.loc[name, 'why']}")
    done = int(yours.notna().sum())
    if done < len(found):
        return Sentence(
            f"You have labelled {done} of {len(found)}. Choose above, then run this cell again.\n\n"
            "<details><summary>The key, for those who only read</summary>\n\n"
            + "\n".join(lines)
            + "\n\n</details>"
        )
    result = rater_agreement(yours, key)
    same, chance = round(result["agreed"] * done), result["by_chance"] * done
    text = f"You and the key agree on {same} of {done}. Chance alone would give {chance:.1f}. "
    text += (
        "Kappa has no value here, because only one label was used."
        if pd.isna(result["kappa"])
        else f"Cohen's kappa is {result['kappa']:.2f}."
    )
    return Sentence("\n".join([*lines, "", text]))
