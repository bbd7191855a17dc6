"""What lies in the reader's mailbox at a time: a folder for each newsletter, and an empty inbox."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from vigie.sandbox.world.newsroom.archive import Archive
from vigie.sandbox.world.newsroom.letters import NEWSLETTERS, letters, mail_of

INBOX: Final = "INBOX"
_ODD: Final = re.compile(r"[^\x20-\x7e]+")


@dataclass(frozen=True, slots=True)
class Held:
    """One letter in a folder.

    Attributes
    ----------
    uid : int
        Never given to another letter of the folder.
    ts : int
        When it came, market time.
    raw : callable
        Makes its bytes, always the same.
    """

    uid: int
    ts: int
    raw: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as it is now, oldest letter first; `validity` is another one in another world."""

    name: str
    validity: int
    held: tuple[Held, ...] = ()

    @property
    def next_uid(self) -> int:
        """A number above that of every letter."""
        return self.held[-1].uid + 1 if self.held else 1


def folders(archive: Archive, now_ms: int) -> dict[str, Folder]:
    """Return the folders by their names on the wire."""
    validity = archive.world.opened_ms // 1_000
    found = [Folder(INBOX, validity)]
    for one in NEWSLETTERS:
        sent = letters(archive, one, now_ms)
        held = tuple(Held(each.number, each.ts, partial(mail_of, each)) for each in sent)
        found.append(Folder(one.folder, validity, held))
    return {on_wire(one.name): one for one in found}


def on_wire(name: str) -> str:
    """Return a folder's name as IMAP writes it: UTF-7 with a comma for the slash (RFC 3501, 5.1.3)."""
    return _ODD.sub(_shifted, name.replace("&", "&-"))


def _shifted(found: re.Match[str]) -> str:
    coded = base64.b64encode(found[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
    return f"&{coded}-"
