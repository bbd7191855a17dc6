"""News: on PostgreSQL the words of an item are cut once, when they are stored, and not at every search."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"

_CUT = "to_tsvector('simple', words)"
_INDEX = "CREATE INDEX ix_item_words_words ON item_words USING gin "
UP = (
    "DROP INDEX ix_item_words_words",
    f"ALTER TABLE item_words ADD COLUMN item_words_found tsvector GENERATED ALWAYS AS ({_CUT}) STORED",
    _INDEX + "(item_words_found)",
)
DOWN = (
    "DROP INDEX ix_item_words_words",
    "ALTER TABLE item_words DROP COLUMN item_words_found",
    f"{_INDEX}({_CUT})",
)


def _run(statements: tuple[str, ...]) -> None:
    # SQLite finds words through a table of its own.
    if op.get_bind().dialect.name != "sqlite":
        for statement in statements:
            op.execute(statement)


def upgrade() -> None:
    """Keep them cut."""
    _run(UP)


def downgrade() -> None:
    """Cut them at every search again."""
    _run(DOWN)
