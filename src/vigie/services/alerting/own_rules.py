"""Rules that a person has one of at most: the weekly brief, the letter about what they own."""

from __future__ import annotations

import hashlib


def own_rule_id(kind: str, owner: str) -> str:
    """Return the id of a person's rule of a kind."""
    key = f"{kind}\0{owner}".encode()
    return f"a{hashlib.sha256(key).hexdigest()[:16]}"
