"""What stands beside a list of news about one entity or asset: who that is, and its price."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup

from vigie.domain.errors import UsageError
from vigie.views.drawing.frame import Frame
from vigie.views.web.pages.asset.charts import price_chart
from vigie.views.web.pages.asset.words import description_of, title_of
from vigie.views.web.pages.news.words import in_language
from vigie.views.web.visit import Visit

RANGES: Final = ("24h", "1w", "1m")
POINTS: Final = 120


def card_of(visit: Visit, given: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the entity that a list is narrowed to, with the chart of its asset; None where it is to none."""
    name = given["entity"] or (f"coin:{given['asset']}" if given["asset"] else "")
    if not name:
        return None
    try:
        entity = visit.ask("entities.read", entity=name)
    except UsageError:
        # Nobody is called so: the list is empty and says it.
        return None
    asset = given["asset"] or (entity.assets[0] if entity.assets else "")
    span = visit.query.get("range", "1w")
    called = in_language(visit, entity.into or name, entity.name)
    return {
        "entity": entity,
        "called": called,
        "asset": asset,
        **_chart(visit, asset, span if span in RANGES else "1w"),
    }


def _chart(visit: Visit, asset: str, span: str) -> dict[str, Any]:
    try:
        chart = visit.ask("assets.chart", asset=asset, range=span, points=POINTS) if asset else None
    except UsageError:
        # Named in news, traded nowhere here.
        chart = None
    if chart is None or not chart.bars:
        return {"svg": "", "span": span, "source": ""}
    frame = Frame(
        "beside", title_of(visit, chart), description_of(visit, chart), language=visit.tongue.language,
        zone=visit.tongue.zone,
    )  # fmt: skip
    drawn = Markup(price_chart(chart, frame))  # noqa: S704 - words are escaped where they are drawn
    return {"svg": drawn, "span": span, "source": chart.place, "coin": chart.name}
