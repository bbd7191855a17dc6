"""The tour on one page: five steps, each with a picture and the way to the real part."""

from __future__ import annotations

from collections.abc import Mapping

from vigie.views.web.page import Page
from vigie.views.web.pages.tour.charts import step_pictures
from vigie.views.web.request_context import RequestContext
from vigie.views.web.tour import largest_move, step_address, tour_steps


def show(context: RequestContext) -> Mapping[str, object]:
    """Ask for the move the tour is about and for what its pictures show."""
    move = largest_move(context)
    steps = tour_steps(context, move)
    return {
        "steps": [
            (step, step_address(step, move), picture)
            for step, picture in zip(steps, step_pictures(context, steps, move), strict=True)
        ]
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
