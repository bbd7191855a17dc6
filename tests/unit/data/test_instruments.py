from __future__ import annotations

from pathlib import Path

import pytest

from tests.shared import shared_dir
from tests.unit.data.material import NOW, FakeFeed, make_bars, make_desk
from vigie.data.instruments.caps import leverage_cap
from vigie.data.instruments.refresh import refresh_rules
from vigie.data.instruments.table import read_instruments, resolve_instrument, shipped_instruments
from vigie.domain.errors import DataError, UsageError
from vigie.domain.ids import ASSET_BY_TICKER, parse_instrument
from vigie.domain.money import GridStep
from vigie.ports.venue import Terms
from vigie.services.bar_reading import find_instrument
from vigie.services.data import list_instruments

TRADED = set(ASSET_BY_TICKER) - {"USDT"}


@pytest.mark.parametrize("venue", ["binance-perp", "binance-spot", "bitget-perp", "hyperliquid-perp"])
def test_table_has_every_asset_of_the_watch(venue: str):
    names = [line.instrument.name for line in shipped_instruments() if line.instrument.venue == venue]
    assert {parse_instrument(name).base for name in names} == set(ASSET_BY_TICKER)
    assert len(names) == len(set(names))


def test_lines_for_display_are_usdt_against_usd_and_margin_coins():
    shown = {line.instrument.name for line in shipped_instruments() if line.is_display}
    assert shown == {"usdt-usd-perp", "usdt-usd-spot", "usdc-usd-perp"}


def test_rules_can_be_traded():
    for line in shipped_instruments():
        one = line.instrument
        if line.is_display:
            continue
        assert one.min_notional > 0
        assert one.min_qty >= one.lot.value
        assert one.max_leverage >= 1
        assert 0 < one.maker <= one.taker < 0.002
        assert one.significant_figures == (5 if one.venue.startswith("hyperliquid") else 0)
        # The margin at the highest leverage covers maintenance.
        assert one.maintenance_rate < 1 / one.max_leverage or one.max_leverage > 60


def test_size_decimals_of_hyperliquid_bound_its_price_decimals():
    for line in shipped_instruments():
        if line.instrument.venue == "hyperliquid-perp" and not line.is_display:
            assert line.instrument.tick.digits == 6 - line.instrument.lot.digits


@pytest.mark.parametrize(
    ("name", "cap"),
    [("btc-usdt-perp", 5), ("doge-usdt-perp", 5), ("atom-usdt-perp", 3), ("pepe-usdt-perp", 3)],
)
def test_small_caps_get_less_leverage(name: str, cap: float):
    assert leverage_cap(name) == cap


@pytest.mark.shared
def test_table_of_binance_equals_the_pinned_values():
    pinned = read_instruments(shared_dir("cases", "instruments.csv"))
    table = {
        line.instrument.name: line.instrument
        for line in shipped_instruments()
        if line.instrument.venue == "binance-perp"
    }
    assert len(pinned) == 11
    for name, one in pinned.items():
        ours = table[name]
        for field in (
            "tick",
            "lot",
            "min_qty",
            "min_notional",
            "max_leverage",
            "maintenance_rate",
            "leverage_cap",
        ):
            assert getattr(ours, field) == getattr(one, field), (name, field)


@pytest.mark.parametrize("again", ["BTCUSDT", "BTC", "btc-usdt-perp"])
def test_an_instrument_with_two_rows_is_refused(tmp_path: Path, again: str):
    path = tmp_path / "instruments.csv"
    path.write_text(f"symbol,tick,lot\nBTCUSDT,0.1,0.001\nETHUSDT,0.01,0.01\n{again},1,1\n")
    with pytest.raises(DataError, match="already has a row; keep only one"):
        read_instruments(path, venue="binance-perp")


@pytest.mark.parametrize("most", ["0", "-5", "nan"])
def test_a_venue_that_allows_no_leverage_is_refused(tmp_path: Path, most: str):
    path = tmp_path / "instruments.csv"
    path.write_text(f"symbol,tick,lot,max_leverage\nBTCUSDT,0.1,0.001,{most}\n")
    with pytest.raises(DataError, match=f"row 1: max_leverage must be > 0, was {most}"):
        read_instruments(path, venue="binance-perp")


def test_usual_spellings_mean_the_contract_the_venue_has():
    assert str(resolve_instrument("hyperliquid-perp", "BTC")) == "btc-usdc-perp"
    assert str(resolve_instrument("hyperliquid-perp", "ETHUSDT")) == "eth-usdc-perp"
    assert str(resolve_instrument("bitget-perp", "BTC")) == "btc-usdt-perp"
    assert str(resolve_instrument("binance-spot", "BTC")) == "btc-usdt-spot"
    assert str(resolve_instrument("binance-perp", "PEPE")) == "pepe-usdt-perp"
    assert str(resolve_instrument("binance-perp", "USDT")) == "usdt-usd-perp"


