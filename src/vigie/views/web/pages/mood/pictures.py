"""The words of a period as a picture: ``/chart/words.svg?period=1w``."""

from __future__ import annotations

from collections.abc import Callable

from vigie.domain.errors import NotFound
from vigie.drawing.cloud import cloud_chart
from vigie.drawing.frame import Frame
from vigie.views.web.pages.mood.page import cloud_words, words_input
from vigie.views.web.pictures import ChartCaption, Picture
from vigie.views.web.request_context import RequestContext


def _words(context: RequestContext, make_frame: Callable[[ChartCaption], Frame]) -> str:
    inputs = words_input(context, context.query.get("asset", "").strip()[:80])
    table = context.call("mood.words", **inputs)
    if not table.rows:
        raise NotFound("no_word_stands_out_period", "no word stands out in this period")
    title = f"{context.text('Trending words')}: {inputs['period']}"
    description = context.text(
        "The size shows how often a word is used; emerging words are bold. The table below gives the same "
        "data."
    )
    return cloud_chart(
        cloud_words(table),
        frame=make_frame(ChartCaption(title, description, "Vigie", table.origins[0].ts_event)),
    )


PICTURES = (Picture("words", _words),)
