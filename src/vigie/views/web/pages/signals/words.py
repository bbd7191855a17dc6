"""What setups, their states and causes are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vigie.domain.asset import WATCHED
from vigie.domain.ids import parse_instrument
from vigie.quant.patterns.chart_pattern import KINDS
from vigie.services.setups.setup_rows import SetupRow
from vigie.views.web.pages.trading.words import side_text as side_text
from vigie.views.web.request_context import RequestContext

# Colour of a badge.
STATES: Final = {
    "forming": "info", "confirmed": "good", "played_out": "", "invalidated": "warn", "expired": "",
}  # fmt: skip
_NAMES: Final = {asset.symbol.lower(): asset.name for asset in WATCHED}


def state_text(context: RequestContext, name: str) -> str:
    """Return what a state is called."""
    return {
        "forming": context.text("Forming"),
        "confirmed": context.text("Confirmed"),
        "played_out": context.text("Played out"),
        "invalidated": context.text("Invalidated"),
        "expired": context.text("Expired"),
    }.get(name, name)


def cause_text(context: RequestContext, name: str) -> str:
    """Return why a setup is in its state."""
    return {
        "near": context.text("criteria near for two closes"),
        "decided": context.text("entry decided"),
        "stop": context.text("stop reached"),
        "target": context.text("target reached"),
        "liquidation": context.text("liquidated"),
        "not_near": context.text("criteria far for two closes"),
        "beyond_stop": context.text("closed beyond the stop"),
        "gap": context.text("bars are missing"),
        "strategy_changed": context.text("strategy or account changed"),
        "gap_through_level": context.text("opened beyond a level, no entry"),
        "entry_refused": context.text("entry refused at the next open"),
        "exit_condition": context.text("exit condition met"),
        "opposite_signal": context.text("opposite signal"),
        "closes": context.text("ten closes without an entry"),
        "horizon": context.text("time is up"),
    }.get(name, name)


def standing_text(context: RequestContext, standing: str) -> str:
    """Return what of its account an entry is counted with."""
    return {
        "running": context.text("With what the account holds now."),
        "stopped": context.text("The account is not running: with what it held last."),
        "not_started": context.text("The account has not started: with its starting capital."),
    }[standing]


def badge_of(context: RequestContext, state: str, cause: str) -> tuple[str, str]:
    """Return the words and the colour of a setup's badge: how one that was played out ended is what matters."""
    if state != "played_out":
        return state_text(context, state), STATES[state]
    texts = {
        "target": context.text("Target reached"),
        "stop": context.text("Stop reached"),
        "liquidation": context.text("Liquidated"),
    }
    return texts[cause], "good" if cause == "target" else "bad"


def family_text(context: RequestContext, name: str) -> str:
    """Return what a family of contributions is called."""
    return {
        "criteria": context.text("Its own criteria"),
        "patterns": context.text("Chart patterns"),
        "news": context.text("News"),
        "derivatives": context.text("Derivatives and on-chain"),
        "traders": context.text("Leading traders"),
    }.get(name, name)


def reading_text(context: RequestContext, name: str) -> str:
    """Return what a figure that counts is called; criteria have names of their own."""
    texts = {
        "patterns": context.text("Chart patterns"),
        "news": context.text("Sentiment of the last day"),
        "funding": context.text("Funding rate against its own past"),
        "basis": context.text("Basis against its own past"),
        "open_interest": context.text("New positions of a day, with the price"),
        "liquidations": context.text("Liquidations of a day"),
        "mvrv": context.text("MVRV against its own past"),
    }
    if name in texts:
        return texts[name]
    return pattern_text(context, name) if name in KINDS else context.text(name)


def pattern_text(context: RequestContext, kind: str) -> str:
    """Return what a kind of chart pattern is called."""
    return {
        "double_top": context.text("Double top"),
        "double_bottom": context.text("Double bottom"),
        "head_and_shoulders": context.text("Head and shoulders"),
        "inverse_head_and_shoulders": context.text("Inverse head and shoulders"),
        "ascending_triangle": context.text("Ascending triangle"),
        "descending_triangle": context.text("Descending triangle"),
        "symmetrical_triangle": context.text("Symmetrical triangle"),
        "rising_wedge": context.text("Rising wedge"),
        "falling_wedge": context.text("Falling wedge"),
        "channel": context.text("Channel"),
        "flag": context.text("Flag"),
    }.get(kind, kind)


