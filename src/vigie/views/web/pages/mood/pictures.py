"""The words of a period as a picture: ``/chart/words.svg?period=1w``."""

from __future__ import annotations

from collections.abc import Callable

from vigie.domain.errors import NotFound
from vigie.views.drawing.cloud import cloud_chart
from vigie.views.drawing.frame import Frame
from vigie.views.web.pages.mood.page import words_asked, words_of
from vigie.views.web.pictures import Picture, Told
from vigie.views.web.visit import Visit


def _words(visit: Visit, framed: Callable[[Told], Frame]) -> str:
    asked = words_asked(visit, visit.query.get("asset", "").strip()[:80])
    table = visit.ask("mood.words", **asked)
    if not table.rows:
        raise NotFound("no word stands out in that period")
    title = f"{visit.text('Words that stand out')}: {asked['period']}"
    said = visit.text(
        "Size is how often a word stands, bold what is emerging; the table below says the same."
    )
    return cloud_chart(words_of(table), frame=framed(Told(title, said, "Vigie", table.origins[0].ts_event)))


PICTURES = (Picture("words", _words),)
