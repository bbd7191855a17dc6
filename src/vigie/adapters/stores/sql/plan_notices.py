"""What is told of open plans, in the database; keeps the contract of `vigie.ports.plan_notices`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

from sqlalchemy import Connection, ForeignKey, Index, RowMapping, and_, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.plain_json import plain_json
from vigie.adapters.stores.sql.plans import TradePlanRow
from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import AutoIncrementInt, Base
from vigie.ports.plan_notices import PlanNotice

_LOCK: Final = "plan notices"


class PlanNoticeRow(Base):
    """One thing that is told of a version of a plan; rows go with the plan."""

    __tablename__ = "trade_plan_notices"
    number: Mapped[int] = mapped_column(AutoIncrementInt, primary_key=True, autoincrement=True)
    version: Mapped[int] = mapped_column(ForeignKey("trade_plans.number", ondelete="CASCADE"))
    key: Mapped[str]
    kind: Mapped[str]
    facts: Mapped[str]
    ts_known: Mapped[int]
    ts: Mapped[int]
    ts_last: Mapped[int] = mapped_column(index=True)
    is_counted: Mapped[bool]
    held: Mapped[str]
    ts_first: Mapped[int] = mapped_column(server_default="0")
    __table_args__ = (Index(None, "version", "key", unique=True),)


@dataclass(frozen=True, slots=True)
class SqlPlanNotices(SqlStore):
    """What is told of open plans."""

    def keep(self, notice: PlanNotice, days: Sequence[tuple[int, int]], most: int) -> PlanNotice:
        """Keep a notice and return it as it is kept: the one that is there, or held where a day is full."""
        row = PlanNoticeRow
        same = (row.version == notice.version, row.key == notice.key)
        # One at a time: two processes must not both take the last place of a day, and numbers ascend as rows appear.
        with self.database.writing(_LOCK, durable=True) as connection:
            found = connection.execute(select(row.__table__).where(*same)).mappings().first()
            if found is not None:
                return _to_notice(found)
            if not notice.held and self._is_full(connection, notice, days, most):
                notice = replace(notice, held="full", ts_first=0, ts_last=0)
            values = {name: value for name, value in asdict(notice).items() if name != "number"}
            values["facts"] = plain_json(dict(notice.facts))
            number = connection.scalar(insert(row).values(values).returning(row.number))
        assert number is not None
        return replace(notice, number=number)

    def put_off(
        self, notice: PlanNotice, dues: Sequence[int], days: Sequence[tuple[int, int]], most: int
    ) -> PlanNotice:
        """Let a notice arrive at other times than it was to; held where one of their days is full."""
        row = PlanNoticeRow
        with self.database.writing(_LOCK, durable=True) as connection:
            query = select(row.__table__).where(row.number == notice.number)
            kept = _to_notice(connection.execute(query).mappings().one())
            if (kept.ts_first, kept.ts_last, kept.held) != (notice.ts_first, notice.ts_last, notice.held):
                return kept
            later = replace(kept, ts_first=min(dues, default=0), ts_last=max(dues, default=0))
            if not dues:
                later = replace(later, held="rule")
            elif self._is_full(connection, notice, days, most):
                later = replace(later, held="full", ts_first=0, ts_last=0)
            values = {"held": later.held, "ts_first": later.ts_first, "ts_last": later.ts_last}
            connection.execute(update(row).where(row.number == notice.number).values(values))
        return later

    def after(self, number: int, *, limit: int = 200) -> Sequence[PlanNotice]:
        """Return the notices after one, oldest first."""
        row = PlanNoticeRow
        query = select(row.__table__).where(row.number > number).order_by(row.number).limit(limit)
        with self.database.reading() as connection:
            return [_to_notice(found) for found in connection.execute(query).mappings()]

    def newest(self) -> int:
        """Return the number of the last notice; 0 where there is none."""
        with self.database.reading() as connection:
            return connection.scalar(select(func.max(PlanNoticeRow.number))) or 0

    def of_versions(self, versions: Sequence[int]) -> Sequence[PlanNotice]:
        """Return the notices of some versions, the newest first."""
        row = PlanNoticeRow
        query = select(row.__table__).where(row.version.in_(list(versions))).order_by(row.number.desc())
        with self.database.reading() as connection:
            return [_to_notice(found) for found in connection.execute(query).mappings()]

    def _is_full(
        self, connection: Connection, notice: PlanNotice, days: Sequence[tuple[int, int]], most: int
    ) -> bool:
        return notice.is_counted and any(self._count_sent(connection, notice, day) >= most for day in days)

    @staticmethod
    def _count_sent(connection: Connection, notice: PlanNotice, day: tuple[int, int]) -> int:
        """Return of how many other counted notices of the plan's owner anything arrives on a day."""
        row, plan = PlanNoticeRow, TradePlanRow
        owner = select(plan.owner).where(plan.number == notice.version).scalar_subquery()
        begins, ends = day
        is_first, is_last = (and_(column >= begins, column < ends) for column in (row.ts_first, row.ts_last))
        query = (
            select(func.count())
            .select_from(row)
            .join(plan, plan.number == row.version)
            .where(plan.owner == owner, row.number != notice.number)
            # Nothing arrives after its last time: so the index finds it.
            .where(row.is_counted, row.held == "", row.ts_last >= begins, or_(is_first, is_last))
        )
        return connection.scalar(query) or 0


def _to_notice(row: RowMapping) -> PlanNotice:
    return PlanNotice(**{**row, "facts": json.loads(row["facts"])})
