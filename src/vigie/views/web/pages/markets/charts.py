"""The drawings of Markets: the heat map and the matrix of correlations, for pages and for files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from vigie.domain.time import HOUR_MS
from vigie.drawing.frame import Frame
from vigie.drawing.heatmap import heatmap_chart
from vigie.drawing.treemap import TreemapTile, shade_of, treemap_chart
from vigie.services.caches.asset_metrics import STALE_MS
from vigie.services.operations.screens import HeatCellRow
from vigie.views.web.request_context import RequestContext

# From which change on a shade is one, two, three steps strong.
CUTS: Final = {
    "1h": (0.002, 0.005, 0.015), "24h": (0.005, 0.02, 0.05), "7d": (0.01, 0.05, 0.12),
    "30d": (0.03, 0.1, 0.25), "1y": (0.1, 0.4, 1.0),
}  # fmt: skip


def market_input(context: RequestContext, **values: Any) -> dict[str, Any]:
    """Return what an operation is asked, for the page and for its exports alike: also the instant it is about."""
    with_instant = {**values, "as_of": context.as_of}
    return {name: value for name, value in with_instant.items() if value not in (None, "")}


def heatmap_input(context: RequestContext) -> dict[str, Any]:
    """Return what the address asks of a heat map, but for the assets it is of."""
    return market_input(
        context, span=context.query.get("span") or "24h", size=context.query.get("size") or "cap"
    )


def correlation_input(context: RequestContext) -> dict[str, Any]:
    """Return what the address asks of the correlations."""
    names = ("assets", "days", "interval", "method", "order")
    return market_input(context, **{name: context.query[name] for name in names if context.query.get(name)})


def heatmap_svg(context: RequestContext, table: Any, span: str, frame: Frame, **shape: Any) -> str:
    """Return the heat map of an answer; in a page each area leads to its asset, of the same instant.

    What moved long ago is no move of now, and what is not known is no small move: both have a shade of their own and
    say why.
    """
    tiles = [_heat_tile(context, row, span, is_linked=not frame.standalone) for row in table.rows]
    return treemap_chart(tiles, frame=frame, others_text=context.text("{count} smaller assets"), **shape)


def _heat_tile(context: RequestContext, row: HeatCellRow, span: str, *, is_linked: bool) -> TreemapTile:
    value, note = _unshaded(context, row)
    return TreemapTile(
        row.asset, row.weight_usd, row.symbol,
        value or context.lang.percent(row.change, 1, signed=True),
        "none" if note else shade_of(row.change or 0.0, CUTS[span]), row.name,
        context.url(f"/asset/{row.asset}", as_of=context.query.get("as_of")) if is_linked else "",
        note,
    )  # fmt: skip


def _unshaded(context: RequestContext, row: HeatCellRow) -> tuple[str, str]:
    """Return why a cell has no shade, in a word and in full; nothing where its change is fresh."""
    if row.is_stale:
        hours = context.lang.number(STALE_MS // HOUR_MS, 0)
        return context.text("stale"), context.text("older than %(hours)s h") % {"hours": hours}
    if row.change is None:
        return context.text("unknown"), context.text("no figure for this span")
    return "", ""


def correlation_svg(correlations: Any, frame: Frame) -> str:
    """Return the matrix of correlations of an answer."""
    index_of: Mapping[str, int] = {name: index for index, name in enumerate(correlations.names)}
    matrix = np.eye(len(index_of))
    for row in correlations.rows:
        i, j = index_of[row["first"]], index_of[row["second"]]
        matrix[i, j] = matrix[j, i] = np.nan if row["correlation"] is None else row["correlation"]
    return heatmap_chart(correlations.symbols, correlations.symbols, matrix, frame=frame)
