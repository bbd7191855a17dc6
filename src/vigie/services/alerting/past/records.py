"""What rules about registers, emerging ones and Vigie itself would have told: from what was written at the time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.domain.alert import Happening
from vigie.domain.time import DAY_MS
from vigie.services.alerting.past.looked import DAYS, Looked, at, looks
from vigie.services.alerting.watching import desk, newcomers, registers
from vigie.services.alerting.watching.standing import Standing
from vigie.services.alerting.wishing import KNOWN
from vigie.services.desk.directories import newcomers_of
from vigie.services.house import House

MOST: Final = 5_000
_PAGE: Final = 500
# Found by looking, and not written down but as alerts.
UNWRITTEN: Final = ("loss", "stream", "restart")


def of_registers(house: House) -> Looked:
    """Return what became different in public registers since they were first looked at."""
    after, titles = house.clock.market_now() - DAYS * DAY_MS, registers.titles_of(house)
    changes = house.registers.changes(after_ms=after, limit=MOST)
    found = [at(registers.happened(one, titles, one.ts_seen), one.ts_seen) for one in changes]
    unknown = [] if house.registers.states() else ["registers"]
    return Looked(found, len(changes), len(changes) < MOST, unknown=unknown)


def of_newcomers(house: House, when: Mapping[str, tuple[str, ...]]) -> Looked:
    """Return who came to the list of emerging ones, or to a narrower one, by what was known at each day."""
    found: list[Happening] = []
    asked = when.get("subject", ())
    narrow = newcomers.lists_of(asked)
    # Who narrows the list down to one by conditions is not told of the whole one.
    lists = narrow if len(narrow) == len(asked) and narrow else [newcomers.LIST, *narrow]
    standings = {one: Standing() for one in lists}
    since, count = None, 0
    for ts in looks(house.clock.market_now(), DAY_MS):
        everyone, _, _ = newcomers_of(house, ts)
        if everyone:
            since = ts if since is None else since
            count += len(everyone)
            for one, standing in standings.items():
                found += [at(told, ts) for told in newcomers.found_in(one, everyone, standing, ts)]
                standing.is_new = False
    begins = house.clock.market_now() - (DAYS - 1) * DAY_MS
    return Looked(
        found[::-1],
        count,
        every_ms=DAY_MS,
        since=since if since is not None and since > begins else None,
        unknown=["list"] if since is None else [],
    )


def of_desk(house: House, owner: str, when: Mapping[str, tuple[str, ...]]) -> Looked:
    """Return what Vigie wrote into its audit about itself, of what concerns somebody."""
    after, seq = house.clock.wall_now() - DAYS * DAY_MS, house.audit.newest() + 1
    found: list[Happening] = []
    is_over = False
    while len(found) < MOST and not is_over:
        page = house.audit.before(seq, limit=_PAGE, kinds=desk.WRITTEN)
        told = [at(desk.written(house, one, one.ts), one.ts) for one in page if one.ts >= after]
        found += [one for one in told if one.facts.get("owner", owner) == owner]
        is_over = len(page) < _PAGE or page[-1].ts < after
        seq = page[-1].seq if page else seq
    asked = when.get("subject", ()) or KNOWN["desk"]
    return Looked(found, len(found), is_over, unknown=[one for one in asked if one in UNWRITTEN])
