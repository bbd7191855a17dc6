"""Words that stand for a person who is not signed in: whoever holds one may do the one thing it is for."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

from vigie.services.house import House

_LETTERS: Final = 40


def webhook_key(house: House, channel: str) -> bytes:
    """Return the secret that requests to a channel are signed with; its owner is shown it."""
    return hmac.new(house.post.key(), f"webhook\0{channel}".encode(), hashlib.sha256).digest()


def webhook_secret(house: House, channel: str) -> str:
    """Return the secret as receivers' libraries take it (Standard Webhooks)."""
    return f"whsec_{base64.b64encode(webhook_key(house, channel)).decode()}"


def unsubscribe_word(house: House, rule: str, channel: str) -> str:
    """Return the word that ends one channel of one rule."""
    told = f"unsubscribe\0{rule}\0{channel}".encode()
    return hmac.new(house.post.key(), told, hashlib.sha256).hexdigest()[:_LETTERS]


def is_unsubscribe_word(house: House, rule: str, channel: str, word: str) -> bool:
    """Tell whether a word is the one."""
    return hmac.compare_digest(unsubscribe_word(house, rule, channel).encode(), word.encode())


def feed_word(house: House, rule: str) -> str:
    """Return the word in the address of a rule's feed."""
    return hmac.new(house.post.key(), f"feed\0{rule}".encode(), hashlib.sha256).hexdigest()[:_LETTERS]


def is_feed_word(house: House, rule: str, word: str) -> bool:
    """Tell whether a word is the one."""
    return hmac.compare_digest(feed_word(house, rule).encode(), word.encode())
