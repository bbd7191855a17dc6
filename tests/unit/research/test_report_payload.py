"""What the report carries: curves, bars, trades and criteria equal the run's own arrays."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from tests.unit.research.report_runs import luck, simulated_run, small_run
from vigie.domain.account import Costs
from vigie.domain.bar import Bars
from vigie.domain.codes import REFUSALS, SPREAD
from vigie.domain.state import TRADE
from vigie.domain.time import DAY_MS
from vigie.drawing.curves import BOX, line_drawing, sparkline, time_ticks, value_ticks
from vigie.engine.signals import score_of
from vigie.research.report import sections
from vigie.research.report.curves import extreme_indices, slot_curve, total_curve
from vigie.research.report.drawings import heat_rows
from vigie.research.report.excerpts import bars_to_draw, pack_bars, price_digits, shorten_numbers
from vigie.research.report.payload import build_payload, listed_trades, script_json
from vigie.research.report.refusals import refusal_rows
from vigie.research.report.tables import end_rows, group_rows, slot_rows
from vigie.research.report.texts import report_texts
from vigie.research.tables import refusals_frame

WORDS = report_texts("en")
DAY = 86_400_000


@pytest.fixture(scope="module")
def carried() -> dict:
    run = simulated_run()
    data = build_payload(run, listed_trades(run), total_curve(run).thin(600), {})
    return json.loads(script_json(data))


def unpacked(series: dict) -> dict[int, tuple[int, float, float, float, float]]:
    """Do as the page's script does."""
    unit, gaps = 10.0 ** -series["d"], dict(series["gap"])
    bars, close, at = {}, 0, 0
    for first, count, ts in series["seg"]:
        for k in range(count):
            ts += (series["span"] + gaps.get(at, 0)) if k else 0
            open_ = close + series["o"][at]
            close += series["c"][at]
            high, low = max(open_, close) + series["h"][at], min(open_, close) - series["l"][at]
            bars[first + k] = (ts, open_ * unit, high * unit, low * unit, close * unit)
            at += 1
    return bars


def test_bars_around_every_trade_come_out_as_they_went_in(carried: dict) -> None:
    run = simulated_run()
    trades = carried["trades"]
    drawn = [unpacked(series) for series in carried["bars"]]
    for k, slot in enumerate(trades["slot"]):
        bars = run.slots[slot].plan.bars
        shown = drawn[carried["slots"][slot]["bars"]]
        for index in range(max(0, trades["entry_bar"][k] - 31), min(len(bars), trades["exit_bar"][k] + 16)):
            ts, *prices = shown[index]
            assert ts == bars.ts[index]
            real = [column[index] for column in (bars.open, bars.high, bars.low, bars.close)]
            assert prices == pytest.approx(real, rel=1e-5)


def test_criteria_of_a_trade_are_those_of_the_bar_before_its_entry(carried: dict) -> None:
    run = simulated_run()
    trades = carried["trades"]
    n_bars = {number: len(slot.plan.bars) for number, slot in enumerate(run.slots)}
    for k, number in enumerate(trades["slot"]):
        criteria = run.slots[number].criteria
        said = criteria.long if trades["side"][k] > 0 else criteria.short
        at = trades["entry_bar"][k] - 1
        assert trades["score"][k] == pytest.approx(score_of(said, n_bars[number])[at], abs=1e-4)
        for place, criterion in enumerate(said):
            reading = criterion.read()
            holds = bool(trades["holds"][k] >> place & 1)
            assert holds == reading.holds[at]
            assert holds or not criterion.required
            value = trades["criteria"][k][2 * place]
            if value is None:
                assert math.isnan(reading.value[at])
            else:
                assert value == pytest.approx(reading.value[at], rel=1e-5)


def test_listed_trades_are_all_trades_in_the_order_of_their_entries() -> None:
    run = simulated_run()
    listed = listed_trades(run)
    assert (np.diff(listed.trades["entry_ts"]) >= 0).all()
    assert listed.trades["pnl"].sum() == pytest.approx(sum(slot.trades["pnl"].sum() for slot in run.slots))


