"""The pages that stand ready in `instructor/`, made from the lessons."""

from alliance_tools.instructor.agenda import ready_pages
from alliance_tools.instructor.paper_tests import paper_pages
from alliance_tools.instructor.term import WEEKS, term_page


def kit_pages() -> dict[str, str]:
    """Each page by its file name."""
    return ready_pages() | {WEEKS: term_page()} | paper_pages()
