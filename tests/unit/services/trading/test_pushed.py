"""An account whose bars are pushed: the decisions of stored ones, and what its venue's history says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest

from tests import houses
from tests.unit.services.trading.material import BEGUN, FILE, planned
from tests.unit.services.trading.test_trading import go
from vigie.data.pushed_bars import PushedBars
from vigie.domain import codes
from vigie.domain.errors import StorageError, TransientError, UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS, iso
from vigie.engine.live.fold import steps
from vigie.engine.live.fold.evaluation import SlotEvaluation
from vigie.ports.feed import FeedBar
from vigie.ports.source import Bar, FirstPrice
from vigie.services.needs import bound
from vigie.services.runs.run_gap import gap_record
from vigie.services.trading.journal import comparing
from vigie.services.trading.process import trading
from vigie.services.trading.process.decided_histories import DecidedHistories

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
    thinner : float
        Pushed volumes are those of the history times this.
    series : SeriesId
        Whose bars.
    """

    house: object
    clock: object
    other: Mapping[int, float] = field(default_factory=dict)
    confirms_late: bool = False
    on_bar: object = None
    thinner: float = 1.0
    series: SeriesId = BTC

    def __post_init__(self):
        self.pushed, self.books = PushedBars(self.clock, says_final=True), {}

    async def run(self):
        bars = self.house.data.bars.read(self.series, start_ms=BEGUN - HOUR_MS)
        rows = {
            ts: row
            for ts, *row in zip(bars["timestamp"].to_physical(), *bars[:, 1:6].iter_columns(), strict=True)
        }
        venue, instrument = self.series.venue, self.series.instrument
        while True:
            ts = self.clock.market_now() // HOUR_MS * HOUR_MS
            o, h, low, c, v = rows[ts]
            while self.clock.market_now() < ts + HOUR_MS - MINUTE_MS:
                await self.clock.pause(0.05)
            factor = self.other.get(ts, 1.0)
            bar = Bar(
                venue, instrument, "1h", ts, o, h, low, c * factor, v * self.thinner, ts + HOUR_MS,
                is_final=True,
            )  # fmt: skip
            after = FirstPrice(venue, instrument, "1h", ts + HOUR_MS, rows[ts + HOUR_MS][0])
            self.pushed.take([bar], [after])
            said = (f"{instrument}/1h", ts, (o, h, low, c, v))
            if not self.confirms_late:
                self.on_bar(*said, is_history=True)
            while self.clock.market_now() < ts + HOUR_MS + self.confirms_late * 10 * MINUTE_MS:
                await self.clock.pause(0.05)
            if self.confirms_late:
                self.on_bar(*said, is_history=True)


def away(venue):
    """Of rules that its venue tells nothing here depends."""
    raise TransientError(f"{venue} is away")


