"""The currency of pages about holdings: the one that a visitor chose, else that of the lines."""

from __future__ import annotations

from babel.numbers import get_territory_currencies

from vigie.views.web.request_context import RequestContext


def form_currency(context: RequestContext, counted: str, *, has_lines: bool) -> str:
    """Return the currency that a new line offers first: the one the portfolio counts in.

    Whoever has neither lines nor a chosen currency counts in euros where the language's country does: French.
    """
    country = context.lang.locale.territory
    if (
        not has_lines
        and not chosen_currency(context)
        and country
        and "EUR" in get_territory_currencies(country)
    ):
        return "EUR"
    return counted.upper()


def chosen_currency(context: RequestContext) -> str:
    """Return the currency that a visitor counts in; empty for dollars, which nobody has to choose.

    Operations about holdings then take the one of the settings, and without one that of all lines.
    """
    return "" if context.currency == "usd" else context.currency
