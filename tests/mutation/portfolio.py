"""Mutations that remove one rule of a shared account each: (file, function, old text, new text)."""

from __future__ import annotations

from tests.mutation.deciding import Edit

BEFORE_EXIT = [
    (
        "portfolio",
        "open_slot_entry",
        "settings, cash, leverage",
        'settings, slot["pending_equity"], leverage',
    )
]
FREE = 'slot["side"] == 0 or slot["exit_reason"] != 0'
HELD = '(slots[k]["side"] != 0 or slots[k]["pending_side"] != 0)'
SLOT_0 = [("portfolio", "entry_refusal", "books.slots[number], now, bar", "books.slots[0], now, bar")]


def never(function: str, condition: str) -> list[Edit]:
    """Remove one check of `locks`."""
    return [("locks", function, condition, "False")]


PORTFOLIO: dict[str, list[Edit]] = {
    # section 1
    "portfolio-0-off": [("bookings", "count_streaks", 'rules["streak"] > 0 and ', "")],
    "portfolio-1-closes-first": [
        (
            "portfolio",
            "run_portfolio",
            "k, reason, now, equity, log",
            "k, reason, now, books.equity[max(n_samples - 2, 0)], log",
        )
    ],
    "portfolio-1-exits-first": BEFORE_EXIT,
    "portfolio-1-funding-first": BEFORE_EXIT,
    "portfolio-1-latest-close": [
        (
            "portfolio",
            "equity_now",
            'books.instruments[slots.instrument[k]]["last_close"]',
            'books.slots[k]["entry"]',
        )
    ],
    "portfolio-1-first-close": [("portfolio", "note_closes", "k = len(slots.series) - 1 - j", "k = j")],
    "portfolio-1-base-sample": [
        ("portfolio", "run_portfolio", "is_sample = is_sample or span == base", "is_sample = True"),
        ("backtest", "_books", "equity=np.empty(n_samples)", "equity=np.empty(99)"),
        ("backtest", "_books", "equity_ts=np.empty(n_samples, np.int64)", "equity_ts=np.empty(99, np.int64)"),
    ],
    # section 2
    "portfolio-2-stop-guard-instrument": never("protection_refusal", 'now < instrument["stops_until"]'),
    "portfolio-2-stop-guard-account": never("protection_refusal", 'now < account["stops_until"]'),
    "portfolio-2-window": never("protection_refusal", 'now < account["window_until"]'),
    "portfolio-2-low-profit": never("protection_refusal", 'now < instrument["low_until"]'),
    "portfolio-2-cooldown": never(
        "protection_refusal", 'bar - slot["cooldown_from"] < slot["cooldown_bars"]'
    ),
    "portfolio-2-loss-streak": never("protection_refusal", 'account["paused"] == 1'),
    "portfolio-2-slot-drawdown": never("protection_refusal", 'now < slot["lock_until"]'),
    "portfolio-2-global-drawdown": never("protection_refusal", 'now < account["global_until"]'),
    "portfolio-2-daily-loss": never("loss_refusal", 'account["daily_latched"] == 1'),
    "portfolio-2-account-drawdown": never("loss_refusal", 'now < account["halt_until"]'),
    "portfolio-2-order-halt": never("loss_refusal", 'now < account["halt_until"]'),
    "portfolio-2-max-positions": never("place_refusal", 'held > rules["positions"]'),
    "portfolio-2-instrument-taken": [("locks", "place_refusal", "if taken:", "if False:")],
    "portfolio-2-funding-cost": never("funding_refusal", 'rules["funding_cost"] > 0.0'),
    "portfolio-2-both-sides": [("portfolio", "decide_slot", "(flags & ENTRIES) == ENTRIES", "False")],
    "portfolio-2-pending": [("locks", "place_refusal", HELD, 'slots[k]["side"] != 0')],
    "portfolio-2-instrument-pending": [("locks", "place_refusal", HELD, 'slots[k]["side"] != 0')],
    "portfolio-2-freed": [("portfolio", "open_slot_entry", 'slot["pending_side"] = 0', "pass")],
    "portfolio-2-exit-decided": [
        (
            "locks",
            "place_refusal",
            'slots[k]["side"] != 0 or',
            'slots[k]["exit_reason"] * -1 == slots[k]["side"] or',
        )
    ],
    "portfolio-2-own-reversal": [("locks", "place_refusal", "k != number and ", "")],
    "portfolio-2-turning": [
        (
            "locks",
            "place_refusal",
            "held += 1",
            'held += 1 + (slots[k]["side"] * slots[k]["pending_side"] != 0)',
        )
    ],
    "portfolio-2-funding-side": [
        ("locks", "funding_refusal", "side * rate_8h > rules", "abs(rate_8h) > rules")
    ],
    "portfolio-2-funding-known": [
        (
            "portfolio",
            "funding_rate_8h",
            "histories.funding_ts[middle] <= now",
            "histories.funding_ts[middle] < now",
        )
    ],
    "portfolio-2-funding-hours": [("portfolio", "funding_rate_8h", "EIGHT_HOURS_MS / interval", "1.0")],
    # section 3
    "portfolio-3-stop-guard-count": [
        ("bookings", "guard_stops", 'count >= rules["stops_instrument"]', "count >= 1")
    ],
    "portfolio-3-stop-guard-until": [
        ("bookings", "guard_stops", 'exit_ts + rules["stops_lock"]', 'exit_ts + 2 * rules["stops_lock"]')
    ],
    "portfolio-3-until-exclusive": [
        ("locks", "protection_refusal", 'now < instrument["stops_until"]', 'now <= instrument["stops_until"]')
    ],
    "portfolio-3-stop-guard-window": [
        ("bookings", "count_stops", "ring[k] > exit_ts - window_ms", "ring[k] >= exit_ts - window_ms")
    ],
    "portfolio-3-stop-guard-per-instrument": [
        ("bookings", "guard_stops", "rings[number]", "rings[len(rings) - 1]")
    ],
    "portfolio-3-stop-guard-account": [
        ("bookings", "guard_stops", 'if rules["stops_account"] > 0:', "if False:")
    ],
    "portfolio-3-stop-guard-any-slot": [
        ("bookings", "on_trade", 'rings, trades[count - 1]["instrument"]', 'rings, trades[count - 1]["slot"]')
    ],
    "portfolio-3-stop-guard-reason": [
        ("bookings", "on_trade", "if reason == STOP or reason == LIQUIDATION:", "if True:")
    ],
    "portfolio-3-stop-guard-liquidation": [("bookings", "on_trade", " or reason == LIQUIDATION:", ":")],
    "portfolio-3-window": [
        ("samples", "judge_window", 'if peak - equity >= rules["window_drawdown"] * peak:', "if False:")
    ],
    "portfolio-3-window-days": [
        ("samples", "judge_window", "if days[place] != day:", "if days[place] == NO_DAY:"),
        ("samples", "judge_window", "days[k] > day - len(days) and ", ""),
    ],
    "portfolio-3-window-gap": [("samples", "judge_window", "days[k] > day - len(days) and ", "")],
    "portfolio-3-window-anew": [("samples", "judge_window", "days[k] = NO_DAY", "pass")],
    "portfolio-3-low-profit": [("bookings", "judge_profit", 'seen >= rules["low_trades"] and', "False and")],
    "portfolio-3-low-profit-sum": [("bookings", "judge_profit", "total < 0:", "total <= 0:")],
    "portfolio-3-low-profit-count": [("bookings", "judge_profit", 'seen >= rules["low_trades"] and ', "")],
    "portfolio-3-low-profit-days": [
        ("bookings", "judge_profit", 'trades[k]["exit_ts"] > since', 'trades[k]["exit_ts"] >= since')
    ],
    "portfolio-3-low-profit-until": [
        ("locks", "protection_refusal", 'now < instrument["low_until"]', 'now <= instrument["low_until"]')
    ],
    "portfolio-3-low-profit-per-instrument": [
        ("portfolio", "entry_refusal", "books.instruments[slots.instrument[number]]", "books.instruments[0]")
    ],
    "portfolio-3-cooldown": [("bookings", "start_cooldown", 'else rules["cooldown"]', "else 0")],
    "portfolio-3-cooldown-stop": [
        ("bookings", "start_cooldown", 'rules["cooldown_stop"] if', 'rules["cooldown"] if')
    ],
    "portfolio-3-cooldown-reversal": [
        ("bookings", "start_cooldown", "stopped =", 'slot["pending_side"] = 0\n    stopped =')
    ],
    "portfolio-3-cooldown-per-slot": SLOT_0,
    "portfolio-3-loss-streak": [("bookings", "count_streaks", 'account["paused"] = 1', "pass")],
    "portfolio-3-loss-streak-day": [("samples", "change_day", 'account["paused"] = 0', "pass")],
    "portfolio-3-loss-streak-again": [
        (
            "bookings",
            "count_streaks",
            'account["pause_losses"] = account["streak"]\n        account["streak"] = 0',
            'account["pause_losses"] = account["streak"]',
        )
    ],
    "portfolio-3-loss-streak-reset": [
        (
            "bookings",
            "count_streaks",
            'account["streak"] = 0\n        account["size_losses"] = 0',
            'account["size_losses"] = 0',
        )
    ],
    "portfolio-3-loss-streak-account": [
        (
            "bookings",
            "on_trade",
            "count_streaks(account,",
            'if trades[count - 1]["slot"] == 0:\n        count_streaks(account,',
        )
    ],
    "portfolio-3-end-of-data": [("inside", "finish_trade", ' and trade["reason"] != codes.END_OF_DATA', "")],
    "portfolio-3-low-profit-end": [
        ("bookings", "judge_profit", ' and trades[k]["reason"] != END_OF_DATA', "")
    ],
    "portfolio-3-halve": [("bookings", "count_streaks", 'account["halved"] = 1', "pass")],
    "portfolio-3-restore": [("bookings", "count_streaks", 'account["halved"] = 0', "pass")],
    "portfolio-3-restore-count": [
        (
            "bookings",
            "count_streaks",
            'account["size_wins"] >= rules["restore_after"]',
            'account["size_wins"] >= 1',
        )
    ],
    "portfolio-3-halve-count": [("bookings", "count_streaks", 'account["size_losses"] = 0', "pass")],
    "portfolio-3-restore-zero": [("bookings", "count_streaks", "if pnl > 0:", "if pnl >= 0:")],
    "portfolio-3-halve-apart": [
        (
            "bookings",
            "count_streaks",
            'account["pause_losses"] = account["streak"]',
            'account["pause_losses"] = account["streak"]\n        account["size_losses"] = 0',
        )
    ],
    "portfolio-3-slot-peak": [("samples", "judge_slot", 'slot["peak"] = max(slot["peak"], result)', "pass")],
    "portfolio-3-slot-capital": [
        ("portfolio", "judge_sample", "result, capital, now, rules", "result, equity, now, rules")
    ],
    "portfolio-3-slot-open": [
        ("portfolio", "judge_sample", " + kernel.open_result(books.slots[k], close)", "")
    ],
    "portfolio-3-slot-only": SLOT_0,
    "portfolio-3-slot-unlock": [("samples", "judge_slot", 'slot["peak"] = result', "pass")],
    "portfolio-3-global-peak": [
        (
            "samples",
            "judge_account",
            'account["global_peak"] = max(account["global_peak"], equity)',
            "pass",
        )
    ],
    "portfolio-3-global-unlock": [("samples", "judge_account", 'account["global_peak"] = equity', "pass")],
    # section 4
    "portfolio-4-daily-readings": [("samples", "judge_day", 'account["daily_count"] = 0', "pass")],
    "portfolio-4-daily-latch": [
        (
            "samples",
            "judge_day",
            'account["daily_count"] = 0',
            'account["daily_count"] = 0\n        account["daily_latched"] = 0',
        )
    ],
    "portfolio-4-daily-day": [("samples", "change_day", 'account["daily_latched"] = 0', "pass")],
    "portfolio-4-daily-opening": [("samples", "change_day", 'account["day_open"] = equity', "pass")],
    "portfolio-4-halt": [("portfolio", "exit_due", 'now < account["halt_until"]', "False")],
    "portfolio-4-halt-unlock": [("samples", "judge_account", 'account["halt_peak"] = equity', "pass")],
    "portfolio-4-halt-pending": [
        (
            "portfolio",
            "exit_due",
            'now < account["halt_until"]',
            'slot["entry_ts"] + rules["unlock"] < account["halt_until"] > now',
        )
    ],
    "portfolio-4-asset-loss": [("portfolio", "exit_due", 'rules["asset_risks"] > 0.0', "False")],
    "portfolio-4-asset-loss-limit": [
        (
            "portfolio",
            "exit_due",
            'rules["asset_risks"] * slot["planned_risk"]',
            '1.5 * slot["planned_risk"]',
        )
    ],
    "portfolio-4-order-time": [
        (
            "kernel",
            "exit_cause",
            "if max_bars > 0 and bars_held >= max_bars:",
            "if max_bars > 0 and bars_held >= max_bars and not forced:",
        )
    ],
    "portfolio-4-order-signal": [("kernel", "exit_cause", "if wanted:", "if wanted and not forced:")],
    "portfolio-4-frees": [
        ("portfolio", "decide_slot", FREE, f'slot["exit_reason"] != codes.PROTECTION and ({FREE})')
    ],
    # section 5
    "portfolio-4-nothing-day": [
        ("samples", "judge_day", 'share_of(loss, account["day_open"])', 'loss / account["day_open"]')
    ],
    "portfolio-4-nothing-window": [
        ("samples", "judge_window", "share_of(peak - equity, peak)", "(peak - equity) / peak")
    ],
    "portfolio-4-nothing-global": [
        (
            "samples",
            "judge_account",
            'share_of(fall, account["global_peak"])',
            'fall / account["global_peak"]',
        )
    ],
    "portfolio-4-nothing-account": [
        ("samples", "judge_account", 'share_of(fall, account["halt_peak"])', 'fall / account["halt_peak"]')
    ],
    "portfolio-5-instrument": [
        ("exposure", "exposure_rooms", 'if rules["instrument_exposure"] > 0.0:', "if False:")
    ],
    "portfolio-5-leverage-cap": [
        ("portfolio", "decide_slot", 'leverage = min(leverage, rule["leverage_cap"])', "pass")
    ],
    "portfolio-5-leverage-cap-open": [
        ("portfolio", "open_slot_entry", 'leverage = min(leverage, rule["leverage_cap"])', "pass")
    ],
    "portfolio-5-group": [("exposure", "exposure_rooms", 'if rules["group_exposure"] > 0.0:', "if False:")],
    "portfolio-5-group-unknown": [
        ("backtest", "_books", "together=np.ones((n, n), np.bool_)", "together=np.eye(n, dtype=np.bool_)")
    ],
    "portfolio-5-group-own": [
        (
            "exposure",
            "exposure_rooms",
            'if rules["group_exposure"] > 0.0:',
            'if rules["group_exposure"] > 0.0 and group > 0.0:',
        )
    ],
    "portfolio-5-group-full": [
        (
            "exposure",
            "exposure_rooms",
            'if rules["group_exposure"] > 0.0:',
            'if rules["group_exposure"] * budget > group:',
        )
    ],
    "portfolio-5-group-negative": [
        ("exposure", "exposure_cap", "max(room, 0.0) / close", "abs(room) / close")
    ],
    "portfolio-5-margin": [("exposure", "exposure_rooms", 'if rules["margin"] > 0.0:', "if False:")],
    "portfolio-5-margin-pending": [("exposure", "notional_of", 'if slot["pending_side"] != 0:', "if False:")],
    "portfolio-5-budget": [
        ("exposure", "exposure_rooms", "budget = equity * leverage", "budget = 10_000.0 * leverage")
    ],
    "portfolio-5-correlation": [
        ("correlation", "update_together", "moves_together(closes, rows, a, b, limit)", "True")
    ],
    "portfolio-5-negative": [("correlation", "moves_together", "cov > 0.0 and ", "")],
    "portfolio-5-group-30": [("correlation", "moves_together", "if count < MIN_RETURNS:", "if count < 2:")],
    "portfolio-5-correlated": [("correlation", "moves_together", "return cov > 0.0 and", "return False and")],
    "portfolio-5-variance": [
        ("correlation", "moves_together", "if var_a == 0.0 or var_b == 0.0:", "if False:")
    ],
    "portfolio-5-limit-under": [("correlation", "moves_together", "limit * limit", "0.0")],
    "portfolio-5-limit-above": [("correlation", "moves_together", "limit * limit", "1.0")],
    "portfolio-5-days": [("backtest", "_books", "max(correlation_days, 1)", "90")],
}
