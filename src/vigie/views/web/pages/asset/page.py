"""One asset: price, verdict, chart with indicators, figures, bars."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from vigie.domain.entity import ENTITY_PATTERN
from vigie.domain.errors import UsageError
from vigie.domain.time import iso
from vigie.drawing.frame import Frame
from vigie.services.operations.asset_charts import ChartIndicatorRow
from vigie.views.web.page import Page
from vigie.views.web.pages.asset import chart_events, comparison, quote, words
from vigie.views.web.pages.asset.cards import asset_values
from vigie.views.web.pages.asset.charts import POINTS, indicator_chart, price_drawing
from vigie.views.web.pages.asset.odds import odds_values
from vigie.views.web.pages.asset.replay import replay_of
from vigie.views.web.pages.asset.valuation import valuation_values
from vigie.views.web.pages.news import words as news_words
from vigie.views.web.request_context import RequestContext

# Of the table below the chart; more where somebody asks for the table itself.
ROWS: Final = 12
MANY_ROWS: Final = 500
STORIES: Final = 5
ENTITY: Final = re.compile(ENTITY_PATTERN)
# More than the bars' operation gives when it is not told.
ALL_ROWS: Final = 100_000
STATE: Final = ("range", "timeframe", "lines", "place", "as_of")


def show(context: RequestContext) -> Mapping[str, Any] | Response:
    """Ask for the asset, its chart and a page of its bars; for the news on the chart alone no more than these need."""
    if context.fragment == chart_events.PART:
        return _news_table(context)
    if "add" in context.query:
        return RedirectResponse(_add_indicator_link(context), 303)
    coin = context.call("assets.get", asset=context.params["id"], as_of=context.as_of)
    if coin.id != context.params["id"]:
        return RedirectResponse(
            context.url(f"/asset/{coin.id}", **words.query_values(context.query, *STATE, "cursor")), 303
        )
    indicators = _indicators(context)
    state, chart = _state_and_chart(context, coin.id, indicators)
    inputs = {"asset": coin.id, **words.query_values(state, "range", "timeframe", "place", "lines")}
    cursor = context.query.get("cursor") or None
    is_long = context.query.get("rows") == str(MANY_ROWS)
    limit = MANY_ROWS if is_long else ROWS
    bars = context.call("assets.bars", **inputs, as_of=context.as_of, limit=limit, cursor=cursor)
    export_query = _export_query(context, inputs, bars.total or 0)
    events = chart_events.chart_values(context, chart)
    return {
        **asset_values(context, coin),
        "is_followed": _is_followed(context, coin.id),
        "chart": chart,
        "bars": bars,
        "is_long": is_long,
        "svg": price_drawing(
            context, "price", chart, chart_events.chart_marks(context, events["marked"]), chart_events.TWIN
        ),
        "below": _indicator_charts(context, chart, export_query),
        "ranges": [
            (
                words.short_span_text(context, span),
                context.url(range=span, cursor=None, timeframe=None),
                span == chart.range,
            )
            for span in words.RANGES
        ],
        "intervals": [
            (name, context.url(timeframe=name, cursor=None), name == chart.timeframe)
            for name in words.TIMEFRAMES
            if name != "auto"
        ],
        "shown_lines": _shown_indicators(context, indicators, state.get("lines", "")),
        "kinds": [("", context.text("None")), *((item.name, item.title) for item in indicators)],
        "timeframes": [
            (name, context.text("Automatic") if name == "auto" else name) for name in words.TIMEFRAMES
        ],
        "exports": export_query,
        "span": words.span_text(context, chart.range),
        "step": words.bar_length_text(context, chart.timeframe),
        "is_daily": chart.timeframe in ("1d", "1w"),
        "data": _script_addresses(
            context, coin.id, inputs, chart, events["marks_query"] if events["marks_on"] else {}
        ),
        "as_of_text": iso(coin.as_of)[:16] if coin.as_of is not None else "",
        "state": state,
        "replay": replay_of(context, chart),
        "lengths": {name: words.bar_length_text(context, name) for name in words.TIMEFRAMES},
        **events,
        **(_news_values(context, coin.id) | _judged_values(context, coin.id, coin.kind)),
    }


def _export_query(context: RequestContext, inputs: Mapping[str, str], total: int) -> dict[str, Any]:
    exports = {**inputs, "as_of": context.as_of, "limit": ALL_ROWS if total > 10_000 else None}
    return {key: value for key, value in exports.items() if value is not None}


def _is_followed(context: RequestContext, asset: str) -> bool | None:
    """Tell whether an asset is on the visitor's first list; None where it can be put on none."""
    if context.is_past or not context.caller.may("write"):
        return None
    first = context.call("watchlists.read")
    return bool(first.watchlist) and asset in first.assets


def _state_and_chart(
    context: RequestContext, asset: str, indicators: Sequence[ChartIndicatorRow]
) -> tuple[dict[str, str], Any]:
    """Return what the address says of the chart, with the indicators kept by this visitor, and the chart."""
    state = words.query_values(context.query, *STATE)
    inputs = {"asset": asset, **words.query_values(state, "range", "timeframe", "place")}
    kept = words.known_words(indicators, context.settings.get("chart_lines", ""))
    if "lines" in context.query or not kept:
        lines = {"lines": state["lines"]} if "lines" in state else {}
        return state, context.call("assets.chart", **inputs, **lines, as_of=context.as_of, points=POINTS)
    try:
        chart = context.call("assets.chart", **inputs, lines=kept, as_of=context.as_of, points=POINTS)
    except UsageError:
        # What was kept may have values that this version no longer takes: the page comes without them.
        return state, context.call("assets.chart", **inputs, as_of=context.as_of, points=POINTS)
    return {**state, "lines": kept}, chart


