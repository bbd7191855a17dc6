"""What each kind of trading record is called, how grave it is and what a person does about it; English.

Their French is in the catalogue, by these sentences: mails and pages read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from vigie.domain.time import iso

# Written before each order; pages show it as the order that it is.
INTENT: Final = "trade.intent"
Weight = Literal["grave", "warning", "notice"]


@dataclass(frozen=True, slots=True)
class TradingEventKind:
    """One kind of record.

    Attributes
    ----------
    title, todo : str
        What happened; what is to be done, nothing where nothing is.
    is_of_account : bool
        Its subject is the account; else a slot, an instrument.
    is_of_position : bool
        It is over when its slot or instrument holds nothing any more.
    is_seen : bool
        A trading process sees it with its own eyes and says it once: the next process says it again.
    is_reported : bool
        The trading process says it itself, when it writes it.
    """

    weight: Weight
    title: str
    todo: str = ""
    is_of_account: bool = False
    is_of_position: bool = False
    is_seen: bool = False
    is_reported: bool = False


KINDS: Final[Mapping[str, TradingEventKind]] = {
    "trade.halted": TradingEventKind(
        "grave", "Account halted",
        "Check its orders and positions at the venue. Once all is in order, resume entries.",
    ),
    "trade.unprotected": TradingEventKind(
        "grave", "Position without a stop",
        "Check at the venue that it has its stop again. If not, close it there, or close all positions "
        "here.",
        is_of_position=True,
    ),
    "trade.stop_passed": TradingEventKind(
        "grave", "Stop did not trigger",
        "The price and the venue's mark price had been past it for seconds, so the position is closed at "
        "market price. Check at the venue that it is closed.",
    ),
    "trade.stop_moved": TradingEventKind(
        "grave", "Stop moved away from price",
        "Vigie puts it back at the decided price. Check at the venue that it is there, and find out who "
        "moved it.",
        is_of_position=True,
    ),
    "trade.stop_stays": TradingEventKind(
        "grave", "Stop keeps moving",
        "Vigie puts it back, at growing intervals of up to five minutes, and closes the position if the "
        "price and the venue's mark price pass the decided stop. Check at the venue where the stop is, "
        "and change your API key if you did not move it.",
        is_of_position=True,
    ),
    "trade.unexplained_order": TradingEventKind(
        "grave", "Order not placed by Vigie",
        "If it is yours, mark it as seen. If not, cancel it at the venue and find out who has your API "
        "key. Vigie never touches it.",
        is_seen=True,
    ),
    "trade.foreign_fill": TradingEventKind(
        "warning", "Fill not ordered by Vigie",
        "If it is yours, mark it as seen. If not, find out who has your API key.",
    ),
    "trade.unexplained_position": TradingEventKind(
        "grave", "Position differs at the venue",
        "Adjust it at the venue to match Vigie's log. Until both agree, Vigie opens nothing on this "
        "instrument.",
        is_seen=True,
    ),
    "trade.blind": TradingEventKind(
        "grave", "Positions cannot be read",
        "Meanwhile Vigie cannot tell whether they have their stops. If it lasts, check at the venue.",
        is_of_account=True, is_seen=True,
    ),
    "trade.ended": TradingEventKind(
        "grave", "Trading process stopped unexpectedly",
        "Positions keep their stops at the venue. Fix the reported problem, then run the same command "
        "again.",
        is_of_account=True, is_seen=True, is_reported=True,
    ),
    "trade.exit_waits": TradingEventKind(
        "grave", "Exit order not accepted",
        "Vigie tries again every few seconds, and the stop stays. If it is urgent, close the position at "
        "the venue.",
        is_of_position=True, is_seen=True,
    ),
    "trade.paused": TradingEventKind(
        "warning", "Strategy paused", "Once you know who closed its position, resume entries."
    ),
    "trade.reversed": TradingEventKind(
        "warning", "Position closed twice", "The resulting position was closed immediately.",
    ),
    "trade.unreadable": TradingEventKind(
        "warning", "Unreadable answer from venue",
        "Vigie tries again. If it lasts, check whether the venue is under maintenance.", is_of_account=True,
    ),
    "trade.unanswered": TradingEventKind(
        "warning", "The venue does not answer",
        "Vigie tries again. Positions keep their stops at the venue.", is_of_account=True,
    ),
    "trade.stop_nearer": TradingEventKind(
        "warning", "Stop moved closer to price",
        "It stays there: the risk is smaller than decided. If it was not you, find out who has your API "
        "key.",
        is_of_position=True,
    ),
    "trade.several_stops": TradingEventKind(
        "warning", "Several stops on position",
        "The first one reached counts. At the venue, cancel those you do not want.", is_of_position=True,
    ),
    "trade.target_moved": TradingEventKind(
        "warning", "Target moved",
        "Vigie puts it back at the decided price. If it was not you, find out who has your API key.",
        is_of_position=True,
    ),
    "trade.target_refused": TradingEventKind(
        "warning", "Limit target refused", "A take-profit market order replaces it."
    ),
    "trade.target_lost": TradingEventKind("warning", "Target order was missing", "It was placed again."),
    "trade.absent": TradingEventKind(
        "warning", "Account was not running",
        "Missed bars were caught up. Such days do not count as days of paper trading.", is_of_account=True,
    ),
    "trade.bar_revised": TradingEventKind(
        "notice", "The venue corrected a bar", "Past decisions keep the data they saw.",
        is_of_account=True, is_reported=True,
    ),
    "trade.other_volume": TradingEventKind(
        "notice", "Volumes differ from live feed",
        "Entries are refused only if the volume changes the decision. Past decisions keep the data they "
        "saw.",
        is_of_account=True, is_reported=True,
    ),
    "trade.feature_late": TradingEventKind(
        "notice", "Feature value arrived late", "Past decisions keep the data they saw.",
        is_of_account=True, is_reported=True,
    ),
    "trade.fees": TradingEventKind(
        "notice", "Fee differs from plan",
        "Results use the fee actually charged. To size positions with the account's own fee level, remove "
        "taker from the run file and the settings and start with --new-run.",
        is_of_account=True,
    ),
    "trade.sighted": TradingEventKind("notice", "Positions can be read again", is_of_account=True),
    "trade.stop_back": TradingEventKind(
        "notice", "Stop back in place", is_of_position=True
    ),
    "trade.rules": TradingEventKind(
        "notice", "Instrument rules changed",
        "New orders follow the new rules; open positions keep their levels.",
    ),
    "trade.history_pinned": TradingEventKind(
        "notice", "History starts later", is_of_account=True, is_reported=True
    ),
    "trade.money": TradingEventKind("notice", "Balance changed without trade", is_of_account=True),
    "trade.state": TradingEventKind("notice", "Account state changed", is_of_account=True),
    "trade.wish": TradingEventKind("notice", "Switches or limits changed", is_of_account=True),
    "trade.limits": TradingEventKind(
        "notice", "Loss limits carried over",
        "A limit that blocks entries ends by itself; ending it early needs a reason.",
        is_of_account=True, is_reported=True,
    ),
    "trade.lift": TradingEventKind(
        "warning", "Loss limit lifted early", "If it was not you, find out who may trade this account.",
        is_of_account=True,
    ),
    "trade.seen": TradingEventKind("notice", "Events marked as seen", is_of_account=True),
    "trade.lease": TradingEventKind(
        "notice", "Trading process took over", is_of_account=True, is_reported=True
    ),
    "trade.run": TradingEventKind("notice", "Run started", is_of_account=True, is_reported=True),
}  # fmt: skip

_MOVED: Final = "%(stop)s at the venue, decided: %(meant)s"
# What is known of a kind beside its name, by what is written with it; the others say why in a sentence.
_WHYS: Final[Mapping[str, str]] = {
    "trade.unexplained_order": "%(side)s %(qty)s, %(kind)s, id %(order)s",
    "trade.unexplained_position": "venue: %(theirs)s, account: %(ours)s",
    "trade.foreign_fill": "%(side)s %(qty)s at %(price)s, %(at)s, order %(order)s",
    "trade.stop_moved": _MOVED,
    "trade.stop_nearer": _MOVED,
    "trade.stop_stays": "put back %(times)s times; " + _MOVED,
    "trade.stop_back": "at %(stop)s",
    "trade.several_stops": "%(count)s stops, the first at %(stop)s",
    "trade.target_moved": "%(target)s at the venue, decided: %(meant)s",
    "trade.bar_revised": "%(series)s, bar of %(bar)s",
    "trade.other_volume": "%(series)s",
    "trade.feature_late": "%(feature)s, %(series)s, bar of %(bar)s",
    "trade.history_pinned": "%(series)s, from %(begins)s",
    "trade.rules": "tick %(tick)s, lot %(lot)s, minimum %(least)s",
    "trade.fees": "%(instrument)s: fee charged %(taker)s per fill, planned %(counted)s",
    "trade.absent": "from %(since)s to %(until)s",
    "trade.lease": "%(holder)s",
    "trade.run": "%(mode)s on %(venue)s, %(capital)s",
    "trade.target_lost": "opened %(begun)s",
    "trade.state": "from “%(before)s” to “%(state)s”: %(why)s",
    "trade.lift": "%(limits)s: %(why)s",
}
# A run that was decided afterwards tells what would have been.
_REPLAYED: Final = "replayed: %(mode)s on %(venue)s, %(capital)s"
# By the way that it was seen; older records have a sentence of their own.
_MONEY: Final = {
    "found": "%(money)s %(currency)s at the venue",
    "came_in": "%(money)s %(currency)s received without a Vigie trade",
    "went_out": "%(money)s %(currency)s gone without a Vigie trade",
    "paid_in": "%(money)s %(currency)s deposited, %(moved)s",
    "paid_out": "%(money)s %(currency)s withdrawn, %(moved)s",
}
_SAID: Final = "%(amount)s: %(why)s"
# By where they come from.
_LIMITS_OF: Final = {
    "run": "from the previous run; daily loss so far: %(day_loss)s",
    "ledger": "daily loss so far, from the venue's ledger: %(day_loss)s; earlier drawdown unknown",
}
_SIDES: Final = {1: "buy", -1: "sell"}
_DONE: Final = {"protect": "a stop is placed on it immediately"}
_OFF, _ON = "switched off: %(slots)s", "switched on: %(slots)s"
_LIMITS: Final = "max open positions %(positions)s, max daily loss %(loss)s"
SENTENCES: Final = (
    *_WHYS.values(),
    *_MONEY.values(),
    *_LIMITS_OF.values(),
    _SAID,
    *_DONE.values(),
    _OFF,
    _ON,
    _LIMITS,
    _REPLAYED,
)
# Times among what is written with a record.
MOMENTS: Final = ("since", "until", "begun", "at", "moved")


def reason_parts(kind: str, text: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Return a sentence and the values in it: what is known of a record; nothing where it was forgotten."""
    if kind == "trade.wish" and text:
        return _override_reason(text)
    if kind == "trade.unprotected" and text:
        return _DONE.get(str(text.get("done")), "%(why)s"), {"why": str(text.get("done", ""))}
    template = _WHYS.get(kind, "%(why)s" if text.get("why") else "")
    if kind == "trade.run" and text.get("is_replayed"):
        template = _REPLAYED
    if kind == "trade.money":
        template = _MONEY.get(str(text.get("way")), _SAID)
    if kind == "trade.limits":
        template = _LIMITS_OF.get(str(text.get("source")), template)
    values = {name: _format_value(name, value) for name, value in text.items()}
    try:
        # A record whose words are fewer than those of today says what it has.
        template % values
    except KeyError:
        template = "%(why)s" if "why" in values else ""
    return template, values


def _override_reason(text: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    if "slots" in text:
        return (_ON if text.get("on") else _OFF), {"slots": " ".join(map(str, text["slots"]))}
    most, loss = text.get("max_positions"), text.get("daily_loss_fraction")
    values = {
        "positions": "–" if most is None else str(most), "loss": "–" if loss is None else f"{100 * loss:g} %",
    }  # fmt: skip
    return _LIMITS, values


def _format_value(name: str, value: object) -> str:
    if name in MOMENTS and isinstance(value, int):
        return iso(value)
    if name == "side" and isinstance(value, int):
        return _SIDES.get(value, str(value))
    if name == "day_loss" and isinstance(value, int | float):
        return f"{100 * value:.2f} %"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if name == "capital":
        return f"{float(str(value)):,.2f}".removesuffix(".00")
    return f"{value:g}" if isinstance(value, float) else str(value)
