"""One event of each text that alerts have, with values of the kinds that it is raised with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Final

from tests.contracts.setup_alerts import BODY
from tests.refusals import refused
from vigie.domain.alert import AlertEvent
from vigie.domain.time import HOUR_MS
from vigie.intelligence.setups.contributions import Contribution, SetupReading
from vigie.ports.setups import StoredChange
from vigie.services.alerting.watching import event_arguments as arguments
from vigie.services.alerting.watching.event_arguments import STATES
from vigie.services.alerting.watching.event_texts import EVENT_TEXTS, make_event
from vigie.services.alerting.watching.setup_texts import setup_event
from vigie.services.alerting.watching.setup_words import CAUSES
from vigie.services.alerting.wording import WORDS
from vigie.services.trading.log.trading_event_texts import KINDS, reason_parts

TS: Final = 1_750_032_000_000
_FIGURES: Final = {name: arguments.figure("1.25") for name in ("percent", "now", "usual", "ratio")}
# What a text may stand with, by the name of its place.
_VALUES: Final[Mapping[str, object]] = {
    **_FIGURES,
    **{name: arguments.price(1250.5) for name in ("price", "distance", "at", "within")},
    **{name: arguments.word(STATES, "halted") for name in ("state", "before")},
    **dict.fromkeys(("flags", "count", "share", "least", "number", "publishers"), 3),
    "name": "Bitcoin",
    "market": "BTC",
    "title": "ETF",
    "account": "main",
    "address": "reader@example.org",
    "register": "ESMA",
    "where": arguments.screen("change_24h>0.05,volume_24h>1000000"),
    "day": arguments.day(TS),
    "days": arguments.week(TS),
    "why": refused("about", subject="Bitget", reason=refused("file_empty")),
    "what": arguments.text(KINDS["trade.unprotected"].title),
    "job": arguments.text("backtest"),
    "side": arguments.word(STATES, "long"),
    "level": arguments.word(STATES, "level_stop"),
    "limit": arguments.word(STATES, "limit_daily_loss"),
    "status": arguments.word(WORDS, "disputed"),
}
# Where a place holds something else than under the same name elsewhere.
_OTHERWISE: Final[Mapping[str, Mapping[str, object]]] = {
    "peg.enters": {"price": arguments.figure("0.9875")},
    "peg.leaves": {"price": arguments.figure("0.9987")},
    "holding.share": {"limit": "25"},
    "emerging.listed": {"where": arguments.newcomers("age_hours<72,without=thin")},
    "emerging.unlisted": {"where": arguments.newcomers("age_hours<72,without=thin")},
    "desk.difference": {
        "why": arguments.sentence(
            *reason_parts("trade.unexplained_position", {"theirs": "0.25", "ours": "0"})
        )
    },
    "desk.stream.enters": {"name": "bitget/quotes", "why": arguments.word(STATES, "stale")},
}


_BODY: Final = {**BODY, "criteria": [{**BODY["criteria"][0], "name": "Close above EMA(200): with the trend"}]}


def every_alert(owner: str) -> Sequence[AlertEvent]:
    """Return an event of each text, and setups with each cause."""
    plain = [code for code in EVENT_TEXTS["en"] if not code.startswith("setup.")]
    return [*(_event(code, owner) for code in plain), *_setups(owner)]


def _event(code: str, owner: str) -> AlertEvent:
    kind, _, text_key = code.partition(".")
    names = {name for _, name, _, _ in Formatter().parse(EVENT_TEXTS["en"][code]) if name}
    values = {name: {**_VALUES, **_OTHERWISE.get(code, {})}[name] for name in names}
    return make_event(kind, text_key, f"key/{code}", values, TS, owner=owner)


def _setups(owner: str) -> Sequence[AlertEvent]:
    told = [
        Contribution(family, 0.5, 0.5, (SetupReading(family, 0.5, ts_known=TS - age),))
        for family, age in (("news", 3 * HOUR_MS), ("derivatives", 50 * HOUR_MS))
    ]
    states = [
        ("forming", "near"),
        ("confirmed", "decided"),
        *(("invalidated", cause) for cause in CAUSES["en"]),
    ]
    return [
        setup_event(
            StoredChange(
                1, f"{number:016x}", "main", False, "r1", "binance-perp", str(BODY["slot"]), "long", state, cause,
                TS, TS, TS, TS, {**_BODY, "state": state, "cause": cause}, "d" * 64,
            ),
            told, owner=owner, ts_market=TS + number * 300_000, now=TS, change_number=1,
        )
        for number, (state, cause) in enumerate(states)
    ]  # fmt: skip
