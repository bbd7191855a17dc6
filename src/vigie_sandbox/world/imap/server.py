"""The server of letters: IMAP on loopback without encryption, which goes wrong where it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

from vigie_sandbox.asgi import listen_on
from vigie_sandbox.world.faults import ServiceFault
from vigie_sandbox.world.imap.folders import list_folders
from vigie_sandbox.world.imap.session import GREETING, ImapSession
from vigie_sandbox.world.imap.tokens import LITERAL, BadCommandError, Command, parse_command
from vigie_sandbox.world.newsroom.archive import Archive
from vigie_sandbox.world.service_names import LETTERS

SERVICE: Final = LETTERS
_LONGEST_LINE: Final = 8_192
_LONGEST_COMMAND: Final = 65_536
_IDLE_S: Final = 120.0
_LATER: Final = b"%s NO [LIMIT] too many requests; try again later\r\n"
_OUT: Final = b"* BYE [UNAVAILABLE] the mailbox is out of order\r\n"
_NONSENSE: Final = b"HTTP/1.1 400 Bad Request\r\n"


class _DisconnectError(Exception):
    """The line is to be cut."""


@asynccontextmanager
async def serve_imap(archive: Archive, port: int = 0) -> AsyncIterator[int]:
    """Let the mailbox of a world be read on loopback while the block runs; give the port.

    Faults of the service ``letters`` are met when a folder is opened; their `path` is the folder's name. ``429`` asks
    to come again, ``5xx`` says goodbye, ``timeout`` is silent and cuts the line, ``wrong-json`` answers as no mailbox
    does, and ``half-body`` breaks off in the middle of the next letter.

    Raises
    ------
    UsageError
        If the port is taken.
    """
    listener = listen_on(port)
    server = await asyncio.start_server(partial(_serve_client, archive), sock=listener, limit=_LONGEST_LINE)
    bound_port: int = listener.getsockname()[1]
    archive.world.letters_port = bound_port
    try:
        yield bound_port
    finally:
        archive.world.letters_port = None
        server.close()


async def _serve_client(archive: Archive, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    session = ImapSession(lambda: list_folders(archive, archive.world.now_ms()))
    pending: ServiceFault | None = None
    writer.write(GREETING)
    # A client may leave, or say too much, at any time; nothing is owed to it.
    with suppress(_DisconnectError, OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
        while not session.is_over:
            await writer.drain()
            parsed_command = await _read_command(reader, writer)
            if parsed_command is None:
                writer.write(b"* BAD that is no command\r\n")
                continue
            name = session.opened_folder_name(parsed_command)
            pending = archive.world.faults.take_request_fault(SERVICE, name) if name is not None else pending
            await _send_answer(writer, session, parsed_command, pending)
            if pending is not None and pending.kind != "half-body":
                pending = None
        await writer.drain()
    with suppress(OSError):
        writer.close()
        await writer.wait_closed()


async def _send_answer(
    writer: asyncio.StreamWriter, session: ImapSession, parsed_command: Command, fault: ServiceFault | None
) -> None:
    kind = "" if fault is None else fault.kind
    if fault is not None and kind == "timeout":
        await asyncio.sleep(fault.seconds)
        raise _DisconnectError
    if kind == "429":
        writer.write(_LATER % parsed_command.tag.encode())
        return
    if kind in ("5xx", "wrong-json"):
        writer.write(_OUT if kind == "5xx" else _NONSENSE)
        await writer.drain()
        raise _DisconnectError
    answer = session.answer(parsed_command)
    if kind == "half-body" and b" FETCH (" in answer:
        writer.write(answer[: len(answer) // 2])
        await writer.drain()
        raise _DisconnectError
    writer.write(answer)


async def _read_command(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Command | None:
    """Return the next command with its literals; None where it is none."""
    line = await asyncio.wait_for(reader.readline(), _IDLE_S)
    while match := LITERAL.search(line):
        if len(line) + int(match[1]) > _LONGEST_COMMAND:
            raise _DisconnectError
        if not match[2]:
            writer.write(b"+ go on\r\n")
            await writer.drain()
        line += await asyncio.wait_for(reader.readexactly(int(match[1])), _IDLE_S)
        line += await asyncio.wait_for(reader.readline(), _IDLE_S)
    if not line:
        raise _DisconnectError
    try:
        parsed_command = parse_command(line)
    except BadCommandError:
        return None
    if parsed_command.verb == "AUTHENTICATE" and len(parsed_command.arguments) == 1:
        writer.write(b"+ \r\n")
        await writer.drain()
        credentials = (await asyncio.wait_for(reader.readline(), _IDLE_S)).strip().decode("ascii", "replace")
        return Command(parsed_command.tag, parsed_command.verb, [*parsed_command.arguments, credentials])
    return parsed_command
