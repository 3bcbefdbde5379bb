"""Python for the pages: a Pyodide distribution that somebody has, cut down to the course's needs.

Nothing is fetched: what is not in the folder, or not installed here, is named in a sentence.
"""

import hashlib
import importlib.metadata
import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

import alliance_course
from alliance_course.folders import course_folder

LOCK = "pyodide-lock.json"
FOLDER = "py"
# what the course's code imports, as Pyodide has it; what a lesson starts with comes first
FIRST = ("numpy", "pandas")
NEEDED = (*FIRST, "matplotlib", "scipy", "jinja2")
# Python alone, which Pyodide does not have: packed as installed here, with what each builds on
PACKED: dict[str, tuple[str, ...]] = {"mistune": (), "seaborn": ("numpy", "pandas", "matplotlib")}
COURSE = "alliance-course"
_OLDEST = (3, 11)
# the newer distributions have the second of the two names
_CORE: tuple[tuple[str, ...], ...] = (
    ("pyodide.mjs",), ("pyodide.asm.wasm",), ("python_stdlib.zip",),
    ("pyodide.asm.js", "pyodide.asm.mjs"),
)  # fmt: skip


class Python:
    """What of a Pyodide distribution goes beside the pages.

    Parameters
    ----------
    folder : Path
        The distribution: the core, `pyodide-lock.json` and the packages that it lists.

    Raises
    ------
    ValueError
        If there is no lock, something is missing, or a package is not the one in the lock.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = self._read()
        self.files: dict[str, bytes] = {}
        for names in _CORE:
            found = next((name for name in names if (folder / name).is_file()), None)
            if found is None:
                raise ValueError(f"{folder} holds no {names[0]}: give a whole Pyodide distribution")
            self.files[found] = (folder / found).read_bytes()
        core = sum(map(len, self.files.values()))
        known: dict[str, Any] = self.lock["packages"]
        own = {name: self._pack(name, needs) for name, needs in PACKED.items() if name not in known}
        own[COURSE] = self._course()
        wanted = closure({**known, **own}, [COURSE, *NEEDED, *PACKED], str(folder))
        kept = {}
        for name in sorted(wanted):
            kept[name] = own.get(name) or self._checked(name, known[name])
        lock = {**self.lock, "packages": kept}
        text = json.dumps(lock, sort_keys=True, separators=(",", ":"))
        self.files[LOCK] = text.encode()
        start = closure(kept, [COURSE], str(folder))
        # what has to come over the line before the first cell can run
        self.start = core + sum(len(self.files[kept[name]["file_name"]]) for name in start)

    @property
    def size(self) -> int:
        """All bytes."""
        return sum(map(len, self.files.values()))

    def _read(self) -> dict[str, Any]:
        path = self.folder / LOCK
        if not path.is_file():
            raise ValueError(
                f"{self.folder} holds no {LOCK}: give the folder of a Pyodide distribution"
            )
        try:
            lock = json.loads(path.read_text(encoding="utf-8"))
            version = tuple(int(part) for part in lock["info"]["python"].split(".")[:2])
            for entry in lock["packages"].values():
                entry["file_name"], entry["sha256"], entry["depends"]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ValueError(f"{path} is no lock of a Pyodide distribution, or damaged") from None
        if version < _OLDEST:
            raise ValueError(
                f"{self.folder} has Python {lock['info']['python']}, and the course needs 3.11 or "
                "newer: take a newer Pyodide"
            )
        return lock

    def _checked(self, name: str, entry: dict[str, Any]) -> dict[str, Any]:
        """A package as the lock has it, once its file is known to be the one that is meant."""
        file = PurePosixPath(entry["file_name"]).name
        path = self.folder / file
        if not path.is_file():
            raise ValueError(
                f"{self.folder} holds no {file}, in which {name} is, which the course needs: "
                "give the full distribution, not the core alone"
            )
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != entry["sha256"]:
            raise ValueError(f"{path} is not the file that {LOCK} names: its sha256 differs")
        self.files[file] = data
        return {**entry, "file_name": file}

    def _pack(self, name: str, needs: Iterable[str]) -> dict[str, Any]:
        """A package that is installed here, as a wheel."""
        why = f"{name}, which Pyodide does not have, is not installed here"
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            raise ValueError(f"{why}: install the course with all that it needs") from None
        content = {}
        for file in found.files or ():
            if file.suffix in (".so", ".pyd", ".dylib"):
                raise ValueError(
                    f"{name} as installed here is not Python alone: no browser runs it"
                )
            # what an installer has noted is of this computer alone
            noted = file.parent.suffix == ".dist-info" and file.name not in ("METADATA", "WHEEL")
            if not noted and ".." not in file.parts and "__pycache__" not in file.parts:
                content[file.as_posix()] = Path(str(found.locate_file(file))).read_bytes()
        if not content:
            raise ValueError(f"{why} with a list of its files: install it with pip")
        tops = {
            path.partition("/")[0] for path in content if not path.split("/")[0].endswith("-info")
        }
        return self._wheel(name, found.version, content, needs, sorted(tops))

    def _course(self) -> dict[str, Any]:
        """The course without lessons, which the pages are."""
        root = Path(alliance_course.__file__).parent
        content = {
            f"alliance_course/{path.relative_to(root).as_posix()}": path.read_bytes()
            for path in root.rglob("*")
            if path.is_file() and not {"__pycache__", "course"} & set(path.relative_to(root).parts)
        }
        data = course_folder("datasets")
        for path in data.rglob("*"):
            if path.suffix in (".csv", ".json", ".md") and path.parent.name in (data.name, "cards"):
                name = path.relative_to(data).as_posix()
                content[f"alliance_course/course/datasets/{name}"] = path.read_bytes()
        inside = Path(__file__).with_name("in_page.py")
        content["alliance_in_page.py"] = inside.read_bytes()
        tops = ["alliance_course", "alliance_in_page"]
        needs = [*FIRST, *(name for name in PACKED if not PACKED[name])]
        return self._wheel(COURSE, alliance_course.__version__, content, needs, tops)

    def _wheel(
        self, name: str, version: str, content: dict[str, bytes], needs: Iterable[str],
        imports: list[str],
    ) -> dict[str, Any]:  # fmt: skip
        """Put a wheel among the files; returns its entry for the lock."""
        inside = f"{name.replace('-', '_')}-{version}"
        info = f"{inside}.dist-info"
        content = {
            f"{info}/METADATA": (
                f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
            ),
            f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            **content,
        }
        listed = "".join(f"{path},,\n" for path in sorted([*content, f"{info}/RECORD"]))
        content[f"{info}/RECORD"] = listed.encode()
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as wheel:
            for path in sorted(content):
                # the same bytes each time
                wheel.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), content[path],
                               zipfile.ZIP_DEFLATED)  # fmt: skip
        data = out.getvalue()
        file = f"{inside}-py3-none-any.whl"
        self.files[file] = data
        return {
            "name": name, "version": version, "file_name": file, "install_dir": "site",
            "sha256": hashlib.sha256(data).hexdigest(), "package_type": "package",
            "imports": imports, "depends": [*needs], "unvendored_tests": False,
        }  # fmt: skip


def closure(packages: dict[str, Any], wanted: Iterable[str], where: str) -> set[str]:
    """The wanted packages and all that they depend on.

    >>> sorted(closure({"a": {"depends": ["b"]}, "b": {"depends": ["a"]}}, ["a"], "here"))
    ['a', 'b']
    """
    found: set[str] = set()
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        if name not in packages:
            raise ValueError(
                f"the Pyodide in {where} has no {name}, which the course needs: "
                "give the full distribution"
            )
        found.add(name)
        waiting += packages[name]["depends"]
    return found
