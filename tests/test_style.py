"""The code keeps the house rules: ruff, types, sizes, and nothing that only one machine knows."""

import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from alliance_course import load_dataset, plot_components, plot_people
from alliance_course.show.style import DARK, LIGHT, MARKERS, PALETTE, SIGNS

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    "command", (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]), ids=" ".join
)
def test_tool_finds_nothing(command):
    pytest.importorskip(command[0], reason=f"{command[0]} is not installed")
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def _tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.splitlines() if (ROOT / name).exists()]


def test_no_file_knows_one_machine():
    for path in _tracked():
        if path.suffix in (".png", ".csv", ".gif", ".webp"):
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r'["\'( ]/(home|root|Users|work|tmp)/\w', text), path
        assert "lock" not in path.suffix


def _linear(colour: str) -> np.ndarray:
    share = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def _luminance(colour: str) -> float:
    return float(np.array([0.2126, 0.7152, 0.0722]) @ _linear(colour))


def _lab(linear: np.ndarray) -> np.ndarray:
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ np.clip(linear, 0, 1) / np.array([0.9505, 1, 1.089])
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


# Machado, Oliveira and Fernandes (2009), full severity
EYES = {
    "usual": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
THEMES = {"light": LIGHT, "dark": DARK}
THREE = ("bond", "goal", "task")
WRITTEN = ("ink", "soft", "act", "right", "partly", "wrong", "note")
SHEETS = ("alliance_course/**/*.css", "alliance_tools/s*/**/*.css")


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_drawn_stands_out_from_its_paper(theme):
    colours = THEMES[theme]
    paper = _luminance(colours["paper"])
    for name in set(colours) - {"paper", "hair", "wash"}:
        high, low = sorted((_luminance(colours[name]), paper), reverse=True)
        # letters need more than lines and marks do
        assert (high + 0.05) / (low + 0.05) >= (4.5 if name in WRITTEN else 3), name


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("eye", EYES)
def test_colours_stay_apart_for_every_eye(eye, theme):
    series = [f"series-{k}" for k in (1, 2, 3, 4)]
    for names, least in (([*THREE, "other"], 15), (series, 20)):
        for pair in combinations(names, 2):
            a, b = (_lab(np.array(EYES[eye]) @ _linear(THEMES[theme][name])) for name in pair)
            assert np.linalg.norm(a - b) >= least, (pair, np.linalg.norm(a - b))


def test_bond_goals_and_tasks_have_a_colour_and_a_sign_of_their_own():
    assert tuple(SIGNS) == THREE and len(set(SIGNS.values())) == 3
    assert PALETTE[:3] == tuple(LIGHT[name] for name in THREE)
    assert MARKERS[:3] == ("o", "s", "D"), "the marks that the signs are"
    for theme in THEMES.values():
        assert not {theme[name] for name in THREE} & {theme[f"series-{k}"] for k in (1, 2, 3, 4)}


def test_no_other_sheet_has_a_palette_of_its_own():
    sheets = [path for where in SHEETS for path in ROOT.glob(where) if path.name != "tokens.css"]
    assert {"cards.css", "explorer.css", "room.css", "site.css"} <= {path.name for path in sheets}
    for path in sheets:
        # the paper of a picture without a theme; shadows
        text = re.sub(r"background: #fff;|#(?:8886|0003|0008)", "", path.read_text("utf-8"))
        assert not re.findall(r"#[0-9a-f]{3,8}\b|rgba?\(|hsl", text), path.name


def test_both_dark_blocks_of_the_sheet_say_the_same():
    sheet = (ROOT / "alliance_course" / "show" / "tokens.css").read_text(encoding="utf-8")
    _, dark, system = re.findall(r"\{([^{}]+)\}", sheet)[:3]
    assert re.findall(r"--ac.*?;", dark) == re.findall(r"--ac.*?;", system)
    assert DARK.keys() == LIGHT.keys() and "series-4" in DARK


@pytest.mark.parametrize("spoil", ("dark_background", "ggplot", "seaborn"))
def test_a_learners_own_style_does_not_show_in_our_pictures(spoil):
    import matplotlib as mpl
    import seaborn as sns

    def drawn() -> tuple[bytes, bytes]:
        plot = plot_people({"all": 24}, "leave early"), plot_components(third)
        return plot[0].png(), plot[1].png()

    third = load_dataset("sessions", session=3)
    before = drawn()
    with mpl.rc_context():
        if spoil == "seaborn":
            sns.set_theme(style="darkgrid", context="poster", palette="pastel")
        else:
            mpl.style.use(spoil)
        theirs = dict(mpl.rcParams)
        assert drawn() == before
        assert dict(mpl.rcParams) == theirs


def test_each_colour_and_size_that_a_sheet_uses_is_set_somewhere():
    root = Path(__file__).resolve().parent.parent
    sheets = [*root.glob("alliance_course/**/*.css"), *root.glob("alliance_tools/**/*.css")]
    scripts = [*root.glob("alliance_course/**/*.js"), *root.glob("alliance_tools/**/*.js")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sheets)
    code = "\n".join(path.read_text(encoding="utf-8") for path in scripts)
    for name in sorted(set(re.findall(r"var\((--ac-[\w-]+)\)", text))):
        assert re.search(rf"{name}\b *:|@property {name}\b", text) or name in code, name
