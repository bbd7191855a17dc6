"""How old a price may be before it is said to be old."""

from __future__ import annotations

from typing import Final

from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.services.caches.asset_metrics import AssetReading

# A price older than this is old; where there are days only, a day and another one are usual.
STALE_MS: Final = 2 * HOUR_MS
STALE_DAILY_MS: Final = 2 * DAY_MS


def is_stale(reading: AssetReading, now: int) -> bool:
    """Tell whether the price of an asset is older than is usual of where it comes from."""
    is_daily = reading.quote is None and reading.hourly is None
    return bool(reading.metrics.ts) and now - reading.metrics.ts > (STALE_DAILY_MS if is_daily else STALE_MS)
