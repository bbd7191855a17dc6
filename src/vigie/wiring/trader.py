"""The process that trades an account: its home, and what gathers prices from its venue."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Final

from vigie.adapters.clock import SandboxClock, SystemClock
from vigie.adapters.stores.disk_space import MIN_RESERVE_BYTES, free_bytes, keep_reserve, run_with_reserve
from vigie.adapters.stores.files import make_private_folder
from vigie.adapters.stores.lease_marks import LeaseMark
from vigie.adapters.venues.live import open_live
from vigie.config import SIMULATED_FILE, Paths, is_simulated, resolve_paths, venue_url
from vigie.data.collection.inbox import Inbox
from vigie.data.live_feed_venue import VenueMarket, VenueParts
from vigie.domain.errors import ConfigError
from vigie.domain.ids import SeriesId
from vigie.domain.order_caps import OrderCaps
from vigie.ports.clock import PatientClock
from vigie.ports.health import part_name
from vigie.ports.venue import HistoryFeed
from vigie.services.app_context import AppContext
from vigie.wiring.app_context import open_app_context
from vigie.wiring.venue_accounts import is_on_this_machine, trading_manifest
from vigie.wiring.world_address import world_url

# Orders wait for the bars of all series that end together: they arrive within a few thousandths of a second.
_INSTANT_WAIT_S: Final = 0.005


@dataclass(frozen=True, slots=True)
class TraderContext:
    """A house in which an account is traded.

    Attributes
    ----------
    clock : PatientClock
        Of the house: the machine's, or the market's of a simulated exchange or world.
    speed : callable
        Seconds of the market in one on the wall.
    url : str or None
        Where the venue is; None at its own address.
    allows_live : bool
        Whether the settings let anybody trade real money.
    caps : OrderCaps
        What the settings let accounts order.
    """

    app_context: AppContext
    clock: PatientClock
    speed: Callable[[], float]
    url: str | None
    allows_live: bool
    caps: OrderCaps = field(default_factory=OrderCaps)

    @property
    def collects_prices(self) -> bool:
        """Whether prices come from the exchange that was named, not from what the collector gathers."""
        return self.url is not None and is_on_this_machine(self.url)


def open_trader_context(
    exchange: str, home: str | Path | None = None, *, url: str | None = None
) -> TraderContext:
    """Build the house of a trading process.

    An exchange on this machine is a simulated one: its prices go into a home of their own, which is marked as
    simulated when it is used first, and its market tells the time.

    Parameters
    ----------
    url : str, optional
        Address in place of the venue's own; else ``VIGIE_BITGET_URL``.

    Raises
    ------
    ConfigError
        If the home holds prices of another kind of market.
    """
    paths = resolve_paths(home)
    address = url or venue_url(exchange)
    if address is not None and is_on_this_machine(address):
        _mark_as_simulated(paths)
        world: str | None = address
    else:
        world = world_url(paths.home)
    clock = SandboxClock(world) if world else SystemClock()
    app_context = open_app_context(paths.home, clock=clock)
    if address is not None:
        app_context = replace(
            app_context,
            data=replace(app_context.data, feed=lambda venue: open_history_at(venue, clock, address)),
        )
    settings = import_module("vigie.config.loading").load(paths.home).settings
    return TraderContext(
        app_context, clock, clock.market_speed, address, settings.allow_live, app_context.order_caps
    )


def reserve_warning() -> str:
    """Keep room aside for closing positions on a full disk; return a warning where there is too little of it."""
    home = resolve_paths(None).home
    if keep_reserve(home) >= MIN_RESERVE_BYTES:
        return ""
    return (
        f"WARNING: {free_bytes(home) / 1e6:.1f} MB are free where {home} lies: no room could be kept aside for "
        "closing positions on a full disk. They could still be closed at the venue, and booked only once there is "
        "room; make room and start again"
    )


def use_disk_reserve(act: Callable[[], None]) -> None:
    """Do something that must be done on a full disk as well: with the room that the home kept aside for it.

    Raises
    ------
    DiskFull
        If that is not enough, or was used before.
    """
    run_with_reserve(resolve_paths(None).home, act)


def open_lease_mark(app_context: AppContext, account: str) -> LeaseMark:
    """Return where the holder of an account's right to trade tells who it is, for the next process on this machine."""
    return LeaseMark(app_context.home, part_name(account))


def open_market(
    trader: TraderContext,
    series: Sequence[SeriesId],
    report: Callable[[str], None],
    beside: Sequence[SeriesId] = (),
) -> tuple[VenueMarket, Callable[[], Awaitable[None]]]:
    """Build what gathers some series, all of one venue, from it; and what closes its connections.

    Parameters
    ----------
    beside : sequence of SeriesId
        Gathered as well, as far as the venue has them.
    """
    venue, app_context = series[0].venue, trader.app_context
    exchange, _, market = venue.rpartition("-")
    manifest = trading_manifest(exchange)
    speech = import_module(f"vigie.adapters.venues.{exchange}.live").SPEECH
    live = open_live(
        manifest,
        speech,
        market=market,
        clock=trader.clock,
        url=trader.url,
        instruments=list(dict.fromkeys(series_id.instrument for series_id in series)),
        timeframes=list(dict.fromkeys(series_id.timeframe for series_id in series)),
        moment_s=_INSTANT_WAIT_S,
    )
    # A connection without anything to say is none.
    bars = live.bars if any(series_id.timeframe in speech.pushed_timeframes for series_id in series) else None
    parts = VenueParts(
        app_context.data.feed(venue),
        live.quotes,
        live.tickers,
        live.funding,
        live.book,
        bars,
        speech.says_final,
    )
    inbox = Inbox(app_context.quotes, app_context.facts, trader.clock)
    return VenueMarket(
        series, parts, app_context.data, inbox, trader.clock, report, beside=beside
    ), live.close


def open_history_at(venue: str, clock: PatientClock, url: str) -> HistoryFeed:
    """Build what asks a venue at another address than its own for rules and history."""
    exchange, _, market = venue.rpartition("-")
    module = import_module(f"vigie.adapters.venues.{exchange}.history")
    history_feed: HistoryFeed = module.open_history(
        trading_manifest(exchange), market=market, clock=clock, url=url
    )
    return history_feed


def _mark_as_simulated(paths: Paths) -> None:
    """Mark a home as simulated, unless it holds real prices."""
    if is_simulated(paths.home):
        return
    if paths.bars.exists() and any(paths.bars.iterdir()):
        raise ConfigError(
            "contains_real_prices",
            "{home} contains real prices, but the exchange is simulated; never mix both in one "
            "home folder: set VIGIE_HOME to another folder to practise",
            home=paths.home,
        )
    make_private_folder(paths.home)
    (paths.home / SIMULATED_FILE).write_text(json.dumps({"simulated": True}) + "\n", encoding="utf-8")
