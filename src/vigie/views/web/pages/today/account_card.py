"""The trader's account in a few lines: money, open positions with their signed distances, next decisions."""

from __future__ import annotations

from typing import Final

from vigie.views.web.pages.trading.words import template_functions
from vigie.views.web.request_context import RequestContext

# More are a link to their page.
MOST_POSITIONS: Final = 4


def card_values(context: RequestContext) -> dict[str, object]:
    """Ask for the account that trading shows first; None where there is none yet."""
    names = [row["account"] for row in context.call("trading.accounts").rows]
    if not names:
        return {"account": None}
    name = "main" if "main" in names else names[0]
    positions = context.call("trading.positions", account=name).rows
    return {
        "account": context.call("trading.account", account=name),
        "positions": positions[:MOST_POSITIONS],
        "positions_left": max(0, len(positions) - MOST_POSITIONS),
        **template_functions(context),
    }
