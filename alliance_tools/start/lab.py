"""JupyterLab on a learner's folder, with settings of the course's own."""

import atexit
import logging
import os
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from alliance_tools.start.first_page import ROOM, first_page

# The course asks nothing of the outside: no news, no look for updates. Lessons are short enough to
# be in the page as a whole, so that pictures stay where they are while one scrolls.
PORT = 8888
_SETTINGS = Path(__file__).parent / "lab_settings"


def quiet_lab() -> dict[str, object]:
    """Options of JupyterLab that hold wherever the course runs: at home, on a hub, on Binder."""
    return {
        "LabApp.app_settings_dir": _SETTINGS,
        "LabApp.extra_labextensions_path": [str(_SETTINGS.with_name("labextensions"))],
        "LabApp.news_url": "",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.extension_manager": "readonly",
        "ServerApp.jpserver_extensions": {
            f"alliance_tools.start.{name}_service": True for name in ("record", "pages")
        },
    }


def as_arguments(options: Mapping[str, object]) -> list[str]:
    """Options as they stand on a command line; a list is given one by one.

    >>> as_arguments({"LabApp.news_url": "", "A.b": ["x", "y"]})
    ['--LabApp.news_url=', '--A.b=x', '--A.b=y']
    """
    return [
        f"--{name}={one}"
        for name, value in options.items()
        for one in (value if isinstance(value, list) else [value])
    ]


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


def writable_home() -> str:
    """Let Jupyter keep its own files elsewhere for now where the home cannot be written to.

    Returns a sentence that says so, or "" where all is as usual.
    """
    from jupyter_core.paths import jupyter_config_dir, jupyter_runtime_dir

    ipython = os.environ.get("IPYTHONDIR") or os.path.join(os.path.expanduser("~"), ".ipython")
    places = {
        "JUPYTER_RUNTIME_DIR": jupyter_runtime_dir(),
        "JUPYTER_CONFIG_DIR": jupyter_config_dir(),
        "IPYTHONDIR": ipython,
    }
    closed = {name: place for name, place in places.items() if not _can_write(place)}
    if not closed:
        return ""
    instead = tempfile.mkdtemp(prefix="alliance-course-")
    atexit.register(shutil.rmtree, instead, ignore_errors=True)
    for name in closed:
        os.environ[name] = os.path.join(instead, name.lower())
    return (
        f"{next(iter(closed.values()))} cannot be written to: JupyterLab's own settings are "
        "forgotten when the course ends; your notes and answers are kept"
    )


def _can_write(place: str) -> bool:
    try:
        os.makedirs(place, mode=0o700, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            return True
    except OSError:
        return False


def _settings_files() -> list[str]:
    """Somebody's own settings that JupyterLab reads before the course's."""
    from jupyter_core.paths import jupyter_config_path

    names = [f"jupyter_{kind}config" for kind in ("", "server_", "lab_", "notebook_")]
    found = [Path(place, name + end) for place in jupyter_config_path() for name in names
             for end in (".py", ".json")]  # fmt: skip
    return [str(path) for path in found if path.is_file()]


def _prepare(options: dict[str, Any], tell: Callable[[str], None]) -> Any:
    """JupyterLab, ready to start; ValueError says in one sentence why it cannot."""
    from jupyterlab.labapp import LabApp

    said: list[str] = []

    def keep(record: logging.LogRecord) -> bool:
        """Jupyter's own lines are traces of its insides: keep the sentence in them."""
        if record.levelno < logging.ERROR:
            return True
        error = record.exc_info[1] if record.exc_info else None
        said.append(_last_line(error) if error else record.getMessage().strip())
        return False

    loggers = [logging.getLogger(name) for name in ("LabApp", "ServerApp", "JupyterApp")]
    for logger in loggers:
        logger.addFilter(keep)
    own = _settings_files()
    why = f"look into your own Jupyter settings, {', '.join(own)}, or start with --plain"
    try:
        server = LabApp.initialize_server(argv=as_arguments(options))
    except (Exception, SystemExit) as error:
        free_port(options["ServerApp.port"])  # somebody may just have taken it
        cause = said[-1] if said else _last_line(error)
        advice = why if own else "install the course again, or ask your instructor"
        raise ValueError(f"JupyterLab does not start ({cause}): {advice}") from None
    finally:
        for logger in loggers:
            logger.removeFilter(keep)
    for line in dict.fromkeys(said):
        tell(f"Note: {line.splitlines()[0]} ({why})" if own else f"Note: {line.splitlines()[0]}")
    return server


def _last_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[-1]


def try_out() -> None:
    """Make JupyterLab ready as `serve` does, and end; what is wrong is the last line."""
    writable_home()
    with tempfile.TemporaryDirectory() as folder:
        try:
            _prepare(_options(Path(folder), browser=False, port=0), print)
        except (ValueError, OSError) as error:
            sys.exit(_last_line(error))
        finally:
            os.chdir(os.path.dirname(folder))


def _options(folder: Path, *, browser: bool, port: int, pages: bool = False) -> dict[str, Any]:
    import zmq

    options = {
        "ServerApp.root_dir": folder,
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.base_url": "/",
        "ServerApp.open_browser": browser,
        "ServerApp.answer_yes": True,
        "ServerApp.kernel_spec_manager_class": "alliance_tools.start.kernel.OwnKernels",
        "ServerApp.allow_root": hasattr(os, "geteuid") and os.geteuid() == 0,
        "ServerApp.log_level": "ERROR",
        "LabApp.log_level": "ERROR",
        "LabApp.default_url": (
            "/alliance-course/pages/index.html" if pages else f"/{ROOM}/{first_page(folder)}"
        ),
        **quiet_lab(),
    }
    if zmq.has("curve"):
        # other people on this computer cannot listen in, and JupyterLab does not warn of it
        options["KernelManager.transport_encryption"] = "auto"
    return options


def serve(
    folder: Path, *, browser: bool, port: int, tell: Callable[[str], None], pages: bool = False
) -> None:
    """Run JupyterLab in this very process: it ends when the command ends, however that happens.

    With `pages` the browser opens the course as pages, which the same server has.
    """
    tell("JupyterLab starts ...")
    if told := writable_home():
        tell(f"Note: {told}.")
    os.chdir(folder)
    server = _prepare(_options(folder, browser=browser, port=port, pages=pages), tell)
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
