"""All checks of the contract in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from vigie.domain.errors import DataError, UsageError
from vigie.engine.run import judge
from vigie.services.judging.strategy_contract import form_checks, hindsight, time_checks
from vigie.services.judging.strategy_contract.findings import CheckedStrategy, ContractFinding, ContractReport
from vigie.services.judging.strategy_contract.samples import Sample
from vigie.trading.loaded_strategy import Strategy

SLOW_NS: Final = 2_000.0
MIN_MEASURED_MS: Final = 40
MAX_CALLS: Final = 1_024

Check = Callable[[CheckedStrategy], ContractFinding]
ProgressCallback = Callable[[str, int, int], None]


def check_contract(
    strategy: Strategy,
    samples: list[Sample],
    *,
    seed: int = 0,
    wall: Callable[[], int] | None = None,
    report_progress: ProgressCallback | None = None,
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
    report_progress : callable, optional
        Told the check, done, of.

    Returns
    -------
    ContractReport
        Checks that need an earlier one are skipped when that one fails.
    """
    subject = CheckedStrategy(strategy, samples, seed, wall)
    findings: list[ContractFinding] = []
    is_broken = False
    for done, (name, check, is_needed) in enumerate(CHECKS):
        if is_broken:
            findings.append(ContractFinding(name, "skip", "not judged, because an earlier check failed"))
            continue
        with np.errstate(all="ignore"):
            findings.append(_run_check(name, check, subject))
        is_broken = is_needed and findings[-1].status == "fail"
        if report_progress:
            report_progress(name, done + 1, len(CHECKS))
    return ContractReport(
        strategy.name, strategy.path, tuple(findings), tuple(sample.name for sample in samples)
    )


def _run_check(name: str, check: Check, subject: CheckedStrategy) -> ContractFinding:
    try:
        return check(subject)
    except (UsageError, DataError) as fault:
        return ContractFinding(name, "fail", str(fault), "correct what the message names")


def check_speed(subject: CheckedStrategy) -> ContractFinding:
    """Say how long it takes; slow is no failure."""
    if subject.wall is None:
        return ContractFinding("speed", "skip", "not measured here")
    bars = subject.samples[0].bars
    calls, elapsed_ms = 0, 0
    # The clock ticks in milliseconds: ask until enough of them have passed.
    while elapsed_ms < MIN_MEASURED_MS and calls < MAX_CALLS:
        start_ms = subject.wall()
        for _ in range(max(calls, 1)):
            judge(subject.strategy, bars.slice(0, len(bars)), subject.strategy.defaults())
        elapsed_ms, calls = subject.wall() - start_ms, max(calls * 2, 1)
    per_bar = elapsed_ms * 1e6 / max(calls // 2, 1) / len(bars)
    detail = f"{per_bar:,.0f} ns a bar: 1,000 settings over 10,000 bars take {per_bar / 100:,.1f} s"
    if per_bar > SLOW_NS:
        return ContractFinding(
            "speed", "warn", detail, "replace Python loops by indicators (bars.of) or numpy"
        )
    return ContractFinding("speed", "pass", detail)


# Name, check, and whether the ones behind it need it to pass.
CHECKS: Final[tuple[tuple[str, Check, bool], ...]] = (
    ("source", form_checks.check_source, False),
    ("words", form_checks.check_words, False),
    ("runs", form_checks.check_runs, True),
    ("shapes", form_checks.check_shapes, True),
    ("unknown values", form_checks.check_unknown, False),
    ("look-ahead", time_checks.check_look_ahead, False),
    ("repaint", time_checks.check_repaint, False),
    ("same answer", time_checks.check_same_answer, False),
    ("hindsight", hindsight.check_hindsight, False),
    ("warm-up", time_checks.check_warm_up, False),
    ("parameters", form_checks.check_parameters, False),
    ("speed", check_speed, False),
)
