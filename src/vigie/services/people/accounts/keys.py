"""Secrets that are shown once and kept as hashes: of sessions, of tokens."""

from __future__ import annotations

import hashlib
from typing import Final

from vigie.services.random_tokens import random_token

BYTES: Final = 32
# So that a token found in a file or a log is known for what it is.
TOKEN_PREFIX: Final = "vigie_"  # noqa: S105 - how every token begins


def session_secret() -> str:
    """Draw what a cookie holds."""
    return random_token(BYTES)


def token_secret() -> str:
    """Draw a token."""
    return TOKEN_PREFIX + random_token(BYTES)


def hash_secret(secret: str) -> str:
    """Return the hash under which a secret is kept.

    It has 256 random bits: from a fast hash it cannot be guessed.
    """
    return hashlib.sha256(secret.encode()).hexdigest()
