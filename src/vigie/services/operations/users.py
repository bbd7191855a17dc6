"""Everybody with an account, for administrators: add, change the role, disable, give a new password."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.person import SCOPES, Caller, Role
from vigie.domain.refusal import Refusal
from vigie.ports.accounts import User, UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.home import HomeFolder
from vigie.ports.tradebook import TradeBook
from vigie.services.operation import NoInput, OperationInput, OperationResult, Table, operation
from vigie.services.people.accounts import users
from vigie.services.people.accounts.users import UserRecords
from vigie.services.random_tokens import random_token
from vigie.services.rows import Row, shown, table_of

SOURCE: Final = "vigie"


class UserListRow(Row):
    """One account."""

    id: str = shown("Id", definition="Pseudonym used in the audit log.")
    name: str = shown("Name")
    role: str = shown("Role", definition="viewer, trader or admin.")
    has_totp: bool = shown("Two-factor authentication")
    is_disabled: bool = shown("Disabled")
    tokens: int = shown("Tokens", unit="count", source=SOURCE)
    sessions: int = shown("Sessions", unit="count", source=SOURCE)
    ts_created: int = shown("Since", unit="ms", source=SOURCE)


class UserTokenRow(Row):
    """One API token of any user."""

    id: str = shown("Id")
    name: str = shown("Token")
    user: str = shown("User", definition="Pseudonymous id.")
    user_name: str = shown("Name")
    scopes: str = shown("Scopes", definition="What the token can do.")
    ts_created: int = shown("Created on", unit="ms", source=SOURCE)
    ts_used: int | None = shown("Last used", unit="ms", source=SOURCE)
    ts_expires: int | None = shown("Expires", unit="ms", definition="Empty: never expires.", source=SOURCE)


UserId = Field(pattern=r"^u[0-9a-f]{1,32}$", description="Id of a user.", examples=["u0123456789abcdef"])


class AddUserInput(OperationInput):
    """Somebody new."""

    name: str = Field(min_length=1, max_length=64, description="What they sign in with.")
    role: Role = "viewer"
    password: str = Field("", max_length=256, description="Empty draws one, which is shown once.")


class ChangeRoleInput(OperationInput):
    """Another role."""

    user: str = UserId
    role: Role


class DisableUserInput(OperationInput):
    """Whether somebody may still come in."""

    user: str = UserId
    is_disabled: bool = True


class ResetUserInput(OperationInput):
    """A new password, and where the device is lost, no second factor."""

    user: str = UserId
    second_factor: bool = Field(False, description="Remove it, too.")


class UserTokenInput(OperationInput):
    """A token of a user."""

    user: str = UserId
    token: str = Field(pattern=r"^t[0-9a-f]{1,32}$", description="Id of a token.")


class UserResult(OperationResult):
    """A user; `password` is shown once, where one was drawn."""

    user: str
    name: str
    role: str
    is_disabled: bool
    password: str = ""


@operation("users.list", scope="admin", is_change=False)
def list_users(caller: Caller, params: NoInput, accounts: UserStore) -> Table[UserListRow]:
    """List everybody with an account."""
    rows = [
        UserListRow(
            id=user.id,
            name=user.name,
            role=user.role,
            has_totp=user.has_totp,
            is_disabled=user.is_disabled,
            tokens=len(accounts.tokens(user.id)),
            sessions=len(accounts.sessions(user.id)),
            ts_created=user.ts_created,
        )
        for user in accounts.users()
    ]
    return table_of(UserListRow, rows, total=len(rows))


@operation("users.add", scope="admin", example={"name": "ann", "role": "viewer"})
def add_user(caller: Caller, params: AddUserInput, records: UserRecords) -> UserResult:
    """Add a user; the first one is an admin and gets what the local owner kept."""
    users.refuse_token(caller, Refusal("add_user", "add a user"))
    is_first = not records.accounts.users()
    if is_first and params.role != "admin":
        raise UsageError(
            "first_user_must_admin",
            "the first user must be admin: the local owner's link stops working once there are users",
        )
    password = params.password or random_token(15)
    user = users.add_user(records, caller, params.name, password, params.role)
    return _user_result(user, "" if params.password else password)


@operation("users.role", scope="admin", example={"user": "u0", "role": "trader"})
def change_role(
    caller: Caller,
    params: ChangeRoleInput,
    accounts: UserStore,
    audit: AuditLog,
    trades: TradeBook,
    home: HomeFolder,
) -> UserResult:
    """Change what a user may do; the last admin stays one."""
    users.refuse_token(caller, Refusal("change_user_role", "change a user's role"))
    return _user_result(
        users.set_role(accounts, audit, trades, home, caller, _find_user(accounts, params.user), params.role)
    )


@operation("users.disable", scope="admin", example={"user": "u0"})
def disable_user(
    caller: Caller, params: DisableUserInput, accounts: UserStore, audit: AuditLog
) -> UserResult:
    """Let a user in no more, or again; disabling ends their sessions and rests their tokens."""
    if not params.is_disabled:
        users.refuse_token(caller, Refusal("enable_user", "enable a user"))
    user = _find_user(accounts, params.user)
    if user.id == caller.user and params.is_disabled:
        raise UsageError("cannot_disable_yourself", "you cannot disable yourself; ask another admin")
    return _user_result(users.set_disabled(accounts, audit, caller, user, params.is_disabled))


@operation("users.reset", scope="admin", example={"user": "u0"})
def reset_user(caller: Caller, params: ResetUserInput, accounts: UserStore, audit: AuditLog) -> UserResult:
    """Give a user a new password, shown once; their sessions and tokens end."""
    users.refuse_token(caller, Refusal("set_new_password", "set a new password"))
    user = _find_user(accounts, params.user)
    password = random_token(15)
    users.reset_access(accounts, audit, caller, user, password, second_factor=params.second_factor)
    return _user_result(user, password)


@operation("users.tokens", scope="admin", is_change=False)
def list_all_tokens(caller: Caller, params: NoInput, accounts: UserStore) -> Table[UserTokenRow]:
    """List the API tokens of everybody."""
    rows = [
        UserTokenRow(
            id=token.id,
            name=token.name,
            user=user.id,
            user_name=user.name,
            scopes=" ".join(scope for scope in SCOPES if scope in token.scopes),
            ts_created=token.ts_created,
            ts_used=token.ts_used,
            ts_expires=token.ts_expires,
        )
        for user in accounts.users()
        for token in accounts.tokens(user.id)
    ]
    return table_of(UserTokenRow, rows, total=len(rows))


@operation("users.revoke_token", scope="admin", example={"user": "u0", "token": "t0"})
def revoke_user_token(
    caller: Caller, params: UserTokenInput, accounts: UserStore, audit: AuditLog
) -> UserResult:
    """Revoke a token of any user; it stops working at once."""
    user = _find_user(accounts, params.user)
    if not accounts.revoke(user.id, params.token):
        raise NotFound("user_no_token", "this user has no token {token!r}", token=params.token)
    audit.append("token.revoke", actor=caller.user, subject=params.token, text={"user": user.id})
    return _user_result(user)


def _find_user(accounts: UserStore, user_id: str) -> User:
    stored = accounts.user(user_id)
    if stored is None:
        raise NotFound("no_user", "there is no user {user!r}", user=user_id)
    return stored


def _user_result(user: User, password: str = "") -> UserResult:
    return UserResult(
        user=user.id, name=user.name, role=user.role, is_disabled=user.is_disabled, password=password
    )
