"""A process that tells of items and sends what is due, and may die at any point of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.crash.mortal import Dead, Life
from vigie.services.alerting.courier import Courier
from vigie.services.alerting.reading import ReadItem, on_read
from vigie.services.house import House

POINTS: Final = [f"{what} {when}" for what in ("add", "take", "send", "note") for when in ("before", "after")]
# At least once on the wire: who dies between sending and noting sends the same again.
TOLD_TWICE: Final = ("send after", "note before")


@dataclass(slots=True)
class MortalStore:
    """A store as a process with a life asks it: it may be killed before and after every write."""

    inner: Any
    life: Life = field(default_factory=Life)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if name not in ("add", "take", "note"):
            return found

        def ask(*args: Any, **more: Any) -> Any:
            self.life.at(f"{name} before")
            answer = found(*args, **more)
            self.life.at(f"{name} after")
            return answer

        return ask


class MortalNotifier:
    """Mail or requests as a process with a life hands them over."""

    def __init__(self, inner: Any, life: Life) -> None:
        self.inner, self.life = inner, life

    async def send(self, message: Any) -> str:
        self.life.at("send before")
        answer = await self.inner.send(message)
        self.life.at("send after")
        return answer


def lived(place: House, way: str, items: Sequence[ReadItem], until: int, name: str) -> Life:
    """Tell of items and send what is due by a way of `Post`, as one process that dies at a point; 0 for none."""
    life = Life(until)
    notifier = MortalNotifier(getattr(place.post, way)(), life)
    post = replace(place.post, **{way: lambda: notifier})
    mortal = replace(place, alerts=MortalStore(place.alerts, life), post=post)
    try:
        on_read(mortal, items)
        Courier(mortal, name=name).turn()
    except Dead:
        pass
    return life
