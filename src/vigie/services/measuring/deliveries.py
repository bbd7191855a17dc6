"""How each connector does: the one truth that Today, Sources and Health show, with what people asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from vigie.ports.quotes import SourceHealth
from vigie.services.house import House

State = Literal["waiting", "live", "polled", "retried", "stale", "failing", "paused", "off", "unknown"]
PAUSED: Final = "paused"
# An attempt that fails and then works is a hiccup: what was delivered is fresh all the while.
HICCUPS: Final = 2


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one connector does.

    Attributes
    ----------
    source : str
        Its id, ``coingecko/markets``.
    state : State
        ``polled``: its stream is silent or cut, and it delivers by being asked instead; ``retried``: the last attempt
        failed, what it delivered before is fresh.
    is_down : bool
        Whether it does not deliver.
    asked : str
        What somebody asked of it: ``paused``, ``now``, or nothing.
    health : SourceHealth or None
        What the collector said of it; None where it never did.
    """

    source: str
    state: State
    is_down: bool
    asked: str
    health: SourceHealth | None


def deliveries(house: House) -> dict[str, Delivery]:
    """Return how every connector does that is known or was heard of, by id."""
    health = {one.source: one for one in house.quotes.health()}
    wanted = house.quotes.requests()
    names = sorted({note.id for note in house.directory.notes()} | health.keys())
    return {name: _delivery(name, health.get(name), wanted) for name in names}


def heard(house: House) -> list[tuple[Delivery, SourceHealth]]:
    """Return those that the collector has spoken of, with what it said."""
    return [(one, one.health) for one in deliveries(house).values() if one.health is not None]


def _delivery(name: str, health: SourceHealth | None, wanted: Mapping[str, str]) -> Delivery:
    asked = wanted.get(name) or wanted.get(name.partition("/")[0], "")
    state: State = "unknown" if health is None else health.state
    if health is not None and state == "live" and health.mode == "poll":
        state = "polled"
    # What was asked for counts at once; the collector follows within a second, if it runs.
    if asked == PAUSED and state != "off":
        state = "paused"
    if (
        health is not None
        and state == "failing"
        and health.errors <= HICCUPS
        and health.ts_success is not None
    ):
        state = "retried"
    is_down = state in ("stale", "failing")
    return Delivery(name, state, is_down, asked, health)
