"""Fills made elsewhere in the database; keeps the contract of `vigie.ports.outside`."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, ForeignKey, Index, RowMapping, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import AutoIncrementInt, Base
from vigie.adapters.stores.sql.tradebook.tables import ExactDecimal
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.outside import OutsideFill, SortedFills, sort_fills
from vigie.ports.outside import OutsideAddress, TradeMatch

_PAGE: Final = 500


class StoredOutsideAddress(Base):
    """An address of a venue that a person's fills are read of, encrypted."""

    __tablename__ = "outside_addresses"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    venue: Mapped[str]
    sealed: Mapped[str]
    mark: Mapped[str]
    ts_added: Mapped[int]
    ts_read: Mapped[int | None]
    reached: Mapped[int]
    __table_args__ = (Index(None, "owner", "venue", "mark", unique=True),)


class StoredOutsideFill(Base):
    """A fill that a venue made for a person, outside of Vigie."""

    __tablename__ = "outside_fills"
    number: Mapped[int] = mapped_column(AutoIncrementInt, primary_key=True, autoincrement=True)
    owner: Mapped[str]
    key: Mapped[str]
    venue: Mapped[str]
    instrument: Mapped[str]
    asset: Mapped[str]
    side: Mapped[str]
    price: Mapped[Decimal] = mapped_column(ExactDecimal)
    qty: Mapped[Decimal] = mapped_column(ExactDecimal)
    fee: Mapped[Decimal] = mapped_column(ExactDecimal)
    fee_currency: Mapped[str]
    ts: Mapped[int]
    origin: Mapped[str]
    outside_id: Mapped[str]
    position_before: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    address: Mapped[str | None] = mapped_column(ForeignKey("outside_addresses.id", ondelete="CASCADE"))
    __table_args__ = (Index(None, "owner", "key", unique=True), Index(None, "owner", "ts"))


class StoredOutsideMatch(Base):
    """What a person said of a setup that was proposed for a trade made elsewhere."""

    __tablename__ = "outside_matches"
    owner: Mapped[str] = mapped_column(primary_key=True)
    trade: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    target: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    verdict: Mapped[str]


_TABLES: Final = (StoredOutsideMatch, StoredOutsideFill, StoredOutsideAddress)


