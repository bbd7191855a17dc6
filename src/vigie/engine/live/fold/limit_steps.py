"""Events of a trading account's log about limits of loss: taken over from an earlier run, or lifted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LossLimit:
    """Locks, counters and peaks of one record.

    Attributes
    ----------
    scope : str
        ``account``, ``instrument`` or ``slot``.
    name : str
        Of the instrument or the slot; empty for the account.
    values : tuple of (str, float)
        Fields of the record. Peaks and the day's opening are multiples of equity, falls are shares of the capital.
    stops : tuple of int
        Times of the latest exits by stop.
    """

    scope: str
    name: str
    values: tuple[tuple[str, float], ...]
    stops: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LimitsInherited:
    """Limits of loss that another run, or the venue's ledger, leaves to this one.

    Attributes
    ----------
    peaks : tuple of (int, float)
        Highest equity of each remembered UTC day, as a multiple of equity.
    seen : tuple of (str, int)
        Runs that are taken into account here, each up to the step of this number.
    lifted : int
        Lifts up to this number are taken into account; see `vigie.ports.tradebook.TradeBook.lifts`.
    """

    ts: int
    limits: tuple[LossLimit, ...]
    peaks: tuple[tuple[int, float], ...] = ()
    seen: tuple[tuple[str, int], ...] = ()
    lifted: int = 0


@dataclass(frozen=True, slots=True)
class LimitsLifted:
    """A person ended limits of loss before their time.

    Attributes
    ----------
    names : tuple of str
        As `vigie.engine.live.fold.loss_limits.NAMES` has them.
    lifted : int
        Number of the lift.
    """

    ts: int
    names: tuple[str, ...]
    lifted: int
