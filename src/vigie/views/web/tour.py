"""The tour: five steps on real pages, each an address; it goes on only where its reader does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vigie.domain.asset import WATCHED
from vigie.views.web.request_context import RequestContext

STEPS: Final = 5
# Stories looked at for the largest move.
STORIES: Final = 50


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
    return tour_steps(context, largest_move(context))[int(asked) - 1]


def largest_move(context: RequestContext) -> TourMove:
    """Return the asset whose price moved most since a story about it began, in a day, else in a week."""
    names = {asset.id: asset.name for asset in WATCHED}
    for period in ("24h", "1w"):
        rows = context.call("stories.top", period=period, limit=STORIES).rows
        known = [row for row in rows if row["asset"] in names and row["change_since"] is not None]
        if known:
            top = max(known, key=lambda row: abs(row["change_since"]))
            return TourMove(top["asset"], names[top["asset"]], top["story"], top["change_since"])
    return TourMove(WATCHED[0].id, WATCHED[0].name, "", None)


def tour_steps(context: RequestContext, move: TourMove) -> tuple[TourStep, ...]:
    """Return the five steps, the fourth by who reads."""
    text = context.text
    if move.story:
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
            text("Say what you want to hear of: the bell counts it. Help starts this tour again."),
            "/alerts#rule",
        ),
    ]
    found = [TourStep(number, *step) for number, step in enumerate(steps, 1)]
    addresses = [step_address(step) for step in found]
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


def step_address(step: TourStep) -> str:
    """Return the address of a step: ``/asset/bitcoin?tour=2#chart``."""
    path, _, part = step.path.partition("#")
    return f"{path}?tour={step.number}#{part}"


def _own_step(context: RequestContext) -> tuple[str, str, str]:
    text = context.text
    if context.persona == "journalist":
        said = text("Save a search, and what is new comes by e-mail. Everything can be cited and exported.")
        return text("Your searches"), said, "/news#searches"
    if context.persona == "beginner":
        return (
            text("Plain words"),
            text("Every term in one or two sentences."),
            "/help#words",
        )
    said = text("Would fixed rules have earned? Four answers count luck and costs.")
    return text("The test"), said, "/backtests#verdict-card"
