"""The README's moving picture: lesson 01's explorer, its sliders moved one after the other.

    python -m alliance_tools.maintain.moving_picture

Draws the explorer's own module in Chromium, without a kernel, and writes instructor/lesson-01.gif.
"""

import base64
import io
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from alliance_course.folders import course_folder
from alliance_course.show.explorer.widget import Explorer

# control, from, to: the last one shows what the lesson is about
WAY = (("bond", 0, 2), ("goal", 0, 2), ("task", 0, 2), ("bond", 2, -2), ("task", 2, -2))
STEP, WIDTH, HEIGHT = 0.25, 860, 564
MOVE, REST = 90, 900  # milliseconds

_PAGE = """<!doctype html><meta charset="utf-8"><style>{css}
body {{ margin: 12px; background: white; font-family: sans-serif; width: {width}px }}
.ac-legend, .ac-reset {{ display: none }}</style><div id="here"></div>
<script type="module">
const bytes = Uint8Array.from(atob("{data}"), (c) => c.charCodeAt(0));
const state = {{ ...{state}, _data: new DataView(bytes.buffer) }};
const heard = {{}};
const model = {{
  get: (name) => state[name], set: (change) => Object.assign(state, change), save_changes() {{}},
  on: (event, call) => {{ heard[event] = call; }}, off() {{}},
}};
window.move = (name, value) => {{ state[name] = value; heard[`change:${{name}}`](); }};
const code = new Blob([{code}], {{ type: "text/javascript" }});
const module = await import(URL.createObjectURL(code));
module.default.render({{ model, el: document.getElementById("here") }});
window.ready = true;
</script>"""


def page_of(explorer: Explorer) -> str:
    """One page with an explorer that a script can move."""
    return _PAGE.format(
        css=explorer._css,
        code=json.dumps(str(explorer._esm)),
        data=base64.b64encode(explorer._data).decode(),
        state=json.dumps({"_spec": explorer._spec, **explorer.values()}),
        width=WIDTH,
    )


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser to take pictures in."""
    from playwright.sync_api import sync_playwright

    place = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=place, args=["--no-sandbox"])
        yield browser
        browser.close()


def frames(explorer: Explorer) -> Iterator[tuple[Image.Image, int]]:
    """The pictures along the way, each with the milliseconds that it stands."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": WIDTH + 24, "height": HEIGHT})
        page.set_content(page_of(explorer))
        page.wait_for_function("window.ready")
        for number, (name, start, end) in enumerate(WAY):
            way = 1 if end > start else -1
            steps = round(abs(end - start) / STEP)
            for step in range(0 if number == 0 else 1, steps + 1):
                page.evaluate(f"window.move({name!r}, {start + way * step * STEP})")
                page.wait_for_timeout(60)
                shot = Image.open(io.BytesIO(page.screenshot()))
                yield shot.convert("RGB"), REST if step in (0, steps) else MOVE


def write(target: Path) -> Path:
    """Write the moving picture with one palette for all its frames, so that it stays small."""
    from alliance_course.lessons.lesson_01 import explore_components

    shots: list[Any] = list(frames(explore_components()))
    palette = shots[len(shots) // 2][0].quantize(colors=48)
    pictures = [shot.quantize(palette=palette, dither=Image.Dither.NONE) for shot, _ in shots]
    pictures[0].save(
        target,
        save_all=True,
        append_images=pictures[1:],
        duration=[milliseconds for _, milliseconds in shots],
        loop=0,
        optimize=True,
    )
    return target


if __name__ == "__main__":
    print(write(course_folder("notebooks").parent / "instructor" / "lesson-01.gif"))
