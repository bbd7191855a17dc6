"""Every fault that a trader can meet at the simulated exchange, each alone over a day.

Whatever goes wrong: money adds up, no order is lost or doubled, no position stays without its stop, and the book or
the process's last words say what happened.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.clocks import QuickClock, busy
from tests.crash.day import LONG_S, PROTECTIONS, SPEED, Deed, live_through, slots
from tests.crash.invariants import assert_money_adds_up, assert_orders_are_whole, unprotected
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain import codes
from vigie.domain.errors import UsageError
from vigie.engine.live.fold import steps
from vigie_sandbox.exchange.faults import FAULT_KINDS

pytest.importorskip("ccxt")
pytestmark = pytest.mark.slow

# Bars: the first entry, its exit, the second entry, its exit, the third entry.
ENTRY, EXIT, SECOND, THIRD = 1, 4, 6, 10


def fault(kind: str, **more: Any) -> Deed:
    return lambda exchange: exchange.fault(kind, **more)


def do(what: str, **more: Any) -> Deed:
    return lambda exchange: exchange.do(what, **more)


def clear(exchange: Any) -> None:
    exchange.control("DELETE", "fault", {})


def nothing(_exchange: Any) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Case:
    """One fault.

    Attributes
    ----------
    deeds : dict of bar to deed
        What is done to the exchange.
    says : str
        What the book or a process's last words say of it; empty where nothing came of it.
    cure : callable
        What is done about it after a process ended for it.
    sent : int
        How many entries come to the venue.
    still : dict of bar to seconds
        How long the market stands still before a bar: time to look at what happened.
    is_listed : bool
        Whether the venue is asked what it lists.
    renamed : dict of instrument to name
        What processes are told of new names; a cure may add to it.
    speed : float
        Of the wall: slower where a deadline of seconds must not be missed.
    sees : bool
        Whether processes read tickers and the book, and judge entries by them.
    venue_says : str
        What the log says of an entry that was not filled, in the venue's words.
    """

    deeds: dict[int, Deed]
    says: str = ""
    cure: Deed = nothing
    sent: int = 3
    speed: float = SPEED
    age_s: float = LONG_S
    foreign: frozenset[str] = field(default_factory=frozenset)
    still: dict[int, float] = field(default_factory=dict)
    is_listed: bool = False
    renamed: MutableMapping[str, str] = field(default_factory=dict)
    sees: bool = False
    venue_says: str = ""


# What the exchange refuses to do from outside where the other fault of a day left nothing to do it to.
UNTOUCHED = ("no_position", "no_balance", "delisted", "halted", "only_closing", "bad_qty", "too_small")


def together(one: Case, other: Case, left_out: list[str]) -> Case:
    """Both faults in one day.

    Parameters
    ----------
    left_out : list of str
        Told of every deed that had nothing to be done to, because of the other fault.
    """

    def both(*deeds: Deed) -> Deed:
        return lambda exchange: [deed(exchange) for deed in deeds]

    def where_possible(deed: Deed) -> Deed:
        def tried(exchange: Any) -> None:
            try:
                deed(exchange)
            except UsageError as fault:
                if str(fault).partition(":")[0] not in UNTOUCHED:
                    raise
                left_out.append(str(fault))

        return tried

    bars = sorted(one.deeds.keys() | other.deeds.keys())
    deeds = {
        bar: both(*(where_possible(case.deeds[bar]) for case in (one, other) if bar in case.deeds))
        for bar in bars
    }
    return Case(
        deeds,
        cure=both(one.cure, other.cure),
        foreign=one.foreign | other.foreign,
        still=one.still | other.still,
        speed=min(one.speed, other.speed),
        # What waits for a later bar must be given up before it comes.
        age_s=min(one.age_s, other.age_s),
        is_listed=one.is_listed or other.is_listed,
        # What is told of new names is told while the day goes on.
        renamed=ChainMap(one.renamed, other.renamed),
        sees=one.sees or other.sees,
    )


def delisting() -> Case:
    """The venue says in the morning that the contract will be gone at noon: asked in time, nothing is held then."""
    deeds = {2: do("announce", in_ms=8 * 3_600_000), SECOND: do("delist")}
    return Case(deeds, "protection", sent=1, still={2: 60.0}, is_listed=True)


def renaming(told: dict[str, str]) -> Case:
    """A contract has a new name while a position is held; somebody who reads why trading ended tells of it."""

    def tell(exchange: Any) -> None:
        told[exchange.words.btc] = "XBTUSDT"

    deeds = {2: do("rename", to="XBTUSDT")}
    return Case(
        deeds, "perhaps the same under a new name; if it was", cure=tell, still={2: 40.0}, renamed=told
    )


def cut_once(exchange: Any) -> list[Any]:
    """Cut the answers to who begins next, and not to who comes after it."""
    happened = exchange.control("GET", "fault")["happened"].get("cut-json", 0)
    return [] if happened else [exchange.fault("cut-json", times=3)]


PLACE = {"path": "place-order"}
ALL = {"times": 12}
CASES: dict[str, Case] = {
    # The order or its answer.
    "lost": Case({ENTRY: fault("lost", seconds=0.2, **PLACE)}, "never reached the venue", sent=2),
    "reset-before": Case({ENTRY: fault("reset-before", **PLACE)}, "never reached the venue", sent=2),
    "reset-before an exit": Case({EXIT: fault("reset-before", **PLACE)}),
    "lost-answer": Case({ENTRY: fault("lost-answer", seconds=0.2, **PLACE)}),
    "lost-answer of an exit": Case({EXIT: fault("lost-answer", seconds=0.2, **PLACE)}),
    "late-answer": Case({ENTRY: fault("late-answer", seconds=0.3, **PLACE)}),
    "reset": Case({ENTRY: fault("reset", **PLACE)}),
    "slow": Case({0: fault("slow", seconds=0.04)}),
    "slow beyond every limit": Case({0: fault("slow", seconds=0.5, probability=0.1, seed=4)}),
    "server-error": Case({ENTRY: fault("server-error", status=502, **PLACE)}),
    "no-order-id": Case({ENTRY: fault("no-order-id", **PLACE)}),
    "unseen": Case({ENTRY: fault("unseen", **PLACE)}),
    "unseen and no answer": Case(
        {ENTRY: lambda exchange: [exchange.fault("unseen", **PLACE), exchange.fault("reset", **PLACE)]}
    ),
    "partial-fill": Case({ENTRY: fault("partial-fill", share=0.4, **PLACE)}),
    "partial-fill of an exit": Case({EXIT: fault("partial-fill", share=0.4, **PLACE)}),
    **{
        f"system-error {code}": Case({ENTRY: fault("system-error", code=code, **PLACE)})
        for code in ("40015", "40725", "40010", "45001")
    },
    # A definite no.
    "refused": Case(
        {ENTRY: fault("refused", **PLACE)}, "40762", sent=2,
        venue_says="Bitget 40762: ",
    ),
    "refused exit": Case({EXIT: fault("refused", **PLACE)}, "40762"),
    "stop-refused": Case({ENTRY: fault("stop-refused", **PLACE)}, "40917", sent=2),
    "levels-dropped": Case({ENTRY: fault("levels-dropped", **PLACE)}, speed=5.0),
    "level-refused": Case(
        {ENTRY: lambda exchange: [exchange.fault("levels-dropped", **PLACE), exchange.fault("level-refused")]},
        speed=5.0,
    ),
    # Everything that is asked.
    "rate-limit": Case({ENTRY: fault("rate-limit", **ALL)}),
    "ban": Case({ENTRY: fault("ban", seconds=20)}),
    "unavailable": Case({ENTRY: fault("unavailable", **ALL)}),
    "maintenance": Case({ENTRY: fault("maintenance", **ALL)}),
    "maintenance of orders": Case({ENTRY: fault("maintenance", times=1, **PLACE)}),
    **{
        f"{kind} {when}": Case({bar: fault(kind, **more)})
        for kind in ("html", "half-body", "cut-json", "null-data", "empty-body")
        for when, bar, more in (("as answers", ENTRY, ALL), ("for orders", EXIT, PLACE))
    },
    "cut-json as a process begins": Case(
        {2: do("key", code="40037")}, "Bitget HTTP 200",
        cure=lambda exchange: [exchange.do("key", code=""), *cut_once(exchange)],
    ),
    "clock-skew": Case({ENTRY: fault("clock-skew", skew_ms=60_000), EXIT: clear}),
    "stale-price": Case({ENTRY: fault("stale-price"), EXIT: clear}, "silent_stream", sent=2, sees=True),
    "price-spike": Case({ENTRY: fault("price-spike", share=1.5), EXIT: clear}, "price_jump", sent=2, sees=True),
    "price-spike within every limit": Case({ENTRY: fault("price-spike", share=1.001), EXIT: clear}, sees=True),
    "random": Case(
        {0: fault("random", probability=0.15, seed=8, kinds=["lost-answer", "server-error", "html", "rate-limit"])}
    ),
    # The stream, which is a hint.
    **{
        kind: Case({0: fault(kind, **more)})
        for kind, more in (
            ("silent-stream", {}), ("dead-stream", {}), ("cut-stream", {"times": 3}), ("lost-pushes", {"times": 50}),
            ("double-pushes", {}), ("late-pushes", {"seconds": 0.1}), ("shuffled-pushes", {"seconds": 0.1}),
            ("login-refused", {}),
        )
    },
    # From outside.
    "liquidate": Case({2: do("liquidate")}, "liquidation", sent=1),
    "adl": Case({2: do("adl")}, "outside", sent=1),
    "close": Case({2: do("close")}, "outside", sent=1),
    "halt": Case(
        {ENTRY: do("halt", symbol="BTCUSDT"), 3: do("resume", symbol="BTCUSDT")},
        "the signal is too old", sent=2, age_s=180.0, venue_says="; the venue took no order: Bitget ",
    ),
    "key": Case({2: do("key", code="40037")}, "40037", cure=do("key", code="")),
    "key of a unified account": Case({2: do("key", code="40085")}, "40085", cure=do("key", code="")),
    "announce": delisting(),
    "rename": renaming({}),
    "delist": Case({2: do("delist")}, "outside", sent=1),
    "limit_open": Case(
        {ENTRY: do("limit_open"), 3: do("resume")}, "the signal is too old", sent=2, age_s=180.0
    ),
    "foreign_order": Case(
        {2: do("foreign_order", size="0.01", price="40000", client_id="stranger")}, "trade.unexplained_order",
        foreign=frozenset({"stranger"}), still={2: 40.0},
    ),
    "deposit": Case({2: do("deposit", amount="512.25")}, "'came_in', 'money': '512.25'", still={1: 40.0, 2: 60.0}),
    "rights": Case({2: do("rights", authorities=["coor", "coow", "wwow"])}),
    "contract": Case({SECOND: do("contract", min_qty="0.01", max_leverage="50")}),
    "contract with other lots": Case({SECOND: do("contract", lot="0.7", min_qty="0.7")}, "40808", sent=1),
}  # fmt: skip
TOLD = ("trade.unexplained_order", "trade.unexplained_position", "trade.money", "trade.halted")
# What somebody else, or the venue by itself, trades on the account.
BY_OTHERS = {"close", "delist"}
# Kinds that are met while an account is set up, not while it trades: the contract of venues has them.
ELSEWHERE = {"leverage-refused", "mode-refused"}


def test_every_kind_of_fault_has_its_day():
    met = {name.split()[0] for name in CASES}
    assert set(FAULT_KINDS) - ELSEWHERE <= met


@pytest.mark.parametrize("name", CASES)
def test_a_day_with(sqlite_database, name):
    case = CASES[name]
    clock = QuickClock(case.speed, busy())
    book = SqlTradeBook(sqlite_database, clock)
    day = live_through(
        book, clock, name.replace(" ", "-"), case.deeds, case.cure, entry_age_s=case.age_s, still=case.still,
        is_listed=case.is_listed, renamed=case.renamed, sees=case.sees,
    )  # fmt: skip
    assert day.is_over, day.said
    assert not day.unprotected
    assert_orders_are_whole(book, day.run, day.there, case.foreign)
    account = assert_money_adds_up(book, day.run, day.there, slots(), PROTECTIONS)
    assert not [one for one in day.there["positions"] if float(one["qty"])]
    known = book.intents(day.run.id)
    sent = [one for one in known if one.intent.leg == "entry" and one.move.filled]
    told = [
        *(f"{one.kind} {one.text}" for one in SqlAuditLog(sqlite_database, clock).after(0, kinds=TOLD)),
        *day.said,
        *(one.move.reason for one in known),
        *(codes.CODES[reason] for reason in account.trades["reason"]),
        *(codes.CODES[veto.code] for veto in vetoes(book, day.run)),
    ]
    print(f"{name}: {day.happened}, {len(sent)} entries; {[word for word in told if word]}")
    # A fault that never happened proves nothing; those that stand are not counted.
    kind = FAULT_KINDS.get(name.split()[0])
    assert kind is None or kind.phase == "standing" or sum(day.happened.values()) > 0
    assert len(sent) == case.sent
    assert case.says in " ".join(told)
    strange = SqlAuditLog(sqlite_database, clock).after(0, kinds=["trade.foreign_fill"])
    strange = [one for one in strange if one.text["account"] == day.run.account]
    assert bool(strange) == (name.split()[0] in BY_OTHERS), "nothing of ours is called somebody else's"
    assert_said_by_the_venue(book, day.run, case.venue_says)


def assert_said_by_the_venue(book, run, words):
    """What the log says of an entry that came to nothing is what the venue said, as it is told of the order."""
    known, whys = book.intents(run.id), unfilled(book, run)
    assert whys or not words
    for why in whys:
        assert any(why in one.move.reason for one in known if not one.move.filled)
        assert words in why, "the venue's code and its sentence"


def unfilled(book, run):
    """What the log says of entries that came to nothing."""
    found = [steps.decode_step(one) for one in book.steps(run.id)]
    entries = [one for step in found if isinstance(step, steps.EntriesFilled) for one in step.entries]
    whys = [one.why for one in entries if not one.lots]
    assert all(whys)
    return whys


def vetoes(book, run):
    """What the gateway refused, as the log has it."""
    found = [steps.decode_step(one) for one in book.steps(run.id)]
    return [veto for step in found if isinstance(step, steps.EntriesVetted) for veto in step.vetoes]


def test_a_new_name_that_nobody_tells_is_never_taken_for_nothing_held(sqlite_database):
    clock = QuickClock(SPEED)
    book = SqlTradeBook(sqlite_database, clock)
    day = live_through(
        book, clock, "untold", {2: do("rename", to="XBTUSDT")}, nothing, entry_age_s=LONG_S, still={2: 40.0}
    )
    assert not day.is_over
    assert "perhaps the same under a new name; if it was" in day.said[0]
    (held,) = [one for one in day.there["positions"] if float(one["qty"])]
    assert not unprotected(day.there)
    assert float(held["qty"]) > 0
    known = book.intents(day.run.id)
    assert [(one.intent.leg, one.move.state) for one in known] == [("entry", "filled")]
