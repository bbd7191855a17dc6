"""A signed request to an address that somebody gave: public hosts only, no redirects, after the Standard Webhooks.

The signature is over ``id.timestamp.body``, HMAC-SHA256, in base64 (https://www.standardwebhooks.com, read 2026-11-21).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from typing import Any, Final
from urllib.parse import urlsplit

from vigie.adapters.net.guard import Resolve, check_url, public_transport, resolve_name
from vigie.domain.errors import ConnectorError, OutcomeUnknown, TransientError, UsageError
from vigie.ports.clock import Clock
from vigie.ports.notifier import OutgoingMessage
from vigie.version import __version__

TIMEOUT_S: Final = 15.0
# Of a whole delivery: a receiver that drips its answer must not hold up what others wait for.
TOTAL_TIMEOUT_S: Final = 30.0
GONE: Final = 410


class WebhookNotifier:
    """Posts JSON; a receiver that knows the id has had it already.

    Parameters
    ----------
    resolve, connect : object, optional
        As in `vigie.adapters.net.guard.PublicReader`.
    """

    def __init__(self, clock: Clock, *, resolve: Resolve = resolve_name, connect: Any = None) -> None:
        self._clock = clock
        self._resolve = resolve
        self._connect = connect

    async def send(self, message: OutgoingMessage) -> str:
        """Post one message and return the status that the other side answered."""
        import httpx

        timestamp = str(self._clock.wall_now() // 1_000)
        body = json.dumps({**message.data, "id": message.id}, ensure_ascii=False).encode()
        headers = {
            "content-type": "application/json",
            "user-agent": f"vigie/{__version__}",
            "webhook-id": message.id,
            "webhook-timestamp": timestamp,
            "webhook-signature": sign_message(message.key, message.id, timestamp, body),
        }
        transport = public_transport(self._resolve, self._connect)
        try:
            # What it says beyond its status is not read: it may be endless.
            async with (
                asyncio.timeout(TOTAL_TIMEOUT_S),
                httpx.AsyncClient(transport=transport, timeout=TIMEOUT_S, trust_env=False) as client,
                client.stream("POST", check_url(message.to), content=body, headers=headers) as response,
            ):
                status = response.status_code
        except UsageError as fault:
            raise ConnectorError(str(fault)) from fault
        except (httpx.ConnectError, httpx.ConnectTimeout) as fault:
            raise TransientError(
                "could_not_reached",
                "{url} could not be reached: {error}",
                url=_host(message.to),
                error=type(fault).__name__,
            ) from fault
        except (httpx.HTTPError, TimeoutError) as fault:
            raise OutcomeUnknown(
                "did_not_answer",
                "{name} did not answer: {name_2}",
                name=_host(message.to),
                name_2=type(fault).__name__,
            ) from fault
        if status == GONE:
            raise ConnectorError(
                "answered_accepts_nothing_any_more",
                "{to} answered 410: it accepts nothing any more",
                to=_host(message.to),
            )
        if not 200 <= status < 300:
            raise TransientError(
                "answered_status",
                "{host} answered with status {status}",
                host=_host(message.to),
                status=status,
            )
        return str(status)


def sign_message(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """Return what a receiver compares: it knows the key, the two headers and the body."""
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _host(url: str) -> str:
    """Return whom an error names: what stands behind the host may be a secret of its owner."""
    return urlsplit(url).hostname or "the receiver"
