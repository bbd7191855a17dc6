"""Pictures of the market: ``/chart/heatmap.svg?span=7d``, ``/chart/correlation.png?days=30``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vigie.domain.errors import NotFound
from vigie.drawing.frame import Frame
from vigie.views.web.pages.markets.charts import (
    correlation_input,
    correlation_svg,
    heatmap_input,
    heatmap_svg,
)
from vigie.views.web.pictures import ChartCaption, Picture
from vigie.views.web.request_context import RequestContext
from vigie.views.web.source_names import source_namer

FrameMaker = Callable[[ChartCaption], Frame]


def _heatmap(context: RequestContext, make_frame: FrameMaker) -> str:
    names = ("assets", "kind", "move", "floor_usd")
    inputs = heatmap_input(context) | {name: context.query[name] for name in names if context.query.get(name)}
    table = context.call("markets.heatmap", **inputs)
    if not table.rows:
        raise NotFound("no_asset_weight_draw", "no asset has a weight to draw")
    weight = context.text("Volume") if inputs["size"] == "volume" else context.text("Market cap")
    title = f"{context.text('Heat map')}{context.lang.colon}{weight}, {inputs['span']}"
    description = context.text(
        "Size shows the market cap or the volume, colour shows the change; the table below gives the same "
        "numbers."
    )
    return heatmap_svg(
        context, table, inputs["span"], make_frame(_caption(context, table, title, description))
    )


def _correlation(context: RequestContext, make_frame: FrameMaker) -> str:
    inputs = correlation_input(context)
    table = context.call("markets.correlation", **inputs)
    if not table.names:
        raise NotFound("no_assets_bars_compare", "no assets have bars to compare")
    span = f"{inputs.get('days', 90)} d, {inputs.get('interval', '1d')}"
    title = f"{context.text('Correlation')}{context.lang.colon}{span}"
    description = context.text(
        "Correlation of each pair of assets; the table below gives the same numbers with 95 per cent "
        "intervals."
    )
    return correlation_svg(table, make_frame(_caption(context, table, title, description)))


def _caption(context: RequestContext, table: Any, title: str, description: str) -> ChartCaption:
    newest = table.origins[0].ts_event if table.origins else None
    return ChartCaption(
        title,
        description,
        source_namer(context)(", ".join(source_origin.source for source_origin in table.origins)),
        newest or context.as_of,
    )


PICTURES = (Picture("heatmap", _heatmap), Picture("correlation", _correlation))
