"""The newest quote of every instrument, shared by collector and web."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from vigie.domain.quote import Quote

HealthState = Literal["waiting", "live", "stale", "failing", "paused", "off"]


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How a connector does.

    Attributes
    ----------
    source : str
        Its id, ``coingecko/markets``.
    state : HealthState
    ts_success, ts_attempt : int or None
        Wall time, epoch milliseconds, of the last that worked and of the last at all.
    usual_gap_s : float
        How far apart successes usually lie.
    budget_left : float or None
        Requests left in the current window.
    errors : int
        Failures since the last success.
    error : str
        The last one, in words for people.
    mode : str
        ``stream``, ``poll``, ``schedule``.
    """

    source: str
    state: HealthState
    ts_success: int | None = None
    ts_attempt: int | None = None
    usual_gap_s: float = 60.0
    budget_left: float | None = None
    errors: int = 0
    error: str = ""
    mode: str = "schedule"


class QuoteStore(Protocol):
    """Latest values only; they are no history and never reach the audit chain."""

    def put(self, quotes: Iterable[Quote]) -> int:
        """Store the newest quotes in one transaction; return the new version.

        Parameters
        ----------
        quotes : iterable of Quote
            Any number, of any venues; an older `ts_known` than the stored one is dropped.

        Returns
        -------
        int
            Rises with every call that has quotes; without any, the present version.
        """
        ...

    def since(self, version: int) -> tuple[int, Sequence[Quote]]:
        """Return the current version and the quotes that changed after `version`; 0 gives all.

        Parameters
        ----------
        version : int
            As an earlier call returned it; 0 for all quotes.

        Returns
        -------
        version : int, quotes : sequence of Quote
            Sorted by venue and instrument; empty where nothing changed.
        """
        ...

    def newest_ts(self) -> int | None:
        """Return the time of the newest quote, without reading the others; None where there is none.

        Returns
        -------
        int or None
            `ts_event`, epoch milliseconds.
        """
        ...

    def put_health(self, health: Iterable[SourceHealth]) -> None:
        """Store the states of connectors.

        Parameters
        ----------
        health : iterable of SourceHealth
            Each replaces the connector's former state; the others stay.
        """
        ...

    def health(self) -> Sequence[SourceHealth]:
        """Return the states of all connectors, by id.

        Returns
        -------
        sequence of SourceHealth
            One for each connector that ever reported and was not forgotten.
        """
        ...

    def forget(self, source: str) -> None:
        """Remove the state of a connector that is gone, and what was asked of it.

        Parameters
        ----------
        source : str
            Connector id, ``coingecko/markets``.
        """
        ...

    def requests(self) -> dict[str, str]:
        """Return what people asked of connectors: id to ``paused`` or ``now``; the collector looks each second.

        Returns
        -------
        dict of str to str
            Connectors without a request are missing.
        """
        ...

    def request(self, source: str, action: str) -> None:
        """Ask something of a connector: ``paused``, ``now``, or the empty word for neither.

        Parameters
        ----------
        source : str
            Connector id, ``coingecko/markets``; it need not exist.
        action : str
            Replaces the former request.
        """
        ...
