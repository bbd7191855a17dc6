"""Sources of news of one's own: add, pause, remove, lists of feeds of other readers."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.errors import Conflict, NotFound, UsageError
from vigie.domain.item import NEWS_LANGUAGES, NewsLanguage
from vigie.domain.person import Caller
from vigie.domain.refusal import Refusal
from vigie.ports.audit import AuditLog
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.own_feeds import OwnFeed, masked_address, secret_name
from vigie.ports.quotes import QuoteStore
from vigie.services.news.opml import LONGEST, parse_opml, render_opml
from vigie.services.operation import NoInput, OperationInput, OperationResult, operation
from vigie.services.refusal_text import RefusalText
from vigie.services.written_text import LINE

Kind = Literal["feed", "page", "text", "json", "register", "youtube", "reddit", "mastodon", "bluesky"]
Publisher = Literal["regulator", "primary", "media", "aggregator", "social"]
# A place on a page or in an answer, and what stands there.
_Name = Annotated[str, Field(max_length=40)]
_Place = Annotated[str, Field(max_length=300)]
_ID: Final = r"^[a-z][a-z0-9_]{0,39}$"
FOLDER: Final = "feeds"
_UNUSABLE: Final = Refusal("file_cannot_used", "its file cannot be used; your administrator can see why")


class OwnFeedRow(BaseModel):
    """One source of one's own; `fault` says why its file cannot be used, empty where it can.

    `secret` is the name of the variable that holds the password of a mailbox; `revision` tells one state of it from
    another.
    """

    id: str
    title: str
    url: str
    kind: str
    publisher: str
    language: str
    every_s: float
    reads: dict[str, str]
    secret: str
    is_on: bool
    fault: RefusalText
    revision: str


class OwnFeedsResult(OperationResult):
    """What lies in the folder of own sources of news, below the home folder."""

    folder: str
    feeds: list[OwnFeedRow]


class OwnFeedResult(OperationResult):
    """A source of one's own, as it is kept now."""

    feed: OwnFeedRow


class PutFeedInput(OperationInput):
    """A source to add, or one to change where `feed` names it."""

    url: str = Field(..., min_length=8, max_length=2_000, description="Where it is read.")
    title: str = Field("", max_length=80, pattern=LINE, description="If empty, the site name is used.")
    kind: Kind = Field("feed", description="How it is read.")
    publisher: Publisher = Field("media", description="What its publisher is.")
    language: Literal["", NewsLanguage] = Field(
        "", description="Of what it publishes, where it does not say."
    )
    every_s: float = Field(300.0, ge=30.0, le=86_400.0, description="How often it is asked.")
    reads: dict[_Name, _Place] = Field(
        default_factory=dict,
        max_length=20,
        description="Where things stand: `rows`, `link`, `title`, `date` on a page; `items`, `title`, `url` in JSON.",
    )
    feed: str = Field("", pattern=r"^([a-z][a-z0-9_]{0,39})?$", description="Id of the one to change.")
    revision: str = Field(
        "", max_length=40, description="The revision that you change; refused if there is another one now."
    )


class TryFeedInput(OperationInput):
    """An address to ask once."""

    url: str = Field(..., min_length=8, max_length=2_000, description="Where it would be read.")
    kind: Kind = Field("feed", description="How it would be read.")


class LinkedFeed(BaseModel):
    """A feed that a page names."""

    title: str
    url: str


class FeedTrialResult(OperationResult):
    """What an address answered: a feed with so many items, a page for readers with the feeds that it names, or nothing.

    `said` is why it cannot be read; `untried` is what only who writes its rules can judge, and what a simulated home
    does not ask.
    """

    state: Literal["feed", "page", "silent", "untried"]
    said: RefusalText
    items: int
    links: list[LinkedFeed]


class PutMailboxInput(OperationInput):
    """A mailbox of newsletters to add, or one to change where `feed` names it; its password is never given here."""

    host: str = Field(..., min_length=1, max_length=253, description="Its IMAP server, by a public name.")
    user: str = Field(..., min_length=1, max_length=200, description="Who reads there.")
    port: int = Field(993, ge=1, le=65_535, description="Of IMAP over TLS.")
    folder: str = Field("INBOX", min_length=1, max_length=200, description="Where the letters lie.")
    secret: str = Field(
        "",
        pattern=r"^(VIGIE_MAIL_[A-Z0-9_]{1,60}_KEY)?$",
        description="Name of the variable that holds the password; empty: one by the source's id.",
    )
    title: str = Field("", max_length=80, pattern=LINE, description="If empty, the site name is used.")
    publisher: Publisher = Field("media", description="Who writes the letters.")
    language: Literal["", NewsLanguage] = Field("", description="Of the letters.")
    every_s: float = Field(300.0, ge=30.0, le=86_400.0, description="How often it is asked.")
    feed: str = Field("", pattern=r"^([a-z][a-z0-9_]{0,39})?$", description="Id of the one to change.")
    revision: str = Field(
        "", max_length=40, description="The revision that you change; refused if there is another one now."
    )


