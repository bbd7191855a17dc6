"""Noted trials as lines of JSON: the closes of a history once, then what was tried on it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

from vigie.domain.daily_closes import DailyCloses, closes_bytes, closes_from_bytes
from vigie.domain.trials import TradedSeries, TriedVariants

Pairs = list[tuple[str, str]]


def lines_of(trials: Iterable[TriedVariants]) -> bytes:
    """Write trials as lines: one for each history, the same for the same closes, and one for each of the trials."""
    lines: dict[str, None] = {}
    for tried in trials:
        for one in tried.series:
            lines[_closes_line(one)] = None
        series = [[one.name, one.content, one.first_day, one.last_day] for one in tried.series]
        made = {"series": series, "variants": list(tried.variants), "former": list(tried.former)}
        lines[json.dumps(made)] = None
    # A line begins with its break: one that a power cut left in pieces does not swallow the next.
    return "".join([f"\n{line}" for line in lines]).encode()


def _closes_line(series: TradedSeries) -> str:
    closes = base64.b64encode(closes_bytes(series.closings.closes)).decode()
    # Written by hand: looking for what must be escaped in it takes longer than all the rest.
    return (
        f'{{"content": "{series.content}", "first_day": {series.closings.first_day}, "closes": "{closes}"}}'
    )


def read_lines(noted: bytes) -> Iterator[TriedVariants | Pairs]:
    """Read lines back in their order; a line in pieces is left out, lines of earlier versions are pairs."""
    known: dict[str, DailyCloses] = {}
    for line in dict.fromkeys(noted.splitlines()):
        try:
            found = json.loads(line)
            if isinstance(found, list):
                yield _pairs(found)
            elif "closes" in found:
                raw = base64.b64decode(found["closes"], validate=True)
                known[found["content"]] = DailyCloses(int(found["first_day"]), closes_from_bytes(raw))
            else:
                yield _tried(found, known)
        except (ValueError, TypeError, KeyError):  # in pieces, or empty
            continue


def _pairs(found: list[Any]) -> Pairs:
    series, names = found
    # Lines of the oldest version hold one trial each.
    return [(str(series), str(name)) for name in ([names] if isinstance(names, str) else names)]


def _tried(found: dict[str, Any], known: dict[str, DailyCloses]) -> TriedVariants:
    series = tuple(
        TradedSeries(str(name), known[content], content, int(first), int(last))
        for name, content, first, last in found["series"]
    )
    return TriedVariants(
        series, [str(one) for one in found["variants"]], [str(one) for one in found["former"]]
    )
