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
        """Add a result; the same folder again replaces its entry and keeps its id."""
        ...

    def get(self, run: str) -> RunRecord | None:
        """Return a result."""
        ...

    def list(
        self, *, owner: str | None = None, kind: str | None = None, before: str | None = None, limit: int = 50
    ) -> Sequence[RunRecord]:
        """Return results, newest first, older than `before`."""
        ...

    def remove(self, run: str) -> RunRecord | None:
        """Take a result out of the index and return what it was; its files stay."""
        ...

    def hand_over(self, before: str, after: str) -> None:
        """Give an owner's results to another."""
        ...

    def restore(self, run: RunRecord) -> None:
        """Undo a removal: the result has its id again."""
        ...
