"""Sources of news of one's own that publish the same: one owner is assumed, and one may say otherwise."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, Field

from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.services.house import House
from vigie.services.news.one_owner import pairs, tell_apart, told_apart
from vigie.services.operation import Answer, Ask, Nothing, operation

_ID: Final = r"^[a-z][a-z0-9_]{0,39}$"


class FeedPair(BaseModel):
    """Two sources that publish the same; `is_apart`: somebody said that two owners are behind them."""

    feed: str
    title: str
    other: str
    other_title: str
    is_apart: bool


class FeedPairs(Answer):
    """Which sources of one's own publish the same, two by two."""

    pairs: list[FeedPair]


class ApartAsk(Ask):
    """Two sources, and whether two owners are behind them."""

    feed: str = Field(..., pattern=_ID, description="Id of one.", examples=["office_news"])
    other: str = Field(..., pattern=_ID, description="Id of the other.", examples=["office_mirror"])
    is_apart: bool = True


@operation("own_feeds.pairs", example={})
def list_pairs(house: House, caller: Caller, ask: Nothing) -> FeedPairs:
    """List sources of one's own with the same items: one owner counts for both, until somebody says otherwise."""
    titles = {note.id: note.title for note in house.directory.news() if note.is_own}
    apart = set(told_apart(house))
    found = [
        FeedPair(
            feed=one,
            title=titles[one],
            other=other,
            other_title=titles[other],
            is_apart=(one, other) in apart,
        )
        for one, other in pairs(house)
        if one in titles and other in titles
    ]
    return FeedPairs(pairs=found)


@operation("own_feeds.tell_apart", scope="admin", example={"feed": "office_news", "other": "office_mirror"})
def say_apart(house: House, caller: Caller, ask: ApartAsk) -> FeedPairs:
    """Say that two sources with the same items have two owners, which then count as two; or take that back."""
    pair = (min(ask.feed, ask.other), max(ask.feed, ask.other))
    if pair not in pairs(house):
        raise NotFound(f"{ask.feed!r} and {ask.other!r} are not taken to be of one owner")
    tell_apart(house, pair, is_apart=ask.is_apart)
    text = {"other": pair[1], "is_apart": ask.is_apart}
    house.audit.append("feeds.told_apart", actor=caller.user, subject=pair[0], text=text)
    return list_pairs(house, caller, Nothing())
