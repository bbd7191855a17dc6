"""Which settlements of funding a run was charged, and for which instruments not all the way."""

from __future__ import annotations

from dataclasses import dataclass

from vigie.domain.time import DAY_MS, iso
from vigie.engine.run import Run
from vigie.services.runs.backtest_request import BacktestRequest


@dataclass(frozen=True, slots=True)
class FundingCoverageGap:
    """An instrument whose settlements do not cover its bars.

    Attributes
    ----------
    since, until : str
        Day from which, or until which alone there are some, ISO; both empty where there are none.
    """

    instrument: str
    since: str = ""
    until: str = ""

    def __str__(self) -> str:
        """Return it in words."""
        if not self.since and not self.until:
            return f"{self.instrument} none"
        return f"{self.instrument} only " + (f"from {self.since}" if self.since else f"until {self.until}")


def find_funding_gaps(run: Run) -> list[FundingCoverageGap]:
    """Return where the settlements that were given do not cover the bars, each gap once."""
    gaps = list[FundingCoverageGap]()
    for slot in run.slots:
        bars, times, name = slot.plan.bars, slot.plan.funding.ts, slot.plan.slot.instrument
        if not len(times):
            gaps.append(FundingCoverageGap(name))
            continue
        if times[0] > bars.ts[slot.plan.first] + DAY_MS:
            gaps.append(FundingCoverageGap(name, since=iso(int(times[0]))[:10]))
        if times[-1] < bars.ts[-1] + bars.span_ms - DAY_MS:
            gaps.append(FundingCoverageGap(name, until=iso(int(times[-1]))[:10]))
    return list(dict.fromkeys(gaps))


def describe_funding(run: Run, request: BacktestRequest) -> str:
    """Say which settlements are charged, and of what span where they do not cover the bars."""
    if request.funding is None:
        simulated = any(len(slot.plan.funding.ts) for slot in run.slots)
        return "the simulated venue's" if simulated else "none given: not charged"
    missing = ", ".join(map(str, find_funding_gaps(run)))
    return f"{request.funding.name}" + (f"; not charged where it is missing: {missing}" if missing else "")
