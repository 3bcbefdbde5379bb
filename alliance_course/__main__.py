"""Start the course from a checkout with nothing but Python: `python3 -m alliance_course lab`.

Where the packages are missing, they are put into an environment of the course's own, `.venv` beside
this package, and the same command runs there. This file uses the standard library only and is
read by old Pythons too, so that they can say what is wrong.
"""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HOME = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(HOME, *(["Scripts", "python.exe"] if os.name == "nt" else ["bin", "python"]))


def ready(python, extra):
    """Whether that Python has the course installed, with the extra."""
    probe = "import alliance_course, jupyterlab, typer, statsmodels, pymare"
    if extra:
        probe += ", hypothesis, xdist, playwright, frictionless, repo2docker, mypy, semopy"
    return subprocess.call([python, "-c", probe], stderr=subprocess.DEVNULL, cwd=ROOT) == 0


def make_environment():
    """Make `.venv` anew; where Python comes without pip, lend it the pip of this Python."""
    import shutil
    import venv

    shutil.rmtree(HOME, ignore_errors=True)
    try:
        import ensurepip  # noqa: F401

        venv.create(HOME, with_pip=True, symlinks=os.name != "nt")
        return [PYTHON, "-m", "pip"]
    except (ImportError, subprocess.CalledProcessError):
        shutil.rmtree(HOME, ignore_errors=True)
        venv.create(HOME, with_pip=False, symlinks=os.name != "nt")
    if subprocess.call([sys.executable, "-m", "pip", "--version"], stdout=subprocess.DEVNULL):
        sys.exit(
            "This Python has no pip. Install it (on Debian and Ubuntu: "
            "sudo apt install python3-venv), then run the same line again."
        )
    return [sys.executable, "-m", "pip", "--python", PYTHON]


def main():
    """Run the command here if the packages are there, in `.venv` if not."""
    if sys.version_info < (3, 11):
        sys.exit("This course needs Python 3.11 or newer; this is %s." % sys.version.split()[0])
    extra = "[test]" if sys.argv[1:2] == ["test"] else ""
    here = os.path.normcase(os.path.abspath(sys.prefix)) == os.path.normcase(HOME)
    if not here and not os.path.exists(os.path.join(ROOT, "pyproject.toml")):
        here = True
    if not here:
        if not (os.path.exists(PYTHON) and ready(PYTHON, extra)):
            print("Setting up the course in %s. This happens once and takes about a minute." % HOME)
            sys.stdout.flush()
            pip = make_environment()
            target = os.path.join(ROOT) + extra
            options = ["install", "--progress-bar", "on", "--disable-pip-version-check", "--quiet"]
            if subprocess.call(pip + options + ["--editable", target]):
                sys.exit("Setting up did not work: see above. Is there a network?")
        command = [PYTHON, "-m", "alliance_course"] + sys.argv[1:]
        try:
            sys.exit(subprocess.call(command))
        except KeyboardInterrupt:
            sys.exit(130)
    from alliance_course.cli import main as run

    run()


if __name__ == "__main__":
    main()
