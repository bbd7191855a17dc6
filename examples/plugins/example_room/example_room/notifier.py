"""Posts alerts to a room of a chat."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from vigie.domain.errors import ConnectorError, OutcomeUnknown, TransientError
from vigie.ports.notifier import Notifier, NotifierSetup, OutgoingMessage

EXAMPLE = "room://news"
_URL = "https://chat.example.org/rooms/"


def open_notifier(setup: NotifierSetup) -> Notifier:
    """Return what sends."""
    return _Sender(setup.transport)


class _Sender:
    def __init__(self, transport: Callable[[], object]) -> None:
        self._transport = transport

    async def send(self, message: OutgoingMessage) -> str:
        """Send one message; the same id is sent again after a failure."""
        room = message.to.partition("://")[2]
        content = {"id": message.id, "title": message.subject, "text": message.text}
        try:
            async with httpx.AsyncClient(
                transport=self._transport(), timeout=15.0, trust_env=False
            ) as client:
                answer = await client.post(_URL + room, json=content)
        except httpx.ConnectError as fault:
            raise TransientError("the chat could not be reached") from fault
        except httpx.HTTPError as fault:
            raise OutcomeUnknown("the chat did not answer") from fault
        if answer.status_code in (404, 410):
            raise ConnectorError(f"there is no room {room}")
        if answer.status_code >= 300:
            raise TransientError(f"the chat answered with status {answer.status_code}")
        return str(answer.status_code)
