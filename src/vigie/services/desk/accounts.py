"""One's own account: password, second factor, tokens, sessions, export and deletion."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from vigie.domain.errors import Forbidden, NotFound, UsageError
from vigie.domain.person import SCOPES, Caller, Scope
from vigie.ports.accounts import User
from vigie.services.house import House
from vigie.services.operation import Answer, Ask, Column, Origin, Table, operation
from vigie.services.people.accounts import leaving, people, second_factor, throttle
from vigie.services.people.accounts.passwords import turn
from vigie.services.people.accounts.signing_in import is_password_of
from vigie.services.people.ownership import owner_of

SOURCE: Final = "vigie"
# A session is named by the beginning of its key, which is a hash already.
SHOWN: Final = 12
_PAGE: Final = 500
LOG_LENGTH: Final = 5_000
# A browser left open must not be enough to make a lasting key to money or to other people's accounts.
CONFIRMED_SCOPES: Final[frozenset[Scope]] = frozenset({"trade", "admin"})

TOKENS: Final = [
    Column(name="id", title="Id"),
    Column(name="name", title="Token"),
    Column(name="scopes", title="Scopes", definition="What it may do."),
    Column(name="ts_created", title="Made", unit="ms", source=SOURCE),
    Column(name="ts_used", title="Last used", unit="ms", source=SOURCE),
    Column(name="ts_expires", title="Expires", unit="ms", definition="Empty: never expires.", source=SOURCE),
]
SESSIONS: Final = [
    Column(name="id", title="Session"),
    Column(name="ts_created", title="Signed in", unit="ms", source=SOURCE),
    Column(name="ts_expires", title="Ends", unit="ms", definition="Unless it is used before.", source=SOURCE),
]
EVENTS: Final = [
    Column(name="seq", title="Record"),
    Column(name="ts", title="Time", unit="ms", source=SOURCE),
    Column(name="kind", title="What"),
    Column(name="text", title="Details"),
]

Password = Field(max_length=256, description="One's own, asked again before something grave.")


class MeAsk(Ask):
    """Who asks."""


class PasswordAsk(Ask):
    """A new password."""

    current: str = Password
    new: str = Field(max_length=256, description="12 characters or more.")


class CodeAsk(Ask):
    """Proof that the app has the secret."""

    secret: str = Field(min_length=16, max_length=64, pattern=r"^[A-Z2-7]+$")
    code: str = Field(max_length=9, description="Six digits that the app shows now.")
    current: str = Password


class RemoveCodeAsk(Ask):
    """The password again."""

    current: str = Password


class TokenAsk(Ask):
    """A new token."""

    name: str = Field(min_length=1, max_length=64, description="What it is for.")
    scopes: list[Scope] = Field(min_length=1, max_length=len(SCOPES))
    days: int | None = Field(
        None, ge=0, le=people.LONGEST_TOKEN_DAYS,
        description=f"Days until it expires; empty means {people.TOKEN_DAYS}, 0 means never.",
    )  # fmt: skip
    current: str = Field(
        "", max_length=256, description="One's own password; required for the scopes trade and admin."
    )


class TokenIdAsk(Ask):
    """One of one's own tokens."""

    token: str = Field(pattern=r"^t[0-9a-f]{1,32}$", description="Id of a token.")


class SessionIdAsk(Ask):
    """One of one's own sessions."""

    session: str = Field(pattern=r"^[0-9a-f]{12}$", description="As `accounts.sessions` names it.")


class DeleteAsk(Ask):
    """The password again."""

    current: str = Password


class EventsAsk(Ask):
    """How many."""

    limit: int = Field(50, ge=1, le=500)


class Me(Answer):
    """Who asks, and what they may do."""

    user: str
    name: str
    role: str
    scopes: list[str]
    via: str
    has_account: bool
    has_totp: bool = False
    ts_created: int | None = None


class Beginning(Answer):
    """What an authenticator app needs; nothing is switched on before a code was given."""

    secret: str
    address: str


