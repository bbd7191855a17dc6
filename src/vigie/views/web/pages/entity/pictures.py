"""Pictures of an entity: ``/chart/entity.svg?entity=org:sec``, how the items about it sounded."""

from __future__ import annotations

from collections.abc import Callable

from vigie.views.drawing.frame import Frame
from vigie.views.web.pages.entity.charts import described, mood_chart
from vigie.views.web.pages.news.words import entities
from vigie.views.web.pictures import Picture, Told
from vigie.views.web.visit import Visit


def _mood(visit: Visit, framed: Callable[[Told], Frame]) -> str:
    asked = visit.query.get("entity", "")
    rows = visit.ask("entities.sentiment", entity=asked).rows
    name = entities(visit, asked)[asked]
    title = visit.text("Sentiment of news about %(name)s") % {"name": name}
    told = Told(title, described(visit, rows), visit.text("headlines read by Vigie"), None)
    return mood_chart(visit, rows, framed(told))


PICTURES = (Picture("entity", _mood),)
