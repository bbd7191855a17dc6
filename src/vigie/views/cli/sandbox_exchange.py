"""`vigie sandbox exchange`: a simulated venue for programs that trade."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from vigie.domain.bar import Bars
    from vigie.domain.instrument import Instrument
    from vigie_sandbox.exchange.run import ExchangeConfig

EXCHANGE_PORT = 8792
CONTROL_PORT = 8793
SEED = 10
ASSETS = "BTC,ETH,SOL,XRP,DOGE"
# Days of minutes that a simulated market has behind and before it.
PAST_DAYS, COMING_DAYS = 30, 70
# Bars of a simulated market in lock-step.
_STEPS = 2_000
_OPENED = "opened_ms"


def exchange(
    venue: Annotated[
        str, typer.Option("--venue", help="Protocol to simulate: bitget, binance or hyperliquid.")
    ] = "bitget",
    matcher: Annotated[
        Literal["path", "model"],
        typer.Option(help="path: the market moves by itself; model: you step it over the control port."),
    ] = "path",
    speed: Annotated[float, typer.Option(help="Market speed: simulated seconds per real second.")] = 1.0,
    port: Annotated[
        int, typer.Option(help="Local port; 0: any free port.", min=0, max=65_535)
    ] = EXCHANGE_PORT,
    control_port: Annotated[
        int, typer.Option(help="Local control port; 0: any free port.", min=0, max=65_535)
    ] = CONTROL_PORT,
    home: Annotated[
        Path | None,
        typer.Option(help="Folder for accounts and orders; default: nothing is saved."),
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Random seed of the market, the price path and the keys.", min=0)
    ] = SEED,
    bars: Annotated[
        list[Path] | None, typer.Option("--bars", help="Bar file to trade on; repeat for more.")
    ] = None,
    instruments: Annotated[
        Path | None, typer.Option(help="Contract rules; default: the built-in table.")
    ] = None,
    funding: Annotated[Path | None, typer.Option(help="File of funding settlements.")] = None,
    mark: Annotated[
        list[Path] | None, typer.Option("--mark", help="Bar file of mark prices; repeat for more.")
    ] = None,
    symbols: Annotated[str, typer.Option(help="Assets of the simulated market: BTC,ETH,...")] = ASSETS,
    timeframe: Annotated[str, typer.Option(help="Timeframe of a simulated market in lock-step.")] = "1h",
    opens: Annotated[
        str | None,
        typer.Option(help="Start time of a market that moves by itself; default: now, if simulated."),
    ] = None,
    capital: Annotated[str, typer.Option(help="Capital of each account, in USDT.")] = "10000",
    accounts: Annotated[
        int, typer.Option(help="Number of accounts, each with its own key.", min=1, max=100)
    ] = 1,
    slippage_bps: Annotated[
        float, typer.Option(help="Slippage of market orders and triggers.", min=0.0)
    ] = 5.0,
    keys: Annotated[
        Literal["demo", "live"], typer.Option(help="Demo keys require the demo-trading header.")
    ] = "demo",
    door: Annotated[
        Literal["wall", "market"], typer.Option(help="Clock for signatures and the venue's time.")
    ] = "wall",
    limits: Annotated[float | None, typer.Option(help="Multiply the venue's rate limits by this.")] = None,
) -> None:
    """Simulate a venue's futures API (REST and WebSocket) on bars.

    Prints the address, key, secret, passphrase and control address, one per line.

    [bold]Example[/bold]: vigie sandbox exchange --speed 60
    """
    from vigie.adapters.clock import SystemClock
    from vigie.domain.time import parse_time
    from vigie.services.running.process_tree import end_with_parent
    from vigie_sandbox.exchange.run import ExchangeConfig, run_exchange

    end_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    clock = SystemClock()
    now = clock.wall_now()
    begins = 0 if opens is None else parse_time(opens)
    common: dict[str, Any] = {
        "exchange": venue,
        "matcher": matcher,
        "seed": seed,
        "speed": speed,
        "capital": Decimal(capital),
        "accounts": accounts,
        "is_demo": keys == "demo",
        "door": door,
        "slippage": Decimal(repr(slippage_bps)) / 10_000,
        "limits": limits,
        "home": home,
    }
    if bars:
        stock = _load_files(f"{venue}-perp", bars, instruments, funding, mark or [], now)
        opening = ExchangeConfig(begins_ms=begins, **stock, **common)
    else:
        opening = _simulated_opening(common, symbols.split(","), timeframe, begins or now)
    run_exchange(
        opening, clock.wall_now, lambda line: print(line, flush=True), port=port, control_port=control_port
    )


def _load_files(
    venue: str,
    paths: Sequence[Path],
    instruments: Path | None,
    funding: Path | None,
    marks: Sequence[Path],
    now: int,
) -> dict[str, Any]:
    """Return what an exchange walks through, from files."""
    from vigie.domain.money import to_decimal
    from vigie.services import bar_reading

    series = [bar_reading.read_bars(path, now_ms=now) for path in paths]
    settlements = bar_reading.read_funding(funding) if funding is not None else {}
    marked = [bar_reading.read_marks(path, now_ms=now) for path in marks]
    return {
        "bars": series,
        "instruments": _instrument_rules(venue, series, instruments),
        "fundings": {
            _symbol(name): [(int(ts), to_decimal(rate)) for ts, rate in zip(item.ts, item.rate, strict=True)]
            for name, item in settlements.items()
        },
        "marks": {
            _symbol(item.instrument): {
                int(ts): to_decimal(first) for ts, first in zip(item.ts, item.open, strict=True)
            }
            for item in marked
        },
    }


def _instrument_rules(venue: str, series: Sequence[Bars], instruments: Path | None) -> list[Instrument]:
    from vigie.data.instruments.table import shipped_instruments
    from vigie.services import bar_reading

    if instruments is not None:
        return list(bar_reading.read_instruments(instruments).values())
    names = {bars.instrument for bars in series}
    return [
        line.instrument
        for line in shipped_instruments()
        if line.instrument.venue == venue and line.instrument.name in names
    ]


def _simulated_opening(
    common: Mapping[str, Any], assets: Sequence[str], timeframe: str, now: int
) -> ExchangeConfig:
    """Return what an exchange walks through, from a seed: minutes around now, or steps before it."""
    from vigie.domain.money import to_decimal
    from vigie.domain.time import DAY_MS, HOUR_MS, timeframe_ms
    from vigie_sandbox.exchange.run import ExchangeConfig, load_wire
    from vigie_sandbox.market import simulate_market

    now = _opening_time(common["home"], now)
    today, hour = now // DAY_MS * DAY_MS, now // HOUR_MS * HOUR_MS
    if common["matcher"] == "model":
        span, count = timeframe_ms(timeframe), _STEPS
        start = today - (count * span // DAY_MS + 1) * DAY_MS
    else:
        timeframe, count = "1m", (PAST_DAYS + COMING_DAYS) * 1_440
        start = today - PAST_DAYS * DAY_MS
    market = simulate_market(common["seed"], assets, start, count, timeframe)
    listed = load_wire(common["exchange"]).list_coin
    listings = []
    for asset in market.assets.values():
        settlements = [
            (int(ts), to_decimal(rate))
            for ts, rate in zip(asset.funding.ts, asset.funding.value, strict=True)
        ]
        listings.append(listed((asset.bars, asset.rules, settlements)))
    return ExchangeConfig(
        bars=[bars for bars, _, _ in listings],
        instruments=[rules for _, rules, _ in listings],
        begins_ms=hour,
        fundings={_symbol(rules.name): settlements for _, rules, settlements in listings},
        **common,
    )


def _opening_time(home: Path | None, now: int) -> int:
    """Return when a remembered market opened first, so that it is the same one again; now for a new one."""
    if home is None:
        return now
    home.mkdir(parents=True, exist_ok=True)
    file = home / _OPENED
    if not file.exists():
        file.write_text(f"{now}\n", encoding="utf-8")
    return int(file.read_text(encoding="utf-8"))


def _symbol(instrument: str) -> str:
    from vigie.domain.ids import parse_instrument

    return parse_instrument(instrument).symbol
