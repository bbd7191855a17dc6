"""The market: prices, heat map, screener, movers, correlations, newcomers, categories, exchanges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from starlette.responses import Response

from vigie.domain.asset import WATCHED
from vigie.domain.errors import UsageError
from vigie.domain.time import HOUR_MS
from vigie.drawing.frame import Frame
from vigie.intelligence.market.fields import FIELDS
from vigie.services.caches.asset_metrics import STALE_MS
from vigie.services.operation import Column
from vigie.views.web.chosen_columns import chosen_columns
from vigie.views.web.form_responses import redirect
from vigie.views.web.page import Page
from vigie.views.web.pages.markets import newcomers
from vigie.views.web.pages.markets.charts import (
    CUTS,
    correlation_input,
    correlation_svg,
    heatmap_input,
    heatmap_svg,
    market_input,
)
from vigie.views.web.pages.markets.filters import read_filters
from vigie.views.web.pages.markets.saved_searches import removed_search, search_actions
from vigie.views.web.pages.markets.screen_form import condition_fields, typed_where
from vigie.views.web.request_context import RequestContext
from vigie.views.web.sorted_tables import call_sorted

SCREENER: Final = "/markets/screener"
# Of the table of prices, in order; and those that stand there before anybody chooses.
COLUMNS: Final = (
    "name", "price_usd", "change_1h", "change_24h", "change_7d", "change_30d", "volume_24h_usd", "cap_usd", "spark",
    "instrument", "ts_event",
)  # fmt: skip
USUAL: Final = COLUMNS[1:9]
# Columns of what was screened that name or date a row, and are no figures.
NAMING: Final = ("asset", "symbol", "name", "instrument", "ts_event", "is_stale")
SPANS: Final = ("1h", "24h", "7d", "30d", "1y")
EXAMPLES: Final = (
    "change_24h>0.03,volume_24h>10000000",
    "rsi_14<30",
    "price>sma_200,change_30d>0",
    "new_high_1y>=1",
    "volume_ratio>2",
)


def prices(context: RequestContext) -> Mapping[str, Any]:
    """Ask for the table, in the order of the query."""
    filters = read_filters(context)
    asked = market_input(context, **filters.asked)
    ordered = call_sorted(context, "markets.list", "-cap_usd", **asked)
    by_name = {column.name: column for column in ordered.table.columns}
    awaited, not_stored = (0, 0) if context.is_past else _without_past(ordered.table.rows)
    return {
        "table": ordered.table,
        "chosen": chosen_columns(context, "markets", [by_name[name] for name in COLUMNS], USUAL),
        "exports": {**asked, "sort": ordered.sort},
        "filters": filters,
        "unknown_order": ordered.unknown,
        "awaited": awaited,
        "not_stored": not_stored,
    }


def _without_past(rows: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Return how many assets have a price and nothing to compare it with: yet, and until bars are imported."""
    gathered = {asset.id for asset in WATCHED if asset.kind == "coin"}
    blank = [
        row["asset"] in gathered
        for row in rows
        if row["price_usd"] is not None and all(row[f"change_{span}"] is None for span in ("1h", "7d", "30d"))
    ]
    return sum(blank), len(blank) - sum(blank)


def heatmap(context: RequestContext) -> Mapping[str, Any]:
    """Ask for weights and changes; draw one map for wide screens and one for phones."""
    filters = read_filters(context)
    exports = {**heatmap_input(context), **filters.asked}
    table = context.call("markets.heatmap", **exports)
    description = context.text(
        "Size shows the market cap or the volume, colour shows the change; the table below gives the same "
        "numbers."
    )
    svgs = {}
    for name, width, height, least in (("wide", 1_200, 560, 1_400.0), ("narrow", 420, 640, 2_400.0)):
        frame = Frame(f"heatmap-{name}", context.text("Heat map"), description, context.lang.language)
        svgs[name] = heatmap_svg(
            context, table, exports["span"], frame, width=width, height=height, least_area=least
        )
    return {
        "table": table, "span": exports["span"], "size": exports["size"], "spans": SPANS, "drawn": svgs,
        "exports": exports, "filters": filters, "least_move": CUTS[exports["span"]][0],
        "stale_hours": STALE_MS // HOUR_MS,
    }  # fmt: skip


