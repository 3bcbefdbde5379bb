"""JupyterLab on a learner's folder, with settings of the course's own."""

import os
import secrets
import socket
from collections.abc import Callable
from pathlib import Path

from alliance_tools.start.doctor import START

# The course asks nothing of the outside: no news, no look for updates. Lessons are short enough to
# be in the page as a whole, so that pictures stay where they are while one scrolls.
_SETTINGS = Path(__file__).parent / "lab_settings"


def free_port(wanted: int) -> int:
    """The port that was asked for, or any free one for 0; ValueError says what is the matter."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OverflowError:
            raise ValueError(
                f"Port {wanted} does not exist: choose one from 1024 to 65535"
            ) from None
        except OSError:
            raise ValueError(
                f"Port {wanted} is in use, perhaps by this course in another window: "
                f"try --port {wanted + 1}, or --port 0 for any free one"
            ) from None
        return int(probe.getsockname()[1])


def serve(folder: Path, *, browser: bool, port: int, tell: Callable[[str], None]) -> None:
    """Run JupyterLab in this very process: it ends when the command ends, however that happens."""
    tell("JupyterLab starts ...")
    import zmq
    from jupyterlab.labapp import LabApp

    options = {
        "ServerApp.root_dir": folder,
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.base_url": "/",
        "ServerApp.open_browser": browser,
        "ServerApp.answer_yes": True,
        "ServerApp.allow_root": hasattr(os, "geteuid") and os.geteuid() == 0,
        "ServerApp.log_level": "ERROR",
        "LabApp.log_level": "ERROR",
        "LabApp.app_settings_dir": _SETTINGS,
        "LabApp.default_url": f"/lab/tree/notebooks/{START}",
        "LabApp.news_url": "",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.extension_manager": "readonly",
        "ServerApp.jpserver_extensions": {"alliance_tools.start.record_service": True},
    }
    if zmq.has("curve"):
        # other people on this computer cannot listen in, and JupyterLab does not warn of it
        options["KernelManager.transport_encryption"] = "auto"
    os.chdir(folder)
    server = LabApp.initialize_server(argv=[f"--{name}={value}" for name, value in options.items()])
    # whatever somebody's own settings say of tokens, the course has one, new each time
    token = secrets.token_hex(24)
    server.identity_provider.token = token
    server.identity_provider.token_generated = False  # then JupyterLab leaves the address to us

    def say_where() -> None:
        tell("The course is in your browser; if not, go to" if browser else "The course is at")
        tell(f"\n    {server.connection_url.rstrip('/')}{server.default_url}?token={token}\n")
        tell("To stop the course, press Ctrl and C here.")

    server.io_loop.add_callback(say_where)  # runs once the server listens
    server.start()
