"""What every store of the database is made of."""

from __future__ import annotations

from dataclasses import dataclass

from vigie.adapters.stores.sql.database import Database
from vigie.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Part:
    """A database and a clock; what is kept is stamped with real time."""

    database: Database
    clock: Clock
