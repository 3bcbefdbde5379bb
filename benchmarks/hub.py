"""A class of made learners on a real JupyterHub: seconds, memory for each, errors.

    sudo python benchmarks/hub.py [--learners 50] [--at-once 5] [--folder FOLDER]

Starts the configuration of instructor/hub/ on the loopback address, with a sign-in that believes
everybody. Each learner signs in, opens lesson 01, runs all its cells, answers four questions and
leaves. `--at-once` learners do so in the same moment, the next ones when these have left. What a
browser needs to draw the page happens on the learner's machine and is not in the times.
"""

import argparse
import asyncio
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import nbformat
import psutil
import yarl

ROOT = Path(__file__).resolve().parent.parent
LESSON = "notebooks/01-what-is-the-alliance.ipynb"
ANSWERS = {"L01.Q1": "a", "L01.Q2": "a", "L01.Q3": "ab", "L01.Q4": 0.3}
STEPS = ("signed in", "opened", "ran", "answered", "left")
SOMEBODY = 200_000


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """What this work returns, done in a thread of its own: the caller's may have a loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def common_python() -> str:
    """A Python that every user of this machine may run and that finds the course, or ""."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/{version}"):
        command = [candidate, "-c", "import alliance_tools.start.hub, jupyterhub, jupyterlab"]
        try:
            done = subprocess.run(
                command,
                cwd="/",
                env=_environment(),
                capture_output=True,
                user=SOMEBODY,
                group=SOMEBODY,
                extra_groups=[],
            )
        except OSError:
            continue
        if done.returncode == 0:
            return candidate
    return ""


def _environment() -> dict[str, str]:
    packages = [path for path in sys.path if path.endswith("site-packages")]
    left = {k: v for k, v in os.environ.items() if not k.startswith("ALLIANCE")}
    # JupyterLab is found by another Python of this machine too
    return {
        **left,
        "PYTHONPATH": os.pathsep.join([str(ROOT), *packages]),
        "JUPYTER_PATH": f"{sys.prefix}/share/jupyter",
        "JUPYTER_CONFIG_PATH": f"{sys.prefix}/etc/jupyter",
    }


def why_not() -> str:
    """What is missing for a hub on this machine, in a sentence, or ""."""
    beside = Path(sys.executable).parent
    if not (shutil.which("configurable-http-proxy", path=beside) or _on_path()):
        return "there is no proxy: pip install configurable-http-proxy"
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "only root can start servers as users of their own"
    if not common_python():
        return "other users of this machine may not run the Python of these tests"
    return ""


def _on_path() -> str | None:
    return shutil.which("configurable-http-proxy")


def _free_ports(n: int) -> list[int]:
    sockets = [socket.socket() for _ in range(n)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Hub:
    """A running hub: its address, its process, its homes."""

    def __init__(self, folder: Path, process: subprocess.Popen, port: int) -> None:
        self.folder, self.process = folder, process
        self.url = f"http://127.0.0.1:{port}"
        self.homes = folder / "homes"

    def home(self, name: str) -> Path:
        return self.homes / f"home-{name}"

    def used_by(self, name: str) -> dict[str, float]:
        """Megabytes of a learner's server and kernel, and the processor seconds of both.

        What processes share is divided by them. Unlike seconds on the clock, those of the processor
        do not depend on what else the machine does.
        """
        owner = self.home(name).stat().st_uid
        found = {"server": 0.0, "kernel": 0.0, "processor": 0.0}
        for process in psutil.process_iter():
            try:
                if process.uids().real == owner:
                    kind = "kernel" if "ipykernel_launcher" in process.cmdline() else "server"
                    found[kind] += process.memory_full_info().pss / 1e6
                    times = process.cpu_times()
                    found["processor"] += times.user + times.system
            except psutil.Error:
                continue
        return found


@contextmanager
def running_hub(folder: Path, settings: str = "") -> Iterator[Hub]:
    """Start the hub of instructor/hub/ in a folder that others may pass through, then stop it."""
    port, hub_port, api = _free_ports(3)
    (folder / "sign_in.py").write_text(
        "c = get_config()\n"
        "c.JupyterHub.authenticator_class = 'dummy'\n"
        "c.Authenticator.allow_all = True\n"
        f"c.JupyterHub.bind_url = 'http://127.0.0.1:{port}'\n"
        f"c.JupyterHub.hub_port = {hub_port}\n"
        f"c.ConfigurableHTTPProxy.api_url = 'http://127.0.0.1:{api}'\n"
        "c.Spawner.env_keep.extend(['JUPYTER_PATH', 'JUPYTER_CONFIG_PATH'])\n" + settings
    )
    environment = {
        **_environment(),
        "ALLIANCE_HUB": str(folder),
        "ALLIANCE_HUB_PYTHON": common_python(),
    }
    configuration = ROOT / "instructor" / "hub" / "jupyterhub_config.py"
    with (folder / "hub.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(configuration)],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
        )
    hub = Hub(folder, process, port)
    try:
        run(_wait_for(hub))
        yield hub
    finally:
        children = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for child in children:
            with suppress(psutil.Error):
                child.kill()


async def _wait_for(hub: Hub) -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(300):
            if hub.process.poll() is not None:
                break
            try:
                async with session.get(f"{hub.url}/hub/api/") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)
    raise RuntimeError(f"the hub did not start: {(hub.folder / 'hub.log').read_text()[-2000:]}")


