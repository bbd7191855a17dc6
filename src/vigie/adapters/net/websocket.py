"""Listening to a stream: one connection, JSON messages of bounded size, pings kept by the library."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from vigie.domain.errors import TransientError

_TIMEOUT_S: Final = 10.0
_MAX_MESSAGE_BYTES: Final = 4 * 1024 * 1024
_MAX_QUEUED: Final = 1_000


async def stream_messages(url: str, first_messages: Sequence[object], *, title: str) -> AsyncIterator[Any]:
    """Open a WebSocket, say the first words, and yield every message that is JSON.

    Raises
    ------
    TransientError
        When the connection cannot be opened, is cut, or speaks something else.
    """
    from websockets.asyncio.client import connect
    from websockets.exceptions import WebSocketException

    try:
        async with connect(
            url, open_timeout=_TIMEOUT_S, max_size=_MAX_MESSAGE_BYTES, max_queue=_MAX_QUEUED, compression=None
        ) as connection:
            for message in first_messages:
                await connection.send(json.dumps(message))
            async for text in connection:
                yield json.loads(text)
    except (OSError, TimeoutError, WebSocketException) as error:
        raise TransientError(
            "about", "{subject}: {reason}", subject=title, reason=str(error) or type(error).__name__
        ) from error
    except (ValueError, RecursionError) as error:
        raise TransientError(
            "did_not_send_json", "{title} did not send JSON: {error}", title=title, error=error
        ) from error
    raise TransientError("connection_closed", "{title}: the connection was closed", title=title)
