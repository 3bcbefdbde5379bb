"""A server extension that shows the course as pages, which share the notebooks' record."""

import asyncio
import mimetypes
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

from alliance_tools.start.first_page import HOME, ROOM
from alliance_tools.start.pages import place_of_pages

PAGES = "alliance-course/pages"
_WAIT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Alliance Course</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body style="font: 1.1rem/1.6 system-ui, sans-serif; max-width: 40rem; margin: 3rem 1rem">
<p>The pages are being made. The first time this takes half a minute; then they come by
themselves.</p>
</body></html>
"""
_SHARED = (
    "<p>Guesses and answers are kept in your course folder, in one record with the notebooks. What "
    'you write in words stays in this browser. <a href="{}">To the notebooks</a></p>'
)


class Pages:
    """The pages of one folder; made in a process of their own, so that all else goes on."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._work: asyncio.Future[Path] | None = None

    def made(self) -> "asyncio.Future[Path]":
        """Their folder, once they are made; a failure is tried again."""
        failed = self._work and self._work.done() and self._work.exception()
        if self._work is None or failed:
            self._work = asyncio.get_running_loop().run_in_executor(None, self._make)
        return self._work

    def _make(self) -> Path:
        target, there = place_of_pages(self.root)
        if there:
            return target
        command = [sys.executable, "-X", "utf8", "-m", "alliance_tools.start.pages", str(self.root)]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
        said = (done.stderr if done.returncode else done.stdout).strip().splitlines()
        if done.returncode:
            raise ValueError(said[-1] if said else "the pages could not be made")
        return Path(said[-1])


class PagesHandler(JupyterHandler):
    """Answers with a file of the pages."""

    def initialize(self, pages: Pages) -> None:
        self.pages = pages

    @web.authenticated
    async def head(self, path: str) -> None:
        self.finish()

    @web.authenticated
    async def get(self, path: str) -> None:
        if not path:
            self.redirect("index.html")
            return
        work = self.pages.made()
        await asyncio.wait([work], timeout=1)
        self.set_header("Cache-Control", "no-cache")
        if not work.done():
            self.set_header("Refresh", "2")
            self.finish(_WAIT)
            return
        try:
            folder = work.result()
        except ValueError as error:
            raise web.HTTPError(503, f"{error}.") from None
        # a browser that keeps pages for later would keep them for another folder too
        if path == "offline.js" or path not in _listed(folder):
            raise web.HTTPError(404)
        data = (folder / path).read_bytes()
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        self.set_header("Content-Type", f"{kind}; charset=utf-8" if "text" in kind else kind)
        self.finish(self._with_record(data) if path.endswith(".html") else data)

    def _with_record(self, page: bytes) -> bytes:
        """A page that keeps its record where the notebooks of this folder keep theirs."""
        from alliance_tools.site.words import data

        assert self.xsrf_token  # asked for, it becomes a cookie, without which nothing is written
        root = self.settings.get("server_root_dir", "").replace(os.sep, "/")
        settings = data({"baseUrl": self.base_url, "serverRoot": root})
        script = f'<script type="application/json" id="jupyter-config-data">{settings}</script>'
        back = _SHARED.format(url_path_join(self.base_url, ROOM, HOME))
        text = page.decode().replace("</head>", f"{script}\n</head>", 1)
        return text.replace('<footer class="foot">', f'<footer class="foot">\n{back}', 1).encode()


def _listed(folder: Path) -> set[str]:
    from alliance_tools.site.files import LIST

    return set((folder / LIST).read_text(encoding="utf-8").split("\n"))


def _load_jupyter_server_extension(app: Any) -> None:
    root = Path(app.web_app.settings["server_root_dir"]).expanduser()
    address = url_path_join(app.web_app.settings["base_url"], PAGES, "(.*)")
    app.web_app.add_handlers(".*$", [(address, PagesHandler, {"pages": Pages(root)})])