def screener(context: RequestContext) -> Mapping[str, Any] | Response:
    """Ask for the assets that meet the conditions of the address; a refused condition is said, not hidden."""
    where = context.query.get("where", "")
    error = ""
    joined = typed_where(context.query, context.lang)
    if joined is not None:
        try:
            context.call("markets.screen", where=joined, limit=1, as_of=context.as_of)
            kept = {
                **_query_values(context, "sort", "as_of", "columns"),
                **({"where": joined} if joined else {}),
            }
            return redirect(SCREENER, **kept)
        except UsageError as fault:
            error = str(fault)
    language = context.lang.language
    fields = context.call("markets.fields").rows
    titles = {row["field"]: FIELDS[row["field"]].title(language) for row in fields}
    definitions = {row["field"]: FIELDS[row["field"]].definition(language) for row in fields}
    try:
        ordered = call_sorted(context, "markets.screen", "-volume_24h", where=where, as_of=context.as_of)
    except UsageError as fault:
        error, ordered = (
            str(fault),
            call_sorted(context, "markets.screen", "-volume_24h", as_of=context.as_of),
        )
    table, sort = ordered.table, ordered.sort
    table.columns = [_translate_column(column, titles, definitions) for column in table.columns]
    parts = table.where.split(",") if table.where else []
    without = [",".join(parts[:place] + parts[place + 1 :]) for place in range(len(parts))]
    sentences = [
        context.call("markets.screen", where=part, as_of=context.as_of).sentences[language] for part in parts
    ]
    examples = [
        (example, context.call("markets.screen", where=example, as_of=context.as_of).sentences[language])
        for example in EXAMPLES
    ]
    by_name = {column.name: column for column in table.columns}
    figures = [name for name in by_name if name not in NAMING]
    return {
        "chosen": chosen_columns(context, "screener", [by_name["name"], *(by_name[name] for name in figures)], figures),
        "found": table, "where": where, "error": error, "fields": fields, "sort": sort, "titles": titles,
        "conditions": list(zip(sentences, without, condition_fields(table.where), strict=True)), "examples": examples,
        "exports": market_input(context, where=table.where, sort=sort), "kept": context.call("screens.list").rows,
        "removed": removed_search(context), "unknown_order": ordered.unknown,
    }  # fmt: skip


def _query_values(context: RequestContext, *names: str) -> dict[str, str]:
    """Return what the address says of some names."""
    return {name: context.query[name] for name in names if context.query.get(name)}


def _translate_column(column: Column, titles: Mapping[str, str], definitions: Mapping[str, str]) -> Column:
    if column.name not in titles:
        return column
    title = titles[column.name]
    return column.model_copy(
        update={"title": title[:1].upper() + title[1:], "definition": definitions[column.name]}
    )


def movers(context: RequestContext) -> Mapping[str, Any]:
    """Ask for the movers; split them into their lists."""
    span = context.query.get("span", "24h")
    floor = context.query.get("floor", "10000000")
    exports = market_input(context, span=span, floor_usd=floor)
    table = context.call("markets.movers", **exports)
    lists = [
        (
            name,
            table.model_copy(
                update={"rows": [row for row in table.rows if row["list"] == name], "total": None}
            ),
        )
        for name in ("up", "down", "unusual_volume", "new_highs", "new_lows")
    ]
    return {
        "found": table, "lists": lists, "span": span, "spans": SPANS, "floor": floor, "exports": exports,
    }  # fmt: skip


def correlation(context: RequestContext) -> Mapping[str, Any]:
    """Ask for the correlations; draw the matrix."""
    exports = correlation_input(context)
    table = context.call("markets.correlation", **exports)
    description = context.text(
        "Correlation of each pair of assets; the table below gives the same numbers with 95 per cent "
        "intervals."
    )
    frame = Frame("correlation", context.text("Correlation"), description, context.lang.language)
    svg = correlation_svg(table, frame) if table.names else ""
    symbols = dict(zip(table.names, table.symbols, strict=True))
    return {"found": table, "drawn": svg, "given": exports, "exports": exports, "symbols": symbols}


def directory_page(name: str) -> Any:
    """Return what shows a list that a source keeps."""

    def show(context: RequestContext) -> Mapping[str, Any]:
        ordered = call_sorted(context, f"markets.{name}", **market_input(context))
        exports = market_input(context, sort=ordered.sort)
        return {"table": ordered.table, "exports": exports, "unknown_order": ordered.unknown}

    return show


GROUP: Final = "markets"
PAGES = (
    Page(
        name="markets",
        path="/markets",
        title="Markets",
        description="Prices, changes and volumes of every tracked asset, with the source of each number.",
        show=prices,
        has_as_of=True,
    ),
    Page(
        name="heatmap",
        path="/markets/heatmap",
        title="Heat map",
        description="The whole market at a glance: the size of each asset and how it moved.",
        show=heatmap,
        has_as_of=True,
        template="heatmap.html",
    ),
    Page(
        name="screener",
        path=SCREENER,
        title="Screener",
        description="Find assets with conditions in plain words; every search has a link to share.",
        show=screener,
        has_as_of=True,
        template="screener.html",
        actions=search_actions("screener", SCREENER, "screens", cast(Any, screener)),
        folder="markets",
    ),
    Page(
        name="movers",
        path="/markets/movers",
        title="Movers",
        description="Top gainers and losers, new highs and lows, unusual volume, above a minimum volume.",
        show=movers,
        has_as_of=True,
        template="movers.html",
    ),
    Page(
        name="correlation",
        path="/markets/correlation",
        title="Correlation",
        description="Which assets move together over the chosen window, with intervals and number of "
        "observations.",
        show=correlation,
        has_as_of=True,
        template="correlation.html",
    ),
    newcomers.PAGE,
    Page(
        name="categories",
        path="/markets/categories",
        title="Categories",
        description="Coin categories with their market cap, its 24 h change and their volume.",
        show=directory_page("categories"),
        has_as_of=True,
        template="categories.html",
    ),
    Page(
        name="exchanges",
        path="/markets/exchanges",
        title="Exchanges",
        description="Exchanges with reported and normalised volume, trust score and the pairs Vigie tracks.",
        show=directory_page("exchanges"),
        has_as_of=True,
        template="exchanges.html",
    ),
)
