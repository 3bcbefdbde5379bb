"""The pages that stand ready in `instructor/`, made from the lessons."""

from alliance_tools.instructor.agenda import ready_pages
from alliance_tools.instructor.paper_tests import paper_pages
from alliance_tools.instructor.term import WEEKS, term_page
from alliance_tools.start.start_page import start_page


def kit_pages() -> dict[str, str]:
    """Each page by its file name."""
    ready = {WEEKS: term_page(), "start-here.html": start_page()}
    return ready_pages() | ready | paper_pages()
