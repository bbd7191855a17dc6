"""What stands beside a list of news about one entity or asset: who that is, and its price."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup

from vigie.domain.errors import UsageError
from vigie.drawing.frame import Frame
from vigie.views.web.pages.asset.charts import price_chart
from vigie.views.web.pages.asset.words import chart_description, chart_title
from vigie.views.web.pages.news.words import translate_name
from vigie.views.web.request_context import RequestContext

RANGES: Final = ("24h", "1w", "1m")
POINTS: Final = 120


def entity_card(context: RequestContext, filters: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the entity that a list is narrowed to, with the chart of its asset; None where it is to none."""
    name = filters["entity"] or (f"coin:{filters['asset']}" if filters["asset"] else "")
    if not name:
        return None
    try:
        entity = context.call("entities.read", entity=name)
    except UsageError:
        # Nobody is called so: the list is empty and says it.
        return None
    asset = filters["asset"] or (entity.assets[0] if entity.assets else "")
    span = context.query.get("range", "1w")
    display_name = translate_name(context, entity.into or name, entity.name)
    return {
        "entity": entity,
        "called": display_name,
        "asset": asset,
        **_chart(context, asset, span if span in RANGES else "1w"),
    }


def _chart(context: RequestContext, asset: str, span: str) -> dict[str, Any]:
    try:
        chart = context.call("assets.chart", asset=asset, range=span, points=POINTS) if asset else None
    except UsageError:
        # Named in news, traded nowhere here.
        chart = None
    if chart is None or not chart.bars:
        return {"svg": "", "span": span, "source": ""}
    frame = Frame(
        "beside", chart_title(context, chart), chart_description(context, chart), language=context.lang.language,
        zone=context.lang.zone,
    )  # fmt: skip
    svg = Markup(price_chart(chart, frame))  # noqa: S704 - words are escaped where they are drawn
    return {"svg": svg, "span": span, "source": chart.place, "coin": chart.name}
