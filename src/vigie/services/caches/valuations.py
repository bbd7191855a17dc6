"""Valuations as they were computed last: a page asks for them often, and they change with a close or a fact."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from vigie.intelligence.valuation.episodes import Following
    from vigie.intelligence.valuation.reading import Valuation

_MOST: Final = 300


@dataclass(frozen=True, slots=True)
class ValuationSource:
    """Where the values of a component come from.

    Attributes
    ----------
    title, licence : str
        Of the source; empty where there is none.
    ts_event, ts_known : int or None
        Of its newest value that counts.
    """

    title: str
    licence: str
    ts_event: int | None
    ts_known: int | None


@dataclass(frozen=True, slots=True)
class AssetValuation:
    """The valuation of one asset, with what followed and its sources.

    Attributes
    ----------
    valuation : Valuation
        At the newest close.
    followed : tuple of Following
        By state and horizon.
    sources : mapping of str to ValuationSource
        By component.
    """

    valuation: Valuation
    followed: tuple[Following, ...]
    sources: Mapping[str, ValuationSource]


@dataclass(slots=True)
class ValuationCache:
    """Valuations by asset, each of one version of what it is made from; of this process alone.

    Attributes
    ----------
    is_compiled : callable
        Tells whether what makes them is compiled; until then there is none, so that no page compiles.
    """

    is_compiled: Callable[[], bool] = lambda: True
    _kept: dict[str, tuple[Hashable, AssetValuation | None]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(
        self, asset: str, version: Hashable, make: Callable[[], AssetValuation | None]
    ) -> AssetValuation | None:
        """Return the valuation of an asset, made where this version of it is not known.

        Parameters
        ----------
        version : hashable
            Differs whenever closes or facts do.
        make : callable
            Makes it.

        Returns
        -------
        AssetValuation or None
            None where there is no price.
        """
        if not self.is_compiled():
            return None
        with self._lock:
            kept = self._kept.get(asset)
            if kept is not None and kept[0] == version:
                return kept[1]
        made = make()
        with self._lock:
            while len(self._kept) >= _MOST:
                self._kept.pop(next(iter(self._kept)))
            self._kept[asset] = (version, made)
        return made
