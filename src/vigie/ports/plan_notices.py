"""What an open plan gave cause to tell, each once: told, or kept and not sent because the day was full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

PlanNoticeKind = Literal["state", "near", "news", "risk"]
HeldPlanNotice = Literal["", "full", "rule"]


@dataclass(frozen=True, slots=True)
class PlanNotice:
    """One thing that is told of a version of a plan.

    Attributes
    ----------
    version : int
        `MarkedPlan.number` of the version.
    key : str
        What it is: ``state/entered``, ``near/stop/1760000000000``. A version has each once.
    kind : str
        ``state``, ``near``, ``news`` or ``risk``.
    facts : mapping
        What the text is made of, plain JSON.
    ts_known : int
        When what it says could be known, epoch milliseconds of the market.
    ts : int
        When it was noticed, epoch milliseconds on the wall.
    ts_first, ts_last : int
        When the first and the last of it arrives, epoch milliseconds on the wall; 0 where it is not sent.
    is_counted : bool
        Whether it takes one of the places of each day on which anything of it arrives.
    held : str
        Empty where it is sent; ``full`` where the day had no place left, ``rule`` where every rule is silent now.
    number : int
        Its place among all, ascending; 0 before it is kept.
    """

    version: int
    key: str
    kind: PlanNoticeKind
    facts: Mapping[str, object]
    ts_known: int
    ts: int
    ts_first: int = 0
    ts_last: int = 0
    is_counted: bool = True
    held: HeldPlanNotice = ""
    number: int = 0


class PlanNoticeStore(Protocol):
    """Keeps notices; each key of a version is one once. What was sent stays. All go with their plan."""

    def keep(self, notice: PlanNotice, days: Sequence[tuple[int, int]], most: int) -> PlanNotice:
        """Keep a notice and return it as it is kept: the one that is there, or held where a day is full.

        Parameters
        ----------
        notice : PlanNotice
            The notice.
        days : sequence of (int, int)
            The days on which anything of it arrives, each from and to, epoch milliseconds on the wall; the end is
            exclusive.
        most : int
            Counted notices a day, over all plans of its owner.

        Returns
        -------
        PlanNotice
            As it is kept, with its number.
        """
        ...

    def put_off(
        self, notice: PlanNotice, dues: Sequence[int], days: Sequence[tuple[int, int]], most: int
    ) -> PlanNotice:
        """Let a notice arrive at other times than it was to; held where one of their days is full.

        Parameters
        ----------
        notice : PlanNotice
            As it was kept, to be sent; where another process decided it again since, that stays.
        dues : sequence of int
            When it arrives now, epoch milliseconds on the wall; none where every rule is silent.
        days : sequence of (int, int)
            The days of these, each from and to; the end is exclusive.
        most : int
            Counted notices a day, over all plans of its owner.

        Returns
        -------
        PlanNotice
            As it is kept now.
        """
        ...

    def after(self, number: int, *, limit: int = 200) -> Sequence[PlanNotice]:
        """Return the notices after one, oldest first.

        Parameters
        ----------
        number : int
            Exclusive; 0 for all.
        limit : int
            Most returned.

        Returns
        -------
        sequence of PlanNotice
            Of all plans.
        """
        ...

    def newest(self) -> int:
        """Return the number of the last notice.

        Returns
        -------
        int
            0 where there is none.
        """
        ...

    def of_versions(self, versions: Sequence[int]) -> Sequence[PlanNotice]:
        """Return the notices of some versions, the newest first.

        Parameters
        ----------
        versions : sequence of int
            `MarkedPlan.number` of each.

        Returns
        -------
        sequence of PlanNotice
            All of them.
        """
        ...
