"""Versions of run files in the database; keeps the contract of `vigie.ports.run_files`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import ColumnElement, Connection, ForeignKey, Index, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import AutoIncrementInt, Base
from vigie.domain.errors import Conflict
from vigie.domain.run_file_version import RunFileVersion, VersionMark, changed_meanwhile

KEPT: Final = "run_file.kept"
# A number and so many other columns are a version; the rest of its fields are its marks.
_FIELDS: Final = ("account", "version", "owner", "run", "before", "after", "by", "ts")


class KeptRunFileRow(Base):
    """A version; rows are only added, and go with their owner."""

    __tablename__ = "run_file_versions"
    number: Mapped[int] = mapped_column(AutoIncrementInt, primary_key=True, autoincrement=True)
    account: Mapped[str]
    version: Mapped[int]
    owner: Mapped[str] = mapped_column(index=True)
    run: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    by: Mapped[str]
    ts: Mapped[int]
    __table_args__ = (Index(None, "account", "version", unique=True),)


class KeptRunFileMarkRow(Base):
    """What became of a version, once each."""

    __tablename__ = "run_file_marks"
    number: Mapped[int] = mapped_column(
        ForeignKey("run_file_versions.number", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    mark: Mapped[str] = mapped_column(primary_key=True)
    note: Mapped[str]
    ts: Mapped[int]


@dataclass(frozen=True, slots=True)
class SqlRunFiles(SqlStore):
    """Run files as people changed them.

    Attributes
    ----------
    audit : SqlAuditLog
        The chain in the same database: a version or mark and its record are true together, or never.
    """

    audit: SqlAuditLog

    def add(self, version: RunFileVersion, changes: Sequence[str]) -> RunFileVersion:
        """Write a version durably, with its audit record."""
        kept = replace(version, ts=self.clock.wall_now())
        told = {
            "version": kept.version, "run": kept.run, "before": kept.digest_before, "after": kept.digest_after,
            "changes": [str(change) for change in changes],
        }  # fmt: skip
        try:
            with self.database.writing("run files", durable=True) as connection:
                self.database.acquire_lock(connection, _lock_name(kept.account))
                known = self._select_versions(connection, KeptRunFileRow.account == kept.account)
                if kept.version != len(known) + 1:
                    raise changed_meanwhile(kept.account)
                connection.execute(
                    insert(KeptRunFileRow).values({name: getattr(kept, name) for name in _FIELDS})
                )
                self.audit.extend(connection, kept.by, [(KEPT, kept.account, told)])
        except IntegrityError as fault:
            raise changed_meanwhile(kept.account) from fault
        return kept

    def mark(self, account: str, version: int, mark: VersionMark, by: str, note: str = "") -> RunFileVersion:
        """Note durably what becomes of a version, with its audit record; a second time changes nothing."""
        with self.database.writing("run files", durable=True) as connection:
            self.database.acquire_lock(connection, _lock_name(account))
            known = self._select_versions(connection, KeptRunFileRow.account == account)
            before = next((item for item in known if item.version == version), None)
            if before is None:
                raise changed_meanwhile(account)
            if mark in before.marks:
                return before
            _check_mark(before, mark, is_newest=version == known[-1].version)
            number = connection.scalar(
                select(KeptRunFileRow.number).where(
                    KeptRunFileRow.account == account, KeptRunFileRow.version == version
                )
            )
            row = {"number": number, "mark": mark, "note": note, "ts": self.clock.wall_now()}
            connection.execute(insert(KeptRunFileMarkRow).values(row))
            told = {"version": version, "after": before.digest_after, **({"why": note} if note else {})}
            self.audit.extend(connection, by, [(f"run_file.{mark}", account, told)])
        return replace(before, marks={**before.marks, mark: note})

    def versions(self, owner: str, account: str | None = None) -> Sequence[RunFileVersion]:
        """Return the versions of one of an owner's accounts, or of all, oldest first."""
        conditions = [KeptRunFileRow.owner == owner]
        conditions += [] if account is None else [KeptRunFileRow.account == account]
        with self.database.reading() as connection:
            return self._select_versions(connection, *conditions)

    def hand_over(self, before: str, after: str) -> int:
        """Give an owner's versions to another and return how many."""
        with self.database.writing("run files", durable=True) as connection:
            changed = update(KeptRunFileRow).where(KeptRunFileRow.owner == before).values(owner=after)
            return connection.execute(changed).rowcount

    def forget(self, owner: str) -> int:
        """Remove an owner's versions and return how many; what the audit says stays."""
        with self.database.writing("run files", durable=True) as connection:
            return connection.execute(delete(KeptRunFileRow).where(KeptRunFileRow.owner == owner)).rowcount

    def _select_versions(
        self, connection: Connection, *conditions: ColumnElement[bool]
    ) -> list[RunFileVersion]:
        query = select(KeptRunFileRow.__table__).where(*conditions).order_by(KeptRunFileRow.number)
        rows = list(connection.execute(query).mappings())
        marks: dict[int, dict[VersionMark, str]] = {}
        of_rows = select(KeptRunFileMarkRow.__table__).join(
            KeptRunFileRow, KeptRunFileRow.number == KeptRunFileMarkRow.number
        )
        for row in connection.execute(of_rows.where(*conditions)).mappings():
            marks.setdefault(row["number"], {})[row["mark"]] = row["note"]
        return [
            RunFileVersion(**{name: row[name] for name in _FIELDS}, marks=marks.get(row["number"], {}))
            for row in rows
        ]


def _check_mark(before: RunFileVersion, mark: VersionMark, *, is_newest: bool) -> None:
    if mark == "cancelled" and "taken" in before.marks:
        raise Conflict(
            "run_file_version_taken",
            "version {version} is taking effect already and cannot be cancelled; change the account again instead",
            version=before.version,
        )
    if mark in ("cancelled", "taken") and (before.is_ended or not is_newest):
        raise Conflict(
            "run_file_version_over",
            "version {version} was cancelled, refused or replaced by a newer one; reload the page",
            version=before.version,
        )


def _lock_name(account: str) -> str:
    return f"run file {account}"
