"""Sessions, tokens and failed sign-ins in the database; secrets never are, only their hashes."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from sqlalchemy import Row, Select, delete, func, insert, or_, select, update

from vigie.adapters.stores.sql.accounts.users import to_user
from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import FailureRow, SessionRow, SettingsRow, TokenRow, UserRow
from vigie.domain.errors import DiskFull
from vigie.domain.person import Scope
from vigie.domain.time import DAY_MS, MINUTE_MS
from vigie.ports.accounts import SessionHolder
from vigie.ports.authentication import AccessToken, UserSession

# When a token was used is noted this often: reading must not become writing.
TOKEN_USE_INTERVAL_MS: Final = MINUTE_MS
FAILURES_KEPT_MS: Final = 7 * DAY_MS
# Sorts after every hexadecimal ending of a key.
_LAST_KEY: Final = "f" * 64


class SqlAuthentication(SqlStore):
    """What lets people and programs in."""

    __slots__ = ()

    def open_session(self, user: str, key: str, csrf: str, *, ts_expires: int) -> UserSession:
        """Keep a session under the hash of its secret; those that are over are removed."""
        now = self.clock.wall_now()
        session = UserSession(key, user, now, ts_expires, csrf)
        with self.database.writing() as connection:
            connection.execute(delete(SessionRow).where(SessionRow.ts_expires <= now))
            connection.execute(
                insert(SessionRow).values(
                    key=key, user=user, csrf=csrf, ts_created=now, ts_expires=ts_expires
                )
            )
        return session

    def session(self, key: str) -> UserSession | None:
        """Return a session that has not expired."""
        query = select(SessionRow.__table__).where(
            SessionRow.key == key, SessionRow.ts_expires > self.clock.wall_now()
        )
        with self.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return (
            None if row is None else UserSession(row.key, row.user, row.ts_created, row.ts_expires, row.csrf)
        )

    def holder(self, key: str) -> SessionHolder | None:
        """Return a session that has not expired with its user and their settings, in one reading."""
        query = (
            select(
                UserRow.__table__, SettingsRow.body, SessionRow.csrf, SessionRow.ts_expires,
                SessionRow.ts_created.label("ts_opened"),
            )
            .join(SessionRow, SessionRow.user == UserRow.id)
            .outerjoin(SettingsRow, SettingsRow.user == SessionRow.user)
            .where(SessionRow.key == key, SessionRow.ts_expires > self.clock.wall_now())
            .order_by(SettingsRow.revision.desc())
            .limit(1)
        )  # fmt: skip
        with self.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        session = UserSession(key, row.id, row.ts_opened, row.ts_expires, row.csrf)
        return SessionHolder(session, to_user(row), row.body or {})

    def sessions(self, user: str) -> Sequence[UserSession]:
        """Return the sessions of a user that have not expired, newest first."""
        query = (
            select(SessionRow.__table__)
            .where(SessionRow.user == user, SessionRow.ts_expires > self.clock.wall_now())
            .order_by(SessionRow.ts_created.desc(), SessionRow.key)
        )
        with self.database.reading() as connection:
            return [
                UserSession(row.key, row.user, row.ts_created, row.ts_expires, row.csrf)
                for row in connection.execute(query)
            ]

    def extend_session(self, key: str, *, ts_expires: int) -> None:
        """Move the end of a session."""
        with self.database.writing() as connection:
            connection.execute(update(SessionRow).where(SessionRow.key == key).values(ts_expires=ts_expires))

    def close_session(self, key: str) -> None:
        """End a session."""
        with self.database.writing() as connection:
            connection.execute(delete(SessionRow).where(SessionRow.key == key))

    def close_sessions(self, user: str) -> None:
        """End all sessions of a user."""
        with self.database.writing() as connection:
            connection.execute(delete(SessionRow).where(SessionRow.user == user))

    def add_token(
        self, user: str, name: str, key: str, scopes: frozenset[Scope], *, ts_expires: int | None
    ) -> AccessToken:
        """Keep a token under the hash of its secret."""
        token = AccessToken(
            f"t{secrets.token_hex(6)}", user, name, scopes, self.clock.wall_now(), None, ts_expires
        )
        values = {
            "id": token.id, "key": key, "user": user, "name": name, "scopes": sorted(scopes),
            "ts_created": token.ts_created, "ts_expires": ts_expires,
        }  # fmt: skip
        with self.database.writing() as connection:
            connection.execute(insert(TokenRow).values(values))
        return token

    def token(self, key: str) -> AccessToken | None:
        """Return a token that has not expired, and note that it was used."""
        now = self.clock.wall_now()
        is_valid = or_(TokenRow.ts_expires.is_(None), TokenRow.ts_expires > now)
        with self.database.reading() as connection:
            row = connection.execute(
                select(TokenRow.__table__).where(TokenRow.key == key, is_valid)
            ).one_or_none()
        if row is None:
            return None
        if row.ts_used is None or now - row.ts_used >= TOKEN_USE_INTERVAL_MS:
            # A full disk keeps no program from reading.
            with suppress(DiskFull), self.database.writing() as connection:
                connection.execute(update(TokenRow).where(TokenRow.id == row.id).values(ts_used=now))
        return _to_token(row, now)

    def tokens(self, user: str) -> Sequence[AccessToken]:
        """Return the tokens of a user, oldest first."""
        query = (
            select(TokenRow.__table__).where(TokenRow.user == user).order_by(TokenRow.ts_created, TokenRow.id)
        )
        with self.database.reading() as connection:
            return [_to_token(row, row.ts_used) for row in connection.execute(query)]

    def revoke(self, user: str, token: str) -> bool:
        """Remove a token; False where the user has none such."""
        with self.database.writing() as connection:
            result = connection.execute(delete(TokenRow).where(TokenRow.id == token, TokenRow.user == user))
            return result.rowcount == 1

    def failures(self, key: str, *, since_ms: int) -> int:
        """Return how many sign-ins under a key failed since then.

        What lies as far ahead was noted while the clock was wrong: it would keep people out until then.
        """
        return self._count_failures(select(func.count()).where(FailureRow.key == key), since_ms)

    def failed_keys(self, beginning: str, *, since_ms: int) -> int:
        """Return how many different keys that begin so failed since then; keys are lower-case hexadecimal."""
        # A range, not LIKE: only a range uses the index in every database and collation.
        has_prefix = FailureRow.key.between(beginning, beginning + _LAST_KEY)
        return self._count_failures(select(func.count(FailureRow.key.distinct())).where(has_prefix), since_ms)

    def _count_failures(self, count: Select[int], since_ms: int) -> int:
        until_ms = 2 * self.clock.wall_now() - since_ms
        with self.database.reading() as connection:
            return connection.scalar(count.where(FailureRow.ts.between(since_ms, until_ms))) or 0

    def note_failure(self, key: str) -> None:
        """Count a failed sign-in; old ones are forgotten."""
        now = self.clock.wall_now()
        with self.database.writing() as connection:
            connection.execute(delete(FailureRow).where(FailureRow.ts < now - FAILURES_KEPT_MS))
            connection.execute(insert(FailureRow).values(key=key, ts=now))

    def forget_failures(self, key: str) -> None:
        """Forget them after a success."""
        with self.database.writing() as connection:
            connection.execute(delete(FailureRow).where(FailureRow.key == key))


def _to_token(row: Row[Any], ts_used: int | None) -> AccessToken:
    return AccessToken(
        row.id, row.user, row.name, frozenset(row.scopes), row.ts_created, ts_used, row.ts_expires
    )