class NewToken(Answer):
    """A token; the secret is shown now and never again."""

    id: str
    name: str
    scopes: list[str]
    ts_expires: int | None
    secret: str


class Done(Answer):
    """That it was done."""

    message: str


class ExportAnswer(Answer):
    """Everything kept of a person."""

    document: dict[str, Any]


@operation("accounts.me")
def read_me(house: House, caller: Caller, ask: MeAsk) -> Me:
    """Say who asks: name, role, scopes, second factor."""
    user = house.accounts.user(caller.user)
    scopes = [scope for scope in SCOPES if scope in caller.scopes]
    known: dict[str, Any] = {"user": caller.user, "role": caller.role, "scopes": scopes, "via": caller.via}
    if user is None:
        return Me(name="", has_account=False, **known)
    return Me(name=user.name, has_account=True, has_totp=user.has_totp, ts_created=user.ts_created, **known)


@operation("accounts.change_password", scope="write")
def change_password(house: House, caller: Caller, ask: PasswordAsk) -> Done:
    """Change one's own password; every session ends, and tokens stay."""
    user = _confirmed(house, caller, ask.current)
    people.set_password(house, caller, user, ask.new)
    return Done(message="The password is changed and every session is ended.")


@operation("accounts.totp_begin", scope="write")
def begin_totp(house: House, caller: Caller, ask: MeAsk) -> Beginning:
    """Draw a secret for an authenticator app; it counts once `accounts.totp_confirm` has seen a code."""
    user = _person(house, caller)
    secret = second_factor.new_secret()
    return Beginning(secret=secret, address=second_factor.address(secret, user.name))


@operation("accounts.totp_confirm", scope="write")
def confirm_totp(house: House, caller: Caller, ask: CodeAsk) -> Done:
    """Ask for a code at every sign-in from now on."""
    user = _confirmed(house, caller, ask.current)
    people.add_second_factor(house, caller, user, ask.secret, ask.code)
    return Done(message="Each sign-in asks for a code from now on.")


@operation("accounts.totp_remove", scope="write")
def remove_totp(house: House, caller: Caller, ask: RemoveCodeAsk) -> Done:
    """Ask for the password only from now on."""
    people.remove_second_factor(house, caller, _confirmed(house, caller, ask.current))
    return Done(message="Each sign-in asks for the password only from now on.")


@operation("accounts.tokens")
def list_tokens(house: House, caller: Caller, ask: MeAsk) -> Table:
    """List one's own API tokens; their secrets are not known here any more."""
    rows = [
        {
            "id": one.id,
            "name": one.name,
            "scopes": " ".join(scope for scope in SCOPES if scope in one.scopes),
            "ts_created": one.ts_created,
            "ts_used": one.ts_used,
            "ts_expires": one.ts_expires,
        }
        for one in house.accounts.tokens(caller.user)
    ]
    return Table(columns=TOKENS, rows=rows, total=len(rows))


@operation("accounts.token_create", scope="write")
def create_token(house: House, caller: Caller, ask: TokenAsk) -> NewToken:
    """Make an API token, shown once; scopes stay within one's role, and trade or admin needs one's password."""
    _person(house, caller)
    if not CONFIRMED_SCOPES.isdisjoint(ask.scopes):
        if not ask.current:
            raise UsageError("current: a token with the scope trade or admin needs your password")
        _confirmed(house, caller, ask.current)
    days = people.TOKEN_DAYS if ask.days is None else ask.days
    secret, token = people.add_token(house, caller, ask.name, ask.scopes, days=days)
    scopes: list[str] = [scope for scope in SCOPES if scope in token.scopes]
    return NewToken(id=token.id, name=token.name, scopes=scopes, ts_expires=token.ts_expires, secret=secret)


