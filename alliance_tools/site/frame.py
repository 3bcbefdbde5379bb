"""What all pages have in common: the frame, and the policy that they work under."""

import base64
import hashlib
from functools import cache
from pathlib import Path

import jinja2

COURSE = "Alliance Course"
STATIC = Path(__file__).parent / "static"


def policy(*, python: bool = False) -> str:
    """The content security policy of every page: nothing foreign, and no script in the page.

    Its one exception is the line that puts the chosen look on before anything is drawn. Where
    Python can be started, what is compiled for browsers may run as well.
    """
    digest = base64.b64encode(hashlib.sha256(look().encode()).digest()).decode()
    compiled = " 'wasm-unsafe-eval'" if python else ""
    return (
        f"default-src 'none'; script-src 'self' 'sha256-{digest}'{compiled}; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'"
    )


def look() -> str:
    """The line that puts the chosen look on."""
    return (STATIC / "look.js").read_text(encoding="utf-8").strip()


@cache
def templates() -> jinja2.Environment:
    """The templates of the pages."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(STATIC.parent / "templates"), autoescape=False,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
