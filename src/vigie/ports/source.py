"""A source of facts: it is pulled on a schedule, or it streams."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from vigie.domain.fact import Measure, Observation
from vigie.domain.quote import Quote
from vigie.ports.source_fetches import SourceFetch


@dataclass(frozen=True, slots=True)
class Bar:
    """One finished bar that a stream or a pull delivered; times in epoch milliseconds, volume in base units.

    Attributes
    ----------
    is_final : bool
        The venue itself says that it is finished; else a later bar has begun, and last words on this one may follow.
    """

    venue: str
    instrument: str
    timeframe: str
    ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    ts_known: int
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class FirstPrice:
    """The first price of a bar in progress, which opened at a time.

    Attributes
    ----------
    venue, instrument, timeframe : str
        ``bitget-perp``, ``btc-usdt-perp``, ``1h``.
    ts : int
        Open time of the bar, epoch milliseconds.
    price : float
        Quote currency: the bar's open.
    """

    venue: str
    instrument: str
    timeframe: str
    ts: int
    price: float


@dataclass(frozen=True, slots=True)
class Batch:
    """What one pull, or one moment of a stream, delivered.

    Attributes
    ----------
    opens : sequence of FirstPrice
        Of bars that were seen in progress first.
    bookmark : str
        Where to go on; kept only after the rest is safe.
    documents : sequence of (key, dict)
        Tables that pages show as they are (categories, exchanges, new pools), by key; the newest of a key wins.
    shown : SourceFetch, optional
        News, as the source shows them now; none where it said that nothing changed.
    has_more : bool
        Older values are still to be fetched from the bookmark on: the source is asked again soon.
    """

    observations: Sequence[Observation] = ()
    quotes: Sequence[Quote] = ()
    bars: Sequence[Bar] = ()
    opens: Sequence[FirstPrice] = ()
    documents: Sequence[tuple[str, dict[str, Any]]] = field(default=())
    shown: SourceFetch | None = None
    bookmark: str = ""
    has_more: bool = False


class Source(Protocol):
    """Something that is asked on a schedule.

    Failures are `TransientError`, `ConnectorError` or `DataError`; never an empty batch.
    """

    def measures(self) -> Sequence[Measure]:
        """Return the kinds of series it delivers.

        Returns
        -------
        sequence of Measure
            Empty for a source of quotes, bars or news only.
        """
        ...

    async def pull(self, bookmark: str) -> Batch:
        """Fetch what is new since the bookmark; the empty one means from the beginning.

        Parameters
        ----------
        bookmark : str
            As the last batch that was stored gave it.

        Returns
        -------
        Batch
            A batch without records means that nothing is new.
        """
        ...


class Stream(Protocol):
    """Something that speaks by itself; its silence is watched by the collector."""

    def listen(self) -> AsyncIterator[Batch]:
        """Yield what arrives until the connection ends; ends with `TransientError` when it is cut.

        Returns
        -------
        asynchronous iterator of Batch
            Never ends by itself; cancel it to stop.
        """
        ...
