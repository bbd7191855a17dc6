"""Waiting: for a venue that is out of reach, for whichever comes first, for several things at once, not too long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from vigie.domain.errors import ConnectorError, TransientError
from vigie.domain.time import Elapsed
from vigie.ports.clock import PatientClock

Answer = TypeVar("Answer")
# Whose venue does not answer for so long is told of it.
REPORT_AFTER_S: Final = 30.0


class Deadline:
    """A time from now, on the wall; what has passed of it stays passed where the clock is set back.

    Parameters
    ----------
    seconds : float
        How long it is until then.
    """

    def __init__(self, clock: PatientClock, seconds: float) -> None:
        self._clock = clock
        self._limit_ms, self._since = round(seconds * 1_000), Elapsed(clock.wall_now())

    def left_s(self) -> float:
        """Return how long it still is; nothing and less where it is over."""
        return (self._limit_ms - self._since.passed_ms(self._clock.wall_now())) / 1_000

    def is_over(self) -> bool:
        """Tell whether it has come."""
        return self.left_s() <= 0


@dataclass(frozen=True, slots=True)
class RetryingCaller:
    """Asks a venue until it answers.

    Attributes
    ----------
    look_s : float
        Between two questions, in seconds on the wall.
    report : callable
        Told why there is no answer, once for each question that waits long.
    """

    clock: PatientClock
    look_s: float
    report: Callable[[str], None]

    async def until_answered(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Ask until there is an answer."""
        silence, is_reported = Deadline(self.clock, REPORT_AFTER_S), False
        while True:
            try:
                return await ask()
            except TransientError as fault:
                if not is_reported and silence.is_over():
                    is_reported = True
                    self.report(str(fault))
                await pause_after(self.clock, fault, self.look_s)


async def pause_after(clock: PatientClock, fault: TransientError | ConnectorError, look_s: float) -> None:
    """Wait after a failure that did nothing, for as long as the other side asked for."""
    after_s = fault.after_s if isinstance(fault, TransientError) else None
    await clock.pause(look_s if after_s is None else after_s)


async def wait_for_event(clock: PatientClock, seconds: float, event: asyncio.Event) -> None:
    """Wait so long, or until an event is set."""
    await until_one_ends((clock.pause(seconds), event.wait()))


async def with_timeout(clock: PatientClock, seconds: float, work: Coroutine[Any, Any, Answer]) -> Answer:
    """Do something, and give it up where it takes longer.

    Raises
    ------
    TransientError
        If it did; what came of it is not known.
    """
    task = asyncio.ensure_future(work)
    # What answers at once needs no limit.
    await asyncio.sleep(0)
    limit = None if task.done() else asyncio.ensure_future(clock.pause(seconds))
    tasks = [item for item in (task, limit) if item is not None]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise TransientError("no_answer_within", "no answer within {seconds:g} s", seconds=seconds)
    finally:
        for item in tasks:
            item.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def gather_all(*work: Coroutine[Any, Any, Answer]) -> list[Answer]:
    """Do several things at once; where one fails, none of the others goes on."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in work]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def run_with_background(
    work: Coroutine[Any, Any, Answer], background: Coroutine[Any, Any, None]
) -> Answer:
    """Do something, and something else for as long as it takes; where that fails first, so does this."""
    main_task, background_task = asyncio.ensure_future(work), asyncio.ensure_future(background)
    try:
        await asyncio.wait((main_task, background_task), return_when=asyncio.FIRST_COMPLETED)
        if background_task.done():
            background_task.result()
        return await main_task
    finally:
        for task in (main_task, background_task):
            task.cancel()
        await asyncio.gather(main_task, background_task, return_exceptions=True)


async def until_one_ends(works: Iterable[Coroutine[Any, Any, Any]]) -> None:
    """Do several things until one of them ends or fails; then none of the others goes on."""
    tasks = [asyncio.ensure_future(item) for item in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for item in done:
            item.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
