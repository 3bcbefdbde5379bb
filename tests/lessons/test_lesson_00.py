"""What lesson 00 says of the clinic and of its model holds."""

from functools import cache

import pandas as pd
from shared import CLINIC

from alliance_course import load_dataset, published_effects, simulate_trial


@cache
def left(seed: int) -> float:
    return 100 * simulate_trial(**CLINIC, seed=seed).clients["dropped_out"].mean()


def test_about_as_many_leave_as_in_published_studies():
    published = published_effects().loc["I01", "estimate"]
    assert round(published) == 20
    assert sum(abs(left(seed) - published) < 8 for seed in range(20)) >= 19


def test_a_model_without_any_effect_agrees_with_nearly_as_many_findings():
    score = load_dataset("worlds").groupby("target")[["course_passes", "rival_passes"]].all().sum()
    targets = load_dataset("worlds")["target"].nunique()
    assert targets / 2 < score["rival_passes"] < score["course_passes"] < targets
    assert score["course_passes"] - score["rival_passes"] <= targets / 8


def test_the_tables_are_what_the_lesson_says():
    clients, sessions = load_dataset("clients"), load_dataset("sessions")
    assert clients["client"].is_unique
    assert not sessions.duplicated(["client", "session"]).any()
    assert clients["outcome"].between(0, 27).all()
    by = clients.groupby("dropped_out")["outcome"].mean()
    assert isinstance(by, pd.Series) and by[False] > by[True]
