"""News: items, their revisions, what was found in them, their words, unreadable entries, states of sources."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

# On SQLite words are found through this table, which follows item_words by triggers; PostgreSQL indexes the column.
FOUND = """
CREATE VIRTUAL TABLE item_words_found USING fts5(
  words, content='item_words', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
)
"""
_GONE = "INSERT INTO item_words_found(item_words_found, rowid, words) VALUES ('delete', old.id, old.words);"
_COME = "INSERT INTO item_words_found(rowid, words) VALUES (new.id, new.words);"
TRIGGERS = (
    f"CREATE TRIGGER item_words_come AFTER INSERT ON item_words BEGIN {_COME} END",
    f"CREATE TRIGGER item_words_gone AFTER DELETE ON item_words BEGIN {_GONE} END",
    f"CREATE TRIGGER item_words_moved AFTER UPDATE ON item_words BEGIN {_GONE} {_COME} END",
)
INDEX = "CREATE INDEX ix_item_words_words ON item_words USING gin (to_tsvector('simple', words))"


def _text(name: str, **more: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, **more)


def _number(name: str, **more: Any) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=more.pop("nullable", False), **more)


def _flag(name: str, *, nullable: bool = False) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=nullable)


def _counted(name: str) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    return sa.Column(name, kind, primary_key=True, autoincrement=True, nullable=False)


def _item(**more: Any) -> sa.Column[str]:
    return _text("item", **more)


def _of_item() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["item"], ["items.id"], ondelete="CASCADE")


def upgrade() -> None:
    """Make them."""
    _make_items()
    _make_findings()
    _make_words()
    op.create_table(
        "item_refused",
        _text("source", primary_key=True),
        _text("digest", primary_key=True),
        *(_text(name) for name in ("why", "shown", "document")),
        _number("ts_seen"),
    )
    op.create_table(
        "item_sources",
        _text("source", primary_key=True),
        _number("ts_fetched"),
        _number("ts_changed", nullable=True),
        _number("shown"),
        _number("refused"),
        _number("max_age_s", nullable=True),
    )


def _make_items() -> None:
    op.create_table(
        "items",
        _text("id", primary_key=True),
        _text("source"),
        _text("key"),
        _number("revision"),
        _number("ts"),
        _number("ts_first_seen"),
        _text("language"),
        _flag("is_withdrawn"),
        _flag("is_relevant", nullable=True),
        sa.Index(None, "ts"),
        sa.Index(None, "source", "ts"),
    )
    op.create_table(
        "item_revisions",
        _counted("number"),
        _item(),
        _number("revision"),
        *(_text(name) for name in ("url", "title", "text", "author", "language")),
        _number("ts_published", nullable=True),
        _text("precision"),
        _text("document"),
        _number("ts_seen"),
        _number("ts_wall"),
        _flag("is_withdrawn"),
        _text("reading"),
        _number("ts_read", nullable=True),
        _of_item(),
        sa.Index(None, "item", "revision", unique=True),
        sa.Index(None, "ts_seen"),
        sa.Index(None, "reading", "number"),
    )


def _make_findings() -> None:
    op.create_table(
        "item_findings",
        _item(primary_key=True),
        _number("revision", primary_key=True, autoincrement=False),
        _text("step", primary_key=True),
        _number("version"),
        sa.Column("body", sa.JSON, nullable=False),
        _text("why"),
        _text("error"),
        _number("took_us"),
        _of_item(),
    )
    op.create_table(
        "item_tags",
        _text("kind", primary_key=True),
        _text("value", primary_key=True),
        _item(primary_key=True, index=True),
        _number("ts"),
        _of_item(),
        sa.Index(None, "kind", "value", "ts"),
    )


def _make_words() -> None:
    op.create_table(
        "item_words", _counted("id"), _item(), _text("words"), sa.UniqueConstraint("item"), _of_item()
    )
    if op.get_bind().dialect.name == "sqlite":
        for statement in (FOUND, *TRIGGERS):
            op.execute(statement)
    else:
        op.execute(INDEX)


def downgrade() -> None:
    """Remove them."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE item_words_found")
    for name in ("sources", "refused", "words", "tags", "findings", "revisions"):
        op.drop_table(f"item_{name}")
    op.drop_table("items")
