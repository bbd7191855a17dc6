"""Places are named in the reader's language where Vigie itself named them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests import houses
from tests.unit.services.holdings.material import holding_house
from tests.unit.views.web.test_portfolio_page import text_of
from vigie.domain.person import OWNER
from vigie.services.holdings.file_drafts import ELSEWHERE
from vigie.services.operation_calls import run_operation
from vigie.views.web.pages.portfolio.event_words import bound_place


def test_coins_that_left_all_places_are_said_to_be_elsewhere_among_other_places_too():
    named = bound_place(SimpleNamespace(text=lambda text: {"elsewhere": "ailleurs"}[text]))  # type: ignore[arg-type]
    assert named(f"Ma Plateforme, {ELSEWHERE}") == "Ma Plateforme, ailleurs"
    assert named("Ledger") == "Ledger"
    assert named("") == ""


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "0.17 BTC · Ledger, 0.03 BTC without a place"),
        ("fr", "0,17 BTC · Ledger, 0,03 BTC sans lieu indiqué"),
    ],
)
def test_a_coin_of_which_a_part_has_no_place_is_not_said_to_lie_at_the_named_one(tmp_path, language, told):
    home = holding_house(tmp_path / "home")
    for quantity, place in (("0.14", "Ledger"), ("0.03", "")):
        run_operation(home, OWNER, "holdings.add", {"coin": "BTC", "quantity": quantity, "place": place})
    run_operation(home, OWNER, "holdings.add", {"coin": "ETH", "quantity": "2"})
    shown = text_of(houses.Browser(home, language=language).get("/portfolio"))
    assert told in shown
    rows = run_operation(home, OWNER, "holdings.positions", {}).rows
    assert {row.asset: (row.places, row.unplaced) for row in rows} == {
        "bitcoin": ("Ledger", "0.03"), "ethereum": ("", "2"),
    }  # fmt: skip
