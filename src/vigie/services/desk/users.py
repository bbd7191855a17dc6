"""Everybody with an account, for administrators: add, change the role, disable, give a new password."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.person import SCOPES, Caller, Role
from vigie.ports.accounts import User
from vigie.services.house import House
from vigie.services.operation import Answer, Ask, Column, Table, operation
from vigie.services.people.accounts import people
from vigie.services.people.secret_words import secret_word

SOURCE: Final = "vigie"
COLUMNS: Final = [
    Column(name="id", title="Id", definition="Pseudonymous; the audit names people by it."),
    Column(name="name", title="Name"),
    Column(name="role", title="Role", definition="viewer, trader or admin."),
    Column(name="has_totp", title="Second factor"),
    Column(name="is_disabled", title="Disabled"),
    Column(name="tokens", title="Tokens", unit="count", source=SOURCE),
    Column(name="sessions", title="Sessions", unit="count", source=SOURCE),
    Column(name="ts_created", title="Since", unit="ms", source=SOURCE),
]
TOKENS: Final = [
    Column(name="id", title="Id"),
    Column(name="name", title="Token"),
    Column(name="user", title="User", definition="Pseudonymous id."),
    Column(name="user_name", title="Name"),
    Column(name="scopes", title="Scopes", definition="What it may do."),
    Column(name="ts_created", title="Made", unit="ms", source=SOURCE),
    Column(name="ts_used", title="Last used", unit="ms", source=SOURCE),
    Column(name="ts_expires", title="Expires", unit="ms", definition="Empty: never expires.", source=SOURCE),
]
UserId = Field(pattern=r"^u[0-9a-f]{1,32}$", description="Id of a user.", examples=["u0123456789abcdef"])


class UsersAsk(Ask):
    """Everybody."""


class AddAsk(Ask):
    """Somebody new."""

    name: str = Field(min_length=1, max_length=64, description="What they sign in with.")
    role: Role = "viewer"
    password: str = Field("", max_length=256, description="Empty draws one, which is shown once.")


class RoleAsk(Ask):
    """Another role."""

    user: str = UserId
    role: Role


class DisableAsk(Ask):
    """Whether somebody may still come in."""

    user: str = UserId
    is_disabled: bool = True


class ResetAsk(Ask):
    """A new password, and where the device is lost, no second factor."""

    user: str = UserId
    second_factor: bool = Field(False, description="Remove it, too.")


class TokenAsk(Ask):
    """A token of a user."""

    user: str = UserId
    token: str = Field(pattern=r"^t[0-9a-f]{1,32}$", description="Id of a token.")


class UserAnswer(Answer):
    """A user; `password` is shown once, where one was drawn."""

    user: str
    name: str
    role: str
    is_disabled: bool
    password: str = ""


@operation("users.list", scope="admin", is_change=False)
def list_users(house: House, caller: Caller, ask: UsersAsk) -> Table:
    """List everybody with an account."""
    rows = [
        {
            "id": one.id,
            "name": one.name,
            "role": one.role,
            "has_totp": one.has_totp,
            "is_disabled": one.is_disabled,
            "tokens": len(house.accounts.tokens(one.id)),
            "sessions": len(house.accounts.sessions(one.id)),
            "ts_created": one.ts_created,
        }
        for one in house.accounts.users()
    ]
    return Table(columns=COLUMNS, rows=rows, total=len(rows))


@operation("users.add", scope="admin", example={"name": "ann", "role": "viewer"})
def add_user(house: House, caller: Caller, ask: AddAsk) -> UserAnswer:
    """Add a user; the first one is an admin and gets what the local owner kept."""
    people.refuse_token(caller, "add a user")
    is_first = not house.accounts.users()
    if is_first and ask.role != "admin":
        raise UsageError("the first user must be admin: from then on the local owner's link lets nobody in")
    password = ask.password or secret_word(15)
    user = people.add_user(house, caller, ask.name, password, ask.role)
    return _answer(user, "" if ask.password else password)


@operation("users.role", scope="admin", example={"user": "u0", "role": "trader"})
def change_role(house: House, caller: Caller, ask: RoleAsk) -> UserAnswer:
    """Change what a user may do; the last admin stays one."""
    people.refuse_token(caller, "change what somebody may do")
    return _answer(people.set_role(house, caller, _found(house, ask.user), ask.role))


@operation("users.disable", scope="admin", example={"user": "u0"})
def disable_user(house: House, caller: Caller, ask: DisableAsk) -> UserAnswer:
    """Let a user in no more, or again; disabling ends their sessions and rests their tokens."""
    if not ask.is_disabled:
        people.refuse_token(caller, "let somebody in again")
    user = _found(house, ask.user)
    if user.id == caller.user and ask.is_disabled:
        raise UsageError("you cannot disable yourself; ask another admin")
    return _answer(people.set_disabled(house, caller, user, ask.is_disabled))


@operation("users.reset", scope="admin", example={"user": "u0"})
def reset_user(house: House, caller: Caller, ask: ResetAsk) -> UserAnswer:
    """Give a user a new password, shown once; their sessions and tokens end."""
    people.refuse_token(caller, "give a new password")
    user = _found(house, ask.user)
    password = secret_word(15)
    people.reset(house, caller, user, password, second_factor=ask.second_factor)
    return _answer(user, password)


@operation("users.tokens", scope="admin", is_change=False)
def list_all_tokens(house: House, caller: Caller, ask: UsersAsk) -> Table:
    """List the API tokens of everybody."""
    rows = [
        {
            "id": token.id,
            "name": token.name,
            "user": user.id,
            "user_name": user.name,
            "scopes": " ".join(scope for scope in SCOPES if scope in token.scopes),
            "ts_created": token.ts_created,
            "ts_used": token.ts_used,
            "ts_expires": token.ts_expires,
        }
        for user in house.accounts.users()
        for token in house.accounts.tokens(user.id)
    ]
    return Table(columns=TOKENS, rows=rows, total=len(rows))


@operation("users.revoke_token", scope="admin", example={"user": "u0", "token": "t0"})
def revoke_any_token(house: House, caller: Caller, ask: TokenAsk) -> UserAnswer:
    """Revoke a token of any user; it stops working at once."""
    user = _found(house, ask.user)
    if not house.accounts.revoke(user.id, ask.token):
        raise NotFound(f"this user has no token {ask.token!r}")
    house.audit.append("token.revoke", actor=caller.user, subject=ask.token, text={"user": user.id})
    return _answer(user)


def _found(house: House, user: str) -> User:
    found = house.accounts.user(user)
    if found is None:
        raise NotFound(f"there is no user {user!r}")
    return found


def _answer(user: User, password: str = "") -> UserAnswer:
    return UserAnswer(
        user=user.id, name=user.name, role=user.role, is_disabled=user.is_disabled, password=password
    )
