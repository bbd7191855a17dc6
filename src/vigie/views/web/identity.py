"""Who asks: a signed-in person by a session cookie, a program by a token, or the local owner by a one-time link.

While there are no users the server listens on loopback only; whoever has used the printed link is the owner,
everybody else on this machine may read.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from vigie.domain.person import OWNER, SCOPES_OF, VISITOR, Caller
from vigie.ports.accounts import SessionHolder, User
from vigie.services.app_context import AppContext
from vigie.services.people.accounts.keys import hash_secret
from vigie.services.people.accounts.signing_in import extend_session
from vigie.views.web.cookies import set_cookie
from vigie.views.web.request_origin import client_address, is_local_request

# With a mark of the home behind it: browsers share cookies between the ports of a machine, and two homes, such as
# the demonstration beside one's own, must not sign each other out.
SESSION: Final = "vigie_session"
_MARK: Final = 8
OWNER_DAYS: Final = 30
# How long a right password is good for while the code of the second factor is looked up.
TICKET_MS: Final = 300_000
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
    name : str
        What a person signs in with; empty for the local owner and for visitors.
    settings : mapping
        What the person has set, to be laid over what the browser's cookie says.
    """

    caller: Caller | None
    session: str = field(default="", repr=False)
    has_users: bool = False
    is_token: bool = False
    name: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_person(self) -> bool:
        """Whether somebody is known here, by a session or as the local owner."""
        return self.caller is not None and self.caller.user != VISITOR.user and not self.is_token


class Authenticator:
    """Finds out who asks."""

    def __init__(self, app_context: AppContext, key: bytes) -> None:
        self._app_context = app_context
        self._key = key
        self.cookie = f"{SESSION}_{hmac.new(key, SESSION.encode(), hashlib.sha256).hexdigest()[:_MARK]}"

    def session_cookie(self, request: Request) -> str:
        """Return what a browser shows of this home; a cookie without a mark is one of an earlier version."""
        return request.cookies.get(self.cookie, "") or request.cookies.get(SESSION, "")

    def sign_out_of(self, response: Response, *, is_secure: bool) -> None:
        """Take from a browser what it has of this home."""
        for name in (self.cookie, SESSION):
            set_cookie(response, name, "", 0, is_secure=is_secure)

    def counted_as(self, request: Request, identity: Identity) -> str:
        """Return whose requests are counted together: a person's with their programs', else an address'."""
        caller = identity.caller if identity.session or identity.is_token else None
        return caller.user if caller is not None else client_address(request)

    def owner_cookie(self) -> str:
        """Return the cookie of the local owner, good for a month."""
        until = self._app_context.clock.wall_now() + OWNER_DAYS * _DAY_MS
        return f"owner.{until}.{self._sign('owner', until)}"

    def ticket(self, user: User, browser: str) -> str:
        """Return what a browser shows in the second step of a sign-in, in place of the password."""
        until = self._app_context.clock.wall_now() + TICKET_MS
        return f"{user.id}.{until}.{self._sign(self._ticket_text(user.id, browser), until)}"

    def ticket_user(self, ticket: str, browser: str) -> User | None:
        """Return whose password was right a moment ago in this browser."""
        user, _, rest = ticket.partition(".")
        until, _, signature = rest.partition(".")
        if not user or not self._is_valid(self._ticket_text(user, browser), until, signature):
            return None
        account = self._app_context.accounts.user(user)
        return None if account is None or account.is_disabled else account

    def _ticket_text(self, user: str, browser: str) -> str:
        # The hash is in it: a ticket dies with the password it stands for.
        return f"ticket\0{user}\0{browser}\0{self._app_context.accounts.password_hash(user) or ''}"

    def _sign(self, text: str, until: int) -> str:
        return hmac.new(self._key, f"{text}.{until}".encode(), hashlib.sha256).hexdigest()

    def _is_valid(self, text: str, until: str, signature: str) -> bool:
        if not (until.isascii() and until.isdigit()) or len(until) > 15:
            return False
        is_signed = hmac.compare_digest(signature.encode(), self._sign(text, int(until)).encode())
        return is_signed and int(until) > self._app_context.clock.wall_now()

    def _is_owner(self, cookie: str) -> bool:
        word, _, rest = cookie.partition(".")
        until, _, signature = rest.partition(".")
        return word == "owner" and self._is_valid("owner", until, signature)

    def who(self, request: Request) -> Identity:
        """Return who sent a request."""
        accounts = self._app_context.accounts
        bearer = request.headers.get("authorization", "")
        if bearer.lower().startswith("bearer "):
            program = self._token_caller(bearer[7:].strip())
            has_users = program is not None or bool(accounts.users())
            return Identity(program, has_users=has_users, is_token=True)
        cookie = self.session_cookie(request)
        is_owner = self._is_owner(cookie)
        holder = accounts.holder(hash_secret(cookie)) if cookie and not is_owner else None
        if holder is not None:
            return self._person_identity(holder, cookie)
        if accounts.users():
            return Identity(None, has_users=True)
        if not is_local_request(request):
            # The last one left while others can reach this: nobody may read in their place.
            return Identity(None)
        if not is_owner:
            return Identity(VISITOR, cookie)
        return Identity(OWNER, cookie, settings=accounts.settings(OWNER.user)[1])

    def _person_identity(self, holder: SessionHolder, cookie: str) -> Identity:
        user = holder.user
        if user.is_disabled:
            return Identity(None, has_users=True)
        extend_session(self._app_context.accounts, self._app_context.clock, holder.session)
        return Identity(
            Caller(user.id, user.role, SCOPES_OF[user.role]),
            cookie,
            has_users=True,
            name=user.name,
            settings=holder.settings,
        )

    def _token_caller(self, secret: str) -> Caller | None:
        token = self._app_context.accounts.token(hash_secret(secret))
        user = self._app_context.accounts.user(token.user) if token else None
        if token is None or user is None or user.is_disabled:
            return None
        return Caller(user.id, user.role, token.scopes & SCOPES_OF[user.role], "token")