@operation("accounts.token_revoke", scope="write", example={"token": "t0"})
def revoke_token(house: House, caller: Caller, ask: TokenIdAsk) -> Done:
    """Revoke one of one's own tokens; it stops working at once."""
    _person(house, caller)
    people.revoke_token(house, caller, ask.token)
    return Done(message="The token does not work any more.")


@operation("accounts.sessions")
def list_sessions(house: House, caller: Caller, ask: MeAsk) -> Table:
    """List where one is signed in."""
    rows = [
        {"id": one.key[:SHOWN], "ts_created": one.ts_created, "ts_expires": one.ts_expires}
        for one in house.accounts.sessions(caller.user)
    ]
    return Table(columns=SESSIONS, rows=rows, total=len(rows))


@operation("accounts.end_session", scope="write", example={"session": "0123456789ab"})
def end_session(house: House, caller: Caller, ask: SessionIdAsk) -> Done:
    """End one of one's own sessions."""
    user = _person(house, caller)
    for one in house.accounts.sessions(user.id):
        if one.key.startswith(ask.session):
            house.accounts.close_session(one.key)
            return Done(message="The session is ended.")
    raise NotFound(f"you have no session {ask.session!r}")


@operation("accounts.end_sessions", scope="write")
def end_sessions(house: House, caller: Caller, ask: MeAsk) -> Done:
    """Sign out everywhere, here too."""
    user = _person(house, caller)
    house.accounts.close_sessions(user.id)
    house.audit.append("account.sign_out_everywhere", actor=user.id, subject=user.id, text={})
    return Done(message="Every session is ended.")


@operation("accounts.events")
def list_events(house: House, caller: Caller, ask: EventsAsk) -> Table:
    """List what was done with one's own account: sign-ins, failed ones, changes; newest first."""
    who = owner_of(house, caller)
    newest = house.audit.newest()
    found: list[dict[str, Any]] = []
    seq = max(0, newest - LOG_LENGTH)
    while page := house.audit.after(seq, limit=_PAGE):
        seq = page[-1].seq
        found += [
            {"seq": one.seq, "ts": one.ts, "kind": one.kind, "text": one.text}
            for one in page
            if who in (one.actor, one.subject) and one.kind.startswith(("account.", "token."))
        ]
    return Table(
        columns=EVENTS, rows=found[::-1][: ask.limit], origins=[Origin(source="audit")], total=len(found)
    )


@operation("accounts.export")
def export_account(house: House, caller: Caller, ask: MeAsk) -> ExportAnswer:
    """Give everything that is kept of the caller as one document."""
    user = house.accounts.user(caller.user)
    if user is None:
        # The local owner has no account; what they keep is theirs all the same.
        user = User(owner_of(house, caller), "", caller.role, 0)
    return ExportAnswer(document=leaving.export(house, user))


@operation("accounts.delete", scope="write")
def delete_account(house: House, caller: Caller, ask: DeleteAsk) -> Done:
    """Delete one's own account and all that belongs to it; the audit keeps pseudonymous records."""
    user = _confirmed(house, caller, ask.current)
    leaving.delete_account(house, caller, user)
    return Done(message="The account and all that belonged to it are deleted.")


def _person(house: House, caller: Caller) -> User:
    """Return whose account it is; programs do not change accounts."""
    if caller.via == "token":
        raise Forbidden("a token cannot change the account it belongs to; sign in to do it")
    user = house.accounts.user(caller.user)
    if user is None:
        raise Forbidden("you have no account here; add one on Admin, or with `vigie user add NAME`")
    return user


def _confirmed(house: House, caller: Caller, password: str) -> User:
    """Return whose account it is after the password was given again; guessing is slowed down as at the door."""
    user = _person(house, caller)
    with turn():
        wait = throttle.wait_s(house.accounts, house.clock, name=user.name, address="")
        if wait:
            raise UsageError(f"too many attempts; wait {wait} s")
        if not is_password_of(house, user.id, password):
            throttle.note_failure(house.accounts, name=user.name, address="")
            raise Forbidden("this is not your password")
    return user
