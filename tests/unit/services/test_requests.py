"""From a run file and options to a request: what is left open is the file's, then the default."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.services.backtest_material import market, write_bars
from vigie.domain.account import Protections
from vigie.domain.errors import ConfigError, UsageError
from vigie.domain.time import parse_time
from vigie.services.runs import request_builder
from vigie.services.runs.backtest import BacktestRequest, SlotRequest
from vigie.wiring.data import open_data

SLOTS = """
[[slots]]
instruments = ["BTC", "ETH"]
timeframe = "4h"
strategy = "ema_cross"
params = { fast = 10 }

[[slots]]
instruments = ["SOL"]
strategy = "macd_cross"
enabled = false
"""


def build(tmp_path: Path, text: str = "", **options: object) -> BacktestRequest:
    config = None
    if text:
        config = tmp_path / "run.toml"
        config.write_text(text)
    return request_builder.build_request(open_data(), config=config, **options)


def test_options_alone_make_slots_in_order_of_instrument_timeframe_strategy(tmp_path: Path):
    request = build(tmp_path, venue="binance-perp", symbols=["BTC", "ETH"], strategy="ema_cross, macd_cross",
                    timeframes=["1h", "4h"], params={"macd_cross": {"fast": "5"}})  # fmt: skip
    assert [(s.instrument, s.timeframe, s.strategy) for s in request.slots] == [
        (i, t, s) for i in ("BTC", "ETH") for t in ("1h", "4h") for s in ("ema_cross", "macd_cross")
    ]
    assert {str(s.params) for s in request.slots if s.strategy == "macd_cross"} == {"{'fast': '5'}"}
    assert request.account.mode == "isolated"
    assert request.account.protections is None


def test_native_is_the_default_timeframe(tmp_path: Path):
    (slot,) = build(tmp_path, symbols=["BTC"], strategy="ema_cross").slots
    assert slot.timeframe == "native"


def test_slots_that_are_switched_off_are_left_out(tmp_path: Path):
    request = build(tmp_path, SLOTS)
    assert request.slots == tuple(
        SlotRequest(name, "4h", "ema_cross", {"fast": 10.0}) for name in ("BTC", "ETH")
    )


def test_a_run_file_with_all_slots_off_runs_nothing(tmp_path: Path):
    assert build(tmp_path, SLOTS.replace("params = { fast = 10 }", "enabled = false")).slots == ()


@pytest.mark.parametrize(
    ("options", "slots"),
    [
        ({"symbols": ["XRP"]}, [("XRP", "4h", "ema_cross")]),
        ({"timeframes": ["1d"]}, [("BTC", "1d", "ema_cross"), ("ETH", "1d", "ema_cross")]),
        ({"strategy": "adx_trend"}, [("BTC", "native", "adx_trend"), ("ETH", "native", "adx_trend")]),
        ({"strategy": "adx_trend", "symbols": ["XRP"], "timeframes": ["1h"]}, [("XRP", "1h", "adx_trend")]),
    ],
)
def test_an_option_replaces_its_part_of_the_slots(tmp_path: Path, options: dict, slots: list):
    request = build(tmp_path, SLOTS, **options)
    assert [(s.instrument, s.timeframe, s.strategy) for s in request.slots] == slots


def test_parameters_of_options_win_over_those_of_the_file(tmp_path: Path):
    request = build(tmp_path, SLOTS, params={"ema_cross": {"slow": "70", "fast": "8"}})
    assert request.slots[0].params == {"fast": "8", "slow": "70"}


def test_every_table_of_the_file_reaches_the_request(tmp_path: Path):
    request = build(
        tmp_path,
        '[account]\nmode = "portfolio"\ncapital = 1000\nmax_bars = 7\ntarget_execution = "limit"\n'
        "[costs]\ntaker = 0.001\nslippage_bps = 1\n"
        '[venue]\nid = "bitget-perp"\nmode = "demo"\n'
        '[data]\nfrom = 2024-01-01\nto = 2024-06-01T12:00:00\nlast = 9\nwarmup_bars = 4\ntick = 0.5\nlot = "0.001"\n'
        'instruments = "i.csv"\ndetail = "1m"\nfunding = "sub/f.csv"\nmark = "m.csv"\n'
        "[protections]\nmax_positions = 2\n" + SLOTS,
    )
    account = request.account
    assert (account.mode, account.sizing.capital, account.sizing.max_bars) == ("portfolio", 1_000, 7)
    assert account.sizing.target_execution == "limit"
    assert (account.costs.taker, account.costs.maker, account.costs.slippage_bps) == (0.001, 0.0002, 1)
    assert account.protections == Protections(max_positions=2)
    assert request.venue == "bitget-perp"
    assert (request.start_ms, request.end_ms) == (parse_time("2024-01-01"), parse_time("2024-06-01T12:00"))
    assert (request.last, request.warmup_bars, request.tick, request.lot) == (9, 4, "0.5", "0.001")
    assert request.detail == "1m"
    # Paths of a run file are beside it.
    assert request.instruments == tmp_path / "i.csv"
    assert request.funding == tmp_path / "sub" / "f.csv"
    assert request.mark == tmp_path / "m.csv"


def test_every_option_wins_over_its_key(tmp_path: Path):
    text = (
        '[account]\ncapital = 1000\nleverage = 2\n[costs]\ntaker = 0.001\n[venue]\nid = "bitget-perp"\n'
        '[data]\nfrom = "2024-01-01"\nlast = 9\nwarmup_bars = 4\ntick = 0.5\nfunding = "f.csv"\n' + SLOTS
    )
    request = build(tmp_path, text, account={"capital": 5.0, "leverage": None}, costs={"taker": 0.0},
                    venue="binance-perp", start="2024-02-01", last=3, warmup_bars=0, tick="0.1",
                    funding=Path("here.csv"), protections=True, seed=4, check=False)  # fmt: skip
    assert (request.account.sizing.capital, request.account.sizing.leverage) == (5.0, 2)
    assert request.account.costs.taker == 0.0
    assert request.venue == "binance-perp"
    assert request.start_ms == parse_time("2024-02-01")
    assert (request.last, request.warmup_bars, request.tick) == (3, 0, "0.1")
    assert request.funding == Path("here.csv")
    assert request.account.protections == Protections()
    assert (request.seed, request.check) == (4, False)


def test_protections_of_the_file_stay_when_they_are_switched_on(tmp_path: Path):
    text = "[protections]\nmax_positions = 2\n" + SLOTS
    assert build(tmp_path, text, protections=True).account.protections == Protections(max_positions=2)
    assert build(tmp_path, text, protections=False).account.protections is None
    assert build(tmp_path, "protections = true\n" + SLOTS).account.protections == Protections()


def test_portfolio_mode_has_its_protections_and_may_not_lose_them(tmp_path: Path):
    assert build(tmp_path, SLOTS, account={"mode": "portfolio"}).account.protections == Protections()
    with pytest.raises(UsageError, match="protections must be on in portfolio mode"):
        build(tmp_path, "protections = false\n[account]\nmode = 'portfolio'\n" + SLOTS)


def two_files(tmp_path: Path) -> list[Path]:
    return [write_bars(tmp_path / f"{name}USDT-1d.csv", market().bars(name, "1d")) for name in ("BTC", "ETH")]


def test_slots_of_the_file_run_on_the_files_of_their_instruments(tmp_path: Path):
    files = two_files(tmp_path)
    text = SLOTS.replace('"4h"', '"1d"').replace('["SOL"]', '["ETHUSDT"]').replace("enabled = false", "")
    request = build(tmp_path, text, bars=files)
    assert [(Path(s.instrument).name, s.timeframe, s.strategy) for s in request.slots] == [
        ("BTCUSDT-1d.csv", "1d", "ema_cross"),
        ("ETHUSDT-1d.csv", "1d", "ema_cross"),
        ("ETHUSDT-1d.csv", "1d", "macd_cross"),
    ]
    assert request.slots[0].params == {"fast": 10.0}


def test_a_slot_of_the_file_without_bars_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="a slot of the run file uses SOL, which is in no bar file"):
        build(tmp_path, SLOTS.replace("enabled = false", ""), bars=two_files(tmp_path))


def test_a_strategy_runs_on_every_file_at_its_own_timeframe(tmp_path: Path):
    request = build(tmp_path, bars=two_files(tmp_path), strategy="ema_cross")
    assert [s.timeframe for s in request.slots] == ["1d", "1d"]
    with pytest.raises(UsageError, match="a backtest needs a strategy"):
        build(tmp_path, bars=two_files(tmp_path))


def test_a_missing_or_unreadable_run_file_is_named(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"run file .*none\.toml cannot be read"):
        request_builder.build_request(open_data(), config=tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe[account]")
    with pytest.raises(ConfigError, match=r"run file .*bad\.toml is not UTF-8 text"):
        request_builder.build_request(open_data(), config=tmp_path / "bad.toml")


def test_required_criteria_are_the_slots_own_until_an_option_names_others(tmp_path: Path):
    text = SLOTS.replace('strategy = "ema_cross"', 'strategy = "ema_cross"\nrequire = ["trend"]')
    assert {slot.require for slot in build(tmp_path, text).slots} == {("trend",)}
    assert {slot.require for slot in build(tmp_path, text, require=["volume"]).slots} == {("volume",)}
    write_bars(tmp_path / "BTCUSDT-4h.csv", market().bars("BTC", "4h"))
    on_file = '[data]\nbars = ["BTCUSDT-4h.csv"]\n' + text.replace('["BTC", "ETH"]', '["BTC"]')
    assert [slot.require for slot in build(tmp_path, on_file).slots] == [("trend",)]
    with pytest.raises(ConfigError, match=r"slots\.0\.require must be a list, was 'trend'"):
        build(tmp_path, text.replace('["trend"]', '"trend"'))
