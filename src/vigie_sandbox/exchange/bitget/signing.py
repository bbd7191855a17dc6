"""Keys and signatures: HMAC-SHA256 over time, method, path, query and body, in base64."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

from vigie_sandbox.exchange.keys import Key, KeyRing, derive_secret
from vigie_sandbox.exchange.wire import VenueRefusal, VenueRequest

WINDOW_MS: Final = 30_000
_SIGNATURE_HEADERS: Final = (
    ("access-key", "40001", "ACCESS_KEY"),
    ("access-sign", "40002", "SIGN"),
    ("access-timestamp", "40003", "TIMESTAMP"),
    ("access-passphrase", "40011", "ACCESS_PASSPHRASE"),
)
# Read and write futures orders and positions; nothing that moves money out.
KEY_RIGHTS: Final = ("coow", "coor", "cpow", "cpor")
UNIFIED_ACCOUNT: Final = "40085"
# What the venue answers to a key that is no longer good for it.
KEY_DEFECTS: Final = {
    "40037": "Apikey does not exist",
    "40018": "Invalid IP",
    "40014": "Incorrect permissions, need contract order permissions",
    UNIFIED_ACCOUNT: "You are in Unified Account mode, and the Classic Account API is not supported at this time",
}


def make_key(seed: int, number: int = 0, is_demo: bool = True) -> Key:
    """Return the key of a seed: a demo key works only with the header ``paptrading: 1``, a live key only without."""
    key, secret, passphrase = (
        derive_secret(seed, number, purpose) for purpose in ("key", "secret", "passphrase")
    )
    return Key("bg_" + key[:32], secret, passphrase[:16], is_demo, KEY_RIGHTS)


class BitgetKeyRing(KeyRing):
    """Keys, and the judgement of a signature.

    Parameters
    ----------
    keys : sequence of Key
        At least one.
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__(keys, KEY_DEFECTS, WINDOW_MS)

    def require_signer(self, request: VenueRequest, venue_ms: int) -> Key:
        """Return the key that signed a request.

        Raises
        ------
        VenueRefusal
            If header, time, key, passphrase or signature is wrong.
        """
        for header, code, name in _SIGNATURE_HEADERS:
            if not request.headers.get(header):
                raise VenueRefusal(code, f"Request header {name} cannot be empty")
        timestamp = request.headers["access-timestamp"]
        self._check_time(timestamp, venue_ms)
        key = self._require_key(request.headers["access-key"])
        if not hmac.compare_digest(key.passphrase.encode(), request.headers["access-passphrase"].encode()):
            raise VenueRefusal("40012", "apikey/passphrase is incorrect")
        sign = request.headers["access-sign"].encode()
        if not any(
            hmac.compare_digest(expected.encode(), sign)
            for expected in _make_signatures(key, timestamp, request)
        ):
            raise VenueRefusal("40009", "sign signature error")
        if key.is_demo != (request.headers.get("paptrading") == "1"):
            raise VenueRefusal("40099", "exchange environment is incorrect")
        # A unified account is refused by the classic endpoints only.
        if key.defect and not (key.defect == UNIFIED_ACCOUNT and request.path.startswith("/api/v3/")):
            raise VenueRefusal(key.defect, KEY_DEFECTS.get(key.defect, "the key is refused"))
        return key

    def check_login(
        self, key: str, passphrase: str, timestamp: str, sign: str, venue_ms: int
    ) -> tuple[int, str] | None:
        """Return what is wrong with the login of a stream, as code and words; None if nothing is.

        The time is told in seconds or in milliseconds.
        """
        if not timestamp.isdecimal():
            return 30013, "Invalid timestamp"
        timestamp_ms = int(timestamp) * 1_000 if len(timestamp) <= 10 else int(timestamp)
        if abs(venue_ms - timestamp_ms) > self.window_ms:
            return 30014, "Timestamp request expired"
        known_key = self.get(key)
        if known_key is None or known_key.defect == "40037":
            return 30011, "Invalid ACCESS_KEY"
        if known_key.defect:
            return 30016, KEY_DEFECTS.get(known_key.defect, "the key is refused")
        if not hmac.compare_digest(known_key.passphrase.encode(), passphrase.encode()):
            return 30012, "Invalid ACCESS_PASSPHRASE"
        if not hmac.compare_digest(
            make_signature(known_key.secret, f"{timestamp}GET/user/verify").encode(), sign.encode()
        ):
            return 30015, "Invalid sign"
        return None

    def _require_key(self, name: str) -> Key:
        key = self.get(name)
        if key is None:
            raise VenueRefusal("40037", KEY_DEFECTS["40037"])
        return key

    def _check_time(self, timestamp: str, venue_ms: int) -> None:
        if not timestamp.isdecimal():
            raise VenueRefusal("40005", "Invalid ACCESS_TIMESTAMP")
        if abs(venue_ms - int(timestamp)) > self.window_ms:
            raise VenueRefusal("40008", "Request timestamp expired")


def make_signature(secret: str, text: str) -> str:
    """Return the signature of a text."""
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _make_signatures(key: Key, timestamp: str, request: VenueRequest) -> tuple[str, str]:
    """Return the signatures over the decoded query, as clients make it, and over the one on the wire."""
    head = f"{timestamp}{request.method}{request.path}"
    body = request.body.decode("utf-8", "replace")

    def sign_over(query: str) -> str:
        return make_signature(key.secret, head + (f"?{query}" if query else "") + body)

    return sign_over(unquote(request.raw_query)), sign_over(request.raw_query)
