"""Numbers of codes enter every decision hash: they are what they were."""

from __future__ import annotations

from vigie.domain import codes

NUMBERS = {
    1: "signal", 2: "time", 3: "stop", 4: "target", 5: "liquidation", 6: "end_of_data", 7: "protection",
    20: "entry_decided", 21: "exit_decided_signal", 22: "exit_decided_time", 23: "exit_decided_protection",
    24: "entry_intent",
    40: "both_sides", 41: "no_equity", 42: "bad_level", 43: "level_too_close", 44: "liquidation_too_near",
    45: "too_small", 46: "gap_through_level",
    60: "stop_guard_instrument", 61: "stop_guard_account", 62: "window_drawdown", 63: "low_profit",
    64: "cooldown", 65: "loss_streak", 66: "slot_drawdown", 67: "global_drawdown",
    70: "daily_loss", 71: "account_drawdown",
    80: "max_positions", 81: "instrument_taken", 82: "funding_cost",
    8: "outside",
    100: "trading_state", 101: "stale_data", 102: "clock_drift", 103: "not_reconciled", 104: "slot_paused",
    105: "missed_bar", 106: "signal_age", 107: "instrument_state", 108: "order_rate",
    109: "silent_stream", 110: "price_band", 111: "spread", 112: "depth", 113: "price_jump",
}  # fmt: skip


def test_no_number_was_reused_or_changed():
    assert {number: codes.CODES.get(number) for number in NUMBERS} == NUMBERS


def test_words_and_numbers_are_unique_across_all_tables():
    tables = (codes.REASONS, codes.LIVE_REASONS, codes.DECISIONS, codes.REFUSALS, codes.VETOES)
    assert len(codes.CODES) == sum(len(table) for table in tables)
    assert len(set(codes.CODES.values())) == len(codes.CODES)


def test_a_number_without_a_word_is_its_own():
    assert [codes.refusal_name(code) for code in (40, 119, 59, 4_000)] == [
        "both_sides", "run_orders", "59", "4000",
    ]  # fmt: skip


def test_every_refusal_is_numbered_above_every_decision():
    assert min(codes.REFUSALS) > max(codes.DECISIONS) > max(codes.REASONS)


def test_the_decision_of_an_exit_is_its_reason_twenty_above():
    assert codes.CODES[codes.ENTRY_DECIDED + codes.SIGNAL] == "exit_decided_signal"
    assert codes.CODES[codes.ENTRY_DECIDED + codes.TIME] == "exit_decided_time"
