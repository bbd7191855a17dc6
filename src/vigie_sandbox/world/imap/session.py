"""The conversation with one client: what each command is answered with; nothing in the mailbox is ever changed."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Final

from vigie_sandbox.world.imap.fetch_items import format_fetch, select_numbers
from vigie_sandbox.world.imap.folders import INBOX, Folder, FolderMessage, encode_folder_name
from vigie_sandbox.world.imap.tokens import BadCommandError, Command, Token
from vigie_sandbox.world.newsroom.newsletters import READER

# No secret: whoever reaches loopback may read these invented letters. A wrong one is refused, as real servers do.
PASSWORD: Final = "simulated"  # noqa: S105 - invented, on loopback
CAPABILITIES: Final = b"IMAP4rev1 AUTH=PLAIN SASL-IR LITERAL+ UNSELECT"
GREETING: Final = b"* OK [CAPABILITY " + CAPABILITIES + b"] letters of the simulated world\r\n"
_WRITE_COMMANDS: Final = (
    "STORE", "UID STORE", "COPY", "UID COPY", "MOVE", "UID MOVE", "EXPUNGE", "UID EXPUNGE", "APPEND", "CREATE",
    "DELETE", "RENAME", "SUBSCRIBE", "UNSUBSCRIBE",
)  # fmt: skip
_STATUS_COUNTS: Final[Mapping[str, Callable[[Folder], int]]] = {
    "MESSAGES": lambda folder: len(folder.messages),
    "RECENT": lambda folder: 0,
    "UNSEEN": lambda folder: len(folder.messages),
    "UIDNEXT": lambda folder: folder.next_uid,
    "UIDVALIDITY": lambda folder: folder.validity,
}


class CommandRefusedError(Exception):
    """A command that is understood and not followed; the text says why."""


class ImapSession:
    """Answers one client.

    Parameters
    ----------
    get_folders : callable
        Gives the folders by their names on the wire, as they are now.

    Attributes
    ----------
    is_over : bool
        The client said goodbye.
    """

    def __init__(self, get_folders: Callable[[], Mapping[str, Folder]]) -> None:
        self._get_folders = get_folders
        self._is_authenticated = False
        self._folder: Folder | None = None
        self.is_over = False

    def answer(self, command: Command) -> bytes:
        """Return everything that a command is answered with."""
        tag = command.tag.encode()
        try:
            lines, end = self._execute(command)
        except CommandRefusedError as fault:
            return b"%s NO %s\r\n" % (tag, str(fault).encode())
        except BadCommandError as fault:
            return b"%s BAD %s\r\n" % (tag, str(fault).encode())
        return b"".join(b"* %s\r\n" % line for line in lines) + b"%s OK %s\r\n" % (tag, end)

    def opened_folder_name(self, command: Command) -> str | None:
        """Return the name of the folder that a command opens, as people write it; None where it opens none."""
        name = (
            _text_argument(command.arguments, 0)
            if command.verb in ("SELECT", "EXAMINE") and command.arguments
            else None
        )
        folder = None if name is None else self._get_folders().get(_normalize_folder_name(name))
        return folder.name if folder is not None else name

    def _execute(self, command: Command) -> tuple[list[bytes], bytes]:
        """Return untagged lines and the end of the tagged one."""
        verb, arguments = command.verb, command.arguments
        if verb == "CAPABILITY":
            return [b"CAPABILITY " + CAPABILITIES], b"done"
        if verb == "LOGOUT":
            self.is_over = True
            return [b"BYE until soon"], b"done"
        if verb == "NOOP":
            return self._new_messages(), b"done"
        if verb == "LOGIN":
            return self._log_in(_text_argument(arguments, 0), _text_argument(arguments, 1))
        if verb == "AUTHENTICATE":
            return self._log_in(*_parse_plain(arguments))
        if not self._is_authenticated:
            raise BadCommandError("say who you are first")
        return self._execute_authenticated(verb, arguments)

    def _execute_authenticated(self, verb: str, arguments: list[Token]) -> tuple[list[bytes], bytes]:
        if verb in _WRITE_COMMANDS:
            raise CommandRefusedError("[NOPERM] nothing is changed here")
        if verb in ("SELECT", "EXAMINE"):
            return self._open(_text_argument(arguments, 0))
        if verb in ("CLOSE", "UNSELECT"):
            self._folder = None
            return [], b"done"
        is_uid, base_verb = verb.startswith("UID "), verb.removeprefix("UID ")
        if base_verb == "SEARCH":
            return self._search(arguments, is_uid=is_uid), b"done"
        if base_verb == "FETCH":
            return self._fetch(arguments, is_uid=is_uid), b"done"
        if verb in ("LIST", "LSUB"):
            return self._list_folders(verb, _text_argument(arguments, 1)), b"done"
        if verb == "STATUS":
            return self._status(_text_argument(arguments, 0), arguments[1:2]), b"done"
        raise BadCommandError("that is not spoken here")

    def _log_in(self, user: str, password: str) -> tuple[list[bytes], bytes]:
        if (user, password) != (READER, PASSWORD):
            raise CommandRefusedError("[AUTHENTICATIONFAILED] who is that?")
        self._is_authenticated = True
        return [], b"[CAPABILITY " + CAPABILITIES + b"] good day"

    def _find_folder(self, name: str) -> Folder:
        folder = self._get_folders().get(_normalize_folder_name(name))
        if folder is None:
            raise CommandRefusedError("[NONEXISTENT] there is no such folder")
        return folder

    def _open(self, name: str) -> tuple[list[bytes], bytes]:
        self._folder = None
        self._folder = folder = self._find_folder(name)
        lines = [
            b"FLAGS ()",
            b"%d EXISTS" % len(folder.messages),
            b"0 RECENT",
            b"OK [PERMANENTFLAGS ()] nothing is changed here",
            b"OK [UIDVALIDITY %d] of this world" % folder.validity,
            b"OK [UIDNEXT %d] at least" % folder.next_uid,
        ]
        return lines, b"[READ-ONLY] open"

    def _new_messages(self) -> list[bytes]:
        """Tell what came since the folder was opened; what is too old stays until it is opened again."""
        if self._folder is None:
            return []
        new_messages = [
            message
            for message in self._find_folder(encode_folder_name(self._folder.name)).messages
            if message.uid >= self._folder.next_uid
        ]
        if not new_messages:
            return []
        self._folder = Folder(
            self._folder.name, self._folder.validity, (*self._folder.messages, *new_messages)
        )
        return [b"%d EXISTS" % len(self._folder.messages)]

    def _list_folders(self, verb: str, pattern: str) -> list[bytes]:
        folders = self._get_folders()
        names = (
            folders
            if pattern in ("*", "%")
            else [name for name in folders if name == _normalize_folder_name(pattern)]
        )
        return [f'{verb} (\\HasNoChildren) "/" "{name}"'.encode() for name in names]

    def _status(self, name: str, items: list[Token]) -> list[bytes]:
        names = [str(item).upper() for item in items[0]] if items and isinstance(items[0], list) else []
        if not names or set(names) - _STATUS_COUNTS.keys():
            raise BadCommandError(f"a status is a list of {' '.join(_STATUS_COUNTS)}")
        folder = self._find_folder(name)
        counts = " ".join(f"{item} {_STATUS_COUNTS[item](folder)}" for item in names)
        return [f'STATUS "{encode_folder_name(folder.name)}" ({counts})'.encode()]

    def _search(self, arguments: list[Token], *, is_uid: bool) -> list[bytes]:
        messages = self._open_messages()
        keys = [str(entry).upper() for entry in arguments]
        if keys[:1] == ["CHARSET"]:
            keys = keys[2:]
        matches = {number for number, _ in messages}
        uids = {entry.uid: number for number, entry in messages}
        while keys:
            key = keys.pop(0)
            if key == "UID" and keys:
                matches &= {uids[uid] for uid in select_numbers(keys.pop(0), list(uids))}
            elif key in ("SEEN", "DELETED", "FLAGGED", "RECENT"):
                matches = set()
            elif key not in ("ALL", "UNSEEN", "UNDELETED", "NEW", "OLD"):
                matches &= select_numbers(key, [number for number, _ in messages])
        numbers = sorted(entry.uid if is_uid else number for number, entry in messages if number in matches)
        return [b" ".join([b"SEARCH", *(b"%d" % entry for entry in numbers)])]

    def _fetch(self, arguments: list[Token], *, is_uid: bool) -> list[bytes]:
        messages = self._open_messages()
        if len(arguments) != 2:
            raise BadCommandError("a fetch is a set of numbers and what is asked for")
        items = list(arguments[1]) if isinstance(arguments[1], list) else [arguments[1]]
        if is_uid and "UID" not in (str(entry).upper() for entry in items):
            items.insert(0, "UID")
        candidates = [entry.uid if is_uid else number for number, entry in messages]
        selected = select_numbers(_text_argument(arguments, 0), candidates)
        return [
            b"%d FETCH (%s)" % (number, format_fetch(entry, items))
            for number, entry in messages
            if (entry.uid if is_uid else number) in selected
        ]

    def _open_messages(self) -> list[tuple[int, FolderMessage]]:
        if self._folder is None:
            raise BadCommandError("no folder is open")
        return list(enumerate(self._folder.messages, start=1))


def _normalize_folder_name(name: str) -> str:
    return INBOX if name.upper() == INBOX else name


def _text_argument(arguments: list[Token], index: int) -> str:
    if len(arguments) <= index or not isinstance(arguments[index], str):
        raise BadCommandError("a word is missing")
    return str(arguments[index])


def _parse_plain(arguments: list[Token]) -> tuple[str, str]:
    """Return user and password of ``AUTHENTICATE PLAIN`` (RFC 4616)."""
    if _text_argument(arguments, 0).upper() != "PLAIN":
        raise CommandRefusedError("[CANNOT] only PLAIN is spoken here")
    try:
        _, user, password = base64.b64decode(_text_argument(arguments, 1), validate=True).decode().split("\0")
    except (binascii.Error, ValueError):
        raise BadCommandError("that is not what PLAIN is made of") from None
    return user, password
