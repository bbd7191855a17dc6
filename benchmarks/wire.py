"""From the end of a bar to an order at the venue: the whole way, through real processes and real protocols.

``python -m benchmarks.wire [--venue binance] [--minutes 30] [--speed 1] [--together] [--write]``: `vigie trade run` in
demo mode against each simulated exchange on loopback, in a process of its own. A strategy enters at one close and
leaves at the next one, so that every bar has orders. The exchange's process notes when it pushes a bar and when an
order arrives, both by its own clock. Two spans are measured for every order:

- *close to final*: from the end of the bar to the moment it is final. At Binance that is the push that says so; at
  Bitget and Hyperliquid 2 s after the end, with the next bar begun (1.5 s on the wall where the market runs faster).
- *final to wire*: from that moment to the order's arrival at the exchange.

``--write`` puts the table, with the load of the machine, into docs/proofs-of-trading.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.marked import put
from benchmarks.restart import process, until
from vigie_sandbox.exchange.wire import VENUES

SPAN_MS: Final = 60_000
# A bar that no push finishes is final so long after its end.
MARGIN_MS, MARGIN_WALL_MS = 2_000.0, 1_500.0
GOAL_HALF_MS, GOAL_MOST_MS = 150.0, 1_000.0
PAGE: Final = Path(__file__).parents[1] / "docs" / "proofs-of-trading.md"
NAME: Final = "wire"
STRATEGY: Final = '''"""Enter at one close, leave at the next: an order at every bar."""

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.trading.strategy import is_above

TIMEFRAME = "1m"


@dataclass(frozen=True)
class Params:
    """None."""


def warmup(params: Params) -> int:
    """Bars before anything is known."""
    return 1


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar by its minute."""
    minute = (bars.ts // 60_000).astype(float)
    is_even = minute % 2.0 == 0.0
    enters = is_above("even minute", np.where(is_even, 1.0, 0.0), 0.5, scale=1.0)
    leaves = is_above("odd minute", np.where(is_even, 0.0, 1.0), 0.5, scale=1.0)
    never = is_above("never", np.zeros(len(minute)), 0.5, scale=1.0)
    return Criteria(long=(enters,), short=(never,), long_exit=leaves, short_exit=leaves)
'''
# Limits that would end the run before there is anything to measure.
OFF: Final = (
    "stop_guard_instrument_stops", "stop_guard_account_stops", "window_drawdown_fraction", "low_profit_trades",
    "cooldown_bars", "cooldown_stop_bars", "loss_streak_trades", "slot_drawdown_fraction",
    "global_drawdown_fraction", "account_drawdown_fraction", "instrument_exposure_fraction",
    "correlated_exposure_fraction", "asset_loss_risks",
)  # fmt: skip
COINS: Final = ("BTC", "ETH", "SOL", "XRP", "DOGE")
_FILE: Final = """
[account]
mode = "portfolio"
capital = 9_000
risk_fraction = 0.0005
stop_atr = 20
target_atr = 40

[venue]
id = "{venue}-perp"
mode = "demo"

[[slots]]
instruments = [{coins}]
timeframe = "1m"
strategy = "every_bar"

[protections]
{off}
"""


# What was noted -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Order:
    """One order's two spans, ms on the wall."""

    kind: str
    close_to_final: float
    final_to_wire: float


def orders(rows: Sequence[dict[str, Any]], speed: float) -> list[Order]:
    """Return the spans of the orders that were noted, of those whose bar was pushed."""
    found = []
    margin_ms = max(MARGIN_MS, MARGIN_WALL_MS * speed)
    for row in rows:
        if row["kind"] == "bar":
            continue
        close = row["market_ms"] // SPAN_MS * SPAN_MS

        def wall(market_ms: float, row: dict[str, Any] = row) -> float:
            return float(row["wall_ms"] - (row["market_ms"] - market_ms) / speed)

        told = [one for one in rows if one["kind"] == "bar" and one["symbol"] == row["symbol"]]
        said = [one["wall_ms"] for one in told if one["is_final"] and one["ts"] == close - SPAN_MS]
        begun = [one["wall_ms"] for one in told if one["ts"] == close]
        if said:
            final = min(said)
        elif begun:
            final = max(min(begun), wall(close + margin_ms))
        else:
            final = wall(close + margin_ms)
        found.append(Order(row["kind"], final - wall(close), row["wall_ms"] - final))
    return found


def share(values: Sequence[float], part: float) -> float:
    """Return the value below which a part of all lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


# The account ----------------------------------------------------------------------------------------------------


@contextmanager
def recorded(venue: str, speed: float, record: Path) -> Iterator[list[str]]:
    """Run the watched exchange; gives its address and the parts of its key."""
    words = [sys.executable, "-u", "-m", "benchmarks.wire_exchange"]
    words += ["--venue", venue, "--speed", f"{speed:g}", "--record", str(record)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as one:
        try:
            yield [until(one.stdout, "").strip() for _ in range(5)][:4]
        finally:
            one.kill()


def traded(venue: str, minutes: int, speed: float) -> list[Order]:
    """Trade for so many minutes of the market and return the orders."""
    with tempfile.TemporaryDirectory() as folder:
        home, record = Path(folder), Path(folder) / "record.jsonl"
        record.touch()
        (home / "strategies").mkdir()
        (home / "strategies" / "every_bar.py").write_text(STRATEGY, encoding="utf-8")
        file = home / "run.toml"
        coins, off = ", ".join(f'"{coin}"' for coin in COINS), "\n".join(f"{name} = 0" for name in OFF)
        file.write_text(_FILE.format(venue=venue, coins=coins, off=off), encoding="utf-8")
        with process("strategy", "check", str(home / "strategies" / "every_bar.py"), home=home) as check:
            check.communicate()
        with recorded(venue, speed, record) as (address, *key):
            names = (f"VIGIE_{venue.upper()}_{name}" for name in ("KEY", "SECRET", "PASSPHRASE"))
            given = {name: part for name, part in zip(names, key, strict=True) if part}
            with process("trade", "run", str(file), "--url", address, home=home, **given) as trader:
                until(trader.stdout, "ready: ")
                time.sleep(minutes * 60 / speed)
        rows = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    return orders(rows, speed)


def table(found: dict[str, list[Order]]) -> Iterator[str]:
    """Yield the lines of what was found."""
    yield "| Venue | Orders | Close to final, median | Final to wire, median | 99th percentile | slowest |"
    yield "|---|---:|---:|---:|---:|---:|"
    for venue, many in found.items():
        final, wire = ([getattr(one, name) for one in many] for name in ("close_to_final", "final_to_wire"))
        yield (
            f"| {venue.capitalize()} | {len(many)} | {share(final, 0.5):,.0f} ms | {share(wire, 0.5):,.0f} ms "
            f"| {share(wire, 0.99):,.0f} ms | {max(wire):,.0f} ms |"
        )
    yield f"| Goal | | | {GOAL_HALF_MS:,.0f} ms | {GOAL_MOST_MS:,.0f} ms | |"


def main(words: Sequence[str]) -> int:
    """Run it; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--venue", action="append", choices=VENUES)
    parser.add_argument("--minutes", type=int, default=30, help="Of the market, a venue.")
    parser.add_argument("--speed", type=float, default=1.0, help="Market seconds in one second.")
    parser.add_argument(
        "--together", action="store_true", help="All venues at once, each with its own trader."
    )
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args(words)
    venues = asked.venue or VENUES
    found: dict[str, list[Order]] = {}
    load = []
    with ThreadPoolExecutor(len(venues) if asked.together else 1) as pool:
        running = {venue: pool.submit(traded, venue, asked.minutes, asked.speed) for venue in venues}
        for venue, result in running.items():
            found[venue] = result.result()
            load.append(os.getloadavg()[0])
            print("\n".join(table({venue: found[venue]})), flush=True)
    cores, least, most = os.cpu_count(), min(load), max(load)
    lines = [*table(found), ""]
    way = "at once" if asked.together else "one after another"
    what = f"Speed {asked.speed:g}, {len(COINS)} slots, {asked.minutes} minutes a venue, {way}"
    lines += [f"{what}, {cores} cores; load {least:.1f} to {most:.1f} meanwhile."]
    print("\n".join(lines))
    if asked.write:
        put(PAGE, NAME, "\n".join(lines))
    every = [one.final_to_wire for many in found.values() for one in many]
    return int(share(every, 0.5) > GOAL_HALF_MS or share(every, 0.99) > GOAL_MOST_MS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
