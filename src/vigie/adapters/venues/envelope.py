"""Answers of a venue, strictly: what is refused, what is unknown, and what happens next.

ccxt turns a page, a cut body or null data under HTTP 200 into "no orders, no positions", and its classes of errors
tell little of whether an order may have been placed. Here every answer that is not in the venue's envelope is a
failure, and every refusal is sorted by the venue's own code.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vigie.domain.errors import AuthError, ConnectorError, OrderRejected, OutcomeUnknown, TransientError

Meaning = Literal[
    "rejected", "ambiguous", "auth", "throttled", "halted", "gone", "duplicate", "clock", "absent"
]  # fmt: skip
"""What a code says of a request: it was refused; nobody knows; the key is bad; asked too often; nothing is traded for
now; this contract or kind of account is not served; there is one of that id already; signed at a wrong time; there is
no such thing."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer that is no success.

    Attributes
    ----------
    status : int
        Of HTTP.
    code : str
        The venue's own; empty where the answer holds none.
    after_s : float or None
        The pause that was asked for.
    """

    status: int
    code: str
    words: str
    after_s: float | None = None

    def __str__(self) -> str:
        """Return code and words."""
        return f"{self.code or f'HTTP {self.status}'}: {self.words}"


class RefusedAnswer(Exception):
    """What `Said` says; between the client and the adapter only."""

    def __init__(self, said: Said) -> None:
        super().__init__(str(said))
        self.said = said


Reading = Callable[[int, Mapping[str, str], str, object], Said | None]
"""Takes status, headers, body and the JSON in it (None where it is none); returns what is wrong with it."""


def guarded(base: Any, reading: Reading) -> type:
    """Return a ccxt class whose every answer is read by `reading` alone, and which logs nothing that it sends."""

    def handle_errors(
        self: Any, code: int, reason: str, url: str, method: str, headers: Any, body: str, response: Any,
        *_request: Any,
    ) -> None:  # fmt: skip
        said = reading(code, headers or {}, body or "", response)
        if said is not None:
            raise RefusedAnswer(said)

    # ccxt logs the headers of every request at DEBUG, the passphrase among them: this logger has no parent.
    silent = logging.Logger("ccxt", logging.WARNING)
    return type(f"Guarded{base.__name__}", (base,), {"handle_errors": handle_errors, "logger": silent})


def failed_read(said: Said, meaning: Meaning, title: str) -> Exception:
    """Return our error for a question that was not answered."""
    words = f"{title} {said}"
    if meaning == "auth":
        return AuthError(words)
    if meaning in ("rejected", "gone", "absent", "duplicate"):
        return ConnectorError(words)
    return TransientError(words, after_s=said.after_s)


def failed_order(said: Said, meaning: Meaning, title: str) -> Exception:
    """Return our error for something that was to be done: only what surely did nothing may be said to have done so."""
    words = f"{title} {said}"
    if meaning == "auth":
        return AuthError(words)
    if meaning in ("throttled", "clock"):
        return TransientError(words, after_s=said.after_s)
    if meaning in ("halted", "gone"):
        return ConnectorError(words)
    if meaning in ("rejected", "absent"):
        return OrderRejected(words)
    return OutcomeUnknown(words)


def was_sent(error: BaseException) -> bool:
    """Whether a request may have left this machine, from the error of the connection under ccxt's."""
    from aiohttp import ClientConnectorError, ConnectionTimeoutError

    before = ClientConnectorError | ConnectionTimeoutError | socket.gaierror
    return not isinstance(error.__cause__, before)
