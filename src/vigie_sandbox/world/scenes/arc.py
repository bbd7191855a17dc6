"""The arc of a demonstration: five scenes within ten hours of the market, from when somebody first looks at it.

The hours before are calm. Some strategies buy a breakout from a calm market, so that an account is likely to hold
something when the last scene of prices comes: the world does not know whether it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie_sandbox.world.scenes.scenario import Scenario, ScenarioPhase

# Scene by scene with the minute of the market at which it begins: ten hours, or ten minutes of a demonstration.
ARC: Final = (
    ("release", 60),
    ("squeeze", 120),
    ("false-story", 240),
    ("breakout-crash", 390),
    ("venue-outage", 505),
)
# Begins at half past the hour, so that its climb ends with an hour's bar: up to an hour later than it says above.
ON_THE_HALF_HOUR: Final = "breakout-crash"
CALM_BEFORE_MS: Final = 14 * HOUR_MS
CALM_VOL: Final = 0.4
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
    """

    opened_ms: int
    begun_ms: int | None = None

    def starts(self) -> list[tuple[str, int]]:
        """Return name and begin of its scenes in time order; none before it has begun."""
        if self.begun_ms is None:
            return []
        return sorted(
            ((name, _start(name, self.begun_ms + minute * MINUTE_MS)) for name, minute in ARC),
            key=lambda entry: entry[1],
        )

    def calm(self) -> tuple[Scenario, int]:
        """Return the calm before the fourth scene, and when it began."""
        start_ms = self.opened_ms - CALM_BEFORE_MS
        end_ms = self.opened_ms + _LONGEST_CALM_MS
        if self.begun_ms is not None:
            crash_ms = dict(self.starts())[ON_THE_HALF_HOUR]
            # What has been made already stays as it is.
            end_ms = crash_ms if self.begun_ms < end_ms else end_ms
        minutes = (end_ms - start_ms) // MINUTE_MS
        about = "Little happens, until somebody looks."
        return Scenario("calm", "A calm market", about, (ScenarioPhase(minutes, vol=CALM_VOL),)), start_ms


def _start(name: str, earliest_ms: int) -> int:
    if name != ON_THE_HALF_HOUR:
        return earliest_ms
    half = HOUR_MS // 2
    return -(-(earliest_ms - half) // HOUR_MS) * HOUR_MS + half
