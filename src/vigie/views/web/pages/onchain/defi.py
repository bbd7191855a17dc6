"""DeFi: value locked by chain and protocol, volume, fees, yields, stablecoins and their pegs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.domain.errors import NotFound
from vigie.views.drawing.frame import Frame
from vigie.views.web.ordering import ask_ordered
from vigie.views.web.pages.onchain.charts import charts_of
from vigie.views.web.visit import Visit

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


def show_defi(visit: Visit) -> Mapping[str, Any]:
    """Ask for one table, the totals, and the line of the total that the table is about."""
    query = visit.query
    name = query.get("table", "chains") if query.get("table") in TABLES else "chains"
    days = query.get("days", "365") if query.get("days") in DAYS else "365"
    columns, hidden = TABLES[name]
    found = ask_ordered(visit, f"defi.{name}", limit=ROWS, as_of=visit.as_of)
    cards = {card.series: card for card in visit.ask("onchain.cards", asset="all", as_of=visit.as_of).cards}
    tiles = [cards[series] for series in dict.fromkeys(LINES.values()) if series in cards]
    line = LINES[name]
    try:
        answer = visit.ask("onchain.formula", f=line, days=days, as_of=visit.as_of)
        drawn = charts_of(visit, answer, lambda *said: _frame(visit, *said))
    except NotFound:
        drawn = []
    return {
        "name": name, "table": found.table, "unknown_order": found.unknown,
        "shown": columns, "hidden": hidden, "tiles": tiles, "drawn": drawn,
        "line": line, "card": cards.get(line), "days": days, "spans": DAYS, "now": visit.as_of or visit.now,
        "exports": {key: value for key, value in {"sort": found.sort, "as_of": visit.as_of}.items() if value},
        "picture": {
            key: value for key, value in {"f": line, "days": days, "as_of": visit.as_of}.items() if value
        },
    }  # fmt: skip


def _frame(visit: Visit, name: str, title: str, said: str) -> Frame:
    return Frame(name, title, said, visit.tongue.language, visit.tongue.zone)
