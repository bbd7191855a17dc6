"""People, their keys and belongings as one store; keeps the contract of `vigie.ports.accounts.UserStore`."""

from __future__ import annotations

from vigie.adapters.stores.sql.accounts.boards import SqlBoards
from vigie.adapters.stores.sql.accounts.full_disk import FullDiskAuthentication


class SqlUserStore(FullDiskAuthentication, SqlBoards):
    """Accounts in the database; the parts share database, clock and what a full disk leaves in memory."""

    __slots__ = ()
