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
class Checked:
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
    kept = unicodedata.normalize("NFC", name.strip())
    if not 1 <= len(kept) <= LONGEST_NAME:
        raise UsageError(f"a name must have 1..{LONGEST_NAME} characters, had {len(kept)}")
    if not kept.isprintable():
        raise UsageError("a name must hold only characters that can be seen")
    if kept.casefold() in _RESERVED:
        raise UsageError(f"the name {kept!r} is reserved; choose another")
    return kept


def check_password(password: str, *, name: str) -> None:
    """Refuse passwords that are guessed first; there is no rule about kinds of characters.

    Raises
    ------
    UsageError
        The message says what is accepted, never what was given.
    """
    length = len(_plain(password))
    if not SHORTEST <= length <= LONGEST:
        raise UsageError(f"a password must have {SHORTEST}..{LONGEST} characters, had {length}")
    flat = "".join(_plain(password).casefold().split())
    if len(set(flat)) < _FEWEST_KINDS:
        raise UsageError(f"a password must have at least {_FEWEST_KINDS} different characters")
    without = flat.strip("0123456789!?.*-_#$@ ")
    is_common = any(
        word == without or (flat.startswith(word) and len(flat) < len(word) + 5) for word in _COMMON
    )
    is_row = any(flat in row or flat in row[::-1] for row in _ROWS) or _repeats(flat)
    if is_common or is_row:
        raise UsageError("this password is among the first that are tried; choose another")
    own = "".join(name.casefold().split())
    if own and own in flat and len(flat) < len(own) + 8:
        raise UsageError("a password must be more than the name with a few characters")


def _repeats(flat: str) -> bool:
    return any(flat == (flat[:size] * len(flat))[: len(flat)] for size in range(1, len(flat) // 2 + 1))


def hash_password(password: str) -> str:
    """Hash with argon2id under a salt of its own."""
    with turn():
        return _hasher().hash(_plain(password))


def verify_password(stored: str | None, password: str) -> Checked:
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
        with turn():
            _hasher().verify(stored or _nobodys(), _plain(password))
    except (VerificationError, InvalidHashError):
        return Checked(False)
    if stored is None:
        return Checked(False)
    return Checked(True, hash_password(password) if _hasher().check_needs_rehash(stored) else None)


@contextmanager
def turn() -> Iterator[None]:
    """Let one attempt after the other be looked at.

    Each hash takes 64 MiB and every core for a moment, and a guess must be counted before the next one is looked at:
    forty that arrive at once would else all be free.
    """
    with _turns():
        yield


@cache
def _turns() -> threading.RLock:
    return threading.RLock()


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    # RFC 9106, second choice: 64 MiB, three passes, four lanes.
    return PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)


@cache
def _nobodys() -> str:
    return _hasher().hash("nobody has this password")


def _plain(password: str) -> str:
    """Return one spelling of what looks alike: keyboards compose accents differently."""
    return unicodedata.normalize("NFC", password)
