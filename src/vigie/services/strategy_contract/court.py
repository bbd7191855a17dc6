"""All checks of the contract in order."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import numpy as np

from vigie.domain.errors import DataError, UsageError
from vigie.engine.run import judge
from vigie.services.strategy_contract import foresight, form
from vigie.services.strategy_contract.findings import ContractReport, Finding, Subject
from vigie.services.strategy_contract.samples import Sample
from vigie.trading.strategy import Strategy

SLOW_NS: Final = 2_000.0

Check = Callable[[Subject], Finding]
Told = Callable[[str, int, int], None]


def check_contract(
    strategy: Strategy,
    samples: list[Sample],
    *,
    seed: int = 0,
    clock: Callable[[], float] = time.perf_counter,
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
    clock : callable
        Seconds, for the speed only.
    told : callable, optional
        Told the check, done, of.

    Returns
    -------
    ContractReport
        Checks that need an earlier one are skipped when that one fails.
    """
    subject = Subject(strategy, samples, seed, clock)
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
    bars = subject.samples[0].bars
    spent = []
    for _ in range(3):
        fresh = bars.slice(0, len(bars))
        started = subject.clock()
        judge(subject.strategy, fresh, subject.strategy.defaults())
        spent.append(subject.clock() - started)
    per_bar = min(spent) / len(bars) * 1e9
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
    ("warm-up", foresight.check_warm_up, False),
    ("parameters", form.check_parameters, False),
    ("speed", check_speed, False),
)
