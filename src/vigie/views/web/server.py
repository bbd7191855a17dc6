"""uvicorn, stopped gracefully: open streams are ended first, else a dashboard left open would block the stop."""

from __future__ import annotations

import asyncio
import socket
from types import FrameType
from typing import Any, Final

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from vigie.domain.errors import ConfigError
from vigie.ports.health import Heartbeat

GRACE_S: Final = 3
# So long may a browser take to say what it asks for.
HEAD_S: Final = 20.0


class HttpProtocol(H11Protocol):
    """Ends connections that say nothing, or their request line and headers too slowly."""

    _timeout: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn narrows it likewise
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._start_timeout()

    def data_received(self, data: bytes) -> None:
        """Wait no more once the headers are whole."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._start_timeout()
        else:
            self._cancel_timeout()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._cancel_timeout()
        super().connection_lost(exc)

    def _start_timeout(self) -> None:
        if self._timeout is None:
            self._timeout = self.loop.call_later(HEAD_S, self.transport.close)

    def _cancel_timeout(self) -> None:
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None


class WebServer(uvicorn.Server):
    """Ends the streams of the application as soon as it is told to stop, and gives signs of life."""

    def __init__(self, config: uvicorn.Config, heartbeat: Heartbeat | None = None) -> None:
        super().__init__(config)
        self._heartbeat = heartbeat

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then say so."""
        await super().startup(sockets)
        if self._heartbeat is not None and self.started:
            self._heartbeat.report_ready()

    async def on_tick(self, counter: int) -> bool:
        """Do what is due ten times a second: the loop that answers lives."""
        if self._heartbeat is not None:
            self._heartbeat.beat()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say that it ends, then end."""
        if self._heartbeat is not None:
            self._heartbeat.report_stopping()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Tell the streams, then stop as usual."""
        self.config.app.state.web.hub.end()  # type: ignore[union-attr]  # always our own application
        super().handle_exit(sig, frame)


def bind(host: str, port: int, *, tries: int = 1) -> socket.socket:
    """Return a listening socket on the port, or on one of the next few.

    Raises
    ------
    ConfigError
        If none is free; the message names the setting.
    """
    for candidate in range(port, port + tries):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # Named as TCP: only then does asyncio switch off the delay that holds a body back 40 ms behind its head.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
        except OSError:
            listener.close()
            continue
        listener.listen(2_048)
        return listener
    raise ConfigError(f"port {port} on {host} is in use; set VIGIE_PORT or --port to a free one")


def build_server(app: Any, *, forwarded: str = "", heartbeat: Heartbeat | None = None) -> WebServer:
    """Return a server for an application; it is run with ``run(sockets=[...])``.

    Parameters
    ----------
    forwarded : str
        Address of a proxy whose ``X-Forwarded-*`` headers are believed; nobody's by default.
    heartbeat : Heartbeat, optional
        Where it says that it lives.
    """
    config = uvicorn.Config(
        app,
        http=HttpProtocol,
        # What it complains about goes where everything else goes.
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(forwarded),
        forwarded_allow_ips=forwarded or None,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=65_536,
    )
    return WebServer(config, heartbeat)
