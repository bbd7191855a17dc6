"""The index of kept results: what was run, by whom, where its files lie and what they say in short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One kept result.

    Attributes
    ----------
    id : str
        Sortable by age.
    owner : str
        Id of the user whose it is.
    kind : str
        ``backtest``, ``sweep``, ``walk_forward``.
    title : str
        For people.
    folder : str
        Where its files lie, below the home folder.
    ask, summary : dict
        What was ordered, and the figures of the table of runs; plain values.
    decision_hash : str
        The fingerprint of its decisions, empty where there is none.
    job : str
        Id of the job that made it, empty where it came otherwise.
    """

    id: str
    owner: str
    kind: str
    title: str
    folder: str
    ts_created: int
    ask: dict[str, Any]
    summary: dict[str, Any]
    decision_hash: str = ""
    job: str = ""


class RunIndex(Protocol):
    """Kept results, by owner."""

    def put(
        self,
        owner: str,
        kind: str,
        *,
        title: str,
        folder: str,
        ask: Mapping[str, Any],
        summary: Mapping[str, Any],
        decision_hash: str = "",
        job: str = "",
    ) -> RunRecord:
        """Add a result; the same folder again replaces its entry and keeps its id.

        Parameters
        ----------
        owner : str
            User id.
        kind : str
            ``backtest``, ``sweep``, ``walk_forward``.
        title : str
            For people.
        folder : str
            Below the home folder; one entry for each.
        ask, summary : mapping of str to object
            Plain JSON, see `RunRecord`.
        decision_hash : str
            Empty where the result has none.
        job : str
            `Job.id`; empty where no job made it.

        Returns
        -------
        RunRecord
            With its id and creation time.
        """
        ...

    def get(self, run: str) -> RunRecord | None:
        """Return a result.

        Parameters
        ----------
        run : str
            `RunRecord.id`.

        Returns
        -------
        RunRecord or None
            None where there is none, or it was removed.
        """
        ...

    def list(
        self, *, owner: str | None = None, kind: str | None = None, before: str | None = None, limit: int = 50
    ) -> Sequence[RunRecord]:
        """Return results, newest first, older than `before`.

        Parameters
        ----------
        owner : str or None
            User id; None for everybody.
        kind : str or None
            None for all kinds.
        before : str or None
            `RunRecord.id`, exclusive; None to begin with the newest.
        limit : int
            Most results returned.

        Returns
        -------
        sequence of RunRecord
            Descending by id.
        """
        ...

    def remove(self, run: str) -> RunRecord | None:
        """Take a result out of the index and return what it was; its files stay.

        Parameters
        ----------
        run : str
            `RunRecord.id`.

        Returns
        -------
        RunRecord or None
            For `restore`; None where there is none.
        """
        ...

    def hand_over(self, before: str, after: str) -> None:
        """Give an owner's results to another.

        Parameters
        ----------
        before, after : str
            User ids, of the present owner and the next.
        """
        ...

    def restore(self, run: RunRecord) -> None:
        """Undo a removal: the result has its id again.

        Parameters
        ----------
        run : RunRecord
            As `remove` returned it; ignored where its id is there.
        """
        ...
