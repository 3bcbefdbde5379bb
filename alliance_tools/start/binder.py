"""Binder: the learner's folder in its image, and the links that open a copy of the course there."""

import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from alliance_course.folders import write_atomically
from alliance_tools.start.first_page import ROOM, first_page
from alliance_tools.start.lab import quiet_lab
from alliance_tools.start.workspace import deliver

BINDER = "https://mybinder.org/v2"
# on Binder, in the folder of the checkout; a learner's own folder elsewhere may have any name
FOLDER = "alliance-course"
SETTINGS = Path.home() / ".jupyter" / "jupyter_server_config.py"


class Links(NamedTuple):
    """Where a copy of the course opens: on Binder, and as a page if it has one."""

    binder: str
    badge: str
    page: str

    def __str__(self) -> str:
        lines = [f"On Binder   {self.binder}", f"Badge       {self.badge}"]
        if self.page:
            lines += [
                f"As a page   {self.page}",
                "",
                "Binder may take minutes to start. While you wait, or instead: the whole course "
                f"opens at once as a page, {self.page}",
            ]
        return "\n".join(lines)


def links(repository: str, *, ref: str = "HEAD", page: str = "") -> Links:
    """The addresses under which a copy of the course opens.

    Parameters
    ----------
    repository : str
        Where the copy is: an address at GitHub or GitLab, any other Git address, or a Zenodo DOI.
    ref : str
        A branch, a tag or a commit. A tag or a commit never changes under a class.
    page : str
        Where the built pages of this copy are. For GitHub, the usual place if left out.

    Raises
    ------
    ValueError
        If it is no such address.

    Examples
    --------
    >>> found = links("https://github.com/someone/alliance-course", ref="v1.0.0rc1")
    >>> found.binder.partition("?")[0]
    'https://mybinder.org/v2/gh/someone/alliance-course/v1.0.0rc1'
    >>> found.page
    'https://someone.github.io/alliance-course/'
    >>> links("somewhere").binder
    Traceback (most recent call last):
    ...
    ValueError: repository='somewhere' is not allowed: give the address of your copy, such as \
https://github.com/you/alliance-course
    """
    text = repository.strip()
    if not ref.strip():
        raise ValueError("ref='' is not allowed: give a branch, a tag or a commit")
    if doi := re.fullmatch(r"(?:https?://doi\.org/)?(10\.5281/zenodo\.\d+)", text):
        # an archive has one state only
        return _links(f"zenodo/{doi[1]}/", page)
    parts = urlsplit(text)
    path = parts.path.strip("/").removesuffix(".git")
    if parts.scheme not in ("https", "http") or not parts.hostname or path.count("/") < 1:
        raise ValueError(
            f"repository={repository!r} is not allowed: give the address of your copy, such as "
            "https://github.com/you/alliance-course"
        )
    at = quote(ref.strip(), safe="")
    if parts.hostname == "github.com":
        owner, name = path.split("/")[:2]
        usual = f"https://{owner.lower()}.github.io/{name}/"
        return _links(f"gh/{owner}/{name}/{at}", page or usual)
    if parts.hostname == "gitlab.com":
        return _links(f"gl/{quote(path, safe='')}/{at}", page)
    return _links(f"git/{quote(text, safe='')}/{at}", page)


def _links(place: str, page: str) -> Links:
    binder = f"{BINDER}/{place}?urlpath={quote(f'{ROOM}/{FOLDER}/{first_page()}', safe='')}"
    badge = f"[![Binder](https://mybinder.org/badge_logo.svg)]({binder})"
    return Links(binder, badge, page)


def prepare(root: Path, settings: Path = SETTINGS) -> str:
    """Put the course into Binder's folder and let JupyterLab open its first page.

    Runs while the image is built, and again at each start, where nothing is left to do.
    """
    deliver(root / FOLDER)
    first = f"/{ROOM}/{FOLDER}/{first_page(root / FOLDER)}"
    options = quiet_lab() | {"ServerApp.default_url": first, "LabApp.default_url": first}
    lines = ["c = get_config()"]
    # tables and lists stay what they are; paths become text
    lines += [
        f"c.{name} = {value if isinstance(value, dict | list) else str(value)!r}"
        for name, value in options.items()
    ]
    settings.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(settings, ("\n".join(lines) + "\n").encode())
    return first


if __name__ == "__main__":
    print(prepare(Path.cwd()))
