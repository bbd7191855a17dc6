"""What lets people and programs in: sessions, tokens and failed sign-ins, under hashes of their secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from vigie.domain.person import Scope


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


class AuthenticationStore(Protocol):
    """Sessions, tokens and failed sign-ins; times are epoch milliseconds on the wall."""

    def open_session(self, user: str, key: str, csrf: str, *, ts_expires: int) -> UserSession:
        """Keep a session under the hash of its secret.

        Parameters
        ----------
        user : str
            `User.id`.
        key : str
            SHA-256 of the cookie's secret.
        csrf : str
            Token that forms send back.
        ts_expires : int
            Epoch milliseconds, exclusive.

        Returns
        -------
        UserSession
            Created now. On a full disk it is kept by this process only, until that ends.
        """
        ...

    def session(self, key: str) -> UserSession | None:
        """Return a session that has not expired.

        Parameters
        ----------
        key : str
            SHA-256 of the cookie's secret.

        Returns
        -------
        UserSession or None
            None where it expired, was ended, or never was.
        """
        ...

    def sessions(self, user: str) -> Sequence[UserSession]:
        """Return the sessions of a user that have not expired, newest first.

        Parameters
        ----------
        user : str
            `User.id`.

        Returns
        -------
        sequence of UserSession
            Empty also for an unknown user.
        """
        ...

    def extend_session(self, key: str, *, ts_expires: int) -> None:
        """Move the end of a session.

        Parameters
        ----------
        key : str
            SHA-256 of the cookie's secret; without such a session nothing happens.
        ts_expires : int
            New end, epoch milliseconds; on a full disk the end stays where it is.
        """
        ...

    def close_session(self, key: str) -> None:
        """End a session.

        Parameters
        ----------
        key : str
            SHA-256 of the cookie's secret; without such a session nothing happens.
        """
        ...

    def close_sessions(self, user: str) -> None:
        """End all sessions of a user.

        Parameters
        ----------
        user : str
            `User.id`; this ends them in every browser.
        """
        ...

    def add_token(
        self, user: str, name: str, key: str, scopes: frozenset[Scope], *, ts_expires: int | None
    ) -> AccessToken:
        """Keep a token under the hash of its secret.

        Parameters
        ----------
        user : str
            `User.id`.
        name : str
            What the user calls it; names may repeat.
        key : str
            SHA-256 of the token's secret.
        scopes : frozenset of Scope
            Not checked against the role of the user.
        ts_expires : int or None
            Epoch milliseconds, exclusive; None for never.

        Returns
        -------
        AccessToken
            With its id, never used.
        """
        ...

    def token(self, key: str) -> AccessToken | None:
        """Return a token that has not expired, and note that it was used.

        Parameters
        ----------
        key : str
            SHA-256 of the token's secret.

        Returns
        -------
        AccessToken or None
            With `ts_used` now; the stored time may be a minute older. Whether the user is disabled is not checked.
        """
        ...

    def tokens(self, user: str) -> Sequence[AccessToken]:
        """Return the tokens of a user, oldest first.

        Parameters
        ----------
        user : str
            `User.id`.

        Returns
        -------
        sequence of AccessToken
            Expired ones too.
        """
        ...

    def revoke(self, user: str, token: str) -> bool:
        """Remove a token; False where the user has none such.

        Parameters
        ----------
        user : str
            `User.id`.
        token : str
            `AccessToken.id`.

        Returns
        -------
        bool
            True where it was there; it is refused from now on.
        """
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
        """Return how many different keys that begin so failed since then; keys are lower-case hexadecimal.

        Parameters
        ----------
        beginning : str
            First digits: the hash of an address, with which the keys of names at this address begin.
        since_ms : int
            Epoch milliseconds on the wall, inclusive.

        Returns
        -------
        int
            Each key counts once, however often it failed.
        """
        ...

    def note_failure(self, key: str) -> None:
        """Count a failed sign-in.

        Parameters
        ----------
        key : str
            Hash of a name, an address or both, lower-case hexadecimal.
        """
        ...

    def forget_failures(self, key: str) -> None:
        """Forget the failures under a key after a success.

        Parameters
        ----------
        key : str
            This key only, not longer ones that begin with it.
        """
        ...
