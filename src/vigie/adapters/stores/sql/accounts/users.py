"""Users in the database."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, Final, cast

from sqlalchemy import Row, Select, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import BoardRow, SettingsRow, UserRow, WatchlistRow
from vigie.domain.errors import Conflict, NotFound
from vigie.domain.person import Role, name_key
from vigie.ports.accounts import User

# Written once: every page asks them.
_USERS: Final = select(UserRow.__table__).order_by(UserRow.name_key)
_USER: Final = select(UserRow.__table__).where(UserRow.id == bindparam("user"))
_NAMED: Final = select(UserRow.__table__).where(UserRow.name_key == bindparam("user"))


class SqlUsers(SqlStore):
    """Users; names are compared without case."""

    __slots__ = ()

    def users(self) -> Sequence[User]:
        """Return everybody, by name."""
        with self.database.reading() as connection:
            rows = connection.execute(_USERS).all()
        return [to_user(row) for row in rows]

    def user(self, user: str) -> User | None:
        """Return a user by id."""
        return self._find_user(_USER, user)

    def by_name(self, name: str) -> User | None:
        """Return a user by name, without regard to case."""
        return self._find_user(_NAMED, name_key(name))

    def _find_user(self, query: Select[Any], user: str) -> User | None:
        with self.database.reading() as connection:
            row = connection.execute(query, {"user": user}).one_or_none()
        return None if row is None else to_user(row)

    def add(self, name: str, password_hash: str, role: Role) -> User:
        """Add a user; `Conflict` where the name is taken."""
        user = User(f"u{secrets.token_hex(8)}", name.strip(), role, self.clock.wall_now())
        values = {
            "id": user.id, "name": user.name, "name_key": name_key(name), "role": role,
            "password_hash": password_hash, "is_disabled": False, "ts_created": user.ts_created,
        }  # fmt: skip
        try:
            with self.database.writing() as connection:
                connection.execute(insert(UserRow).values(values))
        except IntegrityError:
            raise Conflict(
                "already_user_named", "there is already a user named {name!r}", name=user.name
            ) from None
        return user

    def password_hash(self, user: str) -> str | None:
        """Return the stored hash."""
        with self.database.reading() as connection:
            return connection.scalar(select(UserRow.password_hash).where(UserRow.id == user))

    def totp_secret(self, user: str) -> str:
        """Return the second factor's secret, empty where there is none."""
        with self.database.reading() as connection:
            return connection.scalar(select(UserRow.totp_secret).where(UserRow.id == user)) or ""

    def use_code(self, user: str, step: int) -> bool:
        """Note that the code of a time step was used; False where it, or a later one, was used before."""
        change = update(UserRow).where(UserRow.id == user, UserRow.totp_step < step).values(totp_step=step)
        with self.database.writing() as connection:
            return connection.execute(change).rowcount == 1

    def code_step(self, user: str) -> int:
        """Return the newest time step whose code was used."""
        with self.database.reading() as connection:
            return connection.scalar(select(UserRow.totp_step).where(UserRow.id == user)) or 0

    def change(
        self,
        user: str,
        *,
        password_hash: str | None = None,
        role: Role | None = None,
        is_disabled: bool | None = None,
        totp_secret: str | None = None,
    ) -> User:
        """Change what is given; `NotFound` where there is no such user."""
        changes: dict[str, Any] = {
            "password_hash": password_hash, "role": role, "is_disabled": is_disabled, "totp_secret": totp_secret,
        }  # fmt: skip
        values = {name: value for name, value in changes.items() if value is not None}
        if totp_secret is not None:
            values["totp_step"] = 0
        with self.database.writing() as connection:
            if values:
                connection.execute(update(UserRow).where(UserRow.id == user).values(values))
            row = connection.execute(select(UserRow.__table__).where(UserRow.id == user)).one_or_none()
        if row is None:
            raise NotFound("no_user", "there is no user {user!r}", user=user)
        return to_user(row)

    def delete(self, user: str) -> None:
        """Remove a user and all that belongs to them."""
        with self.database.writing() as connection:
            own_settings = (SettingsRow.user == user) | SettingsRow.user.startswith(
                f"{user}/", autoescape=True
            )
            connection.execute(delete(SettingsRow).where(own_settings))
            connection.execute(delete(WatchlistRow).where(WatchlistRow.owner == user))
            connection.execute(delete(BoardRow).where(BoardRow.owner == user))
            connection.execute(delete(UserRow).where(UserRow.id == user))  # sessions and tokens go with it


def to_user(row: Row[Any]) -> User:
    """Return the user whom a row of the table, or of more with it, is about."""
    return User(
        id=row.id,
        name=row.name,
        role=cast(Role, row.role),
        ts_created=row.ts_created,
        is_disabled=row.is_disabled,
        has_totp=bool(row.totp_secret),
    )
