"""A story: headline and summary with their sources, spread, contradictions, who is silent, prices around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from vigie.domain.errors import NotFound, UsageError
from vigie.drawing.frame import Frame, legend_key
from vigie.views.web.page import Page
from vigie.views.web.pages.news import words
from vigie.views.web.pages.news.page import FIRST_HAND
from vigie.views.web.pages.story.charts import chart_description, spread_chart
from vigie.views.web.request_context import RequestContext

# Shown at once; the file has all.
ROWS: Final = 60


def show(context: RequestContext) -> Mapping[str, Any] | Response:
    """Ask for the story."""
    name = context.params["id"]
    try:
        story = context.call("stories.read", story=name, language=context.lang.content_language)
    except UsageError as fault:
        raise NotFound(
            "no_story_news", "there is no story {name!r}; /news shows today's", name=name
        ) from fault
    if story.story != name:
        # It ended in this one: the kept one's address is the one to be passed on.
        return RedirectResponse(context.url(f"/story/{story.story}", **context.query), 303)
    spread = context.call("stories.spread", story=name)
    return {
        "story": story,
        "spread": spread.model_copy(update={"rows": spread.rows[:ROWS]}),
        "prices": context.call("stories.prices", story=name) if story.prices else None,
        "svg": _spread_svg(context, story) if len(story.spread) > 1 else "",
        "legend": [
            (Markup(legend_key(1)), context.text("Publishers")),  # noqa: S704 - drawn from a number
            (Markup(legend_key(2)), context.text("News items")),  # noqa: S704 - drawn from a number
        ],
        "names": words.entity_names(context, ",".join(story.entities)),
        "coins": words.asset_names(context, story.assets),
        "kinds": _kinds(context),
        "official": {row.id for row in story.items if row.tier in FIRST_HAND},
        "join_signs": {
            "names": context.text("names"),
            "words": context.text("rare words"),
            "amounts": context.text("amounts or price levels"),
            "happening": context.text("the same event"),
            "time": context.text("the same time"),
            "price_move": context.text("the same price move"),
        },
        "amount": lambda amount: _amount_text(context, amount),
        "languages": words.news_languages(context),
        **words.label_values(context),
    }


def _kinds(context: RequestContext) -> dict[str, str]:
    """Return what two items that contradict each other do not share."""
    return {
        "denial": context.text("Denied or corrected"), "figures": context.text("Figures differ"),
        "amount": context.text("Amounts differ"), "unit": context.text("Units differ"),
        "currency": context.text("Currencies differ"), "date": context.text("Dates differ"),
        "name": context.text("Names differ"), "negation": context.text("Opposite statements"),
    }  # fmt: skip


def _amount_text(context: RequestContext, amount: str) -> str:
    """Return a figure as its headline means it, "2100000000", as the visitor's language writes numbers."""
    figure = amount.removesuffix("%")
    number = context.lang.number(float(figure), len(figure.partition(".")[2]))
    share = "\u00a0%" if context.lang.is_spaced else "%"
    return number if amount == figure else f"{number}{share}"


def _spread_svg(context: RequestContext, story: Any) -> Markup:
    frame = Frame(
        "spread", context.text("Coverage over time"), chart_description(context, story.spread),
        language=context.lang.language, zone=context.lang.zone,
    )  # fmt: skip
    return Markup(spread_chart(context, story.spread, frame))  # noqa: S704 - words are escaped where they are drawn


GROUP: Final = "news"
PAGES = (
    Page(
        name="story",
        path="/story/{id}",
        title="Story",
        description="One event, as its sources report it: who was first, how it spread, contradictions, prices.",
        show=show,
    ),
)
