"""What one request reads once, however many of its parts ask for it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class RequestMemo:
    """Keeps nothing, but for a request that only reads: `for_request` gives one that ends with it.

    Two parts of a page say the same then, and nothing can be older than the page.
    """

    _kept: dict[Hashable, Any] | None = field(default=None, compare=False, repr=False)

    def for_request(self) -> RequestMemo:
        """Return one that keeps what is read until it is let go of itself."""
        return RequestMemo({})

    def once(self, key: Hashable, read: Callable[[], _Value]) -> _Value:
        """Return what was read under a key, or read it.

        Parameters
        ----------
        key : hashable
            Names what is read and all that it depends on within a request.
        read : callable
            Reads it; what it gives is changed by nobody.
        """
        if self._kept is None:
            return read()
        if key not in self._kept:
            self._kept[key] = read()
        value: _Value = self._kept[key]
        return value


NO_MEMO: Final = RequestMemo()
