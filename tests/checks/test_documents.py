"""The parts of pages under `docs/` that list what the code says: they say it still."""

from collections import Counter
from pathlib import Path

import pytest

from tests.checks.documents import DOCS, PARTS, marked, renewed

PAGES = sorted(page for page in DOCS.glob("*.md") if marked(page.read_text()))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_lists_what_the_code_says(page: Path) -> None:
    assert renewed(page.read_text()) == page.read_text(), "python -m tests.checks.documents writes it anew"


def test_every_part_is_on_one_page() -> None:
    assert Counter(name for page in PAGES for name in marked(page.read_text())) == Counter(list(PARTS))
