"""Where setups stand, and how many ended by a cause."""

from __future__ import annotations

from dataclasses import dataclass

from vigie.domain.setup import SetupCause, SetupSide, SetupState


@dataclass(frozen=True, slots=True)
class SetupEnds:
    """How many setups ended by one cause.

    Attributes
    ----------
    is_replayed : bool
        They belong to replayed pasts.
    cause : str
        As in `vigie.domain.setup.SetupChange`.
    count : int
        How many.
    """

    is_replayed: bool
    cause: SetupCause
    count: int


@dataclass(frozen=True, slots=True)
class SetupPlace:
    """Where a setup stands: what counts and orders it, without what was decided.

    Attributes
    ----------
    number : int
        Of its newest change.
    account : str
        Whose.
    is_replayed : bool
        It belongs to its replayed past.
    slot, side, state : str
        As in `StoredChange`.
    ts_known : int
        Close of that change, epoch milliseconds.
    """

    number: int
    account: str
    is_replayed: bool
    slot: str
    side: SetupSide
    state: SetupState
    ts_known: int