def absence_text(context: RequestContext, name: str) -> str:
    """Return why something says nothing."""
    return {
        "none": context.text("none found"),
        "missing": context.text("not known"),
        "stale": context.text("too old"),
        "short_past": context.text("too little past"),
        "left_out": context.text("left out"),
        "not_built": context.text("not available yet"),
    }.get(name, name)


def grouping_text(context: RequestContext, name: str) -> str:
    """Return what cells of the record are grouped by."""
    return {
        "all": context.text("All"), "strategy": context.text("Strategy"), "instrument": context.text("Instrument"),
        "regime": context.text("Regime"), "horizon": context.text("Horizon"), "notice": context.text("Alerts"),
    }.get(name, name)  # fmt: skip


def cell_text(context: RequestContext, name: str) -> str:
    """Return what a cell of the record is called; names of strategies and instruments stay."""
    return {
        "": context.text("not known"),
        "rising_calm": context.text("rising, calm"), "rising_volatile": context.text("rising, volatile"),
        "falling_calm": context.text("falling, calm"), "falling_volatile": context.text("falling, volatile"),
        "day": context.text("up to a day"), "week": context.text("up to a week"), "longer": context.text("longer"),
        "told": context.text("all sent"), "held": context.text("none sent"),
    }.get(name, name)  # fmt: skip


def held_text(context: RequestContext, name: str) -> str:
    """Return why a change was not sent."""
    return {
        "full": context.text("the daily limit was reached"), "below": context.text("below the threshold"),
        "rule": context.text("rules paused"),
    }.get(name, name)  # fmt: skip


def held_sentence(context: RequestContext, row: SetupRow) -> str:
    """Return why no alert about a setup was sent, in figures."""
    lang = context.lang
    rank = {"rank": row.rank, "of": row.of}
    if row.threshold is None:
        return (
            context.text("No alert about it was sent: place %(rank)s of %(of)s, without a threshold.") % rank
        )
    needed = lang.fixed(row.threshold)
    return context.text(
        "No alert about it was sent: more than %(needed)s R was needed, place %(rank)s of %(of)s."
    ) % {**rank, "needed": needed}


def market_name(instrument: str) -> str:
    """Return what people call the asset of an instrument; its ticker where it has no name here."""
    base = parse_instrument(instrument).base
    return _NAMES.get(base.lower(), base.upper())


def plan_state_text(context: RequestContext, name: str) -> str:
    """Return what a state of a plan is called."""
    return {
        "draft": context.text("Draft"),
        "armed": context.text("Armed"),
        "entered": context.text("In position"),
        "closed": context.text("Closed"),
        "refused": context.text("Entry refused"),
        "expired": context.text("Expired"),
        "cancelled": context.text("Cancelled"),
    }.get(name, name)


def plan_badge(context: RequestContext, state: str, pnl: float | None) -> tuple[str, str]:
    """Return the words and the colour of a plan's badge."""
    kinds = {"armed": "info", "entered": "info", "refused": "warn"}
    if state == "closed" and pnl is not None:
        return plan_state_text(context, state), "good" if pnl > 0.0 else "bad"
    return plan_state_text(context, state), kinds.get(state, "")


def template_functions(context: RequestContext) -> dict[str, object]:
    """Return what templates ask for words."""

    def bound(function: Callable[[RequestContext, str], str]) -> Callable[[str], str]:
        return lambda name: function(context, name)

    return {
        "badge_of": lambda state, cause: badge_of(context, state, cause),
        "state_word": bound(state_text),
        "plan_badge": lambda state, pnl: plan_badge(context, state, pnl),
        "cause_word": bound(cause_text),
        "side_word": bound(side_text),
        "family_word": bound(family_text),
        "reading_word": bound(reading_text),
        "pattern_word": bound(pattern_text),
        "absence_word": bound(absence_text),
        "market_word": market_name,
        "grouping_word": bound(grouping_text),
        "cell_word": bound(cell_text),
        "held_word": bound(held_text),
        "held_sentence": lambda row: held_sentence(context, row),
        "standing_word": bound(standing_text),
    }
