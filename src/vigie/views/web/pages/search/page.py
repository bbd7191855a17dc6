"""Search: the form and what is found; scripts open the palette in its place, which finds the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.views.web import palette
from vigie.views.web.page import Page
from vigie.views.web.request_context import RequestContext

LONGEST: Final = 80
# A page has more room than the palette.
MOST: Final = 60


def show(context: RequestContext) -> Mapping[str, Any]:
    """Ask for what is called as the address says; without words it lists the pages."""
    typed = context.query.get("q", "").strip()[:LONGEST]
    return {
        "typed": typed,
        "answer": palette.answer(context, typed, limit=MOST),
        "longest": LONGEST,
    }


GROUP: Final = "system"
PAGES: Final = (
    Page(
        name="search",
        path="/search",
        is_in_menu=False,
        title="Search",
        description="Find pages, assets, strategies, news and your own items by a few letters of the name.",
        show=show,
    ),
)
