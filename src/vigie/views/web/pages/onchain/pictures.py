"""Pictures of formulas: ``/chart/formula.svg?f=index(market/bitcoin/price_usd)&days=365``; two units are two."""

from __future__ import annotations

from collections.abc import Callable

from vigie.domain.errors import NotFound
from vigie.drawing.frame import Frame
from vigie.views.web.pages.asset import chart_events
from vigie.views.web.pages.onchain.charts import draw_charts, news_values
from vigie.views.web.pictures import ChartCaption, Picture
from vigie.views.web.request_context import RequestContext
from vigie.views.web.source_names import licence_translator, source_namer


def _formula(context: RequestContext, make_frame: Callable[[ChartCaption], Frame]) -> str:
    inputs = {name: context.query[name] for name in ("f", "g", "days", "joined") if context.query.get(name)}
    result = context.call("onchain.formula", **inputs, as_of=context.as_of)
    name_source, translate_licence = source_namer(context), licence_translator(context)
    source = ", ".join(
        f"{name_source(item.source)} ({translate_licence(item.licence)})"
        if item.licence
        else name_source(item.source)
        for item in result.origins
    )
    marks, dots_text = chart_events.file_marks(context, news_values(context, result)["marked"])
    source = " \u00b7 ".join(part for part in (source, dots_text) if part)
    newest = max((line.last.ts_event or 0 for line in result.lines), default=0)

    def frame(_name: str, title: str, description: str) -> Frame:
        return make_frame(ChartCaption(title, description, source, newest or None))

    charts = draw_charts(context, result, frame, marks)
    if not charts:
        raise NotFound("no_data_series_period", "no data for these series in this period")
    unit = context.query.get("unit")
    chart = next((item for item in charts if item.unit == unit), charts[0])
    return chart.svg


PICTURES = (Picture("formula", _formula),)
