"""Sources of news of one's own: add, pause, remove, lists of feeds of other readers."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.errors import Conflict, NotFound, UsageError
from vigie.domain.person import Caller
from vigie.ports.own_feeds import OwnFeed, masked_address, secret_name
from vigie.services.house import House
from vigie.services.news.opml import LONGEST, listed, written
from vigie.services.operation import Answer, Ask, Nothing, operation

Kind = Literal["feed", "page", "text", "json", "register", "youtube", "reddit", "mastodon", "bluesky"]
Publisher = Literal["regulator", "primary", "media", "aggregator", "social"]
# A place on a page or in an answer, and what stands there.
_Name = Annotated[str, Field(max_length=40)]
_Place = Annotated[str, Field(max_length=300)]
_ID: Final = r"^[a-z][a-z0-9_]{0,39}$"
FOLDER: Final = "feeds"
_UNUSABLE: Final = "its file cannot be used; who administers this house sees why"


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
    fault: str
    revision: str


class OwnFeedList(Answer):
    """What lies in the folder of own sources of news, below the home folder."""

    folder: str
    feeds: list[OwnFeedRow]


class OneFeed(Answer):
    """A source of one's own, as it is kept now."""

    feed: OwnFeedRow


class OwnFeedAsk(Ask):
    """A source to add, or one to change where `feed` names it."""

    url: str = Field(..., min_length=8, max_length=2_000, description="Where it is read.")
    title: str = Field("", max_length=80, description="Empty: its host.")
    kind: Kind = Field("feed", description="How it is read.")
    publisher: Publisher = Field("media", description="What its publisher is.")
    language: Literal["", "en", "fr"] = Field("", description="Of what it publishes, where it does not say.")
    every_s: float = Field(300.0, ge=30.0, le=86_400.0, description="How often it is asked.")
    reads: dict[_Name, _Place] = Field(
        default_factory=dict,
        max_length=20,
        description="Where things stand: `rows`, `link`, `title`, `date` on a page; `items`, `title`, `url` in JSON.",
    )
    feed: str = Field("", pattern=r"^([a-z][a-z0-9_]{0,39})?$", description="Id of the one to change.")
    revision: str = Field(
        "", max_length=40, description="The one that is changed; refused where there is another now."
    )


class TrialAsk(Ask):
    """An address to ask once."""

    url: str = Field(..., min_length=8, max_length=2_000, description="Where it would be read.")
    kind: Kind = Field("feed", description="How it would be read.")


class NamedFeed(BaseModel):
    """A feed that a page names."""

    title: str
    url: str


class FeedTried(Answer):
    """What an address answered: a feed with so many items, a page for readers with the feeds that it names, or nothing.

    `said` is why it cannot be read; `untried` is what only who writes its rules can judge, and what a simulated home
    does not ask.
    """

    state: Literal["feed", "page", "silent", "untried"]
    said: str
    items: int
    links: list[NamedFeed]


class MailboxAsk(Ask):
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
    title: str = Field("", max_length=80, description="Empty: its host.")
    publisher: Publisher = Field("media", description="Who writes the letters.")
    language: Literal["", "en", "fr"] = Field("", description="Of the letters.")
    every_s: float = Field(300.0, ge=30.0, le=86_400.0, description="How often it is asked.")
    feed: str = Field("", pattern=r"^([a-z][a-z0-9_]{0,39})?$", description="Id of the one to change.")
    revision: str = Field(
        "", max_length=40, description="The one that is changed; refused where there is another now."
    )


class OneFeedAsk(Ask):
    """One source of one's own."""

    feed: str = Field(..., pattern=_ID, description="Its id.", examples=["office_news"])


class SwitchAsk(OneFeedAsk):
    """Whether it is asked."""

    is_on: bool


class OpmlAsk(Ask):
    """A list of feeds of another reader."""

    text: str = Field(..., min_length=1, max_length=LONGEST, description="OPML.")


class OpmlTaken(Answer):
    """Ids of what was added; what was not, with the reason."""

    added: list[str]
    refused: list[tuple[str, str]]


class OpmlText(Answer):
    """A list of feeds that other readers take."""

    text: str


@operation("own_feeds.list", example={})
def list_feeds(house: House, caller: Caller, ask: Nothing) -> OwnFeedList:
    """List sources of news of one's own, also those whose file cannot be used, with the reason."""
    return OwnFeedList(folder=FOLDER, feeds=[_row(one) for one in _seen(house, caller)])


@operation(
    "own_feeds.put",
    scope="admin",
    example={"url": "https://example.org/feed.xml", "title": "Example"},
)
def put(house: House, caller: Caller, ask: OwnFeedAsk) -> OneFeed:
    """Add a source of news, or change one; addresses inside a house or its network are refused."""
    before = _held(house, ask.feed, ask.revision) if ask.feed else None
    made = house.directory.feeds.put(
        OwnFeed(
            ask.feed, ask.title, ask.url, ask.kind, ask.publisher, ask.language, ask.every_s,
            {name: value for name, value in ask.reads.items() if value},
            is_on=before.is_on if before is not None else True,
        )
    )  # fmt: skip
    kind = "feed.changed" if before is not None else "feed.added"
    house.audit.append(kind, actor=caller.user, subject=made.id, text={"url": masked_address(made.url)})
    return OneFeed(feed=_row(made))


@operation("own_feeds.try", scope="admin", example={"url": "https://news.example/feed.xml"})
def try_once(house: House, caller: Caller, ask: TrialAsk) -> FeedTried:
    """Ask an address once and say whether it is a feed; inner addresses are refused, and nothing is kept."""
    found = house.directory.trial(OwnFeed("", "", ask.url, ask.kind))
    links = [NamedFeed(title=one.title, url=one.url) for one in found.links]
    return FeedTried(state=found.state, said=found.said, items=found.items, links=links)


