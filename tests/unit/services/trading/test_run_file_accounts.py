"""Whose run file is changed, and when: order caps, shared files, replayed pasts, orders at a venue."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.unit.services.trading.material import BEGUN
from tests.unit.services.trading.test_run_file_changes import (
    TEXT,
    _only_begun,
    _Wrapped,
    house,
    keep,
    prepared,
    states,
    traded,
)
from vigie.domain.errors import UsageError, VigieError
from vigie.domain.order_caps import OrderCaps
from vigie.domain.time import HOUR_MS
from vigie.services.needs import provide
from vigie.services.runs import request_builder
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.log.replay_cache import load_event_log
from vigie.services.trading.process import trading
from vigie.services.trading.process.replaying import begin_replay
from vigie.services.trading.run_files.account_files import note_source
from vigie.services.trading.run_files.editing import RunFileEdit, SlotEdit
from vigie.services.trading.run_files.taking_effect import RunFileStores, is_flat

__all__ = ("house",)


@pytest.mark.parametrize(
    ("instrument", "timeframe", "said"),
    [
        ("SOL", "4h", r"sol-usdt-perp/4h.* are not allowed: order_only"),
        ("BTC", "15m", r"btc-usdt-perp.*15m"),
        ("NOPE", "1h", r"NOPE"),
    ],
)
def test_what_a_start_refuses_a_preview_refuses_in_the_same_words(house, instrument, timeframe, said):
    names = ("btc-usdt-perp", "eth-usdt-perp", "sol-usdt-perp/1h")
    capped = replace(house, order_caps=OrderCaps(names))
    kept = [SlotEdit(0, ("BTC", "ETH", "SOL"), "ema_cross", "1h"), SlotEdit(1, ("BTC",), "macd_cross", "4h")]
    added = SlotEdit(None, (instrument,), "macd_cross", timeframe)
    with pytest.raises(VigieError, match=said) as refused:
        keep(capped, RunFileEdit(slots=[*kept, added]))
    assert states(house) == []
    file = house.home / "by-hand.toml"
    slot = f'[[slots]]\ninstruments = ["{instrument}"]\nstrategy = "macd_cross"\ntimeframe = "{timeframe}"\n'
    file.write_text(f"{TEXT}\n{slot}")
    with pytest.raises(VigieError) as at_start:
        traded(capped, BEGUN, BEGUN + HOUR_MS, path=file)
    assert str(at_start.value).replace(str(file), "F") == str(refused.value).replace(
        str(prepared(house)), "F"
    )
    assert keep(capped, RunFileEdit({"leverage": 2.0}, slots=kept)).version == 1


def test_a_file_that_two_accounts_share_is_changed_for_neither(house, monkeypatch):
    monkeypatch.setattr(trading, "trade", _only_begun)
    file = house.home / "trading.toml"
    file.write_text(TEXT)
    prepared(house).unlink()
    first = traded(house, BEGUN, BEGUN + HOUR_MS, path=file)
    version = keep(house)
    second = replace(first, id="second-run", account="second")
    house.trades.begin(second)
    note_source(house.results, second.id, file)
    for account, other in (("first", "second"), ("second", "first")):
        with pytest.raises(
            UsageError, match=f"account {other} is traded from the same file .* a file of its own"
        ):
            keep(house, account=account)
    # Nor does what was kept before: the other account would be refused at its next start.
    assert traded(house, BEGUN + HOUR_MS, BEGUN + 2 * HOUR_MS, path=file) == first
    assert file.read_text() == TEXT
    assert states(house) == ["waiting"]
    # It does once the other account has a file of its own.
    note_source(house.results, second.id, house.home / "second.toml")
    assert traded(house, BEGUN + 2 * HOUR_MS, BEGUN + 3 * HOUR_MS, path=file).id == version.run


def test_an_account_whose_past_is_replayed_is_changed_once_it_trades(house, monkeypatch):
    monkeypatch.setattr(trading, "trade", _only_begun)
    request = request_builder.build_request(
        house.data, config=prepared(house), own_strategies=house.results.strategies
    )
    run = begin_replay(provide(house, TradingStores), request, account="first", owner="owner", days=12)
    note_source(house.results, run.id, prepared(house))
    with pytest.raises(
        UsageError, match="the past of account first is being replayed; change it once it trades"
    ):
        keep(house)
    assert states(house) == []
    traded(house, BEGUN, BEGUN + HOUR_MS)
    assert keep(house).version == 1


@pytest.mark.parametrize(
    ("mode", "leg", "expected"),
    [("paper", "target", True), ("demo", "target", False), ("demo", "stop", False)],
)
def test_an_order_that_works_at_a_venue_keeps_an_account_from_being_flat(
    house, monkeypatch, mode, leg, expected
):
    monkeypatch.setattr(trading, "trade", _only_begun)
    run = traded(house, BEGUN, BEGUN + HOUR_MS)
    order = SimpleNamespace(intent=SimpleNamespace(leg=leg))
    trades = _Wrapped(house.trades, run=lambda _: replace(run, mode=mode), intents=lambda *_, **more: [order])
    assert not load_event_log(house.results, house.trades, run).open_slots
    assert is_flat(replace(provide(house, RunFileStores), trades=trades), "first") is expected
