"""What servers answer: bodies read up to a limit, and what each status means for who asked."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from vigie.adapters.net.retry import RetryableError
from vigie.adapters.net.unpack import ENCODINGS, Unpacker
from vigie.domain.errors import AuthError, ConnectorError, DataError, VigieError
from vigie.domain.refusal import Refusal

if TYPE_CHECKING:
    from httpx import Response

OK: Final = 200
RETRY_STATUSES: Final = frozenset({408, 418, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_SHUT: Final = (401, 403)
_UNAVAILABLE_FOR_LEGAL_REASONS: Final = 451


def status_error(status: int, public_url: str, body: bytes, after_s: float | None) -> VigieError:
    """Return what an answer means that is none."""
    if status == _UNAVAILABLE_FOR_LEGAL_REASONS:
        return ConnectorError(
            "not_available_country",
            "{public_url} is not available in this country (451)",
            public_url=public_url,
        )
    answered = Refusal(
        "answered_with_status",
        "{public_url} answered {status}: {body}",
        public_url=public_url,
        status=status,
        body=quote_body(body),
    )
    if status in RETRY_STATUSES:
        return RetryableError(answered, after_s=after_s)
    return AuthError(answered) if status in _SHUT else ConnectorError(answered)


async def read_body(response: Response, max_bytes: int) -> bytes:
    """Return the unpacked body of a response.

    Raises
    ------
    DataError
        If it is longer than `max_bytes`.
    RetryableError
        If it cannot be unpacked.
    """
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity", *ENCODINGS):
        raise RetryableError(
            "sent_compression",
            "{host} sent {encoding!r} compression, which was not requested",
            host=response.url.host,
            encoding=encoding[:40],
        )
    parts: list[bytes] = []
    size = 0
    unpacker = Unpacker(encoding)
    try:
        async for chunk in response.aiter_raw():
            for part in unpacker.feed(chunk):
                size += len(part)
                if size > max_bytes:
                    raise DataError(
                        "answer_longer_bytes",
                        "the answer of {host} is longer than {max_bytes} bytes",
                        host=response.url.host,
                        max_bytes=max_bytes,
                    )
                parts.append(part)
    except zlib.error as fault:
        raise RetryableError(
            "could_not_read", "{url} could not be read: {error}", url=response.url.host, error=fault
        ) from fault
    return b"".join(parts)


def quote_body(body: bytes) -> str:
    """Return the beginning of a body as a refusal quotes it."""
    return repr(body[:80].decode("utf-8", "replace"))
