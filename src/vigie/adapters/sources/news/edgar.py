"""Filings that EDGAR's full-text search finds; an undocumented service of the SEC, read with care."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from vigie.adapters.sources.news.parsing import ParsedSource, gather_sightings
from vigie.adapters.sources.news.source_response import SourceResponse
from vigie.domain.errors import TransientError

_DEFAULT_DAYS: Final = 3


def search_url(address: str, reads: Mapping[str, str], now_ms: int) -> str:
    """Return the address of a search for the newest days: without dates it answers the best hits of all years.

    Parameters
    ----------
    reads : mapping
        ``q``, the words; ``forms``, such as ``8-K``; ``days``, how many back.
    now_ms : int
        Epoch milliseconds.
    """
    today = datetime.fromtimestamp(now_ms / 1_000, UTC).date()
    first = today - timedelta(days=int(reads.get("days", _DEFAULT_DAYS)))
    query = {"q": reads["q"], "dateRange": "custom", "startdt": first.isoformat(), "enddt": today.isoformat()}
    if "forms" in reads:
        query["forms"] = reads["forms"]
    return f"{address}?{urlencode(query)}"


def read_edgar(response: SourceResponse) -> ParsedSource:
    """Read what a search found: each filing is an item, whichever of its files has the words.

    Raises
    ------
    TransientError
        If it is not what the service answers.
    """
    try:
        hits = json.loads(response.text)["hits"]["hits"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise TransientError(
            "answered_which_not_edgar_result",
            "answered {body!r}, which is not an EDGAR result",
            body=response.body[:60],
        ) from None
    if not isinstance(hits, list):
        raise TransientError(
            "answered_which_not_edgar_result",
            "answered {body!r}, which is not an EDGAR result",
            body=response.body[:60],
        )
    return gather_sightings(
        response.feed_context,
        _filings(hits, response.entry.domain),
        language="en",
        document=response.document,
    )


def _filings(hits: list[Any], domain: str) -> Iterator[dict[str, Any]]:
    seen_numbers: set[str] = set()
    for hit in hits:
        if not isinstance(hit, dict) or not isinstance(hit.get("_source"), dict):
            yield {"fault": "a hit must be an object with a source"}
            continue
        number, _, file = str(hit.get("_id", "")).partition(":")
        if number not in seen_numbers:
            seen_numbers.add(number)
            try:
                yield _filing(number, file, hit["_source"], domain)
            except (KeyError, TypeError, ValueError, AttributeError):
                # One that is built otherwise takes no others with it.
                yield {"fault": "a filing must be written as EDGAR writes them"}


def _filing(number: str, file: str, source: Mapping[str, Any], domain: str) -> dict[str, Any]:
    filers = [str(name) for name in source.get("display_names") or ()]
    forms = source.get("root_forms") or [source.get("form") or source.get("file_type") or ""]
    ids = [str(cik) for cik in source.get("ciks") or ()]
    if not number or not filers or not ids or not ids[0].isdigit():
        return {"fault": "a filing must have a number and a filer"}
    return {
        "key": number,
        "link": f"https://www.{domain}/Archives/edgar/data/{int(ids[0])}/{number.replace('-', '')}/{file}",
        "title": f"{forms[0]}: {', '.join(filers[:3])}",
        "text": str(source.get("file_description") or ""),
        "author": filers[0],
        "language": "en",
        "dates": [str(source.get("file_date") or "")],
    }
