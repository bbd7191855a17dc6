"""What the steps of an account's log are made of: bars, payments, entries and exits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClosedBar:
    """A finished bar of one slot, as the decision used it.

    Attributes
    ----------
    slot : int
        Number of the slot.
    flags : int
        What the strategy's criteria gave at this close.
    stop_unit, target_unit : float
        Distances; NaN where not known yet.
    settlements : tuple of (int, float)
        The last settled funding rates that are known, at most two, oldest first.
    features : tuple of (str, float)
        What the decision read beside prices, as it was known then; NaN where nothing was.
    volume : float or None
        The venue's history may say another one later, and stored bars may add up to another. None where it was not
        known, and in logs of before that tell only those of pushed bars.
    """

    slot: int
    ts: int
    open: float
    high: float
    low: float
    close: float
    flags: int
    stop_unit: float
    target_unit: float
    settlements: tuple[tuple[int, float], ...] = ()
    features: tuple[tuple[str, float], ...] = ()
    volume: float | None = None


@dataclass(frozen=True, slots=True)
class FinerBar:
    """A finer bar that the position of a slot met on paper, as it was known then."""

    slot: int
    ts: int
    open: float
    high: float
    low: float
    close: float


@dataclass(frozen=True, slots=True)
class Payment:
    """Funding that a slot's position paid (negative) or received."""

    slot: int
    ts: int
    amount: float


@dataclass(frozen=True, slots=True)
class PositionExit:
    """A position that ended.

    Attributes
    ----------
    reason : int
        Of `vigie.domain.codes.REASONS`.
    price, fee : float
        Average fill price, and what it cost.
    fills : tuple of str
        Ids of the venue's fills that it is made of.
    """

    slot: int
    reason: int
    price: float
    fee: float
    ts: int
    fills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryResult:
    """What came of an entry; no lots means that nothing was filled.

    Attributes
    ----------
    raw : float
        The market's price before slippage.
    fills : tuple of str
        Ids of the venue's fills that it is made of.
    why : str
        Why nothing was filled, with the venue's code and sentence where it told them; nothing reads it.
    """

    slot: int
    lots: int
    price: float
    raw: float
    fee: float
    ts: int
    fills: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class EntryVeto:
    """An entry that something outside the kernel refused, before it reached the kernel."""

    slot: int
    code: int
    limit: float
    value: float