def test_too_many_trades_leave_the_newest() -> None:
    run = simulated_run()
    listed = listed_trades(run, limit=7)
    assert len(listed.trades) == 7
    assert listed.of == run.total.trades
    assert listed.trades["entry_ts"].min() >= np.sort(listed_trades(run).trades["entry_ts"])[-7]


def test_bytes_a_trade_stay_small(carried: dict) -> None:
    assert len(script_json(carried["trades"])) / len(carried["trades"]["slot"]) < 350


def test_json_never_closes_its_element() -> None:
    text = script_json({"name": "</script><!--&\u2028"})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"name": "</script><!--&\u2028"}


def test_curve_keeps_first_last_and_every_extreme() -> None:
    whole = total_curve(simulated_run())
    thin = whole.thin(100)
    assert len(thin.ts) <= 220 < len(whole.ts)
    for name in ("equity", "hold", "drawdown"):
        before, after = getattr(whole, name), getattr(thin, name)
        assert (after.min(), after.max()) == (before.min(), before.max())
        assert (after[0], after[-1]) == (before[0], before[-1])


def test_short_curve_is_kept_whole() -> None:
    assert extreme_indices(np.arange(5), (np.arange(5.0),), 10).tolist() == [0, 1, 2, 3, 4]


def test_stretches_are_of_equal_time_not_of_equal_count() -> None:
    ts = np.concatenate((np.arange(100) * 1000, 100_000 + np.arange(1000)))
    values = np.sin(np.arange(1100.0))
    kept = ts[extreme_indices(ts, (values,), 50)]
    assert (kept < 100_000).sum() > (kept >= 100_000).sum()


@pytest.mark.parametrize("mode", ["isolated", "portfolio"])
def test_total_curve_ends_where_the_summary_does(mode: str) -> None:
    run = simulated_run(mode)
    curve = total_curve(run)
    assert curve.equity[-1] / run.total.capital - 1 == pytest.approx(run.total.total_return)
    assert curve.hold[-1] / run.total.capital - 1 == pytest.approx(run.total.buy_hold_return)
    assert curve.drawdown.min() == pytest.approx(run.total.max_drawdown)


def test_months_compound_to_the_return_of_the_slot() -> None:
    slot = simulated_run().slots[0]
    months = slot_curve(slot).months.months
    assert np.prod(1 + months[~np.isnan(months)]) - 1 == pytest.approx(slot.summary.total_return)


def test_heat_map_says_the_sign_and_grades_the_size() -> None:
    rows, _ = heat_rows(total_curve(simulated_run()).months, WORDS)
    for _, cells, _ in rows:
        for cell in cells:
            step = int(cell.kind[1:])
            assert -5 <= step <= 5
            if step:
                assert cell.text.startswith("+" if step > 0 else "−")


def bars_of(n: int, missing: int | None = None) -> Bars:
    ts = np.arange(n, dtype=np.int64) * DAY
    if missing is not None:
        ts[missing:] += DAY
    price = 100.0 + np.arange(n)
    return Bars("btc-usdt-perp", DAY, ts, price, price + 2, price - 2, price + 1, np.ones(n))


def trade_at(entry: int, leave: int) -> np.ndarray:
    trade = np.zeros(1, TRADE)
    trade["entry_bar"], trade["exit_bar"] = entry, leave
    return trade


def test_long_trade_leaves_out_its_middle() -> None:
    at = bars_to_draw(trade_at(100, 900), 1000, 10_000)
    assert at.min() == 100 - 31
    assert at.max() == 915
    assert 500 not in at
    assert {199, 800} <= set(at.tolist())


def test_bars_beyond_the_budget_are_those_of_the_oldest_trades() -> None:
    trades = np.concatenate((trade_at(100, 110), trade_at(500, 510)))
    assert bars_to_draw(trades, 1000, 70).tolist() == bars_to_draw(trades[1:], 1000, 70).tolist()
    assert len(bars_to_draw(trades, 1000, 1000)) == 2 * len(bars_to_draw(trades[1:], 1000, 70))


