"""How long from a key press or a pointer move on a control to the frame that shows it?

    python benchmarks/explorers.py [--presses 60] [--delay 200]

Starts JupyterLab on a real kernel behind a small relay, opens each explorer in Chromium, and moves
each control: as it is; with `--delay` milliseconds added to the round trip of everything between
page and server (the relay holds each way back by half of it); and after the kernel was shut down.
Beside them the first explorer's picture drawn by `interact` and seaborn, in the same run.

Times run from the event's own time stamp: "handed over" until the browser gives the event to the
page, "to frame" until the frame begins to be made in which the picture is new, "painted" until
the first task after it. A key is tapped 3 to 12 times a second, at uneven times, as a hand does it.
It is also held down, which repeats it every 33 ms. In a drag the pointer reports more often than
frames are made: what it reports after a frame has begun waits for the next, up to 16.7 ms.
"""

import argparse
import asyncio
import math
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
from playwright.sync_api import Page, sync_playwright

import alliance_course

EXPLORERS = [name for name in alliance_course.__all__ if name.startswith("explore_")]
EXPLORERS.remove("explore_form")  # a questionnaire, and no picture to explore
GOAL = 16.7  # ms, at the 95th percentile
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
BASELINE = """import numpy as np, seaborn as sns, matplotlib.pyplot as plt
from ipywidgets import interact
from alliance_course.lessons.lesson_01 import components_picture
picture = components_picture()
def draw(bond=0.0, goal=0.0, task=0.0):
    at = lambda name: picture.at(name, {"bond": bond, "goal": goal, "task": task})
    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.3), width_ratios=(3, 2))
    left.fill_between(range(17), at("low"), at("high"), alpha=0.2)
    sns.lineplot(x=range(17), y=at("symptoms"), ax=left).set(ylim=(0, 20), xlabel="sessions")
    sns.barplot(x=at("shares"), y=["stay", "homework", "said"], ax=right).set(xlim=(0, 1))
    plt.show()
interact(draw, bond=(-2, 2, 0.1), goal=(-2, 2, 0.1), task=(-2, 2, 0.1));"""
INPUTS = (
    ".ac-explorer input[type=range]:visible, .ac-explorer fieldset label:first-child input:visible"
)
LABEL = """n => (n.closest('fieldset')?.querySelector('legend') ?? n.labels?.[0])?.textContent
    ?? n.ariaLabel ?? ''"""
HEAD = """Times in ms: median and 95th percentile.

| explorer | control | how | handed over | p95 | to frame | p95 | painted | p95 | n |
|---|---|---|---|---|---|---|---|---|---|"""
WATCH = """root => {
    let [start, given, before] = [0, 0, ''];
    window.times = [];
    const image = () => root.querySelector('img');
    const note = event => {
        [start, given, before] = [event.timeStamp, performance.now(), image()?.src];
    };
    for (const kind of ['keydown', 'pointermove', 'pointerrawupdate'])
        window.addEventListener(kind, note, true);
    new MutationObserver(async () => {
        const drawn = image();
        if (!start || (before && (!drawn || drawn.src === before))) return;
        const [from, handed] = [start, given - start];
        start = 0;
        await drawn?.decode();
        requestAnimationFrame(() => {
            const [frame, after] = [performance.now() - from, new MessageChannel()];
            after.port1.onmessage = () =>
                window.times.push([handed, frame, performance.now() - from]);
            after.port2.postMessage(0);
        });
    }).observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
}"""


class Relay(threading.Thread):
    """Passes everything on to the server, each way `delay` seconds late."""

    def __init__(self, target: int) -> None:
        super().__init__(daemon=True)
        self.target, self.delay, self.port = target, 0.0, 0
        self.ready = threading.Event()

    def run(self) -> None:
        asyncio.run(self.serve())

    async def serve(self) -> None:
        server = await asyncio.start_server(self.connect, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await server.serve_forever()

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(self.pass_on(reader, forth), self.pass_on(back, writer))

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def send() -> None:
            while True:
                due, chunk = await queue.get()
                await asyncio.sleep(max(0, due - time.monotonic()))
                if not chunk:
                    writer.close()
                    return
                writer.write(chunk)

        task, chunk = asyncio.create_task(send()), b"start"
        while chunk:
            try:
                chunk = await reader.read(65536)
            except ConnectionError:
                chunk = b""
            await queue.put((time.monotonic() + self.delay, chunk))
        await task


def start_lab(folder: Path) -> tuple[subprocess.Popen[str], int]:
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(folder / "config")}
    environment["JUPYTERLAB_WORKSPACES_DIR"] = str(folder / "workspaces")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--port=0", "--allow-root"]
    command += ["--IdentityProvider.token=bench", f"--ServerApp.root_dir={folder}"]
    log = (folder / "lab.log").open("w")
    server = subprocess.Popen(command, stderr=log, stdout=log, env=environment, text=True)
    for _ in range(300):
        time.sleep(0.2)
        found = re.search(r"127\.0\.0\.1:(\d+)/lab", (folder / "lab.log").read_text())
        if found:
            return server, int(found[1])
    raise RuntimeError((folder / "lab.log").read_text())


def open_and_run(page: Page, port: int, folder: Path, name: str, code: str) -> None:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(code)]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / f"{name}.ipynb")
    page.goto(f"http://127.0.0.1:{port}/lab/workspaces/{name}/tree/{name}.ipynb?token=bench")
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=60_000)
    while page.locator(".jp-InputPrompt", has_text=re.compile(r"\[[\d*]")).count() == 0:
        asking = page.locator(".jp-Dialog .jp-mod-accept")  # which kernel, on a slow start
        if asking.count():
            asking.last.click()
        page.locator(".jp-InputArea-editor").first.click()
        page.keyboard.press("Control+Enter")
        page.wait_for_timeout(500)


