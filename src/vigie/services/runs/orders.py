"""What is ordered of a backtest or a sweep from a page or a program: the names and bounds of the run file.

Files of the machine cannot be named here; runs of pages are on stored bars only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Literal

from pydantic import Field, FiniteFloat

from vigie.data.catalog import Catalog
from vigie.data.instruments.table import resolve_instrument
from vigie.data.instruments.versions import apply_stated
from vigie.domain.account import (
    MAX_CAPITAL,
    MAX_FEE,
    MAX_LEVERAGE,
    MAX_REBATE,
    MAX_RISK_FRACTION,
    MIN_CAPITAL,
)
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.ids import parse_venue
from vigie.domain.time import timeframe_ms
from vigie.services import data as bars_service
from vigie.services.app_context import AppContext
from vigie.services.operation import OperationInput
from vigie.services.runs import requests
from vigie.services.runs.asked import NATIVE, BacktestRequest, SlotRequest
from vigie.services.runs.backtest import strategy_names
from vigie.trading import catalogue

MAX_SLOTS = 400
MAX_BARS = 1_000_000


class RunOrder(OperationInput):
    """Bars, strategies, account and costs."""

    strategies: str = Field(
        default="ema_cross", max_length=2_000, description="Names, comma-separated, or `all`."
    )
    assets: str = Field(
        default="bitcoin",
        max_length=2_000,
        description="Catalogue ids, tickers or instruments, comma-separated.",
    )
    slots: list[str] = Field(
        default_factory=list,
        max_length=MAX_SLOTS,
        description="`venue:instrument/timeframe/strategy` of one venue, in place of strategies, assets, timeframe.",
    )
    venue: str = Field(
        default="",
        max_length=40,
        description="Where the stored bars come from; empty: where most of them are.",
    )
    timeframe: str = Field(
        default="native", max_length=20, description="`native` for each strategy's own, or 1h,4h."
    )
    start: str = Field(
        default="", max_length=40, description="Opening time of the first bar, ISO UTC; empty: the first."
    )
    end: str = Field(
        default="", max_length=40, description="End, exclusive, ISO UTC; empty: the last closed bar."
    )
    last: int | None = Field(default=None, ge=1, le=MAX_BARS, description="Only the newest so many bars.")
    warmup_bars: int = Field(default=0, ge=0, le=100_000, description="Earlier bars for the indicators only.")
    detail: str = Field(
        default="", max_length=4, description="Timeframe of finer stored bars that decide inside a bar."
    )
    mode: Literal["isolated", "portfolio"] = Field(
        default="isolated", description="An account a slot, or one for all."
    )
    protections: bool | None = Field(default=None, description="Protections in isolated mode too.")
    capital: float = Field(
        default=10_000.0,
        ge=MIN_CAPITAL,
        le=MAX_CAPITAL,
        description="Quote currency; isolated: of each slot.",
    )
    risk_fraction: float = Field(
        default=0.02, gt=0, le=MAX_RISK_FRACTION, description="Planned risk a trade."
    )
    leverage: float = Field(default=5.0, gt=0, le=MAX_LEVERAGE)
    stop_atr: float = Field(default=2.0, gt=0, le=100, description="Stop, in ATR(14).")
    target_atr: float = Field(default=3.0, gt=0, le=1_000, description="Target, in ATR(14).")
    max_bars: int = Field(default=0, ge=0, le=1_000_000, description="Time stop in bars, 0 for none.")
    target_execution: Literal["trigger", "limit"] = "trigger"
    taker: float | None = Field(
        default=None,
        ge=0,
        le=MAX_FEE,
        description="Taker fee, a fraction of notional; empty: as the settings state, else 0.0006.",
    )
    maker: float | None = Field(
        default=None,
        ge=-MAX_REBATE,
        le=MAX_FEE,
        description="Maker fee, a fraction of notional; empty: as the settings state, else 0.0002.",
    )
    slippage_bps: float = Field(
        default=5.0, ge=0, le=1_000, description="Basis points against us on market orders."
    )
    funding: bool = Field(
        default=True,
        description="Charge the settlements of the venue that are stored; before the first none.",
    )
    tick: str | None = Field(default=None, max_length=24, description="Price step, in place of the venue's.")
    lot: str | None = Field(
        default=None, max_length=24, description="Quantity step, in place of the venue's."
    )
    params: dict[str, FiniteFloat] = Field(
        default_factory=dict, max_length=60, description="`strategy.parameter` to value."
    )
    title: str = Field(default="", max_length=80, description="For people; empty: made of what is run.")
    language: Literal["en", "fr"] = Field(default="en", description="Of the report's file.")
    check: bool = Field(
        default=True, description="Prove that nothing looks ahead; without it there is no verdict."
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="Of checks and statistics.")


_ACCOUNT = "mode capital risk_fraction leverage stop_atr target_atr max_bars target_execution".split()
_COSTS = "taker maker slippage_bps".split()


def request_of(house: AppContext, order: RunOrder) -> BacktestRequest:
    """Turn an order into a request.

    Raises
    ------
    UsageError
        With what was given and what may be, for everything that can be known before bars are read.
    """
    if order.slots:
        return _with_slots(house, order)
    names = _strategies(house, order.strategies)
    venue = order.venue or _venue(house, words(order.assets))
    parse_venue(venue)
    return _build(house, order, venue, instruments(house, venue, words(order.assets)), names)


def _with_slots(house: AppContext, order: RunOrder) -> BacktestRequest:
    """Return the request of an order that names its slots one by one."""
    parsed = [_slot_words(text) for text in dict.fromkeys(order.slots)]
    chosen = {slot[0] for slot in parsed}
    if len(chosen) > 1:
        raise UsageError(f"the slots of one run must be of one venue, were of {' '.join(sorted(chosen))}")
    venue = parse_venue(chosen.pop())
    names = _strategies(house, ",".join(dict.fromkeys(slot[3] for slot in parsed)))
    held = instruments(house, venue, list(dict.fromkeys(slot[1] for slot in parsed)))
    request = _build(house, order, venue, held, names)
    params = {slot.strategy: slot.params for slot in request.slots}
    slots = tuple(SlotRequest(name, frame, strategy, params[strategy]) for _, name, frame, strategy in parsed)
    return dataclasses.replace(request, slots=slots)


def _slot_words(text: str) -> tuple[str, str, str, str]:
    """Return venue, instrument, timeframe and strategy of a slot."""
    venue, _, rest = text.partition(":")
    parts = rest.split("/")
    if len(parts) != 3 or not all(parts):
        raise UsageError(f"slot must look like binance-perp:btc-usdt-perp/4h/ema_cross, was {text!r}")
    return venue, parts[0], parts[1], parts[2]


def _build(
    house: AppContext, order: RunOrder, venue: str, symbols: Sequence[str], names: Sequence[str]
) -> BacktestRequest:
    return requests.build(
        house.data,
        venue=venue,
        symbols=symbols,
        strategy=",".join(names),
        timeframes=words(order.timeframe) if order.timeframe != "native" else (),
        start=order.start or None,
        end=order.end or None,
        last=order.last,
        warmup_bars=order.warmup_bars,
        detail=order.detail or None,
        tick=order.tick or None,
        lot=order.lot or None,
        account={name: getattr(order, name) for name in _ACCOUNT},
        costs={name: getattr(order, name) for name in _COSTS},
        protections=order.protections,
        params=_params(order.params),
        own_strategies=house.results.strategies,
        check=order.check,
        seed=order.seed,
    )


def check_order(house: AppContext, order: RunOrder) -> BacktestRequest:
    """Refuse an order that cannot be run, as far as that is known without reading bars."""
    request = request_of(house, order)
    if len(request.slots) > MAX_SLOTS:
        raise UsageError(f"a run has at most {MAX_SLOTS} slots, was {len(request.slots)}; choose fewer")
    for slot in request.slots:
        if slot.timeframe != NATIVE:
            timeframe_ms(slot.timeframe)
        if slot.params:
            catalogue.load(slot.strategy, house.results.strategies).with_params(slot.params)
    return request


def title_of(order: RunOrder, request: BacktestRequest) -> str:
    """Return what a run is called: as ordered, else by what it runs."""
    if order.title.strip():
        return order.title.strip()
    strategies = list(dict.fromkeys(slot.strategy for slot in request.slots))
    coins = list(dict.fromkeys(slot.instrument.partition("-")[0].upper() for slot in request.slots))
    frames = "" if order.timeframe == "native" else f" {order.timeframe}"
    return f"{_few(strategies)} \u00b7 {_few(coins)}{frames}"


def _few(names: Sequence[str]) -> str:
    return " ".join(names[:3]) + (f" +{len(names) - 3}" if len(names) > 3 else "")


def words(text: str) -> list[str]:
    """Return the words of a comma-separated text."""
    return [word.strip() for word in text.split(",") if word.strip()]


def venues(house: AppContext) -> dict[str, list[str]]:
    """Return the stored instruments that can be traded by venue, the venue with most of them first."""
    found: dict[str, set[str]] = {}
    for series in house.data.bars.series():
        found.setdefault(series.venue, set()).add(series.instrument)
    tradable = {
        venue: sorted(n for n in names if _is_known(house, venue, n)) for venue, names in found.items()
    }
    kept = {venue: names for venue, names in tradable.items() if names}
    return dict(sorted(kept.items(), key=lambda pair: (-len(pair[1]), pair[0])))


def _is_known(house: AppContext, venue: str, name: str) -> bool:
    known = bars_service.find_instrument(house.data, venue, name)
    return bool(apply_stated(known, house.data.stated, venue, name))


def _venue(house: AppContext, assets: Sequence[str]) -> str:
    """Return the venue that holds most of what is asked for."""
    known = venues(house)
    if not known:
        raise UsageError("no bars are stored yet that could be traded; import or fetch some first")
    found = {venue: len(_held(house, venue, assets)) for venue in known}
    return max(known, key=lambda venue: found[venue])


def _held(house: AppContext, venue: str, assets: Sequence[str]) -> list[str]:
    stored = {series.instrument for series in house.data.bars.series() if series.venue == venue}
    return [asset for asset in assets if _instrument(house, venue, asset) in stored]


def instruments(house: AppContext, venue: str, assets: Sequence[str]) -> list[str]:
    """Return the stored instruments of some assets on a venue.

    Raises
    ------
    UsageError
        If one is not stored there; the message names what is near.
    """
    if not assets:
        raise UsageError("assets must name at least one asset, was empty")
    stored = sorted({series.instrument for series in house.data.bars.series() if series.venue == venue})
    found = [_instrument(house, venue, asset) for asset in assets]
    for asset, name in zip(assets, found, strict=True):
        if name not in stored:
            # By the coin alone: the endings are alike everywhere.
            coins = {one.partition("-")[0]: one for one in stored}
            near = get_close_matches(name.partition("-")[0], coins, n=1)
            hint = (
                f"did you mean {coins[near[0]]}?" if near else f"there are {' '.join(stored[:20]) or 'none'}"
            )
            raise UsageError(f"no bars of {asset!r} are stored on {venue}; {hint}")
    return list(dict.fromkeys(found))


def _instrument(house: AppContext, venue: str, asset: str) -> str:
    """Return the instrument that an asset's id, a ticker or an instrument's name means on a venue."""
    wanted = asset.lower()
    places = house.bar_reader.instruments().get(wanted, [])
    for where, name in places:
        if where == venue:
            return name
    try:
        word = (
            asset
            if "-" in asset and not places
            else Catalog(house.facts, house.bar_reader).find(asset).symbol
        )
    except NotFound:
        word = asset
    return str(resolve_instrument(venue, word))


def _strategies(house: AppContext, text: str) -> list[str]:
    known = catalogue.available(house.results.strategies)
    names = strategy_names(text, house.results.strategies)
    for name in names:
        if name not in known:
            raise UsageError(f"strategy must be one of {' '.join(known)}, was {name!r}")
    return list(dict.fromkeys(names))


def _params(given: dict[str, float]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for key, value in given.items():
        strategy, dot, name = key.partition(".")
        if not dot:
            raise UsageError(f"params must be named strategy.parameter, was {key!r}")
        # Pages send every number as a decimal; a parameter that counts is whole.
        found.setdefault(strategy, {})[name] = int(value) if value == int(value) else value
    return found
