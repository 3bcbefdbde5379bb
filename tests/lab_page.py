"""Open a lesson in JupyterLab and run it, as a person does."""

import time

LESSON = "notebooks/01-what-is-the-alliance.ipynb"
RAN = """() => {
    const cells = [...document.querySelectorAll('.jp-Notebook .jp-CodeCell')];
    const prompts = cells.map(cell => cell.querySelector('.jp-InputPrompt')?.textContent ?? '');
    const status = document.querySelector('.jp-Notebook-ExecutionIndicator').dataset.status;
    const alive = document.querySelector('.ac-question, .ac-explorer');
    return alive && status === 'idle' && !prompts.some(text => text.includes('*'));
}"""


def open_lesson(page, lab, path=LESSON):
    page.goto(lab.page(path), wait_until="commit")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)


def run_all(page) -> float:
    """Run all cells from the menu; returns the seconds until the last one is done."""
    # before the kernel's name stands there, JupyterLab answers "Run All" by asking for a kernel
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    start = time.monotonic()
    page.wait_for_function(RAN, timeout=60_000)
    return time.monotonic() - start
