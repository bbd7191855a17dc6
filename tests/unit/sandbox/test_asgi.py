"""Listening sockets whose answers are not held back, and who is answered at all."""

from __future__ import annotations

import asyncio
import socket

import pytest

from vigie.domain.errors import UsageError
from vigie.views.web.server import bind
from vigie_sandbox.asgi import listen_on, make_server, restrict_to_loopback


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
    "opened", [lambda: listen_on(0), lambda: bind("127.0.0.1", 0)], ids=["sandbox", "desk"]
)
def test_the_body_of_an_answer_does_not_wait_for_the_client_to_acknowledge_its_head(opened):
    with opened() as listening:
        assert asyncio.run(delay_is_off(listening))


def test_a_port_that_is_taken_is_refused_by_its_number():
    with listen_on(0) as first:
        port = first.getsockname()[1]
        with pytest.raises(UsageError, match=f"port must be free, was {port}"):
            listen_on(port)


def met(kind, *, host=b"127.0.0.1:8791", origin=None):
    """Return what an application says to a request or a stream; the one inside says "in"."""
    said = []

    async def inside(scope, receive, send):
        said.append("in")

    async def receive():
        return {"type": "websocket.connect"}

    async def send(event):
        said.append(event.get("status") or event.get("code") or event["type"])

    headers = [(b"host", one) for one in (host if isinstance(host, list) else [host])]
    headers += [] if origin is None else [(b"origin", origin)]
    asyncio.run(restrict_to_loopback(inside)({"type": kind, "headers": headers}, receive, send))
    return said[0]


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("host", [b"127.0.0.1:8791", b"localhost", b"LOCALHOST:1", b"[::1]:80", b"127.9.9.9"])
def test_programs_on_this_machine_are_answered(kind, host):
    assert met(kind, host=host) == "in"


@pytest.mark.parametrize(("kind", "refused"), [("http", 421), ("websocket", 1008)])
@pytest.mark.parametrize(
    "host",
    [
        b"evil.example", b"evil.example:8791", b"127.0.0.1.evil.example", b"127.0.0.1@evil.example",
        b"localhost.evil.example", b"10.0.0.1", b"0.0.0.0", b"", b"[", [], [b"127.0.0.1", b"evil.example"],
    ],
)  # fmt: skip
def test_a_name_that_somebody_gave_this_address_is_not_answered(kind, refused, host):
    assert met(kind, host=host) == refused


@pytest.mark.parametrize("origin", [b"https://evil.example", b"null", b"http://127.0.0.1.evil.example", b""])
def test_a_stream_that_a_page_from_elsewhere_opens_is_refused(origin):
    assert met("websocket", origin=origin) == 1008


def test_a_stream_that_a_page_of_this_machine_opens_is_answered():
    assert met("websocket", origin=b"http://127.0.0.1:8080") == "in"


def test_every_server_of_the_sandbox_is_guarded():
    """World, venue and control are all served by `make_server`."""

    async def asked():
        async def inside(scope, receive, send):
            raise AssertionError("a request of another name came in")

        server = make_server(inside)
        with listen_on(0) as listening:
            served = asyncio.ensure_future(server.serve(sockets=[listening]))
            while not server.started:
                await asyncio.sleep(0)
            reader, writer = await asyncio.open_connection(*listening.getsockname()[:2])
            writer.write(b"GET /control/state HTTP/1.1\r\nHost: evil.example\r\n\r\n")
            line = await reader.readline()
            writer.close()
            server.should_exit = True
            await served
        return line

    assert b" 421 " in asyncio.run(asked())
