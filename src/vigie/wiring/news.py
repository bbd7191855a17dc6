"""The connectors of news: shipped ones, those a person added, and where each is asked in a simulated home."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from vigie.adapters.connectors import news_feeds, own_entries, unusable
from vigie.adapters.net.fetch import Fetcher
from vigie.adapters.sources.news.feed import NewsFeed
from vigie.adapters.sources.news.listing import FeedEntry
from vigie.adapters.sources.news.mailboxes import OpenMailbox, WorldMailboxOpener, open_public_mailbox
from vigie.adapters.sources.news.newsletters import NewsletterSource
from vigie.adapters.sources.news.reread import RereadResult, RereadStores, reread_source
from vigie.adapters.sources.own import KeyMaskingSource, key_name
from vigie.data.collection.connector import Connector
from vigie.domain.errors import UsageError
from vigie.domain.refusal import Refusal
from vigie.domain.register import RegisterEntry
from vigie.ports.own_feeds import secret_name
from vigie.services.app_context import AppContext

# The simulated world's service that answers for all of its publishers.
NEWSROOM: Final = "newsroom"
SIMULATED_REASON: Final = Refusal(
    "installation_runs_simulated_market",
    "this installation runs a simulated market: it contacts nothing outside",
)
# No name server knows these: in a simulated home they are the newsroom's.
_INVENTED_SUFFIX: Final = ".example"
# What the world's mailbox is opened with; no secret, since the world is on this machine and invented.
_WORLD_PASSWORD: Final = "simulated"  # noqa: S105 - invented, on loopback
_BURST: Final = 3.0


@dataclass(slots=True)
class NewsConnectors:
    """Makes the connectors of news of a home.

    Attributes
    ----------
    fetcher, public : Fetcher
        For shipped sources, and for those that people add: public hosts only.
    folder : Path
        Of own sources of news.
    urls, keys : mapping
        As in `vigie.wiring.collector.build_collector`.
    speedup : float
        How much faster than the wall the market runs.
    report : callable
        Told which own sources cannot be asked.
    """

    app_context: AppContext
    fetcher: Fetcher
    public: Fetcher
    folder: Path
    urls: Mapping[str, str]
    keys: Mapping[str, str]
    speedup: float
    report: Callable[[str], None] = field(default=lambda _: None)
    _last_files: tuple[tuple[str, int], ...] = field(default=())

    def shipped_connectors(self) -> list[Connector]:
        """Return those of the lists; a simulated home has the newsroom's in place of all others."""
        return [
            self._connector(entry, is_own=False)
            for entry in news_feeds(is_simulated=self.app_context.is_simulated)
        ]

    def own_connectors(self) -> list[Connector]:
        """Return those that a person added."""
        self._last_files = self._list_files()
        # The reason may hold the address, and that a token: it is shown to the owner alone, never in a log.
        for name in unusable(self.folder):
            self.report(f"feeds/{name}.toml cannot be asked; `vigie source list` says why")
        return [self._connector(entry, is_own=True) for entry in own_entries(self.folder)]

    def changed_connectors(self) -> list[Connector] | None:
        """Return the own ones where the folder became another since the last look; None where it did not."""
        return None if self._list_files() == self._last_files else self.own_connectors()

    def _list_files(self) -> tuple[tuple[str, int], ...]:
        if not self.folder.is_dir():
            return ()
        return tuple((path.name, path.stat().st_mtime_ns) for path in sorted(self.folder.glob("*.toml")))

    def _connector(self, entry: FeedEntry, *, is_own: bool) -> Connector:
        if entry.kind == "mailbox":
            return self._mailbox_connector(entry)
        key = self.keys.get(entry.id, "")
        address = self._request_address(entry.url)
        fetcher = self.public if is_own and address == entry.url else self.fetcher
        rate = entry.requests_per_minute * self.speedup
        fetcher.set_budget(address, per_minute=rate, burst=_BURST * self.speedup)
        source = NewsFeed(entry, fetcher, address, self._request_address, self._register_entries, key)
        return Connector(
            f"{entry.id}/feed",
            speed_up_interval(entry.every_s, self.speedup),
            source=source,
            budget_left=source.budget_left,
            off=self._off_reason(entry, address, key),
            brings_news=True,
        )

    def _mailbox_connector(self, entry: FeedEntry) -> Connector:
        name = secret_name(entry.id, entry.reads)
        key = self.keys.get(name.removeprefix("VIGIE_").removesuffix("_KEY").lower(), "")
        off_reason = (
            ""
            if key
            else Refusal(
                "key_required",
                "a key is required: write {name}=... into .env in the home folder and restart",
                name=name,
            )
        )
        reach: OpenMailbox = open_public_mailbox
        if self.app_context.is_simulated:
            # Invented hosts are the world's, which knows one reader; no other is ever asked from here.
            newsroom_url, key = self.urls.get(NEWSROOM, ""), _WORLD_PASSWORD
            is_invented = entry.reads["host"].endswith(_INVENTED_SUFFIX)
            off_reason = "" if newsroom_url and is_invented else SIMULATED_REASON
            reach = WorldMailboxOpener(newsroom_url.removesuffix(f"/{NEWSROOM}"))
        letters = NewsletterSource(entry, self.app_context.clock, key, self.app_context.documents, reach)
        return Connector(
            f"{entry.id}/feed",
            speed_up_interval(entry.every_s, self.speedup),
            source=letters if self.app_context.is_simulated else KeyMaskingSource(letters, key),
            off=off_reason,
            brings_news=True,
        )

    def _request_address(self, url: str) -> str:
        """Return where an address is asked: a simulated home has a newsroom, which keeps every host in a folder."""
        newsroom_url = self.urls.get(NEWSROOM, "")
        is_invented = (urlsplit(url).hostname or "").endswith(_INVENTED_SUFFIX)
        return f"{newsroom_url}/{url.partition('://')[2]}" if newsroom_url and is_invented else url

    def _off_reason(self, entry: FeedEntry, address: str, key: str) -> str:
        if self.app_context.is_simulated and address == entry.url:
            return SIMULATED_REASON
        if entry.off:
            return entry.off
        if entry.key_header and not key:
            return Refusal(
                "key_required",
                "a key is required: write {name}=... into .env in the home folder and restart",
                name=key_name(entry.id),
            )
        return ""

    def _register_entries(self, register: str) -> Sequence[RegisterEntry]:
        return self.app_context.registers.entries(register)


def reparse_source(app_context: AppContext, folder: Path, source: str) -> RereadResult:
    """Read the kept answers of a source as this program reads them now; return what came of it.

    Raises
    ------
    UsageError
        If there is no such source of news.
    """
    entries = (*news_feeds(is_simulated=app_context.is_simulated), *own_entries(folder))
    entry = next((candidate for candidate in entries if candidate.id == source), None)
    if entry is None:
        raise UsageError(
            "no_news_source", "there is no news source {source!r}; see the Sources page", source=source
        )
    reread_stores = RereadStores(
        app_context.documents,
        app_context.items,
        app_context.registers,
        app_context.bookmarks,
        app_context.clock,
    )
    return reread_source(entry, reread_stores)


def speed_up_interval(every_s: float, speedup: float) -> float:
    """Return how often something is asked on the wall while the market runs faster."""
    return every_s if speedup == 1.0 else min(every_s, max(every_s / speedup, 5.0))
