"""The design system on one page: every token and component, in both themes, on values that are made up."""

from __future__ import annotations

from collections.abc import Mapping
from math import sin
from typing import Any, Final

from vigie.services.operation import Column, Figure, Origin, Table
from vigie.views.web.chosen_columns import chosen_columns
from vigie.views.web.page import Page
from vigie.views.web.request_context import RequestContext

_HOUR: Final = 3_600_000
TOKENS: Final = (
    ("Surfaces", ("page", "card", "hero", "sunken", "hover", "line", "line-strong", "control")),
    ("Text and action", ("text", "muted", "link", "accent", "on-accent", "accent-soft", "focus")),
    ("Meaning", ("up", "up-soft", "down", "down-soft", "warn", "warn-soft")),
    ("Charts", ("candle-up", "candle-down", "on-flag", "volume", "grid", "band")),
    ("Series", tuple(f"series-{number}" for number in range(1, 9))),
)
SPACES: Final = ("s1", "s2", "s3", "s4", "s5", "s6", "s7", "pad", "gap", "gutter")
SIZES: Final = ("t1", "t2", "t3", "t4", "t5", "t6")
_ROWS: Final = (
    ("Bitcoin", "bitget-perp:btc-usdt-perp", 64_210.5, 0.0124, 2.8e10, 0.0001),
    ("Ethereum", "bitget-perp:eth-usdt-perp", 3_121.07, -0.0081, 1.3e10, 0.00008),
    ("Solana", "bitget-perp:sol-usdt-perp", 142.66, 0.0462, 2.2e9, -0.00004),
    ("Dogecoin", "bitget-perp:doge-usdt-perp", 0.12034, -0.0007, 8.1e8, 0.0),
    ("Polkadot", "bitget-perp:dot-usdt-perp", None, None, 1.1e8, None),
)
_COLUMNS: Final = (
    Column(name="name", title="Asset"),
    Column(name="last", title="Price", unit="usd", definition="Last trade on the venue with the most volume"),
    Column(name="change_24h", title="24 h", unit="change", definition="Change over the last 24 hours"),
    Column(name="volume", title="Volume 24 h", unit="usd"),
    Column(name="funding", title="Funding", unit="rate", definition="Rate of the next settlement"),
    Column(name="trend", title="7 days"),
)


def wave(seed: int, count: int = 28) -> list[float]:
    """Return a line that looks like a price, always the same."""
    return [
        100 + 8 * sin(step * 0.37 + seed) + 5 * sin(step * 0.9 + seed * 2) + step * 0.3 * (seed % 3 - 1)
        for step in range(count)
    ]


def figure(
    value: float | None, unit: str, now: int, *, age_h: float = 0.02, is_stale: bool = False
) -> Figure:
    """Return a figure that is so old."""
    then = now - int(age_h * _HOUR)
    return Figure(value=value, unit=unit, source="Example", ts_event=then, ts_known=then, is_stale=is_stale)


def market(now: int, count: int = len(_ROWS)) -> Table:
    """Return the first rows of a small table of a market."""
    keys = ("name", "id", "last", "change_24h", "volume", "funding")
    rows = [
        {**dict(zip(keys, row, strict=True)), "trend": wave(place)} for place, row in enumerate(_ROWS[:count])
    ]
    origins = [Origin(source="Example", ts_event=now)]
    return Table(as_of=None, columns=list(_COLUMNS), rows=rows, origins=origins, total=len(rows))


def candles(count: int = 48) -> list[dict[str, float]]:
    """Return rectangles and wicks of a small chart, in the drawing's own units."""
    closes = [150 + 46 * sin(step * 0.21) + 17 * sin(step * 0.73) for step in range(count + 1)]
    shapes = []
    for place in range(count):
        start, end = closes[place], closes[place + 1]
        top, bottom = min(start, end), max(start, end)
        reach = 6 + 5 * abs(sin(place * 1.7))
        shapes.append({
            "x": 12 + place * 15.75, "is_up": end < start, "top": round(top, 1),
            "height": round(max(bottom - top, 1), 1), "high": round(top - reach, 1), "low": round(bottom + reach, 1),
        })  # fmt: skip
    return shapes


def show(context: RequestContext) -> Mapping[str, Any]:
    """Return the values that the components are shown with."""
    now = context.now
    return {
        "tokens": TOKENS,
        "sizes": SIZES,
        "spaces": SPACES,
        "market": market(now),
        "chosen": chosen_columns(context, "example", _COLUMNS, [column.name for column in _COLUMNS]),
        "short_market": market(now, 2),
        "price": figure(64_210.5, "usd", now),
        "cap": figure(2.31e12, "usd", now, age_h=0.1),
        "fear": figure(38, "", now, age_h=11),
        "funding": figure(0.0001, "rate", now),
        "old": figure(1.684e11, "usd", now, age_h=31, is_stale=True),
        "unknown": Figure(value=None, unit="usd", source="Example"),
        "candles": candles(),
        "wave": wave,
    }


GROUP: Final = "system"
PAGES = (
    Page(
        name="styleguide",
        path="/styleguide",
        title="Design system",
        description="Colours, spacing, typography and every component of the pages, in both themes.",
        show=show,
    ),
)
