"""The tables of the house, alike on SQLite and PostgreSQL. Times are epoch milliseconds; ids are words."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, configure_mappers, mapped_column

from vigie.domain.errors import DataError

NAMING_CONVENTION: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
# SQLite counts up by itself in columns of this very type only.
AutoIncrementInt = BigInteger().with_variant(Integer, "sqlite")


class PortableText(TypeDecorator[str]):
    """Text that both databases can hold: PostgreSQL takes neither NUL nor half a surrogate pair."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Refuse what one of them could not store."""
        if value is not None and ("\0" in value or not _is_encodable(value)):
            raise DataError(
                "text_must_contain_neither_nul",
                "text must contain neither NUL nor half a character, was {value!r}",
                value=value[:40],
            )
        return value


def _is_encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


class Base(DeclarativeBase):
    """What all tables share."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: PortableText,
        int: BigInteger,
        float: Float(53),
        dict[str, Any]: JSON,
        list[str]: JSON,
    }


def preload() -> None:
    """Make what statements on these tables need, once for all processes that are copied from this one."""
    configure_mappers()


class UserRow(Base):
    """A person; `name_key` is the name without case."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    password_hash: Mapped[str]
    totp_secret: Mapped[str] = mapped_column(server_default="")
    # The time step of the code that was used last: none is taken twice.
    totp_step: Mapped[int] = mapped_column(server_default="0")
    is_disabled: Mapped[bool]
    ts_created: Mapped[int]


class SessionRow(Base):
    """A signed-in browser under the hash of its secret."""

    __tablename__ = "sessions"
    key: Mapped[str] = mapped_column(primary_key=True)
    user: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str]
    ts_created: Mapped[int]
    ts_expires: Mapped[int]


class TokenRow(Base):
    """An API token under the hash of its secret."""

    __tablename__ = "tokens"
    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    user: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    scopes: Mapped[list[str]]
    ts_created: Mapped[int]
    ts_used: Mapped[int | None]
    ts_expires: Mapped[int | None]


class FailureRow(Base):
    """A sign-in that failed, under a name or an address."""

    __tablename__ = "sign_in_failures"
    id: Mapped[int] = mapped_column(AutoIncrementInt, primary_key=True, autoincrement=True)
    key: Mapped[str]
    ts: Mapped[int]
    __table_args__ = (Index(None, "key", "ts"),)


class SettingsRow(Base):
    """One revision of somebody's settings; the local owner has some without being a user."""

    __tablename__ = "settings"
    user: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ts: Mapped[int]
    body: Mapped[dict[str, Any]]


class WatchlistRow(Base):
    """A list of assets and entities."""

    __tablename__ = "watchlists"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    assets: Mapped[list[str]]
    entities: Mapped[list[str]] = mapped_column(server_default="[]")
    position: Mapped[int]
    revision: Mapped[int]
    share: Mapped[str | None] = mapped_column(unique=True)


class BoardRow(Base):
    """A board of the Studio: what is asked for, not what it shows; a deleted one can come back for a while."""

    __tablename__ = "boards"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(index=True)
    plan: Mapped[dict[str, Any]]
    revision: Mapped[int]
    ts_changed: Mapped[int]
    ts_deleted: Mapped[int | None]


class CounterRow(Base):
    """A number that only grows, such as the version of the quotes."""

    __tablename__ = "counters"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


class QuoteRow(Base):
    """The newest quote of an instrument and the version in which it came."""

    __tablename__ = "quotes"
    venue: Mapped[str] = mapped_column(primary_key=True)
    instrument: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(index=True)
    ts_event: Mapped[int]
    ts_known: Mapped[int]
    last: Mapped[float]
    bid: Mapped[float | None]
    ask: Mapped[float | None]
    mark: Mapped[float | None]
    index: Mapped[float | None]
    change_24h: Mapped[float | None]
    volume_24h: Mapped[float | None]
    open_interest: Mapped[float | None]
    funding_rate: Mapped[float | None]
    funding_next_ts: Mapped[int | None]
    funding_hours: Mapped[float | None]


class HealthRow(Base):
    """How a connector does."""

    __tablename__ = "source_health"
    source: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    ts_success: Mapped[int | None]
    ts_attempt: Mapped[int | None]
    usual_gap_s: Mapped[float]
    budget_left: Mapped[float | None]
    errors: Mapped[int]
    error: Mapped[str]
    refusal: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    mode: Mapped[str]


class SourceRequestRow(Base):
    """What people asked of a connector."""

    __tablename__ = "source_wants"
    source: Mapped[str] = mapped_column(primary_key=True)
    what: Mapped[str]


class BookmarkRow(Base):
    """Where a connector goes on."""

    __tablename__ = "bookmarks"
    source: Mapped[str] = mapped_column(primary_key=True)
    bookmark: Mapped[str]
    ts: Mapped[int]


class JobRow(Base):
    """A piece of long work and the worker that has it."""

    __tablename__ = "jobs"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    owner: Mapped[str]
    ask: Mapped[dict[str, Any]]
    state: Mapped[str]
    worker: Mapped[str]
    ts_created: Mapped[int]
    ts_started: Mapped[int | None]
    ts_finished: Mapped[int | None]
    ts_beat: Mapped[int | None]
    progress: Mapped[float]
    message: Mapped[str]
    refusal: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    wants_cancel: Mapped[bool]
    attempts: Mapped[int]
    __table_args__ = (Index(None, "state", "id"), Index(None, "owner", "id"))


class JobLineRow(Base):
    """A line of a job's log."""

    __tablename__ = "job_lines"
    job: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ts: Mapped[int]
    text: Mapped[str]


class RunRow(Base):
    """A kept result: where its files lie and what they say in short."""

    __tablename__ = "runs"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str]
    folder: Mapped[str]
    ts_created: Mapped[int]
    ask: Mapped[dict[str, Any]]
    summary: Mapped[dict[str, Any]]
    decision_hash: Mapped[str]
    job: Mapped[str]
    __table_args__ = (Index(None, "owner", "id"),)


class AuditEventRow(Base):
    """A record of the audit chain: hashes and pseudonymous ids only."""

    __tablename__ = "audit_events"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ts: Mapped[int]
    kind: Mapped[str]
    actor: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str]
    digest: Mapped[str]
    hash: Mapped[str]
    __table_args__ = (Index(None, "kind", "seq"),)


class AuditTextRow(Base):
    """What a record says, outside the chain; salted, so that the digest tells nothing once it is gone."""

    __tablename__ = "audit_texts"
    seq: Mapped[int] = mapped_column(ForeignKey("audit_events.seq"), primary_key=True, autoincrement=False)
    salt: Mapped[str]
    text: Mapped[str]


class ChainHeadRow(Base):
    """The end of the chain: what is cut off after the last record is missed here."""

    __tablename__ = "audit_heads"
    name: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str]


class DocumentRow(Base):
    """A raw document."""

    __tablename__ = "documents"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    key: Mapped[str]
    ts_known: Mapped[int]
    digest: Mapped[str]
    bytes: Mapped[int]
    body: Mapped[dict[str, Any]]
    __table_args__ = (Index(None, "kind", "key", "ts_known"), Index(None, "kind", "ts_known"))
