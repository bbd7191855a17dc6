"""A home whose account has slots for plans, and plans made by its present prices."""

from __future__ import annotations

from dataclasses import replace

from tests import houses
from tests.clocks import StandingClock
from tests.unit.services.trading.material import FILE
from vigie.data.live_history import bars_until
from vigie.domain.ids import SeriesId
from vigie.domain.quote import Quote
from vigie.domain.time import HOUR_MS
from vigie.domain.trade_plan import TradePlan
from vigie.ports.health import HomeHealth, LastHeartbeat, part_name
from vigie.services.needs import provide
from vigie.services.plans.plan_sources import PlanSources

OWNER = houses.person("owner")
PLANS = FILE[: FILE.index("[[slots]]")] + (
    '[[slots]]\ninstruments = ["BTC", "ETH", "SOL"]\ntimeframe = "1h"\nstrategy = "plan"\n'
)


def at(house, ts: int):
    """The same home at another moment."""
    clock = StandingClock(ts)
    return replace(house, clock=clock, data=replace(house.data, clock=clock))


def close_of(house, instrument: str, ts: int) -> float:
    """The close of the hour that ended at a moment, which is also the present price then."""
    bars = bars_until(house.data.bars, SeriesId(houses.VENUE, instrument, "1h"), ts - HOUR_MS, ts)
    price = float(bars.close[-1])
    house.quotes.put([Quote(houses.VENUE, instrument, ts, ts, price)])
    return price


def plan_of(instrument: str, ts: int, **values) -> TradePlan:
    """A plan of the account main; levels are given."""
    whole = {
        "id": f"p{instrument[:3]:_<16}", "version": 1, "owner": "owner", "account": "main", "venue": houses.VENUE,
        "instrument": instrument, "timeframe": "1h", "side": "long", "low": None, "high": None,
        "until": ts + 48 * HOUR_MS, "leverage": 1.0, "further_targets": (), "limit_entries": (), "setup": "",
        "note": "", "ts_made": ts, **values,
    }  # fmt: skip
    return TradePlan(**whole)


def alive(house):
    """The same home where a process is trading the account now."""
    # Longer than a lease usually is: a busy machine takes its time over a module of tests.
    house.trades.take("main", "trade@here:1", for_s=HOUR_MS / 1_000)
    beat = LastHeartbeat(part_name("main"), 0.0, {})
    return replace(house, home_health=HomeHealth(beats=lambda: [beat]))


def sources(house) -> PlanSources:
    return provide(house, PlanSources)
