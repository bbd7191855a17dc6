"""Search: the form and what is found; scripts open the palette in its place, which finds the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.views.web import palette
from vigie.views.web.page import Page
from vigie.views.web.visit import Visit

LONGEST: Final = 80
# What people type who look for what they hold elsewhere; it is not followed yet.
HOLDINGS: Final = ("portfolio", "portefeuille", "holding", "avoirs")
# A page has more room than the palette.
MOST: Final = 60


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for what is called as the address says; without words it lists the pages."""
    typed = visit.query.get("q", "").strip()[:LONGEST]
    return {
        "typed": typed,
        "found": palette.find(visit, typed, most=MOST),
        "longest": LONGEST,
        "asks_holdings": typed.lower().startswith(HOLDINGS),
    }


PAGES: Final = (
    Page(
        name="search",
        path="/search",
        title="Search",
        description="Find pages, assets, strategies, news and what you keep, by a few letters of the name.",
        show=show,
    ),
)
