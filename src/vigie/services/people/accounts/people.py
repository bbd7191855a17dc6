"""Users are added, changed and disabled here, and tokens given out; every change is in the audit chain.

Texts of the chain never name a person: they belong to who did it, and another's name could not be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from vigie.domain.errors import Forbidden, NotFound, StorageError, UsageError
from vigie.domain.person import OWNER, ROLES, SCOPES, SCOPES_OF, Caller, Role, Scope
from vigie.domain.time import DAY_MS
from vigie.ports.accounts import Token, User
from vigie.ports.home import DATABASE_NOTE, database_note
from vigie.services.house import House
from vigie.services.people.accounts import second_factor
from vigie.services.people.accounts.keys import key_of, token_secret
from vigie.services.people.accounts.passwords import check_name, check_password, hash_password
from vigie.services.running.wanted import hand_over as hand_over_prepared

TOKEN_DAYS: Final = 90
LONGEST_TOKEN_DAYS: Final = 3_650
MOST_TOKENS: Final = 50
# Wishes of accounts, and notes beside trades.
_OF_TRADING: Final = ("trading/", "journal/")


def add_user(house: House, caller: Caller, name: str, password: str, role: Role | None = None) -> User:
    """Add a user; without a role the first one is admin and gets what the owner kept, later ones are viewers.

    Raises
    ------
    UsageError
        If name, password or role is not accepted, or the name is taken.
    """
    kept = check_name(name)
    check_password(password, name=kept)
    is_first = not house.accounts.users()
    chosen = _role(role) if role else ("admin" if is_first else "viewer")
    user = house.accounts.add(kept, hash_password(password), chosen)
    _note(house, "account.add", caller, user.id, role=chosen)
    if is_first:
        _note_database(house)
        _hand_over(house, user)
    _hand_over_trading(house, user)
    return user


def _note_database(house: House) -> None:
    """Note which database holds the users: an empty one must not open the home to whoever comes first."""
    home = house.about.get("home", "")
    if home and (first := house.audit.after(0, limit=1)):
        # On a full disk the user is added all the same; the next start notes it.
        with suppress(StorageError):
            house.data.write(Path(home) / DATABASE_NOTE, database_note(first[0].hash))


def _hand_over(house: House, user: User) -> None:
    """Give the first user what the local owner kept: from now on nobody comes in as owner."""
    accounts = house.accounts
    _revision, body = accounts.settings(OWNER.user)
    if body:
        accounts.put_settings(user.id, body)
    for name, kept in accounts.extra_settings(OWNER.user).items():
        accounts.put_settings(f"{user.id}/{name}", kept)
    for one in accounts.watchlists(OWNER.user):
        accounts.put_watchlist(replace(one, id="", owner=user.id, revision=0, share=""))
    for board in accounts.boards(OWNER.user):
        accounts.put_board(replace(board, id="", owner=user.id))
    house.jobs.hand_over(OWNER.user, user.id)
    house.runs.hand_over(OWNER.user, user.id)


def _hand_over_trading(house: House, user: User) -> None:
    """Give the first user who may trade what the local owner traded: somebody must be able to stop it."""
    if "trade" not in SCOPES_OF[user.role]:
        return
    hand_over_prepared(Path(house.about.get("home", "")), OWNER.user, user.id, user.name)
    if not house.trades.accounts(OWNER.user):
        return
    # First what was asked of the accounts: who trades one meanwhile finds it at either owner.
    for name, kept in house.accounts.extra_settings(OWNER.user).items():
        if name.startswith(_OF_TRADING):
            house.accounts.put_settings(f"{user.id}/{name}", kept)
    traded = house.trades.hand_over(OWNER.user, user.id)
    _note(house, "account.inherit", OWNER, user.id, trading=list(traded))


def refuse_token(caller: Caller, what: str) -> None:
    """Refuse a token what gives rights: they would be more than its own, or last longer.

    Raises
    ------
    Forbidden
        If the caller is a token.
    """
    if caller.via == "token":
        raise Forbidden(f"a token cannot {what}; sign in to do it")


def find_user(house: House, name: str) -> User:
    """Return a user by name.

    Raises
    ------
    NotFound
        If there is none.
    """
    user = house.accounts.by_name(name)
    if user is None:
        raise NotFound(f"there is no user named {name!r}")
    return user


def set_password(house: House, caller: Caller, user: User, password: str) -> None:
    """Give a user a new password; all their sessions end."""
    check_password(password, name=user.name)
    house.accounts.change(user.id, password_hash=hash_password(password))
    house.accounts.close_sessions(user.id)
    _note(house, "account.password", caller, user.id)


def reset(house: House, caller: Caller, user: User, password: str, *, second_factor: bool) -> None:
    """Give a user a new password because the old one, or more, may be in other hands: sessions and tokens end.

    Parameters
    ----------
    second_factor : bool
        Remove it, too.
    """
    set_password(house, caller, user, password)
    for token in house.accounts.tokens(user.id):
        if house.accounts.revoke(user.id, token.id):
            _note(house, "token.revoke", caller, token.id)
    if second_factor and user.has_totp:
        remove_second_factor(house, caller, user)


def set_role(house: House, caller: Caller, user: User, role: Role) -> User:
    """Change what a user may do; the last admin stays one."""
    if _role(role) != "admin":
        keep_an_admin(house, caller, user)
    changed = house.accounts.change(user.id, role=role)
    _note(house, "account.role", caller, user.id, role=role)
    _hand_over_trading(house, changed)
    return changed


def set_disabled(house: House, caller: Caller, user: User, is_disabled: bool) -> User:
    """Let a user in no more, or again; sessions end, tokens rest meanwhile."""
    if is_disabled:
        keep_an_admin(house, caller, user)
    changed = house.accounts.change(user.id, is_disabled=is_disabled)
    if is_disabled:
        house.accounts.close_sessions(user.id)
    _note(house, "account.disable" if is_disabled else "account.enable", caller, user.id)
    return changed


def add_second_factor(house: House, caller: Caller, user: User, secret: str, code: str) -> None:
    """Ask for a code from now on; the app must have shown one."""
    second_factor.switch_on(house.accounts, user.id, secret, code, house.clock.wall_now())
    _note(house, "account.second_factor", caller, user.id, on=True)


def remove_second_factor(house: House, caller: Caller, user: User) -> None:
    """Ask for the password only from now on."""
    house.accounts.change(user.id, totp_secret="")
    _note(house, "account.second_factor", caller, user.id, on=False)


def add_token(
    house: House, caller: Caller, name: str, scopes: Iterable[str], *, days: int = TOKEN_DAYS
) -> tuple[str, Token]:
    """Make a token of the caller's own; the secret is shown now and never again.

    Parameters
    ----------
    days : int
        How long it works; 0 for a token that never expires.

    Raises
    ------
    UsageError
        If the name, a scope or the time is not accepted.
    Forbidden
        If the caller does not hold a scope, or is a token itself.
    """
    wanted = _scopes(scopes)
    refuse_token(caller, "make tokens")
    beyond = sorted(wanted - SCOPES_OF[caller.role])
    if beyond:
        raise Forbidden(f"your role {caller.role} does not hold {' '.join(beyond)}")
    label = check_name(name)
    if not 0 <= days <= LONGEST_TOKEN_DAYS:
        raise UsageError(f"a token must last 1..{LONGEST_TOKEN_DAYS} days, or 0 for no end, was {days}")
    if len(house.accounts.tokens(caller.user)) >= MOST_TOKENS:
        raise UsageError(f"you have {MOST_TOKENS} tokens; revoke one first")
    secret = token_secret()
    ends = None if days == 0 else house.clock.wall_now() + days * DAY_MS
    token = house.accounts.add_token(caller.user, label, key_of(secret), wanted, ts_expires=ends)
    _note(house, "token.add", caller, token.id, scopes=sorted(wanted))
    return secret, token


def revoke_token(house: House, caller: Caller, token: str) -> None:
    """Remove a token of the caller's own."""
    if not house.accounts.revoke(caller.user, token):
        raise NotFound(f"you have no token {token!r}")
    _note(house, "token.revoke", caller, token)


def keep_an_admin(house: House, caller: Caller, user: User) -> None:
    """Refuse that the last admin goes; who holds the command line may, and can undo it there.

    Raises
    ------
    UsageError
        If nobody who may sign in would be admin.
    """
    admins = {one.id for one in house.accounts.users() if one.role == "admin" and not one.is_disabled}
    if admins == {user.id} and caller.via != "command":
        raise UsageError("the last admin must stay one; make somebody else admin first")


def _role(role: str) -> Role:
    for known in ROLES:
        if role == known:
            return known
    raise UsageError(f"role must be one of {' '.join(ROLES)}, was {role!r}")


def _scopes(scopes: Iterable[str]) -> frozenset[Scope]:
    wanted = set(scopes)
    found = frozenset(scope for scope in SCOPES if scope in wanted)
    if not found or len(found) < len(wanted):
        raise UsageError(
            f"scopes must be some of {' '.join(SCOPES)}, were {' '.join(sorted(wanted)) or 'none'}"
        )
    return found


def _note(house: House, kind: str, caller: Caller, subject: str, **text: Any) -> None:
    house.audit.append(kind, actor=caller.user, subject=subject, text={**text, "via": caller.via})
