"""Waiting: for a venue that is out of reach, for whichever comes first, for several things at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar

from vigie.domain.errors import ConnectorError, TransientError
from vigie.ports.clock import PatientClock

Answer = TypeVar("Answer")


async def answered(ask: Callable[[], Awaitable[Answer]], clock: PatientClock, look_s: float) -> Answer:
    """Ask until there is an answer."""
    while True:
        try:
            return await ask()
        except TransientError as fault:
            await rest(clock, fault, look_s)


async def rest(clock: PatientClock, fault: TransientError | ConnectorError, look_s: float) -> None:
    """Wait after a failure that did nothing, for as long as the other side asked for."""
    after_s = fault.after_s if isinstance(fault, TransientError) else None
    await clock.pause(look_s if after_s is None else after_s)


async def either(clock: PatientClock, seconds: float, event: asyncio.Event) -> None:
    """Wait so long, or until an event is set."""
    tasks = {asyncio.ensure_future(clock.pause(seconds)), asyncio.ensure_future(event.wait())}
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for one in done:
        one.result()


async def until_one_ends(works: Iterable[Coroutine[Any, Any, Any]]) -> None:
    """Do several things at once, until one of them ends or fails: then none of the others goes on."""
    tasks = [asyncio.ensure_future(one) for one in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for one in done:
            one.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def together(*work: Coroutine[Any, Any, Answer]) -> list[Answer]:
    """Do several things at once; where one fails, none of the others goes on."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
