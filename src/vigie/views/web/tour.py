"""The tour: five steps on real pages, each an address; it goes on only where its reader does.

What it is about stands in the addresses after the first one, so that each step tells the same story.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from vigie.domain.asset import WATCHED
from vigie.services.news.news_rows import TopStoryRow
from vigie.views.web.request_context import RequestContext

STEPS: Final = 5
# Stories looked at for the largest move, and so many of those for prices around them.
STORIES: Final = 50
PRICED: Final = 5
# Asset and story in an address, ``bitcoin:0123456789abcdef0123``; the story is left out where there is none.
ABOUT: Final = "about"
_ABOUT: Final = re.compile(r"([a-z0-9-]{1,40}):([0-9a-f]{20}|)")
# What the prices of a story are shown as.
_PRICES: Final = ("price", "before_1d", "before_1h", "after_1h", "after_1d")


@dataclass(frozen=True, slots=True)
class TourMove:
    """The largest recent move that has a story.

    Attributes
    ----------
    asset, name : str
        The first watched asset where there is no story.
    story : str
        Empty where there is none.
    change : float or None
        Of the price since the story began, a fraction.
    """

    asset: str
    name: str
    story: str
    change: float | None


@dataclass(frozen=True, slots=True)
class TourStep:
    """One step as a page shows it.

    Attributes
    ----------
    number : int
        1 to `STEPS`.
    title, text : str
        In the visitor's language.
    path : str
        Where it takes place, with the part that is shown.
    before, after : str
        The neighbours' addresses; empty at either end.
    """

    number: int
    title: str
    text: str
    path: str
    before: str = ""
    after: str = ""


def current_step(context: RequestContext) -> TourStep | None:
    """Return the step that an address asks for; None outside the tour."""
    asked = context.query.get("tour", "")
    if asked not in map(str, range(1, STEPS + 1)):
        return None
    return tour_steps(context, told_move(context))[int(asked) - 1]


def told_move(context: RequestContext) -> TourMove:
    """Return the move that an address tells of, else the largest of now."""
    names = {asset.id: asset.name for asset in WATCHED}
    asked = _ABOUT.fullmatch(context.query.get(ABOUT, ""))
    if asked is None or asked[1] not in names:
        return largest_move(context)
    row = story_row(context, asked[2]) if asked[2] else None
    return TourMove(asked[1], names[asked[1]], asked[2], row["change_since"] if row is not None else None)


def story_row(context: RequestContext, story: str) -> TopStoryRow | None:
    """Return the row of a recent story; None where it is none of those that are listed."""
    return next((row for rows in _recent_stories(context) for row in rows if row["story"] == story), None)


def _recent_stories(context: RequestContext) -> Iterator[list[TopStoryRow]]:
    """Yield the stories of a day, then those of a week."""
    for period in ("24h", "1w"):
        yield context.call("stories.top", period=period, limit=STORIES).rows


def largest_move(context: RequestContext) -> TourMove:
    """Return the asset whose price moved most since a story about it began, in a day, else in a week.

    A story whose page shows prices is preferred.
    """
    names = {asset.id: asset.name for asset in WATCHED}
    for rows in _recent_stories(context):
        known = [row for row in rows if row["asset"] in names and row["change_since"] is not None]
        if known:
            known.sort(key=lambda row: abs(row["change_since"]), reverse=True)
            priced = (row for row in known[:PRICED] if _has_prices(context, row))
            top = next(priced, known[0])
            return TourMove(top["asset"], names[top["asset"]], top["story"], top["change_since"])
    return TourMove(WATCHED[0].id, WATCHED[0].name, "", None)


def _has_prices(context: RequestContext, row: TopStoryRow) -> bool:
    """Tell whether the page of a story shows a price of its asset, not dashes alone."""
    rows = context.call("stories.prices", story=row["story"]).rows
    return any(
        one["asset"] == row["asset"] and any(one[name] is not None for name in _PRICES) for one in rows
    )


def tour_steps(context: RequestContext, move: TourMove) -> tuple[TourStep, ...]:
    """Return the five steps, the fourth by who reads."""
    text = context.text
    if move.story and move.change is None:
        begin = text("The tour is about %(name)s.") % {"name": move.name}
    elif move.story:
        begin = text("The largest recent move that has a story: %(name)s, %(change)s since that news.") % {
            "name": move.name,
            "change": context.lang.unit(move.change, "change"),
        }
    else:
        begin = text("No recent move has a story; %(name)s stands in for it.") % {"name": move.name}
    steps = [
        (
            text("Today"),
            text("What is most unusual, in two sentences.") + " " + begin,
            "/#headline",
        ),
        (
            text("The chart"),
            text("Dots on it are news of the time. The small i of a figure says where it comes from."),
            f"/asset/{move.asset}#chart",
        ),
        (
            text("The story"),
            text("Who published first, who confirmed or denied it, and what the price did."),
            f"/story/{move.story}#spread" if move.story else "/news#stories",
        ),
        _own_step(context),
        (
            text("The bell"),
            text(
                "Make a rule for what you want to hear of; the bell counts unread alerts. Help restarts this tour."
            ),
            "/alerts#rule",
        ),
    ]
    found = [TourStep(number, *step) for number, step in enumerate(steps, 1)]
    addresses = [step_address(step, move) for step in found]
    return tuple(
        TourStep(
            step.number,
            step.title,
            step.text,
            step.path,
            addresses[at - 1] if at else "",
            addresses[at + 1] if at + 1 < STEPS else "",
        )
        for at, step in enumerate(found)
    )


def step_address(step: TourStep, move: TourMove) -> str:
    """Return the address of a step: ``/asset/bitcoin?about=bitcoin:0123456789abcdef0123&tour=2#chart``."""
    path, _, part = step.path.partition("#")
    return f"{path}?{ABOUT}={move.asset}:{move.story}&tour={step.number}#{part}"


def _own_step(context: RequestContext) -> tuple[str, str, str]:
    text = context.text
    if context.persona == "journalist":
        said = text("Save a search, and what is new comes by e-mail. Everything can be cited and exported.")
        return text("Your searches"), said, "/news#searches"
    if context.persona == "beginner":
        return (
            text("What you own"),
            text("A name and a quantity suffice: what it is worth, what it brought, what it depends on."),
            "/portfolio#add",
        )
    said = text("Would fixed rules have earned? Four answers count luck and costs.")
    return text("The test"), said, "/backtests#newest"
