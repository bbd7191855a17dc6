"""What stands in the menu, by who looks."""

from __future__ import annotations

import pytest

from tests.houses import Browser, house


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return house(tmp_path_factory.mktemp("home"))


def menu(built, persona: str) -> tuple[list[str], list[str]]:
    """Return the addresses that are seen at once, and those under More."""
    browser = Browser(built)
    browser.post("/settings", {"persona": persona, "zone": "UTC", "theme": "auto", "language": "en"})
    first, _, more = (
        browser.get("/").text.partition('class="site-nav"')[2].partition("</nav>")[0].partition("<details")
    )
    return tuple([part.split('"')[0] for part in text.split('href="')[1:]] for text in (first, more))


def test_a_beginner_sees_nothing_of_trading_first_and_it_last(built):
    first, more = menu(built, "beginner")
    assert first == ["/", "/markets", "/news", "/onchain", "/mood"]
    assert {"/backtests", "/strategies", "/trading"} <= set(more)
    assert more.index("/help") < more.index("/backtests")


def test_a_trader_has_trading_at_hand(built):
    first, _ = menu(built, "trader")
    assert {"/trading", "/journal"} <= set(first)
