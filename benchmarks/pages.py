"""How soon a lesson answers on a slow line and a slow phone, and what nbconvert's page does there.

    python benchmarks/pages.py FOLDER

FOLDER is what `alliance-course site` wrote. The line has 400 ms and 400 kbit/s, the processor a
quarter of its speed; each lesson is opened once with nothing kept.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from conftest import CHROMIUM, FLAGS  # noqa: E402
from site_pages import measured, page_names, served, slow  # noqa: E402


def nbconvert(number: str, folder: Path) -> Path:
    notebook = next((ROOT / "notebooks").glob(f"{number}-*.ipynb"))
    command = [sys.executable, "-m", "nbconvert", "--to", "html", str(notebook)]
    subprocess.run([*command, "--output-dir", str(folder)], check=True, capture_output=True)
    return folder / f"{notebook.stem}.html"


def main() -> None:
    folder = Path(sys.argv[1])
    with sync_playwright() as driver, served(folder, packed=True) as base:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        print("page          heading  first card  explorer (s)")
        for name in page_names(folder, "lesson-0", "lesson-1"):
            if name.count("-") == 1:
                page = slow(browser)
                times = measured(page, f"{base}/{name}.html")
                print(f"{name:<12} {times[0]:8.1f} {times[1]:11.1f} {times[2]:9.1f}")
                page.context.close()
        with tempfile.TemporaryDirectory() as other:
            path = nbconvert("01", Path(other))
            with served(Path(other), packed=True) as plain:
                page = slow(browser)
                page.goto(f"{plain}/{path.name}", wait_until="commit")
                page.wait_for_selector("h1", timeout=180_000)
                heading = page.evaluate("performance.now()") / 1000
                cards = page.locator(".ac-cards button").count()
                print(f"nbconvert 01 {heading:8.1f}   cards that answer: {cards}")
        browser.close()


if __name__ == "__main__":
    main()
