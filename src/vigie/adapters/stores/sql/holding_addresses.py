"""Addresses whose balances people read, in the database; keeps the contract of `vigie.ports.holding_addresses`."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Final, get_args

from sqlalchemy import Connection, Index, RowMapping, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import Base
from vigie.domain.errors import NotFound, UsageError
from vigie.ports.holding_addresses import HoldingAddress, HoldingAddressKind, HoldingChain

_KINDS: Final[dict[str, HoldingAddressKind]] = {kind: kind for kind in get_args(HoldingAddressKind)}
_CHAINS: Final[dict[str, HoldingChain]] = {chain: chain for chain in get_args(HoldingChain)}


class StoredHoldingAddress(Base):
    """An address or an extended public key of a person, encrypted."""

    __tablename__ = "holding_addresses"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    kind: Mapped[str]
    chain: Mapped[str]
    label: Mapped[str]
    sealed: Mapped[str]
    mark: Mapped[str]
    ts_added: Mapped[int]
    host: Mapped[str]
    ts_agreed: Mapped[int | None]
    __table_args__ = (Index(None, "owner", "chain", "mark", unique=True),)


class SqlHoldingAddresses(SqlStore):
    """Addresses whose balances people read."""

    __slots__ = ()

    def addresses(self, owner: str) -> Sequence[HoldingAddress]:
        """Return the addresses of a person, the oldest first."""
        row = StoredHoldingAddress
        query = select(row.__table__).where(row.owner == owner).order_by(row.ts_added, row.id)
        with self.database.reading() as connection:
            return [_to_address(found) for found in connection.execute(query).mappings()]

    def add(self, owner: str, address: HoldingAddress, *, most: int) -> HoldingAddress:
        """Keep an address and return it; one of the same chain and mark is returned as it was."""
        row = StoredHoldingAddress
        query = select(row.__table__).where(
            row.owner == owner, row.chain == address.chain, row.mark == address.mark
        )
        count = select(func.count()).select_from(row).where(row.owner == owner)
        with self.database.writing(f"holding-addresses {owner}", durable=True) as connection:
            found = connection.execute(query).mappings().first()
            if found is not None:
                return _to_address(found)
            if connection.execute(count).scalar_one() >= most:
                raise UsageError(
                    "holding_addresses_full",
                    "a person may have {most} addresses; remove one first",
                    most=most,
                )
            added = replace(
                address,
                id=f"a{secrets.token_hex(8)}",
                ts_added=self.clock.wall_now(),
                host="",
                ts_agreed=None,
            )
            connection.execute(insert(row).values({**asdict(added), "owner": owner}))
        return added

    def agree(self, owner: str, address: str, host: str) -> HoldingAddress:
        """Note that a person agrees to show an address to a host, in place of one before."""
        row = StoredHoldingAddress
        is_it = (row.owner == owner) & (row.id == address)
        with self.database.writing(f"holding-addresses {owner}", durable=True) as connection:
            connection.execute(update(row).where(is_it).values(host=host, ts_agreed=self.clock.wall_now()))
            return _find(connection, owner, address)

    def remove(self, owner: str, address: str) -> None:
        """Remove an address; nothing of it is kept."""
        row = StoredHoldingAddress
        with self.database.writing(f"holding-addresses {owner}", durable=True) as connection:
            _find(connection, owner, address)
            connection.execute(delete(row).where(row.owner == owner, row.id == address))

    def hand_over(self, before: str, after: str) -> None:
        """Give all that is kept of a person to another."""
        row = StoredHoldingAddress
        with self.database.writing("holding-addresses") as connection:
            connection.execute(update(row).where(row.owner == before).values(owner=after))

    def forget(self, owner: str) -> None:
        """Remove all that is kept of a person."""
        row = StoredHoldingAddress
        with self.database.writing("holding-addresses") as connection:
            connection.execute(delete(row).where(row.owner == owner))


def _find(connection: Connection, owner: str, address: str) -> HoldingAddress:
    row = StoredHoldingAddress
    query = select(row.__table__).where(row.owner == owner, row.id == address)
    found = connection.execute(query).mappings().first()
    if found is None:
        raise NotFound("holding_address_unknown", "there is no such address")
    return _to_address(found)


def _to_address(found: RowMapping) -> HoldingAddress:
    return HoldingAddress(
        id=found["id"],
        kind=_KINDS[found["kind"]],
        chain=_CHAINS[found["chain"]],
        label=found["label"],
        sealed=found["sealed"],
        mark=found["mark"],
        ts_added=found["ts_added"],
        host=found["host"],
        ts_agreed=found["ts_agreed"],
    )
