"""Weeks in which a limit of the whole account refused entries are found among all that was refused."""

from __future__ import annotations

import pytest

from vigie.domain.time import DAY_MS
from vigie.services.trading.accounts.entry_pauses import describe_pauses, find_pauses
from vigie.services.trading.log.event_log import EntryRefusal

# The first of October 2026.
BEGUN = 1_790_812_800_000


def refused(code: str, *days: int) -> list[EntryRefusal]:
    return [
        EntryRefusal(BEGUN + day * DAY_MS, "btc-usdt-perp/1h/macd_cross", "long", code, 0.1, 0.2)
        for day in days
    ]


def test_a_pause_reaches_from_its_first_refusal_to_its_last_whatever_else_was_refused_between():
    mixed = sorted(
        refused("global_drawdown", 0, 6, 12) + refused("max_positions", 3) + refused("cooldown", 5),
        key=lambda one: one.ts,
    )
    (pause,) = find_pauses(mixed)
    assert (pause.code, pause.from_ms, pause.until_ms, pause.refused) == (
        "global_drawdown", BEGUN, BEGUN + 12 * DAY_MS, 3,
    )  # fmt: skip


@pytest.mark.parametrize(
    "refusals",
    [
        [],
        refused("account_drawdown", 0, 6),
        refused("account_drawdown", 0, 8),
        refused("stop_guard_account", 0, 5, 10),
    ],
    ids=["none", "shorter than a week", "two that lie far apart", "a limit of a day"],
)
def test_what_is_no_pause_of_weeks_is_left_out(refusals):
    assert find_pauses(refusals) == []


def test_a_pause_is_told_with_its_days_its_limit_and_how_often_it_refused():
    refusals = refused("window_drawdown", 0, 5, 10)
    assert describe_pauses(refusals, "en") == [
        "No entries from 1 Oct 2026 to 11 Oct 2026: a limit of the whole account held (Recent drawdown; refused: 3)."
    ]
    (french,) = describe_pauses(refusals, "fr")
    assert "Aucune entrée du 1er oct. 2026 au 11 oct. 2026" in french
    assert "Drawdown récent" in french