class SqlOutsideTrades(SqlStore):
    """What people traded elsewhere."""

    __slots__ = ()

    def fills(self, owner: str) -> Sequence[OutsideFill]:
        """Return the fills of a person, oldest first; those of one time in the order they came."""
        with self.database.reading() as connection:
            return _fills(connection, owner)

    def add(
        self, owner: str, fills: Sequence[OutsideFill], *, most: int, dry_run: bool = False
    ) -> Sequence[OutsideFill]:
        """Add those that are not known yet, all or none, and return them with their keys."""
        if dry_run:
            with self.database.reading() as connection:
                return _sort_fills(connection, owner, fills, most).new
        with self.database.writing(f"outside {owner}", durable=True) as connection:
            found = _sort_fills(connection, owner, fills, most)
            if found.new:
                connection.execute(insert(StoredOutsideFill), [_to_row(owner, fill) for fill in found.new])
            for fill in found.adopted:
                connection.execute(
                    update(StoredOutsideFill)
                    .where(StoredOutsideFill.owner == owner, StoredOutsideFill.key == fill.key)
                    .values(
                        outside_id=fill.outside_id, position_before=fill.position_before, address=fill.address
                    )
                )
        return found.new

    def remove(self, owner: str, keys: Sequence[str]) -> int:
        """Remove fills by their keys and return how many there were."""
        row = StoredOutsideFill
        removed = 0
        with self.database.writing(f"outside {owner}") as connection:
            for place in range(0, len(keys), _PAGE):
                page = list(keys[place : place + _PAGE])
                removed += connection.execute(
                    delete(row).where(row.owner == owner, row.key.in_(page))
                ).rowcount
                connection.execute(
                    delete(StoredOutsideMatch).where(
                        StoredOutsideMatch.owner == owner, StoredOutsideMatch.trade.in_(page)
                    )
                )
        return removed

    def addresses(self, owner: str) -> Sequence[OutsideAddress]:
        """Return the addresses of a person, the oldest first."""
        row = StoredOutsideAddress
        query = select(row.__table__).where(row.owner == owner).order_by(row.ts_added, row.id)
        with self.database.reading() as connection:
            return [_to_address(found) for found in connection.execute(query).mappings()]

    def add_address(self, owner: str, venue: str, sealed: str, mark: str) -> OutsideAddress:
        """Keep an address and return it; one of the same venue and mark is returned as it was."""
        row = StoredOutsideAddress
        query = select(row.__table__).where(row.owner == owner, row.venue == venue, row.mark == mark)
        with self.database.writing(f"outside {owner}", durable=True) as connection:
            found = connection.execute(query).mappings().first()
            if found is not None:
                return _to_address(found)
            added = OutsideAddress(f"f{secrets.token_hex(8)}", venue, sealed, mark, self.clock.wall_now())
            connection.execute(insert(row).values({**asdict(added), "owner": owner}))
        return added

    def note_read(self, owner: str, address: str, reached: int) -> None:
        """Note that an address was read now, up to a fill's time."""
        row = StoredOutsideAddress
        is_it = (row.owner == owner) & (row.id == address)
        with self.database.writing(f"outside {owner}") as connection:
            connection.execute(update(row).where(is_it).values(ts_read=self.clock.wall_now()))
            connection.execute(update(row).where(is_it, row.reached < reached).values(reached=reached))

    def remove_address(self, owner: str, address: str) -> int | None:
        """Remove an address with the fills that were read of it."""
        fill, row = StoredOutsideFill, StoredOutsideAddress
        with self.database.writing(f"outside {owner}", durable=True) as connection:
            is_of_it = (fill.owner == owner) & (fill.address == address)
            # What a form or a file told as well stays, as they told it.
            connection.execute(
                update(fill)
                .where(is_of_it, fill.origin != "address")
                .values(address=None, outside_id="", position_before=None)
            )
            keys = select(fill.key).where(is_of_it)
            connection.execute(
                delete(StoredOutsideMatch).where(
                    StoredOutsideMatch.owner == owner, StoredOutsideMatch.trade.in_(keys)
                )
            )
            removed = connection.execute(delete(fill).where(is_of_it)).rowcount
            is_gone = connection.execute(delete(row).where(row.owner == owner, row.id == address)).rowcount
        return removed if is_gone else None

    def matches(self, owner: str) -> Sequence[TradeMatch]:
        """Return what a person said of proposed setups."""
        row = StoredOutsideMatch
        query = select(row.trade, row.kind, row.target, row.account, row.verdict)
        query = query.where(row.owner == owner).order_by(row.trade, row.kind, row.target, row.account)
        with self.database.reading() as connection:
            return [TradeMatch(**found) for found in connection.execute(query).mappings()]

    def decide(self, owner: str, match: TradeMatch) -> None:
        """Keep what a person says of a proposed setup, in place of what they said of it before."""
        row = StoredOutsideMatch
        is_same = (row.target == match.target) & (row.account == match.account)
        replaced = is_same | (row.verdict == "accepted") if match.verdict == "accepted" else is_same
        with self.database.writing(f"outside {owner}") as connection:
            connection.execute(
                delete(row).where(
                    row.owner == owner, row.trade == match.trade, row.kind == match.kind, replaced
                )
            )
            connection.execute(insert(row).values({**asdict(match), "owner": owner}))

    def hand_over(self, before: str, after: str) -> None:
        """Give all that is kept of a person to another."""
        with self.database.writing("outside") as connection:
            for row in _TABLES:
                connection.execute(update(row).where(row.owner == before).values(owner=after))

    def forget(self, owner: str) -> None:
        """Remove all that is kept of a person."""
        with self.database.writing("outside") as connection:
            for row in _TABLES:
                connection.execute(delete(row).where(row.owner == owner))


def _fills(connection: Connection, owner: str) -> list[OutsideFill]:
    row = StoredOutsideFill
    query = select(row.__table__).where(row.owner == owner).order_by(row.ts, row.number)
    return [_to_fill(found) for found in connection.execute(query).mappings()]


def _sort_fills(connection: Connection, owner: str, fills: Sequence[OutsideFill], most: int) -> SortedFills:
    """Tell what is not known yet; refuses more fills than a person may have."""
    for address in {fill.address for fill in fills if fill.address}:
        is_theirs = (StoredOutsideAddress.owner == owner) & (StoredOutsideAddress.id == address)
        if connection.execute(select(StoredOutsideAddress.id).where(is_theirs)).first() is None:
            raise NotFound("no_outside_address", "there is no address {address!r}", address=address)
    found = sort_fills(_fills(connection, owner), fills)
    count = connection.scalar(select(func.count()).where(StoredOutsideFill.owner == owner)) or 0
    if found.new and count + len(found.new) > most:
        raise UsageError(
            "most_outside_fills",
            "you can keep at most {most} fills made elsewhere, would be {count}; remove some first",
            most=most,
            count=count + len(found.new),
        )
    return found


def _to_row(owner: str, fill: OutsideFill) -> dict[str, object]:
    return {**asdict(fill), "owner": owner, "address": fill.address or None}


def _to_fill(row: RowMapping) -> OutsideFill:
    values = {name: value for name, value in row.items() if name not in ("number", "owner")}
    return OutsideFill(**{**values, "address": values["address"] or ""})


def _to_address(row: RowMapping) -> OutsideAddress:
    return OutsideAddress(**{name: value for name, value in row.items() if name != "owner"})
