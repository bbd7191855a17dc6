"""Who asks: a signed-in person by a session cookie, a program by a token, or the local owner by a one-time link.

While there are no users the server listens on loopback only; whoever has used the printed link is the owner,
everybody else may read.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from vigie.domain.person import OWNER, SCOPES_OF, VISITOR, Caller
from vigie.services.house import House

SESSION: Final = "vigie_session"
OWNER_DAYS: Final = 30
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, and how that is known.

    Attributes
    ----------
    caller : Caller or None
        None where users exist and nobody has signed in.
    session : str
        What the form token is bound to; empty without a session.
    has_users : bool
    is_token : bool
        Programs that hold a token send no forms.
    """

    caller: Caller | None
    session: str = ""
    has_users: bool = False
    is_token: bool = False


def hashed(secret: str) -> str:
    """Return the key under which a session or token is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Door:
    """Finds out who asks."""

    def __init__(self, house: House, key: bytes) -> None:
        self._house = house
        self._key = key

    def owner_cookie(self) -> str:
        """Return the cookie of the local owner, good for a month."""
        until = self._house.clock.wall_now() + OWNER_DAYS * _DAY_MS
        return f"owner.{until}.{self._seal(until)}"

    def _seal(self, until: int) -> str:
        return hmac.new(self._key, f"owner.{until}".encode(), hashlib.sha256).hexdigest()

    def _is_owner(self, cookie: str) -> bool:
        word, _, rest = cookie.partition(".")
        until, _, seal = rest.partition(".")
        if word != "owner" or not until.isdigit() or len(until) > 15:
            return False
        is_ours = hmac.compare_digest(seal.encode(), self._seal(int(until)).encode())
        return is_ours and int(until) > self._house.clock.wall_now()

    def who(self, request: Request) -> Identity:
        """Return who sent a request."""
        accounts = self._house.accounts
        has_users = bool(accounts.users())
        bearer = request.headers.get("authorization", "")
        if bearer.lower().startswith("bearer "):
            return Identity(self._program(bearer[7:].strip()), has_users=has_users, is_token=True)
        cookie = request.cookies.get(SESSION, "")
        if not has_users:
            return Identity(
                OWNER if self._is_owner(cookie) else VISITOR, cookie if cookie else "", has_users=False
            )
        if not cookie:
            return Identity(None, has_users=True)
        session = accounts.session(hashed(cookie))
        user = accounts.user(session.user) if session else None
        if session is None or user is None or user.is_disabled:
            return Identity(None, has_users=True)
        return Identity(Caller(user.id, user.role, SCOPES_OF[user.role]), cookie, has_users=True)

    def _program(self, secret: str) -> Caller | None:
        token = self._house.accounts.token(hashed(secret))
        user = self._house.accounts.user(token.user) if token else None
        if token is None or user is None or user.is_disabled:
            return None
        return Caller(user.id, user.role, token.scopes & SCOPES_OF[user.role], "token")
