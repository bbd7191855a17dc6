"""An account's own gathering: history without holes, bars once they are final, quotes and settled rates."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.clocks import StandingClock
from vigie.data.collection.inbox import Inbox
from vigie.data.live_feed_venue import PollIntervals, VenueMarket, VenueParts
from vigie.domain.errors import ConnectorError, TransientError, UsageError
from vigie.domain.fact import Observation
from vigie.domain.ids import SeriesId
from vigie.domain.quote import OrderBook, Quote
from vigie.domain.time import HOUR_MS
from vigie.ports.source import Bar, Batch
from vigie.wiring.data import open_data

VENUE, BTC = "bitget-perp", "btc-usdt-perp"
HOURLY = SeriesId(VENUE, BTC, "1h")
DAWN = 1_760_000_400_000 // HOUR_MS * HOUR_MS
# Ten seconds before the bar ends.
BEGUN = DAWN + HOUR_MS - 10_000
BOOK = OrderBook(((99.0, 3.0),), ((101.0, 4.0),))


class History:
    """Serves every hour that has ended by the clock, but for those it holds back; fails as often as it is told to."""

    venue, depth_bars = VENUE, None

    def __init__(self, clock: StandingClock) -> None:
        self.clock, self.pages, self.fails, self.written_until = clock, 0, 0, 2**60
        self.silent: dict[str, Exception | None] = {}

    def page_bars(self, timeframe: str) -> int:
        return 1_000

    def listed_ms(self, instrument: str) -> int | None:
        return None

    def page(self, instrument: str, timeframe: str, start_ms: int, end_ms: int):
        self.pages += 1
        if self.fails:
            self.fails -= 1
            raise TransientError("the venue is busy")
        if instrument in self.silent:
            if (why := self.silent[instrument]) is not None:
                raise why
            return []
        end = min(end_ms, self.clock.now // HOUR_MS * HOUR_MS, self.written_until)
        return [(ts, 100.0, 101.0, 99.0, 100.5, 1.0) for ts in range(start_ms, end, HOUR_MS)]


class Speaking:
    """A stream of quotes that a test speaks on, and the same asked for."""

    def __init__(self, clock: StandingClock) -> None:
        self.clock, self.said, self.opened, self.cut = clock, asyncio.Queue(), 0, False

    def say(self, last: float) -> None:
        self.said.put_nowait(Batch(quotes=[Quote(VENUE, BTC, self.clock.now, self.clock.now, last)]))

    async def listen(self):
        self.opened += 1
        while True:
            batch = await self.said.get()
            if batch is None:
                raise TransientError("the connection was closed")
            yield batch


class Asked:
    """Answers with what it is given, and remembers what it was asked."""

    def __init__(self, *batches: Batch) -> None:
        self.batches, self.bookmarks = list(batches), []

    async def pull(self, bookmark: str) -> Batch:
        self.bookmarks.append(bookmark)
        return self.batches.pop(0) if self.batches else Batch(bookmark=bookmark)


class Kept:
    """Stores of quotes and facts in memory."""

    def __init__(self) -> None:
        self.quotes: list[Quote] = []
        self.facts: list[Observation] = []

    def put(self, quotes) -> int:
        self.quotes += quotes
        return len(self.quotes)

    def append(self, observations: Sequence[Observation]) -> int:
        self.facts += observations
        return len(observations)


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def alone() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        await asyncio.wait_for(story(), 30)

    asyncio.run(alone())


class Scene:
    def __init__(self, folder, *, funding: Asked | None = None, pushes: bool = False) -> None:
        self.clock = StandingClock(BEGUN)
        self.desk = open_data(folder, clock=self.clock)
        self.history, self.kept, self.said = History(self.clock), Kept(), []
        self.stream, self.tickers, self.funding = Speaking(self.clock), Asked(), funding or Asked()
        self.bars, self.confirmed = Speaking(self.clock), []
        stream = self.bars if pushes else None
        parts = VenueParts(
            self.history, self.stream, self.tickers, self.funding, self.book, stream, says_final=True
        )
        self.market = VenueMarket(
            (HOURLY,),
            parts,
            self.desk,
            Inbox(self.kept, self.kept, self.clock),
            self.clock,
            self.said.append,
            PollIntervals(),
            on_bar=lambda *told, is_history: self.confirmed.append(told),
        )

    async def book(self, instrument: str) -> OrderBook:
        return BOOK

    def stored(self) -> list[int]:
        return self.desk.bars.read(HOURLY)["timestamp"].to_physical().to_list()

    def live(self, story) -> None:
        async def lived():
            gathering = asyncio.ensure_future(self.market.run())
            try:
                await story()
            finally:
                gathering.cancel()
                await asyncio.gather(gathering, return_exceptions=True)

        run(lived)


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path)


def test_a_history_that_is_new_here_is_filled_up_to_the_last_final_bar(scene):
    run(scene.market.fill)
    assert scene.stored() == list(range(DAWN - 1_500 * HOUR_MS, DAWN, HOUR_MS))[1:]


def test_a_venue_that_is_busy_is_asked_again_and_one_that_stays_so_is_said(scene):
    scene.history.fails = 2

    async def filled():
        filling = asyncio.ensure_future(scene.market.fill())
        await scene.clock.advance(10)
        return await filling

    run(filled)
    assert scene.history.pages == 4  # two that failed, then two pages
    scene.history.fails = 10**6
    scene.clock.now += HOUR_MS

    async def given_up():
        filling = asyncio.ensure_future(scene.market.fill())
        await scene.clock.advance(60)
        await filling

    with pytest.raises(TransientError, match="busy"):
        run(given_up)


@pytest.mark.parametrize(
    "why", [None, ConnectorError("40309: the contract has been removed")], ids=["halted", "gone"]
)
def test_a_contract_that_fell_silent_keeps_no_other_from_being_traded_after_a_restart(scene, why):
    hourly = replace(HOURLY, instrument="eth-usdt-perp")

    async def filled():
        filling = asyncio.ensure_future(scene.market.fill())
        await scene.clock.advance(30)
        await filling

    scene.market.series = (HOURLY, hourly)
    scene.history.silent = {hourly.instrument: why}
    with pytest.raises((TransientError, ConnectorError), match=r"newest bar|removed"):
        run(filled)  # nothing of it was ever stored here
    scene.history.silent = {}
    run(filled)
    scene.clock.now += 2 * HOUR_MS
    scene.history.silent = {hourly.instrument: why}
    run(filled)
    assert scene.stored()[-1] == scene.clock.now // HOUR_MS * HOUR_MS - HOUR_MS
    assert [
        line for line in scene.said if "eth-usdt-perp" in line and "the others are traded meanwhile" in line
    ]
    scene.history.silent = {BTC: why, hourly.instrument: why}
    scene.clock.now += HOUR_MS
    with pytest.raises((TransientError, ConnectorError), match=r"newest bar|removed"):
        run(filled)  # of the whole venue there is nothing


def test_a_bar_is_fetched_when_it_is_final_and_not_asked_for_before(scene):
    run(scene.market.fill)

    async def story():
        before = scene.history.pages
        await scene.clock.advance(10 + 1.5)
        assert scene.history.pages == before
        await scene.clock.advance(1)
        assert scene.stored()[-1] == DAWN

    scene.live(story)


def test_a_bar_that_the_venue_writes_late_is_asked_for_until_it_is_there(scene):
    run(scene.market.fill)
    scene.history.written_until = DAWN

    async def story():
        await scene.clock.advance(10 + 8)
        assert scene.stored()[-1] == DAWN - HOUR_MS
        scene.history.written_until = 2**60
        await scene.clock.advance(3)
        assert scene.stored()[-1] == DAWN

    scene.live(story)
    assert [line for line in scene.said if "has not published" in line]
    assert len(scene.said) == 2
    assert scene.said[-1].endswith("works again")


def test_quotes_of_the_stream_are_kept_and_a_stream_that_is_cut_is_opened_again(scene):
    async def story():
        scene.stream.say(101.0)
        await scene.clock.advance(1)
        scene.stream.said.put_nowait(None)
        await scene.clock.advance(3)
        scene.stream.say(102.0)
        await scene.clock.advance(1)

    scene.live(story)
    assert [one.last for one in scene.kept.quotes] == [101.0, 102.0]
    assert scene.stream.opened == 2
    assert scene.market.books == {BTC: BOOK}


def test_a_stream_whose_bids_are_above_its_asks_is_opened_again_at_once(scene):
    async def story():
        await scene.clock.advance(1)
        scene.stream.say(101.0)
        await scene.clock.advance(1)
        crossed = Quote(VENUE, BTC, scene.clock.now, scene.clock.now, 101.5, bid=101.6, ask=101.4)
        scene.stream.said.put_nowait(Batch(quotes=[crossed]))
        await scene.clock.advance(3)
        scene.stream.say(102.0)
        await scene.clock.advance(1)

    scene.live(story)
    assert [one.last for one in scene.kept.quotes] == [101.0, 102.0]
    assert scene.stream.opened == 2
    assert any("its bids are above its asks" in line for line in scene.said)


def test_the_last_book_stands_while_it_is_asked_for_again_and_is_gone_once_that_fails(scene):
    answered = asyncio.Event()

    async def book(instrument):
        await answered.wait()
        raise TransientError("busy")

    async def story():
        await scene.clock.advance(1)
        scene.market.parts = replace(scene.market.parts, book=book)
        await scene.clock.advance(scene.market.intervals.books_s + 1)
        seen.append(dict(scene.market.books))
        answered.set()
        await scene.clock.advance(1)
        seen.append(dict(scene.market.books))

    seen = []
    scene.live(story)
    assert seen == [{BTC: BOOK}, {}]


def test_a_stream_that_ends_or_says_nothing_is_opened_again(scene):
    scene.market.intervals = PollIntervals(silent_s=0.01)

    async def story():
        while not scene.said:  # how long a stream is silent is the loop's own time
            await asyncio.sleep(0)
        await scene.clock.advance(3)

    scene.live(story)
    assert scene.stream.opened >= 2
    assert "quotes: the stream has sent nothing for 0.01 s; it is tried again" in scene.said


def test_settled_rates_are_asked_for_again_where_the_clock_was_set_back_since(tmp_path):
    scene = Scene(tmp_path)
    run(scene.market._poll_funding)
    scene.clock.now -= 1_000
    run(scene.market._poll_funding)
    assert len(scene.funding.bookmarks) == 2


def test_settled_rates_are_asked_for_at_once_and_at_each_full_hour_from_where_they_were_left(tmp_path):
    name = f"derivatives/{VENUE}:{BTC}/funding_fraction"
    first = Batch(observations=[Observation(name, DAWN, DAWN, 0.0001)], bookmark=str(DAWN))
    scene = Scene(tmp_path, funding=Asked(first))
    run(scene.market.fill)

    async def story():
        await scene.clock.advance(1)
        assert scene.funding.bookmarks == [""]
        await scene.clock.advance(11)
        assert scene.funding.bookmarks == ["", str(DAWN)]
        scene.clock.jump(60)
        await scene.clock.advance(1)

    scene.live(story)
    assert [one.value for one in scene.kept.facts] == [0.0001]
    assert scene.funding.bookmarks == ["", str(DAWN), str(DAWN)]


# Pushed bars --------------------------------------------------------------------------------------------------------

PUSHED = Bar(VENUE, BTC, "1h", DAWN, 100.0, 101.0, 99.0, 100.5, 1.0, DAWN + HOUR_MS, is_final=True)
NAME, NUMBERS = BTC + "/1h", (100.0, 101.0, 99.0, 100.5, 1.0)


def after_the_end(folder, story, *, batch=PUSHED, prepare=lambda scene: None):
    """Live from ten seconds before a bar's end on; it is pushed at its end."""
    scene = Scene(folder, pushes=True)
    run(scene.market.fill)
    scene.confirmed.clear()
    prepare(scene)

    async def told():
        await scene.clock.advance(10)
        scene.bars.said.put_nowait(Batch(bars=[batch]))
        await story(scene)

    scene.live(told)
    return scene


