"""What a table of newcomers shows for the first time, and whether an item is a report on one of them.

Takes rows and revisions of items; gives sightings and reports. Nothing is read or written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from vigie.domain.first_sighting import EmergingKind, FirstSighting, PressReport
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.intelligence.news.gazetteer.newcomer_names import NewcomerNames
from vigie.intelligence.news.step import Publisher
from vigie.ports.items import StoredRevision

# For so long after it was first seen a report on it is looked for. Pools come by the thousand a day.
WATCHED_MS: Final[Mapping[EmergingKind, int]] = {"coin": 90 * DAY_MS, "pool": 7 * DAY_MS}
# A report from longer before is of something else that was called so. The press writes on projects months before they
# have a coin; a pool is known by a ticker alone.
EARLIER_MS: Final[Mapping[EmergingKind, int]] = {"coin": 365 * DAY_MS, "pool": 30 * DAY_MS}
# The past of a simulated home: new pools are asked for so often. Feeds of its newsroom show some forty items, which go
# back about as far as this: on older pools a report could not be seen.
GENERATED_EVERY_MS: Final = 10 * MINUTE_MS
GENERATED_MS: Final = 36 * HOUR_MS


def first_revision_naming(
    revisions: Iterable[StoredRevision], newcomer: str, names: NewcomerNames
) -> StoredRevision | None:
    """Return the first revision of an item that names a newcomer; what was withdrawn names nobody."""
    for revision in revisions:
        content = revision.item.content
        if not revision.item.is_withdrawn and newcomer in names.named_in(content.title, content.text):
            return revision
    return None


def report_of(newcomer: str, revision: StoredRevision, publisher: Publisher) -> PressReport:
    """Return what an item's revision reports on a newcomer.

    The time is the one that the outlet states, at most when it was first seen here. A name that was added later was
    reported when the revision was seen.
    """
    item, content = revision.item, revision.item.content
    is_first = item.revision == 1
    return PressReport(
        newcomer=newcomer,
        item=item.id,
        source=content.source,
        outlet=publisher.title,
        url=content.url,
        title=content.title,
        ts_reported=item.ts if is_first else item.ts_seen,
        ts_known=item.ts_seen,
        is_day_only=is_first and content.precision == "day" and item.ts == content.ts_published,
        is_generated=item.is_generated,
    )


def is_in_report_window(report: PressReport, sight: FirstSighting) -> bool:
    """Say whether a report is from the time in which one counts."""
    earliest, latest = sight.ts_seen - EARLIER_MS[sight.kind], sight.ts_seen + WATCHED_MS[sight.kind]
    return earliest <= report.ts_reported <= latest


def sights_of(
    kind: EmergingKind, rows: Sequence[Mapping[str, Any]], ts: int, since: int | None
) -> list[FirstSighting]:
    """Return what a table of a kind shows; `since` is when watching started, None where that is this very table.

    The source hands names on as they come: a row without one is nobody of whom the press could report.
    """
    needed = ("id", "name", "symbol") if kind == "coin" else ("id", "name")
    rows = [row for row in rows if all(_is_text(row.get(name)) for name in needed)]
    if kind == "coin":
        # The source compares its list with the one before: what was there at its first look is not among these.
        return [
            FirstSighting(
                row["id"], kind, row["name"], row["symbol"].upper(), row["id"], int(row["ts_first_seen"])
            )
            for row in rows
        ]
    sights = []
    for row in rows:
        created = None if row.get("ts_created") is None else int(row["ts_created"])
        is_from_before = since is None if created is None else created < (ts if since is None else since)
        symbol = row["name"].partition(" / ")[0].strip().upper()
        token = row.get("base_token") or row["id"]
        sights.append(FirstSighting(row["id"], kind, row["name"], symbol, token, ts, created, is_from_before))
    return sights


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def backdate_sight(sight: FirstSighting, now: int) -> FirstSighting:
    """Return a pool of a simulated home's past as a home that was running would have seen it."""
    created = sight.ts_created
    if created is None or created < now - GENERATED_MS:
        return sight
    ts_seen = created + GENERATED_EVERY_MS - created % GENERATED_EVERY_MS
    if ts_seen >= now:
        return replace(sight, is_from_before=False)
    return replace(sight, ts_seen=ts_seen, is_from_before=False, is_generated=True)


__all__ = [
    "EARLIER_MS",
    "GENERATED_EVERY_MS",
    "GENERATED_MS",
    "WATCHED_MS",
    "backdate_sight",
    "first_revision_naming",
    "is_in_report_window",
    "report_of",
    "sights_of",
]  # fmt: skip
