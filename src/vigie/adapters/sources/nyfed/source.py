"""The New York Fed: what banks paid each other overnight for dollars, and the range the Federal Reserve steers it into.

https://markets.newyorkfed.org/static/docs/markets-api.html, shapes read in public code. The rate of a day is published
on the next working day about 9:00 in New York and may be corrected until 14:30 there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.adapters.sources.releases import known_from, parse_day
from vigie.adapters.sources.site import Feed, Site, share, some
from vigie.domain.fact import Measure, Observation
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.ports.source import Batch, Source

# Series: title, what the answer calls it, what it is.
_SERIES: Final[dict[str, tuple[str, str, str]]] = {
    "macro/us/fed_funds_rate_fraction": (
        "Federal funds rate",
        "percentRate",
        "Annual rate banks paid each other for overnight dollars, daily median. Not what a borrower pays.",
    ),
    "macro/us/fed_target_low_fraction": (
        "Fed funds target, low",
        "targetRateFrom",
        (
            "Lower bound of the Federal Reserve's target range for the federal funds rate. A target, not a "
            "price."
        ),
    ),
    "macro/us/fed_target_high_fraction": (
        "Fed funds target, high",
        "targetRateTo",
        (
            "Upper bound of the Federal Reserve's target range for the federal funds rate. A target, not a "
            "price."
        ),
    ),
}
_MAX_DAYS: Final = 500
_REREAD_DAYS: Final = 10
# After this time of the next working day a rate is corrected no more: 14:30 in New York, in winter.
_FINAL_MS: Final = 20 * HOUR_MS


def open_feeds(site: Site) -> Mapping[str, Source]:
    """Return the feeds by name."""
    delay = "the next working day, about 9:00 in New York"
    kinds = tuple(
        Measure(series, title, "fraction", site.manifest.id, text, delay=delay)
        for series, (title, _, text) in _SERIES.items()
    )
    return {"rates": Feed(site, "rates", _pull_rates, kinds)}


async def _pull_rates(site: Site, bookmark: str) -> Batch:
    seen_until, now = int(bookmark or 0), site.now()
    count = min(_MAX_DAYS, (now - seen_until) // DAY_MS + _REREAD_DAYS) if seen_until else _MAX_DAYS
    answer = await site.json(f"/api/rates/unsecured/effr/last/{count}.json", dict)
    rows = sorted(
        (parse_day(row["effectiveDate"]), row) for row in some(answer["refRates"], "rates") if _is_rate(row)
    )
    days = [ts for ts, _ in some(rows, "rates")]
    # Out on the next working day, which is the next one that has a rate; the newest is known since it was seen.
    final = dict(zip(days, [ts + _FINAL_MS for ts in days[1:]] + [now], strict=True))
    facts = [
        Observation(
            series, ts, known_from(ts, out_by=final[ts], seen_until=seen_until, now=now), share(row[key])
        )
        for ts, row in rows
        for series, (_, key, _) in _SERIES.items()
        if row.get(key) is not None
    ]
    return Batch(observations=some(facts, "rates"), bookmark=str(days[-1]))


def _is_rate(row: Mapping[str, object]) -> bool:
    # Before it has a rate, a day may stand there with none.
    return row["type"] == "EFFR" and row.get("percentRate") is not None
