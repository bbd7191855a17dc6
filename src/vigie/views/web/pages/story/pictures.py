"""Pictures of a story: ``/chart/story.svg?story=...``, its spread."""

from __future__ import annotations

from collections.abc import Callable

from vigie.views.drawing.frame import Frame
from vigie.views.web.pages.story.charts import described, spread_chart
from vigie.views.web.pictures import Picture, Told
from vigie.views.web.visit import Visit


def _spread(visit: Visit, framed: Callable[[Told], Frame]) -> str:
    answer = visit.ask("stories.read", story=visit.query.get("story", ""), language=visit.tongue.language)
    told = Told(answer.title, described(visit, answer.spread), answer.first.publisher, answer.ts_last)
    return spread_chart(visit, answer.spread, framed(told))


PICTURES = (Picture("story", _spread),)
