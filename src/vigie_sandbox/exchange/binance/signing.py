"""Keys and signatures: HMAC-SHA256 over the parameters as they were sent, in hexadecimal."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

from vigie_sandbox.exchange.binance.envelope import make_missing_refusal, read_fields
from vigie_sandbox.exchange.binance.errors import KEY_DEFECTS, MULTI_ASSETS
from vigie_sandbox.exchange.keys import Key, KeyRing, derive_secret
from vigie_sandbox.exchange.wire import VenueRefusal, VenueRequest

# What a request without `recvWindow` has, and the most that one may ask for.
WINDOW_MS: Final = 5_000
_MAX_WINDOW_MS: Final = 60_000
_MAX_AHEAD_MS: Final = 1_000
_KEY_HEADER: Final = "x-mbx-apikey"
_UNAUTHORISED: Final = 401
KEY_RIGHTS: Final = ("enableReading", "enableFutures")


def make_key(seed: int, number: int = 0, is_demo: bool = True) -> Key:
    """Return the key of a seed: the testnet's keys have another address, and are made the same."""
    return Key(
        derive_secret(seed, number, "binance key"),
        derive_secret(seed, number, "binance secret"),
        "",
        is_demo,
        KEY_RIGHTS,
    )


class BinanceKeyRing(KeyRing):
    """Keys, and the judgement of a signature.

    Parameters
    ----------
    keys : sequence of Key
        At least one.
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__(keys, KEY_DEFECTS, WINDOW_MS)

    def require_key(self, request: VenueRequest) -> Key:
        """Return the key that a request names.

        Raises
        ------
        VenueRefusal
            If it names none, or one that is not good.
        """
        name = request.headers.get(_KEY_HEADER, "")
        if not name:
            raise VenueRefusal("-2014", KEY_DEFECTS["-2014"], _UNAUTHORISED)
        key = self.get(name)
        if key is None:
            raise VenueRefusal("-2015", KEY_DEFECTS["-2015"], _UNAUTHORISED)
        if key.defect and key.defect != MULTI_ASSETS:
            raise VenueRefusal(key.defect, KEY_DEFECTS[key.defect], _UNAUTHORISED)
        return key

    def require_signer(self, request: VenueRequest, venue_ms: int) -> Key:
        """Return the key that signed a request.

        Raises
        ------
        VenueRefusal
            If key, time or signature is wrong.
        """
        key, fields = self.require_key(request), read_fields(request)
        for name in ("timestamp", "signature"):
            if not fields.get(name):
                raise make_missing_refusal(name)
        self._check_time(fields["timestamp"], fields.get("recvWindow", ""), venue_ms)
        sign = make_signature(key.secret, get_signed_text(request))
        if not hmac.compare_digest(sign.encode(), fields["signature"].encode()):
            raise VenueRefusal("-1022", "Signature for this request is not valid.")
        return key

    def _check_time(self, timestamp: str, window: str, venue_ms: int) -> None:
        if not timestamp.isdecimal() or not (window or "0").isdecimal():
            raise VenueRefusal("-1100", "Illegal characters found in parameter 'timestamp'.")
        if int(window or 0) > _MAX_WINDOW_MS:
            raise VenueRefusal("-1131", f"recvWindow must be less than {_MAX_WINDOW_MS}")
        if int(timestamp) > venue_ms + _MAX_AHEAD_MS:
            message = "Timestamp for this request was 1000ms ahead of the server's time."
            raise VenueRefusal("-1021", message)
        if venue_ms - int(timestamp) > int(window or self.window_ms):
            raise VenueRefusal("-1021", "Timestamp for this request is outside of the recvWindow.")


def make_signature(secret: str, text: str) -> str:
    """Return the signature of a text."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def get_signed_text(request: VenueRequest) -> str:
    """Return what is signed: query and body as they were sent, without the signature at their end."""
    return _strip_signature(request.raw_query) + _strip_signature(request.body.decode("utf-8", "replace"))


def _strip_signature(text: str) -> str:
    return "&".join(part for part in text.split("&") if part and not part.startswith("signature="))
