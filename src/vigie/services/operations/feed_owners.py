"""Sources of news of one's own that publish the same: one owner is assumed, and one may say otherwise."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, Field

from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.ports.audit import AuditLog
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.connectors import ConnectorDirectory
from vigie.services.news.publishers import separated_pairs, set_separated, shared_pairs
from vigie.services.operation import NoInput, OperationInput, OperationResult, operation

_ID: Final = r"^[a-z][a-z0-9_]{0,39}$"


class FeedPair(BaseModel):
    """Two sources that publish the same; `is_apart`: somebody said that two owners are behind them."""

    feed: str
    title: str
    other: str
    other_title: str
    is_apart: bool


class FeedPairsResult(OperationResult):
    """Which sources of one's own publish the same, two by two."""

    pairs: list[FeedPair]


class FeedPairInput(OperationInput):
    """Two sources, and whether two owners are behind them."""

    feed: str = Field(..., pattern=_ID, description="Id of one.", examples=["office_news"])
    other: str = Field(..., pattern=_ID, description="Id of the other.", examples=["office_mirror"])
    is_apart: bool = True


@operation("own_feeds.pairs", example={})
def list_pairs(
    caller: Caller, params: NoInput, bookmarks: SourceBookmarks, directory: ConnectorDirectory
) -> FeedPairsResult:
    """List sources of one's own with the same items: one owner counts for both, until somebody says otherwise."""
    titles = {note.id: note.title for note in directory.news() if note.is_own}
    apart_pairs = set(separated_pairs(bookmarks))
    rows = [
        FeedPair(
            feed=feed,
            title=titles[feed],
            other=second_feed,
            other_title=titles[second_feed],
            is_apart=(feed, second_feed) in apart_pairs,
        )
        for feed, second_feed in shared_pairs(bookmarks)
        if feed in titles and second_feed in titles
    ]
    return FeedPairsResult(pairs=rows)


@operation("own_feeds.tell_apart", scope="admin", example={"feed": "office_news", "other": "office_mirror"})
def set_owners_apart(
    caller: Caller,
    params: FeedPairInput,
    bookmarks: SourceBookmarks,
    audit: AuditLog,
    directory: ConnectorDirectory,
) -> FeedPairsResult:
    """Say that two sources with the same items have two owners, which then count as two; or take that back."""
    pair = (min(params.feed, params.other), max(params.feed, params.other))
    if pair not in shared_pairs(bookmarks):
        raise NotFound(
            "do_not_count_one_owner",
            "{feed!r} and {other!r} do not count as one owner",
            feed=params.feed,
            other=params.other,
        )
    set_separated(bookmarks, pair, is_apart=params.is_apart)
    text = {"other": pair[1], "is_apart": params.is_apart}
    audit.append("feeds.told_apart", actor=caller.user, subject=pair[0], text=text)
    return list_pairs(caller, NoInput(), bookmarks, directory)
