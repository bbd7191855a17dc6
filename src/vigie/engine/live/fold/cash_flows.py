"""Money that somebody pays in or out is no gain and no loss: limits move with it."""

from __future__ import annotations

from typing import Any, Final

from vigie.engine.books import Books

# What falls are measured from.
BASES: Final = ("day_open", "global_peak", "halt_peak")


def move_limits(books: Books, before: float, amount: float, *, is_emptied: bool) -> bool:
    """Move limits with money that came or went, and tell whether somebody has emptied the account.

    Drawdowns stay the shares that they were; what was empty begins anew.

    Parameters
    ----------
    before : float
        Equity before the money moved.
    is_emptied : bool
        Whether somebody had emptied it before; what was lost by trading was not taken out.
    """
    after = before + amount
    share = after / before if min(before, after) > 0.0 else 0.0
    account = books.account[0]
    for name in BASES:
        account[name] = account[name] * share or after
    books.peaks[:] *= share
    return after <= 0.0 and (is_emptied or before > 0.0)


def reset_bases(account: Any, equity: float) -> None:
    """Measure falls from an equity: what is held has won more than was taken out."""
    for name in BASES:
        account[name] = equity
