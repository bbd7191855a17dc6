"""Folded logs that are read again and again, kept in memory and continued where they ended."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

# Runs in memory; the one that was read longest ago is let go.
KEPT: Final = 16
View = TypeVar("View")


@dataclass(slots=True, eq=False)
class _CacheEntry:
    lock: threading.Lock = field(default_factory=threading.Lock)
    view: Any = None


@dataclass(slots=True, eq=False)
class AccountViewCache:
    """One story a run; who reads one holds it, so that nobody sees half an instant."""

    _entries: OrderedDict[str, _CacheEntry] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def open_view(self, run: str, create: Callable[[], View]) -> Iterator[View]:
        """Hold the story of a run; one that is not known yet is begun."""
        with self._lock:
            entry = self._entries.setdefault(run, _CacheEntry())
            self._entries.move_to_end(run)
            while len(self._entries) > KEPT:
                self._entries.popitem(last=False)
        with entry.lock:
            view, entry.view = entry.view or create(), None
            yield view
            # Reached only where nothing failed: half a step taken is a story that is begun anew.
            entry.view = view
