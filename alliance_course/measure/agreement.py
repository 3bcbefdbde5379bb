"""How far two raters of the same things agree, beyond chance."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd


def rater_agreement(first: Iterable[Any], second: Iterable[Any]) -> pd.Series:
    """How far two raters agree about the same things, by chance and beyond it.

    Parameters
    ----------
    first, second : sequence of labels
        One label each for the same things in the same order. What one of them left out (None or
        missing) is not counted.

    Returns
    -------
    Series
        `labelled` (things that both labelled), `agreed` (share, 0 to 1), `by_chance` (the share
        that two raters would share who use each label as often, but at random) and `kappa`
        (Cohen's kappa: 1 is full agreement, 0 is what chance gives, below 0 is less; missing
        where both used one and the same label throughout, because then chance explains all).

    Raises
    ------
    ValueError
        If the two have different lengths, or nothing was labelled by both.

    Notes
    -----
    Kappa is the share of what chance leaves open that the two agree on. From a handful of
    things it is little more than a guess.

    Examples
    --------
    >>> rater_agreement(["bond", "bond", "task", "goal"], ["bond", "task", "task", "goal"]).round(2)
    labelled     4.00
    agreed       0.75
    by_chance    0.31
    kappa        0.64
    dtype: float64
    """
    for given in (first, second):
        if isinstance(given, (str, Mapping, pd.DataFrame)) or not isinstance(given, Iterable):
            raise ValueError(f"{given!r:.40} is no list of labels: give one a thing")
    one, other = list(first), list(second)
    if len(one) != len(other):
        raise ValueError(
            f"{len(one)} labels and {len(other)} labels: give one each for the same things"
        )
    both = pd.DataFrame({"one": one, "other": other}).dropna().astype(str)
    if both.empty:
        raise ValueError("no thing was labelled by both: give at least one label each")
    names = sorted({*both["one"], *both["other"]})
    table = pd.crosstab(both["one"], both["other"]).reindex(
        index=names, columns=names, fill_value=0
    )
    shares = table.to_numpy() / len(both)
    agreed, chance = shares.trace(), (shares.sum(axis=0) * shares.sum(axis=1)).sum()
    # with a single label there is nothing left beyond chance
    kappa = (agreed - chance) / (1 - chance) if len(names) > 1 else float("nan")
    return pd.Series({"labelled": len(both), "agreed": agreed, "by_chance": chance, "kappa": kappa})
