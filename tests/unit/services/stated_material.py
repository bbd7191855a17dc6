"""Real venue names with bars, settings that state something of instruments, and runs asked for on them."""

from __future__ import annotations

from pathlib import Path

from tests.unit.services.backtest_material import market
from vigie.data.frames import to_frame
from vigie.data.stores import DataStores
from vigie.domain.ids import SeriesId
from vigie.services.runs import request_builder
from vigie.services.runs.backtest_request import BacktestRequest
from vigie.wiring.data import open_data

VENUE = "bitget-perp"


def write_known_bars() -> None:
    """Store bars of real instruments, so that there is a table to depart from."""
    desk = open_data()
    for asset in ("BTC", "ETH"):
        bars = market().bars(asset, "4h")
        desk.bars.upsert(SeriesId(VENUE, bars.instrument, "4h"), to_frame(bars))


def state(home: Path, text: str) -> DataStores:
    """Write the settings of a home; return its data."""
    (home / "vigie.toml").write_text(text)
    return open_data()


def asked(desk: DataStores, **more) -> BacktestRequest:
    """Return a backtest of both instruments."""
    given = {"venue": VENUE, "symbols": ["BTC", "ETH"], "strategy": "ema_cross", "timeframes": ["4h"], **more}
    return request_builder.build_request(desk, **given)