def test_a_bar_that_is_pushed_as_final_is_confirmed_at_once_and_stored_when_its_margin_is_over(tmp_path):
    async def story(scene):
        await scene.clock.advance(0.1)
        assert scene.market.pushed.ended_bar(HOURLY, DAWN + HOUR_MS) == PUSHED
        assert scene.confirmed == [(NAME, DAWN, NUMBERS)] * 2, "as pushed, and as the history says"
        assert scene.stored()[-1] == DAWN - HOUR_MS
        await scene.clock.advance(1.9)
        assert scene.stored()[-1] == DAWN
        assert scene.confirmed == [(NAME, DAWN, NUMBERS)] * 3

    after_the_end(tmp_path, story)


def test_a_history_that_is_late_or_busy_is_asked_again_and_holds_up_nothing(tmp_path):
    def late(scene):
        scene.history.written_until = DAWN

    async def story(scene):
        pages = scene.history.pages
        await scene.clock.advance(0.1)
        assert scene.market.pushed.ended_bar(HOURLY, DAWN + HOUR_MS) == PUSHED
        assert scene.confirmed == [(NAME, DAWN, NUMBERS)]
        await scene.clock.advance(1.0)
        assert scene.history.pages >= pages + 3
        scene.history.fails = 1
        await scene.clock.advance(0.5)
        scene.history.written_until = 2**60
        await scene.clock.advance(3.0)
        assert scene.confirmed == [(NAME, DAWN, NUMBERS)] * 2

    after_the_end(tmp_path, story, prepare=late)


