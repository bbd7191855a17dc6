"""The tour on one page: five steps, each with a picture and the way to the real part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.services.news.news_rows import TopStoryRow
from vigie.views.web.glossary import glossary
from vigie.views.web.page import Page
from vigie.views.web.pages.asset.charts import price_drawing
from vigie.views.web.request_context import RequestContext
from vigie.views.web.tour import TourMove, largest_move, step_address, story_row, tour_steps

POINTS: Final = 160


def show(context: RequestContext) -> Mapping[str, object]:
    """Ask for the move the tour is about and for what its pictures show."""
    move = largest_move(context)
    steps = tour_steps(context, move)
    chart = context.call("assets.chart", asset=move.asset, range="1w", points=POINTS)
    runs = context.call("backtests.list", kind="backtest", limit=1).rows
    return {
        "steps": [(step, step_address(step, move)) for step in steps],
        "move": move,
        "coin": context.call("assets.get", asset=move.asset),
        "picture": price_drawing(context, "tour", chart) if chart.bars else "",
        "run": runs[0] if runs else None,
        "story": _story(context, move),
        # What the fourth step of a beginner leads to.
        "term": glossary(context)[0],
    }


def _story(context: RequestContext, move: TourMove) -> TopStoryRow | None:
    """Return the story of the tour, or the first of those that its third step leads to."""
    if move.story:
        return story_row(context, move.story)
    rows = context.call("stories.top", period="1w", limit=1).rows
    first: TopStoryRow | None = rows[0] if rows else None
    return first


GROUP = "system"
PAGES = (
    Page(
        name="tour",
        path="/tour",
        is_in_menu=False,
        title="Tour",
        description="Five steps through Vigie, each with a picture and the way to the real part.",
        show=show,
    ),
)
