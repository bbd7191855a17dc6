"""Mutations that remove one rule of deciding and sizing each: (file, function, old text, new text)."""

from __future__ import annotations

Edit = tuple[str, str, str, str]

FREE = 'free = slot["side"] == 0 or slot["exit_reason"] != 0'
ROOM_FIRST = """room = LIQUIDATION_BUFFER * abs(close - liquidation_price(side, close, leverage, maintenance_rate))
    if abs(close - stop) > room:
        return LIQUIDATION_TOO_NEAR, room, abs(close - stop)
    nearest = min("""

UNKNOWN_IS_ONE = [
    ("kernel", "decide_entry", "* stop_unit", "* (1.0 if np.isnan(stop_unit) else stop_unit)"),
    ("kernel", "decide_entry", "* target_unit", "* (1.0 if np.isnan(target_unit) else target_unit)"),
]

DECIDING: dict[str, list[Edit]] = {
    # section 0
    "fill-0-grid": [("grid", "grid_price", "ticks * multiple / scale", "ticks * (multiple / scale)")],
    "fill-0-snap": [("grid", "ticks_below", "<= SNAP", "< 0.0")],
    "fill-0-lots": [("grid", "whole_lots", " + LOT_SNAP", "")],
    "fill-0-figures": [("grid", "coarse_ticks", "if significant_figures == 0:", "if True:")],
    "fill-0-integers": [("grid", "coarse_ticks", "if decimals < 0:", "if False:")],
    "fill-0-version": [
        ("inside", "rule_at", 'slots.rules[row + 1]["valid_from"] <= ts', "False"),
        ("isolated", "run_isolated", 'rules[version + 1]["valid_from"] <= t:', "False:"),
    ],
    "fill-0-levels-keep": [
        (
            "kernel",
            "inside_exit",
            'level = slot["stop"] if',
            'level = grid_price(slot["stop_ticks"], rule["tick_multiple"], rule["tick_scale"]) if',
        )
    ],
    "fill-0-raw": [
        ("kernel", "inside_exit", "stretch(slot, high, low)", "low = np.floor(low)"),
        ("portfolio", "untouched", "histories.low[row] > lower", "np.floor(histories.low[row]) > lower"),
    ],
    # section 1
    "fill-1-last-bar": [
        ("isolated", "run_isolated", "if i < last and (flags[i] != 0", "if (flags[i] != 0"),
        ("portfolio", "run_portfolio", "if r < end[k] - 1:", "if True:"),
    ],
    "fill-1-warm-up": [
        (
            "backtest",
            "_books",
            "row = histories.start[shared.series] + shared.first",
            "row = histories.start[shared.series] + 0",
        ),
        ("backtest", "_books", "equity=np.empty(n_samples)", "equity=np.empty(99)"),
        ("backtest", "_books", "equity_ts=np.empty(n_samples, np.int64)", "equity_ts=np.empty(99, np.int64)"),
    ],
    "fill-1-exit-condition": [("kernel", "exit_cause", "(flags & LONG_EXIT) != 0 or ", "")],
    "fill-1-exit-condition-short": [("kernel", "exit_cause", "(flags & SHORT_EXIT) != 0 or ", "")],
    "fill-1-entry-bar-exit": [("kernel", "exit_cause", "if wanted:", "if wanted and bars_held > 1:")],
    "fill-1-opposite": [("kernel", "exit_cause", "((flags & SHORT_ENTRY) != 0 and not both)", "False")],
    "fill-1-atr-unknown": [
        ("isolated", "run_isolated", "np.isnan(stop_unit[i]) or np.isnan(target_unit[i])", "False"),
        ("portfolio", "decide_slot", "np.isnan(stop_unit) or np.isnan(target_unit)", "False"),
        *UNKNOWN_IS_ONE,
    ],
    "fill-1-target-unknown": [
        ("isolated", "run_isolated", " or np.isnan(target_unit[i])", ""),
        ("portfolio", "decide_slot", " or np.isnan(target_unit)", ""),
        *UNKNOWN_IS_ONE,
    ],
    "fill-1-both-sides": [
        ("isolated", "run_isolated", "(flags[i] & ENTRIES) == ENTRIES", "False"),
        ("portfolio", "decide_slot", "(flags & ENTRIES) == ENTRIES", "False"),
    ],
    "fill-1-both-no-exit": [("kernel", "exit_cause", " and not both)", ")")],
    "fill-1-both-own-exit": [("kernel", "exit_cause", "if wanted:", "if wanted and not both:")],
    "fill-1-same-direction": [
        ("isolated", "run_isolated", FREE, "free = True"),
        ("portfolio", "decide_slot", FREE, "free = True"),
    ],
    "fill-1-entry-with-exit": [
        ("isolated", "run_isolated", FREE, 'free = slot["side"] == 0'),
        ("portfolio", "decide_slot", FREE, 'free = slot["side"] == 0'),
    ],
    "fill-1-refused-keeps-exit": [
        (
            "kernel",
            "decide_entry",
            "if code != 0:\n        return code",
            'if code != 0:\n        slot["exit_reason"] = 0\n        return code',
        )
    ],
    "fill-1-after-inside-exit": [
        (
            "isolated",
            "run_isolated",
            "side = kernel.entry_side(flags[i])",
            'side = kernel.entry_side(flags[i]) * (n_trades == 0 or trades[n_trades - 1]["exit_ts"] != t + span)',
        )
    ],
    "fill-1-signal-before-time": [
        (
            "kernel",
            "exit_cause",
            "if wanted:",
            "if wanted and not (max_bars > 0 and bars_held >= max_bars):",
        )
    ],
    # section 2
    "fill-2-stop": [
        ("sizing", "stop_ticks", "ticks_below(close - distance", "ticks_above(close - distance"),
        ("sizing", "stop_ticks", "ticks_above(close + distance", "ticks_below(close + distance"),
    ],
    "fill-2-target": [
        ("sizing", "target_ticks", "ticks_below(close + distance", "ticks_above(close + distance"),
        ("sizing", "target_ticks", "ticks_above(close - distance", "ticks_below(close - distance"),
    ],
    "fill-2-units": [
        ("isolated", "run_isolated", "stop_unit[i], target_unit[i], t,", "stop_unit[i], stop_unit[i], t,"),
        ("portfolio", "decide_slot", "close, stop_unit, target_unit, t", "close, stop_unit, stop_unit, t"),
    ],
    # section 3
    "fill-3-risk": [
        ("sizing", "sized_lots", "qty = equity * risk_fraction / abs(close - stop)", "qty = quantity_cap")
    ],
    "fill-3-rounded-stop": [
        (
            "kernel",
            "decide_entry",
            "equity, risk_fraction, close, stop, cap",
            'equity, risk_fraction, close, close - side * settings["stop_atr"] * stop_unit, cap',
        )
    ],
    "fill-3-floor": [("grid", "whole_lots", "math.floor(", "math.ceil(")],
    "fill-3-marked-equity": [
        (
            "isolated",
            "run_isolated",
            "slot, rule, settings, side, marked,",
            "slot, rule, settings, side, cash,",
        ),
        (
            "portfolio",
            "run_portfolio",
            "equity = equity_now(slots, books)",
            'equity = money.amount_of(account["cash_minor"])',
        ),
    ],
    "fill-3-leverage": [("kernel", "decide_entry", "min(equity * leverage / close, mode_cap)", "mode_cap")],
    "fill-3-max-qty": [("kernel", "decide_entry", 'rule["max_qty"])', "NO_LIMIT)")],
    "fill-3-no-equity": [("sizing", "level_refusal", "if equity <= 0.0:", "if False:")],
    "fill-3-order-equity": [
        ("kernel", "decide_entry", "if equity > 0.0:", "if True:"),
        ("sizing", "level_refusal", "if equity <= 0.0:", "if equity <= 0.0 and stop > 0.0:"),
    ],
    "fill-3-bad-level": [("sizing", "level_refusal", "if stop <= 0.0 or target <= 0.0:", "if False:")],
    "fill-3-order-bad": [
        (
            "sizing",
            "level_refusal",
            "if stop <= 0.0 or target <= 0.0:",
            "if (stop <= 0.0 or target <= 0.0) and abs(target - close) >= tick:",
        )
    ],
    "fill-3-close-stop": [
        ("sizing", "level_refusal", "min(abs(close - stop), abs(target - close))", "abs(target - close)")
    ],
    "fill-3-close-target": [
        ("sizing", "level_refusal", "min(abs(close - stop), abs(target - close))", "abs(close - stop)")
    ],
    "fill-3-order-close": [("sizing", "level_refusal", "nearest = min(", ROOM_FIRST)],
    "fill-3-liquidation": [("sizing", "level_refusal", "if abs(close - stop) > room:", "if False:")],
    "fill-3-order-liquidation": [
        (
            "kernel",
            "decide_entry",
            "if code == 0:\n        cap",
            "if code == 0 or code == codes.LIQUIDATION_TOO_NEAR:\n        cap",
        )
    ],
    "fill-3-liquidation-085": [("sizing", "level_refusal", "room = LIQUIDATION_BUFFER *", "room = 0.8 *")],
    "fill-3-too-small": [("sizing", "below_minimum", "qty <= 0.0 or ", "")],
    "fill-3-min-qty": [("sizing", "below_minimum", "or qty < min_qty ", "")],
    "fill-3-min-notional": [("sizing", "below_minimum", " or qty * price < min_notional", "")],
}
