"""A version of an account's run file: a person's change of it, and what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from vigie.domain.errors import Conflict

VersionMark = Literal["cancelled", "taken", "written", "refused"]
# Where a version stands; the last three are ends.
VersionState = Literal["waiting", "in_effect", "past", "replaced", "cancelled", "refused"]
# A version with one of these never takes effect.
ENDED: Final[frozenset[VersionMark]] = frozenset({"cancelled", "refused"})


def digest_of(text: str) -> str:
    """Return what a run file is known by.

    Parameters
    ----------
    text : str
        Its whole content.

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RunFileVersion:
    """A version of the run file of an account.

    The run that begins with it is named beforehand: it is in effect from the moment at which that run exists, and no
    killed process leaves any doubt.

    Attributes
    ----------
    version : int
        From 1 on, of its account.
    run : str
        Id that its run will have.
    before, after : str
        The file in force when it was kept, and the file that it asks for; whole texts.
    by : str
        User id of the person who kept it.
    ts : int
        When, epoch milliseconds on the wall; 0 until it is kept.
    marks : mapping of VersionMark to str
        What became of it, each with a sentence or nothing: ``taken`` right before its run begins, ``written`` when the
        file holds it.
    """

    account: str
    version: int
    owner: str
    run: str
    before: str
    after: str
    by: str
    ts: int = 0
    marks: Mapping[VersionMark, str] = field(default_factory=dict)

    @property
    def digest_before(self) -> str:
        """SHA-256 of the file in force when it was kept."""
        return digest_of(self.before)

    @property
    def digest_after(self) -> str:
        """SHA-256 of the file that it asks for."""
        return digest_of(self.after)

    @property
    def is_ended(self) -> bool:
        """Whether it was cancelled or could not begin."""
        return not ENDED.isdisjoint(self.marks)


def changed_meanwhile(account: str) -> Conflict:
    """Return the refusal of a change that was made from an older version than the newest.

    Parameters
    ----------
    account : str
        Its name.

    Returns
    -------
    Conflict
        To be raised.
    """
    return Conflict(
        "run_file_changed_meanwhile",
        "the run file of account {account} was changed meanwhile; reload it and repeat the change",
        account=account,
    )
