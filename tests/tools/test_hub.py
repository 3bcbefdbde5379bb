"""A class on a real JupyterHub, small: two learners, two homes, and nothing between them."""

import asyncio
import importlib.util
import os
from pathlib import Path

import pytest

from alliance_tools.instructor.class_answers import read_class
from alliance_tools.instructor.collect import collect
from alliance_tools.start.first_page import HOME, first_page
from alliance_tools.start.hub import CONSENT, FOLDER, server_options

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("jupyterhub", "aiohttp", "psutil")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]
NOTE = "# this sentence is mine\n"


def load_benchmark():
    spec = importlib.util.spec_from_file_location("hub_benchmark", ROOT / "benchmarks" / "hub.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def class_hub():
    """What two learners of one hub tried, and what came of it."""
    if MISSING:
        pytest.skip(f"not installed: {', '.join(MISSING)}; pip install 'alliance-course[hub]'")
    benchmark = load_benchmark()
    if reason := benchmark.why_not():
        pytest.skip(f"no hub here: {reason}")
    with benchmark.passable_folder() as folder, benchmark.running_hub(folder) as hub:
        yield hub, benchmark.run(_two_learners(benchmark, hub))


async def _tried(learner, code: str) -> str:
    """The name of the error that this code meets, or what it printed."""
    wrapped = (
        "import os\n"
        "try:\n" + "".join(f"    {line}\n" for line in code.splitlines()) + ""
        "except BaseException as error:\n    print(type(error).__name__)\n"
    )
    return (await learner.run(wrapped)).strip()


async def _two_learners(benchmark, hub) -> dict:
    found: dict = {}
    async with benchmark.Learner(hub, "ada") as ada, benchmark.Learner(hub, "ben") as ben:
        await asyncio.gather(ada.sign_in(), ben.sign_in())
        await asyncio.gather(ada.open(), ben.open())
        await asyncio.gather(*(one.run("import alliance_course as ac") for one in (ada, ben)))
        await ada.run(f"ac.export_progress('../{CONSENT}/code-17.json')")
        found["ada"] = await ada.answer()
        await ada.run(f"ac.export_progress('../{CONSENT}/code-18.json')")
        status, _ = await ben.get("api/contents/progress.json?content=1")
        found["ben has a record already"] = status == 200
        hers = hub.home("ada") / FOLDER
        attempts = {
            "read her record": f"print(open({str(hers / 'progress.json')!r}).read())",
            "list her folder": f"print(os.listdir({str(hers)!r}))",
            "list the homes": f"print(os.listdir({str(hub.homes)!r}))",
            "write into her folder": f"open({str(hers / 'x.txt')!r}, 'w')",
            "change what all get": f"open({str(hub.folder / 'ready' / HOME)!r}, 'w')",
            "stop her server": f"os.kill({_server_of(hub, 'ada')}, 15)",
            "read her server's secrets": f"open('/proc/{_server_of(hub, 'ada')}/environ').read()",
            "read the hub's secret": f"print(open({str(hub.folder / 'cookie_secret')!r}).read())",
            "read the hub's table": f"print(open({str(hub.folder / 'hub.sqlite')!r}, 'rb').read())",
        }
        found["attempts"] = {name: await _tried(ben, code) for name, code in attempts.items()}
        found["over the network"] = {
            path: (await ben.get(path, whose="ada"))[0]
            for path in ("api/contents/progress.json", "api/kernels", "lab")
        }
        found["too much"] = await _tried(ben, "print(len(bytearray(2 * 10**9)))")
        found["alive"] = (await ben.run("print(6 * 7)")).strip()
        # ben tries to hand in what is hers
        await ben.run(
            f"os.symlink({str(hers / 'progress.json')!r}, '../{CONSENT}/hers.json')\n"
            f"os.symlink('/etc/hostname', '../{CONSENT}/host.json')"
        )
        lesson = hers / benchmark.LESSON
        await ada.run(f"open({str(lesson)!r}, 'a').write({NOTE!r})")
        found["page"] = await ada.get("lab")
        await ada.leave()
        await ada.sign_in()
        found["hers"] = lesson.read_text(encoding="utf-8")
        found["kept"] = (hers / "progress.json").read_text(encoding="utf-8")
        await asyncio.gather(ada.leave(), ben.leave())
    return found


def _server_of(hub, name: str) -> int:
    owner = hub.home(name).stat().st_uid
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return min(pid for pid in pids if Path(f"/proc/{pid}").stat().st_uid == owner)


def test_each_learner_has_the_course_and_a_record_of_their_own(class_hub):
    hub, found = class_hub
    assert set(found["ada"]) >= {"L01.Q1", "L01.Q2", "L01.Q3", "L01.Q4"}
    assert not found["ben has a record already"]
    owners = {hub.home(name).stat().st_uid for name in ("ada", "ben")}
    assert len(owners) == 2 and 0 not in owners


def test_one_learner_cannot_reach_another(class_hub):
    _, found = class_hub
    assert set(found["attempts"].values()) == {"PermissionError"}, found["attempts"]
    assert set(found["over the network"].values()) <= {403, 404}, found["over the network"]


def test_one_learners_slip_is_their_own(class_hub):
    _, found = class_hub
    assert found["too much"] == "MemoryError"
    assert found["alive"] == "42"


def test_a_second_spawn_overwrites_nothing(class_hub):
    _, found = class_hub
    assert found["hers"].endswith(NOTE)
    assert "L01.Q4" in found["kept"]


def test_the_page_asks_for_nothing_from_outside(class_hub):
    """The lab's settings of the course hold on a hub too."""
    status, page = class_hub[1]["page"]
    assert status == 200
    assert "lab_settings" in page and '"newsUrl"' not in page


def test_only_what_was_put_out_for_the_class_is_collected(class_hub, tmp_path):
    hub, _ = class_hub
    done = collect(hub.homes, tmp_path)
    assert done.homes == 2
    assert sorted(path.name for path in done.files) == [
        "home-ada-code-17.json",
        "home-ada-code-18.json",
    ]
    assert {name for name, _ in done.left} == {"home-ben-hers.json", "home-ben-host.json"}
    assert read_class(tmp_path).answers["question"].nunique() >= 4


def test_collecting_reads_a_learners_own_files_only(tmp_path):
    """Who collects may read more than the learner: links lead nowhere."""
    place = tmp_path / "homes" / "home-eve" / FOLDER / CONSENT
    place.mkdir(parents=True)
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    (place / "link.json").symlink_to(secret)
    os.link(secret, place / "hard.json")
    (place / "pipe.json").mkdir()
    with (place / "large.json").open("wb") as stream:
        stream.truncate(3_000_000)
    (place / "own.json").write_text("{}")
    done = collect(tmp_path / "homes", tmp_path / "to")
    assert [path.name for path in done.files] == ["home-eve-own.json"]
    assert len(done.left) == 4
    with pytest.raises(ValueError, match="not a folder"):
        collect(tmp_path / "nowhere", tmp_path / "to")


def test_idle_servers_go(monkeypatch):
    kernel = "MappingKernelManager.cull_idle_timeout"
    server = "ServerApp.shutdown_no_activity_timeout"
    assert 0 < server_options()[kernel] < server_options()[server]
    monkeypatch.setenv("ALLIANCE_SERVER_IDLE", "2.5")
    assert server_options()[server] == 150


def test_the_first_page_is_home_where_there_is_one(tmp_path):
    assert first_page(tmp_path) == "notebooks/00-start-here.ipynb"
    (tmp_path / HOME).write_text("{}")
    assert first_page(tmp_path) == HOME