def test_gap_in_the_bars_keeps_its_times() -> None:
    bars = bars_of(20, missing=12)
    assert [ts for ts, *_ in unpacked(pack_bars(bars, np.arange(20))).values()] == bars.ts.tolist()


def test_no_bars_pack_to_nothing() -> None:
    assert unpacked(pack_bars(bars_of(3), np.zeros(0, np.int64))) == {}


@pytest.mark.parametrize(("price", "digits"), [(64_000.0, 1), (0.1, 6), (1.0, 5), (5e6, 0), (0.0, 2)])
def test_prices_keep_six_figures(price: float, digits: int) -> None:
    assert price_digits(price) == digits


def test_numbers_are_shortened_and_unknown_ones_are_null() -> None:
    assert shorten_numbers([1 / 3, 2.0, math.nan, math.inf], 4) == [0.3333, 2, None, None]


def test_marks_are_round_and_inside() -> None:
    assert value_ticks(0.0, 10.0) == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    assert value_ticks(5.0, 5.0) == [5.0]
    assert all(-0.37 <= value <= 12.9 for value in value_ticks(-0.37, 12.9))


@pytest.mark.parametrize(
    ("days", "first"), [(3, "01-01 12:00"), (20, "01-03"), (400, "2021-01"), (2000, "2021"), (9000, "2025")]
)
def test_times_are_marked_where_months_days_or_hours_begin(days: int, first: str) -> None:
    start = 1_609_459_200_000
    ticks = time_ticks(start + (1 if days == 3 else 0), start + days * DAY)
    assert ticks[0][1] == first
    assert 2 <= len(ticks) <= 8


def test_drawing_begins_at_its_first_value_and_ends_at_its_last() -> None:
    ts = np.array([0, DAY, 2 * DAY])
    drawing = line_drawing(
        ts, [("equity", np.array([0.0, 10.0, 5.0]))], marks=[(5.0, "5")], low=0.0, high=10.0
    )
    assert drawing.paths == (("equity", f"M0,{BOX}l500,-{BOX} 500,500"),)
    assert [(tick.at, tick.text) for tick in drawing.rows] == [(47.0, "5")]


def test_sparkline_of_a_flat_account_is_a_line_in_the_middle() -> None:
    assert set(sparkline(np.full(3, 7.0)).replace("M", "L").split("L")[1:]) == {"0,12", "50,12", "100,12"}


def test_waterfall_goes_from_gross_to_net() -> None:
    trades = np.concatenate([slot.trades for slot in simulated_run().slots])
    steps, costs = sections.waterfall(trades, WORDS)
    assert [step.key for step in steps] == ["gross", "slippage", "fees", "funding", "net"]
    orders = [step.amount.order for step in steps]
    assert sum(orders[:4]) == pytest.approx(orders[4]) == pytest.approx(costs.net)
    assert all(step.left >= 0 and step.left + step.width <= 100.31 for step in steps)


def test_break_even_sentence_follows_the_result() -> None:
    trades = np.zeros(1, TRADE)
    trades["qty"], trades["entry"], trades["exit"], trades["fees"] = 1.0, 5_000.0, 5_000.0, 6.0
    trades["slippage"] = 5.0
    said = []
    for pnl in (2.0, -2.0, -20.0):
        trades["pnl"] = pnl
        said.append(sections.break_even_sentence(sections.waterfall(trades, WORDS)[1], WORDS))
    assert said == [
        "Break-even cost: 13.0 bps a side. This run paid 11.0.",
        "Loss after costs. Break-even cost: 9.0 bps a side. This run paid 11.0.",
        "A loss even without fees and slippage.",
    ]
    nothing = sections.waterfall(trades[:0], WORDS)[1]
    assert sections.break_even_sentence(nothing, WORDS) == "No trades, so no break-even cost."


def test_losses_beyond_the_plan_are_counted() -> None:
    trades = np.zeros(3, TRADE)
    trades["planned_risk"] = 100.0
    trades["pnl"] = [-150.0, -90.0, 300.0]
    assert sections.beyond_plan_sentence(trades, WORDS).startswith("In 1 of 3 trades")
    assert "1.50 times" in sections.beyond_plan_sentence(trades, WORDS)
    assert sections.beyond_plan_sentence(trades[:0], WORDS) == ""


