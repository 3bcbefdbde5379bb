"""One server for a class: `jupyterhub -f jupyterhub_config.py`, as root. README.md says how.

The place of everything is the folder ALLIANCE_HUB (else /srv/alliance-hub): who may sign in
(`sign_in.py`, which you write), the learners' homes, the hub's own state.
"""

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

from jupyterhub.spawner import SimpleLocalProcessSpawner
from traitlets import default

c = get_config()  # noqa: F821

PLACE = Path(os.environ.get("ALLIANCE_HUB", "/srv/alliance-hub"))
HOMES = PLACE / "homes"
# the Python that has the course; every user of this machine must be able to run it
PYTHON = os.environ.get("ALLIANCE_HUB_PYTHON", sys.executable)
# Megabytes. Measured (README.md): a learner who has run a lesson, and what is kept for the system.
LEARNER, SYSTEM = 310, 1500
FIRST_UID = 200_000


class OwnUserSpawner(SimpleLocalProcessSpawner):
    """Each learner's server runs as a user of its own, without an account on this machine.

    The owner of the learner's home is that user, so that the homes themselves are the register: a
    name that comes back gets its own files, and a new one gets a number that nobody has.
    """

    @default("home_dir")
    def _home_of_the_learner(self) -> str:
        # JupyterHub escapes all but letters, digits and "-._~@", and refuses names of dots alone
        return str(HOMES / f"home-{self.user.escaped_name}")

    def own_home(self) -> int:
        home = Path(self.home_dir)
        if not home.is_dir():
            taken = [other.stat().st_uid for other in HOMES.iterdir()]
            new = max(taken, default=FIRST_UID) + 1
            home.mkdir(mode=0o700)
            os.chown(home, new, new)
        return home.stat().st_uid

    def make_preexec_fn(self, name):
        uid, home, memory = self.own_home(), self.home_dir, self.mem_limit

        def become_the_learner() -> None:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            os.umask(0o077)
            if memory:
                resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
            os.chdir(home)

        return become_the_learner


if os.geteuid() != 0:
    raise SystemExit(
        "This hub must be started as root: only then does each learner's server run as a user of "
        "its own, and no learner can read what another has written."
    )
SIGN_IN = PLACE / "sign_in.py"
if not SIGN_IN.is_file():
    raise SystemExit(f"{SIGN_IN} is missing: copy sign_in_oauth.py or sign_in_lti.py there")
os.umask(0o077)
HOMES.mkdir(parents=True, exist_ok=True)
for folder in (PLACE, HOMES):
    folder.chmod(0o711)  # to be passed through, not to be listed
# the course as each learner gets it, computed once: learners may read it and nobody writes there
READY = PLACE / "ready"
fill = "import os, pathlib, sys; from alliance_tools.start.workspace import deliver; "
fill += "os.umask(0o022); deliver(pathlib.Path(sys.argv[1]))"
subprocess.run([PYTHON, "-c", fill, str(READY)], check=True)

c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # a web server with TLS stands before it
c.JupyterHub.db_url = f"sqlite:///{PLACE / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(PLACE / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(PLACE / "proxy.pid")
c.ConfigurableHTTPProxy.command = [
    shutil.which("configurable-http-proxy", path=str(Path(sys.executable).parent))
    or "configurable-http-proxy"
]

c.JupyterHub.spawner_class = OwnUserSpawner
c.Spawner.cmd = [PYTHON, "-m", "alliance_tools.start.hub"]
c.Spawner.mem_limit = "1G"  # for each process: one learner's slip does not take the others down
c.Spawner.environment = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "ALLIANCE_READY": str(READY),
}
# a class that signs in in the same minute waits for its turn on few cores, and nobody fails
c.Spawner.start_timeout = c.Spawner.http_timeout = 300

memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 10**6
c.JupyterHub.active_server_limit = max(1, (memory - SYSTEM) // LEARNER)
c.JupyterHub.concurrent_spawn_limit = 10 * (os.cpu_count() or 1)
c.JupyterHub.shutdown_on_logout = True
c.JupyterHub.allow_named_servers = False
c.Authenticator.admin_users = set()

load_subconfig(str(SIGN_IN))  # noqa: F821
