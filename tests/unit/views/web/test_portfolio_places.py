"""Places are named in the reader's language where Vigie itself named them."""

from __future__ import annotations

from types import SimpleNamespace

from vigie.services.holdings.file_drafts import ELSEWHERE
from vigie.views.web.pages.portfolio.event_words import bound_place


def test_coins_that_left_all_places_are_said_to_be_elsewhere_among_other_places_too():
    named = bound_place(SimpleNamespace(text=lambda text: {"elsewhere": "ailleurs"}[text]))  # type: ignore[arg-type]
    assert named(f"Ma Plateforme, {ELSEWHERE}") == "Ma Plateforme, ailleurs"
    assert named("Ledger") == "Ledger"
    assert named("") == ""