def test_table_rows_add_up_to_the_total() -> None:
    run = simulated_run()
    rows, total = slot_rows(run, WORDS)
    for column in (0, 2, 9, 10):
        assert sum(row.cells[column].order for row in rows) == pytest.approx(total.cells[column].order)
    groups = group_rows(run, WORDS, lambda slot: slot.plan.slot.strategy)
    assert [row.name for row in groups] == ["macd_cross", "ema_cross", "rsi_reversion"]
    assert sum(row.cells[3].order for row in groups) == pytest.approx(total.cells[2].order)
    ends = end_rows(listed_trades(run).trades, WORDS)
    assert sum(row.cells[0].order for row in ends) == run.total.trades


def test_refusals_are_counted_by_reason_with_an_example() -> None:
    run = simulated_run("portfolio")
    rows = refusal_rows(run, WORDS)
    assert sum(row.count for row in rows) == sum(len(outcome.refusals) for outcome in run.outcomes) > 0
    assert [row.count for row in rows] == sorted((row.count for row in rows), reverse=True)
    assert all(row.slot and row.when and row.limit for row in rows)
    assert {row.code: row.limit for row in rows}["instrument_taken"] == "1"


def test_refusals_of_the_gateway_and_of_a_newer_version_are_told_too() -> None:
    run = simulated_run("portfolio")
    log = run.log.copy()
    refused = np.flatnonzero(log[:, 6] >= min(REFUSALS))
    log[refused[0], 6], log[refused[1], 6] = SPREAD, 4_000
    names = refusals_frame(log, run.values)["code"].to_list()
    assert names[:2] == ["spread", "4000"]
    assert len(names) == len(refused)
    (outcome,) = run.outcomes
    rows = refusal_rows(replace(run, outcomes=(replace(outcome, log=log),)), WORDS)
    assert {row.code: (row.title, row.why, row.count) for row in rows if row.code in names[:2]} == {
        "spread": ("spread", "", 1), "4000": ("4000", "", 1),
    }  # fmt: skip


def test_verdict_in_french_leaves_nothing_unsaid() -> None:
    head, lines, reasons = sections.verdict_lines(luck(), report_texts("fr"))
    assert head == "peut-être de la chance\u00a0: " + ", ".join(
        (
            "105 essais (35 variantes, 3 périodes examinées, 2 marchés)",
            "DSR 0,31",
            "PBO 0,62\u00a0; 1 autre marché essayé",
        )
    )
    assert len(lines) == 6
    assert reasons == ["Le ratio de Sharpe déflaté 0,31 est sous 0,95", "a reason of tomorrow"]


def test_free_trading_pays_no_costs() -> None:
    run = simulated_run(costs=Costs(taker=0.0, maker=0.0, slippage_bps=0.0))
    steps, _ = sections.waterfall(np.concatenate([slot.trades for slot in run.slots]), WORDS)
    assert [step.amount.text for step in steps[1:3]] == ["0.00", "0.00"]


def test_lead_says_that_nothing_was_traded() -> None:
    assert "No trades were made." in sections.lead_sentences(small_run(), "USDT", WORDS)


def test_lead_ends_on_the_day_of_its_last_bar_as_pages_do() -> None:
    run = small_run()
    bars = run.slots[0].plan.bars
    assert (int(bars.ts[-1]) + bars.span_ms) % DAY_MS == 0
    span = f"From {WORDS.day(int(bars.ts[0]))} to {WORDS.day(int(bars.ts[-1]))},"
    assert sections.lead_sentences(run, "USDT", WORDS)[0].startswith(span)


def test_days_of_the_lead_are_written_as_their_language_does() -> None:
    run = small_run()
    said = [sections.lead_sentences(run, "USDT", report_texts(code))[0] for code in ("en", "fr")]
    assert said[0].startswith("From 1 Jan 2021 to 5 Jan 2021,")
    assert said[1].startswith("Du 1er janv. 2021 au 5 janv. 2021,")
