"""A real trading process, killed by SIGKILL where it waits, writes or sends: nothing is lost or doubled.

It trades over HTTP and WebSocket at an exchange in another process, with its book on the disk. Some of the points of
all kinds are died at here; `make chaos` dies at every one of them, and then for hours at random ones.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.crash import deaths
from tests.crash.killing import FATES, Killer, Point, evenly
from vigie.engine.live.book.orders import OrderSender

CASES = 40

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here: only on POSIX"),
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def killer(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Killer:
    return Killer(sqlite_template, tmp_path_factory.mktemp("killed"))


@pytest.fixture(scope="module")
def points(killer: Killer) -> list[Point]:
    return killer.points()


def test_the_points_are_those_of_an_orders_whole_life(points):
    awaits = {point.kind for point in points if point.way == "await"}
    calls = {point.kind for point in points if point.way == "call"}
    for where in ("OrderSender.send, BitgetTrading.place", "BitgetTrading.fills", "BitgetTrading.positions"):
        assert any(where in kind and kind.endswith("waits") for kind in awaits), awaits
        assert any(where in kind and kind.endswith("goes on") for kind in awaits), awaits
    assert {"pwrite64 vigie.sqlite-wal", "fdatasync vigie.sqlite-wal", "sendto socket"} <= calls


def test_killed_anywhere_a_process_comes_back_and_nothing_is_lost_or_doubled(killer, points, record_property):
    fates = list(FATES)
    for number, point in enumerate(evenly(points, CASES)):
        try:
            killer.kill([point], fates[number % len(fates)], after=number // len(fates) % 3)
        except AssertionError as fault:
            raise AssertionError(f"{point}, {fates[number % len(fates)]}: {fault}") from fault
    print(f"{len(points)} points; died at {killer.died.total()}, {killer.lived.total()} were not reached")
    deaths.told(record_property, "processes", killer.died)
    assert killer.died.total() >= 0.9 * CASES


def test_a_process_that_does_not_read_back_is_caught(killer, monkeypatch):
    async def nothing(self, intent, signed_ts):
        return None

    monkeypatch.setattr(OrderSender, "_read_back", nothing)
    asked = Point("await", "OrderSender.until_ended, BitgetTrading.order waits", 1)
    with pytest.raises(AssertionError, match=r"no order lost|goes on to the end"):
        killer.kill([asked], "kept")
