"""The one large thing of the first page: the chart of a watched asset, beside what changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.services.operations.markets import MarketRow
from vigie.views.web.pages.asset import chart_events, words
from vigie.views.web.pages.asset.charts import price_drawing
from vigie.views.web.request_context import RequestContext

RANGES: Final = ("24h", "1w", "1m")
# Candles that can be told apart beside the list of changes.
POINTS: Final = 120
MOST_ASSETS: Final = 4


def chart_values(context: RequestContext, watched: Sequence[MarketRow], told: str) -> dict[str, object]:
    """Return the chart of the asset named in the address, otherwise of the asset in the first sentence.

    A range or an asset of the address that is not among those offered is left out, as somebody else's link may
    name one.

    Parameters
    ----------
    watched : sequence of rows
        What can be chosen.
    told : str
        Catalogue id of the asset that the first sentence is about; it can be chosen though it is not watched.
    """
    if told and told not in {row["asset"] for row in watched}:
        watched = [*context.call("markets.list", assets=told).rows, *watched]
    offered = [row for row in watched if row["price_usd"] is not None][:MOST_ASSETS]
    if not offered:
        return {"chart": None}
    asked = context.query.get("asset", told)
    main = next((row for row in offered if row["asset"] == asked), offered[0])
    span = context.query.get("range", "")
    span = span if span in RANGES else RANGES[0]
    chart = context.call("assets.chart", asset=main["asset"], range=span, points=POINTS)
    if not chart.bars:
        return {"chart": None}
    money = context.currency_query("assets.chart")
    return {
        "chart": chart,
        "chart_title": words.chart_title(context, chart),
        "chart_live": f"quote:{main['instrument']}:last" if main.get("instrument") else "",
        "chart_svg": price_drawing(context, "today", chart),
        "chart_data": context.url(
            "/api/v1/assets/chart", asset=chart.asset, range=span, as_of=None, points=POINTS, **money
        ),
        # Stories are marked by the script: they take longer than the rest of the page.
        "chart_marks": context.url("/api/v1/assets/happened", **chart_events.news_query(context, chart))
        if chart_events.has_news_marks(context)
        else "",
        "chart_assets": [
            (row["symbol"], context.url(asset=row["asset"]), row["asset"] == main["asset"]) for row in offered
        ],
        "chart_ranges": [
            (words.short_span_text(context, name), context.url(range=name), name == span) for name in RANGES
        ],
    }