class Learner:
    """One made learner with cookies of their own."""

    def __init__(self, hub: Hub, name: str) -> None:
        self.hub, self.name = hub, name
        self.seconds: dict[str, float] = {}
        self.sent_away = 0

    async def __aenter__(self) -> "Learner":
        jar = aiohttp.CookieJar(unsafe=True)  # the loopback address is a number
        timeout = aiohttp.ClientTimeout(total=120)
        self.session = aiohttp.ClientSession(cookie_jar=jar, timeout=timeout)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.session.close()

    def address(self, path: str, whose: str = "") -> str:
        return f"{self.hub.url}/user/{whose or self.name}/{path}"

    def _token(self, url: str) -> str:
        return self.session.cookie_jar.filter_cookies(yarl.URL(url))["_xsrf"].value

    async def sign_in(self) -> None:
        """Sign in and wait for the page of one's own server."""
        login = f"{self.hub.url}/hub/login"
        await (await self.session.get(login)).read()
        form = {"username": self.name, "password": "any", "_xsrf": self._token(login)}
        answer = await self.session.post(login, data=form)
        while answer.status == 429:
            # so many start at once that the hub asks to come back: a learner presses again
            self.sent_away += 1
            await asyncio.sleep(float(answer.headers.get("Retry-After", 10)))
            answer = await self.session.get(f"{self.hub.url}/hub/spawn")
        assert answer.status in (200, 503), answer.status
        for _ in range(1500):
            async with self.session.get(self.address("lab")) as page:
                if page.status == 200 and page.url.path.startswith(f"/user/{self.name}/lab"):
                    assert "jupyter-config-data" in await page.text()
                    return
            await asyncio.sleep(0.2)
        raise RuntimeError(f"{self.name} got no server in five minutes")

    async def get(self, path: str, whose: str = "") -> tuple[int, Any]:
        async with self.session.get(self.address(path, whose)) as answer:
            text = await answer.text()
            well = answer.status == 200 and "json" in answer.headers.get("Content-Type", "")
            return answer.status, json.loads(text) if well else text

    async def open(self, path: str = LESSON) -> None:
        """Read a lesson and start its kernel, as JupyterLab does."""
        status, found = await self.get(f"api/contents/{path}?content=1")
        assert status == 200, found
        self.cells = [
            cell.source
            for cell in nbformat.from_dict(found["content"]).cells
            if cell.cell_type == "code"
        ]
        request = {
            "path": path,
            "name": Path(path).name,
            "type": "notebook",
            "kernel": {"name": "python3"},
        }
        headers = {"X-XSRFToken": self._token(self.address("api/sessions"))}
        async with self.session.post(
            self.address("api/sessions"), json=request, headers=headers
        ) as answer:
            assert answer.status == 201, await answer.text()
            kernel = (await answer.json())["kernel"]["id"]
        url = self.address(f"api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}")
        self.channels = await self.session.ws_connect(url, max_msg_size=2**28)
        await self.run("0")

    async def run(self, code: str) -> str:
        """Run one cell; what it printed. RuntimeError with the last line of an error."""
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": "execute_request",
            "session": uuid.uuid4().hex,
            "username": "",
            "version": "5.3",
            "date": "",
        }
        message = {
            "header": header,
            "parent_header": {},
            "metadata": {},
            "channel": "shell",
            "content": {"code": code, "silent": False, "store_history": True, "allow_stdin": False},
        }
        printed, waiting = "", {"reply", "idle"}
        await self.channels.send_json(message)
        while waiting:
            frame = await self.channels.receive(120)
            if frame.type is aiohttp.WSMsgType.BINARY:
                continue  # the numbers of an explorer
            if frame.type is not aiohttp.WSMsgType.TEXT:
                raise RuntimeError(f"the kernel is gone: {frame.type.name}")
            got = json.loads(frame.data)
            if got["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            content = got["content"]
            if got["msg_type"] == "stream":
                printed += content["text"]
            elif got["msg_type"] == "status" and content["execution_state"] == "idle":
                waiting.discard("idle")
            elif got["msg_type"] == "execute_reply":
                waiting.discard("reply")
                if content["status"] != "ok":
                    raise RuntimeError(f"{content['ename']}: {content['evalue']}")
        return printed

    async def answer(self) -> dict[str, Any]:
        """Answer lesson 01's questions; what the learner's record then holds."""
        for question, answer in ANSWERS.items():
            await self.run(f"print(ac.check({question!r}, {answer!r}))")
        status, found = await self.get("api/contents/progress.json?content=1")
        assert status == 200, found
        return json.loads(found["content"])["answers"]

    async def leave(self) -> None:
        """Sign out; the hub then stops the server."""
        await (await self.session.get(f"{self.hub.url}/hub/logout")).read()

    async def lesson(self, all_there: asyncio.Barrier) -> dict[str, float]:
        """All of it, with the seconds of each step, and what was used before leaving."""
        clock = time.perf_counter()

        def passed(step: str) -> None:
            nonlocal clock
            now = time.perf_counter()
            self.seconds[step] = now - clock
            clock = now

        await self.sign_in()
        passed("signed in")
        await self.open()
        passed("opened")
        for cell in self.cells:
            await self.run(cell)
        passed("ran")
        kept = await self.answer()
        assert set(ANSWERS) <= kept.keys(), kept
        passed("answered")
        await all_there.wait()
        used = self.hub.used_by(self.name)
        await all_there.wait()
        clock = time.perf_counter()
        await self.leave()
        passed("left")
        return used


async def class_of(hub: Hub, names: list[str]) -> list[Any]:
    """These learners at once: for each (seconds, use), or the error that stopped them."""
    barrier = asyncio.Barrier(len(names))

    async def one(name: str) -> Any:
        async with Learner(hub, name) as learner:
            try:
                used = await learner.lesson(barrier)
            except Exception as error:
                await barrier.abort()
                return error
            return learner.seconds, {**used, "sent away": learner.sent_away}

    return list(await asyncio.gather(*(one(name) for name in names)))


def quantiles(values: list[float]) -> str:
    if len(values) < 2:
        return f"{values[0]:7.2f} {'':>7}"
    cuts = statistics.quantiles(values, n=20, method="inclusive")
    return f"{cuts[9]:7.2f} {cuts[18]:7.2f}"


def report(found: list[Any]) -> str:
    """Seconds at the 50th and 95th percentile, memory for each, errors."""
    well = [one for one in found if not isinstance(one, Exception)]
    errors = [repr(one)[:300] for one in found if isinstance(one, Exception)]
    lines = [f"{len(found)} learners, {len(errors)} errors", f"{'':12} {'p50 s':>7} {'p95 s':>7}"]
    lines += [
        f"{step:12} {quantiles([seconds[step] for seconds, _ in well])}" for step in STEPS if well
    ]
    if well:
        whole = [sum(seconds.values()) for seconds, _ in well]
        lines.append(f"{'in all':12} {quantiles(whole)}")
        for kind, unit in {"server": "MB", "kernel": "MB", "processor": "s"}.items():
            values = [used[kind] for _, used in well]
            lines.append(f"{kind + ' ' + unit:12} {quantiles(values)}")
        away = sum(used["sent away"] for _, used in well)
        lines.append(f"asked to come back in a moment: {away} times")
    return "\n".join([*lines, *errors])


@contextmanager
def passable_folder(given: Path | None = None) -> Iterator[Path]:
    """A folder that other users may pass through: the given one, or a new one that goes after."""
    if given:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="alliance-hub-") as name:
        os.chmod(name, 0o711)
        yield Path(name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learners", type=int, default=50)
    parser.add_argument("--at-once", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="keep the hub's folder here")
    options = parser.parse_args()
    if reason := why_not():
        raise SystemExit(f"No hub here: {reason}.")
    with passable_folder(options.folder) as folder, running_hub(folder) as hub:
        itself = psutil.Process(hub.process.pid)
        found: list[Any] = []
        begun = time.perf_counter()
        for start in range(0, options.learners, options.at_once):
            end = min(start + options.at_once, options.learners)
            found += run(class_of(hub, [f"learner{n:02d}" for n in range(start, end)]))
            print(
                f"{len(found):4d} of {options.learners} after {time.perf_counter() - begun:.0f} s"
            )
        print(report(found))
        print(f"the hub itself: {itself.memory_full_info().pss / 1e6:.0f} MB")
        print(f"disk of a learner: {_size(hub.home('learner00')) / 1e6:.1f} MB")


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
