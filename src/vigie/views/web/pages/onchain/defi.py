"""DeFi: value locked by chain and protocol, volume, fees, yields, stablecoins and their pegs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.domain.errors import NotFound
from vigie.drawing.frame import Frame
from vigie.views.web.pages.onchain.charts import draw_charts
from vigie.views.web.request_context import RequestContext
from vigie.views.web.sorted_tables import call_sorted

ROWS: Final = 40
# Of each table: columns, and those that a phone has no room for.
TABLES: Final = {
    "chains": (("name", "tvl_usd", "share", "symbol"), ("symbol",)),
    "protocols": (
        ("name", "category", "chains", "tvl_usd", "change_1d", "change_7d"),
        ("category", "chains", "change_1d"),
    ),
    "volumes": (("name", "chains", "day_usd", "week_usd", "change_1d"), ("chains", "week_usd")),
    "fees": (("name", "category", "day_usd", "week_usd", "change_1d"), ("category", "week_usd")),
    "yields": (
        ("name", "project", "chain", "tvl_usd", "apy", "apy_base", "apy_reward", "is_exposed"),
        ("project", "chain", "apy_base", "apy_reward", "is_exposed"),
    ),
    "stablecoins": (
        ("name", "price_usd", "deviation", "supply_usd", "share", "change_1d", "mechanism"),
        ("price_usd", "share", "mechanism"),
    ),
}
LINES: Final = {
    "chains": "defi/total/tvl_usd",
    "protocols": "defi/total/tvl_usd",
    "yields": "defi/total/tvl_usd",
    "volumes": "defi/total/dex_volume_usd",
    "fees": "defi/total/fees_usd",
    "stablecoins": "stablecoins/total/supply_usd",
}
DAYS: Final = ("30", "90", "365", "1460")


def show_defi(context: RequestContext) -> Mapping[str, Any]:
    """Ask for one table, the totals, and the line of the total that the table is about."""
    query = context.query
    name = query.get("table", "chains") if query.get("table") in TABLES else "chains"
    days = query.get("days", "365") if query.get("days") in DAYS else "365"
    columns, hidden = TABLES[name]
    ordered = call_sorted(context, f"defi.{name}", limit=ROWS, as_of=context.as_of)
    cards = {
        card.series: card for card in context.call("onchain.cards", asset="all", as_of=context.as_of).cards
    }
    tiles = [cards[series] for series in dict.fromkeys(LINES.values()) if series in cards]
    line = LINES[name]
    try:
        result = context.call("onchain.formula", f=line, days=days, as_of=context.as_of)
        charts = draw_charts(context, result, lambda *said: _frame(context, *said))
    except NotFound:
        charts = []
    return {
        "name": name, "table": ordered.table, "unknown_order": ordered.unknown,
        "shown": columns, "hidden": hidden, "tiles": tiles, "drawn": charts,
        "line": line, "card": cards.get(line), "days": days, "spans": DAYS, "now": context.as_of or context.now,
        "exports": {key: value for key, value in {"sort": ordered.sort, "as_of": context.as_of}.items() if value},
        "picture": {
            key: value for key, value in {"f": line, "days": days, "as_of": context.as_of}.items() if value
        },
    }  # fmt: skip


def _frame(context: RequestContext, name: str, title: str, description: str) -> Frame:
    return Frame(name, title, description, context.lang.language, context.lang.zone)
