"""Words that stand for a person who is not signed in: whoever holds one may do the one thing it is for."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from vigie.services.house import House

_LETTERS: Final = 40


def unsubscribe_word(house: House, rule: str, channel: str) -> str:
    """Return the word that ends one channel of one rule."""
    told = f"unsubscribe\0{rule}\0{channel}".encode()
    return hmac.new(house.post.key(), told, hashlib.sha256).hexdigest()[:_LETTERS]


def is_unsubscribe_word(house: House, rule: str, channel: str, word: str) -> bool:
    """Tell whether a word is the one."""
    return hmac.compare_digest(unsubscribe_word(house, rule, channel).encode(), word.encode())