@operation(
    "own_feeds.put_mailbox", scope="admin", example={"host": "imap.example.org", "user": "desk@example.org"}
)
def put_mailbox(house: House, caller: Caller, ask: MailboxAsk) -> OneFeed:
    """Add a mailbox of newsletters, or change one; its password is set as a variable, never here."""
    before = _held(house, ask.feed, ask.revision) if ask.feed else None
    if before is not None and before.kind != "mailbox":
        raise UsageError(f"{ask.feed} is no mailbox")
    reads = {
        "host": ask.host.strip(),
        "user": ask.user.strip(),
        "port": str(ask.port),
        "folder": ask.folder.strip(),
    }
    made = house.directory.feeds.put(
        OwnFeed(
            ask.feed, ask.title, "", "mailbox", ask.publisher, ask.language, ask.every_s,
            reads | ({"secret": ask.secret} if ask.secret else {}),
            is_on=before.is_on if before is not None else True,
        )
    )  # fmt: skip
    kind = "feed.changed" if before is not None else "feed.added"
    house.audit.append(kind, actor=caller.user, subject=made.id, text={"host": made.reads["host"]})
    return OneFeed(feed=_row(made))


@operation("own_feeds.switch", scope="admin", example={"feed": "office_news", "is_on": False})
def switch(house: House, caller: Caller, ask: SwitchAsk) -> OneFeed:
    """Stop asking a source of one's own, or ask it again; what it published stays."""
    made = house.directory.feeds.put(replace(_held(house, ask.feed), is_on=ask.is_on))
    house.audit.append("feed.changed", actor=caller.user, subject=made.id, text={"is_on": made.is_on})
    return OneFeed(feed=_row(made))


@operation("own_feeds.remove", scope="admin", example={"feed": "office_news"})
def remove(house: House, caller: Caller, ask: OneFeedAsk) -> OneFeed:
    """Remove a source of one's own; what it published stays, and `own_feeds.restore` brings back the last of these."""
    held = _held(house, ask.feed)
    house.directory.feeds.remove(ask.feed)
    house.quotes.forget(f"{ask.feed}/feed")
    house.audit.append(
        "feed.removed", actor=caller.user, subject=ask.feed, text={"url": masked_address(held.url)}
    )
    return OneFeed(feed=_row(held))


@operation("own_feeds.restore", scope="admin", example={"feed": "office_news"})
def restore(house: House, caller: Caller, ask: OneFeedAsk) -> OneFeed:
    """Bring back the source of one's own that was removed last, as it was."""
    made = house.directory.feeds.restore(ask.feed)
    house.audit.append(
        "feed.restored", actor=caller.user, subject=made.id, text={"url": masked_address(made.url)}
    )
    return OneFeed(feed=_row(made))


@operation("own_feeds.take", scope="admin", example={"text": "<opml version='2.0'><body/></opml>"})
def take(house: House, caller: Caller, ask: OpmlAsk) -> OpmlTaken:
    """Add the feeds of a list that another reader wrote (OPML); what cannot be asked is told with its reason."""
    added, refused = [], []
    for one in listed(ask.text):
        kind = "youtube" if "youtube.com/" in one.url else "reddit" if "reddit.com/r/" in one.url else "feed"
        language = one.language if one.language in ("en", "fr") else ""
        try:
            made = house.directory.feeds.put(OwnFeed("", one.title, one.url, kind, language=language))
        except UsageError as fault:
            refused.append((one.url[:200], str(fault)))
            continue
        added.append(made.id)
        house.audit.append(
            "feed.added", actor=caller.user, subject=made.id, text={"url": masked_address(made.url)}
        )
    return OpmlTaken(added=added, refused=refused)


@operation("own_feeds.opml", example={})
def opml(house: House, caller: Caller, ask: Nothing) -> OpmlText:
    """Write the feeds of one's own as a list that other readers take (OPML)."""
    return OpmlText(text=written([one for one in _seen(house, caller) if not one.fault], "Vigie"))


def _seen(house: House, caller: Caller) -> list[OwnFeed]:
    """Return own sources as a caller may see them: whole for who may change them."""
    found = list(house.directory.feeds.list())
    return found if caller.may("admin") else [_masked(one) for one in found]


def _masked(one: OwnFeed) -> OwnFeed:
    # Whose mailbox it is concerns nobody else; tokens stand in addresses, and in what a broken file says.
    reads = {} if one.kind == "mailbox" else dict(one.reads)
    if "url_form" in reads:
        reads["url_form"] = masked_address(reads["url_form"])
    return replace(
        one, url=one.url and masked_address(one.url), reads=reads, fault=_UNUSABLE if one.fault else ""
    )


def _held(house: House, feed: str, revision: str = "") -> OwnFeed:
    for one in house.directory.feeds.list():
        if one.id == feed:
            if revision and revision != _revision(one):
                raise Conflict("this source changed meanwhile; look at it again, then repeat the change")
            return one
    raise NotFound(f"there is no source {feed!r} of your own")


def _revision(one: OwnFeed) -> str:
    told = (
        one.title,
        one.url,
        one.kind,
        one.publisher,
        one.language,
        one.every_s,
        sorted(one.reads.items()),
        one.is_on,
    )
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _row(one: OwnFeed) -> OwnFeedRow:
    secret = secret_name(one.id, one.reads) if one.kind == "mailbox" else ""
    return OwnFeedRow(
        id=one.id, title=one.title, url=one.url, kind=one.kind, publisher=one.publisher, language=one.language,
        every_s=one.every_s, reads=dict(one.reads), secret=secret, is_on=one.is_on, fault=one.fault,
        revision=_revision(one),
    )  # fmt: skip
