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
    from vigie.sandbox.exchange.run import ExchangeConfig

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
        str, typer.Option("--venue", help="Whose protocol: bitget, binance, hyperliquid.")
    ] = "bitget",
    matcher: Annotated[
        Literal["path", "model"],
        typer.Option(help="path moves by itself; model is stepped over the control port."),
    ] = "path",
    speed: Annotated[float, typer.Option(help="Market seconds in one second.")] = 1.0,
    port: Annotated[
        int, typer.Option(help="Port on loopback; 0 takes a free one.", min=0, max=65_535)
    ] = EXCHANGE_PORT,
    control_port: Annotated[
        int, typer.Option(help="Port of the control; 0 takes a free one.", min=0, max=65_535)
    ] = CONTROL_PORT,
    home: Annotated[
        Path | None,
        typer.Option(help="Folder in which accounts and orders survive; none remembers nothing."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of market, path and keys.", min=0)] = SEED,
    bars: Annotated[
        list[Path] | None, typer.Option("--bars", help="A file of bars to trade on; may be repeated.")
    ] = None,
    instruments: Annotated[
        Path | None, typer.Option(help="Rules of the contracts; without it the shipped table.")
    ] = None,
    funding: Annotated[Path | None, typer.Option(help="Funding settlements.")] = None,
    mark: Annotated[
        list[Path] | None, typer.Option("--mark", help="Mark-price bars; may be repeated.")
    ] = None,
    symbols: Annotated[str, typer.Option(help="Of a simulated market: BTC,ETH,...")] = ASSETS,
    timeframe: Annotated[str, typer.Option(help="Of a simulated market in lock-step.")] = "1h",
    opens: Annotated[
        str | None, typer.Option(help="Where a market that moves by itself begins; now, if simulated.")
    ] = None,
    capital: Annotated[str, typer.Option(help="Of each account, in USDT.")] = "10000",
    accounts: Annotated[int, typer.Option(help="How many accounts, each with a key.", min=1, max=100)] = 1,
    slippage_bps: Annotated[float, typer.Option(help="Of market orders and triggers.", min=0.0)] = 5.0,
    keys: Annotated[
        Literal["demo", "live"], typer.Option(help="Demo keys want the header of demo trading.")
    ] = "demo",
    door: Annotated[
        Literal["wall", "market"], typer.Option(help="The clock of signatures and of the venue's time.")
    ] = "wall",
    limits: Annotated[float | None, typer.Option(help="Multiplies the venue's rate limits.")] = None,
) -> None:
    """Speak a venue's futures protocol, over REST and WebSocket, from a market of bars.

    Prints address, key, secret, passphrase and the control's address, one a line.

    [bold]Example[/bold]: vigie sandbox exchange --speed 60
    """
    from vigie.adapters.clock import SystemClock
    from vigie.domain.time import parse_time
    from vigie.sandbox.exchange.run import ExchangeConfig, run_exchange
    from vigie.services.running.process_tree import end_with_parent

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
    from vigie.domain.money import exact
    from vigie.services import data

    series = [data.read_bars(path, now_ms=now) for path in paths]
    settlements = data.read_funding(funding) if funding is not None else {}
    marked = [data.read_marks(path, now_ms=now) for path in marks]
    return {
        "bars": series,
        "instruments": _instrument_rules(venue, series, instruments),
        "fundings": {
            _symbol(name): [(int(ts), exact(rate)) for ts, rate in zip(item.ts, item.rate, strict=True)]
            for name, item in settlements.items()
        },
        "marks": {
            _symbol(item.instrument): {
                int(ts): exact(first) for ts, first in zip(item.ts, item.open, strict=True)
            }
            for item in marked
        },
    }


def _instrument_rules(venue: str, series: Sequence[Bars], instruments: Path | None) -> list[Instrument]:
    from vigie.data.instruments.table import shipped_instruments
    from vigie.services import data

    if instruments is not None:
        return list(data.read_instruments(instruments).values())
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
    from vigie.domain.money import exact
    from vigie.domain.time import DAY_MS, HOUR_MS, timeframe_ms
    from vigie.sandbox.exchange.run import ExchangeConfig, load_wire
    from vigie.sandbox.market import simulate_market

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
            (int(ts), exact(rate)) for ts, rate in zip(asset.funding.ts, asset.funding.value, strict=True)
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