def test_a_bar_that_is_pushed_once_more_is_told_once_more(tmp_path):
    async def story(scene):
        await scene.clock.advance(0.1)
        scene.confirmed.clear()
        scene.bars.said.put_nowait(Batch(bars=[replace(PUSHED, close=100.75)]))
        await scene.clock.advance(0.1)
        assert (NAME, DAWN, (*NUMBERS[:3], 100.75, 1.0)) in scene.confirmed

    after_the_end(tmp_path, story)


def test_a_bar_of_a_series_that_nobody_trades_is_not_asked_for(tmp_path):
    async def story(scene):
        pages = scene.history.pages
        await scene.clock.advance(0.1)
        assert (scene.history.pages, scene.confirmed) == (pages, [])

    after_the_end(tmp_path, story, batch=replace(PUSHED, timeframe="4h"))


def test_a_cut_stream_of_bars_is_opened_again_and_bars_are_fetched_meanwhile(tmp_path):
    async def story(scene):
        scene.bars.said.put_nowait(None)
        await scene.clock.advance(2.5)
        assert scene.bars.opened == 2
        assert scene.market.pushed.ended_bar(HOURLY, DAWN + HOUR_MS) is None
        assert scene.stored()[-1] == DAWN
        scene.bars.said.put_nowait(Batch(bars=[PUSHED]))
        await scene.clock.advance(0.5)
        assert scene.market.pushed.ended_bar(HOURLY, DAWN + HOUR_MS) == PUSHED

    scene = after_the_end(tmp_path, story, batch=replace(PUSHED, is_final=False))
    assert [line for line in scene.said if line.startswith("bars: ")] == [
        "bars: the connection was closed; it is tried again", "bars: works again",
    ]  # fmt: skip


