"""A name, a password and a code become a session, which use moves on up to a bound; refusals are values."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from vigie.domain.errors import DiskFull
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.ports.accounts import User, UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.authentication import UserSession
from vigie.ports.clock import Clock
from vigie.services.people.accounts import second_factor, throttle
from vigie.services.people.accounts.keys import hash_secret, session_secret
from vigie.services.people.accounts.passwords import hashing_slot, verify_password

SHORT_MS: Final = 12 * HOUR_MS
LONG_MS: Final = 30 * DAY_MS
SHORT_BOUND_MS: Final = 7 * DAY_MS
LONG_BOUND_MS: Final = 90 * DAY_MS
# Reading must not become writing: the end is moved in steps of this size.
STEP_MS: Final = HOUR_MS


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session; the cookie holds `secret`, which is kept nowhere."""

    user: User
    session: UserSession
    secret: str


@dataclass(frozen=True, slots=True)
class SignInRefusal:
    """Why somebody did not get in.

    Attributes
    ----------
    code : str
        ``wrong`` (name, password, or the account is disabled: which one is not said), ``wait``, ``code_needed``,
        ``code_wrong``.
    wait_s : int
        How long until the next attempt is looked at.
    """

    code: Literal["wrong", "wait", "code_needed", "code_wrong"]
    wait_s: int = 0


def sign_in(
    accounts: UserStore,
    audit: AuditLog,
    clock: Clock,
    name: str,
    password: str,
    *,
    code: str = "",
    address: str = "",
    is_long: bool = False,
) -> SignedIn | SignInRefusal:
    """Open a session.

    Parameters
    ----------
    code : str
        Of the second factor; empty at first, then asked for.
    address : str
        Where the browser is, for the throttle.
    is_long : bool
        A month on one's own device in place of half a day.
    """
    with hashing_slot():
        return _sign_in(accounts, audit, clock, name, password, code, address, is_long)


def _sign_in(
    accounts: UserStore,
    audit: AuditLog,
    clock: Clock,
    name: str,
    password: str,
    code: str,
    address: str,
    is_long: bool,
) -> SignedIn | SignInRefusal:
    wait = throttle.wait_s(accounts, clock, name=name, address=address)
    if wait:
        return SignInRefusal("wait", wait)
    user = accounts.by_name(name)
    checked = verify_password(accounts.password_hash(user.id) if user else None, password)
    if user is None or not checked.is_right or user.is_disabled:
        return _record_failure(accounts, audit, user, name, address, SignInRefusal("wrong"))
    if user.has_totp and not code.strip():
        return SignInRefusal("code_needed")
    if checked.rehashed is not None:
        with suppress(DiskFull):  # at another sign-in, then
            accounts.change(user.id, password_hash=checked.rehashed)
    return _check_code(accounts, audit, clock, user, code, address, is_long)


def check_second_step(
    accounts: UserStore,
    audit: AuditLog,
    clock: Clock,
    user: User,
    code: str,
    *,
    address: str = "",
    is_long: bool = False,
) -> SignedIn | SignInRefusal:
    """Open a session for somebody whose password was right a moment ago; the code is looked at now."""
    with hashing_slot():
        wait = throttle.wait_s(accounts, clock, name=user.name, address=address)
        if wait:
            return SignInRefusal("wait", wait)
        return _check_code(accounts, audit, clock, user, code, address, is_long)


def _check_code(
    accounts: UserStore, audit: AuditLog, clock: Clock, user: User, code: str, address: str, is_long: bool
) -> SignedIn | SignInRefusal:
    if user.has_totp and not second_factor.use_code(accounts, user.id, code, clock.wall_now()):
        return _record_failure(accounts, audit, user, user.name, address, SignInRefusal("code_wrong"))
    throttle.forget(accounts, name=user.name, address=address)
    return _open_session(accounts, audit, clock, user, address, LONG_MS if is_long else SHORT_MS)


def _record_failure(
    accounts: UserStore, audit: AuditLog, user: User | None, name: str, address: str, refusal: SignInRefusal
) -> SignInRefusal:
    throttle.note_failure(accounts, name=name, address=address)
    if user is not None:  # what was typed for a name may be a password: it is never written down
        audit.append_later(
            "account.sign_in_failed",
            actor=user.id,
            subject=user.id,
            text={"address": address, "why": refusal.code},
        )
    return refusal


def _open_session(
    accounts: UserStore, audit: AuditLog, clock: Clock, user: User, address: str, span_ms: int
) -> SignedIn:
    # Always a new secret: one that was fixed beforehand opens nothing.
    secret, csrf = session_secret(), session_secret()
    ends = clock.wall_now() + span_ms
    session = accounts.open_session(user.id, hash_secret(secret), csrf, ts_expires=ends)
    audit.append_later("account.sign_in", actor=user.id, subject=user.id, text={"address": address})
    return SignedIn(user, session, secret)


def sign_out(accounts: UserStore, audit: AuditLog, secret: str) -> None:
    """End the session of a cookie."""
    session = accounts.session(hash_secret(secret))
    accounts.close_session(hash_secret(secret))
    if session is not None:
        audit.append_later("account.sign_out", actor=session.user, subject=session.user, text={})


def is_password_of(accounts: UserStore, user: str, password: str) -> bool:
    """Tell whether this is a person's password, asked again before something grave."""
    return verify_password(accounts.password_hash(user), password).is_right


def latest_end_ts(session: UserSession) -> int:
    """Return when a session ends however much it is used."""
    is_long = session.ts_expires - session.ts_created >= LONG_MS
    return session.ts_created + (LONG_BOUND_MS if is_long else SHORT_BOUND_MS)


def extend_session(accounts: UserStore, clock: Clock, session: UserSession) -> int:
    """Move the end of a session that is used, and return its end."""
    latest_end = latest_end_ts(session)
    span = LONG_MS if latest_end - session.ts_created == LONG_BOUND_MS else SHORT_MS
    ends = min(clock.wall_now() + span, latest_end)
    if ends - session.ts_expires < STEP_MS:
        return session.ts_expires
    accounts.extend_session(session.key, ts_expires=ends)
    return ends
