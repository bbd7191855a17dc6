"""What happened to coins, in words: kinds of events, sorts of income, and a line's short description."""

from __future__ import annotations

from collections.abc import Callable

from vigie.services.holdings.file_drafts import ELSEWHERE
from vigie.services.holdings.holding_rows import HoldingEntryRow
from vigie.views.web.request_context import RequestContext


def event_values(context: RequestContext) -> dict[str, object]:
    """Return the choices of the form, and the function that names a line's event."""
    text = context.text
    happened = [
        ("buy", text("I got it")),
        ("sell", text("I sold it")),
        ("swap", text("I swapped it")),
        ("transfer", text("I moved it")),
        ("income", text("I earned it")),
        ("gift", text("It was a gift")),
        ("fee", text("I paid a fee")),
        ("loss", text("I lost it")),
        ("fork", text("The chain split")),
    ]
    sorts = [
        ("", text("no income")),
        ("staking", text("staking")),
        ("mining", text("mining")),
        ("interest", text("interest")),
        ("service", text("work or service")),
        ("airdrop", text("airdrop, nothing done for it")),
    ]
    return {
        "happened": happened,
        "sorts": sorts,
        "event_word": lambda row: event_word(context, row),
        "place_word": bound_place(context),
    }


def event_word(context: RequestContext, row: HoldingEntryRow) -> str:
    """Return what happened to a line's coins."""
    word = kind_word(context, row.kind, row.way)
    if row.to_asset:
        return f"{word} → {context.lang.digits(row.to_quantity)} {row.to_asset}"
    return f"{word} → {place_word(context, row.to_place)}" if row.to_place else word


def kind_word(context: RequestContext, kind: str, way: str = "") -> str:
    """Return what happened, by the kind of an event and the way of a gift."""
    text = context.text
    if kind == "gift":
        return text("gift received") if way == "in" else text("gift made")
    words = {
        "buy": text("bought"),
        "sell": text("sold"),
        "swap": text("swapped"),
        "transfer": text("moved"),
        "income": text("earned"),
        "fee": text("paid as a fee"),
        "loss": text("lost"),
        "fork": text("chain split"),
    }
    return words.get(kind, kind)


def bound_place(context: RequestContext) -> Callable[[str], str]:
    """Return what names one place, or several with commas between them."""
    return lambda places: ", ".join(place_word(context, place) for place in places.split(", "))


def place_word(context: RequestContext, place: str) -> str:
    """Return the name of a place; that of coins which left all places is said in words."""
    return context.text("elsewhere") if place == ELSEWHERE else place
