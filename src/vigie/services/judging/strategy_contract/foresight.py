"""Checks of time: nothing is known before it was known, nothing shown is taken back, nothing is remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.domain.time import iso
from vigie.engine.causality import Leak, all_criteria, check_causality, check_warmup, first_leak
from vigie.engine.signals import first_known
from vigie.engine.witness import Witness
from vigie.services.judging.strategy_contract.findings import Finding, Subject, respond
from vigie.services.judging.strategy_contract.samples import Sample, with_other_future
from vigie.trading import catalogue
from vigie.trading.catalogue import declared_warmup
from vigie.trading.strategy import ATR_WINDOW

CUTS: Final = 24
FUTURES: Final = 4
REPLAYED: Final = 48
ASKED_ELSEWHERE: Final = 8
_CAUSAL: Final = (
    "use only values up to the bar: no close[i + 1], shift(-1), np.roll, centred windows, nor minima, maxima, means "
    "or quantiles of the whole history"
)


def check_look_ahead(subject: Subject) -> Finding:
    """No value changes when the bars after it are removed or are others."""
    rng = np.random.default_rng([subject.seed, 1])
    tried = 0
    for sample, whole in subject.eventful:
        bars = sample.bars
        for stop in stops(whole, len(bars), rng):
            tried += 1
            leak = first_leak(whole, subject.respond(bars.slice(0, stop)), bars, stop)
            if leak:
                return _leaked(sample, leak, "without the bars after it")
        for stop in rng.integers(len(bars) // 4, len(bars) - 1, FUTURES).tolist():
            tried += 1
            other = subject.respond(with_other_future(bars, stop, rng))
            leak = first_leak(whole, other, bars, stop, length=len(bars))
            if leak:
                return _leaked(sample, leak, "with other bars after it")
    return Finding(
        "look-ahead", "pass", f"{tried} histories cut or continued otherwise, every value the same"
    )


def stops(whole: Criteria, n_bars: int, rng: np.random.Generator) -> list[int]:
    """Return where to cut: anywhere, and right behind bars on which something began to hold."""
    holds = [criterion.read().holds for criterion in all_criteria(whole)]
    began = np.flatnonzero(np.logical_or.reduce([one[1:] & ~one[:-1] for one in holds])) + 1
    chosen = rng.integers(1, n_bars, CUTS // 2).tolist()
    if len(began):
        chosen += (rng.choice(began, CUTS - len(chosen)) + 1).tolist()
    return [stop for stop in chosen if stop < n_bars]


def _leaked(sample: Sample, leak: Leak, otherwise: str) -> Finding:
    detail = f"{_place(sample, leak)} was {leak.whole!r} with the whole history and {leak.cut!r} {otherwise}"
    return Finding("look-ahead", "fail", detail, _CAUSAL)


def _place(sample: Sample, leak: Leak) -> str:
    return f"{leak.criterion!r} at bar {leak.bar} ({iso(leak.ts)}) of {sample.name}"


def check_repaint(subject: Subject) -> Finding:
    """What was shown at a close is still there when later bars have come."""
    rng = np.random.default_rng([subject.seed, 2])
    replayed = 0
    for sample, whole in subject.eventful:
        n = len(sample.bars)
        middle = int(rng.integers(n // 2, n - REPLAYED))
        for bar in (*range(middle, middle + REPLAYED), *range(n - REPLAYED, n)):
            replayed += 1
            leak = _taken_back(subject.respond(sample.bars.slice(0, bar + 1)), whole, sample.bars, bar)
            if leak:
                detail = f"{_place(sample, leak)} was {leak.cut!r} at its close and is {leak.whole!r} later"
                return Finding("repaint", "fail", detail, _CAUSAL)
    return Finding("repaint", "pass", f"{replayed} bars shown one by one, every criterion stayed as it was")


def _taken_back(shown: Criteria, whole: Criteria, bars: Bars, bar: int) -> Leak | None:
    for first, later in zip(all_criteria(shown), all_criteria(whole), strict=False):
        was, is_now = bool(first.read().holds[bar]), bool(later.read().holds[bar])
        if was != is_now:
            return Leak(bar, int(bars.ts[bar]), later.name, is_now, was)
    return None


def check_same_answer(subject: Subject) -> Finding:
    """The same bars give the same answer: asked again, and asked of copies that never saw a longer history."""
    fresh = catalogue.load_file(Path(subject.strategy.path), anew=True)
    for sample, whole in subject.eventful:
        bars = sample.bars
        part = bars.slice(0, len(bars) * 3 // 4)
        untold = respond(fresh, fresh.defaults(), part)
        leak = first_leak(subject.respond(part), untold, part, len(part))
        leak = leak or first_leak(whole, subject.respond(bars.slice(0, len(bars))), bars, len(bars))
        if leak:
            detail = f"{_place(sample, leak)} was {leak.whole!r} once and {leak.cut!r} another time"
            cure = "no randomness, no clock, and nothing kept between calls"
            return Finding("same answer", "fail", detail, cure)
    remembered = _remembered(subject)
    if remembered:
        return remembered
    return Finding(
        "same answer", "pass", "asked again, and asked of a fresh copy, and in another process: the same bits"
    )


def _remembered(subject: Subject) -> Finding | None:
    """Ask in a process in which nothing that was kept in this one is there, in the order of time."""
    if not catalogue.is_own_file(subject.strategy):
        return None
    rng = np.random.default_rng([subject.seed, 3])
    with Witness(subject.strategy, subject.strategy.defaults()) as witness:
        for sample, whole in subject.eventful:
            leak = check_causality(witness.ask, sample.bars, whole, rng, cuts=ASKED_ELSEWHERE, windows=0)
            if leak:
                detail = f"{_place(sample, leak)} was {leak.whole!r} here and {leak.cut!r} in another process"
                cure = "nothing kept between calls, on no module, class or file either"
                return Finding("same answer", "fail", detail, cure)
    return None


def check_warm_up(subject: Subject) -> Finding:
    """So many bars as are declared are enough to know everything; entries wait for all of them."""
    strategy = subject.strategy
    declared = declared_warmup(strategy, strategy.defaults())
    for sample, said in zip(subject.samples, subject.answers, strict=True):
        short = check_warmup(subject.respond, sample.bars, said, declared)
        if short:
            cure = "let warmup return the bars that are needed; more is allowed, entries wait for them"
            return Finding("warm-up", "fail", f"{short} of {sample.name}", cure)
    answer, n_bars = subject.answers[0], len(subject.samples[0].bars)
    first = first_known(answer, n_bars)
    if first == n_bars:
        detail, cure = (
            "nothing is ever fully known on simulated bars",
            "does it need a series that is not given?",
        )
        return Finding("warm-up", "warn", detail, cure)
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
    return Finding("warm-up", "pass", detail)
