import json
import subprocess
import sys

import pandas as pd
import pytest
from codebook import check_frame
from frictionless import Package
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_course.data.tables import describe_dataset, list_datasets, load_dataset, package
from alliance_course.folders import course_folder
from alliance_course.simulate.parameters import CONDITIONS, TREATMENTS
from alliance_course.simulate.trial import simulate_trial
from alliance_tools.maintain.clinic import build_datasets

FOLDER = course_folder("datasets")
NAMES = [resource["name"] for resource in package()["resources"]]
SIMULATED = NAMES[:3]


def test_files_satisfy_their_codebook():
    report = Package(str(FOLDER / "datapackage.json")).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])[:5]


@pytest.mark.parametrize("name", NAMES)
def test_loaded_tables_satisfy_their_codebook(name):
    check_frame(load_dataset(name), name)


def test_simulated_files_are_remade_byte_for_byte(tmp_path):
    for path in build_datasets(tmp_path):
        same = path.read_bytes() == (FOLDER / path.name).read_bytes()
        assert same, f"{path.name} is not what the model makes: run build_datasets()"


def test_the_clinic_is_as_large_as_promised():
    clients, sessions, items = (load_dataset(name) for name in SIMULATED)
    assert len(clients) == 600 and clients["therapist"].nunique() == 40
    assert set(clients["condition"].cat.categories) == set(CONDITIONS)
    assert clients["treatment"].nunique() == 4
    assert sessions["session"].max() <= 16
    assert set(items["session"]) == {3}
    assert 0.01 < items.filter(regex="_[1-4]$").isna().to_numpy().mean() < 0.02


def test_sessions_and_clients_tell_the_same_story():
    clients, sessions = load_dataset("clients"), load_dataset("sessions")
    attended = sessions.groupby("client").size()
    assert (clients.set_index("client")["sessions_attended"] == attended).all()
    assert not (sessions["repaired"] & ~sessions["rupture"]).any()
    left = clients["sessions_attended"] < clients["sessions_planned"]
    assert (clients["dropped_out"] == left).all()


def test_columns_have_their_types():
    clients, items = load_dataset("clients"), load_dataset("items")
    assert clients["dropped_out"].dtype == bool
    assert clients["outcome"].dtype == "int64"
    assert not clients["condition"].cat.ordered
    assert items["bond_1"].dtype == "Int64" and items["bond_1"].isna().any()
    verified = load_dataset("published_effects")["verified"].cat
    assert verified.ordered
    assert list(verified.categories) == ["unsure", "memory", "secondary", "yes"]


@pytest.mark.parametrize(("given_name", "expected"), [("Client", "clients"), ("itms", "items")])
def test_unknown_name_suggests_the_nearest(given_name, expected):
    with pytest.raises(ValueError, match=f"did you mean '{expected}'"):
        load_dataset(given_name)


def test_a_table_instead_of_a_name_is_explained():
    with pytest.raises(ValueError, match='load_dataset\\("clients"\\)'):
        load_dataset(pd.DataFrame({"a": [1]}))


@pytest.mark.parametrize("name", NAMES)
def test_description_reads_as_text_and_as_table(name):
    described = describe_dataset(name)
    assert list(described.codebook.index) == list(load_dataset(name).columns)
    assert described.codebook["meaning"].str.endswith(".").all()
    text = str(described)
    assert all(f"\n{column}: " in text for column in described.codebook.index)
    assert described._repr_markdown_().count("\n| ") == len(described.codebook) + 2


@pytest.mark.parametrize("name", NAMES)
def test_each_table_has_a_card(name):
    card = describe_dataset(name).card
    assert "CC0" in card
    if name in SIMULATED:
        assert "Simulated: not evidence" in card and f"seed {package()['clinic']['seed']}." in card
    elif name in ("calibration", "worlds", "two_assumptions", "not_fitted"):
        assert "Simulated: not evidence" in card
    else:
        assert "Not simulated" in card


def test_the_list_has_a_line_for_each():
    table = list_datasets()
    assert list(table.index) == NAMES
    assert table["description"].str.len().gt(20).all()


subsets = {
    "conditions": st.lists(st.sampled_from(CONDITIONS), min_size=1, unique=True),
    "treatments": st.lists(st.sampled_from(TREATMENTS), min_size=1, unique=True),
}


@settings(max_examples=30, deadline=None)
@given(
    n_clients=st.integers(1, 40),
    more_therapists=st.integers(0, 5),
    n_sessions=st.integers(1, 20),
    seed=st.integers(0, 10**6),
    **subsets,
)
def test_any_valid_design_satisfies_the_codebook(treatments, more_therapists, **design):
    trial = simulate_trial(
        n_therapists=len(treatments) + more_therapists, treatments=treatments, items=True, **design
    )
    for name, frame in zip(SIMULATED, trial, strict=True):
        check_frame(frame, name)


clients = load_dataset("clients")
BROKEN = {
    "outcome": clients.assign(outcome=28),
    "empathy": clients.assign(empathy=0.5),
    "readiness": clients.assign(readiness=float("inf")),
    "condition": clients.assign(condition="sadness"),
    "dropped_out": clients.assign(dropped_out=1),
    "therapist": clients.drop(columns="therapist"),
    "severity_intake": clients.assign(severity_intake=clients["severity_intake"] + 0.5),
    "shoe_size": clients.assign(shoe_size=42),
    "client": clients.assign(client=1),
    "expectation": clients.assign(expectation=None),
}


@pytest.mark.parametrize("column", BROKEN)
def test_a_broken_frame_is_refused_by_the_columns_name(column):
    with pytest.raises(ValueError, match=f"column '{column}'"):
        check_frame(BROKEN[column], "clients")


def test_data_and_checks_work_without_pictures_and_widgets():
    blocked = ["matplotlib", "seaborn", "ipywidgets", "anywidget", "IPython", "scipy"]
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({blocked!r}))\n"
        "import alliance_course.data.tables as d, alliance_course.questions.judge as c\n"
        "import alliance_course.show.sources as e, alliance_course.questions.progress\n"
        "d.load_dataset('clients'); e.cite('A01'); c.solution('L01.Q4')\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_codebook_is_plain_json_with_a_licence():
    content = json.loads((FOLDER / "datapackage.json").read_text(encoding="utf-8"))
    assert content["licenses"][0]["name"] == "CC0-1.0"


def test_false_is_false_in_a_table_that_starts_with_words():
    missed = load_dataset("calibration").query("not passes")
    assert not missed.empty
    assert not missed["simulated"].between(missed["low"], missed["high"]).any()
