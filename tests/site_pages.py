"""The pages of the course, built once in a run of the tests, and served as plain servers do."""

import contextlib
import functools
import gzip
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

SITE = Path(__file__).resolve().parents[1] / "alliance_tools" / "site"


def page_names(folder: Path, *starts: str) -> list[str]:
    """The pages of a folder by name, in order."""
    names = sorted(path.stem for path in folder.glob("*.html"))
    return [name for name in names if not starts or name.startswith(starts)]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    policy, packed = "", False

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
def served(
    folder: Path, policy: str = "", *, port: int = 0, packed: bool = False
) -> Iterator[str]:
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
