"""Derivatives across venues: funding, open interest, basis, long and short, liquidations, implied volatility."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.services.operation import Table
from vigie.services.operations.derivatives import SPREADS
from vigie.views.drawing.frame import Frame
from vigie.views.web.ordering import ask_ordered
from vigie.views.web.page import Page
from vigie.views.web.pages.asset import happened
from vigie.views.web.pages.derivatives.charts import (
    description_of,
    history_chart,
    legend_of,
    marked_of,
    sources_of,
    title_of,
)
from vigie.views.web.visit import Visit

ROWS: Final = 48
WIDEST: Final = 6
DAYS: Final = ("1", "7", "30", "90", "365")
# Of each tab: its columns, and those that a phone has no room for; there the venue stands below the name.
COLUMNS: Final = {
    "funding": ("name", "venue", "per_8h", "per_year", "spread_8h", "percentile", "next_ts"),
    "open_interest": ("name", "venue", "coins", "usd", "share", "change_24h"),
    "basis": ("name", "venue", "basis", "percentile", "mark", "index"),
    "long_short": ("name", "venue", "ratio", "long_share", "change_24h", "percentile"),
    "liquidations": (
        "name",
        "venue",
        "total_24h_usd",
        "long_24h_usd",
        "short_24h_usd",
        "long_share",
        "heard",
    ),
    "volatility": ("name", "dvol", "change_24h", "percentile", "realised_30d", "premium"),
}
HIDDEN: Final = {
    "funding": ("venue", "spread_8h", "percentile", "next_ts"),
    "open_interest": ("venue", "coins"),
    "basis": ("venue", "percentile"),
    "long_short": ("venue", "long_share", "percentile"),
    "liquidations": ("venue", "long_24h_usd", "short_24h_usd"),
    "volatility": ("percentile", "premium"),
}
PLACES: Final = {
    "funding": "derivatives", "open_interest": "open_interest", "basis": "basis", "long_short": "long_short",
    "liquidations": "liquidations", "volatility": "volatility",
}  # fmt: skip


def tab(measure: str) -> Any:
    """Return what shows one measure: its table, and one asset of it over time."""

    def show(visit: Visit) -> Mapping[str, Any]:
        query = visit.query
        asset, by = query.get("asset", ""), "asset" if query.get("by") == "asset" else "instrument"
        more = {"by": by} if measure == "open_interest" else {}
        found = ask_ordered(visit, f"derivatives.{measure}", limit=1_000, as_of=visit.as_of, **more)
        whole = found.table
        assets = dict(
            sorted({row["asset"]: row["name"] for row in whole.rows}.items(), key=lambda one: one[1])
        )
        rows = [row for row in whole.rows if row["asset"] == asset] if asset else whole.rows
        begin = int(query["from"]) if query.get("from", "").isdecimal() and len(query["from"]) < 5 else 0
        begin = min(begin, max(len(rows) - 1, 0) // ROWS * ROWS)
        table = whole.model_copy(update={"rows": rows[begin : begin + ROWS], "total": len(rows)})
        return {
            "measure": measure, "table": table, "chosen": asset, "assets": assets, "by": by, "begin": begin,
            "end": begin + ROWS if begin + ROWS < len(rows) else 0, "columns": COLUMNS[measure],
            "hidden": HIDDEN[measure], "now": visit.as_of or visit.now,
            "exports": _exports(visit, asset, found.sort, more), "page_rows": ROWS, "unknown_order": found.unknown,
            **_chart(visit, measure, asset or _first(assets)), **_aside(measure, whole),
        }  # fmt: skip

    return show


def _first(assets: Mapping[str, str]) -> str:
    return "bitcoin" if "bitcoin" in assets or not assets else next(iter(assets))


def _exports(visit: Visit, asset: str, sort: str | None, more: Mapping[str, str]) -> dict[str, Any]:
    given = {"assets": asset or None, "sort": sort, "as_of": visit.as_of, **more}
    return {key: value for key, value in given.items() if value not in (None, "")}


def _chart(visit: Visit, measure: str, asset: str) -> dict[str, Any]:
    days = visit.query.get("days", "30")
    days = days if days in DAYS else "30"
    history = visit.ask("derivatives.history", measure=measure, asset=asset, days=days, as_of=visit.as_of)
    title = title_of(visit, history)
    frame = Frame("history", title, description_of(visit, history), visit.tongue.language, visit.tongue.zone)
    picture = {"measure": measure, "asset": asset, "days": days, "as_of": visit.as_of}
    told = marked_of(visit, history)
    marks = happened.marks_of(visit, told["marked"])
    return {
        **told, "chart_title": title, "days": days,
        "drawn": history_chart(visit, history, frame, marks, happened.TWIN) if history.rows else "",
        "legend": legend_of(visit, history), "charted": asset, "source_name": sources_of(visit, history),
        "picture": {key: value for key, value in picture.items() if value is not None},
    }  # fmt: skip


def _aside(measure: str, whole: Any) -> dict[str, Any]:
    if measure != "funding":
        return {}
    columns = [
        column.model_copy(update={"title": "Lowest and highest"}) if column.name == "lowest_venue" else column
        for column in SPREADS
    ]
    spreads = Table(columns=columns, rows=whole.spreads[:WIDEST], total=len(whole.spreads), as_of=whole.as_of)
    return {"spreads": spreads}


def _page(measure: str, path: str, title: str, description: str) -> Page:
    return Page(
        name=PLACES[measure],
        path=f"/derivatives{path}",
        title=title,
        description=description,
        show=tab(measure),
        is_dated=True,
    )


PAGES = (
    _page(
        "funding", "", "Derivatives",
        "Funding of perpetuals across venues, for 8 hours and a year, with spreads and unusual rates marked.",
    ),
    _page(
        "open_interest", "/open-interest", "Open interest",
        "Contracts that are open at each venue, in coins and by their worth, added up only after converting.",
    ),
    _page(
        "basis", "/basis", "Basis",
        "How far perpetuals lie above or below their index at each venue, against their own last 30 days.",
    ),
    _page(
        "long_short", "/long-short", "Long and short",
        "How many accounts are long for each that is short, against the ratio's own past.",
    ),
    _page(
        "liquidations", "/liquidations", "Liquidations",
        "Positions closed by force in an hour and a day: a lower bound, with how much was listened to.",
    ),
    _page(
        "volatility", "/volatility", "Volatility",
        "The volatility that options imply for the next 30 days, against what was realised.",
    ),
)  # fmt: skip
