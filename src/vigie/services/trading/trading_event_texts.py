"""What each kind of trading record is called, how grave it is and what a person does about it; English.

Their French is in `fr.po` beside them, by these sentences: mails and pages read it.
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
        "grave", "The account was halted",
        "Look at its orders and positions at the venue; when they are as they must be, let it enter again.",
    ),
    "trade.unprotected": TradingEventKind(
        "grave", "A position was without its stop",
        "See at the venue that it has its stop now; else close it there, or close everything here.",
        is_of_position=True,
    ),
    "trade.stop_passed": TradingEventKind(
        "grave", "A stop did not act",
        "The price and the venue's mark had passed it for seconds: the position is closed at the market. "
        "See at the venue that it is gone.",
    ),
    "trade.stop_moved": TradingEventKind(
        "grave", "A stop was moved away from the price",
        "It is put back where it was decided. See at the venue that it is there, and look who moved it.",
        is_of_position=True,
    ),
    "trade.stop_stays": TradingEventKind(
        "grave", "A stop does not stay where it is put",
        "It is put back ever later, at least every five minutes; the position is closed where the price and the "
        "venue's mark pass the decided stop. See at the venue where it stands, and change your key if you did not "
        "move it.",
        is_of_position=True,
    ),
    "trade.unexplained_order": TradingEventKind(
        "grave", "An order that Vigie did not place",
        "If it is yours, take note of it; if not, cancel it at the venue and look who has your key. "
        "Vigie never touches it.",
        is_seen=True,
    ),
    "trade.foreign_fill": TradingEventKind(
        "warning", "A fill that Vigie did not order",
        "If it is yours, take note of it; if not, look who has your key.",
    ),
    "trade.unexplained_position": TradingEventKind(
        "grave", "The venue holds something else than the log says",
        "Bring it to what the log says, at the venue; until both agree the instrument is not entered.",
        is_seen=True,
    ),
    "trade.blind": TradingEventKind(
        "grave", "Positions cannot be read",
        "Whether they have their stops is not known meanwhile; if it lasts, look at the venue.",
        is_of_account=True, is_seen=True,
    ),
    "trade.ended": TradingEventKind(
        "grave", "The trading process ended by itself",
        "Positions keep their stops at the venue. Mend what it says, then run the same command again.",
        is_of_account=True, is_seen=True, is_reported=True,
    ),
    "trade.exit_waits": TradingEventKind(
        "grave", "The venue does not take an exit",
        "It is tried again every few seconds and the stop stays; if it must be now, close it at the venue.",
        is_of_position=True, is_seen=True,
    ),
    "trade.paused": TradingEventKind(
        "warning", "A slot was paused", "When you know who closed its position, let the account enter again."
    ),
    "trade.reversed": TradingEventKind("warning", "A position was closed twice", "What that left was closed at once."),
    "trade.unreadable": TradingEventKind(
        "warning", "An answer of the venue could not be read",
        "It is asked again; if it lasts, look whether the venue is in maintenance.", is_of_account=True,
    ),
    "trade.unanswered": TradingEventKind(
        "warning", "The venue does not answer",
        "It is asked again; positions keep their stops at the venue.", is_of_account=True,
    ),
    "trade.stop_nearer": TradingEventKind(
        "warning", "A stop was moved nearer to the price",
        "It stays there: less is risked than was decided. If it was not you, look who has your key.",
        is_of_position=True,
    ),
    "trade.several_stops": TradingEventKind(
        "warning", "Several stops stand on a position",
        "The first that is reached counts. Cancel at the venue those that you do not want.", is_of_position=True,
    ),
    "trade.target_moved": TradingEventKind(
        "warning", "A target was moved",
        "It is put back where it was decided. If it was not you, look who has your key.", is_of_position=True,
    ),
    "trade.target_refused": TradingEventKind(
        "warning", "A target may not rest", "A trigger at the market stands in its place."
    ),
    "trade.target_lost": TradingEventKind("warning", "A target was gone", "It was put again."),
    "trade.absent": TradingEventKind(
        "warning", "Nobody traded the account for a while",
        "What was missed was caught up with; such days do not count as days of paper.", is_of_account=True,
    ),
    "trade.bar_revised": TradingEventKind(
        "notice", "The venue corrected a bar", "Decisions keep to what they saw.",
        is_of_account=True, is_reported=True,
    ),
    "trade.other_volume": TradingEventKind(
        "notice", "The venue tells other volumes than it pushed",
        "Entries are refused only where they are decided by it. Decisions keep to what they saw.",
        is_of_account=True, is_reported=True,
    ),
    "trade.feature_late": TradingEventKind(
        "notice", "A feature became known late", "Decisions keep to what they saw.",
        is_of_account=True, is_reported=True,
    ),
    "trade.fees": TradingEventKind(
        "notice", "The venue takes another fee than sizes count with",
        "Results are booked with what it takes. Leave taker out of the run file and the settings, and begin with "
        "--new-run: then the account's own level counts.",
        is_of_account=True,
    ),
    "trade.sighted": TradingEventKind("notice", "Positions can be read again", is_of_account=True),
    "trade.stop_back": TradingEventKind(
        "notice", "A stop stands where it was decided again", is_of_position=True
    ),
    "trade.rules": TradingEventKind(
        "notice", "The venue's rules of an instrument changed",
        "Orders keep to them from then on; what is held keeps its levels.",
    ),
    "trade.history_pinned": TradingEventKind(
        "notice", "A history begins later", is_of_account=True, is_reported=True
    ),
    "trade.money": TradingEventKind("notice", "Money beside the trades", is_of_account=True),
    "trade.state": TradingEventKind("notice", "The account was given an order", is_of_account=True),
    "trade.wish": TradingEventKind("notice", "Switches or limits were changed", is_of_account=True),
    "trade.limits": TradingEventKind(
        "notice", "Limits of loss go on",
        "Where one refuses entries it ends by itself; ending it early needs a reason.",
        is_of_account=True, is_reported=True,
    ),
    "trade.lift": TradingEventKind(
        "warning", "A limit of loss was lifted early", "If it was not you, look who may trade this account.",
        is_of_account=True,
    ),
    "trade.seen": TradingEventKind("notice", "Somebody took note of what happened", is_of_account=True),
    "trade.lease": TradingEventKind(
        "notice", "A process took the right to trade", is_of_account=True, is_reported=True
    ),
    "trade.run": TradingEventKind("notice", "A run began", is_of_account=True, is_reported=True),
}  # fmt: skip

_MOVED: Final = "the venue has it at %(stop)s, decided was %(meant)s"
# What is known of a kind beside its name, by what is written with it; the others say why in a sentence.
_WHYS: Final[Mapping[str, str]] = {
    "trade.unexplained_order": "%(side)s %(qty)s, %(kind)s, order %(order)s",
    "trade.unexplained_position": "the venue holds %(theirs)s, the account %(ours)s",
    "trade.foreign_fill": "%(side)s %(qty)s at %(price)s, %(at)s, order %(order)s",
    "trade.stop_moved": _MOVED,
    "trade.stop_nearer": _MOVED,
    "trade.stop_stays": "put back %(times)s times; " + _MOVED,
    "trade.stop_back": "at %(stop)s",
    "trade.several_stops": "%(count)s of them, the first at %(stop)s",
    "trade.target_moved": "the venue has it at %(target)s, decided was %(meant)s",
    "trade.bar_revised": "%(series)s, bar of %(bar)s",
    "trade.other_volume": "%(series)s",
    "trade.feature_late": "%(feature)s, %(series)s, bar of %(bar)s",
    "trade.history_pinned": "%(series)s, from %(begins)s on",
    "trade.rules": "tick %(tick)s, lot %(lot)s, at least %(least)s",
    "trade.fees": "%(instrument)s: it takes %(taker)s of each fill, counted with was %(counted)s",
    "trade.absent": "from %(since)s to %(until)s",
    "trade.lease": "%(holder)s",
    "trade.run": "%(mode)s on %(venue)s, %(capital)s",
    "trade.target_lost": "entered %(begun)s",
    "trade.state": "from %(before)s to %(state)s: %(why)s",
    "trade.lift": "%(limits)s: %(why)s",
}
# By the way that it was seen; older records have a sentence of their own.
_MONEY: Final = {
    "found": "%(money)s %(currency)s at the venue",
    "came_in": "%(money)s %(currency)s came in without a trade of ours",
    "went_out": "%(money)s %(currency)s went out without a trade of ours",
    "paid_in": "%(money)s %(currency)s paid in, %(moved)s",
    "paid_out": "%(money)s %(currency)s paid out, %(moved)s",
}
_SAID: Final = "%(amount)s: %(why)s"
# By where they come from.
_LIMITS_OF: Final = {
    "run": "those of the run before; the day so far: %(day_loss)s lost",
    "ledger": "the venue's ledger says %(day_loss)s lost so far today; the drawdown before is not known here",
}
_SIDES: Final = {1: "buy", -1: "sell"}
_DONE: Final = {"protect": "a stop is put on it at once"}
_OFF, _ON = "switched off: %(slots)s", "switched on: %(slots)s"
_LIMITS: Final = "open positions %(positions)s, loss of the day %(loss)s"
SENTENCES: Final = (
    *_WHYS.values(),
    *_MONEY.values(),
    *_LIMITS_OF.values(),
    _SAID,
    *_DONE.values(),
    _OFF,
    _ON,
    _LIMITS,
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
