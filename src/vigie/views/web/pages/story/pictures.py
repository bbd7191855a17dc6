"""Pictures of a story: ``/chart/story.svg?story=...``, its spread."""

from __future__ import annotations

from collections.abc import Callable

from vigie.drawing.frame import Frame
from vigie.views.web.pages.story.charts import chart_description, spread_chart
from vigie.views.web.pictures import ChartCaption, Picture
from vigie.views.web.request_context import RequestContext


def _spread(context: RequestContext, make_frame: Callable[[ChartCaption], Frame]) -> str:
    story = context.call(
        "stories.read", story=context.query.get("story", ""), language=context.lang.content_language
    )
    caption = ChartCaption(
        story.title, chart_description(context, story.spread), story.first.publisher, story.ts_last
    )
    return spread_chart(context, story.spread, make_frame(caption))


PICTURES = (Picture("story", _spread),)
