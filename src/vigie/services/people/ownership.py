"""Whose things a caller sees."""

from __future__ import annotations

from vigie.domain.person import OWNER, VISITOR, Caller
from vigie.ports.accounts import UserStore


def owner_of(accounts: UserStore, caller: Caller) -> str:
    """Return the id under which what a caller may see is kept: their own.

    In a home without users everybody on this machine may read, and there is only the local owner's to read.
    """
    if caller.user == VISITOR.user and not accounts.users():
        return OWNER.user
    return caller.user
