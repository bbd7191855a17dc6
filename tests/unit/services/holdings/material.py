"""A home at one moment, with closes of days until then, and the ECB's rate of each day."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from tests import houses
from tests.clocks import StandingClock
from vigie.domain.fact import Observation
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS, parse_time
from vigie.services.app_context import AppContext
from vigie.services.operation_calls import run_operation

ANN, BOB = houses.person("u-ann", "trader"), houses.person("u-bob", "trader")
BEGUN: Final = parse_time(houses.START)
# An hour after the last close.
NOW: Final = BEGUN + houses.DAYS * DAY_MS + 3_600_000
TODAY: Final = "2025-08-29"
DOLLARS_PER_EURO: Final = 1.25


def holding_house(home: Any, **more: Any) -> AppContext:
    """Open a home of the tests' market, an hour after its last close."""
    clock = StandingClock(NOW)
    built = houses.house(home, clock=clock, **more)
    built.facts.append(
        Observation("fx/usd/per_eur", BEGUN + day * DAY_MS, BEGUN + day * DAY_MS, DOLLARS_PER_EURO)
        for day in range(-30, houses.DAYS + 1)
    )
    return replace(built, clock=clock, data=replace(built.data, clock=clock))


def ask(built: AppContext, name: str, caller: Caller = ANN, **values: Any) -> Any:
    """Ask an operation of holdings."""
    return run_operation(built, caller, f"holdings.{name}", values)


def close_of(day: int, asset: str = "BTC") -> float:
    """The close of a day of the tests' market, counted from its first."""
    return float(houses.market().bars(asset, "1d").close[day])
