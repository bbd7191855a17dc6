"""Passwords: what one must be, and how it is hashed (argon2id) and checked."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from vigie.domain.errors import UsageError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 256
LONGEST_NAME: Final = 64
# Ids that mean somebody without an account.
_RESERVED: Final = {"owner", "visitor", "nobody"}
_FEWEST_KINDS: Final = 5
# Beginnings and whole ones of the passwords that are tried first.
_COMMON: Final = (
    "password", "passw0rd", "motdepasse", "letmein", "welcome", "administrator", "qwertyuiop", "azertyuiop",
    "iloveyou", "1q2w3e4r", "changeme", "bitcoin", "ethereum", "trustno1", "correcthorsebattery",
)  # fmt: skip
_ROWS: Final = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
)


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """Whether a password was right, and the hash to keep from now on where the old one is out of date."""

    is_right: bool
    rehashed: str | None = None


def check_name(name: str) -> str:
    """Return a name as it will be kept.

    Raises
    ------
    UsageError
        If it is empty, too long, reserved, or holds what cannot be seen.
    """
    normalised = unicodedata.normalize("NFC", name.strip())
    if not 1 <= len(normalised) <= LONGEST_NAME:
        raise UsageError(
            "name_must_characters",
            "a name must have 1 to {longest_name} characters, had {normalised_count}",
            longest_name=LONGEST_NAME,
            normalised_count=len(normalised),
        )
    if not normalised.isprintable():
        raise UsageError("name_must_visible_characters", "a name must have visible characters only")
    if normalised.casefold() in _RESERVED:
        raise UsageError(
            "name_reserved", "the name {normalised!r} is reserved; choose another", normalised=normalised
        )
    return normalised


def check_password(password: str, *, name: str) -> None:
    """Refuse passwords that are guessed first; there is no rule about kinds of characters.

    Raises
    ------
    UsageError
        The message says what is accepted, never what was given.
    """
    length = len(_normalise(password))
    if not SHORTEST <= length <= LONGEST:
        raise UsageError(
            "password_must_characters",
            "a password must have {shortest} to {longest} characters, had {length}",
            shortest=SHORTEST,
            longest=LONGEST,
            length=length,
        )
    flat = "".join(_normalise(password).casefold().split())
    if len(set(flat)) < _FEWEST_KINDS:
        raise UsageError(
            "password_must_least_different_characters",
            "a password must have at least {fewest_kinds} different characters",
            fewest_kinds=_FEWEST_KINDS,
        )
    without = flat.strip("0123456789!?.*-_#$@ ")
    is_common = any(
        word == without or (flat.startswith(word) and len(flat) < len(word) + 5) for word in _COMMON
    )
    is_row = any(flat in row or flat in row[::-1] for row in _ROWS) or _repeats(flat)
    if is_common or is_row:
        raise UsageError("password_too_common", "this password is too common; choose another")
    flat_name = "".join(name.casefold().split())
    if flat_name and flat_name in flat and len(flat) < len(flat_name) + 8:
        raise UsageError(
            "password_must_not_name_few", "a password must not be your name with a few characters added"
        )


def _repeats(flat: str) -> bool:
    return any(flat == (flat[:size] * len(flat))[: len(flat)] for size in range(1, len(flat) // 2 + 1))


def hash_password(password: str) -> str:
    """Hash with argon2id under a salt of its own."""
    with hashing_slot():
        return _hasher().hash(_normalise(password))


def verify_password(stored: str | None, password: str) -> PasswordCheck:
    """Check a password against a stored hash; without one it takes as long and is wrong.

    Parameters
    ----------
    stored : str or None
        None where there is no such user: how long the answer takes must not tell that.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    if len(password) > LONGEST:
        password, stored = "", None
    try:
        with hashing_slot():
            _hasher().verify(stored or _dummy_hash(), _normalise(password))
    except (VerificationError, InvalidHashError):
        return PasswordCheck(False)
    if stored is None:
        return PasswordCheck(False)
    return PasswordCheck(True, hash_password(password) if _hasher().check_needs_rehash(stored) else None)


@contextmanager
def hashing_slot() -> Iterator[None]:
    """Let one attempt after the other be looked at.

    Each hash takes 64 MiB and every core for a moment, and a guess must be counted before the next one is looked at:
    forty that arrive at once would else all be free.
    """
    with _hashing_lock():
        yield


@cache
def _hashing_lock() -> threading.RLock:
    return threading.RLock()


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    # RFC 9106, second choice: 64 MiB, three passes, four lanes.
    return PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)


@cache
def _dummy_hash() -> str:
    return _hasher().hash("nobody has this password")


def _normalise(password: str) -> str:
    """Return one spelling of what looks alike: keyboards compose accents differently."""
    return unicodedata.normalize("NFC", password)
