"""An account whose bars are pushed: the decisions of stored ones, and what its venue's history says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from tests import houses
from tests.unit.services.trading.material import BEGUN, FILE, planned
from tests.unit.services.trading.test_trading import go
from vigie.data.pushed_bars import PushedBars
from vigie.domain import codes
from vigie.domain.errors import StorageError, TransientError
from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS, iso
from vigie.engine.live import steps
from vigie.ports.feed import FeedBar
from vigie.ports.source import Bar, FirstPrice
from vigie.services.trading import trading
from vigie.services.trading.histories import Histories

BTC = SeriesId("binance-perp", "btc-usdt-perp", "1h")
TEXT = FILE.replace('instruments = ["BTC", "ETH", "SOL"]', 'instruments = ["BTC"]').split("[[slots]]")
# One slot that enters often.
TEXT = "[[slots]]".join(TEXT[:2]).replace(
    'strategy = "ema_cross"', 'strategy = "ema_cross"\nparams = { fast = 2, slow = 4 }'
)
UNTIL = BEGUN + 2 * DAY_MS


@dataclass
class Pushing:
    """Pushes each hour, final, a moment before our clock says that it has ended: nobody takes it from the store.

    Attributes
    ----------
    other : mapping of int to float
        By open time, what closes are pushed times this; the history says the stored one.
    confirms_late : bool
        Ten minutes after the end, else before it is decided on.
    """

    house: object
    clock: object
    other: Mapping[int, float] = field(default_factory=dict)
    confirms_late: bool = False
    confirmed: object = None

    def __post_init__(self):
        self.pushed, self.books = PushedBars(self.clock, says_final=True), {}

    async def run(self):
        bars = self.house.data.bars.read(BTC, start_ms=BEGUN - HOUR_MS, end_ms=UNTIL + 2 * HOUR_MS)
        rows = {
            ts: row
            for ts, *row in zip(bars["timestamp"].to_physical(), *bars[:, 1:6].iter_columns(), strict=True)
        }
        while True:
            ts = self.clock.market_now() // HOUR_MS * HOUR_MS
            o, h, low, c, v = rows[ts]
            while self.clock.market_now() < ts + HOUR_MS - MINUTE_MS:
                await self.clock.pause(0.05)
            factor = self.other.get(ts, 1.0)
            bar = Bar(
                BTC.venue, BTC.instrument, "1h", ts, o, h, low, c * factor, v, ts + HOUR_MS, is_final=True
            )
            after = FirstPrice(BTC.venue, BTC.instrument, "1h", ts + HOUR_MS, rows[ts + HOUR_MS][0])
            self.pushed.take([bar], [after])
            said = ("btc-usdt-perp/1h", ts, (o, h, low, c, v))
            if not self.confirms_late:
                self.confirmed(*said, is_history=True)
            while self.clock.market_now() < ts + HOUR_MS + self.confirms_late * 10 * MINUTE_MS:
                await self.clock.pause(0.05)
            if self.confirms_late:
                self.confirmed(*said, is_history=True)


def away(venue):
    """Of rules that its venue tells nothing here depends."""
    raise TransientError(f"{venue} is away")


def traded(folder, other=None, *, pushes=True, halves=False, confirms_late=False):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    house = houses.house(folder, clock=clock)
    house = replace(house, data=replace(house.data, feed=away))
    plan, said = planned(house, folder, text=TEXT), []

    def market(clock):
        return Pushing(house, clock, other or {}, confirms_late) if pushes else None

    run = go(house, plan, (BEGUN + UNTIL) // 2 if halves else UNTIL, said, market=market)
    if halves:
        go(house, plan, UNTIL, said, begun=(BEGUN + UNTIL) // 2, market=market)
    return house, plan, run


def steps_of(house, run):
    return [steps.read(one) for one in house.trades.steps(run.id)]


def entered(house, run):
    return [one.intent.ts_bar for one in house.trades.intents(run.id) if one.intent.leg == "entry"]


def decisions(house, run):
    return trading.folded(house, run).account.decision_hash


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    house, _, run = traded(tmp_path_factory.mktemp("plain"), pushes=False)
    assert len(entered(house, run)) > 3
    return decisions(house, run), entered(house, run)


def test_pushed_bars_decide_as_stored_ones_also_over_a_restart(tmp_path, plain):
    for halves in (False, True):
        folder = tmp_path / str(halves)
        folder.mkdir()
        house, _, run = traded(folder, halves=halves)
        assert decisions(house, run) == plain[0]
        volumes = [bar.volume for step in steps_of(house, run) for bar in getattr(step, "bars", ())]
        assert volumes
        assert (None in volumes) == halves, "only what had ended before the process came is the store's"


def test_a_bar_that_the_history_tells_otherwise_lets_nothing_enter_and_is_recorded(tmp_path, plain):
    # The bars of all entries' decisions, too little apart to decide otherwise.
    house, plan, run = traded(tmp_path, {ts - HOUR_MS: 1.0 + 1e-7 for ts in plain[1]})
    vetoes = [veto for step in steps_of(house, run) for veto in getattr(step, "vetoes", ())]
    assert {veto.code for veto in vetoes} == {codes.BAR_REVISED}
    assert not set(entered(house, run)) & set(plain[1])
    recorded = [one.text["bar"] for one in house.audit.after(0, kinds=["trade.bar_revised"])]
    assert set(recorded) >= {iso(plain[1][0] - HOUR_MS)}
    assert len(recorded) == len(set(recorded))
    # Who reads the log and the corrected store again sees what was decided on.
    again, last = Histories(house, plan, run), max(plain[1]) - HOUR_MS
    used = again.until(0, last)
    seen = {bar.ts: bar.close for step in steps_of(house, run) for bar in getattr(step, "bars", ())}
    assert [used.close[list(used.ts).index(ts)] for ts in seen if ts <= last] == [
        close for ts, close in seen.items() if ts <= last
    ]


def test_a_bar_that_is_corrected_after_its_entry_was_sent_is_recorded_and_trades_nothing(tmp_path, plain):
    late = {ts - HOUR_MS: 1.0 + 1e-7 for ts in plain[1]}
    house, _, run = traded(tmp_path, late, confirms_late=True)
    assert (decisions(house, run), entered(house, run)) == plain
    recorded = {one.text["bar"] for one in house.audit.after(0, kinds=["trade.bar_revised"])}
    assert recorded == {iso(ts) for ts in late}


def test_a_bar_that_is_stored_between_the_plan_and_the_first_pushed_bar_is_in_its_history(tmp_path):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    house = houses.house(tmp_path, clock=clock)
    plan = planned(house, tmp_path, text=TEXT)
    newest = house.data.bars.read(BTC, last=1)
    last = int(newest["timestamp"].to_physical()[0])
    # The run begins right after a bar has ended that is not stored yet.
    plan = replace(plan, begun=last + 2 * HOUR_MS)
    histories = Histories(house, plan)
    histories.prepare()
    house.data.bars.upsert(BTC, newest.with_columns(newest["timestamp"].dt.offset_by("1h")))
    o, h, low, c, v = (float(newest[name][0]) for name in ("open", "high", "low", "close", "volume"))
    histories.hear([FeedBar("btc-usdt-perp/1h", last + 2 * HOUR_MS, o, h, low, c, v, is_pushed=True)])
    used = histories.until(0, last + 2 * HOUR_MS)
    assert used.ts[-3:].tolist() == [last, last + HOUR_MS, last + 2 * HOUR_MS]
    assert not histories.is_revised(0)


def test_a_correction_whose_record_failed_is_recorded_once_when_it_is_told_again(tmp_path, monkeypatch):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    house = houses.house(tmp_path, clock=clock)
    plan = planned(house, tmp_path, text=TEXT)
    histories = Histories(house, plan, trading.begun_run(house, plan, "owner"))
    ts = BEGUN - HOUR_MS
    histories.until(0, ts)

    def differ():
        histories.confirm("btc-usdt-perp/1h", ts, (1.0, 1.0, 1.0, 1.0, 1.0), is_history=True)

    def full(*_, **__):
        raise StorageError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(type(house.audit), "append", full)
        with pytest.raises(StorageError):
            differ()
    assert histories.is_revised(0)
    differ()
    differ()
    assert [one.text["bar"] for one in house.audit.after(0, kinds=["trade.bar_revised"])] == [iso(ts)]
