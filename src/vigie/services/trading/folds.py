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
Story = TypeVar("Story")


@dataclass(slots=True, eq=False)
class _Kept:
    lock: threading.Lock = field(default_factory=threading.Lock)
    story: Any = None


@dataclass(slots=True, eq=False)
class Folds:
    """One story a run; who reads one holds it, so that nobody sees half an instant."""

    _kept: OrderedDict[str, _Kept] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def reading(self, run: str, begin: Callable[[], Story]) -> Iterator[Story]:
        """Hold the story of a run; one that is not known yet is begun."""
        with self._lock:
            kept = self._kept.setdefault(run, _Kept())
            self._kept.move_to_end(run)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        with kept.lock:
            story, kept.story = kept.story or begin(), None
            yield story
            # Reached only where nothing failed: half a step taken is a story that is begun anew.
            kept.story = story
