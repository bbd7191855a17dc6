"""The world: its clock, its tape, its venues, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie_sandbox.world.catalogue import VENUES, Coin, make_catalogue
from vigie_sandbox.world.clock import MonotonicClock, VirtualClock
from vigie_sandbox.world.faults import ServiceFaults
from vigie_sandbox.world.mailbox import Mailbox
from vigie_sandbox.world.mapped_arrays import MappedArrays
from vigie_sandbox.world.newsroom.news_requests import NEWS_KINDS, NewsRequest
from vigie_sandbox.world.price_tape import HISTORY_DAYS, PriceTape
from vigie_sandbox.world.price_walk import CLOSE, HIGH, LOW, OPEN, VOLUME
from vigie_sandbox.world.records import DayStats
from vigie_sandbox.world.scenes.arc import Arc
from vigie_sandbox.world.scenes.schedule import ScenarioSchedule, Scene
from vigie_sandbox.world.service_names import service_names
from vigie_sandbox.world.venue import WorldVenue


@dataclass(frozen=True, slots=True)
class Gap:
    """Bars that one venue does not have."""

    venue: str
    symbol: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Flaws:
    """What is always wrong with a world, so that there is something to notice.

    Attributes
    ----------
    silent_service : str
        The service whose streams say nothing.
    gap : Gap or None
        Bars that are missing.
    stale_since_ms : int or None
        Since when the hash rate of mempool.space has not moved.
    """

    silent_service: str = ""
    gap: Gap | None = None
    stale_since_ms: int | None = None


class World:
    """A simulated world.

    Parameters
    ----------
    monotonic : callable
        Seconds that only grow: what the market's clock is driven by.
    opened_ms : int
        Market time at which the world opened for the first time; the same seed and opening make the same world.
    seed : int
        Of everything.
    market_ms : int, optional
        Where the clock stands, if the world has run before.
    speed : float
        Market seconds a second.
    paused : bool
        Whether the clock stands still at first.
    requested_scenes : sequence of Scene
        Scenes that were started by hand when the world ran before.
    news_requests : sequence of NewsRequest
        What was asked of the newsroom when the world ran before.
    mailbox : Mailbox, optional
        What takes mail; an empty one that keeps nothing by default.
    history_days : int
        Days of hourly history; tests take few.
    flawless : bool
        Without the silent stream, the gap and the stale series.
    quiet : bool
        No scenes are planned.
    arc : Arc, optional
        Scenes that wait for somebody to look, and for an account that trades.
    has_wave : bool
        Whether one coin's price has a wave that can be learned.
    arrays : MappedArrays, optional
        Where bars lie; in memory by default. See `PriceTape`.
    """

    def __init__(
        self,
        monotonic: MonotonicClock,
        opened_ms: int,
        *,
        seed: int = 7,
        market_ms: int | None = None,
        speed: float = 60.0,
        paused: bool = False,
        requested_scenes: Sequence[Scene] = (),
        news_requests: Sequence[NewsRequest] = (),
        mailbox: Mailbox | None = None,
        history_days: int = HISTORY_DAYS,
        flawless: bool = False,
        quiet: bool = False,
        arc: Arc | None = None,
        has_wave: bool = False,
        arrays: MappedArrays | None = None,
    ) -> None:
        self.seed = seed
        self.has_wave = has_wave
        self.opened_ms = opened_ms
        self.coins: tuple[Coin, ...] = make_catalogue(seed)
        self.coin_by_id = {coin.id: coin for coin in self.coins}
        self.coin_by_symbol = {coin.symbol: coin for coin in self.coins}
        self.schedule = ScenarioSchedule(seed, opened_ms, list(requested_scenes), quiet=quiet, arc=arc)
        start_ms = opened_ms // DAY_MS * DAY_MS
        market_ms = opened_ms if market_ms is None else market_ms
        self.arrays = arrays
        self.tape = PriceTape(
            seed,
            start_ms,
            self.coins,
            self.schedule,
            history_days,
            has_wave=has_wave,
            end_ms=market_ms,
            arrays=arrays,
        )
        self.news_requests = list(news_requests)
        self.mailbox = Mailbox() if mailbox is None else mailbox
        # Where newsletters can be read by IMAP, on loopback; None while nobody listens.
        self.letters_port: int | None = None
        self.flaws = Flaws() if flawless else _make_flaws(start_ms)
        self.faults = ServiceFaults(service_names())
        if self.flaws.silent_service:
            self.faults.add({"service": self.flaws.silent_service, "kind": "silent-stream"})
        self.venues = {name: WorldVenue(name, self) for name in VENUES}
        self._day_stats: tuple[int, DayStats] | None = None
        self.clock = VirtualClock(monotonic, market_ms, speed, paused=paused)

    def now_ms(self) -> int:
        """Return the market's time; the tape reaches at least there."""
        now = self.clock.now_ms()
        self.tape.extend(now)
        return now

    def start_scene(self, name: str) -> Scene:
        """Start a scene at the next minute that is not made yet."""
        self.now_ms()
        return self.schedule.start(name, self.tape.minutes_end_ms - MINUTE_MS)

    def begin_arc(self) -> bool:
        """Let the arc begin with the next minute that is not made yet; return whether it had not begun before."""
        self.now_ms()
        return self.schedule.begin_arc(self.tape.minutes_end_ms)

    def begin_second_part(self) -> bool:
        """Let the second part of the arc begin once there is a first; return whether it had not begun before."""
        self.now_ms()
        return self.schedule.begin_second_part(self.tape.minutes_end_ms)

    def publish(self, kind: str, coin: str = "bitcoin") -> NewsRequest:
        """Let the newsroom publish something now.

        Raises
        ------
        UsageError
            If it knows no such thing, or the world no such coin.
        """
        if kind not in NEWS_KINDS:
            raise UsageError(f"news must be one of {', '.join(NEWS_KINDS)}, was {kind!r}")
        if coin not in self.coin_by_id:
            raise UsageError(f"coin must be the id of one of this world's, such as bitcoin, was {coin!r}")
        news_request = NewsRequest(kind, self.now_ms() // 1_000 * 1_000, coin)
        self.news_requests.append(news_request)
        return news_request

    def price(self, coin: Coin, now_ms: int) -> float:
        """Return a coin's price in dollars now."""
        minute = now_ms // MINUTE_MS * MINUTE_MS
        return float(self.tape.seconds(minute).price[coin.number, now_ms % MINUTE_MS // 1_000])

    def find_gap(self, venue: str, coin: Coin) -> tuple[int, int] | None:
        """Return the span of which a venue has no bars."""
        gap = self.flaws.gap
        if gap is None or (gap.venue, gap.symbol) != (venue, coin.symbol):
            return None
        return gap.start_ms, gap.end_ms

    def skew_ms(self, service: str) -> int:
        """Return how far a service's clock is ahead."""
        return self.faults.skew_ms(service)

    def day_stats(self, minute_ms: int) -> DayStats:
        """Return the 24 hours before a minute, of every coin."""
        if self._day_stats is None or self._day_stats[0] != minute_ms:
            end = (minute_ms - self.tape.minutes_start_ms) // MINUTE_MS
            minutes, span = self.tape.minutes(), slice(max(0, end - 1_440), end)
            hour = (minute_ms // DAY_MS * DAY_MS - self.tape.first_ms) // HOUR_MS
            midnight = self.tape.hours()[:, CLOSE, hour - 1]
            self._day_stats = (
                minute_ms,
                DayStats(
                    minutes[:, OPEN, span.start],
                    minutes[:, HIGH, span].max(axis=1),
                    minutes[:, LOW, span].min(axis=1),
                    minutes[:, VOLUME, span].sum(axis=1),
                    midnight,
                ),
            )
        return self._day_stats[1]


def _make_flaws(start_ms: int) -> Flaws:
    gap_ms = start_ms - 20 * DAY_MS + 9 * HOUR_MS
    return Flaws("hyperliquid", Gap("bitget", "AVAX", gap_ms, gap_ms + 6 * HOUR_MS), start_ms - 6 * DAY_MS)
