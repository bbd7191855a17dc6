"""Trade plans in the database; keeps the contract of `vigie.ports.plans`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    RowMapping,
    Text,
    delete,
    func,
    insert,
    select,
    type_coerce,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.plain_json import plain_json
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import AutoIncrementInt, Base
from vigie.domain.errors import Conflict
from vigie.domain.trade_plan import ENDS, PlanMark, TradePlan, armed_already, changed_meanwhile
from vigie.ports.plans import MarkedPlan

MADE: Final = "plan.made"
# Whose a plan is may change when users are set up; a person's words are no part of the chain's record.
_APART: Final = ("owner",)
_SHOWN: Final = ("shown_qty", "shown_worst_loss")


class TradePlanRow(Base):
    """A version of a plan; rows are only added, and go with their owner."""

    __tablename__ = "trade_plans"
    number: Mapped[int] = mapped_column(AutoIncrementInt, primary_key=True, autoincrement=True)
    plan: Mapped[str]
    version: Mapped[int]
    owner: Mapped[str] = mapped_column(index=True)
    account: Mapped[str] = mapped_column(index=True)
    body: Mapped[str]
    digest: Mapped[str]
    ts_written: Mapped[int]
    # An id may be chosen by its sender: whether another has the same is not told.
    __table_args__ = (Index(None, "owner", "plan", "version", unique=True),)


class PlanMarkRow(Base):
    """A version was armed or cancelled, in the market's time."""

    __tablename__ = "trade_plan_marks"
    number: Mapped[int] = mapped_column(
        ForeignKey("trade_plans.number", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    mark: Mapped[str] = mapped_column(primary_key=True)
    ts: Mapped[int]
    ts_written: Mapped[int]


@dataclass(frozen=True, slots=True)
class SqlPlans(SqlStore):
    """What people plan to trade.

    Attributes
    ----------
    audit : SqlAuditLog
        The chain in the same database: a version or mark and its record are true together, or never.
    """

    audit: SqlAuditLog

    def add(self, plan: TradePlan, by: str) -> MarkedPlan:
        """Write a version durably, with its audit record."""
        values = asdict(plan)
        # Where nothing was shown the version reads as those did before there was anything to say of it.
        body = plain_json(
            {
                name: value
                for name, value in values.items()
                if name not in _APART and not (name in _SHOWN and value is None)
            }
        )
        digest = hashlib.sha256(body.encode()).hexdigest()
        row = {
            "plan": plan.id, "version": plan.version, "owner": plan.owner, "account": plan.account,
            "body": body, "digest": digest, "ts_written": self.clock.wall_now(),
        }  # fmt: skip
        try:
            with self.database.writing("trade plans", durable=True) as connection:
                if any(version.is_traded for version in self._versions(connection, plan)):
                    raise changed_meanwhile(plan.id)
                number = connection.scalar(insert(TradePlanRow).values(row).returning(TradePlanRow.number))
                told = {"version": plan.version, "account": plan.account, "digest": digest}
                self.audit.extend(connection, by, [(MADE, plan.id, told)])
        except IntegrityError as fault:
            raise changed_meanwhile(plan.id) from fault
        assert number is not None
        return MarkedPlan(plan, number, digest)

    def mark(self, number: int, mark: PlanMark, ts: int, by: str, *, code: str = "") -> MarkedPlan:
        """Note durably what was done with a version or became of it, with its audit record; once each."""
        with self.database.writing("trade plans", durable=True) as connection:
            before = self._select_plans(connection, TradePlanRow.number == number)
            is_late = mark == "armed" and bool(before) and before[0].ts_cancelled is not None
            if not before or is_late or mark in before[0].marks:
                raise Conflict("plan_marked_already", "this plan is armed or cancelled already; reload it")
            if mark == "armed":
                self._refuse_armed(connection, before[0])
            row = {"number": number, "mark": mark, "ts": ts, "ts_written": self.clock.wall_now()}
            connection.execute(insert(PlanMarkRow).values(row))
            plan = before[0].plan
            told = {
                "version": plan.version, "account": plan.account, "ts": ts, "digest": before[0].digest,
                "instrument": plan.instrument, "side": plan.side, **({"code": code} if code else {}),
            }  # fmt: skip
            self.audit.extend(connection, by, [(f"plan.{mark}", plan.id, told)])
            return self._select_plans(connection, TradePlanRow.number == number)[0]

    def versions(self, owner: str, plan: str | None = None) -> Sequence[MarkedPlan]:
        """Return the versions of an owner's plan, or of all their plans, oldest first."""
        conditions = [TradePlanRow.owner == owner, *([] if plan is None else [TradePlanRow.plan == plan])]
        with self.database.reading() as connection:
            return self._select_plans(connection, *conditions)

    def newest(self, owner: str) -> Sequence[MarkedPlan]:
        """Return the newest version of each of an owner's plans, the latest first."""
        with self.database.reading() as connection:
            return self._select_plans(connection, _is_newest(owner))[::-1]

    def draft_count(self, owner: str, now: int) -> int:
        """Return how many of an owner's plans may still be armed, without reading what they say."""
        if self.database.is_sqlite:
            until: ColumnElement[int] = func.json_extract(TradePlanRow.body, "$.until")
        else:
            body = type_coerce(TradePlanRow.body, Text).cast(JSON)
            until = func.json_extract_path_text(body, "until", type_=Text).cast(BigInteger)
        marked = select(PlanMarkRow.number).where(
            PlanMarkRow.number == TradePlanRow.number, PlanMarkRow.mark.in_(["armed", "cancelled"])
        )
        query = select(func.count()).where(_is_newest(owner), ~marked.exists(), until > now)
        with self.database.reading() as connection:
            return connection.scalar(query) or 0

    def armed(self, account: str) -> Sequence[MarkedPlan]:
        """Return the versions that were armed in an account, in the order of arming; cancelled ones too."""
        armed = select(PlanMarkRow.number).where(PlanMarkRow.mark == "armed")
        with self.database.reading() as connection:
            found = self._select_plans(
                connection, TradePlanRow.account == account, TradePlanRow.number.in_(armed)
            )
        return sorted(found, key=lambda one: one.marks["armed"])

    def traded(self) -> Sequence[MarkedPlan]:
        """Return the versions of all accounts that were armed and of which no end is noted, in the order of numbers."""
        marked = select(PlanMarkRow.number).where(PlanMarkRow.mark == "armed")
        ended = select(PlanMarkRow.number).where(PlanMarkRow.mark.in_(sorted(ENDS)))
        with self.database.reading() as connection:
            return self._select_plans(
                connection, TradePlanRow.number.in_(marked), TradePlanRow.number.not_in(ended)
            )

    def numbered(self, numbers: Sequence[int]) -> Sequence[MarkedPlan]:
        """Return the versions of some numbers, ascending; those that are gone are left out."""
        with self.database.reading() as connection:
            return self._select_plans(connection, TradePlanRow.number.in_(sorted(set(numbers))))

    def revision(self) -> str:
        """Return what is another word after every change of plans, marks or owners."""
        with self.database.reading() as connection:
            marks = connection.scalar(select(func.count()).select_from(PlanMarkRow)) or 0
            newest = connection.scalar(select(func.max(TradePlanRow.number))) or 0
            owners = connection.scalars(
                select(TradePlanRow.owner).distinct().order_by(TradePlanRow.owner)
            ).all()
        return "/".join((str(marks), str(newest), *owners))

    def hand_over(self, before: str, after: str) -> int:
        """Give an owner's plans to another and return how many."""
        with self.database.writing("trade plans", durable=True) as connection:
            changed = update(TradePlanRow).where(TradePlanRow.owner == before).values(owner=after)
            return connection.execute(changed).rowcount

    def forget(self, owner: str) -> int:
        """Remove an owner's plans and return how many; what the audit says stays."""
        with self.database.writing("trade plans", durable=True) as connection:
            return connection.execute(delete(TradePlanRow).where(TradePlanRow.owner == owner)).rowcount

    def _refuse_armed(self, connection: Connection, marked: MarkedPlan) -> None:
        """Refuse a version that has a newer one, or whose account has another plan of the instrument armed."""
        plan = marked.plan
        versions = self._versions(connection, plan)
        if versions[-1].number != marked.number:
            raise changed_meanwhile(plan.id)
        for other in self._select_plans(connection, TradePlanRow.account == plan.account):
            if other.is_traded and other.plan.instrument == plan.instrument:
                raise armed_already(other.plan)

    def _versions(self, connection: Connection, plan: TradePlan) -> list[MarkedPlan]:
        """Return the versions of a plan, oldest first; another's of the same id are other plans."""
        return self._select_plans(connection, TradePlanRow.owner == plan.owner, TradePlanRow.plan == plan.id)

    def _select_plans(self, connection: Connection, *conditions: ColumnElement[bool]) -> list[MarkedPlan]:
        query = select(TradePlanRow.__table__).where(*conditions).order_by(TradePlanRow.number)
        rows = list(connection.execute(query).mappings())
        marks: dict[int, dict[PlanMark, int]] = {}
        of_rows = select(PlanMarkRow.__table__).join(TradePlanRow, TradePlanRow.number == PlanMarkRow.number)
        for row in connection.execute(of_rows.where(*conditions)).mappings():
            marks.setdefault(row["number"], {})[row["mark"]] = row["ts"]
        return [_to_plan(row, marks.get(row["number"], {})) for row in rows]


def _is_newest(owner: str) -> ColumnElement[bool]:
    """Return what holds of the newest version of each of an owner's plans."""
    newest = (
        select(func.max(TradePlanRow.number)).where(TradePlanRow.owner == owner).group_by(TradePlanRow.plan)
    )
    return TradePlanRow.number.in_(newest)


def _to_plan(row: RowMapping, marks: Mapping[PlanMark, int]) -> MarkedPlan:
    body = json.loads(row["body"])
    for name in ("further_targets", "limit_entries"):
        body[name] = tuple(body[name])
    return MarkedPlan(TradePlan(**body, owner=row["owner"]), row["number"], row["digest"], marks)
