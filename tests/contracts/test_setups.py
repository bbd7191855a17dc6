"""What the store of setups promises, on both databases: each change once, with its audit record, or nothing of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from tests.unit.intelligence.setups.closes import SLOT, close, decided, forming
from vigie.adapters.stores.plain_json import plain_json
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.setups import CHANGED, SEALED, SqlSetups
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.order import TradeRun
from vigie.domain.setup import MARKET_TIME, SetupScope, SideLife, seal_of
from vigie.domain.time import DAY_MS
from vigie.intelligence.setups.life import advance
from vigie.ports.setup_counts import SetupEnds, SetupPlace
from vigie.ports.setups import FollowedCloses, SetupFilter
from vigie.services.setups.folding import change_record

MAIN = SetupScope("main")
LIVES = (SideLife("long"), SideLife("short"))


@pytest.fixture
def audit(database, clock):
    return SqlAuditLog(database, clock)


@pytest.fixture
def setups(database, clock, audit):
    book = SqlTradeBook(database, clock)
    for number, account in enumerate(("main", "second")):
        book.begin(
            TradeRun(f"r{number + 1}", account, "u1", "binance-perp", "paper", "f" * 64, Decimal(10_000), 1)
        )
    return SqlSetups(database, clock, audit)


def followed(closes, *, lives=LIVES, account="main", run="r1"):
    """Return what some closes make of a slot, as it is written."""
    changes, after = [], []
    for life in lives:
        for one in closes:
            life, change = advance(life, one)
            changes += [change_record(change)] if change else []
        after.append(life)
    changes.sort(key=lambda change: change["ts_known"])
    return FollowedCloses(SetupScope(account), run, str(SLOT), tuple(after), tuple(changes))


def test_an_empty_store_has_nothing(setups):
    assert setups.lives(MAIN) == {}
    assert setups.of("0" * 16, ["main"]) == setups.newest(SetupFilter(["main"])) == []
    assert setups.reached(MAIN) == ("", 0)


def test_lives_come_back_as_they_were(setups):
    written = followed([forming(0), close(1, long=0.3, short=0.9, forming="short", stop=110.0)])
    setups.record(written)
    assert setups.lives(MAIN) == {str(SLOT): list(written.lives)}
    assert setups.lives(SetupScope("main", is_replayed=True)) == {}


def test_a_change_comes_back_whole_with_its_digest(setups, clock):
    written = followed([forming(0), decided(1)])
    assert setups.record(written) == 2
    first, second = setups.of(written.changes[0]["setup"], ["main"])
    assert [first.state, second.state] == ["forming", "confirmed"]
    assert first.number < second.number
    assert (first.body, second.body) == tuple(written.changes)
    assert first.digest == hashlib.sha256(plain_json(written.changes[0]).encode()).hexdigest()
    assert first.ts_written == clock.wall_now()
    assert (first.account, first.is_replayed, first.run) == ("main", False, "r1")
    assert (first.venue, first.slot) == ("binance-perp", str(SLOT))


@pytest.mark.parametrize("ahead", [DAY_MS, -DAY_MS])
def test_a_change_of_a_simulated_market_is_sealed_with_that_markets_time(
    database, clock, audit, setups, ahead
):
    written = followed([forming(0), decided(1)])
    market = written.changes[-1]["ts_known"] + ahead
    hands = SimpleNamespace(market_now=lambda: market, wall_now=clock.wall_now)
    assert SqlSetups(database, hands, audit, is_simulated=True).record(written) == 2
    for change, plain in zip(setups.of(written.changes[0]["setup"], ["main"]), written.changes, strict=True):
        # A close that is known has come, also where the clock of this process is late.
        assert change.body == {**plain, MARKET_TIME: max(market, plain["ts_known"])}
        assert change.seal == seal_of(change.salt, change.seal_before, plain_json(change.body))
        assert change.ts_written == clock.wall_now()


def test_each_change_has_one_audit_record(setups, audit):
    written = followed([forming(0), decided(1)])
    setups.record(written)
    setups.record(written)
    events = audit.after(0, kinds=[CHANGED])
    assert [event.subject for event in events] == [change["setup"] for change in written.changes]
    of = {"account": "main", "is_replayed": False, "run": "r1"}
    assert [event.text for event in events] == [
        {**of, **json.loads(plain_json(change))} for change in written.changes
    ]


def test_a_known_change_is_not_written_again_and_new_ones_beside_it_are(setups):
    setups.record(followed([forming(0)]))
    whole = followed([forming(0), decided(1)])
    assert setups.record(whole) == 1
    assert setups.record(whole) == 0
    assert [change.state for change in setups.of(whole.changes[0]["setup"], ["main"])] == [
        "forming",
        "confirmed",
    ]


def test_the_same_setup_of_two_accounts_stands_twice(setups):
    closes = [forming(0)]
    assert setups.record(followed(closes)) == setups.record(followed(closes, account="second", run="r2")) == 1
    assert {change.account for change in setups.newest(SetupFilter(["main", "second"]))} == {"main", "second"}
    assert [change.account for change in setups.newest(SetupFilter(["second"]))] == ["second"]
    assert {change.account for change in setups.of(followed(closes).changes[0]["setup"], ["second"])} == {
        "second"
    }


def test_the_replayed_past_of_an_account_stands_apart(setups):
    first = followed([forming(0)])
    setups.record(replace(first, scope=SetupScope("main", is_replayed=True)))
    assert [one.is_replayed for one in setups.places(["main"])] == [True]
    assert setups.record(first) == 1
    assert sorted(one.is_replayed for one in setups.places(["main"])) == [False, True]
    assert setups.places(["other"]) == []
    assert sorted(change.is_replayed for change in setups.newest(SetupFilter(["main"]))) == [False, True]


def test_a_setup_ends_once(setups):
    ended = followed([decided(0, horizon=1.0), close(1)])
    setups.record(ended)
    other_end = {**ended.changes[-1], "state": "played_out", "cause": "stop"}
    assert setups.record(replace(ended, changes=(other_end,))) == 0
    assert [change.state for change in setups.of(other_end["setup"], ["main"])] == ["confirmed", "expired"]


def test_how_far_an_account_was_followed_is_remembered(setups):
    setups.reach(MAIN, "r1", 7)
    setups.reach(MAIN, "r1", 9)
    assert setups.reached(MAIN) == ("r1", 9)
    assert setups.reached(SetupScope("main", is_replayed=True)) == ("", 0)


def test_all_of_it_goes_with_the_account(setups, database, clock, audit):
    setups.record(followed([forming(0), decided(1)]))
    setups.reach(MAIN, "r1", 7)
    SqlTradeBook(database, clock).forget("u1")
    assert setups.newest(SetupFilter(["main"])) == []
    assert setups.lives(MAIN) == {}
    assert setups.reached(MAIN) == ("", 0)
    assert len(audit.after(0, kinds=[CHANGED])) == 2


def test_the_newest_change_of_each_setup_is_listed_by_state_and_page(setups):
    first = followed([decided(0, horizon=1.0), close(1)])
    setups.record(first)
    second = followed([forming(bar) for bar in range(2, 9)], lives=first.lives)
    setups.record(second)
    listed = setups.newest(SetupFilter(["main"]))
    assert [change.state for change in listed] == ["forming", "expired"]
    assert setups.newest(SetupFilter(["main"], states=["expired"])) == listed[1:]
    # What it was before is not what it is.
    assert setups.newest(SetupFilter(["main"], states=["confirmed"])) == []
    assert setups.newest(SetupFilter(["main"], sides=["short"])) == []
    assert setups.newest(SetupFilter(["main"], slots=[str(SLOT)])) == listed
    assert setups.newest(SetupFilter(["main"], slots=[])) == []
    assert setups.newest(SetupFilter(["main"], venue=listed[0].venue)) == listed
    assert setups.newest(SetupFilter(["main"], venue="elsewhere")) == []
    assert setups.newest(SetupFilter(["main"], is_replayed=True)) == []
    assert setups.places(["main"]) == [
        SetupPlace(one.number, "main", False, str(SLOT), "long", one.state, one.ts_known) for one in listed
    ]
    assert {one.state for one in listed} == {"expired", "forming"}
    assert setups.numbered_in([one.number for one in reversed(listed)]) == listed[::-1]
    assert setups.numbered_in([listed[0].number, 0]) == listed[:1]
    assert setups.numbered_in([]) == []
    assert setups.ends(SetupFilter(["main"])) == [SetupEnds(False, "horizon", 1)]
    assert setups.ends(SetupFilter(["main"], sides=["short"])) == []
    assert setups.slots(["main"]) == [str(SLOT)]
    assert setups.slots(["second"]) == []
    assert setups.newest(SetupFilter(["main"]), limit=1) == listed[:1]
    assert setups.newest(SetupFilter(["main"]), before=(listed[0].ts_known, listed[0].number)) == listed[1:]


def test_what_cannot_be_written_leaves_nothing_behind(setups, audit):
    written = followed([forming(0)])
    broken = {**written.changes[0], "setup": "f" * 16, "entry": float("nan")}
    with pytest.raises(Exception, match="plain JSON"):
        setups.record(replace(written, changes=(*written.changes, broken)))
    assert setups.lives(MAIN) == {}
    assert setups.of(written.changes[0]["setup"], ["main"]) == []
    assert audit.after(0, kinds=[CHANGED]) == []


def test_it_is_told_from_when_to_when_a_setup_was_confirmed(setups):
    setups.record(followed([forming(0), decided(1, horizon=2.0), close(2), close(3)]))
    near = [forming(bar, forming="short", short=0.9, long=0.1) for bar in range(10, 13)]
    setups.record(followed(near, account="second", run="r2"))
    (span,) = setups.confirmed(MAIN)
    assert (span.slot, span.side) == (str(SLOT), "long")
    assert span.ts_ended - span.ts_bar == 2 * 3_600_000
    assert setups.confirmed(SetupScope("second")) == []
    assert setups.confirmed(SetupScope("main", is_replayed=True)) == []


def test_each_change_is_sealed_in_the_chain_and_with_all_before_it(setups, audit):
    written = followed([forming(0), decided(1, horizon=1.0), close(2)])
    setups.record(written)
    setups.record(followed([forming(0)], account="second", run="r2"))
    changes = setups.changes(MAIN)
    assert [change.body for change in changes] == list(written.changes)
    before = ""
    for change in changes:
        assert len(change.salt) == 32
        assert change.seal_before == before
        assert change.seal == seal_of(change.salt, before, plain_json(change.body))
        (event,) = audit.after(change.sealed_at - 1, limit=1)
        assert (event.kind, event.subject, event.text) == (SEALED, change.seal, {})
        before = change.seal
    assert len({change.salt for change in changes}) == 3
    # The same change of another account has a seal of its own, and begins a row of its own.
    (other,) = setups.changes(SetupScope("second"))
    assert other.body == changes[0].body
    assert (other.seal_before, other.seal == changes[0].seal) == ("", False)
    assert setups.numbered(other.number) == other
    assert setups.numbered(other.number + 1) is None
    assert setups.after(changes[0].number, limit=2) == list(changes[1:3])
