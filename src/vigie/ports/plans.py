"""Trade plans at rest: each version as it was written, and when it was armed or cancelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from vigie.domain.trade_plan import ENDS, PlanMark, TradePlan


@dataclass(frozen=True, slots=True)
class MarkedPlan:
    """A version of a plan, what a person did with it, and what was noted of what became of it.

    Attributes
    ----------
    number : int
        Of this version, unique in the home; accounts know an armed plan by it.
    digest : str
        SHA-256 of the version as it is written.
    marks : mapping of PlanMark to int
        When each was so, epoch milliseconds of the market.
    """

    plan: TradePlan
    number: int
    digest: str
    marks: Mapping[PlanMark, int] = field(default_factory=dict)

    @property
    def ts_armed(self) -> int | None:
        """When it was handed to its account, epoch milliseconds of the market."""
        return self.marks.get("armed")

    @property
    def ts_cancelled(self) -> int | None:
        """When it was taken back, epoch milliseconds of the market."""
        return self.marks.get("cancelled")

    @property
    def is_traded(self) -> bool:
        """Whether it was handed to its account and no end of it is noted."""
        return "armed" in self.marks and ENDS.isdisjoint(self.marks)


class PlanStore(Protocol):
    """Keeps plans; nothing of them is changed, versions and marks are added."""

    def add(self, plan: TradePlan, by: str) -> MarkedPlan:
        """Write a version durably, with its audit record.

        Parameters
        ----------
        plan : TradePlan
            Its `version` is one more than the last one's, 1 for a new plan.
        by : str
            Who wrote it.

        Returns
        -------
        MarkedPlan
            With its number and digest.

        Raises
        ------
        Conflict
            If that version is there already, or an earlier one was armed: somebody changed the plan meanwhile.
        """
        ...

    def mark(self, number: int, mark: PlanMark, ts: int, by: str, *, code: str = "") -> MarkedPlan:
        """Note durably what was done with a version or became of it, with its audit record; once each.

        Parameters
        ----------
        number : int
            Of the version.
        mark : PlanMark
            What is noted.
        ts : int
            Epoch milliseconds of the market.
        by : str
            Who did it; ``vigie`` for what became of it.
        code : str
            How its position ended, or why its entry was refused; stands in the audit record alone.

        Returns
        -------
        MarkedPlan
            With the mark.

        Raises
        ------
        Conflict
            If it has that mark already; is armed after it was cancelled or changed, or while its account has another
            plan of the instrument armed, of which no end is noted.
        """
        ...

    def versions(self, owner: str, plan: str | None = None) -> Sequence[MarkedPlan]:
        """Return the versions of an owner's plan, or of all their plans, oldest first.

        Parameters
        ----------
        owner : str
            Whose.
        plan : str or None
            Its id; None for all of theirs.

        Returns
        -------
        sequence of MarkedPlan
            Empty where they have none such.
        """
        ...

    def newest(self, owner: str) -> Sequence[MarkedPlan]:
        """Return the newest version of each of an owner's plans, the latest first.

        Parameters
        ----------
        owner : str
            Whose.

        Returns
        -------
        sequence of MarkedPlan
            One a plan.
        """
        ...

    def draft_count(self, owner: str, now: int) -> int:
        """Return how many of an owner's plans may still be armed.

        Parameters
        ----------
        owner : str
            Whose.
        now : int
            The market's time, epoch milliseconds.

        Returns
        -------
        int
            Plans whose newest version was neither armed nor cancelled and takes entries after that time.
        """
        ...

    def armed(self, account: str) -> Sequence[MarkedPlan]:
        """Return the versions that were armed in an account, in the order of arming; cancelled ones too.

        Parameters
        ----------
        account : str
            Its name.

        Returns
        -------
        sequence of MarkedPlan
            With all their marks.
        """
        ...

    def traded(self) -> Sequence[MarkedPlan]:
        """Return the versions of all accounts that were armed and of which no end is noted.

        Returns
        -------
        sequence of MarkedPlan
            By number, with all their marks.
        """
        ...

    def numbered(self, numbers: Sequence[int]) -> Sequence[MarkedPlan]:
        """Return the versions of some numbers; those that are gone are left out.

        Parameters
        ----------
        numbers : sequence of int
            `MarkedPlan.number` of each.

        Returns
        -------
        sequence of MarkedPlan
            By number.
        """
        ...

    def revision(self) -> str:
        """Return what is another word after every change of plans, marks or owners.

        Returns
        -------
        str
            Cheap to read: who waits for changes asks for it alone.
        """
        ...

    def hand_over(self, before: str, after: str) -> int:
        """Give an owner's plans to another.

        Parameters
        ----------
        before, after : str
            Whose they are and whose they become.

        Returns
        -------
        int
            How many versions that are.
        """
        ...

    def forget(self, owner: str) -> int:
        """Remove an owner's plans; what the audit says stays.

        Parameters
        ----------
        owner : str
            Whose.

        Returns
        -------
        int
            How many versions that are.
        """
        ...
