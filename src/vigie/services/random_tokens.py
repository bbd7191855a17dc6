"""Words that nobody guesses: browsers, sessions, tokens and shared links are known by one."""

from __future__ import annotations

import secrets


def random_token(size: int = 24) -> str:
    """Return a random word of so many bytes, fit for addresses and cookies."""
    return secrets.token_urlsafe(size)


def random_code(digits: int = 8) -> str:
    """Return random digits, for people to type."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"
