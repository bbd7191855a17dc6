"""Signing in and staying signed in on a full disk: what the database has no room for is kept by this process.

Sessions that were opened so end with the process. Failed sign-ins and used codes count as they do on a disk with room,
so that a full disk is no way around them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from vigie.adapters.stores.sql.accounts.authentication import SqlAuthentication
from vigie.adapters.stores.sql.accounts.user_data import SqlUserData
from vigie.adapters.stores.sql.accounts.users import SqlUsers
from vigie.domain.errors import DiskFull
from vigie.ports.accounts import SessionHolder
from vigie.ports.authentication import UserSession

# Somebody who fails on purpose must not fill the memory either: beyond this the oldest failures are forgotten.
MAX_FAILURES: Final = 20_000


@dataclass(slots=True)
class FullDiskMemory:
    """What this process keeps in place of the database.

    Attributes
    ----------
    sessions : dict
        By key.
    ended : set of str
        Keys of stored sessions that were ended here.
    failures : list of (key, time)
        Failed sign-ins, oldest first.
    steps : dict
        The newest time step whose code was used, by user.
    """

    sessions: dict[str, UserSession] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    failures: list[tuple[str, int]] = field(default_factory=list)
    steps: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FullDiskAuthentication(SqlUsers, SqlAuthentication, SqlUserData):
    """What lets people in, with a memory for when the disk is full."""

    memory: FullDiskMemory = field(default_factory=FullDiskMemory, repr=False)

    def open_session(self, user: str, key: str, csrf: str, *, ts_expires: int) -> UserSession:
        """Keep a session; on a full disk until this process ends."""
        try:
            return SqlAuthentication.open_session(self, user, key, csrf, ts_expires=ts_expires)
        except DiskFull:
            now = self.clock.wall_now()
            sessions = self.memory.sessions
            for expired_key in [name for name, session in sessions.items() if session.ts_expires <= now]:
                del sessions[expired_key]
            sessions[key] = UserSession(key, user, now, ts_expires, csrf)
            return sessions[key]

    def session(self, key: str) -> UserSession | None:
        """Return a session that has not expired."""
        return self._find_in_memory(key) or (
            None if key in self.memory.ended else SqlAuthentication.session(self, key)
        )

    def holder(self, key: str) -> SessionHolder | None:
        """Return a session that has not expired with its user and their settings."""
        session = self._find_in_memory(key)
        if session is None:
            return None if key in self.memory.ended else SqlAuthentication.holder(self, key)
        user = self.user(session.user)
        return None if user is None else SessionHolder(session, user, self.settings(user.id)[1])

    def sessions(self, user: str) -> Sequence[UserSession]:
        """Return the sessions of a user that have not expired, newest first."""
        stored = [
            session
            for session in SqlAuthentication.sessions(self, user)
            if session.key not in self.memory.ended
        ]
        in_memory = [
            session
            for key in list(self.memory.sessions)
            if (session := self._find_in_memory(key)) and session.user == user
        ]
        return sorted([*stored, *in_memory], key=lambda session: (-session.ts_created, session.key))

    def extend_session(self, key: str, *, ts_expires: int) -> None:
        """Move the end of a session; on a full disk it stays where it is."""
        with suppress(DiskFull):
            SqlAuthentication.extend_session(self, key, ts_expires=ts_expires)

    def close_session(self, key: str) -> None:
        """End a session."""
        if self.memory.sessions.pop(key, None) is not None:
            return
        try:
            SqlAuthentication.close_session(self, key)
        except DiskFull:
            self.memory.ended.add(key)

    def close_sessions(self, user: str) -> None:
        """End all sessions of a user."""
        try:
            SqlAuthentication.close_sessions(self, user)
        except DiskFull:
            self.memory.ended.update(session.key for session in SqlAuthentication.sessions(self, user))
        for key in [key for key, session in self.memory.sessions.items() if session.user == user]:
            self.memory.sessions.pop(key, None)

    def use_code(self, user: str, step: int) -> bool:
        """Note that the code of a time step was used; False where it, or a later one, was used before."""
        if step <= self.memory.steps.get(user, -1):
            return False
        try:
            return SqlUsers.use_code(self, user, step)
        except DiskFull:
            if step <= self.code_step(user):
                return False
            self.memory.steps[user] = step
            return True

    def failures(self, key: str, *, since_ms: int) -> int:
        """Return how many sign-ins under a key failed since then."""
        return SqlAuthentication.failures(self, key, since_ms=since_ms) + self._count_in_memory(since_ms)[key]

    def failed_keys(self, beginning: str, *, since_ms: int) -> int:
        """Return how many different keys that begin so failed since then."""
        in_memory = [key for key in self._count_in_memory(since_ms) if key.startswith(beginning)]
        # A key that failed before the disk was full and after it is no second one.
        new_keys = [key for key in in_memory if not SqlAuthentication.failures(self, key, since_ms=since_ms)]
        return SqlAuthentication.failed_keys(self, beginning, since_ms=since_ms) + len(new_keys)

    def note_failure(self, key: str) -> None:
        """Count a failed sign-in."""
        try:
            SqlAuthentication.note_failure(self, key)
        except DiskFull:
            self.memory.failures.append((key, self.clock.wall_now()))
            del self.memory.failures[:-MAX_FAILURES]

    def forget_failures(self, key: str) -> None:
        """Forget them after a success; on a full disk those that are stored stay."""
        self.memory.failures[:] = [failure for failure in self.memory.failures if failure[0] != key]
        with suppress(DiskFull):
            SqlAuthentication.forget_failures(self, key)

    def _find_in_memory(self, key: str) -> UserSession | None:
        session = self.memory.sessions.get(key)
        return session if session is not None and session.ts_expires > self.clock.wall_now() else None

    def _count_in_memory(self, since_ms: int) -> Counter[str]:
        until_ms = 2 * self.clock.wall_now() - since_ms
        return Counter(key for key, ts in list(self.memory.failures) if since_ms <= ts <= until_ms)
