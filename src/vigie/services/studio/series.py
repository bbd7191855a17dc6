"""Charts of a board that are not of prices: a series or formula of On-chain, a measure of Derivatives."""

from __future__ import annotations

from typing import Any, Final

from vigie.domain.errors import NotFound
from vigie.domain.time import DAY_MS, parse_time
from vigie.services.studio.board import MOST_LINES, Annotation, ChartPart, Line
from vigie.services.studio.plan import PartPlan
from vigie.services.studio.wording import SPANS, word

# How many days the operations of series are asked for; of all time as long as the longest they know.
_DAYS: Final = {"24h": 1, "1w": 7, "1m": 30, "1y": 365, "max": 1_460}
_MOST_DAYS: Final = 1_500

Points = dict[str, list[tuple[int, float]]]


def series_chart(work: Any, part: PartPlan) -> ChartPart:
    """Fill a chart of one formula of series, with its values as they are."""
    answer = work.ask("onchain.formula", f=part.series, days=_days(work, part))
    (line,) = answer.lines
    points = [(row["ts"], row["first"]) for row in answer.rows if row["first"] is not None]
    name = f"{line.subject}: {line.title}" if line.subject else line.title
    title = f"{name} {_said(work, part)}"
    return _filled(part, {line.title: points}, line.unit, title, part.series)


def derivatives_chart(work: Any, part: PartPlan) -> ChartPart:
    """Fill a chart of a measure of one asset, a line a venue; of volatility, a line an asset."""
    asset = part.assets.split(",")[0].strip() or "bitcoin"
    answer = work.ask("derivatives.history", measure=part.measure, asset=asset, days=_days(work, part))
    venues = [name.partition(":")[0] for name in answer.lines]
    is_short = len(set(venues)) == len(venues)
    points: Points = {}
    for row in answer.rows:
        name = row["line"].partition(":")[0] if is_short else row["line"]
        points.setdefault(name, []).append((row["ts"], row["value"]))
    title = word(work.plan.language, part.measure, names=answer.name, span=_said(work, part))
    return _filled(part, points, answer.unit, title, asset)


def _days(work: Any, part: PartPlan) -> int:
    if part.span != "dates":
        return _DAYS[part.span]
    # Between two dates: as far back as the first of them, and cut afterwards.
    back = (work.now - part.window[0]) // DAY_MS + 1
    return int(min(max(back, 1), _MOST_DAYS))


def _said(work: Any, part: PartPlan) -> str:
    if part.span == "dates":
        return word(work.plan.language, "from", start=part.start, end=part.end)
    return (
        word(work.plan.language, "first_value")
        if part.span == "max"
        else SPANS[work.plan.language][part.span]
    )


def _filled(part: PartPlan, points: Points, unit: str, title: str, asked: str) -> ChartPart:
    if part.span == "dates":
        start, end = part.window
        points = {
            name: [(ts, value) for ts, value in held if start <= ts <= end] for name, held in points.items()
        }
    lines = tuple(Line(name, tuple(held)) for name, held in points.items() if held)[:MOST_LINES]
    if not lines:
        raise NotFound(f"no values of {asked} are known over this time")
    return ChartPart(
        title=part.title or title, unit=unit.upper() if unit in ("usd", "eur") else unit, rebased=False,
        lines=lines, annotations=tuple(Annotation(parse_time(one.at), one.text) for one in part.notes),
    )  # fmt: skip
