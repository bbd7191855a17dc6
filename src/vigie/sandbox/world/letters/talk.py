"""The conversation with one client: what each command is answered with; nothing in the mailbox is ever changed."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Final

from vigie.sandbox.world.letters.folders import INBOX, Folder, Held, on_wire
from vigie.sandbox.world.letters.parts import chosen, told
from vigie.sandbox.world.letters.tokens import Command, NotSpokenError, Word
from vigie.sandbox.world.newsroom.letters import READER

# No secret: whoever reaches loopback may read these invented letters. A wrong one is refused, as real servers do.
WORD: Final = "simulated"
CAPABILITIES: Final = b"IMAP4rev1 AUTH=PLAIN SASL-IR LITERAL+ UNSELECT"
GREETING: Final = b"* OK [CAPABILITY " + CAPABILITIES + b"] letters of the simulated world\r\n"
_CHANGES: Final = (
    "STORE", "UID STORE", "COPY", "UID COPY", "MOVE", "UID MOVE", "EXPUNGE", "UID EXPUNGE", "APPEND", "CREATE",
    "DELETE", "RENAME", "SUBSCRIBE", "UNSUBSCRIBE",
)  # fmt: skip
_COUNTS: Final[Mapping[str, Callable[[Folder], int]]] = {
    "MESSAGES": lambda one: len(one.held),
    "RECENT": lambda one: 0,
    "UNSEEN": lambda one: len(one.held),
    "UIDNEXT": lambda one: one.next_uid,
    "UIDVALIDITY": lambda one: one.validity,
}


class RefusedError(Exception):
    """A command that is understood and not followed; the text says why."""


class Talk:
    """Answers one client.

    Parameters
    ----------
    look : callable
        Gives the folders by their names on the wire, as they are now.

    Attributes
    ----------
    is_over : bool
        The client said goodbye.
    """

    def __init__(self, look: Callable[[], Mapping[str, Folder]]) -> None:
        self._look = look
        self._is_known = False
        self._folder: Folder | None = None
        self.is_over = False

    def answer(self, said: Command) -> bytes:
        """Return everything that a command is answered with."""
        mark = said.mark.encode()
        try:
            lines, end = self._done(said)
        except RefusedError as fault:
            return b"%s NO %s\r\n" % (mark, str(fault).encode())
        except NotSpokenError as fault:
            return b"%s BAD %s\r\n" % (mark, str(fault).encode())
        return b"".join(b"* %s\r\n" % line for line in lines) + b"%s OK %s\r\n" % (mark, end)

    def folder_of(self, said: Command) -> str | None:
        """Return the name of the folder that a command opens, as people write it; None where it opens none."""
        name = _text(said.words, 0) if said.verb in ("SELECT", "EXAMINE") and said.words else None
        found = None if name is None else self._look().get(_folded(name))
        return found.name if found is not None else name

    def _done(self, said: Command) -> tuple[list[bytes], bytes]:
        """Return untagged lines and the end of the tagged one."""
        verb, words = said.verb, said.words
        if verb == "CAPABILITY":
            return [b"CAPABILITY " + CAPABILITIES], b"done"
        if verb == "LOGOUT":
            self.is_over = True
            return [b"BYE until soon"], b"done"
        if verb == "NOOP":
            return self._again(), b"done"
        if verb == "LOGIN":
            return self._enter(_text(words, 0), _text(words, 1))
        if verb == "AUTHENTICATE":
            return self._enter(*_plain(words))
        if not self._is_known:
            raise NotSpokenError("say who you are first")
        return self._read(verb, words)

    def _read(self, verb: str, words: list[Word]) -> tuple[list[bytes], bytes]:
        if verb in _CHANGES:
            raise RefusedError("[NOPERM] nothing is changed here")
        if verb in ("SELECT", "EXAMINE"):
            return self._open(_text(words, 0))
        if verb in ("CLOSE", "UNSELECT"):
            self._folder = None
            return [], b"done"
        is_uid, bare = verb.startswith("UID "), verb.removeprefix("UID ")
        if bare == "SEARCH":
            return self._search(words, is_uid=is_uid), b"done"
        if bare == "FETCH":
            return self._fetch(words, is_uid=is_uid), b"done"
        if verb in ("LIST", "LSUB"):
            return self._listed(verb, _text(words, 1)), b"done"
        if verb == "STATUS":
            return self._status(_text(words, 0), words[1:2]), b"done"
        raise NotSpokenError("that is not spoken here")

    def _enter(self, user: str, word: str) -> tuple[list[bytes], bytes]:
        if (user, word) != (READER, WORD):
            raise RefusedError("[AUTHENTICATIONFAILED] who is that?")
        self._is_known = True
        return [], b"[CAPABILITY " + CAPABILITIES + b"] good day"

    def _named(self, name: str) -> Folder:
        found = self._look().get(_folded(name))
        if found is None:
            raise RefusedError("[NONEXISTENT] there is no such folder")
        return found

    def _open(self, name: str) -> tuple[list[bytes], bytes]:
        self._folder = None
        self._folder = found = self._named(name)
        lines = [
            b"FLAGS ()",
            b"%d EXISTS" % len(found.held),
            b"0 RECENT",
            b"OK [PERMANENTFLAGS ()] nothing is changed here",
            b"OK [UIDVALIDITY %d] of this world" % found.validity,
            b"OK [UIDNEXT %d] at least" % found.next_uid,
        ]
        return lines, b"[READ-ONLY] open"

    def _again(self) -> list[bytes]:
        """Tell what came since the folder was opened; what is too old stays until it is opened again."""
        if self._folder is None:
            return []
        new = [
            one for one in self._named(on_wire(self._folder.name)).held if one.uid >= self._folder.next_uid
        ]
        if not new:
            return []
        self._folder = Folder(self._folder.name, self._folder.validity, (*self._folder.held, *new))
        return [b"%d EXISTS" % len(self._folder.held)]

    def _listed(self, verb: str, pattern: str) -> list[bytes]:
        held = self._look()
        names = held if pattern in ("*", "%") else [name for name in held if name == _folded(pattern)]
        return [f'{verb} (\\HasNoChildren) "/" "{name}"'.encode() for name in names]

    def _status(self, name: str, wanted: list[Word]) -> list[bytes]:
        names = [str(one).upper() for one in wanted[0]] if wanted and isinstance(wanted[0], list) else []
        if not names or set(names) - _COUNTS.keys():
            raise NotSpokenError(f"a status is a list of {' '.join(_COUNTS)}")
        found = self._named(name)
        counts = " ".join(f"{one} {_COUNTS[one](found)}" for one in names)
        return [f'STATUS "{on_wire(found.name)}" ({counts})'.encode()]

    def _search(self, words: list[Word], *, is_uid: bool) -> list[bytes]:
        held = self._opened()
        keys = [str(one).upper() for one in words]
        if keys[:1] == ["CHARSET"]:
            keys = keys[2:]
        found = {number for number, _ in held}
        uids = {one.uid: number for number, one in held}
        while keys:
            key = keys.pop(0)
            if key == "UID" and keys:
                found &= {uids[uid] for uid in chosen(keys.pop(0), list(uids))}
            elif key in ("SEEN", "DELETED", "FLAGGED", "RECENT"):
                found = set()
            elif key not in ("ALL", "UNSEEN", "UNDELETED", "NEW", "OLD"):
                found &= chosen(key, [number for number, _ in held])
        numbers = sorted(one.uid if is_uid else number for number, one in held if number in found)
        return [b" ".join([b"SEARCH", *(b"%d" % one for one in numbers)])]

    def _fetch(self, words: list[Word], *, is_uid: bool) -> list[bytes]:
        held = self._opened()
        if len(words) != 2:
            raise NotSpokenError("a fetch is a set of numbers and what is asked for")
        wanted = list(words[1]) if isinstance(words[1], list) else [words[1]]
        if is_uid and "UID" not in (str(one).upper() for one in wanted):
            wanted.insert(0, "UID")
        among = [one.uid if is_uid else number for number, one in held]
        asked = chosen(_text(words, 0), among)
        return [
            b"%d FETCH (%s)" % (number, told(one, wanted))
            for number, one in held
            if (one.uid if is_uid else number) in asked
        ]

    def _opened(self) -> list[tuple[int, Held]]:
        if self._folder is None:
            raise NotSpokenError("no folder is open")
        return list(enumerate(self._folder.held, start=1))


def _folded(name: str) -> str:
    return INBOX if name.upper() == INBOX else name


def _text(words: list[Word], place: int) -> str:
    if len(words) <= place or not isinstance(words[place], str):
        raise NotSpokenError("a word is missing")
    return str(words[place])


def _plain(words: list[Word]) -> tuple[str, str]:
    """Return user and password of ``AUTHENTICATE PLAIN`` (RFC 4616)."""
    if _text(words, 0).upper() != "PLAIN":
        raise RefusedError("[CANNOT] only PLAIN is spoken here")
    try:
        _, user, word = base64.b64decode(_text(words, 1), validate=True).decode().split("\0")
    except (binascii.Error, ValueError):
        raise NotSpokenError("that is not what PLAIN is made of") from None
    return user, word
