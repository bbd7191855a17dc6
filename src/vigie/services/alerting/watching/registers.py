"""A row of a public register was added, changed, ended, removed."""

from __future__ import annotations

from collections.abc import Mapping

from vigie.domain.alert import Happening
from vigie.domain.register import RegisterChange
from vigie.services.alerting.telling import on_happenings
from vigie.services.alerting.watching.saying import happening
from vigie.services.house import House

PLACE = "alerts/register"
BESIDE_MS = 60_000


def look(house: House) -> int:
    """Raise changes of registers since the last look; return how many alerts that makes."""
    begun = house.bookmarks.get(PLACE)
    if not house.alerts.rules_of("register"):
        if begun:
            house.bookmarks.put(PLACE, "")
        return 0
    # A kept answer that was read once more brings changes later than its look.
    newest = max((max(one.ts_seen, one.ts_changed or 0) for one in house.registers.states()), default=0)
    if not begun:
        # What was known before there was a rule is told by none.
        house.bookmarks.put(PLACE, str(newest + BESIDE_MS + 1))
        return 0
    # Registers are looked at beside each other: what is told twice is told under the same key.
    changes = house.registers.changes(after_ms=int(begun) - BESIDE_MS)
    titles, now = titles_of(house), house.clock.wall_now()
    made = on_happenings(house, [happened(one, titles, now) for one in changes])
    if newest > int(begun):
        house.bookmarks.put(PLACE, str(newest))
    return made


def titles_of(house: House) -> dict[str, str]:
    """Return what sources are called."""
    return {note.id: note.title for note in house.directory.news()}


def happened(one: RegisterChange, titles: Mapping[str, str], now: int) -> Happening:
    """Return a change of a register as what rules may be about."""
    return happening(
        "register", one.kind, f"{one.register}/{one.key}",
        {"register": titles.get(one.register, one.register), "name": one.entry.name}, now,
        status=f"{one.kind}/{one.ts_seen}", url="/news/regulation", source=one.register, turn=one.kind,
        text=f"{one.entry.name} {one.entry.lei} {one.entry.country}", subject=one.entry.country,
    )  # fmt: skip
