"""Whatever is typed, saved or named: a learner gets a sentence, never a traceback or a wrong point.

A short profile runs here. ``MADE_UP=20000 python -m pytest tests/test_made_up.py`` makes as many
inputs as that in all.
"""

import contextlib
import inspect
import io
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import alliance_course as ac
from alliance_course.folders import CourseFileError
from alliance_course.questions.bank import registry
from alliance_course.questions.progress import exchange
from alliance_tools.cli import app
from alliance_tools.start.workspace import FolderError, deliver

MADE = int(os.environ.get("MADE_UP", "600"))
KNOWN = {"right", "near miss", "misunderstanding", "not yet", "kind", "shape", "not attempted"}
CHECKED = sorted(key for key, entry in registry().items() if "reveal" not in entry)
# these take seconds, draw pictures of their own or wait for somebody: one refusal each is enough
SLOW = {
    "simulate_trial", "simulate_worlds", "simulate_literature", "capstone", "export_capstone",
    "factor_models", "dismantle", "train_repair", "take_out_homework", "compare_politeness",
    "plot_hidden_technique", "plot_paths", "play_client", "caption", "compare_shares",
}  # fmt: skip
FUNCTIONS = sorted(
    name
    for name in ac.__all__
    if inspect.isfunction(getattr(ac, name)) and inspect.signature(getattr(ac, name)).parameters
)


def profile(share):
    """So many of the inputs, however the machine is loaded."""
    return settings(
        max_examples=max(10, round(MADE * share)),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=MADE <= 600,
    )


class Broken:
    """An object whose own methods fail."""

    def __repr__(self):
        return "Broken()"

    def __float__(self):
        raise RuntimeError("no")

    __len__ = __iter__ = __str__ = __eq__ = __float__
    __hash__ = object.__hash__


texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["0,29", "29%", "1.234,5", "a and b", "\u0430", "\u22120.3", "a\ud800", "", "b)"]
    ),
    st.floats().map(lambda x: str(x).replace(".", ",")),
)
single = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.binary(max_size=6),
    st.dates(),
    texts,
    st.builds(Broken),
    st.sampled_from([..., np.nan, pd.NA, pd.NaT, np.int64(3), np.float32(0.5), len, ac, 10**400]),
)
several = st.one_of(
    st.lists(single, max_size=4),
    st.lists(single, max_size=3).map(tuple),
    st.dictionaries(st.text(max_size=3), single, max_size=3),
    st.lists(st.floats(), max_size=4).map(np.array),
    st.lists(texts, max_size=4).map(pd.Series),
    st.lists(st.floats(), max_size=4).map(pd.Series),
    st.lists(single, max_size=3).map(lambda x: [[x]]),
)
columns = ["client", "session", "therapist", "outcome", "alliance_client", "bond_1", "r", "n", "a"]
tables = st.builds(
    lambda names, rows, repeated: pd.DataFrame(
        [(row * len(names))[: len(names)] for row in rows],
        columns=names,
        index=[0] * len(rows) if repeated else None,
    ),
    st.lists(st.sampled_from(columns), min_size=1, max_size=5),
    st.lists(st.lists(st.one_of(st.floats(), st.integers(0, 5), texts), min_size=1), max_size=5),
    st.booleans(),
)
anything = st.one_of(single, several, tables, st.sampled_from(columns))


def one_line(error):
    text = str(error)
    assert text and "\n" not in text and len(text) < 900, text
    assert "Traceback" not in text


@profile(0.35)
@given(
    key=st.sampled_from(CHECKED),
    answer=st.one_of(single, several),
    seed=st.one_of(st.none(), single),
)
def test_an_answer_never_raises_and_a_seed_only_by_its_name(key, answer, seed, quiet_record):
    try:
        result = ac.check(key, answer, seed=seed)
    except ValueError as error:
        one_line(error)
        assert "seed" in str(error)
    else:
        assert result.state in KNOWN


