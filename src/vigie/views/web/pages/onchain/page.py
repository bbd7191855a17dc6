"""On-chain and market-wide figures: cards, the chart of formulas, and every series there is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from vigie.domain.errors import NotFound, UsageError
from vigie.drawing.frame import Frame
from vigie.services.operation import Table
from vigie.views.web.forms import whole_number
from vigie.views.web.page import Page
from vigie.views.web.pages.asset import chart_events
from vigie.views.web.pages.onchain.charts import draw_charts, news_values, subject_name
from vigie.views.web.pages.onchain.defi import show_defi
from vigie.views.web.pages.onchain.formula_form import build_formulas
from vigie.views.web.request_context import RequestContext
from vigie.views.web.unusual import most_unusual

TWIN_ROWS: Final = 60
CATALOG_ROWS: Final = 50
TOPICS: Final = (
    "onchain",
    "market",
    "derivatives",
    "defi",
    "stablecoins",
    "sentiment",
    "volatility",
    "fx",
    "macro",
)
# Formulas that a first visit may begin with.
EXAMPLES: Final = (
    ("ratio(market/bitcoin/cap_usd,stablecoins/total/supply_usd)", ""),
    ("index(market/bitcoin/price_usd)", "index(market/ethereum/price_usd)"),
    ("zscore(onchain/bitcoin/cap_mvrv_cur,365d)", ""),
    ("market/bitcoin/price_usd", "onchain/bitcoin/adr_act_cnt"),
)


def show_cards(context: RequestContext) -> Mapping[str, Any]:
    """Ask for the cards of the asset in the address."""
    asset = context.query.get("asset") or "bitcoin"
    result = context.call("onchain.cards", asset=asset, as_of=context.as_of)
    groups: dict[str, list[Any]] = {}
    for card in result.cards:
        groups.setdefault(card.group, []).append(card)
    pasts = context.call("onchain.past", as_of=context.as_of)
    return {
        "answer": result, "groups": groups, "unusual": most_unusual(pasts.rows),
        "past_of": {row["series"]: row for row in pasts.rows}, "subject_of": partial(subject_name, context),
        "flagged": sorted({card.source_title for card in result.cards if card.is_non_commercial}),
        "now": context.as_of or context.now,
    }  # fmt: skip


def show_chart(context: RequestContext) -> Mapping[str, Any] | Response:
    """Draw the formulas of the address; the form's fields become a formula in the address first."""
    query = context.query
    if "first" in query or "second" in query:
        f, g = build_formulas(query)
        values = {"f": f, "g": g, **{key: query.get(key, "") for key in ("days", "joined", "as_of")}}
        address = urlencode({key: value for key, value in values.items() if value}, safe="/(),:")
        return RedirectResponse(f"/onchain/chart?{address}", 303)
    result, error = None, ""
    if query.get("f"):
        inputs = {key: query[key] for key in ("f", "g", "days", "joined") if query.get(key)}
        try:
            result = context.call("onchain.formula", **inputs, as_of=context.as_of)
        except (UsageError, NotFound) as fault:
            error = str(fault)
    news = news_values(context, result) if result else {"marked": None, "marks_query": {}, "marks_on": False}
    marks = chart_events.chart_marks(context, news["marked"])
    charts = (
        draw_charts(context, result, lambda *said: _frame(context, *said), marks, chart_events.TWIN)
        if result
        else []
    )
    series = [name for line in result.lines for name in line.series] if result else []
    picture = {key: query.get(key) for key in ("f", "g", "days", "joined")}
    return {
        **news, "answer": result, "error": error, "drawn": charts, "twin": _chart_table(result) if result else None,
        "days": query.get("days", "365"), "first": series[0] if series else "",
        "second": series[1] if len(series) > 1 else "",
        "known": _offered_series(context), "examples": EXAMPLES,
        "exports": {key: value for key, value in {**picture, "as_of": context.as_of}.items() if value},
    }  # fmt: skip


def _frame(context: RequestContext, name: str, title: str, description: str) -> Frame:
    return Frame(name, title, description, context.lang.language, context.lang.zone)


def _chart_table(result: Any) -> Table:
    """Return the newest rows, newest first: the chart as a table."""
    units = {line.key: line for line in result.lines}
    columns = [
        column.model_copy(
            update={"unit": units[column.name].unit or "index", "title": units[column.name].formula}
        )
        if column.name in units
        else column
        for column in result.columns
    ]
    return Table(
        columns=columns, rows=result.rows[::-1][:TWIN_ROWS], origins=result.origins, total=result.total
    )


def _offered_series(context: RequestContext) -> list[tuple[str, str]]:
    """Return (id, title) of the series that are offered while typing: the most useful ones, not all."""
    series = []
    for topic in ("onchain", "sentiment", "macro", "stablecoins", "defi", "volatility"):
        for row in context.call("onchain.catalog", topic=topic, limit=500, as_of=context.as_of).rows:
            if topic != "onchain" or row["subject"] in ("bitcoin", "ethereum"):
                series.append((row["series"], row["title"]))
    for row in context.call("onchain.catalog", topic="market", limit=500, as_of=context.as_of).rows:
        if row["subject"] in ("global", "bitcoin", "ethereum", "solana"):
            series.append((row["series"], row["title"]))
    return series[:90]


def show_series(context: RequestContext) -> Mapping[str, Any]:
    """Ask for a page of the catalogue."""
    query = context.query
    cursor = whole_number(query.get("cursor", ""), 6) or 0
    topic = query.get("topic", "") if query.get("topic") in TOPICS else ""
    inputs = {"find": query.get("find", "")[:100], "topic": topic, "as_of": context.as_of}
    exports = {name: value for name, value in inputs.items() if value not in (None, "")}
    table = context.call("onchain.catalog", **exports, cursor=cursor, limit=CATALOG_ROWS)
    return {
        "table": table,
        "exports": exports,
        "topic": topic,
        "topics": TOPICS,
        "cursor": cursor,
        "rows_of_page": CATALOG_ROWS,
        "subject_of": partial(subject_name, context),
    }


GROUP: Final = "markets"
PAGES = (
    Page(
        name="onchain",
        path="/onchain",
        title="On-chain",
        description="Metrics of a chain or of the whole market, each with definition, formula, source, delay and age.",
        show=show_cards,
        has_as_of=True,
    ),
    Page(
        name="onchain_defi",
        path="/onchain/defi",
        title="DeFi",
        description="Value locked (TVL) by chain and protocol, DEX volume, fees, yields, stablecoins and their "
        "pegs.",
        show=show_defi,
        has_as_of=True,
        template="defi.html",
    ),
    Page(
        name="onchain_chart",
        path="/onchain/chart",
        title="Series chart",
        description="Any two series on one chart: ratio, index, moving average, log or z-score, with a link to "
        "share.",
        show=show_chart,
        has_as_of=True,
        template="chart.html",
    ),
    Page(
        name="onchain_series",
        path="/onchain/series",
        title="Series",
        description="Every series known here, with its unit, definition, source, delay and licence.",
        show=show_series,
        has_as_of=True,
        template="series.html",
    ),
)
