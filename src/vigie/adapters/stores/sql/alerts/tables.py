"""The tables of alerts; a rule is kept as one document, since only the program reads what is in it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.sql.tables import Base


class ChannelRow(Base):
    """A way to a person; `code_key` is the hash of the code that was sent there last."""

    __tablename__ = "alert_channels"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    kind: Mapped[str]
    address: Mapped[str]
    is_confirmed: Mapped[bool]
    code_key: Mapped[str]
    code_tries: Mapped[int]
    ts_code: Mapped[int]
    ts_dead: Mapped[int]
    why: Mapped[str]
    refusal: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    ts_created: Mapped[int]
    secret: Mapped[str] = mapped_column(server_default="")
    __table_args__ = (Index(None, "owner", "kind", "address", unique=True),)


class AlertRuleRow(Base):
    """A rule; `kind` and `is_live` are what events look for it by."""

    __tablename__ = "alert_rules"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    is_live: Mapped[bool]
    revision: Mapped[int]
    ts_created: Mapped[int]
    ts_deleted: Mapped[int]
    body: Mapped[dict[str, Any]]
    __table_args__ = (Index(None, "kind", "is_live"),)


class AlertRow(Base):
    """An alert with the event as it was told."""

    __tablename__ = "alerts"
    id: Mapped[str] = mapped_column(primary_key=True)
    rule: Mapped[str]
    owner: Mapped[str]
    mark: Mapped[str]
    kind: Mapped[str]
    key: Mapped[str]
    status: Mapped[str]
    ts: Mapped[int]
    ts_event: Mapped[int | None]
    ts_seen: Mapped[int]
    ts_processed: Mapped[int]
    title: Mapped[str]
    url: Mapped[str]
    source: Mapped[str]
    facts: Mapped[dict[str, Any]]
    ts_read: Mapped[int]
    __table_args__ = (Index(None, "kind", "key"), Index(None, "owner", "ts_read"))


class DeliveryRow(Base):
    """An alert on its way through one channel; `holder` may send it until `ts_until`."""

    __tablename__ = "alert_deliveries"
    id: Mapped[str] = mapped_column(primary_key=True)
    alert: Mapped[str] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    rule: Mapped[str]
    owner: Mapped[str]
    channel: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    ts: Mapped[int]
    ts_due: Mapped[int]
    ts_done: Mapped[int]
    tries: Mapped[int]
    why: Mapped[str]
    refusal: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    bundle: Mapped[str]
    holder: Mapped[str]
    ts_until: Mapped[int]
    __table_args__ = (
        Index(None, "state", "ts_due"),
        Index(None, "owner", "ts", "id"),
        Index(None, "rule", "ts_due"),
        Index(None, "bundle"),
    )