HALF = (DAWN, 100.0, 100.75, 99.5, 100.25, 0.5)


def test_a_history_without_the_last_trades_of_a_bar_is_asked_again_and_no_correction(tmp_path):
    whole = []

    def half(scene):
        page = scene.history.page
        scene.history.page = lambda *asked: page(*asked) if whole else [page(*asked) and HALF]

    async def story(scene):
        pages = scene.history.pages
        await scene.clock.advance(0.1)
        assert scene.history.pages > pages
        assert scene.confirmed == [(NAME, DAWN, NUMBERS)], "as pushed; half a bar says nothing"
        whole.append(True)
        await scene.clock.advance(0.5)
        assert scene.confirmed == [(NAME, DAWN, NUMBERS)] * 2

    after_the_end(tmp_path, story, prepare=half)


@pytest.mark.parametrize(("row", "after_s"), [((DAWN, *NUMBERS[:3], 100.75, 1.0), 0.1), (HALF, 2.0)])
def test_what_the_history_says_otherwise_is_told_at_once_and_less_of_it_after_the_margin(
    tmp_path, row, after_s
):
    def other(scene):
        scene.history.page = lambda *asked: [row]

    async def story(scene):
        await scene.clock.advance(after_s - 0.05)
        told = (NAME, *row[:1], row[1:])
        if row is HALF:
            assert told not in scene.confirmed
        await scene.clock.advance(0.1)
        assert told in scene.confirmed

    after_the_end(tmp_path, story, prepare=other)


