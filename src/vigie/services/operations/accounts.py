"""One's own account: password, second factor, tokens, sessions, export and deletion."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from vigie.domain.errors import Forbidden, NotFound, UsageError
from vigie.domain.person import SCOPES, Caller, Scope
from vigie.ports.accounts import User, UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.clock import Clock
from vigie.services.operation import (
    NoInput,
    OperationInput,
    OperationResult,
    Origin,
    Table,
    operation,
)
from vigie.services.people.accounts import account_removal, second_factor, throttle, users
from vigie.services.people.accounts.account_removal import PersonalRecords
from vigie.services.people.accounts.passwords import hashing_slot
from vigie.services.people.accounts.signing_in import is_password_of
from vigie.services.people.ownership import owner_of
from vigie.services.rows import Row, shown, table_of
from vigie.services.written_text import TEXT

SOURCE: Final = "vigie"
# A session is named by the beginning of its key, which is a hash already.
SESSION_ID_LENGTH: Final = 12
LOG_LENGTH: Final = 5_000
# A browser left open must not be enough to make a lasting key to money or to other people's accounts.
CONFIRMED_SCOPES: Final[frozenset[Scope]] = frozenset({"trade", "admin"})


class OwnTokenRow(Row):
    """One of the caller's API tokens."""

    id: str = shown("Id")
    name: str = shown("Token")
    scopes: str = shown("Scopes", definition="What the token can do.")
    ts_created: int = shown("Created on", unit="ms", source=SOURCE)
    ts_used: int | None = shown("Last used", unit="ms", source=SOURCE)
    ts_expires: int | None = shown("Expires", unit="ms", definition="Empty: never expires.", source=SOURCE)


class OwnSessionRow(Row):
    """One of the caller's sign-ins."""

    id: str = shown("Session")
    ts_created: int = shown("Signed in", unit="ms", source=SOURCE)
    ts_expires: int | None = shown(
        "Expires", unit="ms", definition="Unless the session is used before then.", source=SOURCE
    )


class AccountEventRow(Row):
    """One line of the caller's own audit log."""

    seq: int = shown("Record")
    ts: int = shown("Time", unit="ms", source=SOURCE)
    kind: str = shown("Action")
    text: dict[str, Any] | None = shown("Details")


Password = Field(max_length=256, description="One's own, asked again before something grave.")


class ChangePasswordInput(OperationInput):
    """A new password."""

    current: str = Password
    new: str = Field(max_length=256, description="12 characters or more.")


class ConfirmTotpInput(OperationInput):
    """Proof that the app has the secret."""

    secret: str = Field(min_length=16, max_length=64, pattern=r"^[A-Z2-7]+$")
    code: str = Field(max_length=9, description="Six digits that the app shows now.")
    current: str = Password


class RemoveTotpInput(OperationInput):
    """The password again."""

    current: str = Password


class CreateTokenInput(OperationInput):
    """A new token."""

    name: str = Field(min_length=1, max_length=64, pattern=TEXT, description="What it is for.")
    scopes: list[Scope] = Field(min_length=1, max_length=len(SCOPES))
    days: int | None = Field(
        None,
        ge=0,
        le=users.LONGEST_TOKEN_DAYS,
        description=f"Days until it expires; empty means {users.TOKEN_DAYS}, 0 means never.",
    )
    current: str = Field(
        "", max_length=256, description="One's own password; required for the scopes trade and admin."
    )


class TokenInput(OperationInput):
    """One of one's own tokens."""

    token: str = Field(pattern=r"^t[0-9a-f]{1,32}$", description="Id of a token.")


class SessionInput(OperationInput):
    """One of one's own sessions."""

    session: str = Field(pattern=r"^[0-9a-f]{12}$", description="As `accounts.sessions` names it.")


class DeleteAccountInput(OperationInput):
    """The password again."""

    current: str = Password


class AccountEventsInput(OperationInput):
    """How many."""

    limit: int = Field(50, ge=1, le=500)


class Me(OperationResult):
    """Who asks, and what they may do."""

    user: str
    name: str
    role: str
    scopes: list[str]
    via: str
    has_account: bool
    has_totp: bool = False
    ts_created: int | None = None


class TotpSetup(OperationResult):
    """What an authenticator app needs; nothing is switched on before a code was given."""

    secret: str
    address: str


