"""Small worlds for tests, driven by a hand that only the test moves."""

from __future__ import annotations

import copy
from functools import cache

from vigie_sandbox.world.services import make_services
from vigie_sandbox.world.wire import ServiceRequest
from vigie_sandbox.world.world import World

OPENED_MS = 1_767_225_600_000 + 11 * 3_600_000
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000


class Hand:
    """Seconds that grow when the test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def small_world(hand=None, **wanted) -> World:
    """Return a world of 40 days, without flaws and planned scenes unless they are asked for."""
    if hand is None and not wanted:
        return copy.deepcopy(_template())
    wanted = {"seed": 10, "history_days": 40, "flawless": True, "quiet": True, **wanted}
    return World(hand or Hand(), wanted.pop("opened_ms", OPENED_MS), **wanted)


@cache
def _template() -> World:
    """Return the world most tests begin with; a copy takes a tenth of making it."""
    return small_world(Hand())


def go(world: World, milliseconds: int) -> int:
    """Let market time pass; return the time then."""
    world.clock.change(jump_to=world.now_ms() + milliseconds)
    return world.now_ms()


def ask(world: World, service: str, path: str, body=None, **query):
    """Return what a service answers now."""
    now = world.now_ms()
    texts = {name: str(value) for name, value in query.items()}
    return (
        make_services(world)[service]
        .answer(ServiceRequest(path, texts, now, now + world.skew_ms(service), body))
        .body
    )
