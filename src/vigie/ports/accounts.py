"""People, their sessions, tokens, settings, watchlists and boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from vigie.domain.person import Role, Scope
from vigie.domain.time import DAY_MS

# How long a deleted board can come back.
RESTORABLE_MS: Final = 7 * DAY_MS
# Of one owner: the longest deleted ones go before their week is over.
MOST_DELETED_BOARDS: Final = 100


@dataclass(frozen=True, slots=True)
class User:
    """A person with an account; secrets stay in the store.

    Attributes
    ----------
    id : str
        Pseudonymous, never reused.
    name : str
        What they sign in with.
    has_totp : bool
        Whether a second factor is asked for.
    """

    id: str
    name: str
    role: Role
    ts_created: int
    is_disabled: bool = False
    has_totp: bool = False


@dataclass(frozen=True, slots=True)
class UserSession:
    """A signed-in browser; the cookie holds a secret whose hash is the key.

    Attributes
    ----------
    key : str
        SHA-256 of the cookie's secret.
    csrf : str
        Token that forms send back.
    ts_created, ts_expires : int
        Epoch milliseconds on the wall; over from `ts_expires` on.
    """

    key: str
    user: str
    ts_created: int
    ts_expires: int
    csrf: str


@dataclass(frozen=True, slots=True)
class SessionHolder:
    """Who holds a session, and what they have set.

    Attributes
    ----------
    settings : mapping of str to object
        Newest revision, plain JSON; empty before the first.
    """

    session: UserSession
    user: User
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An API token; shown once, stored hashed.

    Attributes
    ----------
    scopes : frozenset of Scope
        As granted; only those that the user's role allows count.
    ts_used, ts_expires : int or None
        Epoch milliseconds on the wall, `ts_used` to the minute; None for never.
    """

    id: str
    user: str
    name: str
    scopes: frozenset[Scope]
    ts_created: int
    ts_used: int | None = None
    ts_expires: int | None = None


@dataclass(frozen=True, slots=True)
class Watchlist:
    """A named, ordered list of assets, and entities beside them; `revision` grows with every change.

    Attributes
    ----------
    assets, entities : tuple of str
        Catalogue ids, in the person's order.
    position : int
        Ascending among the lists of the owner.
    revision : int
        Grows with every change; 0 before it is stored.
    share : str
        Word in the address of a shared list; empty where it is not shared.
    """

    id: str
    owner: str
    name: str
    assets: tuple[str, ...]
    position: int
    revision: int
    share: str = ""
    entities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredBoard:
    """A board of the Studio as it is kept: its plan, never its numbers.

    Attributes
    ----------
    plan : mapping
        What is asked for, plain values; the Studio reads them.
    revision : int
        Grows with every change.
    ts_deleted : int or None
        When it was deleted; it can come back for a week.
    """

    id: str
    owner: str
    plan: Mapping[str, Any]
    revision: int = 0
    ts_changed: int = 0
    ts_deleted: int | None = None


