"""The menu: five entries for each kind of visitor, the others under More; pages that are not built are not named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vigie.domain.person import Persona
from vigie.views.web.page import pages
from vigie.views.web.visit import Visit

# In the order of each persona's day; the first five that exist are shown, the rest follow under More.
ORDER: Final[dict[Persona, tuple[str, ...]]] = {
    "trader": (
        "today",
        "desk",
        "signals",
        "trading",
        "journal",
        "markets",
        "derivatives",
        "backtests",
        "strategies",
    ),
    "journalist": (
        "today",
        "news",
        "regulation",
        "alerts",
        "studio",
        "markets",
        "onchain",
        "derivatives",
        "sources",
    ),
    "beginner": ("today", "portfolio", "markets", "news", "learn", "onchain", "mood", "watchlists", "help"),
}
# Until the entries of a persona are built.
FIRST: Final = ("today", "markets", "derivatives", "backtests", "strategies")
REST: Final = (
    "news",
    "mood",
    "studio",
    "trading",
    "journal",
    "alerts",
    "onchain",
    "sources",
    "jobs",
    "watchlists",
    "settings",
    "account",
    "help",
    "health",
    "admin",
    "styleguide",
)
# What serves a trade stands last for whom nothing on it is meant: the beginner.
TRADING: Final = (
    "derivatives",
    "backtests",
    "strategies",
    "trading",
    "journal",
    "jobs",
    "admin",
    "styleguide",
)
# Pages of the demonstration alone.
DEMO: Final = ("demo_mail",)
VISIBLE: Final = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the menu."""

    name: str
    path: str
    title: str
    is_here: bool
    is_visible: bool


def entries(visit: Visit) -> tuple[Entry, ...]:
    """Return the links for a visitor, in order."""
    built = pages()
    wanted = ORDER[visit.persona] if visit.persona else FIRST
    names = [name for name in wanted if name in built]
    demo = DEMO if visit.house.is_simulated else ()
    rest = (*FIRST, *REST, *demo)
    if visit.persona == "beginner":
        rest = (*(name for name in rest if name not in TRADING), *TRADING)
    names += [name for name in dict.fromkeys(rest) if name in built and name not in names]
    shown = [name for name in names if visit.caller.may(built[name].scope)]
    return tuple(
        Entry(
            name,
            built[name].path,
            built[name].title,
            visit.path == built[name].path
            or (built[name].path != "/" and visit.path.startswith(built[name].path + "/")),
            place < VISIBLE,
        )
        for place, name in enumerate(shown)
    )
