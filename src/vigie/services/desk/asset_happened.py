"""What happened in a span of an asset's chart: stories, register changes, funding extremes, price moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

from pydantic import Field

from vigie.data.catalog import Catalog
from vigie.domain.errors import UsageError
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.intelligence.market.compare import MOST_SERIES
from vigie.services.desk.asset_charts import LAST_MS
from vigie.services.house import House
from vigie.services.measuring.moves import funding_extremes, moves
from vigie.services.news.first_seen import MOST_ITEMS, PARTS, FirstSeen, stories_seen
from vigie.services.news.publishers import publishers
from vigie.services.news.telling import Told, status
from vigie.services.news.whole import wholes
from vigie.services.operation import Ask, Column, Origin, Table, operation

Kind = Literal["", "story", "register", "funding", "price"]
# Told where no start is asked for.
USUAL_MS: Final = 7 * DAY_MS
_MOST_CHANGES: Final = 40
# Changes are read from the newest back.
_READ_CHANGES: Final = 2_000

HAPPENED: Final = [
    Column(name="ts", title="Known", unit="ms", definition="From then on it was known here."),
    Column(name="kind", title="Kind", definition="story, register, funding or price."),
    Column(
        name="what", title="What",
        definition="Of registers added, changed, ended, removed; of funding highest, lowest; of prices span or bar.",
    ),
    Column(name="title", title="Title", definition="Of the first item of a story, a firm, an instrument."),
    Column(name="source", title="Source", definition="Publisher, register, or the venue's instrument."),
    Column(name="change", title="Change", unit="change", definition="Of the price, close to close."),
    Column(name="per_8h", title="For 8 h", unit="rate", definition="Rate x 8 / hours between settlements."),
    Column(name="step", title="Length of a bar", definition="In which the price changed so much."),
    Column(name="language", title="Language"),
    Column(name="status", title="Reliability", definition="Of the whole story, as on its page."),
    Column(name="items", title="Items", unit="count", definition="Of the story that name the asset."),
    Column(name="story", title="Story"),
    Column(name="item", title="Item"),
]  # fmt: skip


OF_SEVERAL: Final = [
    Column(name="asset", title="Asset", definition="That the story is about."),
    Column(name="name", title="Name"),
]


class SpanAsk(Ask):
    """Which span, as it was known when."""

    start: int | None = Field(
        None, ge=0, le=LAST_MS, description="Epoch ms; without it seven days before the end."
    )
    end: int | None = Field(None, ge=0, le=LAST_MS, description="Epoch ms, not included; without it now.")
    as_of: int | None = Field(None, ge=0, le=LAST_MS, description="Epoch ms; only what was known then.")
    most: int = Field(60, ge=1, le=200, description="Stories at most: those with most items of it.")


class HappenedAsk(SpanAsk):
    """Which span of which asset."""

    asset: str = Field(
        "bitcoin", max_length=80, description="Catalogue id, or a ticker that only one asset has."
    )
    kind: Kind = Field("", description="Only of this kind.")


class MarksAsk(SpanAsk):
    """Which span of which assets."""

    assets: str = Field(
        "bitcoin,ethereum", max_length=700, description=f"1 to {MOST_SERIES} ids or tickers, comma-separated."
    )


class Happened(Table):
    """What happened; `is_thinned` where there were more items than are read.

    Then the newest items of each twelfth of the span were read: a story may stand at a later item than its first.
    """

    is_thinned: bool = False


@operation("assets.happened", example={"asset": "bitcoin", "kind": "price"})
def happened(house: House, caller: Caller, ask: HappenedAsk) -> Happened:
    """List what happened to an asset in a span, each thing at the time it was known here, nothing before that."""
    asset = Catalog(house.facts, house.shelf).find(ask.asset).id
    horizon = _horizon(ask, house.clock.market_now())
    start, end = _span(ask, horizon)
    if start >= end:
        return Happened(columns=list(HAPPENED), rows=[], total=0, as_of=ask.as_of)
    rows: list[dict[str, Any]] = []
    total, is_thinned = 0, False
    if ask.kind in ("", "story"):
        found = stories_seen(house, asset, start_ms=start, end_ms=end, known_ms=horizon)
        total, is_thinned = len(found.stories), found.is_thinned
        rows += _story_rows(house, _kept(found.stories, ask.most), end)
    others = [*_registers(house, ask.kind, start, end), *_measured(house, asset, ask.kind, start, end)]
    rows = sorted(rows + others, key=lambda row: (row["ts"], row["kind"], row["title"]))
    return Happened(
        columns=list(HAPPENED),
        rows=rows,
        origins=_origins(rows, end),
        total=total + len(others),
        as_of=ask.as_of,
        is_thinned=is_thinned,
    )


@operation("assets.news_marks", example={"assets": "bitcoin,ethereum"})
def news_marks(house: House, caller: Caller, ask: MarksAsk) -> Happened:
    """List stories about several assets at the time each was first seen here, each named by the asset it is about."""
    words = [word for word in (part.strip() for part in ask.assets.split(",")) if word]
    if not 1 <= len(words) <= MOST_SERIES:
        raise UsageError(f"assets must be 1 to {MOST_SERIES}, were {len(words)}")
    catalog = Catalog(house.facts, house.shelf)
    assets = list({one.id: one for one in (catalog.find(word) for word in words)}.values())
    horizon = _horizon(ask, house.clock.market_now())
    start, end = _span(ask, horizon)
    rows: list[dict[str, Any]] = []
    total, is_thinned = 0, False
    for asset in assets if start < end else ():
        # So that several assets are read in about the time of one.
        most = max(MOST_ITEMS // len(assets), PARTS)
        found = stories_seen(house, asset.id, start_ms=start, end_ms=end, known_ms=horizon, most=most)
        total, is_thinned = total + len(found.stories), is_thinned or found.is_thinned
        kept = _kept(found.stories, -(-ask.most // len(assets)))
        rows += [{**row, "asset": asset.id, "name": asset.name} for row in _story_rows(house, kept, end)]
    rows = sorted(rows, key=lambda row: (row["ts"], row["asset"], row["title"]))
    return Happened(
        columns=[*HAPPENED, *OF_SEVERAL], rows=rows, origins=_origins(rows, end), total=total, as_of=ask.as_of,
        is_thinned=is_thinned,
    )  # fmt: skip


def _kept(found: Sequence[FirstSeen], most: int) -> list[FirstSeen]:
    """Return what many tell before what one told; of those told alike some of each part of the span."""
    ordered = sorted(found, key=lambda one: (-one.items, -one.ts))
    first = min((one.ts for one in found), default=0)
    part = max(max((one.ts for one in found), default=0) - first, 1) / PARTS
    alike: Counter[tuple[int, int]] = Counter()
    placed = []
    for one in ordered:
        same = (one.items, min(int((one.ts - first) / part), PARTS - 1))
        placed.append((-one.items, alike[same], -one.ts, one.story, one))
        alike[same] += 1
    return [one for *_, one in sorted(placed, key=lambda each: each[:-1])[:most]]


def _horizon(ask: SpanAsk, now: int) -> int:
    """Return where knowledge ends, exclusive: the instant itself is a part of it."""
    return min(now, ask.as_of if ask.as_of is not None else now) + 1


def _span(ask: SpanAsk, horizon: int) -> tuple[int, int]:
    """Return the span, which ends where knowledge does; one that lies ahead altogether is empty."""
    asked = ask.end if ask.end is not None else horizon
    start = ask.start if ask.start is not None else max(0, asked - USUAL_MS)
    if start >= asked and ask.end is not None:
        raise UsageError(f"start must be before end, was {start} and {asked}")
    return start, max(start, min(asked, horizon))


def _row(ts: int, kind: str, what: str, title: str, source: str, **more: Any) -> dict[str, Any]:
    bare = {
        "change": None, "per_8h": None, "step": "", "language": "", "status": "", "items": None, "story": "",
        "item": "",
    }  # fmt: skip
    return {"ts": ts, "kind": kind, "what": what, "title": title, "source": source, **bare, **more}


def _story_rows(house: House, stories: Sequence[FirstSeen], end: int) -> list[dict[str, Any]]:
    whole = wholes(house, [one.story for one in stories], publishers(house), steps=("reliability",))
    return [
        _row(
            one.ts, "story", "first_seen", one.title, one.publisher, language=one.language,
            status=_status(whole.get(one.story, ()), end) or one.status,
            items=one.items, story=one.story, item=one.item,
        )
        for one in stories
    ]  # fmt: skip


def _status(items: Iterable[Told], end: int) -> str:
    """Return how far a story could be believed by an instant; what was changed since is left out."""
    return status([one for one in items if one.item.ts_seen < end])


def _registers(house: House, kind: str, start: int, end: int) -> list[dict[str, Any]]:
    if kind not in ("", "register"):
        return []
    titles = {note.id: note.title for note in house.directory.news()}
    changes = house.registers.changes(after_ms=start, limit=_READ_CHANGES)
    return [
        _row(one.ts_seen, "register", one.kind, one.entry.name, titles.get(one.register, one.register))
        for one in changes
        if start <= one.ts_seen < end
    ][:_MOST_CHANGES]


def _measured(house: House, asset: str, kind: str, start: int, end: int) -> list[dict[str, Any]]:
    rows = []
    if kind in ("", "funding"):
        rows += [
            _row(one.ts, "funding", one.what, one.place, one.place, per_8h=one.per_8h)
            for one in funding_extremes(house, asset, start_ms=start, end_ms=end)
        ]
    if kind in ("", "price"):
        rows += [
            _row(
                one.ts, "price", "bar" if one.timeframe else "span", one.place, one.place, change=one.change,
                step=one.timeframe,
            )
            for one in moves(house, asset, start_ms=start, end_ms=end)
        ]  # fmt: skip
    return rows


def _origins(rows: Iterable[dict[str, Any]], end: int) -> list[Origin]:
    return [Origin(source=source, ts_known=end) for source in dict.fromkeys(row["source"] for row in rows)]
