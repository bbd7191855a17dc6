"""A row of a public register was added, changed, ended, removed."""

from __future__ import annotations

import json
from collections.abc import Mapping

from vigie.domain.alert import Happening
from vigie.domain.register import RegisterChange
from vigie.services.alerting.telling import on_happenings
from vigie.services.alerting.watching.saying import happening
from vigie.services.alerting.watching.whose import with_firms
from vigie.services.house import House
from vigie.services.news.brief_words import day_of
from vigie.services.news.ending import ending, word_of

PLACE = "alerts/register"
BESIDE_MS = 60_000


def look(house: House) -> int:
    """Raise changes of registers since the last look; return how many alerts that makes."""
    begun = house.bookmarks.get(PLACE)
    if not house.alerts.rules_of("register"):
        if begun:
            house.bookmarks.put(PLACE, "")
        return 0
    # A kept answer that was read once more brings changes later than its look. Read before the changes are: what
    # comes between is read twice rather than never.
    newest = {one.register: max(one.ts_seen, one.ts_changed or 0) for one in house.registers.states()}
    after = _begun(begun, newest)
    changes = [
        one
        for register in newest
        for one in house.registers.changes(register, after_ms=after.get(register, 0))
    ]
    titles, now = titles_of(house), house.clock.wall_now()
    told = [happened(one, titles, now) for one in changes]
    made = on_happenings(house, with_firms(house, house.alerts.rules_of("register"), told, changes))
    # What is told twice is told under the same key.
    after |= {name: max(after.get(name, 0), ts - BESIDE_MS) for name, ts in newest.items()}
    kept = json.dumps(after, sort_keys=True)
    if kept != begun:
        house.bookmarks.put(PLACE, kept)
    return made


def _begun(kept: str, newest: Mapping[str, int]) -> dict[str, int]:
    """Return from when on the changes of each register are told.

    Of each its own time: one whose look was under way as another's ended was looked at before that.
    """
    if not kept:
        # What was known before there was a rule is told by none.
        return {name: ts + 1 for name, ts in newest.items()}
    if kept.isdecimal():
        # As homes kept it before: one time for all.
        return dict.fromkeys(newest, int(kept) - BESIDE_MS)
    found: dict[str, int] = json.loads(kept)
    return found


def titles_of(house: House) -> dict[str, str]:
    """Return what sources are called."""
    return {note.id: note.title for note in house.directory.news()}


def happened(one: RegisterChange, titles: Mapping[str, str], now: int) -> Happening:
    """Return a change of a register as what rules may be about."""
    until = ending(one) or one.ts_seen
    values = {"register": titles.get(one.register, one.register), "name": one.entry.name}
    return happening(
        "register", word_of(one), f"{one.register}/{one.key}", {**values, "day": day_of(until, "en")}, now,
        french={"day": day_of(until, "fr")}, status=f"{one.kind}/{one.ts_seen}", url="/news/regulation",
        source=one.register, turn=one.kind, text=f"{one.entry.name} {one.entry.lei} {one.entry.country}",
        subject=one.entry.country,
    )  # fmt: skip
