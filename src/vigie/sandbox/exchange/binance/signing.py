"""Keys and signatures: HMAC-SHA256 over the parameters as they were sent, in hexadecimal."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

from vigie.sandbox.exchange.binance.envelope import fields_of, missing
from vigie.sandbox.exchange.binance.errors import ILLS, MULTI_ASSETS
from vigie.sandbox.exchange.keys import Key, KeyRing, grown
from vigie.sandbox.exchange.wire import Question, Refusal

# What a request without `recvWindow` has, and the most that one may ask for.
WINDOW_MS: Final = 5_000
_LONGEST_MS: Final = 60_000
_AHEAD_MS: Final = 1_000
_KEY: Final = "x-mbx-apikey"
_UNAUTHORISED: Final = 401
RIGHTS: Final = ("enableReading", "enableFutures")


def made_key(seed: int, number: int = 0, is_demo: bool = True) -> Key:
    """Return the key of a seed: the testnet's keys have another address, and are made the same."""
    return Key(grown(seed, number, "binance key"), grown(seed, number, "binance secret"), "", is_demo, RIGHTS)


class BinanceRing(KeyRing):
    """Keys, and the judgement of a signature.

    Parameters
    ----------
    keys : sequence of Key
        At least one.
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__(keys, ILLS, WINDOW_MS)

    def holder(self, asked: Question) -> Key:
        """Return the key that a request names.

        Raises
        ------
        Refusal
            If it names none, or one that is not good.
        """
        name = asked.headers.get(_KEY, "")
        if not name:
            raise Refusal("-2014", ILLS["-2014"], _UNAUTHORISED)
        key = self.get(name)
        if key is None:
            raise Refusal("-2015", ILLS["-2015"], _UNAUTHORISED)
        if key.ill and key.ill != MULTI_ASSETS:
            raise Refusal(key.ill, ILLS[key.ill], _UNAUTHORISED)
        return key

    def signer(self, asked: Question, venue_ms: int) -> Key:
        """Return the key that signed a request.

        Raises
        ------
        Refusal
            If key, time or signature is wrong.
        """
        key, fields = self.holder(asked), fields_of(asked)
        for name in ("timestamp", "signature"):
            if not fields.get(name):
                raise missing(name)
        self._check_time(fields["timestamp"], fields.get("recvWindow", ""), venue_ms)
        sign = signature(key.secret, signed_text(asked))
        if not hmac.compare_digest(sign.encode(), fields["signature"].encode()):
            raise Refusal("-1022", "Signature for this request is not valid.")
        return key

    def _check_time(self, told: str, window: str, venue_ms: int) -> None:
        if not told.isdecimal() or not (window or "0").isdecimal():
            raise Refusal("-1100", "Illegal characters found in parameter 'timestamp'.")
        if int(window or 0) > _LONGEST_MS:
            raise Refusal("-1131", f"recvWindow must be less than {_LONGEST_MS}")
        if int(told) > venue_ms + _AHEAD_MS:
            words = "Timestamp for this request was 1000ms ahead of the server's time."
            raise Refusal("-1021", words)
        if venue_ms - int(told) > int(window or self.window_ms):
            raise Refusal("-1021", "Timestamp for this request is outside of the recvWindow.")


def signature(secret: str, text: str) -> str:
    """Return the signature of a text."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def signed_text(asked: Question) -> str:
    """Return what is signed: query and body as they were sent, without the signature at their end."""
    return _unsigned(asked.raw_query) + _unsigned(asked.body.decode("utf-8", "replace"))


def _unsigned(text: str) -> str:
    return "&".join(part for part in text.split("&") if part and not part.startswith("signature="))
