"""Trying a read again: growing pauses with jitter, or the pause the other side asks for."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from vigie.domain.errors import TransientError
from vigie.ports.clock import Clock, PatientClock

T = TypeVar("T")


class RetryableError(TransientError):
    """A read failed and is tried again here; `after_s` is the pause the other side asked for, if any."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How a read is tried again; only for reads, never for orders.

    Attributes
    ----------
    clock : Clock
        Waits.
    attempts : int
        Tries in all.
    first_s, longest_s : float
        Pause after the first failure, doubled each time; no pause is longer, and a longer one asked
        for by the other side ends the tries.
    seed : int
        Of the jitter: each pause is between half and all of its length.
    """

    clock: Clock
    attempts: int = 5
    first_s: float = 1.0
    longest_s: float = 60.0
    seed: int = 0
    _rng: list[random.Random] = field(default_factory=list, repr=False)

    def call(self, read: Callable[[], T]) -> T:
        """Call `read` until it answers.

        Raises
        ------
        TransientError
            The last failure, when the tries are used up or the pause asked for is too long.
        """
        for attempt in range(1, self.attempts + 1):
            try:
                return read()
            except RetryableError as error:
                pause = self._pause(attempt) if error.after_s is None else error.after_s
                if attempt == self.attempts:
                    raise TransientError(
                        "tried_times", "{error} (tried {attempt} times)", error=error, attempt=attempt
                    ) from error
                if pause > self.longest_s:
                    raise _pause_too_long(error, pause) from error
                self.clock.sleep(pause)
        raise TransientError("bad_attempts", "attempts must be >= 1, was {attempts}", attempts=self.attempts)

    async def wait_and_call(self, clock: PatientClock, read: Callable[[], Awaitable[T]]) -> T:
        """Do the same where waiting must not hold up anything else."""
        for attempt in range(1, self.attempts + 1):
            try:
                return await read()
            except RetryableError as error:
                pause = self._pause(attempt) if error.after_s is None else error.after_s
                if attempt == self.attempts:
                    raise TransientError(
                        "tried_times",
                        "{error} (tried {attempt} times)",
                        error=error,
                        attempt=attempt,
                        after_s=error.after_s,
                    ) from error
                if pause > self.longest_s:
                    raise _pause_too_long(error, pause) from error
                await clock.pause(pause)
        raise TransientError("bad_attempts", "attempts must be >= 1, was {attempts}", attempts=self.attempts)

    def _pause(self, attempt: int) -> float:
        if not self._rng:
            self._rng.append(random.Random(self.seed))  # noqa: S311 - jitter, not a secret
        full: float = min(self.first_s * 2 ** (attempt - 1), self.longest_s)
        return full * (0.5 + self._rng[0].random() / 2)


def _pause_too_long(error: RetryableError, pause: float) -> TransientError:
    return TransientError(
        "source_asks_wait_before_next",
        "{error}; the source asks to wait {pause:g} s before the next try",
        error=error,
        pause=pause,
        after_s=pause,
    )
