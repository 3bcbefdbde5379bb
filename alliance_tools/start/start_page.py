"""One page for students: from a computer with nothing on it to lesson 00."""

from alliance_tools.instructor.pages import render

_NAMES = {
    "windows": "Windows",
    "macos": "Mac with an Apple chip",
    "macos-intel": "Mac with an Intel chip",
    "linux": "Linux",
}


def start_page(
    course: str = "", web: str = "", offline: list[tuple[str, str]] | None = None
) -> str:
    """The page as one HTML file.

    Parameters
    ----------
    course : str
        Where students get the course as a ZIP; a blank to fill in by hand if left out.
    web : str
        Address of the course as a page that needs no installation, if there is one.
    offline : list of (system, Python), optional
        The page then stands in a folder that brings all packages for these.

    Returns
    -------
    str

    Examples
    --------
    >>> "python3 -m alliance_course lab" in start_page()
    True
    """
    brought = [f"{_NAMES[system]} with Python {python}" for system, python in offline or []]
    return render("start.html.j2", course=course, web=web, brought=brought)