class FeedIdInput(OperationInput):
    """One source of one's own."""

    feed: str = Field(..., pattern=_ID, description="Its id.", examples=["office_news"])


class SwitchFeedInput(FeedIdInput):
    """Whether it is asked."""

    is_on: bool


class ImportOpmlInput(OperationInput):
    """A list of feeds of another reader."""

    text: str = Field(..., min_length=1, max_length=LONGEST, description="OPML.")


class OpmlImportResult(OperationResult):
    """Ids of what was added; what was not, with the reason."""

    added: list[str]
    refused: list[tuple[str, RefusalText]]


class OpmlExportResult(OperationResult):
    """A list of feeds that other readers take."""

    text: str


@operation("own_feeds.list", example={})
def list_feeds(caller: Caller, params: NoInput, directory: ConnectorDirectory) -> OwnFeedsResult:
    """List sources of news of one's own, also those whose file cannot be used, with the reason."""
    return OwnFeedsResult(
        folder=FOLDER, feeds=[_feed_row(feed) for feed in _visible_feeds(directory, caller)]
    )


@operation(
    "own_feeds.put",
    scope="admin",
    example={"url": "https://example.org/feed.xml", "title": "Example"},
)
def put_feed(
    caller: Caller, params: PutFeedInput, audit: AuditLog, directory: ConnectorDirectory
) -> OwnFeedResult:
    """Add a source of news, or change one; addresses inside a house or its network are refused."""
    existing = _find_feed(directory, params.feed, params.revision) if params.feed else None
    feed = directory.feeds.put(
        OwnFeed(
            params.feed, params.title, params.url, params.kind, params.publisher, params.language, params.every_s,
            {name: value for name, value in params.reads.items() if value},
            is_on=existing.is_on if existing is not None else True,
        )
    )  # fmt: skip
    kind = "feed.changed" if existing is not None else "feed.added"
    audit.append(kind, actor=caller.user, subject=feed.id, text={"url": masked_address(feed.url)})
    return OwnFeedResult(feed=_feed_row(feed))


@operation("own_feeds.try", scope="admin", example={"url": "https://news.example/feed.xml"})
def try_feed(caller: Caller, params: TryFeedInput, directory: ConnectorDirectory) -> FeedTrialResult:
    """Ask an address once and say whether it is a feed; inner addresses are refused, and nothing is kept."""
    trial = directory.trial(OwnFeed("", "", params.url, params.kind))
    links = [LinkedFeed(title=link.title, url=link.url) for link in trial.links]
    return FeedTrialResult(state=trial.state, said=trial.said, items=trial.items, links=links)


@operation(
    "own_feeds.put_mailbox", scope="admin", example={"host": "imap.example.org", "user": "desk@example.org"}
)
def put_mailbox(
    caller: Caller, params: PutMailboxInput, audit: AuditLog, directory: ConnectorDirectory
) -> OwnFeedResult:
    """Add a mailbox of newsletters, or change one; its password is set as a variable, never here."""
    existing = _find_feed(directory, params.feed, params.revision) if params.feed else None
    if existing is not None and existing.kind != "mailbox":
        raise UsageError("not_mailbox", "{feed} is not a mailbox", feed=params.feed)
    reads = {
        "host": params.host.strip(),
        "user": params.user.strip(),
        "port": str(params.port),
        "folder": params.folder.strip(),
    }
    feed = directory.feeds.put(
        OwnFeed(
            params.feed, params.title, "", "mailbox", params.publisher, params.language, params.every_s,
            reads | ({"secret": params.secret} if params.secret else {}),
            is_on=existing.is_on if existing is not None else True,
        )
    )  # fmt: skip
    kind = "feed.changed" if existing is not None else "feed.added"
    audit.append(kind, actor=caller.user, subject=feed.id, text={"host": feed.reads["host"]})
    return OwnFeedResult(feed=_feed_row(feed))


@operation("own_feeds.switch", scope="admin", example={"feed": "office_news", "is_on": False})
def switch_feed(
    caller: Caller, params: SwitchFeedInput, audit: AuditLog, directory: ConnectorDirectory
) -> OwnFeedResult:
    """Stop asking a source of one's own, or ask it again; what it published stays."""
    feed = directory.feeds.put(replace(_find_feed(directory, params.feed), is_on=params.is_on))
    audit.append("feed.changed", actor=caller.user, subject=feed.id, text={"is_on": feed.is_on})
    return OwnFeedResult(feed=_feed_row(feed))


