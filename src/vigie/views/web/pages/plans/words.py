"""What plans, their states and ends are called."""

from __future__ import annotations

from collections.abc import Callable

from vigie.services.plans.plan_rows import PlanResult
from vigie.views.web.language import UserLanguage
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
        return (
            context.text("the order was not filled") if code == "not_filled" else refusal_text(context, code)
        )
    return {
        "stop": context.text("stop reached"),
        "target": context.text("target reached"),
        "liquidation": context.text("liquidated"),
        "outside": context.text("closed outside Vigie"),
        "protection": context.text("closed by a limit"),
    }.get(code, "")


def line_text(context: RequestContext, kind: str, bars: int) -> str:
    """Return the condition of an "if ... then" line."""
    return {
        "target": context.text("If the target comes first"),
        "stop": context.text("If the stop comes first"),
        "neither": context.text("If neither comes within %(bars)s bars") % {"bars": bars},
    }[kind]


def ticket_lines(context: RequestContext, told: PlanResult) -> list[str]:
    """Return a plan as text, line by line: what to type at a venue."""
    row, lang = told.newest, context.lang
    zone = context.text("%(low)s to %(high)s") % {
        "low": _level(lang, row.low),
        "high": _level(lang, row.high),
    }
    leverage = context.text("none") if told.leverage is None else f"{_level(lang, told.leverage)}×"
    lines = [
        context.text("%(side)s %(instrument)s at %(venue)s")
        % {"side": side_text(context, row.side), "instrument": row.instrument, "venue": row.venue},
        f"{context.text('Entry')} {context.text('at once') if told.is_at_once else zone}",
    ]
    if told.qty:
        lines.append(f"{context.text('Quantity')} {_level(lang, told.qty)}")
    for name, levels in (
        (context.text("Stop"), [row.stop]), (context.text("Target"), [row.target]),
        (context.text("Limit entry"), told.limit_entries), (context.text("Further target"), told.further_targets),
    ):  # fmt: skip
        lines += [f"{name} {_level(lang, level)}" for level in levels]
    return [
        *lines,
        f"{context.text('Leverage')} {leverage}",
        f"{context.text('Valid until')} {lang.moment(row.until)}",
    ]


def _level(lang: UserLanguage, value: float | None) -> str:
    """Return a number with all the digits that a venue is to be told."""
    return lang.number(value, 10)


def template_functions(context: RequestContext) -> dict[str, object]:
    """Return what templates ask for words."""

    def bound(function: Callable[[RequestContext, str], str]) -> Callable[[str], str]:
        return lambda name: function(context, name)

    return {
        "state_word": bound(state_text),
        "badge_of": lambda state, pnl: badge_of(context, state, pnl),
        "cause_word": lambda state, code: cause_text(context, state, code),
        "line_word": lambda kind, bars: line_text(context, kind, bars),
        "side_word": bound(side_text),
        "standing_word": bound(standing_text),
        "refusal_word": bound(refusal_text),
        "market_word": market_name,
        "ticket_lines": lambda told: ticket_lines(context, told),
    }