def test_what_is_gathered_beside_is_dropped_where_the_venue_lacks_it_and_asked_again_where_it_is_busy(scene):
    ether, gone = (replace(HOURLY, instrument=f"{coin}-usdt-perp") for coin in ("eth", "gone"))
    scene.market.beside = (ether, gone)
    scene.history.silent = {
        ether.instrument: None, gone.instrument: ConnectorError("40309: the contract has been removed"),
    }  # fmt: skip
    run(scene.market.fill)
    assert list(scene.market.beside) == [ether]
    first, second = scene.said
    assert "eth-usdt-perp" in first
    assert "it is tried again" in first
    assert "removed; the account goes on without it" in second
    scene.history.silent = {}

    async def story():
        await scene.clock.advance(3)

    scene.live(story)
    (newest,) = scene.desk.bars.read(ether, last=1)["timestamp"].to_physical()
    assert newest == scene.stored()[-1]
    assert len(scene.desk.bars.read(gone)) == 0


def test_what_is_gathered_beside_is_fetched_after_what_is_traded(scene, monkeypatch):
    ether, asked = replace(HOURLY, instrument="eth-usdt-perp"), []
    page = scene.history.page

    def noting(instrument, *span):
        asked.append(instrument)
        return page(instrument, *span)

    scene.market.beside = (ether,)
    monkeypatch.setattr(scene.history, "page", noting)
    run(scene.market.fill)
    assert list(dict.fromkeys(asked)) == [BTC, ether.instrument]


def test_what_is_gathered_beside_and_leaves_the_venue_ends_nothing_else(scene):
    ether = replace(HOURLY, instrument="eth-usdt-perp")
    scene.market.beside = (ether,)
    scene.history.silent = {ether.instrument: TransientError("the venue is busy")}
    run(scene.market.fill)
    scene.history.silent = {ether.instrument: UsageError("the venue has no eth-usdt-perp")}
    before = len(scene.said)

    async def story():
        gathering = asyncio.ensure_future(scene.market.run())
        await scene.clock.advance(20)
        assert not gathering.done()
        gathering.cancel()
        await asyncio.gather(gathering, return_exceptions=True)

    run(story)
    assert scene.said[before:] == [
        "bitget-perp:eth-usdt-perp/1h: the venue has no eth-usdt-perp; the account goes on without it"
    ]
    assert scene.stored()[-1] == DAWN
