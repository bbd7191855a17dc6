"""A venue that lists its instruments: how they are traded, what it charges, and its ledger of an account's cash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

from vigie.ports.trading import TradingVenue

InstrumentPhase = Literal["trading", "reducing", "halted", "ended"]
"""Traded; only positions are made smaller; nothing is for now; nothing will be any more."""


@dataclass(frozen=True, slots=True)
class InstrumentState:
    """How a venue trades an instrument: what it says now, and what it has announced.

    Attributes
    ----------
    symbol : str
        The venue's name of it.
    phase : str
        Now.
    reduces_ts, halts_ts, ends_ts : int or None
        When only positions will be made smaller, when nothing will be traded for a while, and when the venue will
        take it away; None where nothing is announced.
    """

    instrument: str
    symbol: str
    phase: InstrumentPhase
    reduces_ts: int | None = None
    halts_ts: int | None = None
    ends_ts: int | None = None

    def phase_at(self, now: int) -> InstrumentPhase:
        """Return what it is at a time: what was announced for a moment before it has come true.

        Parameters
        ----------
        now : int
            Epoch milliseconds.

        Returns
        -------
        str
            ``ended`` before ``halted`` before ``reducing``, where several announcements have come true.
        """
        if self.phase == "ended" or _is_past(self.ends_ts, now):
            return "ended"
        if self.phase == "halted" or _is_past(self.halts_ts, now):
            return "halted"
        return "reducing" if _is_past(self.reduces_ts, now) else self.phase


@dataclass(frozen=True, slots=True)
class FeeLevel:
    """What an account pays of each fill, as fractions of its notional.

    Attributes
    ----------
    taker, maker : Decimal
        Negative for a rebate.
    """

    taker: Decimal
    maker: Decimal


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One change of an account's cash as the venue booked it.

    Attributes
    ----------
    amount : Decimal
        Results and funding after fees; money that came in is positive.
    is_transfer : bool
        Whether it is money that somebody moved, and no result of trading.
    """

    ts: int
    amount: Decimal
    is_transfer: bool = False


class ListedVenue(TradingVenue, Protocol):
    """A venue that is no model: its instruments come and go, fees go by the account's level, and it keeps a ledger."""

    async def ledger(self, since_ms: int) -> Sequence[LedgerEntry]:
        """Return every booked change of the account's cash from a time on, whoever traded, oldest first.

        Parameters
        ----------
        since_ms : int
            Epoch milliseconds, inclusive.

        Returns
        -------
        sequence of LedgerEntry
            In the margin coin; some venues keep a few months only.
        """
        ...

    async def states(self, instruments: Sequence[str]) -> Sequence[InstrumentState]:
        """Return how instruments are traded, in their order; one that the venue does not list has ended.

        Parameters
        ----------
        instruments : sequence of str
            As Vigie names them, ``btc-usdt-perp``.

        Returns
        -------
        sequence of InstrumentState
            As the venue says now; announced times are None at a venue that announces none.
        """
        ...

    async def fee_level(self, instrument: str) -> FeeLevel:
        """Return what the account pays for an instrument.

        Parameters
        ----------
        instrument : str
            ``btc-usdt-perp``.

        Returns
        -------
        FeeLevel
            Present rates; a venue may change them with the account's volume.
        """
        ...


def _is_past(ts: int | None, now: int) -> bool:
    return ts is not None and now >= ts
