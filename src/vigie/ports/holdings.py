"""What people own at rest: events in batches; nothing is written over, and each batch can be undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from vigie.domain.holding import BatchKind, HoldingBatch, HoldingRecord, SortedRecords, TransferPair


class HoldingStore(Protocol):
    """Keeps what people own; each sees their own."""

    def records(self, owner: str) -> Sequence[HoldingRecord]:
        """Return the events of a person that are in force, in the order they came.

        Parameters
        ----------
        owner : str
            Whose.

        Returns
        -------
        sequence of HoldingRecord
        """
        ...

    def version(self, owner: str) -> str:
        """Return a text that changes with what is in force of a person, without reading it.

        Parameters
        ----------
        owner : str
            Whose.

        Returns
        -------
        str
            Equal texts mean equal records.
        """
        ...

    def coins(self) -> Sequence[str]:
        """Return the coins that anybody's batches name, undone ones left out: their prices are collected.

        Returns
        -------
        sequence of str
            Catalogue ids, sorted; nothing tells whose they are.
        """
        ...

    def revisions(self, owner: str, event: str) -> Sequence[HoldingRecord]:
        """Return what an event was, the oldest first, undone batches left out.

        Parameters
        ----------
        owner, event : str
            Whose, and its id.

        Returns
        -------
        sequence of HoldingRecord
            One without content where it was taken away.
        """
        ...

    def batches(self, owner: str) -> Sequence[HoldingBatch]:
        """Return the batches of a person, the newest first, undone ones too.

        Parameters
        ----------
        owner : str
            Whose.

        Returns
        -------
        sequence of HoldingBatch
        """
        ...

    def add(
        self,
        owner: str,
        kind: BatchKind,
        name: str,
        records: Sequence[HoldingRecord],
        *,
        most: int,
        dry_run: bool = False,
    ) -> tuple[str, SortedRecords]:
        """Add events that are not known yet as one batch, all or none.

        Parameters
        ----------
        owner : str
            Whose they are.
        kind, name : str
            As in `HoldingBatch`.
        records : sequence of HoldingRecord
            In the order of their file.
        most : int
            How many events a person may have.
        dry_run : bool
            Only tell what would be added.

        Returns
        -------
        str
            Id of the batch; empty where nothing is new, a conflict holds it back, or it is a dry run.
        SortedRecords
            What they are beside the kept ones; where one conflicts, nothing is added.

        Raises
        ------
        UsageError
            If the person would have more than `most`.
        """
        ...

    def correct(self, owner: str, record: HoldingRecord, *, before: str) -> str:
        """Put another content in the place of an event's, or none to take it away; the former one is kept.

        Parameters
        ----------
        owner : str
            Whose.
        record : HoldingRecord
            The event and what it says from now on; empty takes it away.
        before : str
            What it says now, as the person saw it.

        Returns
        -------
        str
            Id of the correction's batch; undone, the event says what it said before.

        Raises
        ------
        NotFound
            If there is no such event.
        Conflict
            If it says something else by now, or was joined with another.
        """
        ...

    def join(self, owner: str, pairs: Sequence[TransferPair]) -> str:
        """Put one transfer in the place of what left and what arrived, for all pairs or none; both are kept.

        Parameters
        ----------
        owner : str
            Whose.
        pairs : sequence of TransferPair
            No event twice.

        Returns
        -------
        str
            Id of their batch; undone, all say what they said before.

        Raises
        ------
        NotFound
            If one of the events is not there.
        Conflict
            If one says something else by now, or was joined with another.
        """
        ...

    def refuse(self, owner: str, left: str, arrived: str) -> str:
        """Remember that two events are no transfer.

        Parameters
        ----------
        owner, left, arrived : str
            Whose, and both events.

        Returns
        -------
        str
            Id of the refusal's batch, the same one again for the same two; undone, it is forgotten.
        """
        ...

    def refusals(self, owner: str) -> Mapping[str, str]:
        """Return the refusals that were not undone.

        Parameters
        ----------
        owner : str
            Whose.

        Returns
        -------
        mapping of str to str
            Id of the batch by `refusal_name` of both events.
        """
        ...

    def undo(self, owner: str, batch: str) -> int:
        """Undo a batch: what it brought is gone with its corrections, what it corrected is as before.

        Parameters
        ----------
        owner, batch : str
            Whose, and its id.

        Returns
        -------
        int
            How many events it had brought or changed, at least 1; 0 where it was undone before.

        Raises
        ------
        NotFound
            If there is no such batch.
        """
        ...

    def include(self, owner: str, account: str) -> str:
        """Remember that a trading account is to stand beside what a person owns.

        Parameters
        ----------
        owner, account : str
            Whose, and the account's name.

        Returns
        -------
        str
            Id of its batch, the same one again for the same account; undone, it stands there no longer.
        """
        ...

    def included(self, owner: str) -> Mapping[str, str]:
        """Return the accounts that stand beside what a person owns.

        Parameters
        ----------
        owner : str
            Whose.

        Returns
        -------
        mapping of str to str
            Id of the batch by the account's name.
        """
        ...

    def hand_over(self, before: str, after: str) -> None:
        """Give all that is kept of a person to another.

        Parameters
        ----------
        before, after : str
            Ids of both.
        """
        ...

    def forget(self, owner: str) -> None:
        """Remove all that is kept of a person.

        Parameters
        ----------
        owner : str
            Id of the person.
        """
        ...
