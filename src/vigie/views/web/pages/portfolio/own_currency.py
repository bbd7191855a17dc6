"""The currency of pages about holdings: the one that a visitor chose, else that of the lines."""

from __future__ import annotations

from vigie.views.web.request_context import RequestContext


def chosen_currency(context: RequestContext) -> str:
    """Return the currency that a visitor counts in; empty for dollars, which nobody has to choose.

    Operations about holdings then take the one of the settings, and without one that of all lines.
    """
    return "" if context.currency == "usd" else context.currency
