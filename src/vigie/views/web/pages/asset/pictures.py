"""Pictures of an asset: its candles, an indicator with its own scale, a comparison."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vigie.domain.errors import NotFound
from vigie.drawing.frame import Frame
from vigie.views.web.pages.asset.chart_events import file_marks, marked_news, values_of_comparison
from vigie.views.web.pages.asset.charts import compare_chart, indicator_chart, price_chart
from vigie.views.web.pages.asset.words import (
    chart_description,
    chart_title,
    comparison_description,
    price_time,
    prices_in,
    query_values,
    span_text,
)
from vigie.views.web.pictures import ChartCaption, Picture
from vigie.views.web.request_context import RequestContext
from vigie.views.web.source_names import source_namer

# Candles of an export: it is wider than a page's chart.
POINTS = 400

FrameMaker = Callable[[ChartCaption], Frame]


def _chart(context: RequestContext) -> Any:
    names = ("asset", "range", "timeframe", "place", "lines")
    chart = context.call(
        "assets.chart", **query_values(context.query, *names), as_of=context.as_of, points=POINTS
    )
    if not chart.bars:
        raise NotFound("no_bars_draw", "there are no bars of {asset} to draw", asset=chart.asset)
    return chart


def _price(context: RequestContext, make_frame: FrameMaker) -> str:
    chart = _chart(context)
    title = f"{chart_title(context, chart)}, {prices_in(context, chart.unit)}"
    marks, dots_text = file_marks(context, marked_news(context, chart))
    caption = ChartCaption(
        title,
        chart_description(context, chart),
        _add_note(source_namer(context)(chart.place), dots_text),
        chart.ts_end,
    )
    return price_chart(chart, make_frame(caption), marks)


def _add_note(source: str, note: str) -> str:
    return f"{source} · {note}" if note else source


def _indicator(context: RequestContext, make_frame: FrameMaker) -> str:
    chart = _chart(context)
    indicator_lines = [line for line in chart.lines if line.pane == "own"]
    if not indicator_lines:
        raise NotFound(
            "lines_must_name_indicator_scale",
            "lines must name an indicator with a scale of its own, such as rsi_14",
        )
    titles = ", ".join(line.name for line in indicator_lines)
    caption = ChartCaption(
        f"{chart_title(context, chart)}: {titles}", titles, source_namer(context)(chart.place), chart.ts_end
    )
    return indicator_chart(indicator_lines, make_frame(caption))


def _comparison(context: RequestContext, make_frame: FrameMaker) -> str:
    names = ("assets", "mode", "range", "timeframe")
    result = context.call(
        "assets.compare",
        **query_values(context.query, *names),
        until="now",
        as_of=context.as_of,
        points=POINTS,
    )
    if not result.rows:
        raise NotFound("assets_no_bars_common_draw", "these assets have no bars in common to draw")
    mode_text = (
        context.text("Rebased to 100") if result.mode == "rebased" else prices_in(context, result.unit)
    )
    names_text = ", ".join(item.name for item in result.compared)
    marks, dots_text = file_marks(context, values_of_comparison(context, result)["marked"])
    caption = ChartCaption(
        f"{names_text}: {span_text(context, result.range)}, {mode_text}",
        comparison_description(context, result),
        _add_note(
            source_namer(context)(", ".join(origin.source.split(":")[0] for origin in result.origins)),
            dots_text,
        ),
        price_time(result) or result.rows[0]["ts"],
    )
    return compare_chart(result, make_frame(caption), marks)


PICTURES = (
    Picture("asset", _price),
    Picture("asset-indicator", _indicator),
    Picture("compare", _comparison),
)
