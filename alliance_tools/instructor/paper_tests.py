"""The test before and after on paper: two forms, and the key with what each answer suggests."""

from alliance_course.questions.bank import question
from alliance_tools.instructor.gain import FORMS, ITEMS, item_id
from alliance_tools.instructor.pages import render
from alliance_tools.maintain.coverage import statements_and_beliefs


def _items(form: str) -> list[dict[str, object]]:
    entries = [question(item_id(form, number)) for number in range(1, ITEMS + 1)]
    beliefs = statements_and_beliefs()["beliefs"]
    return [entry | {"belief": beliefs[entry["misconceptions"][0] - 1]} for entry in entries]


def paper_pages() -> dict[str, str]:
    """The printable pages of the test by file name: both forms, and the key to them."""
    forms = {form: _items(form) for form in FORMS}
    pages = {
        f"test-{form.lower()}.html": render("paper.html.j2", form=form, items=items)
        for form, items in forms.items()
    }
    return pages | {"test-key.html": render("key.html.j2", forms=forms)}
