"""Make the simulated clinic of `datasets/` again."""

import re
from pathlib import Path

from alliance_course.data.tables import DECIMALS, _clinic, package
from alliance_course.folders import course_folder, delivered_text, write_atomically


def build_datasets(folder: str | Path | None = None) -> list[Path]:
    """Make the simulated clinic again and write it as CSV files, the same to the last byte.

    The design and the seed stand in `datapackage.json`, under "clinic".

    Parameters
    ----------
    folder : path, optional
        Where to write clients.csv, sessions.csv and items.csv; the course's own data folder if
        left out.

    Returns
    -------
    list of Path
        The files that were written.
    """
    target = Path(folder) if folder is not None else course_folder("datasets")
    written = []
    for name, frame in _clinic(package()["clinic"]["seed"]).items():
        numbers = frame.select_dtypes("floating").columns
        # adding 0 turns -0.000 into 0.000
        rounded = frame[numbers].astype("float64").round(DECIMALS) + 0.0
        text = frame.assign(**rounded).to_csv(
            index=False, float_format=f"%.{DECIMALS}f", lineterminator="\n"
        )
        path = target / f"{name}.csv"
        path.write_bytes(text.encode())
        written.append(path)
    if folder is None:
        record_tables()
    return written


def record_tables() -> list[str]:
    """Write down in `datapackage.json` how the tables are now; the files whose hash changed."""
    path = course_folder("datasets") / "datapackage.json"
    before = text = path.read_text(encoding="utf-8")
    changed = []
    for entry in package()["resources"]:
        found = delivered_text((path.parent / entry["path"]).read_bytes())[1]
        if entry.get("hash") != found:
            changed.append(entry["path"])
            # the file is laid out by hand, a line a column: only this line may change
            line = rf'("path": "{re.escape(entry["path"])}",\n)(?: *"hash": "[^"]*",\n)?( *)'
            text = re.sub(line, rf'\1\2"hash": "{found}",\n\2', text)
    if text != before:
        write_atomically(path, text.encode())
        package.cache_clear()
    return changed
