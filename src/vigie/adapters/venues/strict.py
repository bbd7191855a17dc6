"""What every ccxt client of ours has: our addresses, a check of every answer, and errors by what happens next."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from vigie.adapters.net.retry import RetryableError
from vigie.adapters.venues.ccxt_loader import ccxt_errors
from vigie.domain.errors import ConnectorError, UsageError
from vigie.domain.refusal import Refusal


def redirected(addresses: Any, url: str) -> Any:
    """Return a client's addresses with another host and prefix, each with its own path; streams included."""
    if isinstance(addresses, dict):
        return {name: redirected(address, url) for name, address in addresses.items()}
    if not isinstance(addresses, str):
        return addresses
    path = urlsplit(addresses.replace("{hostname}", "host")).path
    base = url.rstrip("/")
    if addresses.startswith("ws"):
        base = re.sub(r"^http", "ws", base)
    return base + path


def checking(base: Any, fault: Callable[[object], str | None]) -> Callable[..., object]:
    """Return a ccxt `handle_errors` that also refuses a broken answer under HTTP 200."""
    errors = ccxt_errors()

    def handle_errors(self: Any, code: int, *rest: Any) -> object:
        handled = base.handle_errors(self, code, *rest)
        answer = rest[5]
        # A code of 0 is how ccxt asks about a message of a stream.
        problem = fault(answer) if 200 <= code < 300 else None
        if problem:
            raise errors.ExchangeNotAvailable(f"{problem}: {json.dumps(answer, default=str)[:120]}")
        return handled

    return handle_errors


def sorted_error(error: Exception, title: str, transient_codes: frozenset[str], headers: Any) -> Exception:
    """Return our error for one of ccxt's, by the venue's own code before ccxt's class."""
    errors = ccxt_errors()
    cause = error.__cause__
    if isinstance(error, errors.NetworkError) and cause is not None and str(cause):
        message: str = Refusal(
            "could_not_reached", "{url} could not be reached: {error}", url=title, error=str(cause)[:300]
        )
    else:
        message = f"{title}: {str(error)[:300] or type(error).__name__}"
    code = re.search(r'"code"\s*:\s*"?(-?\d+)', str(error))
    if isinstance(error, errors.BadSymbol):
        return UsageError(message)
    if isinstance(error, errors.NetworkError) or (code and code[1] in transient_codes):
        return RetryableError(message, after_s=_asked_pause(error, headers))
    return ConnectorError(message)


def _asked_pause(error: Exception, headers: Any) -> float | None:
    errors = ccxt_errors()
    if not isinstance(error, errors.DDoSProtection | errors.RateLimitExceeded):
        return None
    try:
        return max(float((headers or {}).get("Retry-After", "")), 0.0)
    except ValueError:
        return None
