"""The first start, with nothing but Python: `python3 -m alliance_course lab` in a checkout.

Where the packages are missing, they are put into an environment of the course's own, `.venv` beside
the two packages, and the same command runs there. This file uses the standard library only and is
read by old Pythons too, so that they can say what is wrong.
"""

import os
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HOME = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(HOME, *(["Scripts", "python.exe"] if os.name == "nt" else ["bin", "python"]))
# under this name only until packages are in place: if it is found, some may be there in part
UNDER_WAY = os.path.join(HOME, "setting-up.log")
RECORD = os.path.join(HOME, "set-up.log")
# packages in a folder of this name beside the course need no network: `alliance-course bundle`
WHEELS = "wheels"


def complete(extra):
    """Whether this Python has this very checkout installed, with all that it needs."""
    try:
        import json
        import tomllib
        from importlib.metadata import distribution, version
        from urllib.parse import urlparse
        from urllib.request import url2pathname

        from packaging.requirements import Requirement

        found = distribution("alliance-course").read_text("direct_url.json")
        origin = json.loads(found or "{}")["url"]
        if not os.path.samefile(url2pathname(urlparse(origin).path), ROOT):
            return False
        with open(os.path.join(ROOT, "pyproject.toml"), "rb") as stream:
            project = tomllib.load(stream)["project"]
        extras = project["optional-dependencies"]
        queue = project["dependencies"] + extras.get(extra, [])
        for text in queue:
            need = Requirement(text)
            if need.name == project["name"]:
                for name in need.extras:
                    queue += extras[name]
            elif not need.specifier.contains(version(need.name), prereleases=True):
                return False
        return True
    except (ImportError, KeyError, OSError, TypeError, ValueError):
        return False


def runs(*command):
    """Whether a command can be run and ends well."""
    null = subprocess.DEVNULL
    try:
        return subprocess.call(command, stdout=null, stderr=null, cwd=ROOT) == 0
    except OSError:
        return False


