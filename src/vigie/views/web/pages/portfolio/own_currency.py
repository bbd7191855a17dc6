"""The currency of pages about holdings: the one that a visitor chose, else that of the lines."""

from __future__ import annotations

from vigie.views.web.request_context import RequestContext


def form_currency(context: RequestContext, counted: str, *, has_lines: bool) -> str:
    """Return the currency that a new line offers first: the one the portfolio counts in.

    Whoever reads French and has neither lines nor a chosen currency counts in euros, as the French tax does.
    """
    if not has_lines and not chosen_currency(context) and context.lang.language == "fr":
        return "EUR"
    return counted.upper()


def chosen_currency(context: RequestContext) -> str:
    """Return the currency that a visitor counts in; empty for dollars, which nobody has to choose.

    Operations about holdings then take the one of the settings, and without one that of all lines.
    """
    return "" if context.currency == "usd" else context.currency