def traded(folder, other=None, *, pushes=True, halves=False, confirms_late=False, thinner=1.0):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    house = houses.house(folder, clock=clock)
    house = replace(house, data=replace(house.data, feed=away))
    plan, said = planned(house, folder, text=TEXT), []

    def market(clock):
        return Pushing(house, clock, other or {}, confirms_late, thinner=thinner) if pushes else None

    run = go(house, plan, (BEGUN + UNTIL) // 2 if halves else UNTIL, said, market=market)
    if halves:
        go(house, plan, UNTIL, said, begun=(BEGUN + UNTIL) // 2, market=market)
    return house, plan, run


def steps_of(house, run):
    return [steps.decode_step(one) for one in house.trades.steps(run.id)]


def entered(house, run):
    return [one.intent.ts_bar for one in house.trades.intents(run.id) if one.intent.leg == "entry"]


def decisions(house, run):
    return trading.load_event_log(house.results, house.trades, run).account.decision_hash


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
        assert None not in volumes, (
            "also of what had ended before the process came, and is read from the store"
        )


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
    again, last = bound(house, DecidedHistories)(plan, run), max(plain[1]) - HOUR_MS
    used = again.bars_until(0, last)
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
    histories = bound(house, DecidedHistories)(plan)
    histories.prepare()
    house.data.bars.upsert(BTC, newest.with_columns(newest["timestamp"].dt.offset_by("1h")))
    o, h, low, c, v = (float(newest[name][0]) for name in ("open", "high", "low", "close", "volume"))
    histories.take_bars([FeedBar("btc-usdt-perp/1h", last + 2 * HOUR_MS, o, h, low, c, v, is_pushed=True)])
    used = histories.bars_until(0, last + 2 * HOUR_MS)
    assert used.ts[-3:].tolist() == [last, last + HOUR_MS, last + 2 * HOUR_MS]
    assert not histories.is_revised(0)


def test_a_correction_whose_record_failed_is_recorded_once_when_it_is_told_again(tmp_path, monkeypatch):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    house = houses.house(tmp_path, clock=clock)
    plan = planned(house, tmp_path, text=TEXT)
    histories = bound(house, DecidedHistories)(plan, bound(house, trading.begin_run)(plan, "owner"))
    ts = BEGUN - HOUR_MS
    histories.bars_until(0, ts)

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


def test_a_venue_whose_history_tells_more_volume_is_traded_where_no_decision_hangs_on_it(tmp_path, plain):
    for late in (False, True):
        folder = tmp_path / str(late)
        folder.mkdir()
        house, _, run = traded(folder, thinner=0.97, confirms_late=late)
        assert (decisions(house, run), entered(house, run)) == plain
        assert house.audit.after(0, kinds=["trade.bar_revised"]) == []
        told = house.audit.after(0, kinds=["trade.other_volume"])
        assert [one.text for one in told] == [{"series": str(BTC)}], "once, and not at every bar"


def test_an_entry_that_the_volume_of_the_history_decides_otherwise_is_refused(tmp_path):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    house = houses.house(tmp_path, clock=clock)
    plan = planned(house, tmp_path, text=TEXT)
    histories, ts, asked = (
        bound(house, DecidedHistories)(plan, bound(house, trading.begin_run)(plan, "owner")),
        BEGUN - HOUR_MS,
        [],
    )
    used = histories.bars_until(0, ts)
    last = [float(getattr(used, name)[-1]) for name in ("open", "high", "low", "close", "volume")]

    def told(factor):
        histories.confirm("btc-usdt-perp/1h", ts, (*last[:4], last[4] * factor), is_history=True)
        return histories.is_revised(0)

    # Nobody judges yet: what is not known to be harmless is not.
    assert told(1.001)

    def says(number, bars):
        """Enter where the last bar has a tenth more volume than was decided on; stops hang on prices alone."""
        asked.append(float(bars.volume[-1]))
        return SlotEvaluation(1 if bars.volume[-1] > 1.1 * last[4] else 0, 2.0, 4.0)

    histories.decide = says
    assert not told(1.05)
    assert not histories.is_revised(0)
    assert asked == [last[4], last[4] * 1.05], "judged once for each volume"
    assert told(1.2)
    assert used.volume[-1] == last[4], "what was decided on stays"
    # The history agrees again.
    assert not told(1.0)
    assert [one.text["bar"] for one in house.audit.after(0, kinds=["trade.bar_revised"])] == [iso(ts)]
    # In another price it is another bar, whatever is decided on it.
    histories.decide = lambda number, bars: SlotEvaluation(0, 2.0, 4.0)
    histories.confirm("btc-usdt-perp/1h", ts, (*last[:3], last[3] * (1 + 1e-8), last[4]), is_history=True)
    assert histories.is_revised(0)


def test_an_account_is_compared_with_a_backtest_on_the_bars_it_decided_on(tmp_path, plain, monkeypatch):
    other = {ts - HOUR_MS * back: 1.0 + 0.002 * (-1) ** back for ts in plain[1] for back in range(4)}
    house, _, run = traded(tmp_path, other, confirms_late=True)
    assert entered(house, run) != plain[1], "what was pushed decides otherwise than what is stored"
    account, backtest = (
        comparing.load_account_run(house.results, house.trades, run),
        bound(house, comparing.run_own_backtest)(run),
    )
    told = gap_record(backtest, account)
    assert len(account.trades) == len(backtest.trades) > 3
    assert abs(Decimal(told["gap"])) < Decimal("1e-6")
    corrected = bound(house, comparing.count_corrected_bars)(run)
    seen = {bar.ts for step in steps_of(house, run) for bar in getattr(step, "bars", ())}
    assert corrected == {"btc-usdt-perp/1h": len(seen & other.keys())}
    # Without what the log says of its bars the two are of different markets.
    monkeypatch.setattr(comparing, "collect_decision_bars", lambda stored, number, taken: (stored, []))
    assert abs(Decimal(gap_record(bound(house, comparing.run_own_backtest)(run), account)["gap"])) > 1


def judged(tmp_path, says):
    """Return a house, its histories with their newest bar decided on, and the bars of that."""
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    house = houses.house(tmp_path, clock=clock)
    plan = planned(house, tmp_path, text=TEXT)
    histories = bound(house, DecidedHistories)(plan, bound(house, trading.begin_run)(plan, "owner"))
    histories.decide = says
    return house, histories, histories.bars_until(0, BEGUN - HOUR_MS)


def told_otherwise(histories, used, places, factor):
    for at in places:
        bar = [float(getattr(used, name)[at]) for name in ("open", "high", "low", "close", "volume")]
        histories.confirm("btc-usdt-perp/1h", int(used.ts[at]), (*bar[:4], bar[4] * factor), is_history=True)


def test_an_entry_that_many_volumes_together_decide_otherwise_is_refused(tmp_path):
    def says(number, bars):
        mean = float(bars.volume[-20:].mean())
        limit.append(mean)
        return SlotEvaluation(int(mean > 0.99 * limit[0]), 2.0, 4.0)

    limit = []
    _, histories, used = judged(tmp_path, says)
    says(0, used)
    told_otherwise(histories, used, [-1], 0.98)
    assert not histories.is_revised(0), "one bar of twenty changes the mean too little"
    told_otherwise(histories, used, range(-20, -1), 0.98)
    assert histories.is_revised(0)
    told_otherwise(histories, used, range(-20, 0), 1.0)
    assert not histories.is_revised(0), "the history agrees again"


def test_a_strategy_that_cannot_judge_the_other_volume_has_its_entry_refused_and_recorded(tmp_path):
    def says(number, bars):
        if bars.volume[-1] == 0.0:
            raise UsageError("strategy mine raised ZeroDivisionError")
        return SlotEvaluation(1, 2.0, 4.0)

    house, histories, used = judged(tmp_path, says)
    told_otherwise(histories, used, [-1], 0.0)
    assert histories.is_revised(0)
    assert len(house.audit.after(0, kinds=["trade.bar_revised"])) == 1


def test_a_refusal_by_volume_that_could_not_be_recorded_is_told_again(tmp_path, monkeypatch):
    house, histories, used = judged(
        tmp_path, lambda _, bars: SlotEvaluation(int(bars.volume[-1] > 0.0), 2.0, 4.0)
    )
    told_otherwise(histories, used, [-1], 0.0)

    def full(*_, **__):
        raise StorageError("full")

    with monkeypatch.context() as patch:
        patch.setattr(type(house.audit), "append", full)
        with pytest.raises(StorageError):
            histories.is_revised(0)
    assert histories.is_revised(0)
    assert len(house.audit.after(0, kinds=["trade.bar_revised"])) == 1
