"""Two more browsers for the pages: Firefox over WebDriver BiDi, WebKitGTK over WebDriver."""

import glob
import json
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from typing import Any

import pytest

WIDTH, HEIGHT = 390, 844
# what a page throws, or its policy refuses, is kept where a test finds it
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _wait(ask: Any, seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := ask():
            return found
        time.sleep(0.1)
    raise TimeoutError("the browser did not start")


class Engine:
    """A browser that opens a page and answers a piece of JavaScript with a JSON value."""

    def __init__(self) -> None:
        self.stack = ExitStack()

    def close(self) -> None:
        self.stack.close()

    def _start(self, command: list[str], **options: Any) -> subprocess.Popen:
        process = subprocess.Popen(command, **options)
        self.stack.callback(process.wait, 20)
        self.stack.callback(process.terminate)
        return process

    def open(self, address: str) -> None:
        raise NotImplementedError

    def ask(self, script: str) -> Any:
        """The value of a function's body, which may await."""
        raise NotImplementedError

    def until(self, script: str, seconds: float = 20) -> Any:
        """The first value that is true."""
        return _wait(lambda: self.ask(script), seconds)


class Firefox(Engine):
    """Firefox, headless."""

    def __init__(self) -> None:
        super().__init__()
        binary = shutil.which("firefox-esr") or shutil.which("firefox")
        websocket = pytest.importorskip("websocket", reason="websocket-client is not installed")
        if binary is None:
            pytest.skip("Firefox is not installed: apt-get install firefox-esr")
        profile = self.stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        command = [binary, "--headless", "--no-remote", "--profile", profile]
        log = self.stack.enter_context(tempfile.TemporaryFile("w+"))
        self._start(
            [*command, "--remote-debugging-port", "0"], stdout=subprocess.DEVNULL, stderr=log
        )

        def listening() -> Any:
            log.seek(0)
            return re.search(r"BiDi listening on (ws://\S+)", log.read())

        self.socket = websocket.create_connection(
            f"{_wait(listening)[1]}/session", timeout=60, suppress_origin=True
        )
        self.stack.callback(self.socket.close)
        self.count = 0
        self._send("session.new", {"capabilities": {}})
        tree = self._send("browsingContext.getTree", {})
        self.tab = tree["contexts"][0]["context"]
        size = {"width": WIDTH, "height": HEIGHT}
        self._send("browsingContext.setViewport", {"context": self.tab, "viewport": size})

    def _send(self, method: str, parameters: dict[str, Any]) -> Any:
        self.count += 1
        self.socket.send(json.dumps({"id": self.count, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.count:
                if answer["type"] == "error":
                    raise RuntimeError(answer["message"])
                return answer["result"]

    def open(self, address: str) -> None:
        where = {"context": self.tab, "url": address, "wait": "complete"}
        self._send("browsingContext.navigate", where)

    def ask(self, script: str) -> Any:
        found = self._send(
            "script.evaluate",
            {
                "expression": f"(async () => JSON.stringify(await (async () => {{{script}}})()))()",
                "target": {"context": self.tab},
                "awaitPromise": True,
            },
        )
        if found["type"] != "success":
            raise RuntimeError(found["exceptionDetails"]["text"])
        return json.loads(found["result"].get("value", "null"))


class WebKit(Engine):
    """WebKitGTK's small browser, on a screen that nobody sees."""

    def __init__(self) -> None:
        super().__init__()
        driver, screen = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
        browsers = glob.glob("/usr/lib/*/webkit2gtk-4*/MiniBrowser")
        if not (driver and screen and browsers):
            pytest.skip("WebKitGTK is not here: apt-get install webkit2gtk-driver xvfb")
        shown = self.stack.enter_context(tempfile.TemporaryFile("w+"))
        self._start(
            [screen, "-displayfd", "1", "-screen", "0", "1280x1024x24"],
            stdout=shown,
            stderr=subprocess.DEVNULL,
        )

        def number() -> str:
            shown.seek(0)
            return shown.read().strip()

        display = f":{_wait(number)}"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        home = self.stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        environment = {
            "DISPLAY": display, "HOME": home, "PATH": "/usr/bin:/bin", "GDK_BACKEND": "x11",
            "WEBKIT_DISABLE_COMPOSITING_MODE": "1", "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
        }  # fmt: skip
        self._start(
            [driver, f"--port={port}"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.base = f"http://127.0.0.1:{port}"
        options = {"binary": browsers[0], "args": ["--automation"]}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}

        def begun() -> Any:
            try:
                return self._send("POST", "/session", wanted)
            except (OSError, ValueError):
                return None

        self.session = f"/session/{_wait(begun)['sessionId']}"
        self.stack.callback(self._send, "DELETE", self.session)
        self._send("POST", f"{self.session}/timeouts", {"script": 60000, "pageLoad": 60000})
        self._send("POST", f"{self.session}/window/rect", {"width": WIDTH, "height": HEIGHT})

    def _send(self, method: str, path: str, content: Any = None) -> Any:
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(self.base + path, body, method=method)
        with _OPENER.open(request, timeout=90) as answer:
            return json.load(answer)["value"]

    def open(self, address: str) -> None:
        self._send("POST", f"{self.session}/url", {"url": address})

    def ask(self, script: str) -> Any:
        text = (
            "const done = arguments[arguments.length - 1];"
            f"(async () => {{{script}}})().then((value) => done(JSON.stringify(value ?? null)),"
            " (error) => done(JSON.stringify({error: String(error)})));"
        )
        found = self._send("POST", f"{self.session}/execute/async", {"script": text, "args": []})
        value = json.loads(found)
        if isinstance(value, dict) and "error" in value and len(value) == 1:
            raise RuntimeError(value["error"])
        return value


ENGINES = {"Firefox": Firefox, "WebKit": WebKit}
