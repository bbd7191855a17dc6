"""The European Central Bank: units of a currency for one euro, on working days.

https://www.ecb.europa.eu/stats/eurofxref/, files in the form published since 2002. Set around 14:15 and published
around 16:00 in Frankfurt: counted as known from 15:00 UTC, which is never too early.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from vigie.adapters.sources.site import Feed, Site, number, some
from vigie.domain.errors import TransientError
from vigie.domain.fact import Measure, Observation
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.ports.source import Batch, Source

_FOLDER: Final = "/stats/eurofxref"
_CUBE: Final = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
_PUBLISHED_MS: Final = 15 * HOUR_MS
_RECENT_FILE_MS: Final = 80 * DAY_MS
_WHOLE_FILE: Final = "0"
_EPOCH: Final = date(1970, 1, 1)


def open_feeds(site: Site) -> Mapping[str, Source]:
    """Return the feeds by name."""
    kinds = (
        Measure(
            "fx/*/per_eur",
            "Exchange rate",
            "currency",
            site.manifest.id,
            "Units of a currency for one euro, as the European Central Bank sets it.",
            delay="the afternoon of each working day",
        ),
    )
    return {"rates": Feed(site, "rates", _pull_rates, kinds)}


async def _pull_rates(site: Site, bookmark: str) -> Batch:
    is_first, since = not bookmark, int(bookmark or 0)
    is_recent = is_first or site.now() - since < _RECENT_FILE_MS
    answer = await site.fetch(f"{_FOLDER}/eurofxref-hist{'-90d' if is_recent else ''}.xml")
    rows = some(_parse_rates(answer.body), "days")
    facts = [
        Observation(f"fx/{currency}/per_eur", ts, ts + _PUBLISHED_MS, rate)
        for ts, currency, rate in rows
        if ts >= since
    ]
    # The newest days come first, then the file of all years.
    newest = _WHOLE_FILE if is_first else str(max(row[0] for row in rows))
    return Batch(observations=facts, bookmark=newest, has_more=is_first)


def _parse_rates(body: bytes) -> list[tuple[int, str, float]]:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Any = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException) as error:
        raise TransientError(
            "ecb_did_not_send_rates", "the ECB did not send its rates: {error}", error=error
        ) from error
    return [
        (
            (date.fromisoformat(day.get("time")) - _EPOCH).days * DAY_MS,
            rate.get("currency").lower(),
            number(rate.get("rate")),
        )
        for day in root.iter(_CUBE)
        if day.get("time")
        for rate in day
    ]
