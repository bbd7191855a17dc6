"""The tables of trading accounts; amounts are text, digit by digit as the venue wrote them."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Dialect, ForeignKey, Index, Text, TypeDecorator
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.sql.tables import Base
from vigie.domain.errors import DataError


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal that comes back with every digit; SQLite would make a float of it."""

    impl = Text
    cache_ok = True

    @property
    def python_type(self) -> type[Decimal]:
        """What the program sees of it."""
        return Decimal

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Write it; what is no number is refused."""
        if value is not None and not value.is_finite():
            raise DataError("amount_must_number", "an amount must be a number, was {value}", value=value)
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """Read it."""
        return None if value is None else Decimal(value)


class TradeAccountRow(Base):
    """Who may trade an account now, its present run, and its state; `ordered` is what a person wanted last."""

    __tablename__ = "trade_accounts"
    account: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    run: Mapped[str | None]
    state: Mapped[str]
    ordered: Mapped[str]
    holder: Mapped[str]
    token: Mapped[int]
    ts_until: Mapped[int]


def account_column(*, is_key: bool = False) -> Mapped[str]:
    """Return a column that names an account: its row goes with the account."""
    parent = ForeignKey("trade_accounts.account", ondelete="CASCADE")
    return mapped_column(parent, primary_key=is_key, index=not is_key)


def _run_column(*, is_key: bool = False) -> Mapped[str]:
    return mapped_column(ForeignKey("trade_runs.id", ondelete="CASCADE"), primary_key=is_key)


class TradeRunRow(Base):
    """One life of an account under one configuration."""

    __tablename__ = "trade_runs"
    id: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = account_column()
    owner: Mapped[str] = mapped_column(index=True)
    venue: Mapped[str]
    mode: Mapped[str]
    plan: Mapped[str]
    capital: Mapped[Decimal] = mapped_column(ExactDecimal)
    ts: Mapped[int]
    is_replayed: Mapped[bool]


class RunMoneyRow(Base):
    """Whose money at its venue a run traded: the fingerprint of the key that it was traded with."""

    __tablename__ = "trade_run_money"
    run: Mapped[str] = _run_column(is_key=True)
    fingerprint: Mapped[str] = mapped_column(primary_key=True, index=True)


class TradeStepRow(Base):
    """One event of a run's own log."""

    __tablename__ = "trade_steps"
    run: Mapped[str] = _run_column(is_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    ts: Mapped[int]
    body: Mapped[str]


class IntentRow(Base):
    """A decided order and, from `state` on, what became of it."""

    __tablename__ = "trade_intents"
    id: Mapped[str] = mapped_column(primary_key=True)
    run: Mapped[str] = _run_column()
    number: Mapped[int]
    account: Mapped[str]
    slot: Mapped[str]
    instrument: Mapped[str]
    leg: Mapped[str]
    side: Mapped[int]
    lots: Mapped[int]
    qty: Mapped[Decimal] = mapped_column(ExactDecimal)
    ts_bar: Mapped[int]
    ts: Mapped[int]
    stop: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    target: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    attempt: Mapped[int]
    reason: Mapped[str]
    ts_expires: Mapped[int]
    state: Mapped[str]
    ts_moved: Mapped[int]
    order_id: Mapped[str]
    filled: Mapped[Decimal] = mapped_column(ExactDecimal)
    why: Mapped[str]
    __table_args__ = (Index(None, "run", "number", unique=True), Index(None, "run", "state"))


class FillRow(Base):
    """A booked execution; `number` is the order of arrival."""

    __tablename__ = "trade_fills"
    account: Mapped[str] = account_column(is_key=True)
    instrument: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    run: Mapped[str] = _run_column()
    number: Mapped[int]
    order_id: Mapped[str]
    client_id: Mapped[str]
    side: Mapped[int]
    qty: Mapped[Decimal] = mapped_column(ExactDecimal)
    price: Mapped[Decimal] = mapped_column(ExactDecimal)
    fee: Mapped[Decimal] = mapped_column(ExactDecimal)
    ts: Mapped[int]
    is_maker: Mapped[bool]
    cause: Mapped[str]
    __table_args__ = (Index(None, "run", "number", unique=True),)


class FundingRow(Base):
    """A booked settlement of funding."""

    __tablename__ = "trade_fundings"
    account: Mapped[str] = account_column(is_key=True)
    instrument: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    run: Mapped[str] = _run_column()
    number: Mapped[int]
    amount: Mapped[Decimal] = mapped_column(ExactDecimal)
    ts: Mapped[int]
    __table_args__ = (Index(None, "run", "number", unique=True), Index(None, "run", "ts"))
