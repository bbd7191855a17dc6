"""Who has not signed in reads every page that may be read, and breaks none."""

from __future__ import annotations

import pytest

from tests.houses import Browser, house
from vigie.views.web.page import pages

PATHS = sorted(page.path for page in pages().values() if "{" not in page.path)


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    return Browser(house(tmp_path_factory.mktemp("home")), is_owner=False)


@pytest.mark.parametrize("path", PATHS)
def test_a_visitor_breaks_no_page(visitor, path):
    answer = visitor.get(path)
    assert answer.status_code in (200, 401, 403)
    is_page = answer.status_code == 200 and "html" in answer.headers["content-type"]
    assert not is_page or "<h1" in answer.text


def test_nothing_is_unread_to_a_visitor(visitor):
    answer = visitor.get("/notifications")
    assert answer.status_code == 200
    assert "Mark all as read" not in answer.text
