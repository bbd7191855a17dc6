"""A story: headline and summary with their sources, spread, contradictions, who is silent, prices around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from vigie.domain.errors import NotFound, UsageError
from vigie.views.drawing.frame import Frame, legend_key
from vigie.views.web.page import Page
from vigie.views.web.pages.news import words
from vigie.views.web.pages.story.charts import described, spread_chart
from vigie.views.web.visit import Visit

# Shown at once; the file has all.
ROWS: Final = 60


def show(visit: Visit) -> Mapping[str, Any] | Response:
    """Ask for the story."""
    name = visit.params["id"]
    try:
        story = visit.ask("stories.read", story=name, language=visit.tongue.language)
    except UsageError as fault:
        raise NotFound(f"there is no story {name!r}; /news shows those of the day") from fault
    if story.story != name:
        # It ended in this one: the kept one's address is the one to be passed on.
        return RedirectResponse(visit.url(f"/story/{story.story}"), 303)
    spread = visit.ask("stories.spread", story=name)
    return {
        "story": story,
        "spread": spread.model_copy(update={"rows": spread.rows[:ROWS]}),
        "prices": visit.ask("stories.prices", story=name) if story.prices else None,
        "svg": _drawn(visit, story) if len(story.spread) > 1 else "",
        "legend": [
            (Markup(legend_key(1)), visit.text("Publishers")),  # noqa: S704 - drawn from a number
            (Markup(legend_key(2)), visit.text("Items")),  # noqa: S704 - drawn from a number
        ],
        "names": words.entities(visit, ",".join(story.entities)),
        "coins": words.called(visit, story.assets),
        "kinds": _kinds(visit),
        "join_signs": {
            "names": visit.text("names"),
            "words": visit.text("rare words"),
            "amounts": visit.text("amounts or price levels"),
            "happening": visit.text("what happens"),
            "time": visit.text("the time"),
            "price_move": visit.text("the same move of prices"),
        },
        "amount": lambda said: _amount(visit, said),
        **words.all_of(visit),
    }


def _kinds(visit: Visit) -> dict[str, str]:
    """Return what two items that contradict each other do not share."""
    return {
        "denial": visit.text("Denied or corrected"), "figures": visit.text("Figures differ"),
        "amount": visit.text("Amounts differ"), "unit": visit.text("Units differ"),
        "currency": visit.text("Currencies differ"), "date": visit.text("Dates differ"),
        "name": visit.text("Names differ"), "negation": visit.text("Says the opposite"),
    }  # fmt: skip


def _amount(visit: Visit, said: str) -> str:
    """Return a figure as its headline means it, "2100000000", as the visitor's language writes numbers."""
    figure = said.removesuffix("%")
    written = visit.tongue.number(float(figure), len(figure.partition(".")[2]))
    share = "%" if visit.tongue.language == "en" else "\u00a0%"
    return written if said == figure else f"{written}{share}"


def _drawn(visit: Visit, story: Any) -> Markup:
    frame = Frame(
        "spread", visit.text("How it spread"), described(visit, story.spread),
        language=visit.tongue.language, zone=visit.tongue.zone,
    )  # fmt: skip
    return Markup(spread_chart(visit, story.spread, frame))  # noqa: S704 - words are escaped where they are drawn


PAGES = (
    Page(
        name="story",
        path="/story/{id}",
        title="Story",
        description="One event as its sources tell it: who was first, how it spread, what contradicts what, prices.",
        show=show,
    ),
)
