"""Candidates for alerts about setups in the database; keeps the contract of `vigie.ports.setup_notices`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import ColumnElement, Connection, Index, and_, delete, func, insert, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import Base
from vigie.adapters.stores.sql.tradebook.tables import account_column
from vigie.domain.setup import SetupState
from vigie.ports.setup_notices import SetupNotice


class SetupNoticeRow(Base):
    """A change that might be told, and what became of it."""

    __tablename__ = "setup_notices"
    account: Mapped[str] = account_column(is_key=True)
    setup: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[str]
    side: Mapped[str]
    change: Mapped[int]
    ts_known: Mapped[int]
    ts: Mapped[int]
    expected_r: Mapped[float]
    total: Mapped[float]
    threshold: Mapped[float | None]
    rank: Mapped[int]
    of: Mapped[int]
    held: Mapped[str]
    ts_first: Mapped[int]
    ts_last: Mapped[int]
    __table_args__ = (Index(None, "account", "ts_known"),)


@dataclass(frozen=True, slots=True)
class SqlSetupNotices(SqlStore):
    """Candidates for alerts about setups."""

    def keep(
        self, notice: SetupNotice, accounts: Sequence[str], days: Sequence[tuple[int, int]], most: int
    ) -> SetupNotice:
        """Keep a candidate and return it as it is kept: the one that is there, or held where a day is full."""
        row = SetupNoticeRow
        same = and_(row.account == notice.account, row.setup == notice.setup, row.state == notice.state)
        # One at a time: two processes must not both take the last place of a day.
        with self.database.writing("setup_notices", durable=True) as connection:
            found = connection.execute(select(row.__table__).where(same)).mappings().first()
            if found is not None:
                return SetupNotice(**found)
            if not notice.held and any(
                self._count_sent(connection, accounts, begins, ends) >= most for begins, ends in days
            ):
                notice = replace(notice, held="full", ts_first=0, ts_last=0)
            connection.execute(insert(row).values(asdict(notice)))
        return notice

    def take_back(self, account: str, setup: str, state: SetupState, before: int, after: int) -> bool:
        """Forget a candidate that was to be told and is not: its days are over, or are not those it is sent on."""
        row = SetupNoticeRow
        query = delete(row).where(
            row.account == account,
            row.setup == setup,
            row.state == state,
            row.held == "",
            or_(row.ts_last < before, row.ts_first >= after),
        )
        with self.database.writing("setup_notices", durable=True) as connection:
            return bool(connection.execute(query).rowcount)

    def notices(
        self, accounts: Sequence[str], *, since: int = 0, limit: int = 100_000
    ) -> Sequence[SetupNotice]:
        """Return the candidates of some accounts whose close was later than a time, the newest first."""
        row = SetupNoticeRow
        query = select(row.__table__).where(row.account.in_(list(accounts)), row.ts_known > since)
        query = query.order_by(row.ts_known.desc(), row.change.desc()).limit(limit)
        with self.database.reading() as connection:
            return [SetupNotice(**found) for found in connection.execute(query).mappings()]

    def oldest(self, accounts: Sequence[str]) -> SetupNotice | None:
        """Return the candidate of some accounts whose close was the first; None where there is none."""
        row = SetupNoticeRow
        query = select(row.__table__).where(row.account.in_(list(accounts)))
        with self.database.reading() as connection:
            found = connection.execute(query.order_by(row.ts_known, row.change).limit(1)).mappings().first()
        return None if found is None else SetupNotice(**found)

    def of(self, setups: Sequence[str], accounts: Sequence[str]) -> Sequence[SetupNotice]:
        """Return the candidates of some setups."""
        row = SetupNoticeRow
        wanted = and_(row.setup.in_(list(setups)), row.account.in_(list(accounts)))
        with self.database.reading() as connection:
            found = connection.execute(select(row.__table__).where(wanted).order_by(row.change)).mappings()
            return [SetupNotice(**one) for one in found]

    def told(self, accounts: Sequence[str], begins: int, ends: int) -> int:
        """Return how many changes were told, or are to be, within a time."""
        with self.database.reading() as connection:
            return self._count_sent(connection, accounts, begins, ends)

    def count(self, accounts: Sequence[str]) -> int:
        """Return how many candidates some accounts have."""
        query = select(func.count()).where(SetupNoticeRow.account.in_(list(accounts)))
        with self.database.reading() as connection:
            return connection.scalar(query) or 0

    def was_told(self, account: str, setup: str) -> bool:
        """Tell whether any change of a setup was told."""
        row = SetupNoticeRow
        query = select(func.count()).where(row.account == account, row.setup == setup, row.held == "")
        with self.database.reading() as connection:
            return bool(connection.scalar(query))

    @staticmethod
    def _count_sent(connection: Connection, accounts: Sequence[str], begins: int, ends: int) -> int:
        row = SetupNoticeRow
        query = select(func.count()).where(
            row.account.in_(list(accounts)),
            row.held == "",
            or_(_is_within(row.ts_first, begins, ends), _is_within(row.ts_last, begins, ends)),
        )
        return connection.scalar(query) or 0


def _is_within(column: Mapped[int], begins: int, ends: int) -> ColumnElement[bool]:
    return and_(column >= begins, column < ends)
