"""The tour on one page: five steps, each with a picture and the way to the real part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.views.web.page import Page
from vigie.views.web.pages.asset.charts import price_drawing
from vigie.views.web.request_context import RequestContext
from vigie.views.web.tour import largest_move, step_address, tour_steps

POINTS: Final = 160


def show(context: RequestContext) -> Mapping[str, object]:
    """Ask for the move the tour is about and for what its pictures show."""
    move = largest_move(context)
    steps = tour_steps(context, move)
    chart = context.call("assets.chart", asset=move.asset, range="1w", points=POINTS)
    runs = context.call("backtests.list", kind="backtest", limit=1).rows
    stories = context.call("stories.top", period="1w", limit=5).rows
    return {
        "steps": [(step, step_address(step)) for step in steps],
        "move": move,
        "coin": context.call("assets.get", asset=move.asset),
        "picture": price_drawing(context, "tour", chart) if chart.bars else "",
        "run": runs[0] if runs else None,
        "story": next(
            (row for row in stories if row["story"] == move.story), stories[0] if stories else None
        ),
    }


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