def watch(command, what=""):
    """Run a long command; show the seconds and its last line, or `what`. Whether it ends well."""
    start, last = time.time(), ""
    try:
        with open(UNDER_WAY, "ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    except OSError:
        return False
    try:
        while process.poll() is None:
            time.sleep(0.2)
            seconds = int(time.time() - start)
            with open(UNDER_WAY, "rb") as log:
                words = log.read().decode("ascii", "ignore").split("\n")[-2:][0].strip()
            if words.startswith("Installing collected packages:"):
                words = "Installing %d packages" % (words.count(",") + 1)
            line = "%4d s  %-60.60s" % (seconds, what or words)
            if line != last and sys.stdout.isatty():
                sys.stdout.write("\r" + line)
            elif seconds and seconds % 10 == 0 and line[:6] != last[:6]:
                sys.stdout.write(line.rstrip() + "\n")
            sys.stdout.flush()
            last = line
    except KeyboardInterrupt:
        process.kill()
        process.wait()
        sys.exit("\nStopped. The same line again starts the setting up anew.")
    if sys.stdout.isatty():
        sys.stdout.write("\r" + " " * 68 + "\r")
    return process.returncode == 0


def fast_installer(source):
    """The path of uv, which installs in a fraction of pip's time, or "" if it cannot be had."""
    found = shutil.which("uv")
    if found:
        return found
    place = os.path.join(HOME, "installer")
    quiet = ["--quiet", "--disable-pip-version-check", "--no-compile", "--target", place]
    command = [sys.executable, "-m", "pip", "install"] + quiet + source + ["uv"]
    if not watch(command, "Fetching uv"):
        return ""
    return os.path.join(place, "bin", "uv.exe" if os.name == "nt" else "uv")


def install_with_pip(target, source):
    """Install with pip, where uv is not there or did not manage; whether it ends well."""
    pip = [PYTHON, "-m", "pip"]
    if not runs(*pip + ["--version"]) and not watch([PYTHON, "-m", "ensurepip"]):
        # some systems ship Python without ensurepip: the pip of this Python can stand in
        pip = [sys.executable, "-m", "pip", "--python", PYTHON]
        if not runs(*pip + ["--version"]):
            shutil.rmtree(HOME, ignore_errors=True)
            sys.exit(
                "This Python has no pip. Install it (on Debian and Ubuntu: "
                "sudo apt install python3-venv), then run the same line again."
            )
    # most modules are never used: compile on import, and import here what lessons start with
    options = ["--disable-pip-version-check", "--progress-bar=off", "--no-compile"]
    return watch(pip + ["install"] + options + source + ["--editable", target])


def install(target, source):
    """Install the course with all that it needs, with uv where it can be had; whether it works."""
    uv = fast_installer(source)
    command = [uv, "pip", "install", "--no-progress", "--python", PYTHON] + source
    # uv asks the public registry, whatever pip was told to ask: where it fails, pip may not
    well = (uv and watch(command + ["--editable", target])) or install_with_pip(target, source)
    shutil.rmtree(os.path.join(HOME, "installer"), ignore_errors=True)
    return well


def set_up(extra, wheels=""):
    """Make `.venv`, or mend it, and install the course there, from `wheels` if they were named."""
    import venv

    print("Setting up the course in %s. This happens once and takes up to a minute." % HOME)
    begun = time.time()
    try:
        if os.path.exists(UNDER_WAY) or not runs(PYTHON, "-c", ""):
            shutil.rmtree(HOME, ignore_errors=True)
            venv.create(HOME, symlinks=os.name != "nt")
        target = ROOT + ("[%s]" % extra if extra else "")
        beside = os.path.join(ROOT, WHEELS)
        place = wheels or (beside if os.path.isdir(beside) else "")
        well = place and install(target, ["--no-index", "--find-links", os.path.abspath(place)])
        if not well and not wheels:
            # packages beside the course may be for another kind of computer
            well = install(target, [])
        if well:
            watch([PYTHON, "-c", "import jupyterlab.labapp, ipykernel.kernelapp, seaborn"])
        with open(UNDER_WAY, "rb") as log:
            words = log.read().decode("ascii", "ignore").rstrip()
        if well or "Installing collected packages" not in words:
            os.replace(UNDER_WAY, RECORD)
    except OSError as error:
        sys.exit("The course cannot be set up in %s: %s." % (HOME, error.strerror or error))
    if not well:
        print("\n".join(words.split("\n")[-3:]))
        sys.exit(
            "Setting up did not work; the lines above say where it stopped, and a log in %s says "
            "all. %s Then run the same line again." % (HOME, _what_to_try(wheels))
        )
    print("Ready after %d seconds." % (time.time() - begun))


def _what_to_try(wheels):
    if wheels:
        return "Has %s packages for this computer and this Python (%d.%d)?" % (
            (wheels,) + tuple(sys.version_info[:2])
        )
    return "Is there a network?"


def wheels_folder(arguments):
    """The folder after `--from`, or "", and the arguments without it."""
    for place, argument in enumerate(arguments):
        name, equals, folder = argument.partition("=")
        if name == "--from":
            rest = arguments[:place] + arguments[place + 1 + (not equals) :]
            folder = folder if equals else "".join(arguments[place + 1 : place + 2])
            inner = os.path.join(folder, WHEELS)
            found = inner if os.path.isdir(inner) else folder
            if not folder or not any(n.endswith(".whl") for n in _names(found)):
                sys.exit(
                    "--from %s: there are no packages in this folder. Name the folder that "
                    "alliance-course bundle made, such as D:\\course on a USB stick." % folder
                )
            return os.path.abspath(found), rest
    return "", arguments


def _names(folder):
    try:
        return os.listdir(folder)
    except OSError:
        return []


def main():
    """Run the command here if the packages are there, in `.venv` if not."""
    if sys.version_info < (3, 11):
        sys.exit("This course needs Python 3.11 or newer; this is %s." % sys.version.split()[0])
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a path may hold what a console cannot show
    wheels, arguments = wheels_folder(sys.argv[1:])
    sys.argv[1:] = arguments
    extra = "test" if arguments[:1] == ["test"] else ""
    if not os.path.exists(os.path.join(ROOT, "pyproject.toml")) or complete(extra):
        from alliance_tools.cli import main as run

        return run()
    ask = (
        "import sys; from alliance_tools.start.first_start import complete; "
        "sys.exit(not complete('%s'))"
    )
    if os.path.exists(UNDER_WAY) or not runs(PYTHON, "-c", ask % extra):
        set_up(extra, wheels)
    command = [PYTHON, "-m", "alliance_tools.cli"] + sys.argv[1:]
    sys.stdout.flush()
    if os.name != "nt":
        # one process, so that a signal reaches the course and not a go-between
        os.execv(PYTHON, command)
    process = subprocess.Popen(command)
    while True:
        try:
            sys.exit(process.wait())
        except KeyboardInterrupt:
            pass  # the course hears it too, and ends by itself
