"""Today in the order of who looks at it."""

from __future__ import annotations

import pytest

from tests.houses import Browser, house
from tests.unit.services.figures_material import full

MARKS = {
    "market": 'class="tiles"', "changes": 'id="changes"', "watchlist": 'id="watchlist"', "movers": 'id="movers-',
    "spreads": 'id="spreads"', "newcomers": 'id="newcomers"', "words": 'id="words"',
    "stories": 'id="stories"', "regulation": 'id="regulation"',
}  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made = house(tmp_path_factory.mktemp("home"))
    rows = [{"id": "novum", "name": "Novum", "symbol": "nov", "ts_first_seen": made.clock.market_now()}]
    made.facts.put_document("coingecko", "coin_list_new", made.clock.market_now(), {"rows": rows})
    return made


def order(browser, persona):
    """Return the blocks of Today as they stand, for somebody who said who they are."""
    browser.post("/settings", {"persona": persona, "zone": "UTC", "theme": "auto", "language": "en"})
    page = browser.get("/").text
    places = {name: page.find(mark) for name, mark in MARKS.items()}
    return sorted((name for name in places if places[name] >= 0), key=lambda name: places[name])


@pytest.mark.parametrize(
    ("persona", "first"),
    [
        ("", ["market", "watchlist", "movers", "changes", "stories", "regulation"]),
        ("trader", ["market", "movers", "watchlist", "changes", "stories", "regulation"]),
        (
            "journalist",
            ["regulation", "stories", "changes", "newcomers", "market", "watchlist", "movers"],
        ),
        ("beginner", ["market", "watchlist", "words", "changes", "stories", "movers"]),
    ],
)
def test_what_stands_first_is_what_the_visitor_came_for(built, persona, first):
    assert order(Browser(built), persona) == first


def test_a_trader_sees_where_funding_lies_furthest_apart(tmp_path):
    browser = Browser(full(tmp_path / "home"))
    assert "spreads" in order(browser, "trader")
    assert "spreads" not in order(browser, "beginner")


def test_a_beginner_reads_what_is_watched_in_plain_words(built):
    browser = Browser(built, language="fr")
    order(browser, "beginner")
    words = browser.get("/").text.split('id="words"')[1].split("</dl>")[0]
    assert "/asset/bitcoin#verdict" in words
    assert len(words) > 200
