"""The filters that the table of Markets and its heat map share: chips of the address, and what they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vigie.views.web.request_context import RequestContext

KINDS: Final = ("coin", "stablecoin")
MOVES: Final = ("up", "down")
FLOORS: Final = ("10000000", "100000000", "1000000000")
NAMES: Final = ("list", "kind", "move", "volume")


@dataclass(frozen=True, slots=True)
class MarketFilters:
    """What the address narrows the market to.

    Attributes
    ----------
    values : mapping of str to str
        By the chip's name; empty where it is not set, or set to something that there is not.
    lists : list of (str, str)
        Watchlists with assets, (id, name).
    asked : mapping
        The same as input of an operation.
    """

    values: Mapping[str, str]
    lists: list[tuple[str, str]]
    asked: Mapping[str, str]

    @property
    def are_set(self) -> bool:
        """Whether anything is left out."""
        return any(self.values.values())


def read_filters(context: RequestContext) -> MarketFilters:
    """Read the filters of the address; a value that there is not is as none."""
    lists = [(row["id"], row["name"]) for row in context.call("watchlists.list").rows if row["assets"]]
    offered = {"list": [name for name, _ in lists], "kind": KINDS, "move": MOVES, "volume": FLOORS}
    values = {
        name: context.query.get(name, "") if context.query.get(name) in offered[name] else ""
        for name in NAMES
    }
    asked = {"kind": values["kind"], "move": values["move"], "floor_usd": values["volume"]}
    if values["list"]:
        asked["assets"] = ",".join(context.call("watchlists.read", watchlist=values["list"]).assets)
    return MarketFilters(values, lists, {name: value for name, value in asked.items() if value})