class TestFile:
    def test_rules_by_name(self, tmp_path: Path):
        path = tmp_path / "i.csv"
        path.write_text(
            "symbol,tick,lot,min_qty,min_notional,max_leverage,maintenance_rate\nBTCUSDT,0.1,0.001,0.002,5,125,0.005\n"
        )
        [one] = read_instruments(path, venue="binance-perp").values()
        assert (one.full_name, one.tick, one.lot) == (
            "binance-perp:btc-usdt-perp",
            GridStep(1, 1),
            GridStep(1, 3),
        )
        assert (one.min_qty, one.min_notional, one.taker) == (0.002, 5.0, 0.0006)

    def test_tick_and_lot_are_enough(self, tmp_path: Path):
        path = tmp_path / "i.csv"
        path.write_text("symbol,tick,lot\nBTC,0.5,1\n")
        assert read_instruments(path)["btc-usdt-perp"].min_notional == 0

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("symbol,tick\nBTC,0.5\n", "missing lot"),
            ("", "the file is empty"),
            ("symbol,tick,lot\nBTC,x,1\n", "row 1: tick must be a positive number, was 'x'"),
            ("symbol,tick,lot,min_qty\nBTC,1,1,few\n", "row 1: min_qty must be a number, was 'few'"),
            ("symbol,tick,lot\nB T C,1,1\n", "row 1: instrument must look like"),
        ],
    )
    def test_what_is_wrong_is_named_with_its_row(self, tmp_path: Path, text: str, message: str):
        path = tmp_path / "i.csv"
        path.write_text(text)
        with pytest.raises(DataError, match=message):
            read_instruments(path)

    def test_missing_file_is_the_callers_mistake(self, tmp_path: Path):
        with pytest.raises(UsageError, match="file not found"):
            read_instruments(tmp_path / "none.csv")


class TestRefresh:
    def desk(self, home: Path, *terms: Terms, now: int = NOW):
        return make_desk(home, now=now, feed=FakeFeed(make_bars(1), rules=list(terms)))

    def test_new_rules_become_a_version_and_the_old_ones_stay(self, tmp_path: Path):
        terms = Terms("btc-usdt-perp", GridStep(5, 1), GridStep(1, 3), min_notional=10.0, taker=0.0005)
        found = refresh_rules(self.desk(tmp_path, terms), "bitget-perp")
        assert [one.name for one in found.changed] == ["btc-usdt-perp"]
        assert len(found.absent) == 11
        old, new = find_instrument(self.desk(tmp_path), "bitget-perp", "BTC")
        assert (old.valid_from, new.valid_from) == (0, NOW)
        assert (old.tick, new.tick, new.lot, new.min_notional) == (
            GridStep(1, 1),
            GridStep(5, 1),
            GridStep(1, 3),
            10.0,
        )
        # The venue did not say the maintenance rate: it stays as known.
        assert (new.maintenance_rate, new.max_leverage) == (old.maintenance_rate, old.max_leverage)

    def test_unchanged_rules_make_no_version(self, tmp_path: Path):
        terms = Terms("btc-usdt-perp", GridStep(5, 1), GridStep(1, 3))
        refresh_rules(self.desk(tmp_path, terms), "bitget-perp")
        again = refresh_rules(self.desk(tmp_path, terms, now=NOW + 1), "bitget-perp")
        assert (again.changed, again.same) == ((), ("btc-usdt-perp",))
        assert len(find_instrument(self.desk(tmp_path), "bitget-perp", "BTC")) == 2

    def test_versions_come_in_the_order_of_time_and_the_newest_is_listed(self, tmp_path: Path):
        for step, now in ((2, NOW), (4, NOW + 5), (8, NOW + 9)):
            refresh_rules(
                self.desk(tmp_path, Terms("btc-usdt-perp", GridStep(step, 1), GridStep(1, 3)), now=now),
                "bitget-perp",
            )
        ticks = [one.tick.multiple for one in find_instrument(self.desk(tmp_path), "bitget-perp", "BTC")]
        assert ticks == [1, 2, 4, 8]
        [line] = list_instruments(self.desk(tmp_path), venue="bitget-perp", symbols=["BTC"])
        assert line.instrument.tick == GridStep(8, 1)

    def test_venue_without_a_history_is_refused(self, tmp_path: Path):
        with pytest.raises(UsageError, match=r"venue must be one of .* was 'kraken-perp'"):
            refresh_rules(make_desk(tmp_path), "kraken-perp")


def test_unknown_instrument_has_no_versions(tmp_path: Path):
    assert find_instrument(make_desk(tmp_path), "bitget-perp", "PEPE") == []
    with pytest.raises(UsageError, match="no instrument matches"):
        list_instruments(make_desk(tmp_path), venue="bitget-perp", symbols=["PEPE"])
