"""The menu: a few groups of pages, in the order of the visitor's day; what is not built or not allowed is not named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vigie.domain.person import Persona
from vigie.views.web.page import Page, pages
from vigie.views.web.request_context import RequestContext

# Title, sign and folders of each group, in the order of its pages; folders that are not named follow.
GROUPS: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "today": ("Today", "home", ()),
    "desk": ("Desk", "candles", ()),
    "markets": ("Markets", "trend", ("markets", "watchlists", "derivatives", "onchain")),
    "news": ("News", "paper", ("news", "mood", "studio")),
    "research": ("Research", "flask", ("backtests", "strategies")),
    "trading": ("Trading", "scales", ("trading", "paper", "journal")),
}
ORDER: Final[dict[Persona | None, tuple[str, ...]]] = {
    None: tuple(GROUPS),
    "trader": ("today", "desk", "markets", "trading", "news", "research"),
    "journalist": ("today", "news", "markets", "research", "desk", "trading"),
    "beginner": ("today", "markets", "news", "research", "trading", "desk"),
}
ALERTS: Final = "alerts"
# Folders of the account's menu, first those that somebody uses, then those that somebody runs the home with.
SYSTEM: Final = (
    "settings", "account", "help", "sources", "own_feeds", "jobs", "health", "plugins", "admin", "demo", "styleguide",
)  # fmt: skip
# Groups that fit the bar at the foot of a phone, beside the way to all pages.
IN_BAR: Final = 4


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One link of the menu.

    Attributes
    ----------
    is_inner : bool
        Whether the page belongs to another one of its folder, which stands above it.
    """

    name: str
    path: str
    title: str
    is_here: bool
    is_inner: bool


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """Pages of one kind; its link leads to the first."""

    name: str
    title: str
    icon: str
    entries: tuple[MenuEntry, ...]
    is_here: bool
    is_in_bar: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """Every page that the visitor may open without knowing an id.

    Attributes
    ----------
    groups : tuple of MenuGroup
        In the order of the visitor's day.
    alerts, system : tuple of MenuEntry
        Behind the bell, and behind the account.
    """

    groups: tuple[MenuGroup, ...]
    alerts: tuple[MenuEntry, ...]
    system: tuple[MenuEntry, ...]


def read_menu(context: RequestContext) -> Menu:
    """Return the menu of a visitor."""
    return Menu(
        tuple(
            _group(context, name, place)
            for place, name in enumerate(name for name in ORDER[context.persona] if _entries(context, name))
        ),
        _entries(context, ALERTS),
        _entries(context, "system"),
    )


def _group(context: RequestContext, name: str, place: int) -> MenuGroup:
    title, icon, _folders = GROUPS[name]
    here = next((page for page in pages().values() if _is_here(context, page)), None)
    return MenuGroup(
        name,
        title,
        icon,
        _entries(context, name),
        is_here=here is not None and here.group == name,
        is_in_bar=place < IN_BAR,
    )


def _entries(context: RequestContext, group: str) -> tuple[MenuEntry, ...]:
    folders = SYSTEM if group == "system" else GROUPS[group][2] if group in GROUPS else ()
    members = [page for page in pages().values() if page.group == group and is_listed(context, page)]
    # Sorting keeps the order in which a folder has its pages.
    members.sort(key=lambda page: folders.index(page.folder) if page.folder in folders else len(folders))
    return tuple(
        MenuEntry(
            page.name,
            page.path,
            page.title,
            is_here=context.path == page.path,
            is_inner=place > 0 and members[place - 1].folder == page.folder,
        )
        for place, page in enumerate(members)
    )


def is_listed(context: RequestContext, page: Page) -> bool:
    """Tell whether menu and palette name a page to this visitor."""
    return (
        page.is_in_menu
        and "{" not in page.path
        and "." not in page.path
        and context.caller.may(page.scope)
        and (page.folder != "demo" or context.app_context.is_simulated)
    )


def _is_here(context: RequestContext, page: Page) -> bool:
    """Tell whether an address is that of a page, whatever stands in its places."""
    wanted, given = page.path.split("/"), context.path.split("/")
    return len(wanted) == len(given) and all(
        part == other or part.startswith("{") for part, other in zip(wanted, given, strict=True)
    )
