"""What the checks look at and what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.engine.causality import all_criteria, read_criterion
from vigie.engine.run import judge
from vigie.services.judging.strategy_contract.samples import Sample
from vigie.trading.catalogue import declared_warmup as declared_warmup
from vigie.trading.loaded_strategy import Strategy

Status = Literal["pass", "warn", "fail", "skip"]


@dataclass(frozen=True, slots=True)
class ContractFinding:
    """What one check found, and the cure where something is wrong."""

    check: str
    status: Status
    detail: str
    cure: str = ""


@dataclass(frozen=True, slots=True)
class ContractReport:
    """Everything the contract says about one strategy.

    Attributes
    ----------
    strategy, path : str
        Which file.
    findings : tuple of ContractFinding
        In the order of the checks.
    samples : tuple of str
        The histories it was judged on.
    """

    strategy: str
    path: str
    findings: tuple[ContractFinding, ...]
    samples: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing fails; warnings do not count."""
        return not self.failures

    @property
    def failures(self) -> tuple[ContractFinding, ...]:
        """The checks that fail."""
        return tuple(finding for finding in self.findings if finding.status == "fail")

    def __str__(self) -> str:
        """Say it in lines, for a failed assertion."""
        lines = [
            f"{finding.status} {finding.check}: {finding.detail}"
            for finding in self.findings
            if finding.status != "pass"
        ]
        return "\n".join([f"{self.strategy}: {'passes' if self.passed else 'fails'}", *lines])


@dataclass(slots=True)
class CheckedStrategy:
    """A strategy before the checks: its histories, and its answers on them once it has run.

    Attributes
    ----------
    samples : list of Sample
        The first one is also timed.
    seed : int
        Where histories are cut.
    wall : callable or None
        Milliseconds, for the speed only.
    answers : list of Criteria
        One a sample, with the default parameters.
    """

    strategy: Strategy
    samples: list[Sample]
    seed: int
    wall: Callable[[], int] | None
    answers: list[Criteria] = field(default_factory=list)

    @property
    def eventful_answers(self) -> Iterator[tuple[Sample, Criteria]]:
        """The histories in which look-ahead is searched for, with the answers."""
        return (pair for pair in zip(self.samples, self.answers, strict=True) if pair[0].is_eventful)

    def evaluate(self, bars: Bars) -> Criteria:
        """Return what the strategy says on some bars with its default parameters."""
        return evaluate(self.strategy, self.strategy.defaults(), bars)


def evaluate(strategy: Strategy, params: Any, bars: Bars) -> Criteria:
    """Return all a strategy says, optional criteria computed.

    Raises
    ------
    UsageError
        If it raises or gives no criteria.
    """
    criteria = judge(strategy, bars, params)
    for criterion in all_criteria(criteria):
        read_criterion(criterion)
    return criteria
