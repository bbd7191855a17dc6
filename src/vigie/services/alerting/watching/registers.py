"""A row of a public register was added, changed, ended, removed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from vigie.domain.alert import AlertEvent
from vigie.domain.register import RegisterChange
from vigie.ports.registers import RegisterState
from vigie.services.alerting.telling import on_happenings
from vigie.services.alerting.watching.saying import happening
from vigie.services.alerting.watching.whose import with_firms
from vigie.services.house import House
from vigie.services.news.brief_words import day_of
from vigie.services.news.ending import change_word, licence_end

PLACE = "alerts/register"
BESIDE_MS = 60_000
# Of a register between two looks. More are rows that are told apart otherwise than before, not that many firms.
_MOST = 5_000
# Judged and kept together: others wait as long to write.
_AT_ONCE = 200


def look(house: House) -> int:
    """Raise changes of registers since the last look; return how many alerts that makes."""
    begun = house.bookmarks.get(PLACE)
    if not house.alerts.rules_of("register"):
        if begun:
            house.bookmarks.put(PLACE, "")
        return 0
    # Read before the changes are: what comes between is read twice, and told once, under the same key.
    states = house.registers.states()
    after = _begun(begun, states)
    changes = [
        one
        for register in (state.register for state in states)
        for one in house.registers.changes(register, after_ms=after.get(register, 0), limit=_MOST)
    ]
    titles, now = titles_of(house), house.clock.wall_now()
    told = [happened(one, titles, now) for one in changes]
    told = with_firms(house, house.alerts.rules_of("register"), told, changes)
    made = sum(on_happenings(house, told[at : at + _AT_ONCE]) for at in range(0, len(told), _AT_ONCE))
    # By its look, not by what was read once more since: a look may be under way that began before that.
    after |= {one.register: max(after.get(one.register, 0), one.ts_seen + 1) for one in states}
    kept = json.dumps(after, sort_keys=True)
    if kept != begun:
        house.bookmarks.put(PLACE, kept)
    return made


def _begun(kept: str, states: Sequence[RegisterState]) -> dict[str, int]:
    """Return from when on the changes of each register are told.

    Of each its own time: one whose look was under way as another's ended was looked at before that.
    """
    if not kept:
        # What was known before there was a rule is told by none, read once more or not.
        return {one.register: max(one.ts_seen, one.ts_changed or 0) + 1 for one in states}
    if kept.isdecimal():
        # As homes kept it before: one time for all.
        return dict.fromkeys((one.register for one in states), int(kept) - BESIDE_MS)
    found: dict[str, int] = json.loads(kept)
    return found


def titles_of(house: House) -> dict[str, str]:
    """Return what sources are called."""
    return {note.id: note.title for note in house.directory.news()}


def happened(one: RegisterChange, titles: Mapping[str, str], now: int) -> AlertEvent:
    """Return a change of a register as what rules may be about."""
    until = licence_end(one) or one.ts_seen
    values = {"register": titles.get(one.register, one.register), "name": one.entry.name}
    return happening(
        "register", change_word(one), f"{one.register}/{one.key}", {**values, "day": day_of(until, "en")}, now,
        french={"day": day_of(until, "fr")}, status=f"{one.kind}/{one.ts_seen}", url="/news/regulation",
        source=one.register, turn=one.kind, text=f"{one.entry.name} {one.entry.lei} {one.entry.country}",
        subject=one.entry.country,
    )  # fmt: skip
