"""What rules about registers, emerging ones and Vigie itself would have told: from what was written at the time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.domain.alert import AlertEvent, AlertRule
from vigie.domain.time import DAY_MS
from vigie.ports.audit import AuditEvent
from vigie.services.alerting.past.looked import DAYS, Looked, at, looks
from vigie.services.alerting.watching import desk, newcomers, registers
from vigie.services.alerting.watching.standing import Standing
from vigie.services.alerting.watching.whose import with_firms
from vigie.services.alerting.wishing import KNOWN
from vigie.services.house import House
from vigie.services.operations.directories import newcomers_of

MOST: Final = 5_000
_PAGE: Final = 500
# Found by looking, and not written down but as alerts.
UNWRITTEN: Final = ("loss", "stream")


def of_registers(house: House, rule: AlertRule) -> Looked:
    """Return what became different in public registers since they were first looked at."""
    after, titles = house.clock.market_now() - DAYS * DAY_MS, registers.titles_of(house)
    changes = house.registers.changes(after_ms=after, limit=MOST)
    told = [at(registers.happened(one, titles, one.ts_seen), one.ts_seen) for one in changes]
    found = with_firms(house, [rule], told, changes)
    unknown = [] if house.registers.states() else ["registers"]
    return Looked(found, len(changes), len(changes) < MOST, unknown=unknown)


def of_newcomers(house: House, when: Mapping[str, tuple[str, ...]]) -> Looked:
    """Return who came to the list of emerging ones, or to a narrower one, and who left, by what was known each day."""
    found: list[AlertEvent] = []
    asked = when.get("subject", ())
    narrow = newcomers.lists_of(asked)
    # Who narrows the list down to one by conditions is not told of the whole one.
    lists = narrow if len(narrow) == len(asked) and narrow else [newcomers.LIST, *narrow]
    standings = {one: Standing() for one in lists}
    since, count = None, 0
    before: dict[str, newcomers.Listed] = {}
    for ts in looks(house.clock.market_now(), DAY_MS):
        everyone, _, _ = newcomers_of(house, ts)
        if everyone:
            since = ts if since is None else since
            count += len(everyone)
            for one, standing in standings.items():
                found += [at(told, ts) for told in newcomers.found_in(one, everyone, standing, ts, before)]
                standing.is_new = False
            before = newcomers.seen_by_now(everyone, before)
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
    found: list[AlertEvent] = []
    is_over = False
    asked = when.get("subject", ()) or KNOWN["desk"]
    first = next(iter(house.audit.after(0, limit=1, kinds=[desk.STARTED])), None)
    while len(found) < MOST and not is_over:
        page = house.audit.before(seq, limit=_PAGE, kinds=(*desk.WRITTEN, desk.STARTED))
        told = [at(_of_audit(house, one), one.ts) for one in page if one.ts >= after]
        found += [one for one in told if one.facts.get("owner", owner) == owner]
        is_over = len(page) < _PAGE or page[-1].ts < after
        seq = page[-1].seq if page else seq
    unwritten = UNWRITTEN if first is not None else (*UNWRITTEN, "restart")
    begins = first.ts if first is not None and "restart" in asked and first.ts > after else None
    unknown = [one for one in asked if one in unwritten]
    return Looked(found, len(found), is_over, since=begins, unknown=unknown)


def _of_audit(house: House, event: AuditEvent) -> AlertEvent:
    return (
        desk.started(event, event.ts) if event.kind == desk.STARTED else desk.written(house, event, event.ts)
    )
