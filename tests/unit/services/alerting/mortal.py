"""A process that tells of items and sends what is due, and may die at any point of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.channels import reopened
from tests.crash.mortal import Dead, Life
from vigie.services.alerting.delivery_worker import DeliveryWorker
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.app_context import AppContext
from vigie.services.needs import bound
from vigie.services.news.analysis.item_reader import ReadItem

POINTS: Final = [
    f"{what} {when}" for what in ("add", "take", "send", "record_outcomes") for when in ("before", "after")
]
# At least once on the wire: who dies between sending and noting sends the same again.
TOLD_TWICE: Final = ("send after", "record_outcomes before")


@dataclass(slots=True)
class MortalStore:
    """A store as a process with a life asks it: it may be killed before and after every write."""

    inner: Any
    life: Life = field(default_factory=Life)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if name not in ("add", "take", "record_outcomes"):
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


def lived(place: AppContext, way: str, items: Sequence[ReadItem], until: int, name: str) -> Life:
    """Tell of items and send what is due by a way of `Post`, as one process that dies at a point; 0 for none."""
    life = Life(until)
    notifier = MortalNotifier(place.notifiers.for_kind(way), life)
    post = reopened(place.notifiers, way, lambda: notifier)
    mortal = replace(place, alerts=MortalStore(place.alerts, life), notifiers=post)
    try:
        bound(mortal, dispatch_read_items)(items)
        DeliveryWorker(mortal, name=name).send_due()
    except Dead:
        pass
    return life
