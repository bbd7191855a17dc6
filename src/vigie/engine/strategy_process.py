"""A strategy of one's own, asked in a process of its own: what it has kept anywhere in this one is not there.

Takes a strategy file, parameters and bars; gives what the file says about them. The process starts empty and is
never given more than the bars it is asked about, so that asked in the order of time it cannot know what came next.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.engine.causality import read_criterion
from vigie.trading.loaded_strategy import Strategy

# The same packages are found as here.
_START: Final = (
    "import sys; sys.path[:] = {path!r}; from vigie.engine.judgement import serve_strategy; serve_strategy()"
)


class StrategyProcess:
    """A process that has loaded one strategy file and answers about bars; end it by leaving the `with`.

    Parameters
    ----------
    strategy : Strategy
        Loaded from a file.
    params : object
        Its parameters.
    """

    __slots__ = ("_name", "_process", "_setup")

    def __init__(self, strategy: Strategy, params: Any) -> None:
        values = {entry.name: getattr(params, entry.name) for entry in fields(params) if entry.init}
        self._name = strategy.name
        # The very content that was loaded here, whatever the file holds by then.
        self._setup = (strategy.path, values, strategy.require, strategy.digest)

    def __enter__(self) -> StrategyProcess:
        """Start the process and let it load the file."""
        command = [sys.executable, "-P", "-c", _START.format(path=sys.path)]
        pipe = subprocess.PIPE
        try:
            # What the file prints was shown when it was first asked.
            self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        except OSError as fault:
            raise UsageError(
                "strategy_cannot_checked_separate_process",
                "strategy {name} cannot be checked in a separate process: {fault}",
                name=self._name,
                fault=fault,
            ) from fault
        self._send(self._setup)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def evaluate(self, bars: Bars) -> Criteria:
        """Return what the strategy says about bars, every criterion computed.

        Raises
        ------
        UsageError
            If it raises there, or ends the process.
        """
        self._send(bars)
        answer: Criteria | str = self._receive()
        if isinstance(answer, str):
            raise UsageError(answer)
        return answer

    def _send(self, message: Any) -> None:
        try:
            pickle.dump(message, _require_pipe(self._process.stdin))
            _require_pipe(self._process.stdin).flush()
        except BrokenPipeError:
            raise self._ended_error() from None

    def _receive(self) -> Any:
        try:
            return pickle.load(_require_pipe(self._process.stdout))  # noqa: S301 - of a file that runs here as well
        except (EOFError, pickle.UnpicklingError):
            raise self._ended_error() from None

    def _ended_error(self) -> UsageError:
        return UsageError(
            "strategy_ended_its_process",
            "strategy {name} ended the process it was checked in (code {code})",
            name=self._name,
            code=self._process.wait(),
        )


def _require_pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # both are pipes
    return stream


class StrategyProcessServer:
    """The other end: where the process hears what it is asked, and answers."""

    __slots__ = ("_input", "_output")

    def __init__(self) -> None:
        # Standard input and output are given away, so that a file that reads or prints does not meet the questions.
        self._input, self._output = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, 0)
        os.dup2(2, 1)
        np.seterr(all="ignore")

    def read_setup(self) -> tuple[Path, dict[str, Any], tuple[str, ...], str]:
        """Return which file, with which parameters, what is required of it, and the hash of its content."""
        path, values, require, digest = pickle.load(self._input)  # noqa: S301 - of the process that started this one
        return Path(path), values, require, digest

    def read_bars(self) -> Bars | None:
        """Return the next bars, or None when there are no more."""
        try:
            bars: Bars = pickle.load(self._input)  # noqa: S301 - of the process that started this one
        except EOFError:
            return None
        return bars

    def send(self, answer: Criteria | str) -> None:
        """Say what the strategy says, or what was wrong."""
        pickle.dump(answer, self._output)
        self._output.flush()


def materialise(criteria: Criteria) -> Criteria:
    """Return criteria whose readings are arrays, none left to be computed."""
    exits = [criteria.long_exit, criteria.short_exit]
    long_exit, short_exit = [
        None if exit_criterion is None else _materialise_criterion(exit_criterion) for exit_criterion in exits
    ]
    return Criteria(
        long=tuple(_materialise_criterion(criterion) for criterion in criteria.long),
        short=tuple(_materialise_criterion(criterion) for criterion in criteria.short),
        long_exit=long_exit,
        short_exit=short_exit,
        stop_distance=criteria.stop_distance,
        target_distance=criteria.target_distance,
        warmup=criteria.warmup,
    )


def _materialise_criterion(criterion: Criterion) -> Criterion:
    read_values = read_criterion(criterion)
    reading = Reading(
        read_values.value,
        read_values.threshold,
        read_values.holds,
        read_values.known,
        read_values.scale,
        read_values.lookback,
        read_values.is_crossing,
    )
    return Criterion(criterion.name, reading, criterion.weight, criterion.required, criterion.sense)
