"""Users are added, changed and disabled here, and tokens given out; every change is in the audit chain.

Texts of the chain never name a person: they belong to who did it, and another's name could not be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from vigie.data.stores import DataStores
from vigie.domain.errors import Forbidden, NotFound, StorageError, UsageError
from vigie.domain.person import OWNER, ROLES, SCOPES, SCOPES_OF, Caller, Role, Scope
from vigie.domain.refusal import Refusal, listed
from vigie.domain.time import DAY_MS
from vigie.ports.accounts import User, UserStore
from vigie.ports.alerts import AlertStore
from vigie.ports.audit import AuditLog
from vigie.ports.authentication import AccessToken
from vigie.ports.clock import Clock
from vigie.ports.holding_addresses import HoldingAddressStore
from vigie.ports.holding_links import HoldingLinkStore
from vigie.ports.holdings import HoldingStore
from vigie.ports.home import DATABASE_NOTE, HomeFolder, database_note
from vigie.ports.jobs import JobQueue
from vigie.ports.learned_models import LearnedModels
from vigie.ports.outside import OutsideStore
from vigie.ports.plans import PlanStore
from vigie.ports.reported import ReportedStore
from vigie.ports.run_files import RunFileStore
from vigie.ports.runs import RunIndex
from vigie.ports.tradebook import TradeBook
from vigie.services.people.accounts import second_factor
from vigie.services.people.accounts.keys import hash_secret, token_secret
from vigie.services.people.accounts.passwords import check_name, check_password, hash_password
from vigie.services.trading.account_plans.paper_requests import transfer_requests as hand_over_prepared

TOKEN_DAYS: Final = 90
LONGEST_TOKEN_DAYS: Final = 3_650
MOST_TOKENS: Final = 50
# Wishes of accounts, and notes beside trades.
_OF_TRADING: Final = ("trading/", "journal/")


@dataclass(frozen=True, slots=True)
class UserRecords:
    """What a new user changes: the first one takes over what the local owner kept."""

    accounts: UserStore
    audit: AuditLog
    jobs: JobQueue
    runs: RunIndex
    alerts: AlertStore
    trades: TradeBook
    plans: PlanStore
    run_files: RunFileStore
    outside: OutsideStore
    holdings: HoldingStore
    holding_addresses: HoldingAddressStore
    holding_links: HoldingLinkStore
    reported: ReportedStore
    learned_models: LearnedModels
    data: DataStores
    home: HomeFolder


def add_user(
    records: UserRecords, caller: Caller, name: str, password: str, role: Role | None = None
) -> User:
    """Add a user; without a role the first one is admin and gets what the owner kept, later ones are viewers.

    Raises
    ------
    UsageError
        If name, password or role is not accepted, or the name is taken.
    """
    checked_name = check_name(name)
    check_password(password, name=checked_name)
    is_first = not records.accounts.users()
    chosen = _role(role) if role else ("admin" if is_first else "viewer")
    user = records.accounts.add(checked_name, hash_password(password), chosen)
    _record_event(records.audit, "account.add", caller, user.id, role=chosen)
    if is_first:
        _note_database(records.data, records.audit, records.home)
        _transfer_owner_data(records, user)
    _transfer_trading(records.accounts, records.audit, records.trades, records.home, user)
    return user


def _note_database(data: DataStores, audit: AuditLog, home: HomeFolder) -> None:
    """Note which database holds the users: an empty one must not open the home to whoever comes first."""
    if first := audit.after(0, limit=1):
        # On a full disk the user is added all the same; the next start notes it.
        with suppress(StorageError):
            data.write(home / DATABASE_NOTE, database_note(first[0].hash))


def _transfer_owner_data(records: UserRecords, user: User) -> None:
    """Give the first user what the local owner kept: from now on nobody comes in as owner."""
    accounts = records.accounts
    _revision, body = accounts.settings(OWNER.user)
    if body:
        accounts.put_settings(user.id, body)
    for name, stored in accounts.extra_settings(OWNER.user).items():
        accounts.put_settings(f"{user.id}/{name}", stored)
    for watchlist in accounts.watchlists(OWNER.user):
        accounts.put_watchlist(replace(watchlist, id="", owner=user.id, revision=0, share=""))
    for board in accounts.boards(OWNER.user):
        accounts.put_board(replace(board, id="", owner=user.id))
    records.jobs.hand_over(OWNER.user, user.id)
    records.runs.hand_over(OWNER.user, user.id)
    # A rule that went on for the owner could be stopped by nobody.
    records.alerts.hand_over(OWNER.user, user.id)
    records.plans.hand_over(OWNER.user, user.id)
    records.run_files.hand_over(OWNER.user, user.id)
    records.outside.hand_over(OWNER.user, user.id)
    records.holdings.hand_over(OWNER.user, user.id)
    records.holding_addresses.hand_over(OWNER.user, user.id)
    records.holding_links.hand_over(OWNER.user, user.id)
    records.reported.hand_over(OWNER.user, user.id)
    records.learned_models.hand_over(OWNER.user, user.id)


def _transfer_trading(
    accounts: UserStore, audit: AuditLog, trades: TradeBook, home: HomeFolder, user: User
) -> None:
    """Give the first user who may trade what the local owner traded: somebody must be able to stop it."""
    if "trade" not in SCOPES_OF[user.role]:
        return
    hand_over_prepared(home, OWNER.user, user.id, user.name)
    if not trades.accounts(OWNER.user):
        return
    # First what was asked of the accounts: who trades one meanwhile finds it at either owner.
    for name, stored in accounts.extra_settings(OWNER.user).items():
        if name.startswith(_OF_TRADING):
            accounts.put_settings(f"{user.id}/{name}", stored)
    traded = trades.hand_over(OWNER.user, user.id)
    _record_event(audit, "account.inherit", OWNER, user.id, trading=list(traded))


def refuse_token(caller: Caller, what: str) -> None:
    """Refuse a token what gives rights: they would be more than its own, or last longer.

    Raises
    ------
    Forbidden
        If the caller is a token.
    """
    if caller.via == "token":
        raise Forbidden("token_cannot", "a token cannot {what}; sign in to do it", what=what)


def find_user(accounts: UserStore, name: str) -> User:
    """Return a user by name.

    Raises
    ------
    NotFound
        If there is none.
    """
    user = accounts.by_name(name)
    if user is None:
        raise NotFound("no_user_named", "there is no user named {name!r}", name=name)
    return user


def set_password(accounts: UserStore, audit: AuditLog, caller: Caller, user: User, password: str) -> None:
    """Give a user a new password; all their sessions end."""
    check_password(password, name=user.name)
    accounts.change(user.id, password_hash=hash_password(password))
    accounts.close_sessions(user.id)
    _record_event(audit, "account.password", caller, user.id)


def reset_access(
    accounts: UserStore, audit: AuditLog, caller: Caller, user: User, password: str, *, second_factor: bool
) -> None:
    """Give a user a new password because the old one, or more, may be in other hands: sessions and tokens end.

    Parameters
    ----------
    second_factor : bool
        Remove it, too.
    """
    set_password(accounts, audit, caller, user, password)
    for token in accounts.tokens(user.id):
        if accounts.revoke(user.id, token.id):
            _record_event(audit, "token.revoke", caller, token.id)
    if second_factor and user.has_totp:
        remove_second_factor(accounts, audit, caller, user)


def set_role(
    accounts: UserStore,
    audit: AuditLog,
    trades: TradeBook,
    home: HomeFolder,
    caller: Caller,
    user: User,
    role: Role,
) -> User:
    """Change what a user may do; the last admin stays one."""
    if _role(role) != "admin":
        check_admin_remains(accounts, caller, user)
    changed = accounts.change(user.id, role=role)
    _record_event(audit, "account.role", caller, user.id, role=role)
    _transfer_trading(accounts, audit, trades, home, changed)
    return changed


def set_disabled(accounts: UserStore, audit: AuditLog, caller: Caller, user: User, is_disabled: bool) -> User:
    """Let a user in no more, or again; sessions end, tokens rest meanwhile."""
    if is_disabled:
        check_admin_remains(accounts, caller, user)
    changed = accounts.change(user.id, is_disabled=is_disabled)
    if is_disabled:
        accounts.close_sessions(user.id)
    _record_event(audit, "account.disable" if is_disabled else "account.enable", caller, user.id)
    return changed


def add_second_factor(
    accounts: UserStore, audit: AuditLog, clock: Clock, caller: Caller, user: User, secret: str, code: str
) -> None:
    """Ask for a code from now on; the app must have shown one."""
    second_factor.switch_on(accounts, user.id, secret, code, clock.wall_now())
    _record_event(audit, "account.second_factor", caller, user.id, on=True)


def remove_second_factor(accounts: UserStore, audit: AuditLog, caller: Caller, user: User) -> None:
    """Ask for the password only from now on."""
    accounts.change(user.id, totp_secret="")
    _record_event(audit, "account.second_factor", caller, user.id, on=False)


def add_token(
    accounts: UserStore,
    audit: AuditLog,
    clock: Clock,
    caller: Caller,
    name: str,
    scopes: Iterable[str],
    *,
    days: int = TOKEN_DAYS,
) -> tuple[str, AccessToken]:
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
    requested = _scopes(scopes)
    refuse_token(caller, Refusal("create_tokens", "create tokens"))
    not_held = sorted(requested - SCOPES_OF[caller.role])
    if not_held:
        raise Forbidden(
            "role_does",
            "your role {role} does not have {not_held}",
            role=caller.role,
            not_held=" ".join(not_held),
        )
    label = check_name(name)
    if not 0 <= days <= LONGEST_TOKEN_DAYS:
        raise UsageError(
            "token_must_last_days",
            "a token must last 1 to {longest_token_days} days, or 0 for no expiry, was {days}",
            longest_token_days=LONGEST_TOKEN_DAYS,
            days=days,
        )
    if len(accounts.tokens(caller.user)) >= MOST_TOKENS:
        raise UsageError(
            "tokens_revoke_one_first",
            "you have {most_tokens} tokens; revoke one first",
            most_tokens=MOST_TOKENS,
        )
    secret = token_secret()
    ends = None if days == 0 else clock.wall_now() + days * DAY_MS
    token = accounts.add_token(caller.user, label, hash_secret(secret), requested, ts_expires=ends)
    _record_event(audit, "token.add", caller, token.id, scopes=sorted(requested))
    return secret, token


def revoke_token(accounts: UserStore, audit: AuditLog, caller: Caller, token: str) -> None:
    """Remove a token of the caller's own."""
    if not accounts.revoke(caller.user, token):
        raise NotFound("no_token", "you have no token {token!r}", token=token)
    _record_event(audit, "token.revoke", caller, token)


