"""The market: prices, heat map, screener, movers, correlations, newcomers, categories, exchanges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from starlette.responses import Response

from vigie.domain.asset import WATCHED
from vigie.domain.errors import UsageError
from vigie.services.operation import Column
from vigie.views.drawing.frame import Frame
from vigie.views.web.answering import go
from vigie.views.web.ordering import ask_ordered
from vigie.views.web.page import Page
from vigie.views.web.pages.markets import newcomers
from vigie.views.web.pages.markets.bounds import bound_of
from vigie.views.web.pages.markets.charts import (
    asked,
    correlation_asked,
    correlation_svg,
    heatmap_asked,
    heatmap_svg,
)
from vigie.views.web.pages.markets.keeping import keeping, removed
from vigie.views.web.visit import Visit

SCREENER: Final = "/markets/screener"
SPANS: Final = ("1h", "24h", "7d", "30d", "1y")
EXAMPLES: Final = (
    "change_24h>0.03,volume_24h>10000000",
    "rsi_14<30",
    "price>sma_200,change_30d>0",
    "new_high_1y>=1",
    "volume_ratio>2",
)


def prices(visit: Visit) -> Mapping[str, Any]:
    """Ask for the table, in the order of the query."""
    found = ask_ordered(visit, "markets.list", "-cap_usd", **asked(visit))
    return {
        "table": found.table,
        "exports": asked(visit, sort=found.sort),
        "unknown_order": found.unknown,
        "without_past": 0 if visit.is_past else _without_past(found.table.rows),
    }


def _without_past(rows: Sequence[Mapping[str, Any]]) -> int:
    """Return how many assets whose bars are gathered have a price and nothing to compare it with yet."""
    gathered = {asset.id for asset in WATCHED}
    return sum(
        row["asset"] in gathered
        and row["price_usd"] is not None
        and all(row[f"change_{span}"] is None for span in ("1h", "7d", "30d"))
        for row in rows
    )


def heatmap(visit: Visit) -> Mapping[str, Any]:
    """Ask for weights and changes; draw one map for wide screens and one for phones."""
    exports = heatmap_asked(visit)
    table = visit.ask("markets.heatmap", **exports)
    told = visit.text("Area is the weight, shade the change; the table below has the same numbers.")
    drawn = {}
    for name, width, height, least in (("wide", 1_200, 560, 1_400.0), ("narrow", 420, 640, 2_400.0)):
        frame = Frame(f"heatmap-{name}", visit.text("Heat map"), told, visit.tongue.language)
        drawn[name] = heatmap_svg(
            visit, table, exports["span"], frame, width=width, height=height, least_area=least
        )
    return {
        "table": table, "span": exports["span"], "size": exports["size"], "spans": SPANS, "drawn": drawn,
        "exports": exports,
    }  # fmt: skip


def screener(visit: Visit) -> Mapping[str, Any] | Response:
    """Ask for the assets that meet the conditions of the address; a refused condition is said, not hidden."""
    where = visit.query.get("where", "")
    error = ""
    if visit.query.get("field") and visit.query.get("bound"):
        bound = bound_of(visit.query["bound"], visit.tongue.language)
        added = f"{visit.query['field']}{visit.query.get('operator', '>')}{bound}"
        joined = f"{where},{added}" if where else added
        try:
            visit.ask("markets.screen", where=joined, limit=1, as_of=visit.as_of)
            return go(SCREENER, **{**_kept(visit, "sort", "as_of"), "where": joined})
        except UsageError as fault:
            error = str(fault)
    language = visit.tongue.language
    fields = visit.ask("markets.fields").rows
    titles = {row["field"]: row[f"title_{language}"] for row in fields}
    definitions = {row["field"]: row[f"definition_{language}"] for row in fields}
    try:
        ordered = ask_ordered(visit, "markets.screen", "-volume_24h", where=where, as_of=visit.as_of)
    except UsageError as fault:
        error, ordered = str(fault), ask_ordered(visit, "markets.screen", "-volume_24h", as_of=visit.as_of)
    found, sort = ordered.table, ordered.sort
    found.columns = [_titled(column, titles, definitions) for column in found.columns]
    parts = found.where.split(",") if found.where else []
    without = [",".join(parts[:place] + parts[place + 1 :]) for place in range(len(parts))]
    sentences = [
        visit.ask("markets.screen", where=part, as_of=visit.as_of).sentences[language] for part in parts
    ]
    examples = [
        (one, visit.ask("markets.screen", where=one, as_of=visit.as_of).sentences[language])
        for one in EXAMPLES
    ]
    return {
        "found": found, "where": where, "error": error, "fields": fields, "sort": sort, "language": language,
        "conditions": list(zip(sentences, without, strict=True)), "examples": examples,
        "exports": asked(visit, where=found.where, sort=sort), "kept": visit.ask("screens.list").rows,
        "removed": removed(visit), "unknown_order": ordered.unknown,
    }  # fmt: skip


def _kept(visit: Visit, *names: str) -> dict[str, str]:
    """Return what the address says of some names."""
    return {name: visit.query[name] for name in names if visit.query.get(name)}


def _titled(column: Column, titles: Mapping[str, str], definitions: Mapping[str, str]) -> Column:
    if column.name not in titles:
        return column
    title = titles[column.name]
    return column.model_copy(
        update={"title": title[:1].upper() + title[1:], "definition": definitions[column.name]}
    )


def movers(visit: Visit) -> Mapping[str, Any]:
    """Ask for the movers; split them into their lists."""
    span = visit.query.get("span", "24h")
    floor = visit.query.get("floor", "10000000")
    exports = asked(visit, span=span, floor_usd=floor)
    found = visit.ask("markets.movers", **exports)
    lists = [
        (
            name,
            found.model_copy(
                update={"rows": [row for row in found.rows if row["list"] == name], "total": None}
            ),
        )
        for name in ("up", "down", "unusual_volume", "new_highs", "new_lows")
    ]
    return {
        "found": found, "lists": lists, "span": span, "spans": SPANS, "floor": floor, "exports": exports,
    }  # fmt: skip


def correlation(visit: Visit) -> Mapping[str, Any]:
    """Ask for the correlations; draw the matrix."""
    exports = correlation_asked(visit)
    found = visit.ask("markets.correlation", **exports)
    told = visit.text(
        "Correlations of every pair; the table below has the same numbers with their intervals."
    )
    frame = Frame("correlation", visit.text("Correlation"), told, visit.tongue.language)
    drawn = correlation_svg(found, frame) if found.names else ""
    symbols = dict(zip(found.names, found.symbols, strict=True))
    return {"found": found, "drawn": drawn, "given": exports, "exports": exports, "symbols": symbols}


def directory(name: str) -> Any:
    """Return what shows a list that a source keeps."""

    def show(visit: Visit) -> Mapping[str, Any]:
        found = ask_ordered(visit, f"markets.{name}", **asked(visit))
        exports = asked(visit, sort=found.sort)
        return {"table": found.table, "exports": exports, "unknown_order": found.unknown}

    return show


PAGES = (
    Page(
        name="markets",
        path="/markets",
        title="Markets",
        description="Prices, changes and volumes of every asset of this home, with where each number comes from.",
        show=prices,
        is_dated=True,
    ),
    Page(
        name="heatmap",
        path="/markets/heatmap",
        title="Heat map",
        description="The whole market as areas and shades: how large each asset is and how it moved.",
        show=heatmap,
        is_dated=True,
        template="heatmap.html",
    ),
    Page(
        name="screener",
        path=SCREENER,
        title="Screener",
        description="Find assets by conditions that read as sentences; every search has an address to share.",
        show=screener,
        is_dated=True,
        template="screener.html",
        acts=keeping("screener", SCREENER, "screens", cast(Any, screener)),
        folder="markets",
    ),
    Page(
        name="movers",
        path="/markets/movers",
        title="Movers",
        description="Largest rises and falls, new highs and lows, unusual volume, above a floor of liquidity.",
        show=movers,
        is_dated=True,
        template="movers.html",
    ),
    Page(
        name="correlation",
        path="/markets/correlation",
        title="Correlation",
        description="Which assets move together, over any window, with intervals and number of observations.",
        show=correlation,
        is_dated=True,
        template="correlation.html",
    ),
    newcomers.PAGE,
    Page(
        name="categories",
        path="/markets/categories",
        title="Categories",
        description="Groups of coins with their capitalisation, how it changed in a day, and what is traded.",
        show=directory("categories"),
        is_dated=True,
        template="categories.html",
    ),
    Page(
        name="exchanges",
        path="/markets/exchanges",
        title="Exchanges",
        description="Trading venues with reported and normalised volume, trust score and pairs gathered here.",
        show=directory("exchanges"),
        is_dated=True,
        template="exchanges.html",
    ),
)
