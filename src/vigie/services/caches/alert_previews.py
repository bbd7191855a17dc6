"""What is dear to find out about the past and is asked for at each view: found once, kept for a few minutes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from vigie.domain.errors import UsageError

Result = TypeVar("Result")
FRESH_MS: Final = 5 * 60_000
# How long one waits for its turn: longer than a look back takes on a slow machine.
PATIENCE_S: Final = 20.0


@dataclass(slots=True, eq=False)
class PreviewCache:
    """Keeps answers about 90 days, which five minutes do not change much."""

    _entries: dict[str, tuple[int, Any]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def read(self, name: str, now: int, find: Callable[[], Result]) -> Result:
        """Return what was found under a name, or find it; who asks meanwhile waits for the same answer."""
        with self._lock:
            entry = self._entries.get(name)
            if entry is None or not 0 <= now - entry[0] < FRESH_MS:
                entry = self._entries[name] = (now, find())
            value: Result = entry[1]
            return value

    def run_alone(self, find: Callable[[], Result], *, patience_s: float = PATIENCE_S) -> Result:
        """Return what is found while nobody else looks: readers who ask at once do not share out the machine.

        Raises
        ------
        UsageError
            Where the turn does not come.
        """
        if not self._turn.acquire(timeout=patience_s):
            raise UsageError(
                "too_many_previews_over_days",
                "too many previews over 90 days are running; try again in a minute",
            )
        try:
            return find()
        finally:
            self._turn.release()
