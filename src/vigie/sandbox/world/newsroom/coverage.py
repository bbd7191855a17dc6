"""Who writes about an event, and when: with delays, in two languages, as a copy, wrongly and corrected later."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Final, Literal

from vigie.domain.time import HOUR_MS, MINUTE_MS
from vigie.sandbox.world.grains import key_of, uniforms
from vigie.sandbox.world.newsroom.facts import Event
from vigie.sandbox.world.newsroom.grammar import templates
from vigie.sandbox.world.newsroom.outlets import MEDIA, MIRROR, OFFICE, REGULATOR, Outlet

Manner = Literal["official", "own", "copy", "wrong", "giveaway"]
_FIRST: Final = {"regulator": REGULATOR, "register": REGULATOR, "routine": REGULATOR, "office": OFFICE}
# What nobody takes up, whoever had it first.
_ALONE: Final = ("routine", "homonym", "giveaway", "answer")
_COPIED: Final = 0.35
_GIVEAWAY_MS: Final = 8 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that one outlet published.

    Attributes
    ----------
    id : str
        Of ten hex digits; the same before and after a correction.
    ts : int
        When, market time in whole seconds.
    manner : Manner
        ``wrong`` tells another figure until it is corrected.
    of : Piece or None
        What a copy was made from.
    corrected_ms, withdrawn_ms : int or None
        When it is.
    """

    id: str
    outlet: Outlet
    event: Event
    ts: int
    manner: Manner
    of: Piece | None = None
    corrected_ms: int | None = None
    withdrawn_ms: int | None = None

    def changed_ms(self, now_ms: int) -> int:
        """Return when it last changed."""
        turns = (self.ts, self.corrected_ms, self.withdrawn_ms)
        return max(turn for turn in turns if turn is not None and turn <= now_ms)


def coverage(seed: int, event: Event) -> list[Piece]:
    """Return everything that is published about an event, whenever that is."""
    by = templates()[event.kind].by
    u = uniforms(key_of(seed, "news", "coverage", event.id), range(32)).tolist()
    if by == "giveaway":
        piece = _piece(event, MIRROR, event.ts, "giveaway")
        return [replace(piece, withdrawn_ms=event.ts + _GIVEAWAY_MS)]
    first = _FIRST.get(by) or MEDIA[int(u[0] * len(MEDIA))]
    pieces = [_piece(event, first, event.ts, "official" if first.tier == "regulator" else "own")]
    if by in _ALONE:
        return pieces
    # What an office says is worth more lines than most, and much is told by one outlet alone.
    reach = 1.0 if event.is_arc else 0.25 + 0.6 * u[1] if by in _FIRST else 0.9 * u[1] ** 2
    for place, outlet in enumerate(MEDIA, start=2):
        if outlet is not first and u[place] < reach:
            span = (outlet.latest - outlet.soonest) * u[place + 8]
            ts = event.ts + int((outlet.soonest + span) * 60) * 1_000
            pieces.append(_piece(event, outlet, ts, "own"))
    if event.is_arc:
        pieces = _with_mistake(pieces, u[20], u[21])
    english = [one for one in pieces if one.outlet.language == "en" and one.outlet.tier == "media"]
    if english and (event.is_arc or u[22] < _COPIED):
        source = min((one for one in english if one.manner == "own"), key=lambda one: one.ts, default=None)
        pieces += [] if source is None else [_copy(source, u[23])]
    return pieces


def _with_mistake(pieces: list[Piece], which: float, later: float) -> list[Piece]:
    place = 1 + int(which * (len(pieces) - 1))
    corrected = pieces[place].ts + int((3.0 + 3.0 * later) * 3_600) * 1_000
    wrong = replace(pieces[place], manner="wrong", corrected_ms=corrected)
    return [*pieces[:place], wrong, *pieces[place + 1 :]]


def _copy(source: Piece, later: float) -> Piece:
    minutes = MIRROR.soonest + int(later * (MIRROR.latest - MIRROR.soonest))
    return replace(_piece(source.event, MIRROR, source.ts + minutes * MINUTE_MS, "copy"), of=source)


def _piece(event: Event, outlet: Outlet, ts: int, manner: Manner) -> Piece:
    digest = hashlib.blake2b(f"{event.id}/{outlet.id}".encode(), digest_size=5).hexdigest()
    return Piece(digest, outlet, event, ts, manner)
