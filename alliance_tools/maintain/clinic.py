"""Make the simulated clinic of `datasets/` again."""

from pathlib import Path

from alliance_course.data.tables import DECIMALS, _clinic, package
from alliance_course.folders import course_folder


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
    return written
