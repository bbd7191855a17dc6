"""Publishers as people name them: by id, title, who is behind them, or initials."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from vigie.domain.errors import NotFound
from vigie.services.news.publishers import find_sources


def note(name, title, owner):
    return SimpleNamespace(id=name, title=title, owner=owner)


DIRECTORY = SimpleNamespace(
    news=lambda: [
        note("esma", "ESMA news", "ESMA"),
        note("esma_casps", "ESMA register", "ESMA"),
        note("valmer", "Valmer Markets Authority", "valmer.example"),
        note("blog", "A blog", "unknown"),
        note("other_blog", "Another blog", "unknown"),
    ]
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("esma", ["esma"]),
        ("ESMA", ["esma", "esma_casps"]),
        ("esma news", ["esma"]),
        ("VMA", ["valmer"]),
        (" valmer markets authority ", ["valmer"]),
        ("ESMA_CASPS", ["esma_casps"]),
    ],
)
def test_a_publisher_is_found_by_what_it_is_called(text, found):
    assert find_sources(DIRECTORY, text) == found


@pytest.mark.parametrize("text", ["unknown", "vma", "A", "nobody"])
def test_what_nobody_is_called_is_refused(text):
    with pytest.raises(NotFound):
        find_sources(DIRECTORY, text)
