"""The golden runs: every shipped strategy on pinned bars, alone and together on one account; and on real bars.

`python -m tests.golden.runs [BARS]` prints the decision hashes of the pinned runs as JSON, on the first BARS bars: so
other interpreters, and this one with compilation off, can be asked.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from vigie.data.asof import add_feature
from vigie.domain.account import AccountSettings, Protections
from vigie.domain.bar import Bars
from vigie.domain.ids import SlotId
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step
from vigie.domain.time import HOUR_MS, parse_time
from vigie.engine.inputs import Settlements, settlements_of
from vigie.engine.journal import decision_hash
from vigie.engine.run import PlannedSlot, Run, execute
from vigie.research.files import to_json_value
from vigie.trading import catalogue

HERE: Final = Path(__file__).resolve().parent
PINNED_BARS: Final = HERE.parent / "data" / "golden" / "simulated-2000.csv"
PINNED: Final = HERE / "pinned.json"
REAL: Final = HERE / "real.json"

REAL_ASSETS: Final = ("BTC", "ETH", "BNB", "SOL", "XRP", "AVAX", "DOGE")
REAL_STRATEGIES: Final = "macd_cross,rsi_reversion,ema_cross,bollinger_squeeze,adx_trend"
REAL_LAST: Final = 1_500

# Isolated runs are named by their strategy; these are the others.
PORTFOLIO: Final = "portfolio"
GUARDED: Final = "portfolio, loose guards"


def pinned_bars(count: int | None = None) -> Bars:
    """Read the committed file: hourly, BTC, nothing in it is real."""
    lines = PINNED_BARS.read_text(encoding="utf-8").splitlines()[1:]
    cells = [line.split(",") for line in lines[:count]]
    columns = [np.array([float(row[at]) for row in cells]) for at in range(1, 6)]
    ts = np.array([parse_time(row[0]) for row in cells], np.int64)
    return Bars("btc-usdt-perp", HOUR_MS, ts, *columns, venue="simulated-perp")


def pinned_funding(bars: Bars) -> Settlements:
    """Settlements every eight hours that wander between -0.2 % and 0.2 %; whole numbers, so exact anywhere."""
    ts = bars.ts[bars.ts % (8 * HOUR_MS) == 0]
    number = np.arange(len(ts))
    return settlements_of(ts, ((number * 7 + number // 5) % 41 - 20) / 10_000)


def planned(bars: Bars, names: Iterable[str], account: AccountSettings) -> list[PlannedSlot]:
    """Plan one slot a strategy, with default parameters."""
    funding = pinned_funding(bars)
    known = add_feature(bars, "funding_rate", funding.ts, funding.rate)
    rules = Instrument(
        "", bars.instrument, tick=parse_step("0.1"), lot=parse_step("0.0001"), min_notional=5.0
    )
    plans = []
    for name in names:
        strategy = catalogue.load(name)
        slot = SlotId(bars.instrument, bars.timeframe, name)
        plans.append(
            PlannedSlot(slot, known, strategy, strategy.defaults(), (rules,), account, funding=funding)
        )
    return plans


def runs(bars: Bars) -> dict[str, Callable[[], Run]]:
    """Return every golden run by name, to be started one by one."""
    names = list(catalogue.available())
    alone = AccountSettings()
    shared = AccountSettings(mode="portfolio")
    # Most refusals of a shared account only come up where the strict ones do not stop it first.
    loose = AccountSettings(
        mode="portfolio",
        protections=Protections(cooldown_bars=0, cooldown_stop_bars=0, stop_guard_instrument_stops=0,
                                stop_guard_account_stops=4, loss_streak_trades=3, low_profit_trades=4,
                                drawdown_unlock_days=2, daily_loss_readings=1, daily_loss_fraction=0.02),
    )  # fmt: skip

    def started(plans: list[PlannedSlot], account: AccountSettings) -> Callable[[], Run]:
        return lambda: execute(plans, account, check=False)

    found = {name: started(planned(bars, [name], alone), alone) for name in names}
    found[PORTFOLIO] = started(planned(bars, names, shared), shared)
    found[GUARDED] = started(planned(bars, names, loose), loose)
    return found


def record(run: Run) -> dict[str, Any]:
    """Return what is pinned of a run."""
    figures: dict[str, Any] = to_json_value(asdict(run.total))
    return {"decision_hash": decision_hash(run.log), "events": len(run.log), "statistics": figures}


def real_run(shared: Path, home: Path) -> Run:
    """Import the real perpetual bars into a fresh home and run seven assets x five strategies on them."""
    from vigie.services import data
    from vigie.services.runs import request_builder
    from vigie.services.runs.backtest import run_backtest
    from vigie.wiring.data import open_data

    desk = open_data(home)
    folder = shared / "data" / "market" / "binance-perp"
    names = [f"{asset}USDT-{timeframe}.parquet" for asset in REAL_ASSETS for timeframe in ("1h", "4h", "1d")]
    data.import_bars(desk, [folder / name for name in names])
    request = request_builder.build_request(
        desk,
        venue="binance-perp",
        symbols=REAL_ASSETS,
        strategy=REAL_STRATEGIES,
        timeframes=["native"],
        last=REAL_LAST,
        instruments=shared / "cases" / "instruments.csv",
    )
    return run_backtest(desk, request)


def real_record(run: Run) -> dict[str, Any]:
    """Return what is pinned of the run on real bars."""
    return {
        "decision_hash": decision_hash(run.log),
        "trades": run.total.trades,
        "pnl": run.total.final_equity - run.total.capital,
        "slots": {
            str(slot.plan.slot): {"trades": len(slot.trades), "pnl": float(slot.trades["pnl"].sum())}
            for slot in run.slots
        },
    }


def differences(expected: Any, found: Any, path: str = "") -> list[str]:
    """Say where two records differ: text and whole numbers exactly, other numbers by more than 1e-9."""
    if isinstance(expected, dict) and isinstance(found, dict):
        keys = [*expected, *(key for key in found if key not in expected)]
        return [
            line for key in keys for line in differences(expected.get(key), found.get(key), f"{path}/{key}")
        ]
    if isinstance(expected, float) and isinstance(found, float):
        alike = math.isclose(expected, found, rel_tol=1e-9, abs_tol=1e-9)
    else:
        alike = expected == found and type(expected) is type(found)
    return [] if alike else [f"{path}: expected {expected!r}, found {found!r}"]


def main(words: list[str]) -> None:
    """Print the hashes of the pinned runs."""
    bars = pinned_bars(int(words[0]) if words else None)
    print(json.dumps({name: decision_hash(start().log) for name, start in runs(bars).items()}))


if __name__ == "__main__":
    main(sys.argv[1:])
