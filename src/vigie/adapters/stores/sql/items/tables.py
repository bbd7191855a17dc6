"""The tables of news items; words to search for are kept ready in a column that both databases index."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.sql.tables import AutoIncrementInt, Base


class ItemRow(Base):
    """An item as its newest revision and what was read in it have it."""

    __tablename__ = "items"
    id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    key: Mapped[str]
    revision: Mapped[int]
    # When it happened for who reads it; lists go by it.
    ts: Mapped[int]
    ts_first_seen: Mapped[int]
    language: Mapped[str]
    is_withdrawn: Mapped[bool]
    is_relevant: Mapped[bool | None]
    # Of the past of a simulated home.
    is_generated: Mapped[bool] = mapped_column(server_default=false())
    __table_args__ = (Index(None, "ts"), Index(None, "source", "ts"))


class ItemRevisionRow(Base):
    """One revision; `number` grows in the order in which revisions were seen."""

    __tablename__ = "item_revisions"
    number: Mapped[int] = mapped_column(AutoIncrementInt, primary_key=True, autoincrement=True)
    item: Mapped[str] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"))
    revision: Mapped[int]
    url: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    author: Mapped[str]
    language: Mapped[str]
    ts_published: Mapped[int | None]
    precision: Mapped[str]
    document: Mapped[str]
    ts_seen: Mapped[int]
    # The same in real time: what a service level is measured by.
    ts_wall: Mapped[int]
    is_withdrawn: Mapped[bool]
    # Names and versions of the steps that read it; empty until it was read.
    reading: Mapped[str]
    ts_read: Mapped[int | None]
    __table_args__ = (
        Index(None, "item", "revision", unique=True),
        Index(None, "ts_seen"),
        Index(None, "reading", "number"),
    )


class ItemFindingRow(Base):
    """What one step found in one revision; with an error, that it could not read it."""

    __tablename__ = "item_findings"
    item: Mapped[str] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    body: Mapped[dict[str, Any]]
    why: Mapped[str]
    error: Mapped[str]
    took_us: Mapped[int]


class ItemTagRow(Base):
    """What an item is about, by kind: asset, entity, topic, story."""

    __tablename__ = "item_tags"
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(
        ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    ts: Mapped[int]
    __table_args__ = (Index(None, "kind", "value", "ts"),)


class StoryJoinRow(Base):
    """A story that ended because it tells of the same event as the one that is kept."""

    __tablename__ = "story_joins"
    story: Mapped[str] = mapped_column(primary_key=True)
    kept: Mapped[str] = mapped_column(index=True)
    # The item with which it ended, and the one of the ended story that speaks most for it.
    item: Mapped[str] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), index=True)
    revision: Mapped[int]
    ts: Mapped[int]
    by: Mapped[str]
    signs: Mapped[list[str]]


class ItemWordsRow(Base):
    """The words of an item, each by its stem; SQLite finds them through a table of its own that follows this one."""

    __tablename__ = "item_words"
    id: Mapped[int] = mapped_column(AutoIncrementInt, primary_key=True, autoincrement=True)
    item: Mapped[str] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), unique=True)
    words: Mapped[str]


class UnreadableEntryRow(Base):
    """An entry of a source that could not be read, once however often it is shown."""

    __tablename__ = "item_refused"
    source: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    why: Mapped[str]
    shown: Mapped[str]
    document: Mapped[str]
    ts_seen: Mapped[int]


class ItemSourceRow(Base):
    """How the fetches of one source go."""

    __tablename__ = "item_sources"
    source: Mapped[str] = mapped_column(primary_key=True)
    ts_fetched: Mapped[int]
    ts_changed: Mapped[int | None]
    shown: Mapped[int]
    refused: Mapped[int]
    max_age_s: Mapped[int | None]
    left_out: Mapped[int] = mapped_column(server_default="0")
