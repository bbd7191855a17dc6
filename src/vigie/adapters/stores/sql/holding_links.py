"""Links by which people share what they own, in the database; keeps the contract of `vigie.ports.holding_links`."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Index, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import Base
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.time import DAY_MS
from vigie.ports.holding_links import HoldingLink


class StoredHoldingLink(Base):
    """A link to the shares of what a person owns, by the digest of its word."""

    __tablename__ = "holding_links"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    digest: Mapped[str]
    ts_created: Mapped[int]
    ts_expires: Mapped[int]
    __table_args__ = (Index(None, "digest", unique=True), Index(None, "owner"))


class SqlHoldingLinks(SqlStore):
    """Links to the shares of what people own."""

    __slots__ = ()

    def links(self, owner: str) -> Sequence[HoldingLink]:
        """Return the links of a person that have not expired, the oldest first."""
        row = StoredHoldingLink
        lives = (row.owner == owner) & (row.ts_expires > self.clock.wall_now())
        query = select(row.__table__).where(lives).order_by(row.ts_created, row.id)
        with self.database.reading() as connection:
            return [HoldingLink(**found) for found in connection.execute(query).mappings()]

    def add(self, owner: str, digest: str, *, days: int, most: int) -> HoldingLink:
        """Keep a link; expired ones of the person go."""
        row, now = StoredHoldingLink, self.clock.wall_now()
        count = select(func.count()).select_from(row).where(row.owner == owner)
        made = HoldingLink(f"k{secrets.token_hex(8)}", owner, digest, now, now + days * DAY_MS)
        with self.database.writing(f"holding-links {owner}", durable=True) as connection:
            connection.execute(delete(row).where(row.owner == owner, row.ts_expires <= now))
            if connection.execute(count).scalar_one() >= most:
                raise UsageError(
                    "holding_links_full", "a person may have {most} shared links; revoke one first", most=most
                )
            connection.execute(insert(row).values(asdict(made)))
        return made

    def find(self, digest: str) -> HoldingLink | None:
        """Return the link of a word, whoever made it; None where none holds."""
        row = StoredHoldingLink
        query = select(row.__table__).where(row.digest == digest, row.ts_expires > self.clock.wall_now())
        with self.database.reading() as connection:
            found = connection.execute(query).mappings().first()
        return None if found is None else HoldingLink(**found)

    def remove(self, owner: str, link: str) -> None:
        """Remove a link; nothing of it is kept."""
        row = StoredHoldingLink
        with self.database.writing(f"holding-links {owner}", durable=True) as connection:
            gone = connection.execute(delete(row).where(row.owner == owner, row.id == link)).rowcount
        if not gone:
            raise NotFound("holding_link_unknown", "there is no such shared link")

    def hand_over(self, before: str, after: str) -> None:
        """Give all that is kept of a person to another."""
        row = StoredHoldingLink
        with self.database.writing("holding-links") as connection:
            connection.execute(update(row).where(row.owner == before).values(owner=after))

    def forget(self, owner: str) -> None:
        """Remove all that is kept of a person."""
        row = StoredHoldingLink
        with self.database.writing("holding-links") as connection:
            connection.execute(delete(row).where(row.owner == owner))