class NewToken(OperationResult):
    """A token; the secret is shown now and never again."""

    id: str
    name: str
    scopes: list[str]
    ts_expires: int | None
    secret: str


class MessageResult(OperationResult):
    """That it was done."""

    message: str


class AccountExport(OperationResult):
    """Everything kept of a person."""

    document: dict[str, Any]


@operation("accounts.me")
def read_me(caller: Caller, params: NoInput, accounts: UserStore) -> Me:
    """Say who asks: name, role, scopes, second factor."""
    user = accounts.user(caller.user)
    scopes = [scope for scope in SCOPES if scope in caller.scopes]
    caller_values: dict[str, Any] = {
        "user": caller.user,
        "role": caller.role,
        "scopes": scopes,
        "via": caller.via,
    }
    if user is None:
        return Me(name="", has_account=False, **caller_values)
    return Me(
        name=user.name, has_account=True, has_totp=user.has_totp, ts_created=user.ts_created, **caller_values
    )


@operation("accounts.change_password", scope="write")
def change_password(
    caller: Caller, params: ChangePasswordInput, accounts: UserStore, audit: AuditLog, clock: Clock
) -> MessageResult:
    """Change one's own password; every session ends, and tokens stay."""
    user = _check_password(accounts, clock, caller, params.current)
    users.set_password(accounts, audit, caller, user, params.new)
    return MessageResult(message="The password is changed and every session is ended.")


@operation("accounts.totp_begin", scope="write")
def begin_totp(caller: Caller, params: NoInput, accounts: UserStore) -> TotpSetup:
    """Draw a secret for an authenticator app; it counts once `accounts.totp_confirm` has seen a code."""
    user = _own_account(accounts, caller)
    secret = second_factor.new_secret()
    return TotpSetup(secret=secret, address=second_factor.provisioning_uri(secret, user.name))


@operation("accounts.totp_confirm", scope="write")
def confirm_totp(
    caller: Caller, params: ConfirmTotpInput, accounts: UserStore, audit: AuditLog, clock: Clock
) -> MessageResult:
    """Ask for a code at every sign-in from now on."""
    user = _check_password(accounts, clock, caller, params.current)
    users.add_second_factor(accounts, audit, clock, caller, user, params.secret, params.code)
    return MessageResult(message="Each sign-in asks for a code from now on.")


@operation("accounts.totp_remove", scope="write")
def remove_totp(
    caller: Caller, params: RemoveTotpInput, accounts: UserStore, audit: AuditLog, clock: Clock
) -> MessageResult:
    """Ask for the password only from now on."""
    users.remove_second_factor(
        accounts, audit, caller, _check_password(accounts, clock, caller, params.current)
    )
    return MessageResult(message="Each sign-in asks for the password only from now on.")


@operation("accounts.tokens")
def list_tokens(caller: Caller, params: NoInput, accounts: UserStore) -> Table[OwnTokenRow]:
    """List one's own API tokens; their secrets are not known here any more."""
    rows = [
        OwnTokenRow(
            id=token.id,
            name=token.name,
            scopes=" ".join(scope for scope in SCOPES if scope in token.scopes),
            ts_created=token.ts_created,
            ts_used=token.ts_used,
            ts_expires=token.ts_expires,
        )
        for token in accounts.tokens(caller.user)
    ]
    return table_of(OwnTokenRow, rows, total=len(rows))


@operation("accounts.token_create", scope="write")
def create_token(
    caller: Caller, params: CreateTokenInput, accounts: UserStore, audit: AuditLog, clock: Clock
) -> NewToken:
    """Make an API token, shown once; scopes stay within one's role, and trade or admin needs one's password."""
    _own_account(accounts, caller)
    if not CONFIRMED_SCOPES.isdisjoint(params.scopes):
        if not params.current:
            raise UsageError(
                "current_token_scope_trade_admin",
                "current: a token with the scope trade or admin requires your password",
            )
        _check_password(accounts, clock, caller, params.current)
    days = users.TOKEN_DAYS if params.days is None else params.days
    secret, token = users.add_token(accounts, audit, clock, caller, params.name, params.scopes, days=days)
    scopes: list[str] = [scope for scope in SCOPES if scope in token.scopes]
    return NewToken(id=token.id, name=token.name, scopes=scopes, ts_expires=token.ts_expires, secret=secret)


