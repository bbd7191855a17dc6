"""Listening sockets whose answers are not held back."""

from __future__ import annotations

import asyncio
import socket

import pytest

from vigie.domain.errors import UsageError
from vigie.sandbox.asgi import listening_on
from vigie.views.web.server import bind


async def delay_is_off(listening):
    """Whether a connection that is accepted sends small packets at once."""
    seen = asyncio.get_running_loop().create_future()

    async def accepted(reader, writer):
        accepted_socket = writer.get_extra_info("socket")
        seen.set_result(accepted_socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async with await asyncio.start_server(accepted, sock=listening):
        _, writer = await asyncio.open_connection(*listening.getsockname()[:2])
        found = await seen
        writer.close()
    return bool(found)


@pytest.mark.parametrize(
    "opened", [lambda: listening_on(0), lambda: bind("127.0.0.1", 0)], ids=["sandbox", "desk"]
)
def test_the_body_of_an_answer_does_not_wait_for_the_client_to_acknowledge_its_head(opened):
    with opened() as listening:
        assert asyncio.run(delay_is_off(listening))


def test_a_port_that_is_taken_is_refused_by_its_number():
    with listening_on(0) as first:
        port = first.getsockname()[1]
        with pytest.raises(UsageError, match=f"port must be free, was {port}"):
            listening_on(port)
