"""What changed since a given time: at most seven items, the most unusual first.

Takes series with their past; gives changes that lie outside the range in which changes over a span of that
length usually lie, each with its number, that range and its evidence.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.catalogue import NamedTexts
from vigie.data.asof import align
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.domain.time import HOUR_MS
from vigie.intelligence.market.historical_range import usual_range
from vigie.intelligence.market.words import load_texts

MOST_ITEMS: Final = 7
LEAST_SPANS: Final = 30
MOST_SPANS: Final = 400
# Values from which it is known how often a series speaks, and how much earlier than the span its first one may lie.
_STEPS: Final = 100
_SHARE: Final = 0.125
# What a person watches counts for more, so that it wins over an equally unusual change elsewhere.
WATCHED_WEIGHT: Final = 1.5
TOPICS: Final = (
    "price", "cap", "volume", "dominance", "fear_greed", "funding", "open_interest", "peg", "supply", "tvl", "fees",
    "volatility", "activity",
)  # fmt: skip
# What series without an asset are about, where that has no name of its own.
SUBJECTS: Final = NamedTexts("subject", {
    "market": "all coins", "stablecoins": "all stablecoins", "defi": "decentralised finance (DeFi)",
})  # fmt: skip
# What a subject that is one of `SUBJECTS` begins with.
ALL: Final = "all:"


@dataclass(frozen=True, slots=True, eq=False)
class TrackedSeries:
    """A series that is looked at.

    Attributes
    ----------
    series : str
        ``market/bitcoin/price_usd``.
    topic : str
        One of `TOPICS`: how it is said.
    subject : str
        For people, ``Bitcoin``; or ``all:defi``, which `SUBJECTS` names in each language.
    unit : str
        One of `load_texts.UNITS`, of its values.
    ts : int64 array, shape (n,)
        When each value was known, ascending.
    values : float64 array, shape (n,)
        With at least 30 spans of past where a usual range is to be known.
    is_relative : bool
        Whether a change is a fraction of the value before, else a difference.
    asset : str
        Catalogue id, to find it in a watchlist; empty where it is of no asset.
    """

    series: str
    topic: str
    subject: str
    unit: str
    ts: IntArray
    values: FloatArray
    is_relative: bool = True
    asset: str = ""

    def __post_init__(self) -> None:
        """Refuse a topic that has no words."""
        if self.topic not in TOPICS:
            raise UsageError(
                "unknown_topic",
                "topic must be one of {topics}, was {topic!r}",
                topics=" ".join(TOPICS),
                topic=self.topic,
            )


@dataclass(frozen=True, slots=True)
class ChangeText:
    """An item in one language: what, why it matters, and on what evidence."""

    what: str
    why: str
    evidence: str


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """One item.

    Attributes
    ----------
    series, topic, subject, unit, asset : str
        As in its track.
    is_relative : bool
        As in its track; relative changes are fractions.
    ts, value : int, float
        The newest value and when it was known.
    ts_before, value_before : int, float
        The value that was known at the given time.
    change : float
        Between the two.
    usual_low, usual_high : float
        Between which four of five changes over such a span lie.
    spans : int
        Past spans this is known from.
    span_ms : int
        How long each of them is, and the one that is told.
    surprise : float
        Distance from the middle in half ranges; above 1 is unusual.
    """

    series: str
    topic: str
    subject: str
    unit: str
    asset: str
    is_relative: bool
    ts: int
    value: float
    ts_before: int
    value_before: float
    change: float
    usual_low: float
    usual_high: float
    spans: int
    span_ms: int
    surprise: float

    @property
    def change_unit(self) -> str:
        """The unit of its change: the difference of two shares is in points; a change of a value is a share of it."""
        difference = "points" if self.unit == "fraction" else self.unit
        return "fraction" if self.is_relative else difference

    def is_usual(self, moved: float) -> bool:
        """Tell whether a change is inside the usual range, or equal to an end of it once both are rounded as shown."""
        if self.usual_low <= moved <= self.usual_high:
            return True
        numbers = load_texts("en").numbers
        written, low, high = (
            numbers.of(value, self.change_unit, sign=True)
            for value in (moved, self.usual_low, self.usual_high)
        )
        return written in (low, high)

    def render(self, language: str, euro: float = 0.0) -> ChangeText:
        """Return the item in words; `euro` is what a dollar is worth where amounts are told in euros."""
        table = load_texts(language, euro)
        numbers, unit = table.numbers, self.change_unit
        low, high = (numbers.of(v, unit, sign=True) for v in (self.usual_low, self.usual_high))
        direction = "up" if self.change > 0 else "down"
        subject = (
            SUBJECTS[language][self.subject.removeprefix(ALL)]
            if self.subject.startswith(ALL)
            else self.subject
        )
        change = self.change
        if unit == "index":
            # The two values are written as whole numbers: their difference must be that of what is written.
            change = round(self.value) - round(self.value_before) or change
        what = table(f"since.{self.topic}.{direction}", subject=subject, change=numbers.of(abs(change), unit))
        why = table("since.why", low=low, high=high, hours=_span_text(self.span_ms, language))
        before, now = numbers.of(self.value_before, self.unit), numbers.of(self.value, self.unit)
        return ChangeText(
            what, why, table("since.evidence", before=before, now=now, spans=numbers.number(self.spans, 0))
        )


@dataclass(frozen=True, slots=True)
class ChangesSince:
    """What changed.

    Attributes
    ----------
    since, now : int
        The span, epoch milliseconds.
    items : tuple of SeriesChange
        At most seven, most unusual first.
    left_out : int
        Unusual changes beyond the seven.
    quiet : int
        Series whose change was usual.
    unknown : int
        Series without a value then or now, or with too short a past.
    read : tuple of str
        Series whose change is unusual, and was read already.
    """

    since: int
    now: int
    items: tuple[SeriesChange, ...]
    left_out: int
    quiet: int
    unknown: int
    read: tuple[str, ...] = ()


def changed_since(
    tracks: Sequence[TrackedSeries],
    *,
    since: int,
    now: int,
    watched: Collection[str] = (),
    most: int = MOST_ITEMS,
    read: Mapping[str, float] | None = None,
) -> ChangesSince:
    """Return what changed between two times.

    Parameters
    ----------
    tracks : sequence of TrackedSeries
        Everything that is looked at.
    since, now : int
        Epoch milliseconds; a span of less than an hour is looked at as an hour.
    watched : collection of str
        Assets that count for more.
    most : int
        Most items, 1 to 7.
    read : mapping, optional
        By series the value that was read at `since`. The hour before holds what was read: such a change is an item
        again once the value has moved unusually from there.

    Raises
    ------
    UsageError
        If `now` does not come after `since`.
    """
    if now <= since:
        raise UsageError(
            "now_must_come_after", "now must come after {since}, was {now}", since=since, now=now
        )
    if not 1 <= most <= MOST_ITEMS:
        raise UsageError(
            "bad_most", "most must be 1..{most_items}, was {most}", most_items=MOST_ITEMS, most=most
        )
    begin = min(since, now - HOUR_MS)
    changes = [_measure_change(track, begin, now) for track in tracks]
    known = [change for change in changes if change is not None]
    unusual = [change for change in known if not change.is_usual(change.change)]
    known_to_reader = (read or {}) if begin < since else {}
    already_read = [change for change in unusual if _is_read(change, known_to_reader.get(change.series))]
    unusual = [change for change in unusual if change not in already_read]
    ranked = sorted(
        unusual, key=lambda c: (-c.surprise * (WATCHED_WEIGHT if c.asset in watched else 1), c.series)
    )
    return ChangesSince(
        since,
        now,
        tuple(ranked[:most]),
        left_out=max(0, len(ranked) - most),
        quiet=len(known) - len(unusual) - len(already_read),
        unknown=len(changes) - len(known),
        read=tuple(change.series for change in already_read),
    )


def _is_read(change: SeriesChange, value: float | None) -> bool:
    if value is None:
        return False
    return change.is_usual(
        float(_change_values(np.array([value]), np.array([change.value]), change.is_relative)[0])
    )


def _measure_change(track: TrackedSeries, since: int, now: int) -> SeriesChange | None:
    last = int(np.searchsorted(track.ts, now, side="right")) - 1
    first = int(np.searchsorted(track.ts, since, side="right")) - 1
    if first < 0 or last <= first or _is_hole(track.ts[: first + 1], since, now - since):
        return None
    before, value = float(track.values[first]), float(track.values[last])
    change = _change_values(np.array([before]), np.array([value]), track.is_relative)[0]
    past = _past_changes(track, since, now - since)
    low, middle, high = usual_range(past, LEAST_SPANS)
    if math.isnan(change) or math.isnan(middle):
        return None
    half = (high - low) / 2
    surprise = min(99.0, abs(change - middle) / half) if half > 0 else 99.0
    return SeriesChange(
        track.series, track.topic, track.subject, track.unit, track.asset, track.is_relative,
        int(track.ts[last]), value, int(track.ts[first]), before, float(change), low, high,
        int(np.count_nonzero(~np.isnan(past))), now - since, surprise,
    )  # fmt: skip


def _is_hole(ts: IntArray, since: int, span: int) -> bool:
    """Tell whether values before a time are missing: the change from an older one is not one over this span."""
    steps = np.diff(ts[-_STEPS:])
    step = float(np.median(steps)) if len(steps) else 0.0
    return since - int(ts[-1]) >= max(step, span * _SHARE, HOUR_MS)


def _past_changes(track: TrackedSeries, since: int, span: int) -> FloatArray:
    """Return changes over spans of one length that ended by `since`, half overlapping, newest first."""
    count = min(MOST_SPANS, 2 * max(0, since - span - int(track.ts[0])) // span)
    ends = since - (span * np.arange(count, dtype=np.int64)) // 2
    return _change_values(
        align(track.ts, track.values, ends - span), align(track.ts, track.values, ends), track.is_relative
    )


def _change_values(before: FloatArray, after: FloatArray, is_relative: bool) -> FloatArray:
    if not is_relative:
        return after - before
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(before > 0, after / before - 1, np.nan)


def _span_text(span_ms: int, language: str) -> str:
    table = load_texts(language)
    hours = max(1, round(span_ms / HOUR_MS))
    if hours < 48:
        return table("since.hours", count=hours)
    return table("since.days", count=round(hours / 24))