def tap(page: Page, count: int, quickest: float) -> list[list[float]]:
    """Press a key to and fro, at uneven times, once the picture has answered."""
    rng = random.Random(count)
    page.evaluate("() => { window.times = []; }")
    for number in range(count):
        page.keyboard.press("ArrowLeft" if number % 2 else "ArrowRight")
        try:
            page.wait_for_function(f"window.times.length > {number}", timeout=5000, polling=20)
        except Exception:
            raise RuntimeError("a move of a control did not change the picture") from None
        page.wait_for_timeout(rng.uniform(quickest, quickest + 270))
    return page.evaluate("window.times")


def hold(page: Page, count: int, steps: int) -> list[list[float]]:
    """Hold an arrow key down as far as it goes, and the other one all the way back."""
    page.evaluate("() => { window.times = []; }")
    due, keys = time.monotonic(), ["ArrowRight", "ArrowLeft"]
    for number in range(count):
        turn = number // steps % 2
        if number % steps == 0:
            page.keyboard.up(keys[1 - turn])
        page.keyboard.down(keys[turn])
        due += 1 / 30
        page.wait_for_timeout(max(0, 1000 * (due - time.monotonic())))
    for key in keys:
        page.keyboard.up(key)
    page.wait_for_timeout(100)
    return page.evaluate("window.times")


def drag(page: Page, count: int, steps: int, box: dict[str, float]) -> list[list[float]]:
    """Drag a slider's thumb to and fro, about as often as a mouse reports."""
    sweep = max(24, round(1.5 * steps))
    y, left, wide = box["y"] + box["height"] / 2, box["x"] + 12, box["width"] - 24
    page.mouse.move(left, y)
    page.mouse.down()
    page.evaluate("() => { window.times = []; }")
    for number in range(sweep * max(2, math.ceil(count / steps))):
        page.mouse.move(left + wide * abs((number / sweep) % 2 - 1), y)
        page.wait_for_timeout(6)
    page.mouse.up()
    return page.evaluate("window.times")


def report(name: str, control: str, how: str, times: list[list[float]]) -> float:
    """Print a row; returns the 95th percentile to the frame."""
    cuts, cells = [], []
    for some in zip(*times, strict=True):
        cuts.append(sorted(some)[max(0, round(0.95 * len(some)) - 1)])
        cells.append(f"{statistics.median(some):.1f} | {cuts[-1]:.1f}")
    print(f"| {name} | {control} | {how} | {' | '.join(cells)} | {len(times)} |", flush=True)
    return cuts[1]


def measure(
    page: Page, controls: str, name: str, how: str, count: int, worst: dict[str, float]
) -> None:
    """Move each control in each way; `worst` keeps the largest 95th percentiles."""
    handles = page.locator(controls)
    for index in range(handles.count()):
        control = handles.nth(index)
        label = control.evaluate(LABEL) or f"control {index + 1}"
        control.scroll_into_view_if_needed()
        if control.get_attribute("type") == "radio":
            control.check()
        control.press("Home")
        page.wait_for_timeout(1500)
        box, found = control.bounding_box(), {}
        found["key"] = tap(page, count, 60 if name in EXPLORERS else 400)
        if control.get_attribute("type") == "range" and box:
            steps = control.evaluate("n => Math.round((n.max - n.min) / n.step)")
            control.press("Home")
            page.wait_for_timeout(1500)
            found["held"] = hold(page, count, steps)
            found["drag"] = drag(page, count, steps, box)
        for way, times in found.items():
            kind = f"{way}, {how}"
            worst[kind] = max(worst.get(kind, 0), report(name, label, kind, times))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--presses", type=int, default=60)
    parser.add_argument("--delay", type=float, default=200, help="added round trip in ms")
    parser.add_argument("--only", nargs="*", choices=EXPLORERS, help="some of them")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="explorers-"))
    server, port = start_lab(folder)
    relay = Relay(port)
    relay.start()
    relay.ready.wait()
    worst: dict[str, float] = {}
    print(HEAD)
    chromium = shutil.which("chromium") or "/usr/bin/chromium"
    try:
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
            pages = {
                name: (f"import alliance_course as ac\nac.{name}()", ".ac-panels", INPUTS)
                for name in given.only or EXPLORERS
            }
            pages["interact + seaborn"] = (
                BASELINE,
                ".widget-interact .widget-output",
                ".widget-interact .noUi-handle",
            )
            for name, (code, picture, controls) in pages.items():
                page = browser.new_page(viewport={"width": 1280, "height": 1200})
                open_and_run(page, relay.port, folder, re.sub(r"\W", "", name), code)
                page.locator(controls).last.wait_for(timeout=60_000)
                page.wait_for_timeout(1500)
                page.locator(picture).first.evaluate(WATCH)
                kept = worst if name in EXPLORERS else {}
                measure(page, controls, name, "local", given.presses, kept)
                relay.delay = given.delay / 2000
                measure(page, controls, name, f"+{given.delay:.0f} ms", given.presses, kept)
                relay.delay = 0
                if name in EXPLORERS:
                    address = f"http://127.0.0.1:{port}/api/kernels"
                    for kernel in page.request.get(f"{address}?token=bench").json():
                        page.request.delete(f"{address}/{kernel['id']}?token=bench")
                    page.wait_for_timeout(2000)
                    measure(page, controls, name, "no kernel", given.presses, kept)
                page.close()
            browser.close()
        print(f"\nThe largest 95th percentile to a frame (the goal is {GOAL} ms):")
        for kind, cut in worst.items():
            print(f"{kind}: {cut:.1f}{'' if cut <= GOAL else ' (over)'}")
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
