"""Keys and signatures: HMAC-SHA256 over time, method, path, query and body, in base64."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

from vigie.sandbox.exchange.keys import Key, KeyRing, grown
from vigie.sandbox.exchange.wire import Question, Refusal

WINDOW_MS: Final = 30_000
_HEADERS: Final = (
    ("access-key", "40001", "ACCESS_KEY"),
    ("access-sign", "40002", "SIGN"),
    ("access-timestamp", "40003", "TIMESTAMP"),
    ("access-passphrase", "40011", "ACCESS_PASSPHRASE"),
)
# Read and write futures orders and positions; nothing that moves money out.
RIGHTS: Final = ("coow", "coor", "cpow", "cpor")
UNIFIED: Final = "40085"
# What the venue answers to a key that is no longer good for it.
REVOKED: Final = {
    "40037": "Apikey does not exist",
    "40018": "Invalid IP",
    "40014": "Incorrect permissions, need contract order permissions",
    UNIFIED: "You are in Unified Account mode, and the Classic Account API is not supported at this time",
}


def made_key(seed: int, number: int = 0, is_demo: bool = True) -> Key:
    """Return the key of a seed: a demo key works only with the header ``paptrading: 1``, a live key only without."""
    key, secret, passphrase = (grown(seed, number, what) for what in ("key", "secret", "passphrase"))
    return Key("bg_" + key[:32], secret, passphrase[:16], is_demo, RIGHTS)


class BitgetRing(KeyRing):
    """Keys, and the judgement of a signature.

    Parameters
    ----------
    keys : sequence of Key
        At least one.
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__(keys, REVOKED, WINDOW_MS)

    def signer(self, asked: Question, venue_ms: int) -> Key:
        """Return the key that signed a request.

        Raises
        ------
        Refusal
            If header, time, key, passphrase or signature is wrong.
        """
        for header, code, name in _HEADERS:
            if not asked.headers.get(header):
                raise Refusal(code, f"Request header {name} cannot be empty")
        told = asked.headers["access-timestamp"]
        self._check_time(told, venue_ms)
        key = self._known(asked.headers["access-key"])
        if not hmac.compare_digest(key.passphrase.encode(), asked.headers["access-passphrase"].encode()):
            raise Refusal("40012", "apikey/passphrase is incorrect")
        sign = asked.headers["access-sign"].encode()
        if not any(hmac.compare_digest(one.encode(), sign) for one in _signatures(key, told, asked)):
            raise Refusal("40009", "sign signature error")
        if key.is_demo != (asked.headers.get("paptrading") == "1"):
            raise Refusal("40099", "exchange environment is incorrect")
        # A unified account is refused by the classic endpoints only.
        if key.ill and not (key.ill == UNIFIED and asked.path.startswith("/api/v3/")):
            raise Refusal(key.ill, REVOKED.get(key.ill, "the key is refused"))
        return key

    def login(self, key: str, passphrase: str, told: str, sign: str, venue_ms: int) -> tuple[int, str] | None:
        """Return what is wrong with the login of a stream, as code and words; None if nothing is.

        The time is told in seconds or in milliseconds.
        """
        if not told.isdecimal():
            return 30013, "Invalid timestamp"
        ms = int(told) * 1_000 if len(told) <= 10 else int(told)
        if abs(venue_ms - ms) > self.window_ms:
            return 30014, "Timestamp request expired"
        known = self.get(key)
        if known is None or known.ill == "40037":
            return 30011, "Invalid ACCESS_KEY"
        if known.ill:
            return 30016, REVOKED.get(known.ill, "the key is refused")
        if not hmac.compare_digest(known.passphrase.encode(), passphrase.encode()):
            return 30012, "Invalid ACCESS_PASSPHRASE"
        if not hmac.compare_digest(signature(known.secret, f"{told}GET/user/verify").encode(), sign.encode()):
            return 30015, "Invalid sign"
        return None

    def _known(self, name: str) -> Key:
        key = self.get(name)
        if key is None:
            raise Refusal("40037", REVOKED["40037"])
        return key

    def _check_time(self, told: str, venue_ms: int) -> None:
        if not told.isdecimal():
            raise Refusal("40005", "Invalid ACCESS_TIMESTAMP")
        if abs(venue_ms - int(told)) > self.window_ms:
            raise Refusal("40008", "Request timestamp expired")


def signature(secret: str, text: str) -> str:
    """Return the signature of a text."""
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _signatures(key: Key, told: str, asked: Question) -> tuple[str, str]:
    """Return the signatures over the decoded query, as clients make it, and over the one on the wire."""
    head = f"{told}{asked.method}{asked.path}"
    body = asked.body.decode("utf-8", "replace")

    def over(query: str) -> str:
        return signature(key.secret, head + (f"?{query}" if query else "") + body)

    return over(unquote(asked.raw_query)), over(asked.raw_query)
