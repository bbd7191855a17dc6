"""The collector's loops: what is asked when, what is stored, who stops whom; time passes as the test says."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.clocks import START, AheadClock
from tests.unit.data.collection.fakes import Bench, Radio, Script, fact, quote
from vigie.data.collection.connector import Connector
from vigie.domain.errors import ConnectorError, DataError, StorageError, TransientError
from vigie.domain.fact import Observation
from vigie.domain.time import DAY_MS
from vigie.ports.source import Batch


def pulled(source: Script, every_s: float = 60.0, name: str = "coingecko/global") -> Connector:
    return Connector(name, every_s, source=source)


def test_source_is_asked_at_the_start_and_then_on_its_schedule():
    source = Script(Batch(bookmark="1"))
    bench = Bench(pulled(source))

    async def act() -> None:
        await bench.clock.advance(2)
        assert len(source.asked) == 1
        await bench.clock.advance(50)
        assert len(source.asked) == 1
        await bench.clock.advance(18)
        assert len(source.asked) == 2

    bench.run(act)


def test_history_in_pieces_is_fetched_one_piece_after_the_other_and_then_on_schedule():
    source = Script(
        Batch(observations=[fact(2.0, 9)], bookmark="new", has_more=True),
        Batch(observations=[fact(1.0, 5)], bookmark="old", has_more=True),
        Batch(observations=[fact(0.5, 1)], bookmark="done"),
    )
    bench = Bench(pulled(source, every_s=3_600.0))
    assert not bench.collector.has_stored_histories

    async def act() -> None:
        await bench.clock.advance(2)
        assert source.asked == [""]
        assert not bench.collector.has_stored_histories
        await bench.clock.advance(50)
        assert source.asked == ["", "new", "old"]
        assert bench.collector.has_stored_histories
        await bench.clock.advance(3_000)
        assert len(source.asked) == 3

    bench.run(act)
    assert [row.value for row in bench.facts.rows] == [2.0, 1.0, 0.5]
    again = Script(Batch(bookmark="done"))
    followed = Bench(pulled(again))
    followed.marks.kept["coingecko/global"] = "old"
    followed.run(lambda: followed.clock.advance(2))
    assert again.asked == ["old"], "whoever was killed goes on from the piece before"
    assert not followed.collector.has_stored_histories, "it fetched none itself"


def test_older_pieces_of_a_history_wait_while_others_need_the_memory():
    source = Script(
        Batch(observations=[fact(2.0, 9)], bookmark="new", has_more=True),
        Batch(observations=[fact(1.0, 5)], bookmark="done"),
    )
    usual = Script(Batch(bookmark="1"), Batch(bookmark="2"), Batch(bookmark="3"))
    bench = Bench(pulled(source), pulled(usual, every_s=60.0, name="bls/releases"))
    crowded = [True]
    bench.collector.is_crowded = lambda: crowded[0]

    async def act() -> None:
        await bench.clock.advance(2)
        assert source.asked == [""], "the newest piece is wanted at once"
        await bench.clock.advance(120)
        assert source.asked == [""]
        assert not bench.collector.has_stored_histories
        assert len(usual.asked) > 1, "what has no older pieces does not wait"
        crowded[0] = False
        await bench.clock.advance(30)
        assert source.asked[:2] == ["", "new"]

    bench.run(act)
    assert [row.value for row in bench.facts.rows] == [2.0, 1.0]


def test_bookmark_moves_only_after_the_data_is_safe():
    source = Script(Batch(observations=[fact(1.0)], bookmark="one"), Batch(bookmark="one"))
    bench = Bench(pulled(source))
    real, order = bench.facts.append, []

    def append(observations: Any) -> int:
        order.append(dict(bench.marks.kept))
        return real(observations)

    bench.facts.append = append  # type: ignore[method-assign]
    bench.run(lambda: bench.clock.advance(70))
    assert order == [{}]
    assert bench.marks.kept == {"coingecko/global": "one"}
    assert source.asked == ["", "one"]


def test_facts_that_cannot_be_stored_leave_the_bookmark_where_it_was():
    source = Script(Batch(observations=[fact(1.0)], bookmark="one"))
    bench = Bench(pulled(source))
    failures = [StorageError("no space"), StorageError("no space")]
    real = bench.facts.append

    def append(observations: Any) -> int:
        if failures:
            raise failures.pop(0)
        return real(observations)

    bench.facts.append = append  # type: ignore[method-assign]
    bench.run(lambda: bench.clock.advance(12))
    assert source.asked[:3] == ["", "", ""]
    assert len(bench.facts.rows) == 1
    assert bench.marks.kept == {"coingecko/global": "one"}


def test_one_bad_fact_is_left_out_and_said_once():
    source = Script(Batch(observations=[fact(1.0), fact(float("nan"), 5), fact(2.0, 9)]))
    bench = Bench(pulled(source))
    real = bench.facts.append

    def append(observations: Any) -> int:
        if any(one.value != one.value for one in observations):
            raise DataError("value must be finite")
        return real(observations)

    bench.facts.append = append  # type: ignore[method-assign]
    bench.run(lambda: bench.clock.advance(3))
    assert [row.value for row in bench.facts.rows] == [1.0, 2.0]
    assert bench.said == ["market/global/cap_usd is left out: value must be finite"]


def test_a_fact_of_a_time_to_come_is_left_out_and_the_others_are_stored():
    bench = Bench()
    now = bench.clock.market_now()
    late = Observation("sentiment/fear_greed_index", now + 400 * DAY_MS, now, 40.0)
    source = Script(Batch(observations=[fact(1.0), late, fact(2.0, 9)]), Batch(observations=[late]))
    bench = Bench(pulled(source), clock=bench.clock)
    bench.run(lambda: bench.clock.advance(30))
    assert [row.value for row in bench.facts.rows] == [1.0, 2.0]
    assert bench.said == [f"sentiment/fear_greed_index is left out: its time {late.ts_event} is to come"]


def test_a_quote_that_the_store_refuses_keeps_no_other_out():
    bench = Bench()
    real = bench.quotes.put

    def put(quotes: Any) -> int:
        given = list(quotes)
        if any(one.instrument == "bad-usdt-perp" for one in given):
            raise DataError("a number is too large")
        return real(given)

    bench.quotes.put = put  # type: ignore[method-assign]
    bench.collector.inbox.take_quotes([quote(1.0, 5), quote(2.0, 5, "bad-usdt-perp")])
    bench.run(lambda: bench.clock.advance(3))
    assert [one.instrument for one in bench.quotes.newest.values()] == ["btc-usdt-perp"]
    assert bench.said == ["a price of bitget-perp:bad-usdt-perp is left out: a number is too large"]


def test_failures_back_off_are_said_once_and_recovery_too():
    source = Script(*[TransientError("did not answer")] * 4, Batch(bookmark="1"))
    bench = Bench(pulled(source))
    bench.run(lambda: bench.clock.advance(60))
    assert len(source.asked) == 5
    assert bench.said == ["coingecko/global: did not answer", "coingecko/global works again"]


def test_pause_that_a_source_asks_for_is_kept():
    source = Script(TransientError("slow down", after_s=120.0), Batch())
    bench = Bench(pulled(source))

    async def act() -> None:
        await bench.clock.advance(119)
        assert len(source.asked) == 1
        await bench.clock.advance(5)
        assert len(source.asked) == 2

    bench.run(act)


def test_refusal_is_tried_again_much_later_only():
    source = Script(ConnectorError("answered 404"))
    bench = Bench(pulled(source))
    bench.run(lambda: bench.clock.advance(440))
    assert len(source.asked) == 1
    assert bench.quotes.states["coingecko/global"].state == "failing"
    assert bench.quotes.states["coingecko/global"].error == "answered 404"


def test_crash_of_one_connector_never_stops_the_others():
    broken = Script(ZeroDivisionError("a mistake of ours"), Batch())
    works = Script(Batch(bookmark="1"))
    bench = Bench(pulled(broken, name="bad/one"), pulled(works, 10.0, name="good/one"))

    async def act() -> None:
        await bench.clock.advance(100)
        assert len(works.asked) >= 9
        assert bench.quotes.states["bad/one"].state == "failing"
        assert "ZeroDivisionError" in bench.quotes.states["bad/one"].error
        await bench.clock.advance(900)
        assert len(broken.asked) > 1, "it is started again"

    bench.run(act)


def test_quotes_of_a_second_are_stored_in_one_transaction_the_newest_of_each():
    radio = Radio()
    bench = Bench(Connector("bitget/quotes", 10.0, stream=radio))

    async def act() -> None:
        for step in range(300):
            radio.say(Batch(quotes=[quote(step, step), quote(step, step, "eth-usdt-perp")]))
        await bench.clock.advance(1.5)

    bench.run(act)
    assert bench.quotes.n_puts == [2]
    assert {one.last for one in bench.quotes.newest.values()} == {299}


def test_late_quote_does_not_replace_a_newer_one():
    radio = Radio()
    bench = Bench(Connector("bitget/quotes", 10.0, stream=radio))

    async def act() -> None:
        radio.say(Batch(quotes=[quote(2.0, 5_000)]))
        radio.say(Batch(quotes=[quote(1.0, 4_000)]))
        await bench.clock.advance(1.5)

    bench.run(act)
    assert [one.last for one in bench.quotes.newest.values()] == [2.0]


def test_quotes_that_could_not_be_stored_are_stored_with_the_next_ones():
    radio = Radio()
    bench = Bench(Connector("bitget/quotes", 10.0, stream=radio))
    bench.quotes.broken = [StorageError("database is locked")]

    async def act() -> None:
        radio.say(Batch(quotes=[quote(1.0)]))
        await bench.clock.advance(1.2)
        assert bench.quotes.newest == {}
        await bench.clock.advance(1.0)

    bench.run(act)
    assert [one.last for one in bench.quotes.newest.values()] == [1.0]
    assert bench.said == ["the collector cannot store: database is locked"]


def speak(radio: Radio, bench: Bench, times: int, every_s: float) -> Any:
    async def go() -> None:
        for step in range(times):
            radio.say(Batch(quotes=[quote(step, step)]))
            await bench.clock.advance(every_s)

    return go()


def test_silent_stream_is_noticed_within_three_usual_gaps_and_polled_instead():
    radio, source = Radio(), Script(Batch(quotes=[quote(7.0, 10**9)]))
    bench = Bench(Connector("bitget/quotes", 10.0, source=source, stream=radio))

    async def act() -> None:
        await speak(radio, bench, 30, 4.0)
        assert bench.quotes.states["bitget/quotes"].mode == "stream"
        assert bench.quotes.states["bitget/quotes"].usual_gap_s == pytest.approx(4.0)
        assert source.asked == []
        await bench.clock.advance(7.9)
        assert source.asked == []
        await bench.clock.advance(0.3)
        assert len(source.asked) == 1
        assert radio.closed == 1, "the dead connection is not kept"
        await bench.clock.advance(2)
        state = bench.quotes.states["bitget/quotes"]
        assert (state.mode, state.state, state.errors) == ("poll", "live", 0)
        assert "no data from the stream for 12 s" in state.error

    bench.run(act)
    assert next(iter(bench.quotes.newest.values())).last == 7.0


def test_stream_that_speaks_again_ends_the_polling():
    radio, source = Radio(), Script(Batch(quotes=[quote(7.0)]))
    bench = Bench(Connector("bitget/quotes", 10.0, source=source, stream=radio))

    async def act() -> None:
        await speak(radio, bench, 20, 4.0)
        await bench.clock.advance(60)
        assert len(source.asked) >= 3
        await speak(radio, bench, 90, 1.0)
        asked = len(source.asked)
        await speak(radio, bench, 60, 1.0)
        assert len(source.asked) == asked
        assert bench.quotes.states["bitget/quotes"].mode == "stream"
        assert bench.quotes.states["bitget/quotes"].error == ""

    bench.run(act)
    assert bench.said == [
        "bitget/quotes: no data from the stream for 12 s",
        "bitget/quotes streams again",
    ]


def test_stream_that_only_greets_is_not_taken_for_one_that_speaks():
    radio, source = Radio(Batch(quotes=[quote(1.0)])), Script(Batch(quotes=[quote(7.0)]))
    bench = Bench(Connector("bitget/quotes", 10.0, source=source, stream=radio))

    async def act() -> None:
        await bench.clock.advance(600)
        assert bench.quotes.states["bitget/quotes"].mode == "poll"
        assert radio.opened > 5
        assert len(source.asked) >= 50, "polling goes on meanwhile"

    bench.run(act)
    assert bench.said == ["bitget/quotes: no data from the stream for 30 s"]


def test_market_that_stands_still_is_no_silence():
    radio, source = Radio(), Script(Batch())

    class Stopped(type(Bench().clock)):  # type: ignore[misc]
        def market_now(self) -> int:
            return START

    bench = Bench(Connector("bitget/quotes", 10.0, source=source, stream=radio), clock=Stopped())

    async def act() -> None:
        await speak(radio, bench, 20, 1.0)
        await bench.clock.advance(300)

    bench.run(act)
    assert source.asked == []
    assert radio.opened == 1


def test_cut_stream_is_opened_again_and_what_was_missed_is_fetched():
    radio, missed = Radio(), []
    bench = Bench(
        Connector("bitget/bars", 30.0, stream=radio, catch_up=lambda: missed.append(bench.clock.now))
    )

    async def act() -> None:
        await speak(radio, bench, 3, 1.0)
        assert len(missed) == 1, "at the start"
        radio.say(TransientError("connection reset"))
        await bench.clock.advance(5)
        assert radio.opened == 2
        assert len(missed) >= 2
        await speak(radio, bench, 3, 1.0)

    bench.run(act)
    assert bench.said == ["bitget/bars: connection reset", "bitget/bars streams again"]


def test_paused_connector_is_not_asked_until_it_may_again():
    source, radio = Script(Batch()), Radio()
    bench = Bench(pulled(source, 5.0), Connector("bitget/quotes", 10.0, stream=radio))

    async def act() -> None:
        await bench.clock.advance(3)
        bench.quotes.request("coingecko/global", "paused")
        bench.quotes.request("bitget", "paused")
        await bench.clock.advance(3)
        asked = len(source.asked)
        await bench.clock.advance(60)
        assert len(source.asked) == asked
        assert radio.closed == 1, "a whole source is paused by its name"
        assert {one.state for one in bench.quotes.states.values()} == {"paused"}
        bench.quotes.request("coingecko/global", "")
        await bench.clock.advance(3)
        assert len(source.asked) == asked + 1

    bench.run(act)


def test_connector_asked_now_is_asked_now_once():
    source = Script(Batch())
    bench = Bench(pulled(source, 3_600.0))

    async def act() -> None:
        await bench.clock.advance(10)
        bench.quotes.request("coingecko/global", "now")
        await bench.clock.advance(2.5)
        assert len(source.asked) == 2
        assert bench.quotes.wishes == {}
        await bench.clock.advance(30)
        assert len(source.asked) == 2

    bench.run(act)


def test_after_a_sleep_streams_are_opened_again_and_sources_asked_one_after_the_other():
    radio, sources = Radio(), [Script(Batch()) for _ in range(8)]
    bench = Bench(
        Connector("bitget/quotes", 10.0, stream=radio),
        *[pulled(source, 86_400.0, name=f"source/{number}") for number, source in enumerate(sources)],
    )

    async def act() -> None:
        await bench.clock.advance(5)
        assert all(len(source.asked) == 1 for source in sources)
        bench.clock.jump(8 * 3_600)
        await bench.clock.advance(1.2)
        assert radio.opened == 2
        at_once = sum(len(source.asked) - 1 for source in sources)
        assert at_once < len(sources)
        await bench.clock.advance(25)
        assert all(len(source.asked) == 2 for source in sources)

    bench.run(act)
    assert any("slept" in word for word in bench.said)


def test_sources_and_streams_go_on_where_a_clock_that_ran_ahead_is_put_right():
    radio, source, clock = Radio(), Script(Batch()), AheadClock()
    bench = Bench(Connector("bitget/quotes", 10.0, stream=radio), pulled(source, 60.0), clock=clock)

    async def act() -> None:
        await clock.advance(5)
        assert len(source.asked) == 1
        clock.ahead_ms = 0
        await clock.advance(1.2)
        assert radio.opened == 2
        await clock.advance(70)
        assert len(source.asked) >= 2

    bench.run(act)


def test_start_leaves_alone_what_a_former_run_fetched_a_moment_ago():
    source = Script(Batch())
    bench = Bench(pulled(source, 3_600.0))
    bench.run(lambda: bench.clock.advance(5))
    again = Bench(pulled(source, 3_600.0), clock=bench.clock)
    again.quotes = bench.quotes
    again.collector.quotes = bench.quotes
    again.run(lambda: again.clock.advance(60))
    assert len(source.asked) == 1
    assert again.quotes.states["coingecko/global"].ts_success is not None, "its age is shown"


def test_connector_that_is_off_says_why_and_is_never_asked():
    source = Script(Batch())
    bench = Bench(Connector("bitget/quotes", 10.0, source=source, off="needs the package ccxt"))
    bench.run(lambda: bench.clock.advance(60))
    state = bench.quotes.states["bitget/quotes"]
    assert (state.state, state.error, source.asked) == ("off", "needs the package ccxt", [])


def test_stop_stores_what_is_in_memory_and_closes_everything():
    radio, closed = Radio(), []
    bench = Bench(Connector("bitget/quotes", 10.0, stream=radio))

    async def close() -> None:
        closed.append(True)

    bench.collector.closers = (close,)

    async def act() -> None:
        radio.say(Batch(quotes=[quote(3.0)]))
        await bench.clock.advance(0.2)
        assert bench.quotes.newest == {}

    bench.run(act)
    assert [one.last for one in bench.quotes.newest.values()] == [3.0]
    assert closed == [True]
    assert radio.closed == 1


def test_documents_are_kept_under_their_source():
    source = Script(Batch(documents=[("markets", {"rows": [1]})]))
    bench = Bench(pulled(source))
    bench.run(lambda: bench.clock.advance(3))
    found = bench.facts.document("coingecko", "markets")
    assert found is not None
    assert found[1] == {"rows": [1]}


def test_on_a_full_disk_tables_are_the_first_that_is_not_kept_and_it_is_said_once():
    source = Script(Batch(observations=[fact(1.0)], documents=[("markets", {"rows": []})]))
    bench = Bench(pulled(source, 5.0))
    room = [False]
    bench.collector.inbox.has_room = lambda: room[0]

    async def act() -> None:
        await bench.clock.advance(20)
        assert bench.facts.document("coingecko", "markets") is None
        assert len(bench.facts.rows) == 1, "facts are kept"
        room[0] = True
        await bench.clock.advance(20)
        assert bench.facts.document("coingecko", "markets") is not None

    bench.run(act)
    assert [word.split(":")[0] for word in bench.said] == ["the disk is nearly full", "there is room again"]


def test_two_thousand_quotes_a_second_cost_one_transaction_a_second():
    radio = Radio()
    bench = Bench(Connector("bitget/quotes", 10.0, stream=radio))

    async def act() -> None:
        for second in range(3):
            for step in range(2_000):
                radio.say(Batch(quotes=[quote(step, second, f"a{step % 40}-usdt-perp")]))
            while not radio.words.empty():
                await asyncio.sleep(0)
            await bench.clock.advance(1)

    bench.run(act)
    assert bench.quotes.n_puts == [40, 40, 40]


def test_what_people_add_is_asked_at_once_and_what_they_take_away_is_forgotten():
    shipped, added = Script(Batch(bookmark="1")), Script(Batch(bookmark="1"))
    bench = Bench(pulled(shipped))
    turns: list[list[Connector] | None] = [[pulled(added, name="mine/feed")], None, []]
    bench.collector.added_connectors = lambda: turns.pop(0) if turns else None

    async def act() -> None:
        await bench.clock.advance(1)
        await bench.clock.advance(1)
        assert len(added.asked) == 1
        assert "mine/feed" in bench.quotes.states
        await bench.clock.advance(120)
        assert len(added.asked) == 1
        assert "mine/feed" not in bench.quotes.states
        assert len(shipped.asked) > 1

    bench.run(act)
