"""Noted trials as lines of JSON: the closes of a history once, then what was tried on it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

from vigie.domain.daily_closes import DailyCloses, closes_bytes, closes_from_bytes
from vigie.domain.trials import TradedSeries, TriedVariants

Pairs = list[tuple[str, str]]


def format_trials(trials: Iterable[TriedVariants]) -> bytes:
    """Write trials as lines: one for each history, the same for the same closes, and one for each of the trials."""
    lines: dict[str, None] = {}
    for trial in trials:
        for traded in trial.series:
            lines[_format_closes(traded)] = None
        series = [[traded.name, traded.content, traded.first_day, traded.last_day] for traded in trial.series]
        record = {"series": series, "variants": list(trial.variants), "former": list(trial.former)}
        lines[json.dumps(record)] = None
    # A line begins with its break: one that a power cut left in pieces does not swallow the next.
    return "".join([f"\n{line}" for line in lines]).encode()


def _format_closes(series: TradedSeries) -> str:
    closes = base64.b64encode(closes_bytes(series.closings.closes)).decode()
    # Written by hand: looking for what must be escaped in it takes longer than all the rest.
    return (
        f'{{"content": "{series.content}", "first_day": {series.closings.first_day}, "closes": "{closes}"}}'
    )


def read_lines(content: bytes) -> Iterator[TriedVariants | Pairs]:
    """Read lines back in their order; a line in pieces is left out, lines of earlier versions are pairs."""
    closings_by_content: dict[str, DailyCloses] = {}
    for line in dict.fromkeys(content.splitlines()):
        try:
            record = json.loads(line)
            if isinstance(record, list):
                yield _parse_pairs(record)
            elif "closes" in record:
                raw = base64.b64decode(record["closes"], validate=True)
                closings_by_content[record["content"]] = DailyCloses(
                    int(record["first_day"]), closes_from_bytes(raw)
                )
            else:
                yield _parse_trial(record, closings_by_content)
        except (ValueError, TypeError, KeyError):  # in pieces, or empty
            continue


def _parse_pairs(record: list[Any]) -> Pairs:
    series, names = record
    # Lines of the oldest version hold one trial each.
    return [(str(series), str(name)) for name in ([names] if isinstance(names, str) else names)]


def _parse_trial(record: dict[str, Any], closings_by_content: dict[str, DailyCloses]) -> TriedVariants:
    series = tuple(
        TradedSeries(str(name), closings_by_content[content], content, int(first), int(last))
        for name, content, first, last in record["series"]
    )
    return TriedVariants(
        series, [str(text) for text in record["variants"]], [str(text) for text in record["former"]]
    )
