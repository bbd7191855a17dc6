"""The menu: a few groups of pages, in the order of the visitor's day; what is not built or not allowed is not named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vigie.domain.person import VISITOR, Persona
from vigie.services.operations.notifications import NotificationCountResult
from vigie.views.web.page import Page, pages
from vigie.views.web.request_context import RequestContext

# Title, sign and folders of each group, in the order of its pages; folders that are not named follow.
GROUPS: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "today": ("Today", "home", ()),
    "desk": ("Desk", "candles", ("signals",)),
    "markets": ("Markets", "trend", ("markets", "watchlists", "derivatives", "onchain")),
    "news": ("News", "paper", ("news", "mood", "studio")),
    "research": ("Research", "flask", ("backtests", "strategies", "lab")),
    "trading": ("Trading", "scales", ("trading", "paper", "journal")),
    "portfolio": ("Portfolio", "pie", ()),
}
ORDER: Final[dict[Persona | None, tuple[str, ...]]] = {
    None: tuple(GROUPS),
    "trader": ("today", "desk", "markets", "trading", "news", "research", "portfolio"),
    "journalist": ("today", "news", "markets", "research", "desk", "trading", "portfolio"),
    "beginner": ("today", "portfolio", "markets", "news", "research", "trading", "desk"),
}
ALERTS: Final = "alerts"
BEHIND_BELL: Final = ("notifications", "alerts")
# Folders of the account's menu: a user's pages first, then the operator's.
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

    path: str
    title: str
    is_here: bool
    is_inner: bool


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """Pages of one kind; its link leads to the first."""

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
    bell : NotificationCountResult or None
        What is new for the visitor; None for a page of an error.
    """

    groups: tuple[MenuGroup, ...]
    alerts: tuple[MenuEntry, ...]
    system: tuple[MenuEntry, ...]
    bell: NotificationCountResult | None = None


def read_menu(context: RequestContext, page: Page | None) -> Menu:
    """Return the menu of a visitor on a page; None for a page of an error, which belongs to no group."""
    here = page.group if page is not None else ""
    entries = {name: _entries(context, name) for name in ORDER[context.persona]}
    shown = [name for name in entries if entries[name]]
    alerts = _entries(context, ALERTS)
    # A page of an error asks for nothing more, and nothing is new to a visitor.
    is_known = page is not None and context.caller.user != VISITOR.user
    bell = context.call("notifications.count") if alerts and is_known else None
    return Menu(
        tuple(
            MenuGroup(*GROUPS[name][:2], entries[name], is_here=name == here, is_in_bar=place < IN_BAR)
            for place, name in enumerate(shown)
        ),
        alerts,
        _entries(context, "system"),
        bell,
    )


def _entries(context: RequestContext, group: str) -> tuple[MenuEntry, ...]:
    folders = {"system": SYSTEM, ALERTS: BEHIND_BELL}.get(group) or GROUPS[group][2]
    members = [page for page in pages().values() if page.group == group and is_listed(context, page)]
    # Sorting keeps the order in which a folder has its pages.
    members.sort(key=lambda page: folders.index(page.folder) if page.folder in folders else len(folders))
    return tuple(
        MenuEntry(
            page.path,
            page.title,
            is_here=context.path == page.path,
            is_inner=place > 0 and members[place - 1].folder == page.folder,
        )
        for place, page in enumerate(members)
    )


def is_listed(context: RequestContext, page: Page) -> bool:
    """Tell whether menu and palette name a page to this visitor."""
    return page.is_in_menu and opens_by_itself(context, page)


def opens_by_itself(context: RequestContext, page: Page) -> bool:
    """Tell whether this visitor may open a page by its address alone, and it is no file."""
    return (
        "{" not in page.path
        and "." not in page.path
        and context.caller.may(page.scope)
        and (page.folder != "demo" or context.app_context.is_simulated)
    )
