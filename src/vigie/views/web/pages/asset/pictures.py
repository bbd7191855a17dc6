"""Pictures of an asset: its candles, an indicator with its own scale, a comparison."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vigie.domain.errors import NotFound
from vigie.views.drawing.frame import Frame
from vigie.views.web.naming import caller_of
from vigie.views.web.pages.asset.charts import compare_chart, own_chart, price_chart
from vigie.views.web.pages.asset.happened import marked_of, of_file, of_several
from vigie.views.web.pages.asset.words import (
    chosen,
    compared_description,
    description_of,
    price_time,
    prices_in,
    span_of,
    title_of,
)
from vigie.views.web.pictures import Picture, Told
from vigie.views.web.visit import Visit

# Candles of an export: it is wider than a page's chart.
POINTS = 400

Framed = Callable[[Told], Frame]


def _chart(visit: Visit) -> Any:
    names = ("asset", "range", "timeframe", "place", "lines")
    chart = visit.ask("assets.chart", **chosen(visit.query, *names), as_of=visit.as_of, points=POINTS)
    if not chart.bars:
        raise NotFound(f"there are no bars of {chart.asset} to draw")
    return chart


def _price(visit: Visit, framed: Framed) -> str:
    chart = _chart(visit)
    title = f"{title_of(visit, chart)}, {prices_in(visit, chart.unit)}"
    marks, said = of_file(visit, marked_of(visit, chart))
    told = Told(title, description_of(visit, chart), _with(caller_of(visit)(chart.place), said), chart.ts_end)
    return price_chart(chart, framed(told), marks)


def _with(source: str, said: str) -> str:
    return f"{source} · {said}" if said else source


def _indicator(visit: Visit, framed: Framed) -> str:
    chart = _chart(visit)
    own = [line for line in chart.lines if line.pane == "own"]
    if not own:
        raise NotFound("lines must name an indicator with a scale of its own, such as rsi_14")
    titles = ", ".join(line.name for line in own)
    told = Told(f"{title_of(visit, chart)}: {titles}", titles, caller_of(visit)(chart.place), chart.ts_end)
    return own_chart(own, framed(told))


def _comparison(visit: Visit, framed: Framed) -> str:
    names = ("assets", "mode", "range", "timeframe")
    answer = visit.ask(
        "assets.compare", **chosen(visit.query, *names), until="now", as_of=visit.as_of, points=POINTS
    )
    if not answer.rows:
        raise NotFound("these assets have no bars in common to draw")
    how = visit.text("100 at the start") if answer.mode == "rebased" else prices_in(visit, answer.unit)
    names_said = ", ".join(one.name for one in answer.compared)
    marks, said = of_file(visit, of_several(visit, answer)["marked"])
    told = Told(
        f"{names_said}: {span_of(visit, answer.range)}, {how}",
        compared_description(visit, answer),
        _with(caller_of(visit)(", ".join(origin.source.split(":")[0] for origin in answer.origins)), said),
        price_time(answer) or answer.rows[0]["ts"],
    )
    return compare_chart(answer, framed(told), marks)


PICTURES = (
    Picture("asset", _price),
    Picture("asset-indicator", _indicator),
    Picture("compare", _comparison),
)