@profile(0.35)
@given(data=st.data())
def test_every_public_function_refuses_in_one_line(data, quiet_record):
    name = data.draw(st.sampled_from([name for name in FUNCTIONS if name not in SLOW]))
    function = getattr(ac, name)
    arguments, named = [], {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            arguments += data.draw(st.lists(anything, max_size=2))
        elif (
            parameter.kind is parameter.POSITIONAL_OR_KEYWORD
            and parameter.default is parameter.empty
        ):
            arguments.append(data.draw(anything))
        elif data.draw(st.booleans()):
            named[parameter.name] = data.draw(anything)
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            function(*arguments, **named)
        except (ValueError, CourseFileError) as error:
            one_line(error)
            # what is said comes from the course, and no frame of a library is shown
            inner = error.__traceback__
            while inner.tb_next:
                inner = inner.tb_next
            assert inner.tb_frame.f_globals["__name__"].startswith(
                ("alliance_course", "tests", "test_")
            )
            assert error.__cause__ is None and (
                error.__context__ is None or error.__suppress_context__
            )
        except RuntimeError as error:  # a search that found no best fit
            one_line(error)


@pytest.mark.parametrize("name", sorted(SLOW & set(FUNCTIONS)))
@pytest.mark.parametrize("wrong", [Broken(), {"a": 1}, pd.DataFrame({"a": [1]})], ids=type)
def test_slow_functions_refuse_too(name, wrong, quiet_record):
    function = getattr(ac, name)
    for parameter in inspect.signature(function).parameters:
        try:
            function(**{parameter: wrong})
        except (ValueError, CourseFileError) as error:
            one_line(error)


@pytest.fixture(scope="module")
def quiet_record(tmp_path_factory):
    """Whatever is recorded goes to one file of its own; nothing is drawn into the tests' output."""
    here, before = Path.cwd(), os.environ.get("ALLIANCE_PROGRESS")
    folder = tmp_path_factory.mktemp("made up")
    os.environ["ALLIANCE_PROGRESS"] = str(folder / "progress.json")
    os.chdir(folder)
    yield folder
    os.chdir(here)
    os.environ["ALLIANCE_PROGRESS"] = before or ""


@profile(0.15)
@given(
    content=st.one_of(
        st.binary(max_size=60),
        st.text(max_size=40).map(lambda t: t.encode("utf-8", "replace")),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=5),
            lambda x: (
                st.lists(x, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["version", "guesses", "answers", "tries", "at"]), x
                )
            ),
        ).map(lambda x: json.dumps(x).encode("utf-8", "replace")),
    )
)
def test_any_file_of_progress_is_survived_and_kept(content, quiet_record, tmp_path_factory):
    folder = tmp_path_factory.mktemp("file")
    file = folder / "progress.json"
    file.write_bytes(content)
    with pytest.raises(ValueError) as caught:
        ac.import_progress(file, path=folder / "other.json")
        raise ValueError("read")
    one_line(caught.value)
    before = os.environ["ALLIANCE_PROGRESS"]
    os.environ["ALLIANCE_PROGRESS"] = str(file)
    try:
        assert ac.check("L00.Q1", 600).state == "right"
    finally:
        os.environ["ALLIANCE_PROGRESS"] = before
    # what was there stands in the file, in its copy, or is newer and was not touched
    kept = [path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")]
    assert content in kept or b"L00.Q1" in file.read_bytes()


@profile(0.15)
@given(
    name=st.one_of(
        st.text(min_size=1, max_size=20),
        st.integers(200, 5000).map(lambda n: "n" * n),
        st.sampled_from(["a\0b", "..", "CON", "a\ud800", "~nobody/x", "é" * 130]),
    )
)
def test_any_name_of_a_folder_is_filled_or_refused_in_one_line(
    name, quiet_record, tmp_path_factory
):
    place = tmp_path_factory.mktemp("names")
    target = Path(os.path.normpath(os.path.join(place, "in", name.lstrip("/"))))
    if place not in target.parents:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "alliance_tools.start.workspace.course_files", lambda: {"notebooks/a": Path(__file__)}
        )
        try:
            deliver(target)
        except FolderError as error:
            one_line(error)
        else:
            assert (target / "notebooks" / "a").exists()


entries = st.dictionaries(
    st.sampled_from(["guess", "state", "tries", "at", "wrong", "answer", "label", "seen"]),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
)
sent = st.one_of(
    st.none() | st.integers() | st.text(max_size=8),
    st.fixed_dictionaries(
        {"version": st.one_of(st.integers(0, 4), st.text(max_size=3))},
        optional={
            part: st.one_of(
                st.none(),
                st.lists(st.integers(), max_size=2),
                st.dictionaries(
                    st.sampled_from([*CHECKED[:3], "L00.P1", "x", "\ud800"]),
                    entries | st.integers() | st.lists(st.text(max_size=3), max_size=2),
                    max_size=3,
                ),
            )
            for part in ("guesses", "answers", "labels", "texts")
        },
    ),
)


@profile(0.1)
@given(brought=sent)
def test_whatever_a_page_sends_is_taken_or_left_and_the_record_stays_whole(
    brought, quiet_record, tmp_path_factory
):
    file = tmp_path_factory.mktemp("sent") / "progress.json"
    ac.check("L00.Q1", 600)
    found = exchange(brought, file)
    assert set(found) == {"record", "note", "saved"} and "\n" not in found["note"]
    assert not file.exists() or json.loads(file.read_text(encoding="utf-8")) == found["record"]
    assert exchange(found["record"], file)["record"] == found["record"]


# these write a whole course, start something or run for minutes: they have tests of their own
COMMANDS = [
    "agenda", "class", "collect", "submitted", "key", "links", "marks", "score", "assignment",
    "datasets", "export", "start-page", "slides", "handout",
]  # fmt: skip


@profile(0.05)
@given(data=st.data())
def test_whatever_is_typed_after_a_command_is_answered_in_words(data, quiet_record):
    name = data.draw(st.sampled_from(COMMANDS))
    typed = st.one_of(
        # as a command line hands them over: no zero byte, and bytes that are no text as \\udcXX
        texts.map(lambda t: t.replace("\0", "").encode("utf-8", "replace").decode()),
        st.integers(-3, 10**6).map(str),
        st.sampled_from(["nowhere", "../..", "13", "01,99", "2031", "25:00", "a\udcff", "n" * 300]),
    )
    line = [name, *data.draw(st.lists(typed, min_size=1, max_size=2))]
    for parameter in app.commands[name].params:
        # a folder to write into is named elsewhere: here nothing is to be written
        option = parameter.opts[0]
        if option.startswith("--") and option != "--record" and data.draw(st.booleans()):
            line += [option] if parameter.is_flag else [option, data.draw(typed)]
    done = CliRunner().invoke(app, line)
    assert done.exception is None or isinstance(done.exception, SystemExit), (line, done.exception)
    assert "Traceback" not in done.output
    assert done.exit_code == 0 or 0 < len(done.output.strip().splitlines()) <= 12, done.output
