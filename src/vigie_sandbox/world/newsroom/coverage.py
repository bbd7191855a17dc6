"""Who writes about an event, and when: with delays, in two languages, as a copy, wrongly and corrected later."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Final, Literal

from vigie.domain.time import HOUR_MS, MINUTE_MS
from vigie_sandbox.world.hashed_random import derive_key, uniforms
from vigie_sandbox.world.newsroom.facts import NewsEvent
from vigie_sandbox.world.newsroom.grammar import load_templates
from vigie_sandbox.world.newsroom.outlets import MEDIA, MIRROR, OFFICE, REGULATOR, Outlet

PieceKind = Literal["official", "own", "copy", "wrong", "giveaway"]
_FIRST_OUTLETS: Final = {
    "regulator": REGULATOR,
    "register": REGULATOR,
    "routine": REGULATOR,
    "office": OFFICE,
    "hoax": MIRROR,
    "rebuttal": REGULATOR,
}
# Few take up what an aggregator made up, and the aggregator copies nobody then.
_HOAX: Final = 0.35
# By then a hoax is denied, and a move of the market is an old one.
_SOON_MINUTES: Final = 60
_SOON_ORIGINS: Final = ("hoax", "market")
# What nobody takes up, whoever had it first.
_UNCOPIED_ORIGINS: Final = ("routine", "homonym", "giveaway", "answer")
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
    kind : PieceKind
        ``wrong`` tells another figure until it is corrected.
    source : Piece or None
        What a copy was made from.
    corrected_ms, withdrawn_ms : int or None
        When it is.
    """

    id: str
    outlet: Outlet
    event: NewsEvent
    ts: int
    kind: PieceKind
    source: Piece | None = None
    corrected_ms: int | None = None
    withdrawn_ms: int | None = None

    def changed_ms(self, now_ms: int) -> int:
        """Return when it last changed."""
        change_times = (self.ts, self.corrected_ms, self.withdrawn_ms)
        return max(time_ms for time_ms in change_times if time_ms is not None and time_ms <= now_ms)


def cover_event(seed: int, event: NewsEvent) -> list[Piece]:
    """Return everything that is published about an event, whenever that is."""
    origin = load_templates()[event.kind].origin
    u = uniforms(derive_key(seed, "news", "coverage", event.id), range(32)).tolist()
    if origin == "giveaway":
        piece = _make_piece(event, MIRROR, event.ts, "giveaway")
        return [replace(piece, withdrawn_ms=event.ts + _GIVEAWAY_MS)]
    first = _FIRST_OUTLETS.get(origin) or MEDIA[int(u[0] * len(MEDIA))]
    pieces = [_make_piece(event, first, event.ts, "official" if first.tier == "regulator" else "own")]
    if origin in _UNCOPIED_ORIGINS:
        return pieces
    chance = _chance_to_follow(event, origin, u[1])
    for draw_index, outlet in enumerate(MEDIA, start=2):
        if outlet is not first and u[draw_index] < chance:
            latest = min(outlet.latest, _SOON_MINUTES) if origin in _SOON_ORIGINS else outlet.latest
            span = (latest - outlet.soonest) * u[draw_index + 8]
            ts = event.ts + int((outlet.soonest + span) * 60) * 1_000
            pieces.append(_make_piece(event, outlet, ts, "own"))
    if event.is_arc:
        pieces = _add_mistake(pieces, u[20], u[21])
    english = [
        candidate
        for candidate in pieces
        if candidate.outlet.language == "en" and candidate.outlet.tier == "media"
    ]
    if english and first is not MIRROR and (event.is_arc or u[22] < _COPIED):
        source = min(
            (candidate for candidate in english if candidate.kind == "own"),
            key=lambda candidate: candidate.ts,
            default=None,
        )
        pieces += [] if source is None else [_make_copy(source, u[23])]
    return pieces


def _chance_to_follow(event: NewsEvent, origin: str, draw: float) -> float:
    """Return how likely each outlet writes about an event, too."""
    if origin == "hoax":
        return _HOAX
    if event.is_arc:
        return 1.0
    # What an office says is worth more lines than most, and much is told by one outlet alone.
    return 0.25 + 0.6 * draw if origin in _FIRST_OUTLETS else 0.9 * draw**2


def _add_mistake(pieces: list[Piece], draw: float, delay_draw: float) -> list[Piece]:
    index = 1 + int(draw * (len(pieces) - 1))
    corrected_ms = pieces[index].ts + int((3.0 + 3.0 * delay_draw) * 3_600) * 1_000
    wrong = replace(pieces[index], kind="wrong", corrected_ms=corrected_ms)
    return [*pieces[:index], wrong, *pieces[index + 1 :]]


def _make_copy(source: Piece, delay_draw: float) -> Piece:
    minutes = MIRROR.soonest + int(delay_draw * (MIRROR.latest - MIRROR.soonest))
    return replace(_make_piece(source.event, MIRROR, source.ts + minutes * MINUTE_MS, "copy"), source=source)


def _make_piece(event: NewsEvent, outlet: Outlet, ts: int, kind: PieceKind) -> Piece:
    digest = hashlib.blake2b(f"{event.id}/{outlet.id}".encode(), digest_size=5).hexdigest()
    return Piece(digest, outlet, event, ts, kind)
