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
from vigie.ports.clock import Clock
from vigie.ports.notifier import Notifiers

_LETTERS: Final = 40


def webhook_key(notifiers: Notifiers, channel: str) -> bytes:
    """Return the secret that requests to a channel are signed with; its owner is shown it."""
    return hmac.new(notifiers.key(), f"webhook\0{channel}".encode(), hashlib.sha256).digest()


def webhook_secret(notifiers: Notifiers, channel: str) -> str:
    """Return the secret as receivers' libraries take it (Standard Webhooks)."""
    return f"whsec_{base64.b64encode(webhook_key(notifiers, channel)).decode()}"


def unsubscribe_token(notifiers: Notifiers, rule: str, channel: str) -> str:
    """Return the word that ends one channel of one rule."""
    message = f"unsubscribe\0{rule}\0{channel}".encode()
    return hmac.new(notifiers.key(), message, hashlib.sha256).hexdigest()[:_LETTERS]


def is_unsubscribe_token(notifiers: Notifiers, rule: str, channel: str, token: str) -> bool:
    """Tell whether a word is the one."""
    return hmac.compare_digest(unsubscribe_token(notifiers, rule, channel).encode(), token.encode())


def feed_token(notifiers: Notifiers, rule: str) -> str:
    """Return the word in the address of a rule's feed."""
    return hmac.new(notifiers.key(), f"feed\0{rule}".encode(), hashlib.sha256).hexdigest()[:_LETTERS]


def is_feed_token(notifiers: Notifiers, rule: str, token: str) -> bool:
    """Tell whether a word is the one."""
    return hmac.compare_digest(feed_token(notifiers, rule).encode(), token.encode())


def make_receipt(clock: Clock, notifiers: Notifiers, channel: Channel) -> str:
    """Return what brings a removed channel back for an hour: all of it, signed, so that nothing of it is kept here."""
    payload = json.dumps({**asdict(channel), "ts": clock.wall_now()}, sort_keys=True).encode()
    return f"{base64.urlsafe_b64encode(payload).decode()}.{_sign_receipt(notifiers, payload)}"


def channel_of_receipt(clock: Clock, notifiers: Notifiers, owner: str, receipt: str) -> Channel | None:
    """Return the channel of a receipt; None where it is not ours, another person's, or over."""
    body, _, sign = receipt.partition(".")
    try:
        payload = base64.urlsafe_b64decode(body)
    except (binascii.Error, ValueError):
        return None
    if not hmac.compare_digest(_sign_receipt(notifiers, payload).encode(), sign.encode()):
        return None
    values = json.loads(payload)
    age = clock.wall_now() - values.pop("ts")
    return Channel(**values) if values["owner"] == owner and age <= HOUR_MS else None


def _sign_receipt(notifiers: Notifiers, payload: bytes) -> str:
    return hmac.new(notifiers.key(), b"receipt\0" + payload, hashlib.sha256).hexdigest()[:_LETTERS]
