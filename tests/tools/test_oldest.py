"""What older packages did otherwise; `.ci/run` runs this once more with the oldest allowed."""

import pytest
from click.testing import CliRunner

from alliance_course.data.tables import list_datasets, load_dataset, package
from alliance_course.show.sources import cite
from alliance_tools.cli import app

COMMANDS = sorted(app.commands)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_help_and_answers_a_wrong_option(command):
    words = [command] if command else []
    shown = CliRunner().invoke(app, [*words, "--help"])
    assert shown.exit_code == 0 and "Usage" in shown.output
    if command != "test":  # it hands its options on
        wrong = CliRunner().invoke(app, [*words, "--nonsense"])
        assert wrong.exit_code == 2 and "No such option" in wrong.output


@pytest.mark.parametrize("name", list_datasets().index)
def test_a_missing_text_is_missing_and_no_word(name):
    table = load_dataset(name)
    fields = next(r for r in package()["resources"] if r["name"] == name)["schema"]["fields"]
    for column in (field["name"] for field in fields if field["type"] == "string"):
        words = table[column].dropna().astype(str).str.lower()
        assert not words.isin(["nan", "none", "<na>", "na"]).any(), column


def test_gaps_of_the_evidence_table_are_gaps():
    effects = load_dataset("published_effects")
    assert effects["doi"].isna().sum() > 10 and effects["ci_low"].isna().sum() > 50
    assert not [row for row in effects["id"] if "nan" in cite(row).split("doi.org/")[-1][:6]]
