"""Several things at once, until one of them ends; and a venue that does not answer."""

from __future__ import annotations

import asyncio

import pytest

from tests.clocks import JumpingClock, StandingClock, settle
from vigie.domain.errors import StorageError, TransientError
from vigie.engine.live.waiting import (
    REPORT_AFTER_S,
    RetryingCaller,
    run_with_background,
    until_one_ends,
    wait_for_event,
)


def run_beside(work):
    """Run something beside what never ends; return whether that was told to stop."""
    stopped = []

    async def endless():
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(True)

    async def run():
        await asyncio.wait_for(until_one_ends([endless(), work()]), 20)

    try:
        asyncio.run(run())
    finally:
        assert stopped == [True]


def test_when_one_ends_the_others_stop() -> None:
    async def brief():
        await asyncio.sleep(0)

    run_beside(brief)


def test_when_one_fails_the_others_stop_and_its_fault_is_heard() -> None:
    async def failing():
        await asyncio.sleep(0)
        raise StorageError("the disk is full")

    with pytest.raises(StorageError, match="the disk is full"):
        run_beside(failing)


def test_what_goes_on_beside_work_ends_with_it_and_a_fault_of_either_is_heard() -> None:
    async def work():
        await asyncio.sleep(0)
        return "done"

    async def endless(gone):
        try:
            await asyncio.Event().wait()
        finally:
            gone.append(True)

    async def failing():
        await asyncio.sleep(0)
        raise StorageError("the disk is full")

    gone: list[bool] = []
    assert asyncio.run(run_with_background(work(), endless(gone))) == "done"
    for first, second in ((endless(gone), failing()), (failing(), endless(gone)), (work(), failing())):
        with pytest.raises(StorageError, match="the disk is full"):
            asyncio.run(run_with_background(first, second))
    assert gone == [True] * 3


def test_who_waits_for_an_answer_is_told_of_it_in_time_though_the_clock_was_set_back() -> None:
    clock, told, asked = JumpingClock(), [], []

    async def ask():
        asked.append(clock.now)
        if len(asked) == 2:
            clock.now -= 3_600_000
        if told or len(asked) > 10 * REPORT_AFTER_S:
            return "an answer"
        raise TransientError("away")

    assert asyncio.run(RetryingCaller(clock, 1.0, told.append).until_answered(ask)) == "an answer"
    assert told == ["away"]
    assert REPORT_AFTER_S <= sum(clock.waits) <= REPORT_AFTER_S + 3


def test_who_waits_for_one_of_two_and_is_told_to_stop_leaves_nothing_behind() -> None:
    async def story():
        waiting = asyncio.ensure_future(wait_for_event(StandingClock(), 60.0, asyncio.Event()))
        await settle()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(story()) == set()
