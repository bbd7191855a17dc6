"""A process that stands still anywhere is taken over; woken later than a signature lives, it changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.crash.mortal import WINDOW_MS, Life
from tests.crash.test_kill_points import World, of_orders, points
from vigie.domain.errors import UsageError
from vigie.engine.live.book import logbook

# Around the sight of the right to trade, the writing of an intent and the sending of its order.
WHERE = ("book.keep before", "book.keep after", "book.commit before", "venue.place before")
SHARE = 2


@dataclass(slots=True)
class Sleeper(Life):
    """One process that stands still at a point.

    Attributes
    ----------
    meanwhile : callable
        What happens until it is woken.
    """

    meanwhile: Callable[[], None] = lambda: None

    def at(self, name: str) -> None:
        """Pass a point, or stand still there."""
        self.points.append(name)
        if len(self.points) == self.until:
            self.meanwhile()


def taken_over(world: World) -> None:
    """Let another process trade to the end, and what the first one signed be over."""
    with world.clock.aside(), ThreadPoolExecutor(1) as other:
        other.submit(world.live, Life()).result()
    world.clock.now += WINDOW_MS + 1


@pytest.mark.parametrize("where", WHERE)
def test_a_process_that_stood_still_sends_nothing_any_more(sqlite_database, monkeypatch, where):
    # The right is looked at before each sending, so that one can stand still right after.
    monkeypatch.setattr(logbook, "FRESH_MS", 0)
    passed = points(sqlite_database, "kept", f"awake {where} ")
    numbers = [number for number in of_orders(passed) if passed[number - 1] == where]
    assert numbers
    for number in numbers[:: max(len(numbers) // SHARE, 1)]:
        world = World(sqlite_database, f"asleep {number}", "kept")
        world.network.is_strict = True
        came = []

        def meanwhile(world=world, came=came):
            taken_over(world)
            came += world.network.came

        sleeper = Sleeper(number, meanwhile=meanwhile)
        with pytest.raises(UsageError, match=r"nothing was written|acknowledgement must be"):
            world.live(sleeper)
        assert came == world.network.came, f"point {number}"
        world.assert_whole()
