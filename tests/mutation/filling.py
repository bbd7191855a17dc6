"""Mutations that remove one rule of filling and booking each: (file, function, old text, new text)."""

from __future__ import annotations

from tests.mutation.deciding import Edit

SAME_LOT = 'if grid_price(decided, rule["lot_multiple"], rule["lot_scale"]) != slot["pending_qty"]:'
ENTRY_FEE = 'fee = ledger.fee(slot["pending_qty"], price, rule["taker"])'
EXIT_FEE = 'fee = ledger.fee(slot["qty"], price, rule["taker"])'
BOOK_AT_OPEN = "amount = kernel.book_funding(slot, funding_ts, funding_rate, funding_mark, open_[i], t + 1)"
LIMIT_GROSS = 'gross = ledger.gross_result(side, slot["qty"], slot["entry"], raw)'
BEYOND_AT_OPEN = """stop, target = slot["pending_stop"], slot["pending_target"]
    early = sizing.liquidation_price(side, open_, settings["leverage"], rule["maintenance_rate"])
    if exits.beyond_liquidation(side, early, stop):
        slot["limit"], slot["value"] = early, stop
        return codes.LIQUIDATION_TOO_NEAR, 0.0"""
WITHOUT_FINER = "if histories.detail_from[row] == histories.detail_to[row]:"
FINE_MARK = "histories.funding_mark[first_f:end_f], fine_open"
OWN_MARK = "histories.funding_mark[first_f:end_f], histories.open[row]"
STRETCH_ALL = """kernel.stretch(slot, histories.high[row], histories.low[row])
    while fine < fine_end and slot["side"] != 0:"""
NO_STOP = [
    ("exits", "touched", "if low <= stop:", "if False:"),
    ("exits", "touched", "if high >= stop:", "if False:"),
]


def without_exit_fee(reason: str) -> Edit:
    """Forgive the exit fee of one reason."""
    return "kernel", "market_exit", EXIT_FEE, f"{EXIT_FEE} * (reason != codes.{reason})"


def without_slippage(reason: str) -> Edit:
    """Forgive the slippage of one reason."""
    slip = 'settings["slip"]'
    return "kernel", "market_exit", slip, f"(0.0 if reason == codes.{reason} else {slip})"


