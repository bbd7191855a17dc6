"""People with their settings, and the store that also keeps their sessions, tokens, watchlists and boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from vigie.domain.person import Role
from vigie.ports.authentication import AuthenticationStore, UserSession
from vigie.ports.boards import BoardStore
from vigie.ports.watchlists import WatchlistStore


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


class UserStore(AuthenticationStore, WatchlistStore, BoardStore, Protocol):
    """Users and what belongs to them. Names are compared without case."""

    def users(self) -> Sequence[User]:
        """Return everybody, by name.

        Returns
        -------
        sequence of User
            Disabled ones too; ascending by name without case.
        """
        ...

    def user(self, user: str) -> User | None:
        """Return a user by id.

        Parameters
        ----------
        user : str
            `User.id`.

        Returns
        -------
        User or None
            None where there is none, or they were removed.
        """
        ...

    def by_name(self, name: str) -> User | None:
        """Return a user by name, without regard to case.

        Parameters
        ----------
        name : str
            As typed; compared as by `name_key`.

        Returns
        -------
        User or None
            Also a disabled one.
        """
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
        """Return the stored hash.

        Parameters
        ----------
        user : str
            `User.id`.

        Returns
        -------
        str or None
            As given to `add` or `change`; None for an unknown user.
        """
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
        """Return the second factor's secret, empty where there is none.

        Parameters
        ----------
        user : str
            `User.id`.

        Returns
        -------
        str
            In clear text; empty also for an unknown user.
        """
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
        """Remove a user with their sessions, tokens, settings, watchlists and boards.

        Parameters
        ----------
        user : str
            `User.id`; without such a user nothing happens. Runs, alerts and trading accounts are other stores'.
        """
        ...

    def holder(self, key: str) -> SessionHolder | None:
        """Return a session that has not expired with its user and their settings, in one reading.

        Parameters
        ----------
        key : str
            SHA-256 of the cookie's secret.

        Returns
        -------
        SessionHolder or None
            None where `session` returns None.
        """
        ...

    def settings(self, user: str) -> tuple[int, dict[str, Any]]:
        """Return the revision and the settings of a user.

        What is kept apart has a name that begins with the user's, ``<user>/drawings/bitcoin``; it goes with them.

        Parameters
        ----------
        user : str
            `User.id`, ``owner`` for the local owner, or a name that begins with one of these.

        Returns
        -------
        (int, dict of str to object)
            Revision and plain JSON by key; 0 and nothing before the first change.
        """
        ...

    def extra_settings(self, user: str) -> Mapping[str, dict[str, Any]]:
        """Return what is kept of a user apart from their settings, by its name without the user's.

        Parameters
        ----------
        user : str
            `User.id`, or ``owner``.

        Returns
        -------
        mapping of str to dict
            Newest settings, by a name such as ``drawings/bitcoin``.
        """
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
        """Return (revision, time, settings), newest first.

        Parameters
        ----------
        user : str
            As for `settings`.

        Returns
        -------
        sequence of (int, int, dict)
            Times are epoch milliseconds on the wall; settings are whole, as they were from then on. The newest 200.
        """
        ...
