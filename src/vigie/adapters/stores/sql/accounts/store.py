"""People, their keys and belongings as one store; keeps the contract of `vigie.ports.accounts.Accounts`."""

from __future__ import annotations

from vigie.adapters.stores.sql.accounts.belongings import Belongings
from vigie.adapters.stores.sql.accounts.boards import Boards
from vigie.adapters.stores.sql.accounts.keys import Keys
from vigie.adapters.stores.sql.accounts.people import People


class SqlAccounts(People, Keys, Belongings, Boards):
    """Accounts in the database; the four parts share nothing but database and clock."""

    __slots__ = ()
