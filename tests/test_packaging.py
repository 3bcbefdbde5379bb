"""What is shipped: the wheel, the Binder environment, and what importing costs."""

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import alliance_course

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MODEL_HALF = (
    "simulate.trial simulate.studies analyse measure.reliability data.published questions.judge "
    "questions.progress"
).split()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    pytest.importorskip("build", reason="the package build is not installed")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    [path] = folder.glob("*.whl")
    assert path.name.endswith("-py3-none-any.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_is_the_whole_course(wheel):
    names = set(wheel.namelist())
    for folder in ("notebooks", "exercises", "datasets"):
        for path in (ROOT / folder).rglob("*"):
            hidden = any(part.startswith(".") for part in path.relative_to(ROOT).parts)
            if path.is_file() and not hidden and not path.name.startswith("progress.json"):
                assert f"alliance_course/course/{path.relative_to(ROOT).as_posix()}" in names
    assert {"alliance_course/show/explorer/explorer.js", "alliance_course/py.typed"} <= names
    assert {"alliance_course/__init__.pyi", "alliance_course/measure/form.csv"} <= names
    assert "alliance_course/questions/texts/lesson_01.toml" in names
    assert "alliance_tools/start/lab_settings/overrides.json" in names
    assert "alliance_tools/maintain/statistics.csv" in names
    assert not [name for name in names if name.startswith("tests") or "progress.json" in name]


def test_the_wheel_alone_puts_the_course_into_a_folder(wheel, tmp_path):
    wheel.extractall(tmp_path / "site")
    code = (
        "import alliance_course, pathlib; from alliance_tools.start.workspace import deliver\n"
        "assert 'site' in alliance_course.__file__\n"
        "new = deliver(pathlib.Path('course')).new\n"
        "print(len(new), len(alliance_course.load_dataset('clients')))"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    files, clients = map(int, done.stdout.split())
    assert files >= 6 and clients > 500


def test_whatever_a_lesson_may_load_late_is_installed_with_the_course():
    needed = {re.split(r"[>=\[]", line)[0].replace("-", "_") for line in PROJECT["dependencies"]}
    late = set()
    for path in (ROOT / "alliance_course").rglob("*.py"):
        late |= set(re.findall(r'library\("(\w+)', path.read_text(encoding="utf-8")))
    assert {"scipy"} <= late <= needed


def test_the_version_is_the_same_everywhere():
    version = PROJECT["version"]
    assert alliance_course.__version__ == version
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(rf"^version: {re.escape(version)}$", citation, flags=re.MULTILINE)
    archive = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    assert archive["version"] == version
    changes = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert changes[0] == version


def _conda() -> dict[str, str]:
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    return dict(re.findall(r"^  - ([\w-]+)=([\d.]+)$", text, flags=re.MULTILINE))


def test_binder_environment_and_package_agree():
    pinned = _conda()
    floors = dict(
        re.findall(r"^([\w-]+)>=([\d.]+)$", "\n".join(PROJECT["dependencies"]), re.MULTILINE)
    )

    def number(text: str) -> tuple[int, ...]:
        return tuple(map(int, text.split(".")))

    assert pinned.pop("python") == "3.12"
    assert number(PROJECT["requires-python"].removeprefix(">=")) <= (3, 12)
    for name, version in pinned.items():
        floor = floors[name.removesuffix("-base")]
        assert number(version) >= number(floor)[: len(number(version))], name
    missing = set(floors) - {name.removesuffix("-base") for name in pinned}
    # pip brings these with the package itself
    assert missing == {"click", "filelock"}


def test_binder_would_build_from_this_repository():
    app = pytest.importorskip("repo2docker.app", reason="repo2docker is not installed")
    builder = app.Repo2Docker()
    before = Path.cwd()
    try:
        os.chdir(ROOT)
        made = (kind(base_image=builder.base_image) for kind in builder.buildpacks)
        pack = next(p for p in made if p.detect())
        assert type(pack).__name__ == "CondaBuildPack"
        assert pack.environment_yaml_path == "environment.yml"
        assert pack.python_version == "3.12"
        pack.platform = "linux/amd64"
        text = pack.render()
    finally:
        os.chdir(before)
    assert 0 < text.index("COPY --chown") < text.index("env update")
    # what every start would wait for is done in the image, and each start goes through ours
    assert text.index("env update") < text.index("./postBuild")
    assert pack.get_start_script() == "${REPO_DIR}/start"
    assert text.index("R2D_ENTRYPOINT") > 0
    assert not (ROOT / "binder").exists() and not (ROOT / ".binder").exists()


def _python(code: str, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, "-W", "error::ImportWarning", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, **options)


def test_the_model_half_needs_numpy_and_pandas_alone():
    blocked = "matplotlib seaborn ipywidgets anywidget IPython scipy traitlets"
    code = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({blocked.split()!r}))\n"
        "import importlib\n"
        f"[importlib.import_module('alliance_course.' + n) for n in {MODEL_HALF!r}]\n"
        "import alliance_course as ac\n"
        "ac.simulate_trial(20, seed=1); ac.load_dataset('clients'); ac.check('L00.Q1', 3)"
    )
    _python(code)


def test_importing_touches_nothing(tmp_path):
    code = (
        "import sys, socket, os\n"
        "def refuse(*a, **k): raise AssertionError('network')\n"
        "socket.socket = refuse\n"
        "opened = []\n"
        "sys.addaudithook(lambda e, a: opened.append(a) if e == 'open' and isinstance(a[1], str) "
        "and set(a[1]) & set('wax+') else None)\n"
        "import matplotlib\n"
        "before, backend = dict(matplotlib.rcParams), matplotlib.get_backend()\n"
        "opened.clear()\n"
        "import alliance_course as ac, alliance_course.simulate.trial\n"
        "import alliance_course.lessons.lesson_01, alliance_course.questions.cards\n"
        "import alliance_tools.cli\n"
        "assert dict(matplotlib.rcParams) == before and matplotlib.get_backend() == backend\n"
        "assert not opened, opened"
    )
    _python(code, cwd=tmp_path, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    assert list(tmp_path.iterdir()) == []


def test_importing_costs_little():
    """At most 0.15 s on top of numpy and pandas: processor time, best of five."""
    code = (
        "import time, numpy, pandas; start = time.process_time(); import alliance_course as ac; "
        "ac.simulate_trial; ac.load_dataset; print(time.process_time() - start)"
    )
    assert min(float(_python(code).stdout) for _ in range(5)) <= 0.15


def test_no_public_name_is_hidden_by_its_own_module():
    """A name that is also a module's turns into the module once that has been loaded."""
    import alliance_course

    modules = {path.stem for path in (ROOT / "alliance_course").iterdir()}
    assert not modules & set(alliance_course.__all__)


def test_the_readme_names_each_lesson_by_its_title():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        source = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]
        title = "".join(source).splitlines()[0].removeprefix("# ")
        assert f"[{title}](notebooks/{path.name})" in text, path.name