def check_admin_remains(accounts: UserStore, caller: Caller, user: User) -> None:
    """Refuse that the last admin goes; who holds the command line may, and can undo it there.

    Raises
    ------
    UsageError
        If nobody who may sign in would be admin.
    """
    admins = {member.id for member in accounts.users() if member.role == "admin" and not member.is_disabled}
    if admins == {user.id} and caller.via != "command":
        raise UsageError(
            "last_admin_must_keep_role", "the last admin must keep this role; make someone else admin first"
        )


def _role(role: str) -> Role:
    for valid in ROLES:
        if role == valid:
            return valid
    raise UsageError(
        "unknown_role", "role must be one of {roles}, was {role!r}", roles=" ".join(ROLES), role=role
    )


def _scopes(scopes: Iterable[str]) -> frozenset[Scope]:
    requested = set(scopes)
    valid = frozenset(scope for scope in SCOPES if scope in requested)
    if not valid or len(valid) < len(requested):
        raise UsageError(
            "scopes_must_some",
            "scopes must be some of {scopes}, were {requested}",
            scopes=" ".join(SCOPES),
            requested=listed(sorted(requested)),
        )
    return valid


def _record_event(audit: AuditLog, kind: str, caller: Caller, subject: str, **text: Any) -> None:
    audit.append(kind, actor=caller.user, subject=subject, text={**text, "via": caller.via})
