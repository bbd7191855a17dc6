"""Words that stand for a person who is not signed in: whoever holds one may do the one thing it is for."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import asdict
from typing import Final

from vigie.domain.alert import Channel
from vigie.domain.time import HOUR_MS
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


def receipt(house: House, channel: Channel) -> str:
    """Return what brings a removed channel back for an hour: all of it, signed, so that nothing of it is kept here."""
    told = json.dumps({**asdict(channel), "ts": house.clock.wall_now()}, sort_keys=True).encode()
    return f"{base64.urlsafe_b64encode(told).decode()}.{_receipt_sign(house, told)}"


def channel_of_receipt(house: House, owner: str, word: str) -> Channel | None:
    """Return the channel of a receipt; None where it is not ours, another person's, or over."""
    body, _, sign = word.partition(".")
    try:
        told = base64.urlsafe_b64decode(body)
    except (binascii.Error, ValueError):
        return None
    if not hmac.compare_digest(_receipt_sign(house, told).encode(), sign.encode()):
        return None
    values = json.loads(told)
    age = house.clock.wall_now() - values.pop("ts")
    return Channel(**values) if values["owner"] == owner and age <= HOUR_MS else None


def _receipt_sign(house: House, told: bytes) -> str:
    return hmac.new(house.post.key(), b"receipt\0" + told, hashlib.sha256).hexdigest()[:_LETTERS]