FILLING: dict[str, list[Edit]] = {
    # section 4
    "fill-4-gap-stop": [
        ("kernel", "open_entry", "(open_ <= stop or open_ >= target)", "open_ >= target"),
        ("kernel", "open_entry", "(open_ >= stop or open_ <= target)", "open_ <= target"),
    ],
    "fill-4-gap-target": [
        ("kernel", "open_entry", "(open_ <= stop or open_ >= target)", "open_ <= stop"),
        ("kernel", "open_entry", "(open_ >= stop or open_ <= target)", "open_ >= stop"),
    ],
    "fill-4-order-gap": [
        (
            "kernel",
            "open_entry",
            'stop, target = slot["pending_stop"], slot["pending_target"]',
            BEYOND_AT_OPEN,
        )
    ],
    "fill-4-liquidation": [
        ("kernel", "open_entry", "if exits.beyond_liquidation(side, liquidation, stop):", "if False:")
    ],
    "fill-4-real-fill": [
        (
            "kernel",
            "open_entry",
            "sizing.liquidation_price(side, price,",
            "sizing.liquidation_price(side, open_,",
        )
    ],
    "fill-4-shrink": [("kernel", "open_entry", "lots = min(decided, affordable)", "lots = decided")],
    "fill-4-too-small": [("kernel", "open_entry", "if code != 0:", "if False:")],
    "fill-4-min-notional": [("kernel", "open_entry", 'rule["min_notional"]', "0.0")],
    "fill-4-nothing-left": [("kernel", "open_entry", "if code != 0:", "if code != 0 and lots > 0:")],
    "fill-4-same-lots": [("kernel", "open_entry", SAME_LOT, "if True:")],
    "fill-4-no-recompute": [
        ("kernel", "open_entry", SAME_LOT, "if True:"),
        (
            "kernel",
            "open_entry",
            'decided = whole_lots(slot["pending_qty"],',
            'decided = whole_lots(slot["pending_equity"] * settings["risk_fraction"] / abs(open_ - stop),',
        ),
    ],
    "fill-4-entry-price": [("kernel", "open_entry", 'settings["slip"]', "0.0")],
    "fill-4-exit-price": [without_slippage("SIGNAL")],
    "fill-4-against-us": [("execution", "market_price", "if direction > 0:", "if direction < 0:")],
    "fill-4-exit-keeps-reason": [
        (
            "kernel",
            "open_exit",
            'settings, slot["exit_reason"], open_',
            'settings, codes.STOP if open_ <= slot["stop"] else slot["exit_reason"], open_',
        )
    ],
    "fill-4-liquidation-at-exit": [
        ("kernel", "open_exit", "if exits.beyond_liquidation(", "if False and exits.beyond_liquidation(")
    ],
    "fill-4-void": [("kernel", "open_exit", 'slot["pending_side"] = 0', "pass")],
    "fill-4-cash-after-exit": [
        (
            "isolated",
            "run_isolated",
            "kernel.open_entry(slot, rule, settings, cash,",
            'kernel.open_entry(slot, rule, settings, slot["pending_equity"],',
        ),
        (
            "portfolio",
            "open_slot_entry",
            "settings, cash, leverage",
            'settings, slot["pending_equity"], leverage',
        ),
    ],
    "fill-4-before-own-fee": [
        ("kernel", "open_entry", "cash * leverage / price", 'cash * leverage / price / (1.0 + rule["taker"])')
    ],
    "fill-4-lot-version": [
        (
            "kernel",
            "open_entry",
            'whole_lots(slot["pending_qty"], rule["lot_multiple"], rule["lot_scale"])',
            'slot["pending_lots"]',
        )
    ],
    # section 5
    "fill-5-stop": NO_STOP,
    "fill-5-touch-stop": [
        ("exits", "touched", "if low <= stop:", "if low < stop:"),
        ("exits", "touched", "if high >= stop:", "if high > stop:"),
    ],
    "fill-5-stop-gap": [
        (
            "exits",
            "touch_price",
            "return min(open_, level)",
            "return level if is_stop else min(open_, level)",
        ),
        (
            "exits",
            "touch_price",
            "return max(open_, level)",
            "return level if is_stop else max(open_, level)",
        ),
    ],
    "fill-5-inside-time": [
        (
            "kernel",
            "inside_exit",
            "settings, reason, raw, cash, close_ts, bar)",
            "settings, reason, raw, cash, close_ts - 1, bar)",
        )
    ],
    "fill-5-target": [
        ("exits", "touched", "if high >= target:", "if False:"),
        ("exits", "touched", "if low <= target:", "if False:"),
    ],
    "fill-5-touch-target": [
        ("exits", "touched", "if high >= target:", "if high > target:"),
        ("exits", "touched", "if low <= target:", "if low < target:"),
    ],
    "fill-5-target-gap": [
        (
            "exits",
            "touch_price",
            "return min(open_, level)",
            "return min(open_, level) if is_stop else level",
        ),
        (
            "exits",
            "touch_price",
            "return max(open_, level)",
            "return max(open_, level) if is_stop else level",
        ),
    ],
    "fill-5-stop-slippage": [without_slippage("STOP")],
    "fill-5-target-slippage": [without_slippage("TARGET")],
    "fill-5-limit": [
        (
            "kernel",
            "inside_exit",
            'if reason == codes.TARGET and settings["limit_target"] == 1:',
            "if False:",
        )
    ],
    "fill-5-limit-gap": [("kernel", "inside_exit", LIMIT_GROSS, f"raw = level\n        {LIMIT_GROSS}")],
    "fill-5-limit-raw": [
        ("kernel", "inside_exit", LIMIT_GROSS, f"raw = np.floor(raw)\n        {LIMIT_GROSS}")
    ],
    "fill-5-stop-first": [
        ("exits", "touched", "if low <= stop:", "if low <= stop and high < target:"),
        ("exits", "touched", "if high >= stop:", "if high >= stop and low > target:"),
    ],
    "fill-5-entry-bar": [
        ("kernel", "inside_exit", "if reason == 0:", 'if reason == 0 or bar == slot["entry_bar"]:')
    ],
    "fill-5-detail": [
        ("inside", "walk_inside", WITHOUT_FINER, "if True:"),
        ("inside", "finer_due", "if fine >= histories.detail_to[row]:", "if True:"),
    ],
    "fill-5-detail-gap": [
        (
            "inside",
            "walk_finer",
            "fine_open, histories.detail_high[fine]",
            "histories.open[row], histories.detail_high[fine]",
        )
    ],
    "fill-5-detail-range": [
        ("backtest", "shows_range", " & (lows <= bars.low[some])", ""),
    ],
    "fill-5-detail-missing": [("inside", "walk_inside", WITHOUT_FINER, "if False:")],
    # section 6
    "fill-6-time": [("kernel", "exit_cause", "if max_bars > 0 and bars_held >= max_bars:", "if False:")],
    # section 7
    "fill-7-maker": [("kernel", "inside_exit", 'rule["maker"]', 'rule["taker"]')],
    "fill-7-entry-fee": [
        ("isolated", "run_isolated", ENTRY_FEE, "fee = 0.0"),
        ("portfolio", "open_slot_entry", ENTRY_FEE, "fee = 0.0"),
    ],
    "fill-7-stop-fee": [without_exit_fee("STOP")],
    "fill-7-target-fee": [without_exit_fee("TARGET")],
    "fill-7-exit-fee": [without_exit_fee("SIGNAL")],
    "fill-7-end-fee": [without_exit_fee("END_OF_DATA")],
    # section 8
    "fill-8-open": [
        (
            "isolated",
            "run_isolated",
            BOOK_AT_OPEN,
            "amount = 0.0\n            kernel.skip_funding(slot, funding_ts, t + 1)",
        )
    ],
    "fill-8-entered-there": [
        ("isolated", "run_isolated", "kernel.skip_funding(slot, funding_ts, t + 1)", "pass"),
        (
            "portfolio",
            "open_slot_entry",
            "kernel.skip_funding(slot, histories.funding_ts[first_f:end_f], t + 1)",
            "pass",
        ),
    ],
    "fill-8-gap": [
        (
            "isolated",
            "run_isolated",
            BOOK_AT_OPEN,
            f"kernel.skip_funding(slot, funding_ts, t)\n            {BOOK_AT_OPEN}",
        )
    ],
    "fill-8-inside": [("isolated", "run_isolated", "open_[i], t + span)", "open_[i], t + 1)")],
    "fill-8-inside-entry": [
        (
            "isolated",
            "run_isolated",
            "open_[i], t + span)",
            'open_[i], t + (1 if slot["entry_bar"] == i else span))',
        )
    ],
    "fill-8-not-at-close": [("isolated", "run_isolated", "open_[i], t + span)", "open_[i], t + span + 1)")],
    "fill-8-before-exit": [
        ("isolated", "run_isolated", "open_[i], t + 1)", 'open_[i], t + (slot["exit_reason"] == 0))')
    ],
    "fill-8-sign": [("ledger", "funding", "-side * qty", "-1 * qty")],
    "fill-8-minute": [("inputs", "settlements_of", " // MINUTE_MS * MINUTE_MS", "")],
    "fill-8-mark": [("kernel", "book_funding", "open_ if np.isnan(marks[at]) else marks[at]", "open_")],
    "fill-8-detail": [("inside", "walk_finer", FINE_MARK, OWN_MARK)],
    "fill-8-detail-after": [("kernel", "book_funding", "times[at] < until", "times[at] < until + 1_800_000")],
    "fill-8-detail-hole": [("kernel", "book_funding", "times[at] < until", "times[at] < until + 1_800_000")],
    "fill-8-detail-hole-mark": [("inside", "walk_finer", FINE_MARK, OWN_MARK)],
    # section 9
    "fill-9-liquidation": [
        ("exits", "touched", "if open_ <= liquidation:", "if False:"),
        ("exits", "touched", "if open_ >= liquidation:", "if False:"),
    ],
    "fill-9-margin": [("ledger", "liquidation_result", "/ leverage", "/ leverage * 0.9")],
    "fill-9-no-fee": [
        ("kernel", "liquidate", "fee = money.NOTHING", 'fee = ledger.fee(slot["qty"], price, 0.001)')
    ],
    "fill-9-open-only": [("exits", "touched", "if open_ <= liquidation:", "if low <= liquidation:")],
    "fill-9-maintenance": [("sizing", "liquidation_price", " - maintenance_rate", " - 0.005")],
    # sections 11 to 13
    "fill-11-end": [
        ("isolated", "run_isolated", 'if slot["side"] != 0 and i == last:', "if False:"),
        ("portfolio", "run_portfolio", 'if slot["side"] != 0 and r == end[k] - 1:', "if False:"),
    ],
    "fill-11-last-entry": [
        (
            "isolated",
            "run_isolated",
            'if slot["pending_side"] != 0:',
            'if slot["pending_side"] != 0 and i < last:',
        )
    ],
    "fill-11-after-inside": [
        (
            "isolated",
            "run_isolated",
            "open_[i], high[i], low[i], minor, i",
            "open_[i], high[i] if i < last else open_[i], low[i] if i < last else open_[i], minor, i",
        )
    ],
    "fill-12-rounding": [("ledger", "booked", "np.rint(amount * SCALE)", "np.floor(amount * SCALE)")],
    "fill-13-excursion": [
        ("kernel", "stretch", 'max(slot["high"], high)', 'slot["high"]'),
        ("kernel", "stretch", 'min(slot["low"], low)', 'slot["low"]'),
        ("isolated", "quiet_held", "max(highest, highs[k])", "highest"),
        ("isolated", "quiet_held", "min(lowest, lows[k])", "lowest"),
    ],
    "fill-13-open-only": [("kernel", "open_exit", "stretch(slot, open_, open_)", "pass")],
    "fill-13-bars-held": [("kernel", "close_position", ' - slot["entry_bar"] + 1', ' - slot["entry_bar"]')],
    "fill-13-detail": [
        (
            "inside",
            "walk_finer",
            'while fine < fine_end and slot["side"] != 0:',
            STRETCH_ALL,
        )
    ],
    "fill-13-return": [
        ("kernel", "close_position", 'trade["pnl"] / slot["decision_equity"]', 'trade["pnl"] / 10_000.0')
    ],
    # section 14
    "fill-14-finer": [("portfolio", "run_portfolio", "if histories.detail_span > 0:", "if False:")],
}
