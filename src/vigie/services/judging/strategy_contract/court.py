"""All checks of the contract in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from vigie.domain.errors import DataError, UsageError
from vigie.engine.run import judge
from vigie.services.judging.strategy_contract import foresight, form, hindsight
from vigie.services.judging.strategy_contract.findings import ContractReport, Finding, Subject
from vigie.services.judging.strategy_contract.samples import Sample
from vigie.trading.strategy import Strategy

SLOW_NS: Final = 2_000.0
MEASURED_MS: Final = 40
MOST_ASKED: Final = 1_024

Check = Callable[[Subject], Finding]
Told = Callable[[str, int, int], None]


def check_contract(
    strategy: Strategy,
    samples: list[Sample],
    *,
    seed: int = 0,
    wall: Callable[[], int] | None = None,
    told: Told | None = None,
) -> ContractReport:
    """Hold a strategy to its contract.

    Parameters
    ----------
    strategy : Strategy
        Loaded from its file.
    samples : list of Sample
        At least two; the first one is also timed.
    seed : int
        Where histories are cut.
    wall : callable, optional
        Milliseconds on the wall, for the speed, which is not judged without it.
    told : callable, optional
        Told the check, done, of.

    Returns
    -------
    ContractReport
        Checks that need an earlier one are skipped when that one fails.
    """
    subject = Subject(strategy, samples, seed, wall)
    findings: list[Finding] = []
    is_broken = False
    for done, (name, check, is_needed) in enumerate(CHECKS):
        if is_broken:
            findings.append(Finding(name, "skip", "not judged, because an earlier check failed"))
            continue
        with np.errstate(all="ignore"):
            findings.append(_found(name, check, subject))
        is_broken = is_needed and findings[-1].status == "fail"
        if told:
            told(name, done + 1, len(CHECKS))
    return ContractReport(strategy.name, strategy.path, tuple(findings), tuple(one.name for one in samples))


def _found(name: str, check: Check, subject: Subject) -> Finding:
    try:
        return check(subject)
    except (UsageError, DataError) as fault:
        return Finding(name, "fail", str(fault), "mend what the message names")


def check_speed(subject: Subject) -> Finding:
    """Say how long it takes; slow is no failure."""
    if subject.wall is None:
        return Finding("speed", "skip", "not measured here")
    bars = subject.samples[0].bars
    asked, spent = 0, 0
    # The clock ticks in milliseconds: ask until enough of them have passed.
    while spent < MEASURED_MS and asked < MOST_ASKED:
        started = subject.wall()
        for _ in range(max(asked, 1)):
            judge(subject.strategy, bars.slice(0, len(bars)), subject.strategy.defaults())
        spent, asked = subject.wall() - started, max(asked * 2, 1)
    per_bar = spent * 1e6 / max(asked // 2, 1) / len(bars)
    detail = f"{per_bar:,.0f} ns a bar: 1,000 settings over 10,000 bars take {per_bar / 100:,.1f} s"
    if per_bar > SLOW_NS:
        return Finding("speed", "warn", detail, "replace Python loops by indicators (bars.of) or numpy")
    return Finding("speed", "pass", detail)


# Name, check, and whether the ones behind it need it to pass.
CHECKS: Final[tuple[tuple[str, Check, bool], ...]] = (
    ("source", form.check_source, False),
    ("words", form.check_words, False),
    ("runs", form.check_runs, True),
    ("shapes", form.check_shapes, True),
    ("unknown values", form.check_unknown, False),
    ("look-ahead", foresight.check_look_ahead, False),
    ("repaint", foresight.check_repaint, False),
    ("same answer", foresight.check_same_answer, False),
    ("hindsight", hindsight.check_hindsight, False),
    ("warm-up", foresight.check_warm_up, False),
    ("parameters", form.check_parameters, False),
    ("speed", check_speed, False),
)