@operation("own_feeds.remove", scope="admin", example={"feed": "office_news"})
def remove_feed(
    caller: Caller, params: FeedIdInput, quotes: QuoteStore, audit: AuditLog, directory: ConnectorDirectory
) -> OwnFeedResult:
    """Remove a source of one's own; what it published stays, `own_feeds.restore_feed` brings back the last of these."""
    removed = _find_feed(directory, params.feed)
    directory.feeds.remove(params.feed)
    quotes.forget(f"{params.feed}/feed")
    audit.append(
        "feed.removed", actor=caller.user, subject=params.feed, text={"url": masked_address(removed.url)}
    )
    return OwnFeedResult(feed=_feed_row(removed))


@operation("own_feeds.restore", scope="admin", example={"feed": "office_news"})
def restore_feed(
    caller: Caller, params: FeedIdInput, audit: AuditLog, directory: ConnectorDirectory
) -> OwnFeedResult:
    """Bring back the source of one's own that was removed last, as it was."""
    feed = directory.feeds.restore(params.feed)
    audit.append("feed.restored", actor=caller.user, subject=feed.id, text={"url": masked_address(feed.url)})
    return OwnFeedResult(feed=_feed_row(feed))


@operation("own_feeds.take", scope="admin", example={"text": "<opml version='2.0'><body/></opml>"})
def import_opml(
    caller: Caller, params: ImportOpmlInput, audit: AuditLog, directory: ConnectorDirectory
) -> OpmlImportResult:
    """Add the feeds of a list that another reader wrote (OPML); what cannot be asked is told with its reason."""
    added, refused = [], []
    for entry in parse_opml(params.text):
        kind = (
            "youtube" if "youtube.com/" in entry.url else "reddit" if "reddit.com/r/" in entry.url else "feed"
        )
        language = entry.language if entry.language in NEWS_LANGUAGES else ""
        try:
            feed = directory.feeds.put(OwnFeed("", entry.title, entry.url, kind, language=language))
        except UsageError as fault:
            refused.append((entry.url[:200], str(fault)))
            continue
        added.append(feed.id)
        audit.append("feed.added", actor=caller.user, subject=feed.id, text={"url": masked_address(feed.url)})
    return OpmlImportResult(added=added, refused=refused)


@operation("own_feeds.opml", example={})
def export_opml(caller: Caller, params: NoInput, directory: ConnectorDirectory) -> OpmlExportResult:
    """Write the feeds of one's own as a list that other readers take (OPML)."""
    return OpmlExportResult(
        text=render_opml([feed for feed in _visible_feeds(directory, caller) if not feed.fault], "Vigie")
    )


def _visible_feeds(directory: ConnectorDirectory, caller: Caller) -> list[OwnFeed]:
    """Return own sources as a caller may see them: whole for who may change them."""
    feeds = list(directory.feeds.list())
    return feeds if caller.may("admin") else [_mask_feed(feed) for feed in feeds]


def _mask_feed(feed: OwnFeed) -> OwnFeed:
    # Whose mailbox it is concerns nobody else; tokens stand in addresses, and in what a broken file says.
    reads = {} if feed.kind == "mailbox" else dict(feed.reads)
    if "url_form" in reads:
        reads["url_form"] = masked_address(reads["url_form"])
    return replace(
        feed, url=feed.url and masked_address(feed.url), reads=reads, fault=_UNUSABLE if feed.fault else ""
    )


def _find_feed(directory: ConnectorDirectory, feed_id: str, revision: str = "") -> OwnFeed:
    for stored in directory.feeds.list():
        if stored.id == feed_id:
            if revision and revision != _feed_revision(stored):
                raise Conflict(
                    "source_changed_since", "this source has changed since; check it, then repeat the change"
                )
            return stored
    raise NotFound("no_own_source_of_yours", "you have no own source {feed!r}", feed=feed_id)


def _feed_revision(feed: OwnFeed) -> str:
    fields = (
        feed.title,
        feed.url,
        feed.kind,
        feed.publisher,
        feed.language,
        feed.every_s,
        sorted(feed.reads.items()),
        feed.is_on,
    )
    return hashlib.sha256(repr(fields).encode()).hexdigest()[:16]


def _feed_row(feed: OwnFeed) -> OwnFeedRow:
    secret = secret_name(feed.id, feed.reads) if feed.kind == "mailbox" else ""
    return OwnFeedRow(
        id=feed.id, title=feed.title, url=feed.url, kind=feed.kind, publisher=feed.publisher, language=feed.language,
        every_s=feed.every_s, reads=dict(feed.reads), secret=secret, is_on=feed.is_on, fault=feed.fault,
        revision=_feed_revision(feed),
    )  # fmt: skip
