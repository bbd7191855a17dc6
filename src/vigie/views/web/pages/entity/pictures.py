"""Pictures of an entity: ``/chart/entity.svg?entity=org:sec``, how the items about it sounded."""

from __future__ import annotations

from collections.abc import Callable

from vigie.drawing.frame import Frame
from vigie.views.web.pages.entity.charts import chart_description, mood_chart
from vigie.views.web.pages.news.words import entity_names
from vigie.views.web.pictures import ChartCaption, Picture
from vigie.views.web.request_context import RequestContext


def _mood(context: RequestContext, make_frame: Callable[[ChartCaption], Frame]) -> str:
    entity = context.query.get("entity", "")
    rows = context.call("entities.sentiment", entity=entity).rows
    name = entity_names(context, entity)[entity]
    title = context.text("News sentiment: %(name)s") % {"name": name}
    caption = ChartCaption(
        title, chart_description(context, rows), context.text("headlines rated by Vigie"), None
    )
    return mood_chart(context, rows, make_frame(caption))


PICTURES = (Picture("entity", _mood),)
