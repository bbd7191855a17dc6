"""The market as a table: every asset with price, changes and volume."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigie.views.web.page import Page
from vigie.views.web.visit import Visit


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for the table, in the order of the query."""
    sort = visit.query.get("sort", "-cap_usd")
    return {"table": visit.ask("markets.list", sort=sort, as_of=visit.as_of), "sort": sort}


PAGES = (
    Page(
        name="markets",
        path="/markets",
        title="Markets",
        description="Prices, changes and volumes of every asset of this home, with where each number comes from.",
        show=show,
    ),
)
