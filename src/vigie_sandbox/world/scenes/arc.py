"""The arc of a demonstration: scenes from when somebody first looks at it, others from when its account trades.

The hours before are calm. Some strategies buy a breakout from a calm market, so that an account is likely to hold
something when the last scene of prices comes: the world does not know whether it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie_sandbox.world.scenes.scenario import Scenario, ScenarioPhase

# Scene by scene with the minute of the market at which it begins, from the first look on.
ARC: Final = (("drift", 10), ("release", 60), ("squeeze", 120), ("false-story", 240), ("venue-outage", 330))
# Counted from the first full hour once the account trades: closes of an hour's bars fall between their phases. XRP
# breaks out first, so that a plan of it is open when Bitcoin and Ether do.
TRADED_ARC: Final = (("surge", 0), ("breakout", 240), ("breakout-crash", 450))
# Of two coins alone, from the first half hour once the account trades: it stops a position while a visitor still looks,
# and leaves the other coins calm for the breakout of them all.
COIN_CRASH: Final = "coin-crash"
# An account that never trades keeps them waiting no longer than this after the first look.
LONGEST_WAIT_MS: Final = 20 * HOUR_MS
# As it was in worlds that began with one part only.
_ARC_BEFORE: Final = (
    ("release", 60),
    ("squeeze", 120),
    ("false-story", 240),
    ("breakout-crash", 390),
    ("venue-outage", 505),
)
# As they were in worlds whose breakouts left it to chance what forms, and what an account refuses.
_ARC_WITHOUT_DRIFT: Final = ARC[1:]
_TRADED_ARC_BEFORE: Final = (("rally", 0), ("breakout-crash", 450))
_FIRST_BREAKOUT: Final = "surge"
_LAST_CRASH: Final = "breakout-crash"
# They begin at half past the hour, so that their climb ends with an hour's bar.
_ON_THE_HALF_HOUR: Final = (COIN_CRASH, _LAST_CRASH)
CALM_BEFORE_MS: Final = 20 * HOUR_MS
_CALM_BEFORE_MS_BEFORE: Final = 14 * HOUR_MS
CALM_VOL: Final = 0.4
# The coin that breaks out first is calmer still, so that its band is narrow at whatever hour the world opens: the hours
# before an opening at night are busy ones.
CALMER_COIN: Final = "XRP"
CALMER_VOL: Final = 0.4
# Nobody may ever look: a market is not calm for ever.
_LONGEST_CALM_MS: Final = DAY_MS


@dataclass(slots=True)
class Arc:
    """The arc of one world.

    Attributes
    ----------
    opened_ms : int
        When the world opened.
    begun_ms : int or None
        When it began, a whole minute; None until somebody looks.
    traded_ms : int or None
        When its second part was asked for, a whole minute; None until the account trades.
    has_parts : bool
        Whether it has a second part; those of before had one part, and keep it: their past must not change.
    has_coin_crash : bool
        Whether the crash of two coins is in it; worlds of before keep their arc without it, too.
    has_drift : bool
        Whether Bitcoin and Ether drift and break out after XRP; worlds of before keep the rally of XRP.
    has_calmer_coin : bool
        Whether XRP is calmer than the market until it breaks out; worlds of before keep their past.
    """

    opened_ms: int
    begun_ms: int | None = None
    traded_ms: int | None = None
    has_parts: bool = True
    has_coin_crash: bool = True
    has_drift: bool = True
    has_calmer_coin: bool = True

    def starts(self) -> list[tuple[str, int]]:
        """Return name and begin of its scenes in time order; none before it has begun."""
        if self.begun_ms is None:
            return []
        first = ARC if self.has_drift else _ARC_WITHOUT_DRIFT if self.has_parts else _ARC_BEFORE
        starts = [(name, _start(name, self.begun_ms + minute * MINUTE_MS)) for name, minute in first]
        if self.has_parts:
            base_ms = -(-self._second_ms(self.begun_ms) // HOUR_MS) * HOUR_MS
            traded = TRADED_ARC if self.has_drift else _TRADED_ARC_BEFORE
            starts += [(name, base_ms + minute * MINUTE_MS) for name, minute in traded]
            if self.has_coin_crash:
                starts.append((COIN_CRASH, _start(COIN_CRASH, self._second_ms(self.begun_ms))))
        return sorted(starts, key=lambda entry: entry[1])

    def begin_second(self, from_ms: int) -> bool:
        """Let the second part begin at a whole minute that nobody has seen yet; return whether it changes anything."""
        if self.begun_ms is None or not self.has_parts or self.traded_ms is not None:
            return False
        if from_ms >= self._second_ms(self.begun_ms):
            return False
        self.traded_ms = from_ms
        return True

    def calms(self) -> list[tuple[Scenario, int]]:
        """Return the calm of the market before the last scene of prices, and that of one coin, with their begins."""
        start_ms = self.opened_ms - (CALM_BEFORE_MS if self.has_parts else _CALM_BEFORE_MS_BEFORE)
        minutes = (self._calm_until(_LAST_CRASH) - start_ms) // MINUTE_MS
        about = "Little happens, until somebody looks."
        calms = [Scenario("calm", "A calm market", about, (ScenarioPhase(minutes, vol=CALM_VOL),))]
        if self.has_calmer_coin:
            minutes = (self._calm_until(_FIRST_BREAKOUT) - start_ms) // MINUTE_MS
            about = "It moves less than the market, until it breaks out."
            phases = (ScenarioPhase(minutes, vol=CALMER_VOL),)
            calms.append(Scenario("coin-calm", "XRP is calmer", about, phases, (CALMER_COIN,)))
        return [(scenario, start_ms) for scenario in calms]

    def _calm_until(self, name: str) -> int:
        end_ms = self.opened_ms + _LONGEST_CALM_MS
        if self.begun_ms is None or self.begun_ms >= end_ms:
            # What has been made already stays as it is.
            return end_ms
        return dict(self.starts())[name]

    def _second_ms(self, begun_ms: int) -> int:
        latest_ms = begun_ms + LONGEST_WAIT_MS
        return latest_ms if self.traded_ms is None else min(self.traded_ms, latest_ms)


def _start(name: str, earliest_ms: int) -> int:
    if name not in _ON_THE_HALF_HOUR:
        return earliest_ms
    half = HOUR_MS // 2
    return -(-(earliest_ms - half) // HOUR_MS) * HOUR_MS + half
