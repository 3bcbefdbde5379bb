"""What learners see: five lessons as pages, on three widths, light and dark.

    python -m alliance_tools.maintain.screens

Builds the pages, opens them in Chromium, and writes instructor/screens-light.webp and -dark.webp.
"""

import io
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from alliance_course.folders import course_folder
from alliance_tools.maintain.moving_picture import chromium
from alliance_tools.site.build import build

LESSONS, WIDTHS = ("00", "01", "04", "07", "08"), (1280, 800, 390)
HIGH, SHOWN, GAP = 900, 420, 14
THERE = "node => { node.scrollIntoView(); scrollBy(0, -60); }"


def screens(folder: Path, scheme: str) -> Image.Image:
    """A sheet of the lessons' pages: a row for each lesson, a column for each width."""
    with chromium() as browser:
        rows = [
            [_shot(browser, folder, number, width, scheme) for width in WIDTHS]
            for number in LESSONS
        ]
    wide = sum(shot.width for shot in rows[0]) + GAP * (len(WIDTHS) + 1)
    sheet = Image.new("RGB", (wide, (SHOWN + GAP) * len(rows) + GAP), "#8a8a8a")
    for place_down, row in enumerate(rows):
        x = GAP
        for shot in row:
            sheet.paste(shot, (x, GAP + place_down * (SHOWN + GAP)))
            x += shot.width + GAP
    return sheet


def _shot(browser: Any, folder: Path, number: str, width: int, scheme: str) -> Image.Image:
    page = browser.new_page(
        viewport={"width": width, "height": HIGH}, color_scheme=scheme, reduced_motion="reduce"
    )
    page.goto((folder / f"lesson-{number}.html").as_uri())
    if number != LESSONS[0]:  # the first one is shown from its top
        page.wait_for_selector(".host[data-drawn]")
        page.locator(".explorer").first.evaluate(THERE)
        # it comes to stand where its still stood before
        page.locator(".ac-explorer").first.evaluate(THERE)
    page.wait_for_timeout(500)
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.close()
    return shot.resize((width * SHOWN // HIGH, SHOWN), Image.Resampling.LANCZOS)


def main() -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "site"
        build(folder, instructors=False, tell=lambda text: None)
        for scheme in ("light", "dark"):
            target = course_folder("notebooks").parent / "instructor" / f"screens-{scheme}.webp"
            screens(folder, scheme).save(target, quality=70, method=6)
            print(target)


if __name__ == "__main__":
    main()
