"""The code keeps the house rules: ruff, types, sizes, and nothing that only one machine knows."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

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
        if path.suffix in (".png", ".csv"):
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r'["\'( ]/(home|root|Users|work|tmp)/\w', text), path
        assert "lock" not in path.suffix


def test_colours_can_be_told_apart():
    from alliance_course.show.style import PALETTE

    def channel(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    assert len(PALETTE) == 4
    for colour in PALETTE:
        red, green, blue = (channel(int(colour[k : k + 2], 16)) for k in (1, 3, 5))
        contrast = 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
        assert contrast >= 3, colour
