"""What a venue quotes now, and a price that was cited of it: where the link of a live price leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigie.views.web.request_context import RequestContext


def show(context: RequestContext) -> Mapping[str, Any]:
    """Ask for the quote, and for the price of the link."""
    cited_values = {name: context.query.get(name) or None for name in ("price", "ts", "known")}
    return {"quote": context.call("markets.quote", place=context.params["place"], **cited_values)}
