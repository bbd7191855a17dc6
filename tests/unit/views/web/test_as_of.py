"""A page is about a time that was, never about one that lies ahead."""

from __future__ import annotations

import pytest

from tests.houses import Browser, house


@pytest.mark.parametrize("path", ["/markets", "/asset/bitcoin"])
def test_time_that_lies_ahead_is_now_and_the_page_claims_nothing_else(tmp_path, path):
    browser = Browser(house(tmp_path / "home"))
    assert "As it was known on" in browser.get(f"{path}?as_of=2025-06-01").text
    assert "As it was known on" not in browser.get(f"{path}?as_of=2099-01-01").text
