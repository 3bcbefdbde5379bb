"""The pages of the course, built once in a run of the tests, and served as plain servers do."""

import contextlib
import functools
import gzip
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alliance_course.show.style import SIGNS

# draws everything that is fetched when somebody is near; says how many places stay empty
DRAWN = """
  for (const host of document.querySelectorAll(".host[data-load]")) {
    host.scrollIntoView();
    for (let i = 0; i < 200 && !host.hasAttribute("data-drawn"); i++)
      await new Promise((go) => setTimeout(go, 50));
  }
  scrollTo(0, 0);
  return document.querySelectorAll(".host:not([data-drawn])").length;
"""
# a slow phone on a slow line
LINE = {"latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000, "offline": False}
SITE = Path(__file__).resolve().parents[1] / "alliance_tools" / "site"


def page_names(folder: Path, *starts: str) -> list[str]:
    """The pages of a folder by name, in order."""
    names = sorted(path.stem for path in folder.glob("*.html"))
    return [name for name in names if not starts or name.startswith(starts)]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    policy, packed = "", False
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not self.packed or path.suffix == ".png" or not path.is_file():
            return super().do_GET()
        data = gzip.compress(path.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass

    def end_headers(self) -> None:
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()


@contextlib.contextmanager
def served(folder: Path, policy: str = "", *, port: int = 0, packed: bool = False) -> Iterator[str]:
    """The address of a server for a folder, as long as it is needed."""
    handler = type("Handler", (_Quiet,), {"policy": policy, "packed": packed})
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", port), functools.partial(handler, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def slow(browser: Any) -> Any:
    """A page on a phone of a quarter of this processor's speed, at 400 ms and 400 kbit/s."""
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.send("Network.emulateNetworkConditions", LINE)
    client.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    return page


def measured(page: Any, address: str) -> tuple[float, float, float]:
    """Seconds to the heading, to the first card, and from scrolling there to the explorer."""
    page.goto(address, wait_until="commit")
    page.wait_for_selector(".host[data-drawn] button", timeout=60_000)
    card = page.evaluate("performance.now()")
    paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
    heading = page.evaluate(paint)
    explorer = 0.0
    if page.locator(".explorer").count():
        script = "document.querySelector('.explorer').scrollIntoView(); performance.now()"
        began = page.evaluate(script)
        page.wait_for_selector(".ac-explorer svg path", timeout=60_000)
        explorer = page.evaluate("performance.now()") - began
    return heading / 1000, card / 1000, explorer / 1000


# the names that have a sign of bond, goals or tasks; the sign and its colour as a reader sees them
SIGNED = """(root) => [...document.querySelectorAll(`${root} .ac-part`)].map((node) => {
  const { content, color } = getComputedStyle(node, "::before");
  return [node.textContent.trim().toLowerCase(), content[1], color];
})"""


def signs_are_right(found, theme):
    """Each name has its own sign and colour, of the sheet that figures read as well."""
    for name, sign, colour in found:
        (part,) = (part for part in SIGNS if part in name)
        channels = [int(theme[part][at : at + 2], 16) for at in (1, 3, 5)]
        if (sign, colour) != (SIGNS[part], f"rgb({', '.join(map(str, channels))})"):
            return False
    return bool(found)
