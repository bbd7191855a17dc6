"""What became of news: of one item since it was read, and of what each source said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import Field

from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.intelligence.news.standing import Standing, scores, standings
from vigie.intelligence.news.step import Seen
from vigie.ports.items import ItemQuery, StoredRevision
from vigie.services.house import House
from vigie.services.news.publishers import publisher_of, publishers
from vigie.services.news.shown import row_of
from vigie.services.operation import Answer, Ask, Column, Origin, Table, operation

# Reading more takes longer than a page may.
_MOST_ITEMS: Final = 1_000
_IN_A_STORY: Final = 200


class StandingAsk(Ask):
    """One item."""

    item: str = Field(pattern=r"^[0-9a-f]{20}$", description="Id of an item.")


class StandingAnswer(Answer):
    """What was found of an item when it was read, and what became of it since: nothing stored is changed by it.

    `became` is confirmed, disputed, corrected, withdrawn, flagged, or empty; `by` the item that decided,
    itself where it was corrected or withdrawn. `is_changed`: it is not what it was found to be, by what was seen later.
    """

    item: str
    then: str
    became: str
    by: str
    ts: int | None
    is_changed: bool
    by_title: str = ""
    by_language: str = ""
    by_publisher: str = ""


@operation("news.standing", example={"item": "0123456789abcdef0123"})
def read_standing(house: House, caller: Caller, ask: StandingAsk) -> StandingAnswer:
    """Read what became of an item: its story is read again with what was seen later."""
    every = house.items.get(ask.item)
    if not every:
        raise NotFound(f"there is no item {ask.item!r}; `news.list` names them")
    newest = every[-1]
    story = newest.findings["story"].body["story"] if "story" in newest.findings else ""
    others = house.items.query(ItemQuery(tags={"story": story}, limit=_IN_A_STORY)) if story else ()
    held = [newest, *(one for one in others if one.item.id != ask.item)]
    this = next(one for one in standings_of(held) if one.item == ask.item)
    by = next((one for one in held if one.item.id == this.by), None)
    row = {} if by is None else row_of(by, publishers(house), is_simulated=house.is_simulated)
    return StandingAnswer(
        item=this.item, then=this.then, became=this.became, by=this.by, ts=this.ts, is_changed=is_changed(this, newest),
        by_title=row.get("title", ""), by_language=row.get("language", ""), by_publisher=row.get("publisher", ""),
    )  # fmt: skip


def standings_of(known: Sequence[StoredRevision]) -> list[Standing]:
    """Return what became of each of these items, judged by the others of its story."""
    return standings(Seen(one.item, one.findings) for one in known)


def is_changed(one: Standing, known: StoredRevision) -> bool:
    """Tell whether something seen after an item made of it what it was not found to be."""
    is_later = one.ts is not None and one.ts > known.item.ts_first_seen
    return is_later and one.became not in ("", one.then)


class ScoresAsk(Ask):
    """How far back."""

    days: int = Field(90, ge=1, le=365, description="Items of so many days, at most the newest thousand.")


_COLUMNS: Final = [
    Column(name="source", title="Source"),
    Column(name="title", title="Name"),
    Column(name="tier", title="Kind of source"),
    Column(name="items", title="Items", unit="count"),
    Column(
        name="confirmed", title="Confirmed", unit="count",
        definition="By a regulator or a primary source in the same story, or being one itself.",
    ),
    Column(name="disputed", title="Disputed", unit="count", definition="Denied by a later item of another source."),
    Column(name="corrected", title="Corrected", unit="count", definition="By the source itself."),
    Column(name="withdrawn", title="Withdrawn", unit="count", definition="Its source does not show it any more."),
    Column(name="flagged", title="Flagged", unit="count", definition="With a sign that is grave in itself."),
    Column(
        name="score", title="Share confirmed", unit="fraction",
        definition="Confirmed, of all of which something came out; empty where nothing did.",
    ),
    Column(name="low", title="Low", unit="fraction", definition="Of Wilson's interval of 95 per cent."),
    Column(name="high", title="High", unit="fraction", definition="Of Wilson's interval of 95 per cent."),
]  # fmt: skip


@operation("news.sources", example={"days": 30})
def list_scores(house: House, caller: Caller, ask: ScoresAsk) -> Table:
    """List how often what each source said was confirmed later, with an interval that says how little that may be."""
    # A view of the mood asks for it as well; what became of a month's items does not change in minutes.
    return house.lookback.read(f"scores/{ask.days}", house.clock.wall_now(), lambda: _scored(house, ask))


def _scored(house: House, ask: ScoresAsk) -> Table:
    known, now = publishers(house), house.clock.market_now()
    wanted = ItemQuery(is_relevant=True, after_ms=now - ask.days * DAY_MS, limit=_MOST_ITEMS)
    rows = []
    for one in scores(standings_of(house.items.query(wanted))):
        counts = {
            name: one.counts.get(name, 0)
            for name in ("confirmed", "disputed", "corrected", "withdrawn", "flagged")
        }
        rows.append(
            {
                "source": one.source,
                "title": publisher_of(known, one.source).title,
                "tier": publisher_of(known, one.source).tier,
                "items": sum(one.counts.values()),
                **counts,
                "score": one.share,
                "low": one.low,
                "high": one.high,
            }
        )
    return Table(columns=list(_COLUMNS), rows=rows, origins=[Origin(source="vigie", ts_event=now)])
