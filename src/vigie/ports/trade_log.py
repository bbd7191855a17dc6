"""What a run of a trading account wrote down: its steps, its intents, its booked fills and funding payments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from vigie.domain.order import Fill, FundingPayment, Intent, IntentMove, TradeStep


@dataclass(frozen=True, slots=True)
class KnownIntent:
    """An intent and what became of it.

    Attributes
    ----------
    move : IntentMove
        State ``intent`` until it is sent.
    """

    intent: Intent
    move: IntentMove


class TradeLog(Protocol):
    """Reads what runs wrote down; a run that is not known wrote nothing."""

    def steps(self, run: str, after: int = 0) -> Iterator[TradeStep]:
        """Yield the run's log after a number, in order.

        Parameters
        ----------
        run : str
            `TradeRun.id`.
        after : int
            `TradeStep.number`, exclusive; 0 for all.

        Returns
        -------
        iterator of TradeStep
            Read a page at a time: steps that are written meanwhile may be among them.
        """
        ...

    def last_step(self, run: str) -> int:
        """Return the number of the last step of a run's log, 0 before the first.

        Parameters
        ----------
        run : str
            `TradeRun.id`.

        Returns
        -------
        int
            `TradeStep.number`; steps of a run are numbered from 1.
        """
        ...

    def intent(self, intent_id: str) -> KnownIntent | None:
        """Return one intent.

        Parameters
        ----------
        intent_id : str
            `Intent.id`, of any account.

        Returns
        -------
        KnownIntent or None
            None where it was never written: then it was never sent either.
        """
        ...

    def intents(self, run: str, *, open_only: bool = False) -> Sequence[KnownIntent]:
        """Return the intents of a run, oldest first.

        Parameters
        ----------
        run : str
            Run id.
        open_only : bool
            Leaves out those that ended: filled, cancelled, rejected, expired.

        Returns
        -------
        sequence of KnownIntent
            In the order in which they were written.
        """
        ...

    def find_intents(self, ids: Iterable[str]) -> Mapping[str, KnownIntent]:
        """Return those intents of these ids that are written, by id.

        Parameters
        ----------
        ids : iterable of str
            `Intent.id`, of any account; repeats are allowed.

        Returns
        -------
        mapping of str to KnownIntent
            Ids that are not written are missing.
        """
        ...

    def changed_since(self, run: str, since: int) -> Sequence[KnownIntent]:
        """Return the intents of a run that were written or moved since a wall time, oldest first.

        Parameters
        ----------
        since : int
            Epoch milliseconds on the wall, inclusive.

        Returns
        -------
        sequence of KnownIntent
            In the order in which they were written, not in that of their changes.
        """
        ...

    def newest(self, run: str, slot: str) -> KnownIntent:
        """Return the newest intent of a slot, without those that only flattened what an earlier one left.

        Parameters
        ----------
        run, slot : str
            Run id; ``btc-usdt-perp/1d/macd_cross``.

        Returns
        -------
        KnownIntent
            Entry, exit or level, but no ``flatten``.

        Raises
        ------
        NotFound
            If the slot has none yet.
        """
        ...

    def count_intents(self, run: str) -> int:
        """Return how many intents a run ever wrote.

        Parameters
        ----------
        run : str
            `TradeRun.id`.

        Returns
        -------
        int
            Ended ones too.
        """
        ...

    def fills(self, run: str) -> Sequence[Fill]:
        """Return every booked fill of a run, oldest first.

        Parameters
        ----------
        run : str
            `TradeRun.id`.

        Returns
        -------
        sequence of Fill
            By `Fill.ts`; of one time, in the order of arrival.
        """
        ...

    def fills_after(self, run: str, after: int) -> Sequence[Fill]:
        """Return the booked fills of a run but the first so many, in the order of arrival.

        Parameters
        ----------
        after : int
            Number of fills to skip.

        Returns
        -------
        sequence of Fill
            Not by time: a fill may be told late.
        """
        ...

    def fills_since(self, owner: str, ts: int, *, limit: int = 100) -> Sequence[tuple[str, Fill]]:
        """Return the account and the fill of what a person's accounts bought and sold since a time, newest first.

        Parameters
        ----------
        owner : str
            User id.
        ts : int
            `Fill.ts`, exclusive.
        limit : int
            Most fills returned.

        Returns
        -------
        sequence of (str, Fill)
            Descending by `Fill.ts`; what was decided afterwards is left out.
        """
        ...

    def fundings(self, run: str, *, newest_ms: int | None = None) -> Sequence[FundingPayment]:
        """Return the booked funding payments of a run, oldest first.

        Parameters
        ----------
        newest_ms : int, optional
            Only those that were settled up to so long before the newest.

        Returns
        -------
        sequence of FundingPayment
            By `FundingPayment.ts`.
        """
        ...
