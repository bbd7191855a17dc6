"""Checks of time: nothing is known before it was known, nothing shown is taken back, nothing is remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.refusal import Refusal
from vigie.domain.signal import Criteria
from vigie.domain.time import iso
from vigie.engine.causality import Leak, all_criteria, check_causality, check_warmup, first_leak
from vigie.engine.signals import first_known
from vigie.engine.strategy_process import StrategyProcess
from vigie.services.judging.strategy_contract.findings import CheckedStrategy, ContractFinding, evaluate
from vigie.services.judging.strategy_contract.samples import Sample, with_other_future
from vigie.trading import catalogue
from vigie.trading.catalogue import declared_warmup
from vigie.trading.strategy import ATR_WINDOW

CUTS: Final = 24
FUTURES: Final = 4
REPLAYED_BARS: Final = 48
WITNESS_CUTS: Final = 8
_CAUSAL: Final = (
    "use only values up to the bar: no close[i + 1], shift(-1), np.roll, centred windows, nor minima, maxima, means "
    "or quantiles of the whole history"
)


def check_look_ahead(subject: CheckedStrategy) -> ContractFinding:
    """No value changes when the bars after it are removed or are others."""
    rng = np.random.default_rng([subject.seed, 1])
    histories = 0
    for sample, answer in subject.eventful_answers:
        bars = sample.bars
        for stop in choose_cuts(answer, len(bars), rng):
            histories += 1
            leak = first_leak(answer, subject.evaluate(bars.slice(0, stop)), bars, stop)
            if leak:
                return _look_ahead_finding(
                    sample, leak, Refusal("without_bars_after", "without the bars after it")
                )
        for stop in rng.integers(len(bars) // 4, len(bars) - 1, FUTURES).tolist():
            histories += 1
            continued = subject.evaluate(with_other_future(bars, stop, rng))
            leak = first_leak(answer, continued, bars, stop, length=len(bars))
            if leak:
                return _look_ahead_finding(
                    sample, leak, Refusal("other_bars_after", "with other bars after it")
                )
    return ContractFinding(
        "look-ahead", "pass", f"{histories} histories cut or continued otherwise, every value the same"
    )


def choose_cuts(answer: Criteria, n_bars: int, rng: np.random.Generator) -> list[int]:
    """Return where to cut: anywhere, and right behind bars on which something began to hold."""
    holds = [criterion.read().holds for criterion in all_criteria(answer)]
    starts = np.flatnonzero(np.logical_or.reduce([column[1:] & ~column[:-1] for column in holds])) + 1
    chosen = rng.integers(1, n_bars, CUTS // 2).tolist()
    if len(starts):
        chosen += (rng.choice(starts, CUTS - len(chosen)) + 1).tolist()
    return [stop for stop in chosen if stop < n_bars]


def _look_ahead_finding(sample: Sample, leak: Leak, otherwise: str) -> ContractFinding:
    detail = f"{_describe_place(sample, leak)} was {leak.whole!r} with the whole history and {leak.cut!r} {otherwise}"
    return ContractFinding("look-ahead", "fail", detail, _CAUSAL)


def _describe_place(sample: Sample, leak: Leak) -> str:
    return f"{leak.criterion!r} at bar {leak.bar} ({iso(leak.ts)}) of {sample.name}"


def check_repaint(subject: CheckedStrategy) -> ContractFinding:
    """What was shown at a close is still there when later bars have come."""
    rng = np.random.default_rng([subject.seed, 2])
    replayed = 0
    for sample, answer in subject.eventful_answers:
        n = len(sample.bars)
        middle = int(rng.integers(n // 2, n - REPLAYED_BARS))
        for bar in (*range(middle, middle + REPLAYED_BARS), *range(n - REPLAYED_BARS, n)):
            replayed += 1
            leak = _find_repaint(subject.evaluate(sample.bars.slice(0, bar + 1)), answer, sample.bars, bar)
            if leak:
                detail = f"{_describe_place(sample, leak)} was {leak.cut!r} at its close and is {leak.whole!r} later"
                return ContractFinding("repaint", "fail", detail, _CAUSAL)
    return ContractFinding(
        "repaint", "pass", f"{replayed} bars shown one by one, every criterion stayed as it was"
    )


def _find_repaint(shown_answer: Criteria, answer: Criteria, bars: Bars, bar: int) -> Leak | None:
    for first, later in zip(all_criteria(shown_answer), all_criteria(answer), strict=False):
        was_held, is_held = bool(first.read().holds[bar]), bool(later.read().holds[bar])
        if was_held != is_held:
            return Leak(bar, int(bars.ts[bar]), later.name, is_held, was_held)
    return None


def check_same_answer(subject: CheckedStrategy) -> ContractFinding:
    """The same bars give the same answer: asked again, and asked of copies that never saw a longer history."""
    fresh = catalogue.load_file(Path(subject.strategy.path), fresh=True)
    for sample, answer in subject.eventful_answers:
        bars = sample.bars
        part = bars.slice(0, len(bars) * 3 // 4)
        fresh_answer = evaluate(fresh, fresh.defaults(), part)
        leak = first_leak(subject.evaluate(part), fresh_answer, part, len(part))
        leak = leak or first_leak(answer, subject.evaluate(bars.slice(0, len(bars))), bars, len(bars))
        if leak:
            detail = f"{_describe_place(sample, leak)} was {leak.whole!r} once and {leak.cut!r} another time"
            cure = "no randomness, no clock, and nothing kept between calls"
            return ContractFinding("same answer", "fail", detail, cure)
    finding = _check_in_other_process(subject)
    if finding:
        return finding
    return ContractFinding(
        "same answer", "pass", "asked again, and asked of a fresh copy, and in another process: the same bits"
    )


def _check_in_other_process(subject: CheckedStrategy) -> ContractFinding | None:
    """Ask in a process in which nothing that was kept in this one is there, in the order of time."""
    if not catalogue.is_own_file(subject.strategy):
        return None
    rng = np.random.default_rng([subject.seed, 3])
    with StrategyProcess(subject.strategy, subject.strategy.defaults()) as witness:
        for sample, answer in subject.eventful_answers:
            leak = check_causality(witness.evaluate, sample.bars, answer, rng, cuts=WITNESS_CUTS, windows=0)
            if leak:
                detail = f"{_describe_place(sample, leak)} was {leak.whole!r} here and {leak.cut!r} in another process"
                cure = "nothing kept between calls, on no module, class or file either"
                return ContractFinding("same answer", "fail", detail, cure)
    return None


def check_warm_up(subject: CheckedStrategy) -> ContractFinding:
    """So many bars as are declared are enough to know everything; entries wait for all of them."""
    strategy = subject.strategy
    declared = declared_warmup(strategy, strategy.defaults())
    for sample, sample_answer in zip(subject.samples, subject.answers, strict=True):
        problem = check_warmup(subject.evaluate, sample.bars, sample_answer, declared)
        if problem:
            cure = "let warmup return the bars that are needed; more is allowed, entries wait for them"
            return ContractFinding("warm-up", "fail", f"{problem} of {sample.name}", cure)
    answer, n_bars = subject.answers[0], len(subject.samples[0].bars)
    first = first_known(answer, n_bars)
    if first == n_bars:
        detail, cure = (
            "nothing is ever fully known on simulated bars",
            "does it need a series that is not given?",
        )
        return ContractFinding("warm-up", "warn", detail, cure)
    detail = f"everything is known from bar {first} on"
    if first == declared:
        detail += ", as declared"
    elif first < declared:
        detail += f", no entry is decided before bar {declared}, as declared"
    else:
        detail += (
            f", and elsewhere from bar {declared} on, as declared: it depends on where the history begins"
        )
    if max(first, declared) < ATR_WINDOW and (answer.stop_distance is None or answer.target_distance is None):
        detail += f"; the stop needs ATR({ATR_WINDOW}), so the first decision comes at bar {ATR_WINDOW}"
    return ContractFinding("warm-up", "pass", detail)
