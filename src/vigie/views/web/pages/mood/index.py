"""The one large thing of the page: fear and greed in a word, over time, and made of its parts."""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.domain.time import DAY_MS
from vigie.drawing.frame import Frame
from vigie.drawing.lines import PlotLine, lines_chart
from vigie.services.operation import Table
from vigie.services.operations.mood import MoodResult
from vigie.services.operations.mood_index import MoodDayRow
from vigie.views.web.request_context import RequestContext

# As alternative.me names them: below 25, 45, 55, 75, and above.
_LIMITS: Final = (25.0, 45.0, 55.0, 75.0)
RECENT_DAYS: Final = 14


def index_values(context: RequestContext, mood: MoodResult) -> dict[str, object]:
    """Return what the head of the page shows: a sentence, the drawing with its table, and the parts."""
    history = context.call("mood.history")
    made_of = context.call("mood.parts")
    title = context.text("Fear and greed over 90 days")
    description = context.text("Last value of each day, from 0 (extreme fear) to 100 (extreme greed).")
    frame = Frame("mood", title, description, context.lang.language)
    return {
        "history": history,
        # Ninety rows of seven cells are many; the file has them all.
        "recent": history.model_copy(update={"rows": history.rows[: -RECENT_DAYS - 1 : -1], "total": None}),
        "index_title": title,
        "index_svg": index_chart(history, frame) if len(history.rows) > 1 else "",
        "headline": _headline(context, mood.own.figure.value),
        "said_before": _before_text(context, history, mood),
        "made_of": made_of,
        "part_lines": {row["part"]: [day[row["part"]] for day in history.rows] for row in made_of.rows},
    }


def index_chart(history: Table[MoodDayRow], frame: Frame) -> str:
    """Return the index over time."""
    ts = np.array([row["ts"] for row in history.rows], dtype=np.int64)
    values = np.array([row["index"] for row in history.rows], dtype=np.float64)
    return lines_chart([PlotLine(frame.title, ts, values)], frame=frame, unit="index", is_area=True)


def level_text(context: RequestContext, value: float) -> str:
    """Return what a value of the index is called."""
    names = (
        context.text("extreme fear"),
        context.text("fear"),
        context.text("neutral"),
        context.text("greed"),
        context.text("extreme greed"),
    )
    return names[sum(value >= limit for limit in _LIMITS)]


def _headline(context: RequestContext, value: float | None) -> str:
    if value is None:
        return context.text("Fear and greed is not known yet")
    return context.text("Fear and greed: %(value)s, %(word)s") % {
        "value": context.lang.number(round(value), 0),
        "word": level_text(context, round(value)),
    }


def _before_text(context: RequestContext, history: Table[MoodDayRow], mood: MoodResult) -> str:
    """Return where the index was a week and a month before its newest day, and what the other index says."""
    sentences = []
    values = {row["ts"]: row["index"] for row in history.rows}
    if values:
        newest = max(values)
        week, month = values.get(newest - 7 * DAY_MS), values.get(newest - 30 * DAY_MS)
        if week is not None and month is not None:
            sentences.append(
                context.text("A week before it was %(week)s, a month before %(month)s.")
                % {"week": context.lang.number(round(week), 0), "month": context.lang.number(round(month), 0)}
            )
    theirs = mood.theirs.figure.value
    if theirs is not None:
        sentences.append(
            context.text("The index of alternative.me says %(value)s, %(word)s.")
            % {"value": context.lang.number(round(theirs), 0), "word": level_text(context, round(theirs))}
        )
    return " ".join(sentences)
