"""The drawings of a look at columns: what is compared between them, and how one lies and hangs together with itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.drawing.frame import Frame
from vigie.drawing.histogram import HistogramBar, histogram_chart
from vigie.drawing.ranked_bars import RankedBar, ranked_bars_chart
from vigie.services.operations.feature_looks import ColumnTable
from vigie.services.operations.features import ColumnLookRow
from vigie.views.web.request_context import RequestContext

# Whose bars they are, and what they are compared with.
BARS: Final = ("instrument", "venue", "timeframe")
COMPARED: Final = ("information", "stability", "gaps")
HALVES: Final = ("earlier", "later")
# Below it a distribution has hardly moved.
_HARDLY_MOVED: Final = 0.1


def compared_title(context: RequestContext, name: str) -> str:
    """Return what the picture of a comparison is called."""
    return {
        "information": context.text("Information about the label; the mark is the chance level"),
        "stability": context.text("Stability (PSI); below the mark it hardly moved"),
        "gaps": context.text("Gaps after the first value"),
    }[name]


def compared_bars(context: RequestContext, rows: Sequence[ColumnLookRow], name: str) -> list[RankedBar]:
    """Return a bar for each column that has something to compare."""
    lang = context.lang
    if name == "information":
        return [
            RankedBar(row.name, row.information, lang.fixed(row.information, 4), row.by_chance)
            for row in rows
            if row.information is not None
        ]
    if name == "stability":
        return [
            RankedBar(row.name, row.stability, lang.fixed(row.stability, 2), _HARDLY_MOVED)
            for row in rows
            if row.stability is not None
        ]
    return [
        RankedBar(row.name, row.missing or 0.0, lang.percent(row.missing, 1)) for row in rows if row.known
    ]


def memory_title(context: RequestContext) -> str:
    """Return what the picture of the autocorrelation is called."""
    return context.text("Autocorrelation")


def memory_bars(context: RequestContext, seen: ColumnTable) -> list[RankedBar]:
    """Return a bar for each lag."""
    lang = context.lang
    return [
        RankedBar(
            lang.plural("%(num)s bar before", "%(num)s bars before", lag.lag) % {"num": lag.lag},
            lag.correlation,
            lang.fixed(lag.correlation, 2),
        )
        for lag in seen.lags
    ]


def ranked_text(context: RequestContext, bars: Sequence[RankedBar]) -> str:
    """Return in words what ranked bars show."""
    return context.lang.semicolon.join(f"{bar.name} {bar.text}" for bar in bars)


def draw_ranked(bars: Sequence[RankedBar], frame: Frame) -> str:
    """Return ranked bars as a picture."""
    return ranked_bars_chart(bars, frame=frame)


def half_title(context: RequestContext, half: str) -> str:
    """Return what the picture of one half's distribution is called."""
    return {
        "earlier": context.text("Distribution, first half"),
        "later": context.text("Distribution, second half"),
    }[half]


def half_text(context: RequestContext, seen: ColumnTable, half: str) -> str:
    """Return in words where most values of a half lie."""
    most = max(seen.rows, key=lambda row: int(row[half]))
    return context.text("Most values lie between %(low)s and %(high)s.") % {
        "low": context.lang.number(most.low, 4),
        "high": context.lang.number(most.high, 4),
    }


def draw_half(context: RequestContext, seen: ColumnTable, half: str, frame: Frame) -> str:
    """Return the distribution of a half."""
    step = max(len(seen.rows) // 4, 1)
    bars = [
        HistogramBar(
            context.lang.number(row.low, 4) if place % step == 0 and place else "", row[half], row.low >= 0.0
        )
        for place, row in enumerate(seen.rows)
    ]
    return histogram_chart(bars, frame=frame)
