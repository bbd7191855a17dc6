"""The server of letters: IMAP on loopback without encryption, which goes wrong where it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

from vigie.sandbox.asgi import listen_on
from vigie.sandbox.world.faults import Fault
from vigie.sandbox.world.letters.folders import folders
from vigie.sandbox.world.letters.talk import GREETING, Talk
from vigie.sandbox.world.letters.tokens import LITERAL, Command, NotSpokenError, command
from vigie.sandbox.world.newsroom.archive import Archive

SERVICE: Final = "letters"
_LONGEST_LINE: Final = 8_192
_LONGEST_COMMAND: Final = 65_536
_IDLE_S: Final = 120.0
_LATER: Final = b"%s NO [LIMIT] too many requests; try again later\r\n"
_OUT: Final = b"* BYE [UNAVAILABLE] the mailbox is out of order\r\n"
_NONSENSE: Final = b"HTTP/1.1 400 Bad Request\r\n"


class _OverError(Exception):
    """The line is to be cut."""


@asynccontextmanager
async def giving_letters(archive: Archive, port: int = 0) -> AsyncIterator[int]:
    """Let the mailbox of a world be read on loopback while the block runs; give the port.

    Faults of the service ``letters`` are met when a folder is opened; their `path` is the folder's name. ``429`` asks
    to come again, ``5xx`` says goodbye, ``timeout`` is silent and cuts the line, ``wrong-json`` answers as no mailbox
    does, and ``half-body`` breaks off in the middle of the next letter.

    Raises
    ------
    UsageError
        If the port is taken.
    """
    listening = listen_on(port)
    server = await asyncio.start_server(partial(_serve, archive), sock=listening, limit=_LONGEST_LINE)
    taken: int = listening.getsockname()[1]
    archive.world.letters_port = taken
    try:
        yield taken
    finally:
        archive.world.letters_port = None
        server.close()


async def _serve(archive: Archive, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    talk = Talk(lambda: folders(archive, archive.world.now_ms()))
    pending: Fault | None = None
    writer.write(GREETING)
    # A client may leave, or say too much, at any time; nothing is owed to it.
    with suppress(_OverError, OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
        while not talk.is_over:
            await writer.drain()
            said = await _heard(reader, writer)
            if said is None:
                writer.write(b"* BAD that is no command\r\n")
                continue
            name = talk.folder_of(said)
            pending = archive.world.faults.meet(SERVICE, name) if name is not None else pending
            await _answer(writer, talk, said, pending)
            if pending is not None and pending.kind != "half-body":
                pending = None
        await writer.drain()
    with suppress(OSError):
        writer.close()
        await writer.wait_closed()


async def _answer(writer: asyncio.StreamWriter, talk: Talk, said: Command, fault: Fault | None) -> None:
    kind = "" if fault is None else fault.kind
    if fault is not None and kind == "timeout":
        await asyncio.sleep(fault.seconds)
        raise _OverError
    if kind == "429":
        writer.write(_LATER % said.mark.encode())
        return
    if kind in ("5xx", "wrong-json"):
        writer.write(_OUT if kind == "5xx" else _NONSENSE)
        await writer.drain()
        raise _OverError
    answer = talk.answer(said)
    if kind == "half-body" and b" FETCH (" in answer:
        writer.write(answer[: len(answer) // 2])
        await writer.drain()
        raise _OverError
    writer.write(answer)


async def _heard(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Command | None:
    """Return the next command with its literals; None where it is none."""
    said = await asyncio.wait_for(reader.readline(), _IDLE_S)
    while found := LITERAL.search(said):
        if len(said) + int(found[1]) > _LONGEST_COMMAND:
            raise _OverError
        if not found[2]:
            writer.write(b"+ go on\r\n")
            await writer.drain()
        said += await asyncio.wait_for(reader.readexactly(int(found[1])), _IDLE_S)
        said += await asyncio.wait_for(reader.readline(), _IDLE_S)
    if not said:
        raise _OverError
    try:
        heard = command(said)
    except NotSpokenError:
        return None
    if heard.verb == "AUTHENTICATE" and len(heard.words) == 1:
        writer.write(b"+ \r\n")
        await writer.drain()
        word = (await asyncio.wait_for(reader.readline(), _IDLE_S)).strip().decode("ascii", "replace")
        return Command(heard.mark, heard.verb, [*heard.words, word])
    return heard
