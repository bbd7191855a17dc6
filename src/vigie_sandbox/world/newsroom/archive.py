"""Everything published so far, outlet by outlet; the past never changes except by corrections and withdrawals."""

from __future__ import annotations

from bisect import bisect_right, insort
from typing import Final

from vigie.domain.time import DAY_MS
from vigie_sandbox.world.hashed_random import derive_key, uniform
from vigie_sandbox.world.newsroom.coverage import Piece, cover_event
from vigie_sandbox.world.newsroom.events import PAST_MS, RETENTION_MS, EventPlan
from vigie_sandbox.world.newsroom.outlets import OUTLETS, Outlet
from vigie_sandbox.world.world import World

FEED_LENGTH: Final = 40
# Of older events, so many are in the first answer of a feed: with all of their reports, so that stories stay whole.
_KEPT_SHARE: Final = 0.08


class Archive:
    """What has been published in a world.

    Parameters
    ----------
    world : World
        Whose.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._plan = EventPlan(world)
        self._by_id: dict[str, Piece] = {}
        self._by_outlet: dict[str, list[tuple[int, str]]] = {outlet.id: [] for outlet in OUTLETS}
        self._forgotten_ms = world.opened_ms - PAST_MS

    @property
    def world(self) -> World:
        """Whose archive it is."""
        return self._world

    def register_at(self, now_ms: int) -> tuple[str, int]:
        """Return the register as a file, and when it last changed."""
        self._extend(now_ms)
        return self._plan.register.as_csv(), self._plan.register.changed_ms

    def newest(self, outlet: Outlet, now_ms: int) -> list[Piece]:
        """Return the newest pieces of an outlet, newest first, those withdrawn meanwhile among them."""
        self._extend(now_ms)
        entries = self._by_outlet[outlet.id]
        end = bisect_right(entries, (now_ms, "~"))
        return [self._by_id[id_] for _, id_ in reversed(entries[max(0, end - FEED_LENGTH) : end])]

    def older(self, outlet: Outlet, now_ms: int) -> list[Piece]:
        """Return what an outlet keeps for readers who come for the first time, newest first: a few events a day."""
        self._extend(now_ms)
        entries = self._by_outlet[outlet.id]
        end = bisect_right(entries, (now_ms, "~"))
        pieces = [self._by_id[id_] for _, id_ in reversed(entries[: max(0, end - FEED_LENGTH)])]
        return [piece for piece in pieces if self._is_kept(piece)]

    def _is_kept(self, piece: Piece) -> bool:
        return uniform(derive_key(self._world.seed, "news", "kept", piece.event.id), 0) < _KEPT_SHARE

    @property
    def first_ms(self) -> int:
        """Since when something is published."""
        return self._plan.first_ms

    def pieces_between(self, outlet: Outlet, after_ms: int, until_ms: int) -> list[Piece]:
        """Return the pieces of an outlet after a time and until another, oldest first."""
        self._extend(until_ms)
        entries = self._by_outlet[outlet.id]
        selected = entries[bisect_right(entries, (after_ms, "~")) : bisect_right(entries, (until_ms, "~"))]
        return [self._by_id[id_] for _, id_ in selected]

    def find(self, id_: str, now_ms: int) -> Piece | None:
        """Return a piece that is published and not withdrawn, or None."""
        self._extend(now_ms)
        piece = self._by_id.get(id_)
        if piece is None or piece.ts > now_ms:
            return None
        return None if piece.withdrawn_ms is not None and piece.withdrawn_ms <= now_ms else piece

    def all_pieces_until(self, now_ms: int) -> list[Piece]:
        """Return every piece that is still kept, oldest first."""
        self._extend(now_ms)
        return sorted(
            (piece for piece in self._by_id.values() if piece.ts <= now_ms),
            key=lambda item: (item.ts, item.id),
        )

    def _extend(self, now_ms: int) -> None:
        for event in self._plan.events(now_ms):
            for piece in cover_event(self._world.seed, event):
                self._by_id[piece.id] = piece
                insort(self._by_outlet[piece.outlet.id], (piece.ts, piece.id))
        if now_ms - self._forgotten_ms > RETENTION_MS + DAY_MS:
            self._forget(now_ms - RETENTION_MS)

    def _forget(self, before_ms: int) -> None:
        for entries in self._by_outlet.values():
            # What a feed still shows stays, however old.
            old = entries[: max(0, min(bisect_right(entries, (before_ms, "~")), len(entries) - FEED_LENGTH))]
            for _, id_ in old:
                del self._by_id[id_]
            del entries[: len(old)]
        self._forgotten_ms = before_ms
