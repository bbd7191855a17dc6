"""Derivatives across venues: funding, open interest, basis, long and short, liquidations, implied volatility."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vigie.drawing.frame import Frame
from vigie.services.market_data.derivatives_rows import FundingRateRow, FundingSpreadRow
from vigie.services.operation import Table
from vigie.services.rows import row_columns
from vigie.views.web.forms import whole_number
from vigie.views.web.page import Page
from vigie.views.web.pages.asset import chart_events
from vigie.views.web.pages.derivatives.charts import (
    chart_description,
    chart_legend,
    chart_title,
    history_chart,
    news_values,
    source_names,
)
from vigie.views.web.request_context import RequestContext
from vigie.views.web.sorted_tables import call_sorted
from vigie.views.web.unusual import PLACES, most_unusual

ROWS: Final = 20
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


def tab_page(measure: str) -> Any:
    """Return what shows one measure: its table, and one asset of it over time."""

    def show(context: RequestContext) -> Mapping[str, Any]:
        query = context.query
        asset, by = query.get("asset", ""), "asset" if query.get("by") == "asset" else "instrument"
        extra_input = {"by": by} if measure == "open_interest" else {}
        ordered = call_sorted(
            context, f"derivatives.{measure}", limit=1_000, as_of=context.as_of, **extra_input
        )
        full_table = ordered.table
        assets = dict(
            sorted({row["asset"]: row["name"] for row in full_table.rows}.items(), key=lambda item: item[1])
        )
        rows = [row for row in full_table.rows if row["asset"] == asset] if asset else full_table.rows
        offset = whole_number(query.get("from", ""), 4) or 0
        offset = min(offset, max(len(rows) - 1, 0) // ROWS * ROWS)
        table = full_table.model_copy(update={"rows": rows[offset : offset + ROWS], "total": len(rows)})
        return {
            "measure": measure, "table": table, "chosen": asset, "assets": assets, "by": by, "begin": offset,
            "end": offset + ROWS if offset + ROWS < len(rows) else 0, "columns": COLUMNS[measure],
            "hidden": HIDDEN[measure], "now": context.as_of or context.now,
            "exports": _exports(context, asset, ordered.sort, extra_input), "page_rows": ROWS,
            "unknown_order": ordered.unknown,
            **_chart(context, measure, asset or _default_asset(assets)), **_spread_values(measure, full_table),
            **(_own_past(context, asset or _default_asset(assets), full_table.rows) if measure == "funding" else {}),
        }  # fmt: skip

    return show


def _own_past(context: RequestContext, asset: str, funding: Sequence[FundingRateRow]) -> dict[str, object]:
    """Return what is unusual anywhere, and every measure of one asset with its past."""
    exports = _exports(context, "", None, {})
    table = context.call("derivatives.past", **exports)
    rows = [row for row in table.rows if row["asset"] == asset]
    percentiles = {(row.asset, row.venue): row.percentile for row in funding}
    return {
        "unusual": most_unusual(table.rows, "funding", percentiles=percentiles),
        "catalog": table.model_copy(update={"rows": rows, "total": len(rows)}),
        "catalog_exports": {**exports, "assets": asset},
        "places": PLACES,
    }


def _default_asset(assets: Mapping[str, str]) -> str:
    return "bitcoin" if "bitcoin" in assets or not assets else next(iter(assets))


def _exports(
    context: RequestContext, asset: str, sort: str | None, extra_input: Mapping[str, str]
) -> dict[str, Any]:
    values = {"assets": asset or None, "sort": sort, "as_of": context.as_of, **extra_input}
    return {key: value for key, value in values.items() if value not in (None, "")}


def _chart(context: RequestContext, measure: str, asset: str) -> dict[str, Any]:
    days = context.query.get("days", "30")
    days = days if days in DAYS else "30"
    history = context.call(
        "derivatives.history", measure=measure, asset=asset, days=days, as_of=context.as_of
    )
    title = chart_title(context, history)
    frame = Frame(
        "history", title, chart_description(context, history), context.lang.language, context.lang.zone
    )
    picture = {"measure": measure, "asset": asset, "days": days, "as_of": context.as_of}
    news = news_values(context, history)
    marks = chart_events.chart_marks(context, news["marked"])
    return {
        **news, "chart_title": title, "days": days,
        "drawn": history_chart(context, history, frame, marks, chart_events.TWIN) if history.rows else "",
        "legend": chart_legend(context, history), "charted": asset, "source_name": source_names(context, history),
        "picture": {key: value for key, value in picture.items() if value is not None},
    }  # fmt: skip


def _spread_values(measure: str, full_table: Any) -> dict[str, Any]:
    if measure != "funding":
        return {}
    columns = [
        column.model_copy(update={"title": "Lowest and highest"}) if column.name == "lowest_venue" else column
        for column in row_columns(FundingSpreadRow)
    ]
    spreads = Table[FundingSpreadRow](
        columns=columns,
        rows=full_table.spreads[:WIDEST],
        total=len(full_table.spreads),
        as_of=full_table.as_of,
    )
    return {"spreads": spreads}


def _page(measure: str, path: str, title: str, description: str) -> Page:
    return Page(
        name=PLACES[measure],
        path=f"/derivatives{path}",
        title=title,
        description=description,
        show=tab_page(measure),
        has_as_of=True,
    )


GROUP: Final = "markets"
PAGES = (
    _page(
        "funding", "", "Derivatives",
        "Funding rates of perpetuals across venues, per 8 hours and annualised, with gaps between venues "
        "and unusual rates.",
    ),
    _page(
        "open_interest", "/open-interest", "Open interest",
        "Open contracts on each venue, in coins and in value, added up only after conversion.",
    ),
    _page(
        "basis", "/basis", "Basis",
        "How far perpetuals trade above or below their index on each venue, compared with their last 30 "
        "days.",
    ),
    _page(
        "long_short", "/long-short", "Long/short ratio",
        "Long accounts per short account, compared with the ratio's own past.",
    ),
    _page(
        "liquidations", "/liquidations", "Liquidations",
        "Positions liquidated in an hour and a day: a minimum, with the share of time covered.",
    ),
    _page(
        "volatility", "/volatility", "Volatility",
        "The volatility that options imply for the next 30 days, compared with realised volatility.",
    ),
)  # fmt: skip
