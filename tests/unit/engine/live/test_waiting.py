"""Several things at once, until one of them ends."""

from __future__ import annotations

import asyncio

import pytest

from vigie.domain.errors import StorageError
from vigie.engine.live.waiting import until_one_ends


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