def _news_table(context: RequestContext) -> dict[str, Any]:
    inputs = words.query_values(context.query, "range", "timeframe", "place")
    chart = context.call(
        "assets.chart", asset=context.params["id"], **inputs, as_of=context.as_of, points=POINTS
    )
    return {**chart_events.news_table_values(context, chart), **news_words.label_values(context)}


def _news_values(context: RequestContext, asset: str) -> dict[str, Any]:
    """Return the newest stories about the asset and how its news sounded; nothing of them on a page of the past."""
    if context.is_past:
        return {"stories": [], "moods": [], **news_words.label_values(context)}
    inputs = {"asset": asset, "period": "1m", "least": 1, "limit": STORIES}
    moods = (
        context.call("entities.sentiment", entity=f"coin:{asset}")
        if ENTITY.fullmatch(f"coin:{asset}")
        else None
    )
    return {
        **news_words.label_values(context),
        "stories": context.call("stories.top", **inputs, language=context.lang.content_language).rows,
        "moods": [row for row in moods.rows if row["items"]] if moods else [],
    }


def _judged_values(context: RequestContext, asset: str, kind: str) -> dict[str, object]:
    """Return whether the asset is stretched, and its odds."""
    return {**valuation_values(context, asset, kind), **odds_values(context, asset)}


def _frame(context: RequestContext, name: str, title: str, description: str) -> Frame:
    return Frame(name, title, description, language=context.lang.language, zone=context.lang.zone)


def _indicators(context: RequestContext) -> Sequence[ChartIndicatorRow]:
    rows: Sequence[ChartIndicatorRow] = context.call("assets.indicators").indicators
    return rows


def _indicator_charts(
    context: RequestContext, chart: Any, exports: Mapping[str, Any]
) -> list[tuple[str, Markup, dict[str, Any]]]:
    """Return title, drawing and exports of each indicator that has a scale of its own."""
    by_indicator: dict[str, list[Any]] = {}
    for line in chart.lines:
        if line.pane == "own":
            by_indicator.setdefault(line.indicator, []).append(line)
    return [
        (
            lines[0].name,
            Markup(indicator_chart(lines, _frame(context, f"own-{place}", lines[0].name, lines[0].name))),  # noqa: S704 - words are escaped where they are drawn
            {**exports, "lines": word},
        )
        for place, (word, lines) in enumerate(by_indicator.items())
    ]


def _script_addresses(
    context: RequestContext, asset: str, inputs: Mapping[str, str], chart: Any, marks: Mapping[str, Any]
) -> dict[str, str]:
    """Return where the browser's chart reads bars, comparisons, drawings and marks, and where spans and prices lead."""
    compare_query = {
        "mode": "absolute", "at": "open", "points": 5_000, "range": chart.range, "timeframe": chart.timeframe,
    }  # fmt: skip
    money = context.currency_query("assets.chart")
    return {
        "chart": context.url("/api/v1/assets/chart", **inputs, as_of=context.as_of, points=3_000, **money),
        "compare": context.url("/api/v1/assets/compare", **compare_query, as_of=context.as_of, **money),
        "marks": context.url("/api/v1/assets/happened", **marks) if marks else "",
        "happened": context.url(**{"from": None, "to": None, "cursor": None}),
        # Plans are made at present prices of a market, in its own currency.
        "plan": context.url("/plans/new", place=chart.place)
        if ":" in chart.place
        and chart.unit == "usd"
        and context.as_of is None
        and context.caller.may("write")
        else "",
        # A level in euros is no level in dollars: what is drawn belongs to the currency it was drawn in.
        "drawings": context.url(f"/asset/{asset}/drawings", currency="eur" if chart.unit == "eur" else None)
        if context.caller.may("write")
        else "",
    }


def _shown_indicators(
    context: RequestContext, indicators: Sequence[ChartIndicatorRow], lines: str
) -> list[tuple[str, str]]:
    """Return each indicator shown with the link that takes it away."""
    chosen = words.split_list(lines)
    return [
        (
            words.line_name(indicators, word),
            context.url(lines=",".join(other for other in chosen if other != word), cursor=None),
        )
        for word in chosen
    ]


def _add_indicator_link(context: RequestContext) -> str:
    """Return the address that the form of the chart asks for: without what is left empty."""
    query = context.query
    indicators = words.split_list(query.get("lines", ""))
    if added := query["add"]:
        window = query.get("window", "")
        windows = {item.name: item.window for item in _indicators(context)}
        indicators.append(f"{added}_{window}" if window and windows.get(added) else added)
    values = words.query_values(query, "range", "place", "as_of")
    if query.get("timeframe", "auto") != "auto":
        values["timeframe"] = query["timeframe"]
    if indicators:
        values["lines"] = ",".join(dict.fromkeys(indicators))
    return context.url(context.path, **values)


GROUP: Final = "markets"
PAGES = (
    Page(
        name="asset",
        path="/asset/{id}",
        title="Asset",
        description="Price, changes, a summary in plain words, chart with indicators, figures with sources, bars.",
        show=show,
        has_as_of=True,
    ),
    Page(
        name="asset-compare",
        path="/asset/{id}/compare",
        title="Compare",
        description="Up to eight assets on one chart, rebased to 100 or in prices, with the numbers.",
        show=comparison.show,
        has_as_of=True,
        template="compare.html",
    ),
    Page(
        name="quote",
        path="/quote/{place}",
        title="Quote",
        description="The current quote of an instrument on a venue, and whether a cited price matches the bar of "
        "that time.",
        show=quote.show,
        template="quote.html",
    ),
)
