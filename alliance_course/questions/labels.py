"""Label the exchanges as raters do, and compare with the key."""

from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd

from alliance_course.data.tables import load_dataset
from alliance_course.measure.agreement import rater_agreement
from alliance_course.questions.cards import Cards, LiveSentence, folded, still_page
from alliance_course.questions.progress import read_progress
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


def _items(found: pd.DataFrame, what: str) -> list[dict[str, Any]]:
    return [
        {"id": f"{row.Index}.{what}", "key": str(getattr(row, what)), "why": row.why}
        for row in found.itertuples()
    ]


def _turns(text: str) -> list[list[str]]:
    return [[who, words] for who, _, words in (t.partition(": ") for t in text.split(" / "))]


def label_exchanges(ids: Sequence[str] | str, *, what: str = "component") -> Cards:
    """Show exchanges to label, one at a time; each answer is followed by the key and its reason.

    Parameters
    ----------
    ids : sequence of str
        Exchanges, such as ``["x001", "x002"]``; ``load_dataset("exchanges")`` has all of them.
    what : str
        "component" (bond, goal or task), "happens" (built, strained or repaired) or "movement"
        (withdraws or confronts; only where something is strained).

    Returns
    -------
    widget
        Put it last in a cell. `compare_labels` counts how far you and the key agree.

    Raises
    ------
    ValueError
        If an exchange or `what` is unknown.

    Notes
    -----
    The first label stays, as it does with raters, who do not see the key.

    Examples
    --------
    >>> label_exchanges("x001")  # doctest: +SKIP
    """
    found = _chosen(ids, what)
    items = [
        {**item, "turns": _turns(text)}
        for item, text in zip(_items(found, what), found["text"], strict=True)
    ]
    options = [{"key": key, "text": text} for key, text in LABELS[what].items()]
    card = {"kind": "deck", "prompt": _PROMPTS[what], "options": options, "items": items}
    choose = f"<p><strong>{_PROMPTS[what]}</strong> " + "; ".join(
        f"<em>{key}</em>: {text}" for key, text in LABELS[what].items()
    )
    html, lines = [f"{choose}.</p>"], [_PROMPTS[what]]
    for place, item in enumerate(items, 1):
        said = "<br>".join(
            f"<strong>{escape(who)}:</strong> {escape(words, quote=False)}"
            for who, words in item["turns"]
        )
        html.append(f"<blockquote><p><em>{place} of {len(items)}</em><br>{said}</p></blockquote>")
        lines.append(f"{place}. " + " / ".join(f"{who}: {words}" for who, words in item["turns"]))
    still = {"text/html": still_page("\n".join(html)), "text/plain": "\n".join(lines)}
    return Cards([card], still)


def compare_labels(ids: Sequence[str] | str, *, what: str = "component") -> LiveSentence:
    """Put your labels beside the key, with reasons, and say how far you agree.

    Parameters
    ----------
    ids, what
        As in `label_exchanges`.

    Returns
    -------
    str
        For each exchange that you labelled your label, the key and what it rests on; then how
        many agree and how many chance alone would give. Where labels are still missing it says
        so. A notebook shows it as a card that follows the labels and keeps the key folded.

    Raises
    ------
    ValueError
        If an exchange or `what` is unknown.

    Examples
    --------
    >>> print(compare_labels(["x001", "x002"]).splitlines()[0])
    You have labelled 0 of 2. The comparison follows your labels above.
    """
    found = _chosen(ids, what)
    items, guesses = _items(found, what), read_progress()["guesses"]
    yours = [guesses.get(item["id"], {}).get("guess") for item in items]
    lines = []
    for place, (item, own) in enumerate(zip(items, yours, strict=True), 1):
        said = "" if own is None else f"You: {own}. " + "Same. " * (own == item["key"])
        lines.append(f"{place}. {said}Key: **{item['key']}**. {item['why']}")
    text = _agreement(yours, [item["key"] for item in items])
    sentence = LiveSentence("\n".join([text, "", *lines]))
    rows = "".join(
        f"<li>Key: <strong>{item['key']}</strong>. {escape(item['why'])}</li>" for item in items
    )
    fold = folded("The key, for those who only read", f"<ol>{rows}</ol>")
    still = {"text/html": still_page(f"<p>{text}</p>{fold}"), "text/plain": str(sentence)}
    card = {"kind": "comparison", "labels": list(LABELS[what]), "items": items}
    sentence.cards = Cards([card], still)
    return sentence


def _agreement(yours: Sequence[str | None], key: Sequence[str]) -> str:
    done = sum(own is not None for own in yours)
    if done < len(key):
        return f"You have labelled {done} of {len(key)}. The comparison follows your labels above."
    result = rater_agreement(yours, key)
    same, chance = round(result["agreed"] * done), result["by_chance"] * done
    return f"You and the key agree on {same} of {done}. Chance alone would give {chance:.1f}."
