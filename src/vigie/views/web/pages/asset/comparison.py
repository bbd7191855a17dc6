"""Several assets on one chart, with the numbers beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from vigie.drawing.frame import Frame, legend_key
from vigie.views.web.forms import whole_number
from vigie.views.web.pages.asset import chart_events, words
from vigie.views.web.pages.asset.charts import compare_chart
from vigie.views.web.request_context import RequestContext

ROWS: Final = 12
STATE: Final = ("with", "range", "mode", "as_of")
POINTS: Final = 400
# For the browser's chart, which can be zoomed.
FINE_POINTS: Final = 1_500


def show(context: RequestContext) -> Mapping[str, Any] | Response:
    """Ask for the closes of several assets."""
    if "add" in context.query:
        return RedirectResponse(_add_asset_link(context), 303)
    if context.fragment == chart_events.PART:
        return chart_events.values_of_comparison(
            context, context.call("assets.compare", **_input(context, context.params["id"]))
        )
    first = context.call("assets.get", asset=context.params["id"], as_of=context.as_of)
    if first.id != context.params["id"]:
        return RedirectResponse(
            context.url(f"/asset/{first.id}/compare", **words.query_values(context.query, *STATE)), 303
        )
    compared_with = words.split_list(context.query.get("with", ""))
    inputs = _input(context, first.id)
    result = context.call("assets.compare", **inputs)
    query = {"assets": inputs["assets"], "mode": result.mode, "range": result.range}
    if context.as_of is not None:
        query["as_of"] = str(context.as_of)
    news = chart_events.values_of_comparison(context, result)
    return {
        **news,
        "coin": first,
        "answer": result,
        "table": _page_of_rows(context, result),
        "ends": words.price_time(result),
        "is_daily": result.timeframe == "1d",
        "title": words.span_text(context, result.range),
        "svg": _chart_svg(context, result, news["marked"]) if result.rows else "",
        "keys": [Markup(legend_key(place + 1)) for place in range(len(result.lines))],  # noqa: S704 - drawn from a number
        "without": _removal_links(context, compared_with, result),
        "choices": _choices(context, result),
        "ranges": [
            (words.short_span_text(context, span), context.url(range=span, cursor=None), span == result.range)
            for span in words.RANGES
        ],
        "modes": [
            (context.text("Rebased to 100"), context.url(mode=None, cursor=None), result.mode == "rebased"),
            (
                words.prices_in(context, result.unit),
                context.url(mode="absolute", cursor=None),
                result.mode == "absolute",
            ),
        ],
        "query": query,
        "marks": context.url("/api/v1/assets/news_marks", **news["marks_query"]) if news["marked"] else "",
        "data": context.url(
            "/api/v1/assets/compare", **query, until="now", points=FINE_POINTS,
            **context.currency_query("assets.compare"),
        ),
    }  # fmt: skip


def _input(context: RequestContext, first: str) -> dict[str, Any]:
    compared_with = words.split_list(context.query.get("with", ""))
    return {
        "assets": ",".join([first, *compared_with]), **words.query_values(context.query, "range", "mode"),
        "until": "now", "as_of": context.as_of, "points": POINTS,
    }  # fmt: skip


def _chart_svg(context: RequestContext, result: Any, news: Any) -> Markup:
    frame = Frame(
        "compared", words.span_text(context, result.range), words.comparison_description(context, result),
        language=context.lang.language, zone=context.lang.zone,
    )  # fmt: skip
    # What is drawn is cleaned where it is drawn.
    svg = compare_chart(result, frame, chart_events.chart_marks(context, news), chart_events.TWIN)
    return Markup(svg)  # noqa: S704 - words are escaped where they are drawn


def _removal_links(context: RequestContext, compared_with: list[str], result: Any) -> dict[str, str]:
    """Return the link that takes each asset away, by its id; the page's own stays."""
    symbols = {item.asset: item.symbol.lower() for item in result.compared}
    links = {}
    for asset, symbol in symbols.items():
        remaining = [word for word in compared_with if word.lower() not in (asset, symbol)]
        if len(remaining) < len(compared_with):
            links[asset] = context.url(**{"with": ",".join(remaining) or None, "cursor": None})
    return links


def _choices(context: RequestContext, result: Any) -> list[tuple[str, str]]:
    """Return the assets that may be added."""
    present = [item.asset for item in result.compared]
    return [
        (row["asset"], f"{row['name']} ({row['symbol']})")
        for row in context.call("assets.search", limit=200).rows
        if row["has_bars"] and row["asset"] not in present
    ]


def _page_of_rows(context: RequestContext, result: Any) -> Any:
    """Return a page of a comparison's rows: those before the cursor."""
    before = whole_number(context.query.get("cursor", ""), 15)
    rows = [row for row in result.rows if before is None or row["ts"] < before]
    page_rows = rows[:ROWS]
    cursor = str(page_rows[-1]["ts"]) if len(rows) > ROWS else None
    return result.model_copy(update={"rows": page_rows, "next_cursor": cursor})


def _add_asset_link(context: RequestContext) -> str:
    """Return the address that the form asks for: with one asset more."""
    compared_with = words.split_list(f"{context.query.get('with', '')},{context.query['add']}")
    query = words.query_values(context.query, "range", "mode", "as_of")
    if compared_with:
        query["with"] = ",".join(dict.fromkeys(compared_with))
    return context.url(context.path, **query)
