"""The words of a period, and the index, as pictures: ``/chart/words.svg?period=1w``, ``/chart/mood.svg``."""

from __future__ import annotations

from collections.abc import Callable

from vigie.domain.errors import NotFound
from vigie.drawing.cloud import cloud_chart
from vigie.drawing.frame import Frame
from vigie.views.web.pages.mood.index import index_chart
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


def _index(context: RequestContext, make_frame: Callable[[ChartCaption], Frame]) -> str:
    history = context.call("mood.history")
    if len(history.rows) < 2:
        raise NotFound("no_history_index", "the index has no history yet")
    title = context.text("Fear and greed over 90 days")
    description = context.text("Last value of each day, from 0 (extreme fear) to 100 (extreme greed).")
    return index_chart(
        history, make_frame(ChartCaption(title, description, "Vigie", history.origins[0].ts_event))
    )


PICTURES = (Picture("words", _words), Picture("mood", _index))
