"""Pasts of many series, read again each minute: the page shows those of before meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from vigie.intelligence.market.historical_range import OwnPast

Pasts = Mapping[str, OwnPast]
FRESH_MS: Final = 60_000


@dataclass(slots=True, eq=False)
class OwnPastCache:
    """Keeps what 90 days or a year of values come to, by the name of what was asked."""

    _entries: dict[str, tuple[int, Pasts]] = field(default_factory=dict)
    _refreshing: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, name: str, wall_now: int, find: Callable[[], Pasts]) -> Pasts:
        """Return what was found; where it is older than a minute, it is found anew beside."""
        with self._lock:
            entry = self._entries.get(name)
            # That nothing was there yet is nothing to show meanwhile.
            if entry is None or not entry[1]:
                entry = self._entries[name] = (wall_now, find())
            elif not 0 <= wall_now - entry[0] < FRESH_MS and name not in self._refreshing:
                self._refreshing.add(name)
                threading.Thread(
                    target=self._refresh, args=(name, wall_now, find), name="vigie-own-pasts", daemon=True
                ).start()
            return entry[1]

    def _refresh(self, name: str, wall_now: int, find: Callable[[], Pasts]) -> None:
        try:
            found = find()
            with self._lock:
                self._entries[name] = (wall_now, found)
        finally:
            with self._lock:
                self._refreshing.discard(name)
