"""Charts of a board that are not of prices: a series or formula of On-chain, a measure of Derivatives."""

from __future__ import annotations

from typing import Any, Final

from vigie.domain.errors import NotFound
from vigie.domain.time import DAY_MS, parse_time
from vigie.services.studio.board import MOST_LINES, Annotation, BoardLine, ChartPart
from vigie.services.studio.plan import PartPlan
from vigie.services.studio.wording import SPANS, format_word

# How many days the operations of series are asked for; of all time as long as the longest they know.
_DAYS: Final = {"24h": 1, "1w": 7, "1m": 30, "1y": 365, "max": 1_460}
_MOST_DAYS: Final = 1_500

Points = dict[str, list[tuple[int, float]]]


def series_chart(filler: Any, part: PartPlan) -> ChartPart:
    """Fill a chart of one formula of series, with its values as they are."""
    result = filler.query_with_credits("onchain.formula", f=part.series, days=_days_back(filler, part))
    (line,) = result.lines
    points = [(row["ts"], row["first"]) for row in result.rows if row["first"] is not None]
    name = f"{line.subject}: {line.title}" if line.subject else line.title
    title = f"{name} {_span_text(filler, part)}"
    return _series_part(part, {line.title: points}, line.unit, title, part.series)


def derivatives_chart(filler: Any, part: PartPlan) -> ChartPart:
    """Fill a chart of a measure of one asset, a line a venue; of volatility, a line an asset."""
    asset = part.assets.split(",")[0].strip() or "bitcoin"
    result = filler.query_with_credits(
        "derivatives.history", measure=part.measure, asset=asset, days=_days_back(filler, part)
    )
    venues = [name.partition(":")[0] for name in result.lines]
    is_short = len(set(venues)) == len(venues)
    points: Points = {}
    for row in result.rows:
        name = row["line"].partition(":")[0] if is_short else row["line"]
        points.setdefault(name, []).append((row["ts"], row["value"]))
    title = format_word(filler.plan.language, part.measure, names=result.name, span=_span_text(filler, part))
    return _series_part(part, points, result.unit, title, asset)


def _days_back(filler: Any, part: PartPlan) -> int:
    if part.span != "dates":
        return _DAYS[part.span]
    # Between two dates: as far back as the first of them, and cut afterwards.
    n_days = (filler.now - part.window[0]) // DAY_MS + 1
    return int(min(max(n_days, 1), _MOST_DAYS))


def _span_text(filler: Any, part: PartPlan) -> str:
    if part.span == "dates":
        return format_word(filler.plan.language, "from", start=part.start, end=part.end)
    return (
        format_word(filler.plan.language, "first_value")
        if part.span == "max"
        else SPANS[filler.plan.language][part.span]
    )


def _series_part(part: PartPlan, points: Points, unit: str, title: str, series_name: str) -> ChartPart:
    if part.span == "dates":
        start, end = part.window
        points = {
            name: [(ts, value) for ts, value in values if start <= ts <= end]
            for name, values in points.items()
        }
    lines = tuple(BoardLine(name, tuple(values)) for name, values in points.items() if values)[:MOST_LINES]
    if not lines:
        raise NotFound(
            "no_values_period", "no values of {series_name} for this period", series_name=series_name
        )
    return ChartPart(
        title=part.title or title, unit=unit.upper() if unit in ("usd", "eur") else unit, rebased=False,
        lines=lines, annotations=tuple(Annotation(parse_time(note.at), note.text) for note in part.notes),
    )  # fmt: skip
