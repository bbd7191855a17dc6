"""How many setups are in a state, and how many ended by a cause."""

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
class SetupTally:
    """How many setups of a side of a slot are in one state.

    Attributes
    ----------
    account : str
        Whose.
    is_replayed : bool
        They belong to its replayed past.
    slot, side, state : str
        As in `StoredChange`.
    count : int
        At least 1.
    """

    account: str
    is_replayed: bool
    slot: str
    side: SetupSide
    state: SetupState
    count: int
