"""What a venue quotes now, and a price that was cited of it: where the link of a live price leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigie.views.web.visit import Visit


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for the quote, and for the price of the link."""
    cited = {name: visit.query.get(name) or None for name in ("price", "ts", "known")}
    return {"quote": visit.ask("markets.quote", place=visit.params["place"], **cited)}
