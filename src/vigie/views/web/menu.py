"""The menu: five entries for each kind of visitor, the others under More; pages that are not built are not named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vigie.domain.person import Persona
from vigie.views.web.page import pages
from vigie.views.web.request_context import RequestContext

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
    "plugins",
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
class MenuEntry:
    """One link of the menu."""

    name: str
    path: str
    title: str
    is_here: bool
    is_visible: bool


def menu_entries(context: RequestContext) -> tuple[MenuEntry, ...]:
    """Return the links for a visitor, in order."""
    all_pages = pages()
    preferred = ORDER[context.persona] if context.persona else FIRST
    names = [name for name in preferred if name in all_pages]
    demo = DEMO if context.app_context.is_simulated else ()
    rest = (*FIRST, *REST, *demo)
    if context.persona == "beginner":
        rest = (*(name for name in rest if name not in TRADING), *TRADING)
    names += [name for name in dict.fromkeys(rest) if name in all_pages and name not in names]
    allowed = [name for name in names if context.caller.may(all_pages[name].scope)]
    return tuple(
        MenuEntry(
            name,
            all_pages[name].path,
            all_pages[name].title,
            context.path == all_pages[name].path
            or (all_pages[name].path != "/" and context.path.startswith(all_pages[name].path + "/")),
            place < VISIBLE,
        )
        for place, name in enumerate(allowed)
    )
