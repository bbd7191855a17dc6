"""Checks of form: what the file reads, whether it answers everywhere, shapes, unknown values, parameters."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from vigie.domain.errors import DataError, UsageError
from vigie.domain.signal import Criteria, Criterion
from vigie.engine.causality import all_criteria, check_warmup, first_leak
from vigie.engine.signals import known_bars, make_flags
from vigie.services.judging.strategy_contract.findings import CheckedStrategy, ContractFinding, evaluate
from vigie.services.judging.strategy_contract.samples import Sample
from vigie.trading.catalogue import CURE, declared_warmup
from vigie.trading.loaded_strategy import Strategy
from vigie.trading.outside import outside_uses


def check_source(subject: CheckedStrategy) -> ContractFinding:
    """The file reads its bars and parameters, and nothing that differs from one run to the next."""
    uses = outside_uses(Path(subject.strategy.path))
    if not uses:
        return ContractFinding(
            "source",
            "pass",
            "imports what calculates, and names nothing that reads more than bars and parameters",
        )
    return ContractFinding("source", "fail", "; ".join(uses[:3]), CURE)


def check_words(subject: CheckedStrategy) -> ContractFinding:
    """The file says what it does and where the idea comes from."""
    lines = [line for line in subject.strategy.doc.splitlines() if line.strip()]
    if not lines:
        return ContractFinding(
            "words", "warn", "has no docstring", "begin the file with one line that says what it does"
        )
    if len(lines) < 2:
        return ContractFinding(
            "words", "warn", "names no source", "say below the title where the idea comes from"
        )
    return ContractFinding("words", "pass", lines[0])


def check_runs(subject: CheckedStrategy) -> ContractFinding:
    """It answers on every history, also a short, flat or broken one, and writes to nothing that is shared."""
    for sample in subject.samples:
        try:
            subject.answers.append(subject.evaluate(sample.bars))
        except UsageError as fault:
            cure = "an answer is needed for every history, also a short, flat or broken one"
            if "read-only" in str(fault):
                cure = "bars and indicators are shared by all strategies: copy an array before writing to it"
            where = _fault_line(fault, subject.strategy.path)
            return ContractFinding("runs", "fail", f"on {sample.name}{where}: {fault}", cure)
    return ContractFinding("runs", "pass", f"{len(subject.samples)} histories, nothing written to them")


def _fault_line(fault: BaseException, path: str) -> str:
    frames = traceback.extract_tb((fault.__cause__ or fault).__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == path]
    return f", line {lines[-1]}" if lines else ""


def check_shapes(subject: CheckedStrategy) -> ContractFinding:
    """Every criterion has one value a bar, of the right type, under a name of its own."""
    for sample, answer in zip(subject.samples, subject.answers, strict=True):
        if not any(criterion.required for criterion in (*answer.long, *answer.short)):
            cure = "without a required criterion nothing is ever entered"
            return ContractFinding("shapes", "fail", "no criterion is required", cure)
        for side in (answer.long, answer.short):
            names = [criterion.name for criterion in side]
            if len(set(names)) < len(names):
                return ContractFinding(
                    "shapes", "fail", f"criteria of one side share a name: {names}", "name each once"
                )
        for criterion in all_criteria(answer):
            fault = _criterion_fault(criterion, len(sample.bars))
            if fault:
                detail = f"{criterion.name!r} on {sample.name}: {fault}"
                return ContractFinding("shapes", "fail", detail, "give one value a bar")
        fault = _distance_fault(answer, len(sample.bars), sample.is_eventful)
        if fault:
            return ContractFinding(
                "shapes", "fail", f"on {sample.name}: {fault}", "NaN where not known yet, else > 0"
            )
    return ContractFinding(
        "shapes", "pass", f"{len(all_criteria(subject.answers[0]))} criteria, one value a bar each"
    )


def _criterion_fault(criterion: Criterion, n_bars: int) -> str:
    reading = criterion.read()
    parts: list[tuple[str, Any, type[Any]]] = [
        ("holds", reading.holds, np.bool_),
        ("value", reading.value, np.float64),
    ]
    for name, part in (("threshold", reading.threshold), ("scale", reading.scale)):
        if not isinstance(part, int | float):
            parts.append((name, part, np.float64))
    if reading.known is not None:
        parts.append(("known", reading.known, np.bool_))
    for name, values, kind in parts:
        fault = _array_fault(values, n_bars, kind)
        if fault:
            return f"{name} {fault}"
    if not criterion.weight > 0:
        return f"weight must be > 0, was {criterion.weight}"
    return (
        ""
        if criterion.sense in ("above", "below")
        else f"sense must be above or below, was {criterion.sense!r}"
    )


def _distance_fault(answer: Criteria, n_bars: int, prices_move: bool) -> str:
    for name in ("stop_distance", "target_distance"):
        distance = getattr(answer, name)
        if distance is None:
            continue
        fault = _array_fault(distance, n_bars, np.float64)
        if fault:
            return f"{name} {fault}"
        wrong = np.flatnonzero(distance <= 0)
        if len(wrong) and prices_move:
            return f"{name} must be > 0, was {float(distance[wrong[0]])!r} at bar {wrong[0]}"
    return ""


def _array_fault(values: Any, n_bars: int, kind: type[Any]) -> str:
    if not isinstance(values, np.ndarray):
        return f"must be an array, was {type(values).__name__}"
    if values.shape != (n_bars,):
        return f"must have {n_bars} values, had {values.shape}"
    return "" if values.dtype == kind else f"must be {np.dtype(kind)}, was {values.dtype}"


def check_unknown(subject: CheckedStrategy) -> ContractFinding:
    """Nothing holds where a value it reads is not known."""
    for sample, answer in zip(subject.samples, subject.answers, strict=True):
        for criterion in all_criteria(answer):
            reading = criterion.read()
            wrong = reading.holds & ~known_bars(reading)
            if wrong.any():
                bar = int(np.argmax(wrong))
                detail = (
                    f"{criterion.name!r} holds at bar {bar} of {sample.name}, where not everything it reads is known "
                    f"(value {float(reading.value[bar])!r})"
                )
                cure = "compare with vigie.quant.compare: NaN on either side is false"
                return ContractFinding("unknown values", "fail", detail, cure)
    return ContractFinding("unknown values", "pass", "nothing holds where a value is not known")


def check_parameters(subject: CheckedStrategy) -> ContractFinding:
    """Defaults lie within their bounds, and at the bounds it still keeps the contract or refuses."""
    strategy, sample = subject.strategy, subject.samples[1]
    n_settings = 0
    for entry in fields(strategy.params):
        meta = entry.metadata
        fault = _bounds_fault(entry.default, meta)
        if fault:
            cure = "correct param(default, low=..., high=..., search=(from, to), step=...)"
            return ContractFinding("parameters", "fail", f"{entry.name}: {fault}", cure)
        for value in dict.fromkeys((meta["low"], *meta["search"], meta["high"])):
            try:
                params = strategy.with_params({entry.name: value})
            except UsageError:  # refused beside the other defaults, as it may be
                continue
            n_settings += 1
            fault = _corner_fault(strategy, params, sample)
            if fault:
                cure = "narrow the bounds, or refuse the combination in __post_init__ with a UsageError"
                return ContractFinding("parameters", "fail", f"with {entry.name} = {value}: {fault}", cure)
    detail = f"{len(fields(strategy.params))} parameters, {n_settings} settings at the ends of their ranges"
    return ContractFinding("parameters", "pass", detail)


def _bounds_fault(default: Any, meta: Mapping[str, Any]) -> str:
    low, high, (first, last) = meta["low"], meta["high"], meta["search"]
    if not low <= default <= high:
        return f"default must be {low:g}..{high:g}, was {default!r}"
    if not low <= first <= last <= high:
        return f"search range must lie in {low:g}..{high:g}, was {first:g}..{last:g}"
    return "" if meta["step"] > 0 else f"step must be > 0, was {meta['step']!r}"


def _corner_fault(strategy: Strategy, params: Any, sample: Sample) -> str:
    bars, evaluate_params = sample.bars, partial(evaluate, strategy, params)
    stop = len(bars) * 2 // 3
    try:
        answer = evaluate_params(bars)
        make_flags(answer, len(bars))
        leak = first_leak(answer, evaluate_params(bars.slice(0, stop)), bars, stop)
        problem = check_warmup(evaluate_params, bars, answer, declared_warmup(strategy, params))
    except (UsageError, DataError) as error:
        return str(error)
    return f"looks ahead: {leak}" if leak else problem or ""
