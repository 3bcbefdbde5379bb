"""A learner's server on a JupyterHub: the spawner runs `python -m alliance_tools.start.hub`.

It runs as the learner, never as the hub: whatever a learner has put in the way of the course's
files, such as a link that points elsewhere, can reach what that learner may reach and no more.
"""

import os
import sys
from pathlib import Path

from alliance_tools.start.first_page import ROOM, first_page
from alliance_tools.start.lab import as_arguments, quiet_lab
from alliance_tools.start.workspace import FolderError, deliver

FOLDER = "alliance-course"
# inside it: what a learner puts here is for the class, and nothing else is
CONSENT = "for-my-class"
# names a folder that the hub has filled with the course, to copy what is computed once from there
READY = "ALLIANCE_READY"
# Minutes. A kernel without an open page goes first, then the server that has none left.
KERNEL_IDLE, SERVER_IDLE = 20, 30


def server_options() -> dict[str, object]:
    """What a learner's server is started with, besides what the hub tells it."""
    minutes = {
        name: int(60 * float(os.environ.get(name, default)))
        for name, default in {
            "ALLIANCE_KERNEL_IDLE": KERNEL_IDLE,
            "ALLIANCE_SERVER_IDLE": SERVER_IDLE,
        }.items()
    }
    return {
        **quiet_lab(),
        "MappingKernelManager.cull_idle_timeout": minutes["ALLIANCE_KERNEL_IDLE"],
        "MappingKernelManager.cull_interval": min(120, minutes["ALLIANCE_KERNEL_IDLE"]),
        "ServerApp.shutdown_no_activity_timeout": minutes["ALLIANCE_SERVER_IDLE"],
    }


def main() -> None:
    """Put the course into the learner's folder, then become their server."""
    folder = Path.home() / FOLDER
    ready = os.environ.get(READY)
    try:
        deliver(folder, ready=Path(ready) if ready else None)
        (folder / CONSENT).mkdir(exist_ok=True)
    except (FolderError, OSError) as error:
        # who has filled the disk must still be able to open the folder and delete
        print(error, file=sys.stderr, flush=True)
    os.environ["JUPYTERHUB_ROOT_DIR"] = str(folder if folder.is_dir() else Path.home())
    os.environ["JUPYTERHUB_DEFAULT_URL"] = f"/{ROOM}/{first_page(folder)}"
    options = as_arguments(server_options())
    arguments = [sys.executable, "-m", "jupyterhub.singleuser", *options, *sys.argv[1:]]
    os.execv(sys.executable, arguments)


if __name__ == "__main__":
    main()
