"""Which times can be: what outside services tell is looked at before anything of it is remembered or stored.

One bar, price or figure of a time to come would be the newest of its series until that time: what is told after it
would count as old. Seconds told where milliseconds were, or a clock that goes wrong for a moment, are enough.
"""

from __future__ import annotations

from typing import Final

from vigie.domain.time import DAY_MS, MINUTE_MS, SECOND_MS

# 1900 and 2200: figures of economies are older than the coins.
FIRST_MS: Final = -2_208_988_800_000
LAST_MS: Final = 7_258_118_400_000
# The last moment of the year 9999: no calendar goes further.
LAST_DATE_MS: Final = 253_402_300_799_999
# A rate that is decided today holds from some day of the next weeks on.
MAX_SCHEDULED_MS: Final = 45 * DAY_MS
# Clocks differ: by so much on the wall, whatever the speed of a simulated market.
_SKEW_S: Final = 10.0


def max_ahead_ms(market_speed: float) -> int:
    """Return by how much a price or a bar may lie ahead of the market's time here.

    Parameters
    ----------
    market_speed : float
        Seconds of the market in one on the wall.

    Returns
    -------
    int
        Milliseconds of market time: 10 s on the wall, at least one minute.
    """
    return max(MINUTE_MS, round(_SKEW_S * SECOND_MS * market_speed))
