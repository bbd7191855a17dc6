"""What plans, their states and ends are called."""

from __future__ import annotations

from collections.abc import Callable

from vigie.domain.ids import parse_instrument
from vigie.services.plans.plan_rows import PlanResult
from vigie.services.plans.ticket import TicketWords
from vigie.services.plans.ticket import ticket_lines as lines_of
from vigie.views.web.pages.signals.words import market_name as market_name
from vigie.views.web.pages.signals.words import plan_badge as badge_of
from vigie.views.web.pages.signals.words import plan_state_text as state_text
from vigie.views.web.pages.signals.words import standing_text
from vigie.views.web.pages.trading.words import refusal_text
from vigie.views.web.pages.trading.words import side_text as side_text
from vigie.views.web.request_context import RequestContext


def cause_text(context: RequestContext, state: str, code: str) -> str:
    """Return why an entry was refused, or how a position ended; empty where there is nothing to say."""
    if state == "refused":
        return {
            "not_filled": context.text("the order was not filled"),
            "no_plan_slot": context.text("its account trades no plans of this market any more"),
        }.get(code) or refusal_text(context, code)
    return {
        "stop": context.text("stop reached"),
        "target": context.text("target reached"),
        "liquidation": context.text("liquidated"),
        "outside": context.text("closed outside Vigie"),
        "protection": context.text("closed by hand, by a limit or before its market ended"),
    }.get(code, "")


def unfilled_text(context: RequestContext, words: str) -> str:
    """Return what it means that an order was not filled."""
    own = {
        "never reached the venue": context.text("The order never reached the venue."),
        "the signal is too old": context.text("Until the order could be sent it was too late for it."),
        "the account takes no entries any more": context.text("Entries were stopped before it was sent."),
        "the account may not order this": context.text("The account may not order this market."),
        "the bar it was decided on was corrected": context.text(
            "The bar it was decided on was corrected before it was sent."
        ),
    }
    for beginning, text in own.items():
        if words.startswith(beginning):
            return text
    if not words:
        return context.text("What the venue said of it is not known.")
    return context.text("The venue refused the order: nothing was bought or sold.")


def line_text(context: RequestContext, kind: str, bars: int) -> str:
    """Return the condition of an "if ... then" line."""
    return {
        "target": context.text("If the target comes first"),
        "stop": context.text("If the stop comes first"),
        "neither": context.text("If neither comes within %(bars)s bars") % {"bars": bars},
    }[kind]


def room_text(context: RequestContext, name: str) -> str:
    """Return what a limit is called that leaves room for an entry, or none."""
    return {
        "risk": context.text("Risk per trade"),
        "cash": context.text("Cash times leverage"),
        "leverage": context.text("Leverage per position"),
        "instrument_exposure": context.text("Exposure per market"),
        "correlated_exposure": context.text("Exposure per correlated group"),
        "margin": context.text("Margin used"),
        "max_qty": context.text("Largest order"),
        "order_volume": context.text("Share of traded volume"),
        "max_positions": context.text("Open positions"),
        "own_positions": context.text("Your limit of positions"),
        "daily_loss": context.text("Daily loss"),
        "own_daily_loss": context.text("Your daily loss limit"),
        "window_drawdown": context.text("Recent drawdown"),
        "global_drawdown": context.text("Drawdown from peak"),
        "account_drawdown": context.text("Account drawdown"),
        "slot_drawdown": context.text("Strategy drawdown"),
        "entries_a_day": context.text("Entry orders today"),
        "trades_a_day": context.text("Trades ended today"),
        "open_orders": context.text("Orders under way"),
        "instrument_orders": context.text("Orders of this market"),
        "run_orders": context.text("Orders of the run"),
    }[name]


def currency_text(instrument: str) -> str:
    """Return the currency that results of a market are in, ``USDT``."""
    return parse_instrument(instrument).quote.upper()


def coin_text(instrument: str) -> str:
    """Return the coin that quantities of a market are in, ``BTC``."""
    return parse_instrument(instrument).base.upper()


def ticket_lines(context: RequestContext, told: PlanResult) -> list[str]:
    """Return a plan as text, line by line, in the reader's words."""
    words = TicketWords(
        long=context.text("long"), short=context.text("short"),
        market=context.text("%(side)s %(instrument)s at %(venue)s"), entry=context.text("Entry"),
        at_once=context.text("at once"), zone=context.text("%(low)s to %(high)s"),
        quantity=context.text("Quantity"), stop=context.text("Stop"), target=context.text("Target"),
        limit_entry=context.text("Limit entry"), further_target=context.text("Further target"),
        leverage=context.text("Leverage"), no_leverage=context.text("none"), until=context.text("Valid until"),
        number=lambda value: context.lang.number(value, 10), moment=context.lang.moment,
    )  # fmt: skip
    return lines_of(told, words)


def template_functions(context: RequestContext) -> dict[str, object]:
    """Return what templates ask for words."""

    def bound(function: Callable[[RequestContext, str], str]) -> Callable[[str], str]:
        return lambda name: function(context, name)

    return {
        "state_word": bound(state_text),
        "badge_of": lambda state, pnl: badge_of(context, state, pnl),
        "cause_word": lambda state, code: cause_text(context, state, code),
        "unfilled_word": bound(unfilled_text),
        "line_word": lambda kind, bars: line_text(context, kind, bars),
        "side_word": bound(side_text),
        "standing_word": bound(standing_text),
        "room_word": bound(room_text),
        "refusal_word": bound(refusal_text),
        "market_word": market_name,
        "currency_word": currency_text,
        "coin_word": coin_text,
        "ticket_lines": lambda told: ticket_lines(context, told),
    }