class UserStore(Protocol):
    """Users and what belongs to them. Names are compared without case."""

    def users(self) -> Sequence[User]:
        """Return everybody, by name."""
        ...

    def user(self, user: str) -> User | None:
        """Return a user by id."""
        ...

    def by_name(self, name: str) -> User | None:
        """Return a user by name, without regard to case."""
        ...

    def add(self, name: str, password_hash: str, role: Role) -> User:
        """Add a user; `UsageError` where the name is taken.

        Parameters
        ----------
        name : str
            Trimmed; accents compare alike however they were typed.

        Returns
        -------
        User
            Enabled, without a second factor.
        """
        ...

    def password_hash(self, user: str) -> str | None:
        """Return the stored hash."""
        ...

    def change(
        self,
        user: str,
        *,
        password_hash: str | None = None,
        role: Role | None = None,
        is_disabled: bool | None = None,
        totp_secret: str | None = None,
    ) -> User:
        """Change what is given; `UsageError` where there is no such user.

        Parameters
        ----------
        user : str
            `User.id`.
        password_hash, role, is_disabled : str, Role, bool or None
            New values; None leaves the present one.
        totp_secret : str or None
            New secret, and every code counts as unused; empty turns the second factor off, None leaves it.

        Returns
        -------
        User
            As changed.
        """
        ...

    def totp_secret(self, user: str) -> str:
        """Return the second factor's secret, empty where there is none."""
        ...

    def use_code(self, user: str, step: int) -> bool:
        """Note that the code of a time step was used; False where it, or a later one, was used before.

        Parameters
        ----------
        user : str
            `User.id`.
        step : int
            Number of the code's time step since 1970.

        Returns
        -------
        bool
            True once for each step; False also for an unknown user.
        """
        ...

    def delete(self, user: str) -> None:
        """Remove a user and all that belongs to them."""
        ...

    def open_session(self, user: str, key: str, csrf: str, *, ts_expires: int) -> UserSession:
        """Keep a session under the hash of its secret."""
        ...

    def session(self, key: str) -> UserSession | None:
        """Return a session that has not expired."""
        ...

    def holder(self, key: str) -> SessionHolder | None:
        """Return a session that has not expired with its user and their settings, in one reading."""
        ...

    def sessions(self, user: str) -> Sequence[UserSession]:
        """Return the sessions of a user that have not expired, newest first."""
        ...

    def extend_session(self, key: str, *, ts_expires: int) -> None:
        """Move the end of a session."""
        ...

    def close_session(self, key: str) -> None:
        """End a session."""
        ...

    def close_sessions(self, user: str) -> None:
        """End all sessions of a user."""
        ...

    def add_token(
        self, user: str, name: str, key: str, scopes: frozenset[Scope], *, ts_expires: int | None
    ) -> AccessToken:
        """Keep a token under the hash of its secret."""
        ...

    def token(self, key: str) -> AccessToken | None:
        """Return a token that has not expired, and note that it was used."""
        ...

    def tokens(self, user: str) -> Sequence[AccessToken]:
        """Return the tokens of a user."""
        ...

    def revoke(self, user: str, token: str) -> bool:
        """Remove a token; False where the user has none such."""
        ...

    def failures(self, key: str, *, since_ms: int) -> int:
        """Return how many sign-ins under a key failed since then; not those that lie as far ahead of now.

        Parameters
        ----------
        key : str
            Hash of a name, an address or both.
        since_ms : int
            Epoch milliseconds on the wall, inclusive.

        Returns
        -------
        int
            Only the last 7 days are kept.
        """
        ...

    def failed_keys(self, beginning: str, *, since_ms: int) -> int:
        """Return how many different keys that begin so failed since then; keys are lower-case hexadecimal."""
        ...

    def note_failure(self, key: str) -> None:
        """Count a failed sign-in."""
        ...

    def forget_failures(self, key: str) -> None:
        """Forget them after a success."""
        ...

    def settings(self, user: str) -> tuple[int, dict[str, Any]]:
        """Return the revision and the settings of a user.

        What is kept apart has a name that begins with the user's, ``<user>/drawings/bitcoin``; it goes with them.
        """
        ...

    def extra_settings(self, user: str) -> Mapping[str, dict[str, Any]]:
        """Return what is kept of a user apart from their settings, by its name without the user's."""
        ...

    def put_settings(self, user: str, changes: Mapping[str, Any], *, revision: int | None = None) -> int:
        """Change settings and return the new revision; `Conflict` where `revision` is not the current one.

        Parameters
        ----------
        user : str
            `User.id`, or a name that begins with it, see `settings`.
        changes : mapping of str to object
            Plain JSON by key; None removes a key, keys left out stay.
        revision : int or None
            Revision that the change is based on; None overwrites.

        Returns
        -------
        int
            Rises by 1 with every call, also where nothing changes.
        """
        ...

    def settings_history(self, user: str) -> Sequence[tuple[int, int, dict[str, Any]]]:
        """Return (revision, time, settings), newest first."""
        ...

    def watchlists(self, owner: str) -> Sequence[Watchlist]:
        """Return the lists of an owner, in order."""
        ...

    def watchlist(self, owner: str, watchlist: str) -> Watchlist | None:
        """Return one list of an owner."""
        ...

    def shared_watchlist(self, share: str) -> Watchlist | None:
        """Return the list that was shared under this word."""
        ...

    def put_watchlist(self, watchlist: Watchlist, *, revision: int | None = None) -> Watchlist:
        """Store a list; `Conflict` where `revision` is not the current one.

        Parameters
        ----------
        watchlist : Watchlist
            Without an id it is added; its own revision is ignored where the list exists.
        revision : int or None
            Revision that the change is based on; None overwrites.

        Returns
        -------
        Watchlist
            With its id and new revision.
        """
        ...

    def delete_watchlist(self, owner: str, watchlist: str) -> Watchlist | None:
        """Remove a list and return what it was."""
        ...

    def boards(self, owner: str) -> Sequence[StoredBoard]:
        """Return the boards of an owner that are not deleted, the last changed first."""
        ...

    def board(self, owner: str, board: str) -> StoredBoard | None:
        """Return one board of an owner, also a deleted one."""
        ...

    def put_board(self, board: StoredBoard, *, revision: int | None = None) -> StoredBoard:
        """Store a board; `Conflict` where `revision` is not the current one.

        Parameters
        ----------
        board : StoredBoard
            Without an id it is added; with `ts_deleted` it is deleted.
        revision : int or None
            Revision that the change is based on; None overwrites.

        Returns
        -------
        StoredBoard
            With its id, new revision and time of change.
        """
        ...
