"""Label the exchanges as raters do, and compare with the key."""

from collections.abc import Sequence
from html import escape

import pandas as pd

from alliance_course.data.tables import load_dataset
from alliance_course.measure.agreement import rater_agreement
from alliance_course.questions.progress import read_progress
from alliance_course.questions.sentence import Sentence
from alliance_course.questions.widget import prediction_widget
from alliance_course.refusals import listed, nearest

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


def _chosen(ids: Sequence[str] | str, what: str) -> pd.DataFrame:
    """The exchanges named by `ids`, in that order; refuses what cannot be labelled."""
    if what not in LABELS:
        raise ValueError(f"what={what!r} is unknown: {nearest(what, LABELS)}")
    names = listed(ids)
    exchanges = load_dataset("exchanges").set_index("id")
    for name in names:
        if name not in exchanges.index:
            raise ValueError(f"ids: {name!r} is no exchange: {nearest(name, exchanges.index)}")
    if not names or len(set(names)) != len(names):
        raise ValueError("ids: name at least one exchange, and each only once")
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
        turns = [turn.partition(": ") for turn in escape(text, quote=False).split(" / ")]
        said = "<br>".join(f"<strong>{who}:</strong> {words}" for who, _, words in turns)
        count = f"{place} of {len(found)}"
        display(HTML(f"<blockquote><p><em>{count}</em><br>{said}</p></blockquote>"))
        entry = {"id": f"{name}.{what}", "kind": "choice", "option": options, "reveal": ""}
        asked = entry | {"prompt": f"{count}: {_PROMPTS[what]}"}
        display(prediction_widget(asked, "Note my label"))


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
    labels = [guesses.get(f"{name}.{what}", {}).get("guess") for name in found.index]
    yours = pd.Series(labels, found.index)
    lines, key = [], found[what].astype(str)
    for place, (own, right, why) in enumerate(zip(labels, key, found["why"], strict=True), 1):
        said = "" if own is None else f"You: {own}. " + ("Same. " if own == right else "")
        lines.append(f"{place}. {said}Key: **{right}**. {why}")
    done = int(yours.notna().sum())
    if done < len(found):
        told = (
            f"You have labelled {done} of {len(found)}. Choose above, then run this cell again.",
            "<details><summary>The key, for those who only read</summary>",
            "\n".join(lines),
            "</details>",
        )
        return Sentence("\n\n".join(told))
    result = rater_agreement(yours, key)
    same, chance = round(result["agreed"] * done), result["by_chance"] * done
    text = f"You and the key agree on {same} of {done}. Chance alone would give {chance:.1f}. "
    kappa = f"Cohen's kappa is {result['kappa']:.2f}."
    if pd.isna(result["kappa"]):
        kappa = "Kappa has no value here, because only one label was used."
    return Sentence("\n".join([*lines, "", text + kappa]))
