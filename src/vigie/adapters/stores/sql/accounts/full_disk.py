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

from vigie.adapters.stores.sql.accounts.belongings import Belongings
from vigie.adapters.stores.sql.accounts.keys import Keys
from vigie.adapters.stores.sql.accounts.people import People
from vigie.domain.errors import DiskFull
from vigie.ports.accounts import SessionHolder, UserSession

# Somebody who fails on purpose must not fill the memory either: beyond this the oldest failures are forgotten.
MOST_FAILURES: Final = 20_000


@dataclass(slots=True)
class Memory:
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
class FullDiskKeys(People, Keys, Belongings):
    """What lets people in, with a memory for when the disk is full."""

    memory: Memory = field(default_factory=Memory, repr=False)

    def open_session(self, user: str, key: str, csrf: str, *, ts_expires: int) -> UserSession:
        """Keep a session; on a full disk until this process ends."""
        try:
            return Keys.open_session(self, user, key, csrf, ts_expires=ts_expires)
        except DiskFull:
            now = self.clock.wall_now()
            held = self.memory.sessions
            for old in [name for name, one in held.items() if one.ts_expires <= now]:
                del held[old]
            held[key] = UserSession(key, user, now, ts_expires, csrf)
            return held[key]

    def session(self, key: str) -> UserSession | None:
        """Return a session that has not expired."""
        return self._held(key) or (None if key in self.memory.ended else Keys.session(self, key))

    def holder(self, key: str) -> SessionHolder | None:
        """Return a session that has not expired with its user and their settings."""
        held = self._held(key)
        if held is None:
            return None if key in self.memory.ended else Keys.holder(self, key)
        user = self.user(held.user)
        return None if user is None else SessionHolder(held, user, self.settings(user.id)[1])

    def sessions(self, user: str) -> Sequence[UserSession]:
        """Return the sessions of a user that have not expired, newest first."""
        stored = [one for one in Keys.sessions(self, user) if one.key not in self.memory.ended]
        held = [one for key in list(self.memory.sessions) if (one := self._held(key)) and one.user == user]
        return sorted([*stored, *held], key=lambda one: (-one.ts_created, one.key))

    def extend_session(self, key: str, *, ts_expires: int) -> None:
        """Move the end of a session; on a full disk it stays where it is."""
        with suppress(DiskFull):
            Keys.extend_session(self, key, ts_expires=ts_expires)

    def close_session(self, key: str) -> None:
        """End a session."""
        if self.memory.sessions.pop(key, None) is not None:
            return
        try:
            Keys.close_session(self, key)
        except DiskFull:
            self.memory.ended.add(key)

    def close_sessions(self, user: str) -> None:
        """End all sessions of a user."""
        try:
            Keys.close_sessions(self, user)
        except DiskFull:
            self.memory.ended.update(one.key for one in Keys.sessions(self, user))
        for key in [key for key, one in self.memory.sessions.items() if one.user == user]:
            self.memory.sessions.pop(key, None)

    def use_code(self, user: str, step: int) -> bool:
        """Note that the code of a time step was used; False where it, or a later one, was used before."""
        if step <= self.memory.steps.get(user, -1):
            return False
        try:
            return People.use_code(self, user, step)
        except DiskFull:
            if step <= self.code_step(user):
                return False
            self.memory.steps[user] = step
            return True

    def failures(self, key: str, *, since_ms: int) -> int:
        """Return how many sign-ins under a key failed since then."""
        return Keys.failures(self, key, since_ms=since_ms) + self._remembered(since_ms)[key]

    def failed_keys(self, beginning: str, *, since_ms: int) -> int:
        """Return how many different keys that begin so failed since then."""
        held = [key for key in self._remembered(since_ms) if key.startswith(beginning)]
        # A key that failed before the disk was full and after it is no second one.
        new = [key for key in held if not Keys.failures(self, key, since_ms=since_ms)]
        return Keys.failed_keys(self, beginning, since_ms=since_ms) + len(new)

    def note_failure(self, key: str) -> None:
        """Count a failed sign-in."""
        try:
            Keys.note_failure(self, key)
        except DiskFull:
            self.memory.failures.append((key, self.clock.wall_now()))
            del self.memory.failures[:-MOST_FAILURES]

    def forget_failures(self, key: str) -> None:
        """Forget them after a success; on a full disk those that are stored stay."""
        self.memory.failures[:] = [one for one in self.memory.failures if one[0] != key]
        with suppress(DiskFull):
            Keys.forget_failures(self, key)

    def _held(self, key: str) -> UserSession | None:
        held = self.memory.sessions.get(key)
        return held if held is not None and held.ts_expires > self.clock.wall_now() else None

    def _remembered(self, since_ms: int) -> Counter[str]:
        ahead = 2 * self.clock.wall_now() - since_ms
        return Counter(key for key, ts in list(self.memory.failures) if since_ms <= ts <= ahead)
