"""What happened to coins, in words: kinds of events, sorts of income, and a line's short description."""

from __future__ import annotations

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
    return {"happened": happened, "sorts": sorts, "event_word": lambda row: event_word(context, row)}


def event_word(context: RequestContext, row: HoldingEntryRow) -> str:
    """Return what happened to a line's coins."""
    text = context.text
    if row.kind == "gift":
        return text("gift received") if row.way == "in" else text("gift made")
    word = {
        "buy": text("bought"),
        "sell": text("sold"),
        "swap": text("swapped"),
        "transfer": text("moved"),
        "income": text("earned"),
        "fee": text("paid as a fee"),
        "loss": text("lost"),
        "fork": text("chain split"),
    }.get(row.kind, row.kind)
    if row.to_asset:
        return f"{word} → {context.lang.digits(row.to_quantity)} {row.to_asset}"
    return f"{word} → {row.to_place}" if row.to_place else word
