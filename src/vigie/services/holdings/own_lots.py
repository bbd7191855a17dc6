"""Which lots leave first, and over which places: settings of a person, by the contract's five methods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from vigie.intelligence.holdings.booking import BookRules

Method = Literal["fifo", "lifo", "hifo", "specific", "average"]
LotQueue = Literal["place", "all"]
METHOD_SETTING: Final = "lot_method"
QUEUE_SETTING: Final = "lot_queue"


@dataclass(frozen=True, slots=True)
class OwnLots:
    """Which lots leave first.

    Attributes
    ----------
    method : str
        One of the contract's five.
    queue : str
        ``place`` takes lots of the place alone, ``all`` from one queue over all places.
    """

    method: Method = "fifo"
    queue: LotQueue = "place"

    @property
    def is_one_queue(self) -> bool:
        """Whether places do not count."""
        return self.queue == "all"

    @property
    def rules(self) -> BookRules:
        """How a book is kept by them."""
        return BookRules(method=self.method, is_one_queue=self.is_one_queue)


USUAL_LOTS: Final = OwnLots()


def lots_in(
    kept: Mapping[str, object], method: Method | Literal[""] = "", queue: LotQueue | Literal[""] = ""
) -> OwnLots:
    """Return what is asked for, else what a person's settings say."""
    own_method: Method = next(
        (known for known in get_args(Method) if known == kept.get(METHOD_SETTING)), USUAL_LOTS.method
    )
    own_queue: LotQueue = next(
        (known for known in get_args(LotQueue) if known == kept.get(QUEUE_SETTING)), USUAL_LOTS.queue
    )
    return OwnLots(method or own_method, queue or own_queue)
