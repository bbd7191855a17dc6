"""Pictures of the market: ``/chart/heatmap.svg?span=7d``, ``/chart/correlation.png?days=30``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vigie.domain.errors import NotFound
from vigie.views.drawing.frame import Frame
from vigie.views.web.naming import caller_of
from vigie.views.web.pages.markets.charts import (
    correlation_asked,
    correlation_svg,
    heatmap_asked,
    heatmap_svg,
)
from vigie.views.web.pictures import Picture, Told
from vigie.views.web.visit import Visit

Framed = Callable[[Told], Frame]


def _heatmap(visit: Visit, framed: Framed) -> str:
    given = heatmap_asked(visit)
    table = visit.ask("markets.heatmap", **given)
    if not table.rows:
        raise NotFound("no asset has a weight to draw")
    weight = visit.text("Volume") if given["size"] == "volume" else visit.text("Market cap")
    title = f"{visit.text('Heat map')}: {weight}, {given['span']}"
    said = visit.text("Area is the weight, shade the change; the table below has the same numbers.")
    return heatmap_svg(visit, table, given["span"], framed(_told(visit, table, title, said)))


def _correlation(visit: Visit, framed: Framed) -> str:
    given = correlation_asked(visit)
    found = visit.ask("markets.correlation", **given)
    if not found.names:
        raise NotFound("no assets have bars to compare")
    title = f"{visit.text('Correlation')}: {given.get('days', 90)} d, {given.get('interval', '1d')}"
    said = visit.text(
        "Correlations of every pair; the table below has the same numbers with their intervals."
    )
    return correlation_svg(found, framed(_told(visit, found, title, said)))


def _told(visit: Visit, answer: Any, title: str, said: str) -> Told:
    newest = answer.origins[0].ts_event if answer.origins else None
    return Told(
        title, said, caller_of(visit)(", ".join(one.source for one in answer.origins)), newest or visit.as_of
    )


PICTURES = (Picture("heatmap", _heatmap), Picture("correlation", _correlation))
