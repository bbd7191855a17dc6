"""The log of a run: decisions as integers, with the limit and value of each refusal beside them.

The decision hash is SHA-256 over the little-endian int64 rows, in event order.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numba import njit

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.refusal import Refusal
from vigie.domain.state import LOG_COLUMNS, TRADE, Records

# A bar of one slot writes at most this many rows: exit, entry or refusal at the open, exit inside,
# both sides, exit and entry or refusal at the close.
ROWS_PER_BAR = 8
# Each bar with an entry signal leads to at most four rows: decision, intent, exit decided, exit.
ROWS_PER_SIGNAL = 4
# A constant: a zero written in place is a type of its own to the compiler, and compiles its callee once more.
NONE = 0


@njit(cache=True, nogil=True)
def write(
    log: IntArray,
    values: FloatArray,
    row: int,
    ts: int,
    slot: int,
    side: int,
    lots: int,
    stop_ticks: int,
    target_ticks: int,
    code: int,
    limit: float,
    value: float,
) -> int:
    """Append one row and return the new length."""
    log[row, 0] = ts
    log[row, 1] = slot
    log[row, 2] = side
    log[row, 3] = lots
    log[row, 4] = stop_ticks
    log[row, 5] = target_ticks
    log[row, 6] = code
    values[row, 0] = limit
    values[row, 1] = value
    return row + 1


def room(entries: int) -> tuple[Records, IntArray, FloatArray]:
    """Return empty logs of trades and of decisions for a slot with so many entry signals.

    Pages that are never written cost nothing.
    """
    rows = entries * ROWS_PER_SIGNAL + ROWS_PER_BAR
    return np.empty(entries + 1, TRADE), np.empty((rows, LOG_COLUMNS), np.int64), np.empty((rows, 2))


def decision_hash(log: IntArray) -> str:
    """Return the SHA-256 of a decision log, as hexadecimal.

    Parameters
    ----------
    log : int64 array, shape (n_events, 7)
        Bar open time, slot, side, lots, stop ticks, target ticks, code number; in event order.
    """
    if log.ndim != 2 or log.shape[1] != LOG_COLUMNS:
        raise ValueError(
            Refusal(
                "log_must_columns",
                "log must have {log_columns} columns, had shape {shape}",
                log_columns=LOG_COLUMNS,
                shape=log.shape,
            )
        )
    return hashlib.sha256(np.ascontiguousarray(log, dtype="<i8").tobytes()).hexdigest()