@operation("accounts.token_revoke", scope="write", example={"token": "t0"})
def revoke_token(caller: Caller, params: TokenInput, accounts: UserStore, audit: AuditLog) -> MessageResult:
    """Revoke one of one's own tokens; it stops working at once."""
    _own_account(accounts, caller)
    users.revoke_token(accounts, audit, caller, params.token)
    return MessageResult(message="The token no longer works.")


@operation("accounts.sessions")
def list_sessions(caller: Caller, params: NoInput, accounts: UserStore) -> Table[OwnSessionRow]:
    """List where one is signed in."""
    rows = [
        OwnSessionRow(
            id=session.key[:SESSION_ID_LENGTH], ts_created=session.ts_created, ts_expires=session.ts_expires
        )
        for session in accounts.sessions(caller.user)
    ]
    return table_of(OwnSessionRow, rows, total=len(rows))


@operation("accounts.end_session", scope="write", example={"session": "0123456789ab"})
def end_session(caller: Caller, params: SessionInput, accounts: UserStore) -> MessageResult:
    """End one of one's own sessions."""
    user = _own_account(accounts, caller)
    for session in accounts.sessions(user.id):
        if session.key.startswith(params.session):
            accounts.close_session(session.key)
            return MessageResult(message="The session is closed.")
    raise NotFound("no_session", "you have no session {session!r}", session=params.session)


@operation("accounts.end_sessions", scope="write")
def end_sessions(caller: Caller, params: NoInput, accounts: UserStore, audit: AuditLog) -> MessageResult:
    """Sign out everywhere, here too."""
    user = _own_account(accounts, caller)
    accounts.close_sessions(user.id)
    audit.append("account.sign_out_everywhere", actor=user.id, subject=user.id, text={})
    return MessageResult(message="Every session is ended.")


@operation("accounts.events")
def list_events(
    caller: Caller, params: AccountEventsInput, accounts: UserStore, audit: AuditLog
) -> Table[AccountEventRow]:
    """List what was done with one's own account: sign-ins, failed ones, changes; newest first."""
    who = owner_of(accounts, caller)
    events = audit.of_person(who, ("account.", "token."), after=max(0, audit.newest() - LOG_LENGTH))
    rows = [
        AccountEventRow(seq=event.seq, ts=event.ts, kind=event.kind, text=event.text)
        for event in events[: params.limit]
    ]
    return table_of(AccountEventRow, rows, origins=[Origin(source="audit")], total=len(events))


@operation("accounts.export")
def export_account(caller: Caller, params: NoInput, records: PersonalRecords, clock: Clock) -> AccountExport:
    """Give everything that is kept of the caller as one document."""
    user = records.accounts.user(caller.user)
    if user is None:
        # The local owner has no account; what they keep is theirs all the same.
        user = User(owner_of(records.accounts, caller), "", caller.role, 0)
    return AccountExport(document=account_removal.export(records, clock, user))


@operation("accounts.delete", scope="write")
def delete_account(
    caller: Caller, params: DeleteAccountInput, records: PersonalRecords, clock: Clock
) -> MessageResult:
    """Delete one's own account and all that belongs to it; the audit keeps pseudonymous records."""
    user = _check_password(records.accounts, clock, caller, params.current)
    account_removal.delete_account(records, caller, user)
    return MessageResult(message="The account and everything in it are deleted.")


def _own_account(accounts: UserStore, caller: Caller) -> User:
    """Return whose account it is; programs do not change accounts."""
    if caller.via == "token":
        raise Forbidden(
            "token_cannot_change_account_belongs",
            "a token cannot change the account it belongs to; sign in to do it",
        )
    user = accounts.user(caller.user)
    if user is None:
        raise Forbidden(
            "no_account_here", "you have no account here; add one on Admin, or with `vigie user add NAME`"
        )
    return user


def _check_password(accounts: UserStore, clock: Clock, caller: Caller, password: str) -> User:
    """Return whose account it is after the password was given again; guessing is slowed down as at the door."""
    user = _own_account(accounts, caller)
    with hashing_slot():
        wait = throttle.wait_s(accounts, clock, name=user.name, address="")
        if wait:
            raise UsageError("too_many_attempts", "too many attempts; try again in {wait} s", wait=wait)
        if not is_password_of(accounts, user.id, password):
            throttle.note_failure(accounts, name=user.name, address="")
            raise Forbidden("not_password", "this is not your password")
    return user
