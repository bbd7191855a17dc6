"""How much more the account may hold: takes all slots, gives a quantity that the one minimum includes."""

from __future__ import annotations

from typing import Any

from numba import njit

from vigie.domain.bar import BoolArray, IntArray
from vigie.domain.state import Records


@njit(cache=True, nogil=True)
def notional_of(slot: Any) -> float:
    """Return the notional a slot holds and has pending, at entry and at decision prices.

    Parameters
    ----------
    slot : record of `SLOT`
        Position and pending entry.

    Returns
    -------
    float
        Quote currency, >= 0.
    """
    held = 0.0
    if slot["side"] != 0:
        held += slot["qty"] * slot["entry"]
    if slot["pending_side"] != 0:
        held += slot["pending_qty"] * slot["pending_close"]
    return held


@njit(cache=True, nogil=True)
def exposure_rooms(
    slots: Records,
    instruments_of: IntArray,
    number: int,
    together: BoolArray,
    equity: float,
    leverage: float,
    rules: Any,
) -> tuple[float, float, float]:
    """Return the notional that instrument, correlated group and margin leave, each by itself.

    Parameters
    ----------
    slots : record array, shape (n_slots,)
        All slots of the account.
    instruments_of : int64 array, shape (n_slots,)
        The instrument of each slot.
    number : int
        The slot that wants to enter.
    together : bool array, shape (n_instruments, n_instruments)
        Which instruments move together, or are not known not to.

    Returns
    -------
    tuple of float, float, float
        Quote currency, below 0 where more is held than a rule allows; a billion budgets where it is off.
    """
    own = 0.0
    group = 0.0
    everything = 0.0
    for k in range(len(slots)):
        if k != number:
            notional = notional_of(slots[k])
            everything += notional
            if instruments_of[k] == instruments_of[number]:
                own += notional
            if together[instruments_of[k], instruments_of[number]]:
                group += notional
    budget = equity * leverage
    by_instrument = by_group = by_margin = budget * 1e9
    if rules["instrument_exposure"] > 0.0:
        by_instrument = min(by_instrument, rules["instrument_exposure"] * budget - own)
    if rules["group_exposure"] > 0.0:
        by_group = min(by_group, rules["group_exposure"] * budget - group)
    if rules["margin"] > 0.0:
        by_margin = min(by_margin, (rules["margin"] * equity - everything / leverage) * leverage)
    return by_instrument, by_group, by_margin


@njit(cache=True, nogil=True)
def exposure_cap(
    slots: Records,
    instruments_of: IntArray,
    number: int,
    together: BoolArray,
    equity: float,
    leverage: float,
    close: float,
    rules: Any,
) -> float:
    """Return the largest quantity that instrument, correlated group and margin allow together.

    Parameters
    ----------
    slots, instruments_of, number, together : arrays and int
        As in `exposure_rooms`.

    Returns
    -------
    float
        Base units, >= 0; a billion times what leverage allows where every rule is off.
    """
    by_instrument, by_group, by_margin = exposure_rooms(
        slots, instruments_of, number, together, equity, leverage, rules
    )
    room = min(by_instrument, by_group, by_margin)
    return max(room, 0.0) / close
