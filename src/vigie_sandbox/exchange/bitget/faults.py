"""Answers that go wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HistoryFault:
    """What a server answers instead of the truth.

    Attributes
    ----------
    status : int
        HTTP status; 0 means the connection is cut without a word.
    body : str or None
        Sent as it is; None sends the true answer (with `keep_bytes`, the beginning of it).
    headers : mapping
        Sent beside the usual ones, such as ``Retry-After``.
    keep_bytes : int or None
        Cut the connection after so many bytes of the body.
    """

    status: int = 200
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    keep_bytes: int | None = None


FaultPlan = Callable[[int, str], HistoryFault | None]
"""Takes the number of the request (from 1) and its path; gives a fault or None."""


def no_faults(_number: int, _path: str) -> HistoryFault | None:
    """Answer everything truly."""
    return None
